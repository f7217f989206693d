"""Groups of effects that a dose–response model may take together, as doses and contrasts.

An effect is usable where it is against a concurrent control, of the study's one primary outcome, at a known
dose in particles, and on a scale for curves: Hedges' g (means) or the log odds ratio (counts). A group is one
route stratum (or all), one measure and one outcome domain. What each sensitivity analysis takes:

- ``main``: effects on numbers as printed;
- ``derived_counts``: these, and effects on counts that were worked back;
- ``estimated_means``: these, and effects whose means or SDs were estimated from medians;
- ``all_domains``: those of ``main`` over all domains (outcome domain ``all``), log odds ratios turned into g
  by √3/π (Hasselblad and Hedges 1995); the measure is then ``hedges_g``.

A sensitivity analysis is made only where it has more effects than the main analysis (``all_domains``: than
the largest main group of the stratum).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import block_diag

from evdose.modelling.estimators.dose_contrasts import DoseContrasts
from evdose.modelling.estimators.effect_size import EffectSize, log_odds_ratio_to_g
from evdose.modelling.evidence import strata_present
from evdose.modelling.shared_control import arm_covariance
from evdose.modelling.tables import ALL, MAIN
from evdose.records.tables import OUTCOME_DOMAINS

CURVE_MEASURES = ("hedges_g", "log_odds_ratio")
USABLE = "a controlled effect on a primary efficacy outcome at a dose in particles"


@dataclass(frozen=True)
class DoseGroup:
    """Effects that a model takes together; ``effects``: rows of table EFFECTS in the order of ``contrasts``.

    A stratum without any usable effect has one group without effects, whose measure and domain are None.
    In ``all_domains`` estimates and variances are on the scale of g; the column ``measure`` says where from.
    """

    stratum: str
    measure: str | None
    outcome_domain: str | None
    sensitivity: str
    contrasts: DoseContrasts
    effects: pd.DataFrame

    @property
    def key(self) -> dict[str, str | None]:
        """Columns of a result table that name the group."""
        names = ("stratum", "measure", "outcome_domain", "sensitivity")
        return {name: getattr(self, name) for name in names}

    @property
    def names(self) -> tuple[str, ...]:
        """The same as text, to split a seed by (``evdose.randomness.generator``)."""
        return tuple(str(value) for value in self.key.values())

    def counts(self) -> dict[str, int]:
        """What the group stands on: studies, arms, dose_levels, outcomes."""
        return {
            "studies": self.contrasts.studies,
            "arms": len(self.contrasts.y),
            "dose_levels": len(self.contrasts.levels),
            "outcomes": int(self.effects["outcome"].nunique()),
        }

    def counted(self) -> str:
        """The same in words: '2 studies with 3 arms at 2 doses (1 outcome)'."""
        if not len(self.contrasts.y):
            return f"no study with {USABLE}"
        n = self.counts()
        return (
            f"{number_of(n['studies'], 'study', 'studies')} with {number_of(n['arms'], 'arm')} at "
            f"{number_of(n['dose_levels'], 'dose')} ({number_of(n['outcomes'], 'outcome')})"
        )

    def confounding(self) -> str:
        """What a comparison between the group's studies can't tell from their doses, in words."""
        confounders = "route, condition and product" if self.stratum == ALL else "condition and product"
        return f"observational: confounded by {confounders}"


def dose_groups(effects: pd.DataFrame, tried: pd.DataFrame | None = None) -> list[DoseGroup]:
    """Groups of table EFFECTS, all routes first, in the order of the tables' closed lists.

    Strata are those of ``effects`` and of the arms of table TRIED_ARMS (``tried``) with a dose; each gets at
    least a (possibly empty) main group. Rows may come in any order; arms of a group stand by study and dose.
    """
    usable = _usable(effects)
    known = [] if tried is None else tried.loc[tried["per_administration"].notna(), "stratum"]
    present = strata_present(pd.Series([*known, *effects["stratum"]], dtype=str))
    groups = []
    for stratum in (ALL, *present):
        of_stratum = usable if stratum == ALL else usable[usable["stratum"] == stratum]
        found = list(_groups_of(stratum, of_stratum))
        if not any(group.sensitivity == MAIN for group in found):
            found.insert(0, _group(stratum, None, None, MAIN, usable.iloc[:0]))
        groups += found
    return groups


def dose_contrasts(effects: pd.DataFrame) -> DoseContrasts:
    """Contrasts of effects of one measure, in the order of the rows, which stand by study."""
    blocks = [arm_covariance(arms) for _, arms in effects.groupby("study_id", sort=False)]
    return DoseContrasts(
        x=effects["particles_log10"].to_numpy(float),
        y=effects["estimate"].to_numpy(float),
        covariance=block_diag(*blocks) if blocks else np.zeros((0, 0)),
        study=pd.factorize(effects["study_id"])[0],
    )


def number_of(n: int, one: str, several: str | None = None) -> str:
    """'1 study', '2 studies'."""
    return f"{n} {one if n == 1 else several or one + 's'}"


def _usable(effects: pd.DataFrame) -> pd.DataFrame:
    """Usable effects, one an arm and measure, by study and dose: the numbers of arms decide nothing."""
    chosen = (
        (effects["effect_table"] == "controlled")
        & effects["measure"].isin(CURVE_MEASURES)
        & effects["primary"]
        & effects[["particles_log10", "estimate", "variance"]].notna().all(axis=1)
        & effects["variance"].gt(0)
    )
    usable = effects[chosen.astype(bool)]
    # An outcome may stand twice, as final values and as changes: numbers as printed come first.
    first = ["study_id", "arm", "measure", "estimated_moments", "derived", "locator"]
    once = usable.sort_values(first).drop_duplicates(first[:3])
    return once.sort_values(["study_id", "particles_log10", "estimate", "arm"], ignore_index=True)


def _groups_of(stratum: str, usable: pd.DataFrame) -> Iterator[DoseGroup]:
    printed = usable[~usable["derived"].astype(bool) & ~usable["estimated_moments"].astype(bool)]
    wider = {
        "derived_counts": usable[~usable["estimated_moments"].astype(bool)],
        "estimated_means": usable[~usable["derived"].astype(bool)],
    }
    largest = 0
    for measure in CURVE_MEASURES:
        for domain in OUTCOME_DOMAINS:
            main = _of(printed, measure, domain)
            largest = max(largest, len(main))
            if len(main):
                yield _group(stratum, measure, domain, MAIN, main)
            for sensitivity, table in wider.items():
                chosen = _of(table, measure, domain)
                if len(chosen) > len(main):
                    yield _group(stratum, measure, domain, sensitivity, chosen)
    together = _on_the_scale_of_g(printed)
    if len(together) > largest:
        yield _group(stratum, "hedges_g", ALL, "all_domains", together)


def _of(usable: pd.DataFrame, measure: str, domain: str) -> pd.DataFrame:
    return usable[(usable["measure"] == measure) & (usable["outcome_domain"] == domain)]


def _on_the_scale_of_g(usable: pd.DataFrame) -> pd.DataFrame:
    """One effect an arm as g: measured g where there is one, else from the log odds ratio."""
    columns = list(EffectSize._fields)
    odds = usable["measure"] == "log_odds_ratio"
    as_g = log_odds_ratio_to_g(EffectSize(*(usable.loc[odds, name] for name in columns)))
    converted = usable.copy()
    converted.loc[odds, columns] = np.column_stack(as_g)
    return converted[~(odds & converted.duplicated(["study_id", "arm"], keep=False))]


def _group(
    stratum: str, measure: str | None, domain: str | None, sensitivity: str, effects: pd.DataFrame
) -> DoseGroup:
    effects = effects.reset_index(drop=True)
    return DoseGroup(stratum, measure, domain, sensitivity, dose_contrasts(effects), effects)
