"""Groups of effects that a synthesis may pool: one table, measure, outcome domain and route stratum (or all).

What enters is one effect an arm, of the study's primary outcome. What each sensitivity analysis takes:

- ``main``: effects on numbers as printed;
- ``derived_counts``: these, and effects on counts that were worked back;
- ``estimated_means``: these, and effects whose means or SDs were estimated;
- ``all_domains``: controlled effects of ``main`` over all domains (outcome domain ``all``), log odds ratios
  turned into g; the measure is then ``hedges_g``.

A sensitivity analysis is made only where it has more effects than the main analysis (``all_domains``: than
the largest main group of the stratum).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from evdose.modelling.estimators.effect_size import EffectSize, log_odds_ratio_to_g
from evdose.modelling.evidence import strata_present
from evdose.modelling.shared_control import participants
from evdose.modelling.tables import ALL, MAIN

_KEY = ["effect_table", "measure", "outcome_domain"]


@dataclass(frozen=True)
class EffectGroup:
    """``effects``: rows of table EFFECTS to pool, by study and arm (may be none).

    ``candidates``: all rows of the stratum, table, measure and domain, also those of other outcomes, worked
    back or estimated. In ``all_domains`` estimates and variances are on the scale of g.
    """

    stratum: str
    effect_table: str
    measure: str
    outcome_domain: str
    sensitivity: str
    effects: pd.DataFrame
    candidates: pd.DataFrame

    @property
    def key(self) -> dict[str, str]:
        """Columns of table SYNTHESIS that name the group."""
        return {name: getattr(self, name) for name in ("stratum", *_KEY, "sensitivity")}

    def left_out(self) -> str:
        """How many studies of the group aren't pooled, and why, to follow other words."""
        unused = self.candidates[~self.candidates["study_id"].isin(self.effects["study_id"])]
        unused = unused.sort_values("primary", ascending=False, kind="stable").drop_duplicates("study_id")
        reason = pd.Series("means or SDs estimated", index=unused.index)
        reason = reason.mask(unused["derived"], "counts worked back")
        reason = reason.mask(~unused["primary"], "not the primary outcome")
        studies = unused.groupby(reason.to_numpy())["study_id"].nunique()
        return "".join(f"; {number_of_studies(n)} left out: {why}" for why, n in studies.items())


def counts(effects: pd.DataFrame) -> dict[str, int]:
    """What a row of table SYNTHESIS stands on."""
    return {
        "studies": effects["study_id"].nunique(),
        "arms": len(effects[["study_id", "arm"]].drop_duplicates()),
        "participants": participants(effects.drop_duplicates(["study_id", "arm"])),
        "outcomes": effects["outcome"].nunique(),
    }


def bounded(row: dict) -> dict:
    """``row`` with intervals of a risk difference cut off at -1 and 1, which it can't pass."""
    if row["measure"] != "risk_difference":
        return row
    ends = ("low", "high", "prediction_low", "prediction_high")
    return row | {name: min(max(row[name], -1.0), 1.0) for name in ends if name in row}


def effect_groups(effects: pd.DataFrame) -> list[EffectGroup]:
    """Groups of table EFFECTS, all routes first; rows may come in any order."""
    # An outcome may stand twice, as final values and as changes: numbers as printed come first.
    first = ["study_id", "arm", "measure", "estimated_moments", "derived", "locator"]
    ordered = effects.sort_values(first, ignore_index=True)
    strata = [(ALL, ordered)] + [
        (stratum, ordered[ordered["stratum"] == stratum]) for stratum in strata_present(ordered["stratum"])
    ]
    return [group for stratum, of_stratum in strata for group in _groups_of(stratum, of_stratum)]


def number_of_studies(n: int, which: str = "") -> str:
    """'1 study', '2 studies', '2 more studies'."""
    return f"{n} {which}{' ' if which else ''}{'study' if n == 1 else 'studies'}"


def _groups_of(stratum: str, effects: pd.DataFrame) -> Iterator[EffectGroup]:
    largest = 0
    for key, candidates in effects.groupby(_KEY):
        primary = candidates[candidates["primary"]]
        takes = {
            MAIN: primary[_as_printed(primary)],
            "derived_counts": primary[~primary["estimated_moments"]],
            "estimated_means": primary[~primary["derived"]],
        }
        one_an_arm = {name: rows.drop_duplicates(["study_id", "arm"]) for name, rows in takes.items()}
        if key[0] == "controlled":
            largest = max(largest, len(one_an_arm[MAIN]))
        for sensitivity, used in one_an_arm.items():
            if sensitivity == MAIN or len(used) > len(one_an_arm[MAIN]):
                yield EffectGroup(stratum, *key, sensitivity, used, candidates)
    together = _on_the_scale_of_g(effects)
    if len(together) > largest:
        yield EffectGroup(stratum, "controlled", "hedges_g", ALL, "all_domains", together, together)


def _as_printed(effects: pd.DataFrame) -> pd.Series:
    return ~effects["derived"] & ~effects["estimated_moments"]


def _on_the_scale_of_g(effects: pd.DataFrame) -> pd.DataFrame:
    """One controlled effect an arm as g: measured g where there is one, else from the log odds ratio."""
    main = effects[effects["primary"] & _as_printed(effects) & (effects["effect_table"] == "controlled")]
    columns = list(EffectSize._fields)
    odds = main[main["measure"] == "log_odds_ratio"]
    as_g = log_odds_ratio_to_g(EffectSize(*(odds[name] for name in columns)))
    odds = odds.assign(**dict(zip(columns, as_g, strict=True)))
    measured = main[main["measure"] == "hedges_g"]
    together = pd.concat([measured, odds]).drop_duplicates(["study_id", "arm"])
    return together.sort_values(["study_id", "arm"], ignore_index=True)
