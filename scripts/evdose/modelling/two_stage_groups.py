"""Two-stage dose–response meta-analysis of log odds ratios: rows (basis ``two_stage``) of DOSE_RESPONSE.

A study with two or more doses against a concurrent control gives its own slope, straight through the control
at dose zero; the slopes are pooled. What differs between studies (condition, product) is not compared.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evdose.modelling.dose_groups import DoseGroup, number_of
from evdose.modelling.estimators.dose_contrasts import DOSE_DECIMALS
from evdose.modelling.estimators.pooling import pool
from evdose.modelling.estimators.two_stage import DoseStudy, linear, trend
from evdose.modelling.tables import ALL, ESTIMATED, MAIN, NOT_ESTIMABLE

UNIT = 1e10  # particles
SEVERAL_DOSES = "two or more doses in particles against one control"
_COUNTS = ("studies", "arms", "dose_levels", "outcomes")


def two_stage_rows(groups: Sequence[DoseGroup], models: dict) -> list[dict]:
    """A row for each group of log odds ratios; one row for all routes where there is no such group."""
    binary = [group for group in groups if group.measure == "log_odds_ratio"]
    if binary:
        return [_row(group, models) for group in binary]
    needed = models["min_studies_pooling"]
    return [
        _named({"stratum": ALL, "measure": None, "outcome_domain": None, "sensitivity": MAIN})
        | dict.fromkeys(_COUNTS, 0)
        | {
            "status": NOT_ESTIMABLE,
            "why": "no study with a log odds ratio of a primary efficacy outcome at a dose in particles",
            "needs": f"{needed} studies that report events and participants at {SEVERAL_DOSES}",
        }
    ]


def dose_studies(group: DoseGroup) -> list[DoseStudy]:
    """Studies of the group with two or more doses: doses in 10¹⁰ particles, the control at 0 first."""
    contrasts = group.contrasts
    return [
        DoseStudy(
            np.append(0.0, 10 ** contrasts.x[arms] / UNIT),
            contrasts.y[arms],
            contrasts.covariance[np.ix_(arms, arms)],
        )
        for arms in _arms_by_study(group)
    ]


def _arms_by_study(group: DoseGroup) -> list[np.ndarray]:
    """Places of the arms of each study with several doses against one control."""
    contrasts, control = group.contrasts, group.effects["comparator_arm"]
    found = [np.flatnonzero(contrasts.study == code) for code in np.unique(contrasts.study)]
    return [
        arms
        for arms in found
        if control.iloc[arms].nunique() == 1 and len(np.unique(contrasts.x[arms].round(DOSE_DECIMALS))) > 1
    ]


def _named(key: dict) -> dict:
    return {"basis": "two_stage", "shape": "linear"} | key


def _row(group: DoseGroup, models: dict) -> dict:
    studies, needed = dose_studies(group), models["min_studies_pooling"]
    if len(studies) < needed:
        return (
            _named(group.key)
            | group.counts()
            | {
                "status": NOT_ESTIMABLE,
                "why": f"{group.counted()}; {len(studies) or 'none'} of them with {SEVERAL_DOSES}",
                "needs": f"{number_of(needed - len(studies), 'more study', 'more studies')} with "
                f"{SEVERAL_DOSES}",
            }
        )
    slopes = [trend(study, linear) for study in studies]
    pooled = pool(
        np.array([slope.coefficients[0] for slope in slopes]),
        np.array([slope.covariance[0, 0] for slope in slopes]),
        confidence=models["confidence"],
    )
    arms = np.concatenate(_arms_by_study(group))
    return _named(group.key) | {
        "studies": len(studies),
        "arms": len(arms),
        "dose_levels": len(np.unique(group.contrasts.x[arms].round(DOSE_DECIMALS))),
        "outcomes": int(group.effects["outcome"].iloc[arms].nunique()),
        "parameters": 2,
        "coefficients": f"slope per 10^10 particles {pooled.estimate:.3g} "
        f"({pooled.low:.3g} to {pooled.high:.3g})",
        "slope": pooled.estimate,
        "low": pooled.low,
        "high": pooled.high,
        "p_value": pooled.p_value,
        "tau2": pooled.tau2,
        "status": ESTIMATED,
        "why": f"log odds ratio per 10^10 particles, not per tenfold dose, straight through the control at "
        f"dose zero; generalised least squares in each of {len(studies)} studies with {SEVERAL_DOSES} "
        f"(of {group.counts()['studies']}), then REML with Knapp–Hartung intervals, never narrower than the "
        "studies' own variances allow; that the line is straight is assumed",
    }
