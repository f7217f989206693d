"""Effect sizes, as metafor's escalc computes them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from evdose.modelling.estimators.effect_size import (
    Counts,
    EffectSize,
    Sample,
    hedges_g,
    log_odds_ratio,
    log_risk_ratio,
    logit_proportion,
    mean_difference,
    proportion,
    risk_difference,
)
from places import REFERENCE


def _column(file: str) -> Callable[[str], np.ndarray]:
    frame = pd.read_csv(REFERENCE / "reference" / f"{file}.csv")
    return lambda name: frame[name].to_numpy(float)


def _bcg() -> tuple[Counts, Counts]:
    of = _column("dat_bcg")
    return tuple(Counts(of(f"{arm}pos"), of(f"{arm}pos") + of(f"{arm}neg")) for arm in "tc")


def _fine() -> tuple[Counts, Counts]:
    of = _column("dat_fine1993")
    return tuple(Counts(of(f"{arm}2i"), of(f"n{arm}i")) for arm in "ec")


def _normand() -> tuple[Sample, Sample]:
    of = _column("dat_normand1999")
    return tuple(Sample(of(f"m{arm}i"), of(f"sd{arm}i"), of(f"n{arm}i")) for arm in "12")


def _proportions() -> tuple[Counts]:
    of = _column("synthetic_proportions")
    return (Counts(of("xi"), of("ni")),)


_EFFECTS = {
    "dat_bcg:OR": (log_odds_ratio, _bcg),
    "dat_bcg:RR": (log_risk_ratio, _bcg),
    "dat_bcg:RD": (risk_difference, _bcg),
    "dat_fine1993:OR_year2": (log_odds_ratio, _fine),
    "dat_normand1999:MD": (mean_difference, _normand),
    "dat_normand1999:SMD": (hedges_g, _normand),
    "synthetic_proportions:PR": (proportion, _proportions),
    "synthetic_proportions:PLO": (logit_proportion, _proportions),
}


def effects_of(dataset: str) -> EffectSize:
    """Effects of the studies of a data set, with a measure after the colon as the grid names them."""
    formula, arms = _EFFECTS[dataset]
    return formula(*arms())


def _escalc(dataset: str) -> dict[str, float]:
    effect = effects_of(dataset)
    return {
        f"{name}[{study}]": value
        for name, values in (("yi", effect.estimate), ("vi", effect.variance))
        for study, value in enumerate(values, 1)
    }


ANALYSES = {(dataset, "escalc"): partial(_escalc, dataset) for dataset in _EFFECTS}
