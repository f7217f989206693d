"""Every defensible choice as an estimate of its own: a specification curve with analytic intervals.

Two estimates: the shift in dose between inhaled and intravenous trials, and the slope of an effect per
tenfold dose between trials of all routes (observational, confounded by route, condition and product). A slope
that no choice makes estimable has one row, of the main choices, that says what it lacks.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd

from evdose.modelling.dose_draws import middles, of_trials
from evdose.modelling.dose_groups import dose_contrasts, dose_groups, number_of
from evdose.modelling.estimators.dose_response_fit import fit_shape, lacking
from evdose.modelling.estimators.dose_shapes import SHAPES
from evdose.modelling.estimators.rank_based import hodges_lehmann
from evdose.modelling.landscape import AXES, KNOWN, arm_particles, tried_arms
from evdose.modelling.landscape_conversions import with_assumptions
from evdose.modelling.route_shift import (
    EVERY_PRODUCT,
    PAIRS,
    arms_by_route,
    products_left_out,
    without_product,
)
from evdose.modelling.tables import ALL, ESTIMATED, MULTIVERSE, NOT_ESTIMABLE
from evdose.tables import frame_of

_PAIR = PAIRS[0]
_STATUSES = {"exact": ("exact",), "inferred": KNOWN, "ambiguous": (*KNOWN, "ambiguous")}
_IN_WORDS = {
    "per_administration": "per administration",
    "per_day": "a day",
    "cumulative": "over all administrations",
    "stated": "particles as stated",
    "converted": "also by measured conversions",
    "assumed": "also by assumed conversions",
    "exact": "exact doses only",
    "inferred": "also inferred doses",
    "ambiguous": "also ambiguous doses",
}
_CHANGE = "standardised_mean_change"
_ARM = ["trial_id", "arm"]


class Choice(NamedTuple):
    """Dose axis, which doses and which arms count; the product line that is left out."""

    axis: str
    doses: str
    arms: str
    without_product: str


_MAIN = Choice("per_administration", "converted", "inferred", EVERY_PRODUCT)


def multiverse(
    included: pd.DataFrame,
    arms: pd.DataFrame,
    doses: pd.DataFrame,
    routes: pd.DataFrame,
    assumed: pd.DataFrame,
    effects: pd.DataFrame,
    models: dict,
) -> pd.DataFrame:
    """Table MULTIVERSE. ``included``: the included trials; ``assumed``: table dose_sensitivity."""
    shifts, slopes, groups = [], [], {}
    product_line = included.set_index("trial_id")["product_line"]
    effects = effects.assign(product_line=effects["trial_id"].map(product_line))
    for (which, some), (status, known) in product(_dose_variants(doses, assumed).items(), _STATUSES.items()):
        tried = tried_arms(included, arms, some, routes, known)
        of_arm = arm_particles(some, known).rename(columns={"trial_id": "study_id"})
        for axis in AXES:
            choice = Choice(axis, which, status, EVERY_PRODUCT)
            shifts += _shifts(choice, tried, models)
            placed = _at_doses(effects, of_arm, axis)
            key = placed["particles_log10"].to_numpy().tobytes()  # few choices move a published dose
            if key not in groups:
                groups[key] = _groups(placed, models)
            slopes += _slopes(choice, groups[key], models)
    shifts = pd.DataFrame(shifts)
    tables = [shifts, *_findings(pd.DataFrame(slopes))]
    rows = [row for table in tables for row in _with_survival(table).to_dict("records")]
    return frame_of(rows, MULTIVERSE)


def survives(specifications: pd.DataFrame) -> float:
    """Share of estimable specifications whose interval excludes 0 on the side of the main estimate.

    ``specifications``: rows of table MULTIVERSE for one finding, of which one is the main one; choices that
    happen to change no dose count as choices. A specification too small to have an interval excludes nothing.
    1: the finding survives every choice that can be made; NaN: the main one can't be estimated, so that
    nothing is found.

    Raises:
        ValueError: not exactly one main specification.
    """
    main = specifications[specifications["main"].astype(bool)]
    if len(main) != 1:
        raise ValueError(f"one main specification is needed, there are {len(main)}")
    side = np.sign(main["estimate"].iloc[0])
    if main["status"].iloc[0] != ESTIMATED or not side:
        return float("nan")
    bound = specifications["low"] if side > 0 else -specifications["high"]
    return float((bound > 0)[specifications["status"] == ESTIMATED].mean())


def _dose_variants(doses: pd.DataFrame, assumed: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The table doses without conversions, as it is, and with assumed particles filled in."""
    wider = with_assumptions(doses.assign(rests_on=doses["conversion_id"]), assumed)
    gained = wider["rests_on"].fillna("") != wider["conversion_id"].fillna("")
    every = wider["particles_log10"] + np.log10(wider["administrations"].where(wider["administrations"] > 0))
    filled = wider["cumulative_particles_log10"].mask(gained, every)
    return {
        "stated": doses[doses["conversion_id"].isna()],
        "converted": doses,
        "assumed": wider.assign(cumulative_particles_log10=filled),
    }


def _shifts(choice: Choice, tried: pd.DataFrame, models: dict) -> Iterator[dict]:
    """Hodges–Lehmann shift between the routes, with each product line left out in turn."""
    here = pd.concat(arms_by_route(tried, choice.axis, _PAIR)[0])
    for left_out in products_left_out(here):
        chosen = choice._replace(without_product=left_out)
        by_route, _ = arms_by_route(without_product(here, left_out), choice.axis, _PAIR)
        doses = [of_trials(middles(some, choice.axis), some)[0] for some in by_route]
        sizes = [len(of_route) for of_route in doses]
        row = _row("route_shift", chosen) | {"studies": sum(sizes), "main": chosen == _MAIN}
        counted = f"{sizes[0]} {_PAIR[0]} and {sizes[1]} {_PAIR[1]} trials"
        needed = models["min_trials_route_shift"]
        if min(sizes) < needed:
            yield row | {"status": NOT_ESTIMABLE, "why": f"{counted}; a shift needs {needed} of each"}
            continue
        shift, low, high = hodges_lehmann(*doses, models["confidence"])
        size = f"; no {models['confidence']:.0%} interval exists at this size" if np.isnan(low) else ""
        yield row | {
            "estimate": shift,
            "low": low,
            "high": high,
            "status": ESTIMATED,
            "why": f"Hodges–Lehmann shift of {counted}, each with the median of its arms{size}",
        }


def _at_doses(effects: pd.DataFrame, of_arm: pd.DataFrame, axis: str) -> pd.DataFrame:
    """``effects`` of all routes together at the doses of ``of_arm`` on ``axis``."""
    at = of_arm[["study_id", "arm", axis]].rename(columns={axis: "particles_log10"})
    return effects.drop(columns="particles_log10").merge(at, on=["study_id", "arm"], how="left")


def _groups(effects: pd.DataFrame, models: dict) -> list[tuple]:
    """What a slope is fitted to: measure and domain, effects, pre–post correlation."""
    return [*_controlled(effects.assign(stratum="several")), *_changes(effects, models)]


def _slopes(choice: Choice, groups: list[tuple], models: dict) -> Iterator[dict]:
    for group, some, correlation in groups:
        for left_out in products_left_out(some):
            chosen = choice._replace(without_product=left_out)
            usual = group[1] != ALL and correlation in (None, models["pre_post_correlation"])
            row = _row("dose_slope", chosen, group, correlation) | {"main": chosen == _MAIN and usual}
            yield row | _slope(without_product(some, left_out), models["confidence"])


def _controlled(effects: pd.DataFrame) -> Iterator[tuple[tuple, pd.DataFrame, None]]:
    """Measure and domain, effects: each domain alone, and all of them as Hedges' g."""
    for group in dose_groups(effects):
        if group.stratum == ALL and group.measure and group.sensitivity in ("main", "all_domains"):
            yield (group.measure, group.outcome_domain), group.effects, None


def _changes(effects: pd.DataFrame, models: dict) -> Iterator[tuple[tuple, pd.DataFrame, float]]:
    """Standardised mean changes of each domain, under each pre–post correlation.

    The correlation moves the variance only: 2 (1 - r)/n of it (Becker 1988).
    """
    known = effects[["particles_log10", "estimate", "variance"]].notna().all(axis=1)
    chosen = effects["primary"] & (effects["measure"] == _CHANGE) & known & ~effects["derived"]
    usable = effects[chosen.astype(bool)].sort_values(["study_id", "arm", "locator"])
    usable = usable.drop_duplicates(["study_id", "arm"])
    assumed = models["pre_post_correlation"]
    for domain, some in usable.groupby("outcome_domain"):
        for correlation in (assumed, *models["alternative_correlations"]):
            moved = some["variance"] + 2 * (assumed - correlation) / some["n_treated"].astype(float)
            yield (_CHANGE, domain), some.assign(variance=moved), correlation


def _slope(effects: pd.DataFrame, confidence: float) -> dict:
    """Random-effects slope over log10 dose, maximum likelihood as in the dose–response models."""
    contrasts, shape = dose_contrasts(effects), SHAPES["linear"]
    studies, doses = lacking(contrasts, shape)
    row = {"studies": contrasts.studies}
    counts = (
        number_of(contrasts.studies, "study", "studies"),
        number_of(len(effects), "arm"),
        number_of(len(contrasts.levels), "dose"),
    )
    counted = "{} with {} at {}".format(*counts)
    if studies or doses:
        needed = f"{shape.parameters + 2} studies and {shape.parameters} doses"
        return row | {"status": NOT_ESTIMABLE, "why": f"{counted}; a slope needs {needed}"}
    fit = fit_shape(contrasts, shape)
    low, high = fit.intervals(confidence)[1]
    return row | {
        "estimate": fit.coefficients[1],
        "low": low,
        "high": high,
        "p_value": fit.p_value("b1"),
        "status": ESTIMATED,
        "why": f"random-effects slope of {counted}; observational, confounded by route, condition and "
        "product",
    }


def _findings(slopes: pd.DataFrame) -> list[pd.DataFrame]:
    """Slopes by measure and domain; one row for those that no choice makes estimable."""
    if slopes.empty:
        why = "no study with a primary effect and variance at a dose in particles, under any choice"
        row = _row("dose_slope", _MAIN) | {"main": True, "studies": 0, "status": NOT_ESTIMABLE, "why": why}
        return [pd.DataFrame([row])]
    kept = []
    for _, rows in slopes.groupby(["measure", "outcome_domain"], sort=False):
        if (rows["status"] == ESTIMATED).any():
            kept.append(rows)
        else:  # the main choices are the most telling of what is lacking, where they find any study
            kept.append(rows.sort_values("main", ascending=False, kind="stable").iloc[:1])
    return kept


def _with_survival(finding: pd.DataFrame) -> pd.DataFrame:
    """The share of specifications that survive, on the row of the main one, and there in words."""
    if finding["main"].sum() != 1:
        return finding
    finding = finding.reindex(columns=[*dict.fromkeys([*finding.columns, "estimate", "low", "high"])])
    share, main = survives(finding), finding["main"].astype(bool)
    if np.isnan(share):
        return finding
    estimable = finding["status"] == ESTIMATED
    n, too_small = estimable.sum(), (estimable & finding["low"].isna()).sum()
    said = (
        f"; the interval of {share * n:.0f} of {n} estimable specifications excludes 0 on this side "
        f"({too_small} have none)"
    )
    why = finding["why"].mask(main, finding["why"] + said)
    return finding.assign(surviving=np.where(main, share, np.nan), why=why)


def _row(
    question: str,
    choice: Choice,
    group: tuple[str | None, str | None] = (None, None),
    correlation: float | None = None,
) -> dict:
    words = [_IN_WORDS[value] for value in choice[:3]]
    if correlation is not None:
        words.append(f"pre–post correlation {correlation:g}")
    if choice.without_product != EVERY_PRODUCT:
        words.append(f"without {choice.without_product}")
    return {
        "question": question,
        "specification": "; ".join(words),
        **choice._asdict(),
        "measure": group[0],
        "outcome_domain": group[1],
        "correlation": correlation,
    }
