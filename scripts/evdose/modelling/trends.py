"""Registrations a year by group, and their trend. The records were searched for, not exported: no census."""

from __future__ import annotations

import calendar
import warnings
from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from evdose.modelling.dose_groups import number_of
from evdose.modelling.landscape import arm_particles
from evdose.modelling.tables import ESTIMATED, NOT_ESTIMABLE, REGISTRATIONS, TRENDS
from evdose.tables import frame_of

ALL = "all"
POISSON, NEGATIVE_BINOMIAL = "Poisson", "negative binomial"
_ABSENT = "not reported"
_UNIT_FAMILIES = {
    "particle": "particles",
    "particle/mL": "particles",
    "ug": "mass",
    "ug/mL": "mass",
    "ug/g": "mass",
    "cell": "cells",
    "cell/mL": "cells",
    "mL": "volume",
    "drop": "volume",
    "pmol": "amount of lipid",
}
_YEARS_WITH_TRIALS = 3  # fewer leave the slope without a finite estimate, or with one that is all choice


def trial_groups(included: pd.DataFrame, routes: pd.DataFrame, doses: pd.DataFrame) -> pd.DataFrame:
    """One row a dated trial × group: trial_id, year, grouping, group.

    A trial with several countries or units of dose counts once in each. ``included``: rows of the table
    trials; ``routes``: columns trial_id and record_stratum; ``doses``: the table.
    """
    dated = included[included["first_posted"].notna()]
    in_particles = dated["trial_id"].isin(_in_particles(doses))
    groups = {
        ALL: pd.Series(ALL, dated.index),
        "route": dated["trial_id"].map(routes.groupby("trial_id")["record_stratum"].first()),
        "condition": dated["condition_group"],
        "phase": dated["phase"].replace("NA", "not applicable"),
        "country": dated["countries"].str.split("; "),
        "cell source": dated["cell_source_group"],
        "dose unit": dated["trial_id"].map(_dose_units(doses)),
        "dose in particles": in_particles.map({True: "known", False: "not known"}),
    }
    year = dated["first_posted"].str[:4].astype(int)
    rows = pd.concat(
        pd.DataFrame({"trial_id": dated["trial_id"], "year": year, "grouping": name, "group": group})
        for name, group in groups.items()
    ).explode("group")
    return rows.assign(group=rows["group"].astype("string").fillna(_ABSENT)).drop_duplicates(
        ignore_index=True
    )


def year_exposure(first_day: str, last_day: str, years: pd.Series) -> pd.Series:
    """Part of each calendar year that lies between two ISO dates, both included.

    The series starts with the first of ``years`` (those of the trials): before the first trial of the whole
    field there was nothing to grow, and how far back a window reaches should not make a trend.
    """
    first, last = date.fromisoformat(first_day), date.fromisoformat(last_day)
    start = max(first.year, min(years, default=first.year))
    return pd.Series(
        {year: _part_of_year(year, first, last) for year in range(start, last.year + 1)}, dtype=float
    )


def registrations(groups: pd.DataFrame, exposure: pd.Series) -> pd.DataFrame:
    """Trials of every group in every year of ``exposure`` (of :func:`year_exposure`), zeros included."""
    counts = groups.groupby(["grouping", "group", "year"]).size()
    kinds = groups[["grouping", "group"]].drop_duplicates().itertuples(index=False, name=None)
    every = sorted((*kind, year) for kind in kinds for year in exposure.index)
    return frame_of(
        [
            {"grouping": grouping, "group": group, "year": year, "n": counts.get((grouping, group, year), 0)}
            for grouping, group, year in every
        ],
        REGISTRATIONS,
    )


def trends(registered: pd.DataFrame, exposure: pd.Series, models: dict) -> pd.DataFrame:
    """One row a group: rate ratio a year with its interval, or why there is none.

    ``registered``: rows of the table registrations; ``exposure``: part of each of its years.
    """
    rows = [
        {"grouping": grouping, "group": group} | _trend(counts.sort_values("year"), exposure, models)
        for (grouping, group), counts in registered.groupby(["grouping", "group"])
    ]
    return frame_of(rows, TRENDS)


def rate_ratio(
    counts: np.ndarray, years: np.ndarray, exposure: np.ndarray, confidence: float
) -> tuple[float, float, float, float, str]:
    """Rate ratio a year, its interval, two-sided p-value and the model that gave them.

    Poisson regression with offset log(exposure) and Wald interval. Where Pearson's X² exceeds its degrees
    of freedom: negative binomial (variance μ + αμ²) with α solving X² = degrees of freedom, and Student's t;
    with so few years, α by maximum likelihood and a normal interval cover too seldom. McCullagh & Nelder,
    Generalized Linear Models, 2nd ed. 1989, §6.2; moment estimate of α: Breslow, Appl Stat 1984;33:38.
    """
    from statsmodels.genmod import families  # noqa: PLC0415 (a third of a second that other rules do without)
    from statsmodels.genmod.generalized_linear_model import GLM  # noqa: PLC0415
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning  # noqa: PLC0415

    design = np.column_stack([np.ones(len(years)), years - np.mean(years)])

    def fitted(alpha: float):
        family = families.NegativeBinomial(alpha=alpha) if alpha else families.Poisson()
        with warnings.catch_warnings():  # counts on the curve itself are no separation
            warnings.simplefilter("ignore", PerfectSeparationWarning)
            return GLM(counts, design, family=family, exposure=exposure).fit(tol=1e-12, use_t=alpha > 0)

    def excess(alpha: float) -> float:
        fit = fitted(alpha)
        return fit.pearson_chi2 - fit.df_resid

    over_dispersed = excess(0) > 0
    fit = fitted(brentq(excess, 0, _alpha_above(excess)) if over_dispersed else 0)
    low, high = np.exp(fit.conf_int(1 - confidence)[1])
    model = NEGATIVE_BINOMIAL if over_dispersed else POISSON
    return float(np.exp(fit.params[1])), float(low), float(high), float(fit.pvalues[1]), model


def _dose_units(doses: pd.DataFrame) -> pd.Series:
    """Families of units in which each trial states a dose, a list a trial, of those that state any."""
    family = doses["unit"].map(_UNIT_FAMILIES)
    return family.groupby(doses["trial_id"]).agg(lambda units: sorted(set(units.dropna())) or None)


def _in_particles(doses: pd.DataFrame) -> pd.Series:
    """Trials with an arm whose dose per administration is known in particles."""
    return arm_particles(doses).dropna(subset="per_administration")["trial_id"]


def _alpha_above(excess: Callable[[float], float]) -> float:
    """An α at which X² no longer exceeds its expectation: no larger than need be, where fits may diverge."""
    alpha = 0.25
    while excess(alpha) > 0:
        alpha *= 2
    return alpha


def _part_of_year(year: int, first: date, last: date) -> float:
    begin, end = max(first, date(year, 1, 1)), min(last, date(year, 12, 31))
    return ((end - begin).days + 1) / (366 if calendar.isleap(year) else 365)


def _trend(counts: pd.DataFrame, exposure: pd.Series, models: dict) -> dict:
    trials, with_trials = int(counts["n"].sum()), int((counts["n"] > 0).sum())
    years = exposure.index
    row = {"trials": trials, "first_year": years[0], "last_year": years[-1]}
    needed = models["min_trials_trend"]
    if trials < needed or with_trials < _YEARS_WITH_TRIALS:
        why = (
            f"{number_of(trials, 'trial')} in {with_trials} of {len(years)} years; a trend needs {needed} "
            f"trials and trials in {_YEARS_WITH_TRIALS} years"
        )
        return row | {"status": NOT_ESTIMABLE, "why": why}
    ratio, low, high, p_value, model = rate_ratio(
        counts["n"].to_numpy(float), years.to_numpy(float), exposure.to_numpy(), models["confidence"]
    )
    dispersion = "over-dispersed" if model == NEGATIVE_BINOMIAL else "not over-dispersed"
    why = (
        f"{model} regression of {trials} dated trials on the year over {exposure.sum():.1f} years "
        f"({dispersion} for Poisson by Pearson's X²); found by searching, no census"
    )
    return row | {
        "rate_ratio": ratio,
        "low": low,
        "high": high,
        "p_value": p_value,
        "model": model,
        "status": ESTIMATED,
        "why": why,
    }
