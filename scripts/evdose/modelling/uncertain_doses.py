"""What uncertain doses do to near-normal estimates: multiple imputation of the doses, Rubin's rules.

Three kinds of estimate: the shift between routes, the median dose of a route, and the slope of an effect per
tenfold dose between trials. Doses are drawn as in ``dose_draws``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil, log2

import numpy as np
import pandas as pd

from evdose.modelling.dose_draws import draw_doses, in_order, is_uncertain, middles, of_trials
from evdose.modelling.dose_groups import DoseGroup, number_of
from evdose.modelling.estimators.dose_response_fit import fit_shape, lacking
from evdose.modelling.estimators.dose_shapes import SHAPES
from evdose.modelling.estimators.multiple_imputation import rubins_rules
from evdose.modelling.estimators.rank_based import WithError, hodges_lehmann_with_error, median
from evdose.modelling.evidence import strata_present
from evdose.modelling.landscape import AXES, arm_particles
from evdose.modelling.route_shift import PAIRS, arms_by_route
from evdose.modelling.tables import ESTIMATED, MAIN, NOT_ESTIMABLE, UNCERTAIN_DOSES
from evdose.randomness import generator
from evdose.tables import frame_of


def uncertain_doses(
    tried: pd.DataFrame, groups: list[DoseGroup], doses: pd.DataFrame, models: dict, seed: int
) -> pd.DataFrame:
    """Table UNCERTAIN_DOSES.

    ``tried``: columns of ``landscape.ARM_DOSES``; ``groups``: those of ``dose_groups``, whose main ones are
    used; ``doses``: the table doses, for what the doses of published arms leave open.
    """
    rows = []
    for axis in AXES:
        rows += [_shift(axis, pair, tried, models, seed) for pair in PAIRS]
        with_dose = in_order(tried[tried[axis].notna()])
        for stratum in strata_present(with_dose["stratum"]):
            rows.append(_median(axis, stratum, with_dose[with_dose["stratum"] == stratum], models, seed))
    published = arm_particles(doses).rename(columns={"trial_id": "study_id"})
    rows += [_slope(group, published, models, seed) for group in groups if group.sensitivity == MAIN]
    return frame_of(rows, UNCERTAIN_DOSES)


def _shift(axis: str, pair: tuple[str, str], tried: pd.DataFrame, models: dict, seed: int) -> dict:
    by_route, _ = arms_by_route(tried, axis, pair)
    together = pd.concat(by_route)
    sizes = [chosen["trial_id"].nunique() for chosen in by_route]
    name = " v ".join(pair)
    row = _row("route_shift", axis, name, together) | {"studies": sum(sizes)}
    counted = f"{sizes[0]} {pair[0]} and {sizes[1]} {pair[1]} trials with such a dose in particles"
    needed = models["min_trials_route_shift"]
    if min(sizes) < needed:
        return _not_estimable(row, f"{counted}; a shift needs {needed} of each")

    def analyse(of_arms: np.ndarray) -> WithError:
        of_route = np.split(of_arms[None, :], [len(by_route[0])], axis=1)
        trials = [of_trials(some, chosen)[0] for some, chosen in zip(of_route, by_route, strict=True)]
        return hodges_lehmann_with_error(*trials, models["confidence"])

    why = f"Hodges–Lehmann shift of {counted}, its error from the distribution-free interval"
    rng = generator(seed, "uncertain_doses", "shift", axis, name)
    return row | _imputed(together, axis, analyse, why, models, rng)


def _median(axis: str, stratum: str, arms: pd.DataFrame, models: dict, seed: int) -> dict:
    trials = arms["trial_id"].nunique()
    row = _row("median_dose", axis, stratum, arms) | {"studies": trials}
    counted = f"{number_of(trials, 'trial')} with such a dose in particles"
    # With fewer, not even the smallest and the largest dose are an interval of the median.
    needed = ceil(log2(2 / (1 - models["confidence"])))
    if trials < needed:
        return _not_estimable(row, f"{counted}; an interval of a median needs {needed}")
    why = f"median of {counted}, its error from order statistics (Price and Bonett 2001)"
    rng = generator(seed, "uncertain_doses", "median", axis, stratum)
    return row | _imputed(
        arms, axis, lambda of_arms: median(of_trials(of_arms[None, :], arms)[0]), why, models, rng
    )


def _slope(group: DoseGroup, published: pd.DataFrame, models: dict, seed: int) -> dict:
    axis, contrasts, shape = "per_administration", group.contrasts, SHAPES["linear"]
    open_ = published[["study_id", "arm", "sd", "conversion", "conversion_sd"]]
    arms = group.effects.merge(open_, on=["study_id", "arm"], how="left")
    arms = arms.rename(columns={"particles_log10": axis})
    row = _row("dose_slope", axis, group.stratum, arms) | {
        "studies": contrasts.studies,
        "measure": group.measure,
        "outcome_domain": group.outcome_domain,
    }
    if any(lacking(contrasts, shape)):
        needed = f"{shape.parameters + 2} studies and {shape.parameters} doses"
        return _not_estimable(row, f"{group.counted()}; a slope needs {needed}")

    def analyse(of_arms: np.ndarray) -> WithError:
        fit = fit_shape(replace(contrasts, x=of_arms), shape)
        return WithError(float(fit.coefficients[1]), float(fit.covariance[1, 1] ** 0.5))

    why = f"random-effects slope of {group.counted()}; {group.confounding()}"
    if is_uncertain(arms).any():
        why += "; doses are drawn without regard to the effects, which pulls the slope towards 0"
    rng = generator(seed, "uncertain_doses", "slope", *group.names)
    df = contrasts.studies - len(shape.linear)
    return row | _imputed(arms, axis, analyse, why, models, rng, df)


def _imputed(
    arms: pd.DataFrame,
    axis: str,
    analyse: Callable[[np.ndarray], WithError],
    why: str,
    models: dict,
    rng: np.random.Generator,
    complete_df: float = np.inf,
) -> dict:
    """What ``analyse`` (of the doses of ``arms``) says over imputed doses; ``why`` names the analysis."""
    m = models["imputations"]
    drawn = np.broadcast_to(draw_doses(arms, axis, m, rng), (m, len(arms)))
    results = [analyse(doses) for doses in drawn]
    estimates, errors = map(np.array, zip(*results, strict=True))
    if not (errors > 0).all():
        reason = "no interval exists at this size" if np.isnan(errors).any() else "too many doses are equal"
        return _not_estimable({}, f"{why}: none, as {reason}")
    combined = rubins_rules(estimates, errors**2, complete_df=complete_df, confidence=models["confidence"])
    none = "" if is_uncertain(arms).any() else "; no dose is uncertain"
    return {
        "imputations": m,
        "estimate_at_middle": analyse(middles(arms, axis)[0]).estimate,
        "estimate": combined.estimate,
        "low": combined.low,
        "high": combined.high,
        "missing_information": combined.missing_information,
        "variance_share": combined.variance_share,
        "status": ESTIMATED,
        "why": f"{why}; over {m} imputations by Rubin's rules{none}",
    }


def _row(analysis: str, axis: str, stratum: str, arms: pd.DataFrame) -> dict:
    return {
        "analysis": analysis,
        "axis": axis,
        "stratum": stratum,
        "arms": len(arms),
        "uncertain_arms": int(is_uncertain(arms).sum()),
    }


def _not_estimable(row: dict, why: str) -> dict:
    return row | {"imputations": 0, "status": NOT_ESTIMABLE, "why": why}
