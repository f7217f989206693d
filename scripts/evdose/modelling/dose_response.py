"""Dose–response models of groups of effects, by what the doses are compared across.

Within trials: slopes between doses of the same study, pooled. Between trials: candidate curves over the doses
of all studies, which differ in condition and product as well, and their average. Arm counts and two-stage
models stand in modules of their own.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from evdose.modelling.arm_count_slopes import arm_count_rows
from evdose.modelling.dose_groups import USABLE, DoseGroup, number_of
from evdose.modelling.estimators.dose_response_fit import (
    ShapeFit,
    akaike_weights,
    average_curve,
    fit_shapes,
    lacking,
)
from evdose.modelling.estimators.dose_shapes import SHAPES, Shape
from evdose.modelling.estimators.pooling import pool
from evdose.modelling.estimators.within_study_slopes import within_study_slopes
from evdose.modelling.tables import DOSE_RESPONSE, DOSE_RESPONSE_CURVE, ESTIMATED, NOT_ESTIMABLE
from evdose.modelling.two_stage_groups import two_stage_rows
from evdose.tables import frame_of

CURVE_POINTS = 61
RANDOMISED = "doses compared within studies, randomised or not"


def dose_response(groups: list[DoseGroup], effects: pd.DataFrame, models: dict) -> pd.DataFrame:
    """Table DOSE_RESPONSE of ``groups`` and of the counts in table EFFECTS; ``models`` as in config.yaml.

    A group without effects has one row a basis, with the linear shape, that says what it lacks.
    """
    strata = dict.fromkeys(group.stratum for group in groups)
    rows = [_within_trials(group, models) for group in groups]
    rows += [row for group in groups for row in _between_trials(group, models["confidence"])]
    rows += arm_count_rows(effects, strata, models["confidence"])
    rows += two_stage_rows(groups, models)
    return frame_of(rows, DOSE_RESPONSE)


def dose_response_curves(groups: list[DoseGroup], models: dict) -> pd.DataFrame:
    """Table DOSE_RESPONSE_CURVE: the averaged curve of each group to which more than a flat one was fitted.

    It spans the doses of the group's effects; beyond them the data say nothing. Where the truth is a peak or
    Emax and studies are few, its interval is too narrow: AICc then favours shapes that can't follow it.
    """
    rows = []
    for group in groups:
        fits = list(fit_shapes(group.contrasts).values())
        if len(fits) < 2:
            continue
        doses = np.linspace(group.contrasts.x.min(), group.contrasts.x.max(), CURVE_POINTS)
        curve = average_curve(fits, doses, models["confidence"])
        names = ("particles_log10", "estimate", "low", "high")
        rows += [
            group.key | dict(zip(names, point, strict=True)) for point in zip(doses, *curve, strict=True)
        ]
    return frame_of(rows, DOSE_RESPONSE_CURVE)


def _row(group: DoseGroup, basis: str, shape: str) -> dict:
    return {"basis": basis, **group.key, "shape": shape, **group.counts(), "status": NOT_ESTIMABLE}


def _within_trials(group: DoseGroup, models: dict) -> dict:
    row = _row(group, "within_trials", "linear")
    found = within_study_slopes(group.contrasts, group.effects["stratum"].to_numpy(str))
    k, least, confidence = len(found.slope), max(2, models["min_studies_pooling"]), models["confidence"]
    several = f"{number_of(k, 'study', 'studies')} with several doses by one route, of {group.counted()}"
    if k == 0:
        needs = f"1 study with {USABLE.replace('a dose', '2 or more doses')} by one route"
        return row | {"why": several if len(group.effects) else group.counted(), "needs": needs}
    se = np.sqrt(found.variance)
    half = -ndtri((1 - confidence) / 2) * se
    names = [
        group.effects["study_id"].iloc[group.contrasts.study.tolist().index(code)] for code in found.study
    ]
    ends = zip(names, found.slope, found.slope - half, found.slope + half, strict=True)
    row |= {"coefficients": "; ".join(_interval(*of_study) for of_study in ends)}
    if k == 1:
        return row | {
            "parameters": 1,
            "slope": found.slope[0],
            "low": found.slope[0] - half[0],
            "high": found.slope[0] + half[0],
            "p_value": 2 * ndtr(-abs(found.slope[0]) / se[0]),
            "status": ESTIMATED,
            "why": f"{several}; its own slope, by generalised least squares between its doses, normal "
            f"interval; one study says nothing of others; {RANDOMISED}{_outcomes(group)}",
        }
    if k < least:
        needs = f"{number_of(least - k, 'more study', 'more studies')} with several doses by one route"
        return row | {"why": f"{several}; their slopes are given; pooling needs {least}", "needs": needs}
    pooled = pool(found.slope, found.variance, confidence=confidence)
    of_all = _interval("pooled slope", pooled.estimate, pooled.low, pooled.high)
    return row | {
        "parameters": 2,
        "coefficients": f"{of_all}; {row['coefficients']}",
        "slope": pooled.estimate,
        "low": pooled.low,
        "high": pooled.high,
        "p_value": pooled.p_value,
        "tau2": pooled.tau2,
        "status": ESTIMATED,
        "why": f"{several}; slopes by generalised least squares between a study's doses, pooled by REML, "
        f"Knapp–Hartung interval that is never narrower than the slopes' own variances allow; {RANDOMISED}"
        f"{_outcomes(group)}",
    }


def _between_trials(group: DoseGroup, confidence: float) -> list[dict]:
    if group.effects.empty:
        p = SHAPES["linear"].parameters
        needs = f"{p + 2} studies with {USABLE}, at {p} or more doses"
        why = f"{group.counted()}; {group.confounding()}"
        return [_row(group, "between_trials", "linear") | {"why": why, "needs": needs}]
    fits = fit_shapes(group.contrasts)
    weights = dict(zip(fits, akaike_weights(list(fits.values())), strict=True)) if fits else {}
    return [
        _row(group, "between_trials", name)
        | (
            _fitted(group, fits[name], weights[name], len(fits), confidence)
            if name in fits
            else _refused(group, shape)
        )
        for name, shape in SHAPES.items()
    ]


def _refused(group: DoseGroup, shape: Shape) -> dict:
    studies, doses = lacking(group.contrasts, shape)
    p = shape.parameters
    why = (
        f"{group.counted()}; {p} parameters, the heterogeneity variance among them, need {p + 2} studies and "
        f"{p} doses; {group.confounding()}"
    )
    parts = [
        number_of(studies, "more study", "more studies") if studies else "",
        number_of(doses, "more dose") if doses else "",
    ]
    return {"parameters": p, "why": why, "needs": " and ".join(part for part in parts if part)}


def _fitted(group: DoseGroup, fit: ShapeFit, weight: float, candidates: int, confidence: float) -> dict:
    ends = fit.intervals(confidence)
    values = zip(fit.names, fit.coefficients, *ends.T, strict=True)
    centre = f"doses from their mean, {fit.centre:.4g}; " if "b1" in fit.names else ""
    at_bound = "".join(f"{place}: the data don't place it; " for place in fit.at_bound)
    row = {
        "parameters": fit.shape.parameters,
        "log_likelihood": fit.log_likelihood,
        "aicc": fit.aicc,
        "weight": weight,
        "coefficients": "; ".join(_interval(*value) for value in values),
        "tau2": fit.tau2,
        "status": ESTIMATED,
        "why": f"maximum likelihood over {group.counted()}; {group.confounding()}; {centre}{at_bound}Wald "
        f"intervals, t with {fit.df} degrees of freedom, Knapp–Hartung factor not below 1; weight among "
        f"{candidates} of {len(SHAPES)} shapes; where the truth is a peak or Emax, the averaged curve's "
        f"interval is too narrow, the more so the fewer the studies{_outcomes(group)}",
    }
    if fit.shape.name == "linear":
        slope = fit.names.index("b1")
        row |= {"slope": fit.coefficients[slope], "low": ends[slope, 0], "high": ends[slope, 1]}
        row |= {"p_value": fit.p_value("b1")}
    return row


def _interval(name: str, value: float, low: float, high: float) -> str:
    return f"{name} {value:.4g} " + ("(no interval)" if np.isnan(low) else f"({low:.4g} to {high:.4g})")


def _outcomes(group: DoseGroup) -> str:
    n = group.effects["outcome"].nunique()
    return f"; {n} outcomes of different names taken as one" if n > 1 else ""
