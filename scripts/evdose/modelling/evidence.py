"""The published results that a scenario uses, and what is known of each arm that they report."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import pandas as pd

from evdose.dosing.tables import STRATA
from evdose.modelling.landscape import arm_particles

SAFETY_DOMAINS = ("adverse event", "serious adverse event")
NOT_REPORTED = "not reported"
_SAME_OUTCOME = ["study_id", "outcome", "outcome_domain", "timepoint_days", "kind", "change_from_baseline"]
_CONTROLS = ("placebo", "control")  # the first is preferred
_PAIRED = re.compile(r"split-face|within-patient|own control|cross-?over", re.IGNORECASE)
_CONTROLLED = r"\bRCT\b|placebo|(?<!un)controlled"
_HALF_WIDTH = 3**0.5  # of a uniform distribution, in standard deviations


def results_in_scope(outcomes: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``outcomes`` of the studies that the scenario uses, ``trial_id`` mapped to the record kept."""
    used = studies[studies["used"]].set_index("study_id")["trial_id"]
    return outcomes.assign(trial_id=outcomes["study_id"].map(used))[outcomes["study_id"].isin(used.index)]


def with_arms(
    outcomes: pd.DataFrame, arms: pd.DataFrame, routes: pd.DataFrame, doses: pd.DataFrame
) -> pd.DataFrame:
    """Outcome rows with their arm's ``label``, ``role``, ``arm_n``, ``stratum`` and particles (log10: middle,
    low, high), the study's ``controlled`` flag and number of ``treated_arms``, and the row's ``order``.

    A control arm stands in the stratum of the study's treated arms where that is one. A study is controlled
    where it has a control arm or calls itself controlled.
    """
    key = ["trial_id", "arm"]
    of_arm = arms[[*key, "label", "role", "n"]].rename(columns={"n": "arm_n"})
    of_arm = of_arm.merge(routes.drop_duplicates(key)[[*key, "arm_stratum"]], on=key, how="left")
    of_arm = of_arm.merge(_particles(doses), on=key, how="left").rename(columns={"trial_id": "study_id"})
    treated = of_arm[of_arm["role"] == "experimental"].groupby("study_id")["arm_stratum"]
    of_study = treated.first().where(treated.nunique() == 1)
    own = of_arm["arm_stratum"].where(of_arm["role"] == "experimental")
    of_arm["stratum"] = own.fillna(of_arm["study_id"].map(of_study).astype("string")).fillna(NOT_REPORTED)
    of_arm["treated_arms"] = of_arm["study_id"].map(treated.size()).fillna(0).astype(int)
    with_control = of_arm.loc[of_arm["role"] != "experimental", "study_id"]
    filled = outcomes.fillna({"p_value_is_bound": False, "p_value_against": "not stated"})
    filled = filled.assign(order=_place_in_file(outcomes["locator"]))
    found = filled.merge(of_arm.drop(columns="arm_stratum"), on=["study_id", "arm"])
    says_so = found["design"].str.contains(_CONTROLLED, case=False, regex=True).fillna(False)
    controlled = (found["study_id"].isin(with_control) | says_so).astype(bool)
    return found.assign(controlled=controlled).sort_values(["study_id", "order"], ignore_index=True)


def efficacy_rows(evidence: pd.DataFrame, hierarchy: list[str]) -> pd.DataFrame:
    """Rows that can speak of efficacy: domains of the hierarchy, after the baseline, in patients.

    Healthy volunteers can't get better, so that their studies speak of safety only.
    """
    healthy = evidence["condition"].str.contains("healthy", case=False).fillna(False)
    baseline = evidence["timepoint_days"] == 0
    return evidence[evidence["outcome_domain"].isin(hierarchy) & ~baseline & ~healthy.astype(bool)]


def treated_and_control(evidence: pd.DataFrame) -> Iterator[tuple[dict, dict | None]]:
    """Each row of a treated arm with the row of its control: same study, outcome and time point.

    The control is the placebo arm, else the first control arm; none where the study reports none.
    """
    by_outcome = defaultdict(list)
    for row in evidence.to_dict("records"):
        by_outcome[tuple(None if pd.isna(row[name]) else row[name] for name in _SAME_OUTCOME)].append(row)
    for rows in by_outcome.values():
        controls = [row for row in rows if row["role"] in _CONTROLS]
        controls.sort(key=lambda row: (_CONTROLS.index(row["role"]), row["order"]))
        yield from ((row, controls[0] if controls else None) for row in rows if row["role"] == "experimental")


def on_one_person(row: dict) -> bool:
    """Whether treatment and control are both given to each participant."""
    return pd.notna(row["design"]) and _PAIRED.search(row["design"]) is not None


def benefit_sign(row: dict) -> int:
    """1 where a higher value is the better one, else -1."""
    return 1 if row["direction"] == "higher is better" else -1


def strata_present(values: pd.Series) -> list[str]:
    """Strata among ``values``, in the one order of all tables and figures."""
    present = set(values)
    return [stratum for stratum in STRATA if stratum in present]


def _particles(doses: pd.DataFrame) -> pd.DataFrame:
    known = arm_particles(doses)
    middle, half = known["per_administration"], _HALF_WIDTH * known["sd"]
    return known[["trial_id", "arm"]].assign(
        particles_log10=middle, particles_low=middle - half, particles_high=middle + half
    )


def _place_in_file(locator: pd.Series) -> pd.Series:
    return locator.str.extract(r"(\d+)$", expand=False).astype(int)
