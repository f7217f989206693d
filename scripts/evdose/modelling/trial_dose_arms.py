"""The arms of one study and route as responses at doses, on the one outcome that MCP-Mod takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evdose.modelling.estimators.dose_contrasts import DOSE_DECIMALS
from evdose.modelling.estimators.dose_estimates import DoseEstimates, dose_means, dose_shares
from evdose.modelling.evidence import benefit_sign, on_one_person

MIN_LEVELS = 3
_CONTROLS = ("placebo", "control")  # the first is preferred
_OUTCOME = ["outcome", "outcome_domain", "timepoint_days", "kind", "change_from_baseline"]


@dataclass(frozen=True)
class DoseArms:
    """One study and route. ``arms``: rows of the evidence, by dose, of the chosen outcome; the control first.

    Empty where no outcome has an arm with numbers and a dose. ``treated``: treated arms by this route that
    report efficacy; ``reported``: the outcomes that they report; ``worked_back``: whether some of their
    counts were worked back, and so aren't used.
    """

    study_id: str
    stratum: str
    arms: pd.DataFrame
    treated: int
    reported: int
    worked_back: bool

    @property
    def doses(self) -> np.ndarray:
        """log10 particles of each arm; minus infinity for a control."""
        return self.arms["dose_log10"].to_numpy(float)

    @property
    def levels(self) -> int:
        """Different doses, the control's zero among them."""
        return _levels(self.arms)

    def counts(self) -> dict[str, int]:
        """Counts of table MCP_MOD: of treated arms."""
        active = self.doses[np.isfinite(self.doses)]
        return {
            "studies": int(len(active) > 0),
            "arms": len(active),
            "dose_levels": len(np.unique(active.round(DOSE_DECIMALS))),
            "outcomes": self.reported,
        }

    def named(self) -> dict[str, str | None]:
        """Columns of table MCP_MOD that name the analysis."""
        row = {"across": "trial", "study_id": self.study_id, "stratum": self.stratum}
        if self.arms.empty:
            return row
        first = self.arms.iloc[0]
        measure = "logit" if first["kind"] == "binary" else "mean"
        return row | {name: first[name] for name in ("outcome", "outcome_domain")} | {"measure": measure}

    def estimates(self) -> tuple[DoseEstimates, float]:
        """Responses at doses as shares of the largest, a higher one the better; and log10 of the largest.

        Means have one residual variance over all arms; shares are logits.
        """
        largest = float(self.doses.max())
        dose, n = 10 ** (self.doses - largest), self.arms["n"].to_numpy(float)
        sign = self.arms.apply(benefit_sign, axis=1).to_numpy(float)
        if self.arms["kind"].iloc[0] == "binary":
            events = self.arms["events"].to_numpy(float)
            return dose_shares(np.where(sign > 0, events, n - events), n, dose), largest
        mean, sd = (self.arms[name].to_numpy(float) for name in ("mean", "sd"))
        return dose_means(sign * mean, sd, n, dose), largest


def dose_arms(evidence: pd.DataFrame, hierarchy: list[str]) -> list[DoseArms]:
    """Each study and route with two treated arms or more, from efficacy rows; by study and route.

    The outcome is chosen without looking at what it says of benefit: with the dose levels that are needed
    before without; one that somebody, but not everybody, had before others; the ``hierarchy`` of domains; the
    latest time point; its name. Counts that were worked back and outcomes of which both treatments are given
    to each participant are left out.
    """
    found = []
    treated = evidence[evidence["role"] == "experimental"]
    for (study, stratum), of_route in treated.groupby(["study_id", "stratum"]):
        if of_route["arm"].nunique() < 2:
            continue
        controls = evidence[(evidence["study_id"] == study) & evidence["role"].isin(_CONTROLS)]
        outcomes = list(_outcomes(of_route, controls))
        outcomes.sort(key=lambda arms: _preference(arms, hierarchy))
        chosen = outcomes[0] if outcomes else evidence.iloc[:0].assign(dose_log10=0.0)
        treated_arms, reported = of_route["arm"].nunique(), of_route["outcome"].nunique()
        worked_back = bool(of_route["derived"].fillna(False).any())
        found.append(DoseArms(study, stratum, chosen, treated_arms, reported, worked_back))
    return found


def _outcomes(treated: pd.DataFrame, controls: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Arms with numbers and a dose, outcome by outcome; of several controls the first."""
    active = treated.assign(dose_log10=treated["particles_log10"])
    rows = pd.concat([active, controls.assign(dose_log10=-np.inf)])
    usable = rows[_has_numbers(rows) & rows["dose_log10"].notna()]
    for _, arms in usable.groupby(_OUTCOME, dropna=False):
        ranked = arms.assign(rank=arms["role"].map({role: i for i, role in enumerate(_CONTROLS)}))
        control = ranked[ranked["rank"].notna()].sort_values(["rank", "order"]).head(1)
        active = arms[arms["role"] == "experimental"]
        if len(active):
            by = ["dose_log10", "n", "mean", "events", "sd"]
            yield pd.concat([control.drop(columns="rank"), active.sort_values(by)], ignore_index=True)


def _has_numbers(rows: pd.DataFrame) -> pd.Series:
    # More analysed than the arm has participants: tracts, joints or eyes, which aren't independent.
    independent = ~rows["n"].gt(rows["arm_n"]).fillna(False) & ~rows.apply(on_one_person, axis=1).astype(bool)
    counts = (rows["kind"] == "binary") & rows["events"].notna() & rows["n"].gt(0)
    means = (rows["kind"] == "continuous") & rows["mean"].notna() & rows["sd"].gt(0) & rows["n"].gt(1)
    derived = rows["derived"].fillna(False).astype(bool)
    return (independent & ~derived & (counts | means)).fillna(False).astype(bool)


def _preference(arms: pd.DataFrame, hierarchy: list[str]) -> tuple:
    first = arms.iloc[0]
    levels = _levels(arms)
    silent = first["kind"] == "binary" and arms["events"].sum() in (0, arms["n"].sum())
    day = -1.0 if pd.isna(first["timepoint_days"]) else float(first["timepoint_days"])
    domain = hierarchy.index(first["outcome_domain"])
    change = bool(first["change_from_baseline"])
    return levels < MIN_LEVELS, bool(silent), domain, -day, str(first["outcome"]), change


def _levels(arms: pd.DataFrame) -> int:
    return len(np.unique(arms["dose_log10"].to_numpy(float).round(DOSE_DECIMALS)))
