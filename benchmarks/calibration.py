"""How often tests reject what is true and intervals miss it, by simulation, at the sizes that trials have.

Run `make calibration`; it writes benchmarks/calibration.csv.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from itertools import product

# One BLAS thread a process: must be said before NumPy is loaded.
os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

from multiprocessing import Pool

import numpy as np
from calibration_counts import RARE, halves_added, odds_ratios, proportions
from calibration_models import TRIAL_CURVES, averaged_curve, target_dose, three_level, trial_test
from calibration_rows import ALPHA, MODELS, PROJECT, SEED, SIZES, TAUS, WHAT, Row, covered, silent, tested

from evdose.modelling.estimators.dose_contrasts import DoseContrasts
from evdose.modelling.estimators.mcp_mod import contrast_test, optimal_contrasts
from evdose.modelling.estimators.placebo_adjusted import placebo_adjusted
from evdose.modelling.estimators.pooling import pool
from evdose.modelling.estimators.range_test import (
    NULLS,
    effect_test,
    is_estimable,
    peak_range,
    range_design,
    spread_of_width,
)
from evdose.modelling.estimators.rank_based import rank_sum_test
from evdose.modelling.mcp_mod_trials import candidates
from evdose.randomness import generator

TABLE = PROJECT / "benchmarks/calibration.csv"
LEVELS = np.linspace(8.3, 10.0, 7)  # log10 particles, as inhaled doses lie
NULL_CURVES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "flat": lambda x: np.full(len(x), 0.4),
    "linear": lambda x: 0.1 + 0.5 * (x - 8.3),
    "Emax": lambda x: 1.2 / (1 + 10 ** (9.5 - x)),
    "step up": lambda x: 0.5 + 0.7 * (x > 9.1),
    "step down": lambda x: 1.2 * (x < 9.1),
}
PEAK = 9.07  # where simulated peaks are


def trials(studies: int, rng: np.random.Generator) -> DoseContrasts:
    """A controlled arm a study, of unequal size, at doses spread over ``LEVELS``."""
    x = np.sort(np.r_[LEVELS[:studies], rng.choice(LEVELS, max(0, studies - len(LEVELS)))])
    variance = 2 / rng.integers(8, 60, studies)
    return DoseContrasts(x, np.zeros(studies), np.diag(variance), np.arange(studies))


def drawn(contrasts: DoseContrasts, mean: np.ndarray, tau: float, sets: int, rng: np.random.Generator):
    """Effects (sets, N) about ``mean``."""
    total = contrasts.covariance + tau**2 * contrasts.same_study
    return mean + rng.standard_normal((sets, len(mean))) @ np.linalg.cholesky(total).T


def range_test(studies: int, truth: str, tau: float, sets: int = 2000, samples: int = 99) -> list[Row]:
    """The test of ``range_test.peak_test``, all data sets of one draw at once."""
    rng = generator(SEED, "range", str(studies), truth, str(tau))
    contrasts = trials(studies, rng)
    if not is_estimable(contrasts):
        return [silent("range test", truth, studies, tau, "can't be asked at this size")]
    design = range_design(contrasts)
    y = drawn(contrasts, NULL_CURVES[truth](contrasts.x), tau, sets, rng)
    observed, p = design.statistic(y), np.zeros(sets)
    for null in NULLS:
        fit = design.grid.fit(y, null)
        mean, index = design.grid.mean(fit, null), design.grid.restricted(y, fit, null)
        above = np.zeros(sets)
        for _ in range(samples):
            simulated = mean + design.grid.noise(index, rng.standard_normal(y.shape))
            above += design.statistic(simulated) >= observed - 1e-9
        p = np.maximum(p, (above + 1) / (samples + 1))
    return [tested("range test", truth, studies, tau, p <= ALPHA, ALPHA)]


def mcp_mod(studies: int, tau: float, sets: int = 1000) -> list[Row]:
    """Generalised MCP-Mod across a route, no effect at any dose."""
    rng = generator(SEED, "mcp_mod", str(studies), str(tau))
    contrasts, settings = trials(studies, rng), MODELS["mcp_mod"]
    chosen = candidates(settings["candidates"])
    rejected = []
    for y in drawn(contrasts, np.zeros(studies), tau, sets, rng):
        data, _ = placebo_adjusted(contrasts.with_effects(y))
        means = np.stack([candidate.mean(data.dose, data.largest) for candidate in chosen])
        optimal = optimal_contrasts(means, data.covariance, data.against_placebo)
        result = contrast_test(data, optimal, settings["alpha"])
        rejected.append(result.p_value.min() <= settings["alpha"])
    name = "MCP-Mod across a route"
    return [tested(name, "no effect", studies, tau, np.array(rejected), settings["alpha"])]


def route_test(studies: int, sets: int = 1000, permutations: int = 999) -> list[Row]:
    """Rank-sum permutation, as many trials by each of two routes, doses tied as registered ones are."""
    rng = generator(SEED, "route", str(studies))
    outcomes = []
    for _ in range(sets):
        doses = rng.choice(np.arange(8.0, 12.5, 0.5), 2 * studies)
        outcomes.append(rank_sum_test(doses[:studies], doses[studies:], permutations, rng)[:2])
    p, smallest = np.array(outcomes).T
    if (smallest > ALPHA).all():
        return [silent("route test", "one distribution", studies, 0.0, "can't reject at this size")]
    return [tested("route test", "one distribution", studies, 0.0, p <= ALPHA, ALPHA)]


def pooled(studies: int, tau: float, sets: int = 1000) -> list[Row]:
    """REML with the guarded Knapp–Hartung interval."""
    rng = generator(SEED, "pooled", str(studies), str(tau))
    inside = []
    for _ in range(sets):
        variance = 2 / rng.integers(8, 60, studies)
        result = pool(0.4 + rng.standard_normal(studies) * np.sqrt(variance + tau**2), variance)
        inside.append(result.low <= 0.4 <= result.high)
    return [covered("pooled effect", "mean 0.4", studies, tau, np.array(inside))]


def peak_sets(studies: int, tau: float, width: float, sets: int = 400, samples: int = 199) -> list[Row]:
    """Width and dose of a peak of height 0.8, where an effect is shown (else none is given).

    A set without an end covers on that side.
    """
    rng = generator(SEED, "peak", str(studies), str(tau), str(width))
    share = MODELS["range_share_of_peak"]
    contrasts = trials(studies, rng)
    design = range_design(contrasts)
    spread = spread_of_width(width, share)
    y = drawn(contrasts, 0.8 * np.exp(-0.5 * ((contrasts.x - PEAK) / spread) ** 2), tau, sets, rng)
    shown = [each for each in y if effect_test(design, each, samples, rng) <= ALPHA]
    found = [peak_range(design, each, share, 1 - ALPHA, samples, rng) for each in shown]
    ends = {
        "width of the range": (width, [(each.low, each.high) for each in found]),
        "dose of the peak": (PEAK, [(each.peak_low, each.peak_high) for each in found]),
    }
    rows = []
    for method, (value, pairs) in ends.items():
        low, high = np.array(pairs).T
        inside = ~(low > value) & ~(high < value)
        note = f"; {np.mean(np.isnan(high)):.0%} open above"
        rows.append(covered(method, f"width {width:g}", studies, tau, inside, note))
    return rows


def curves(studies: int, truth: str, tau: float, sets: int = 500) -> list[Row]:
    """The model-averaged dose–response curve, where the truth is flat, Emax or a peak of height 0.8."""
    rng = generator(SEED, "curves", str(studies), truth, str(tau))
    contrasts = trials(studies, rng)
    if truth == "peak":
        mean = 0.8 * np.exp(-0.5 * ((contrasts.x - PEAK) / 0.3) ** 2)
    else:
        mean = NULL_CURVES[truth](contrasts.x)
    return [averaged_curve(contrasts, truth, mean, drawn(contrasts, mean, tau, sets, rng), tau)]


def tasks() -> Iterator[tuple]:
    """What is simulated, the longest first."""
    for studies, arms, rate, tau in product((20, 10, 5, 3), ("large", "small"), ("common", RARE), TAUS):
        yield odds_ratios, studies, tau, arms, rate
        yield proportions, studies, tau, arms, rate
    yield from ((halves_added, *of) for of in product((10, 20), TAUS, ("small", "large"), (0.4, -1.2)))
    yield from ((three_level, *of) for of in product((5, 10, 20), (0.6, 0.9)))
    yield from ((target_dose, *of) for of in product(("continuous", "binary"), TRIAL_CURVES, (4, 5)))
    yield from ((trial_test, *of) for of in product(("continuous", "binary"), (3, 4, 5)))
    yield from ((curves, *of) for of in product((6, 10, 20), ("flat", "Emax", "peak"), (0.3,)))
    for tau in (0.0, 0.3):
        for studies in (10, 20):
            yield from ((peak_sets, studies, tau, width) for width in (0.5, 1.0))
        for truth in NULL_CURVES:
            yield from ((range_test, studies, truth, tau) for studies in (3, 5, 6, 10, 20))
        yield from ((mcp_mod, studies, tau) for studies in SIZES)
    for studies in SIZES:
        yield route_test, studies
        yield from ((pooled, studies, tau) for tau in TAUS)


def run(task: tuple) -> list[Row]:
    """One task, in a process of its own."""
    function, *arguments = task
    return function(*arguments)


def main() -> None:
    """Simulate and write the table."""
    with Pool(2) as processes:
        rows = [row for rows in processes.imap(run, tasks()) for row in rows]
    order = list(WHAT)
    rows.sort(key=lambda row: (order.index(row.method), row.truth, row.heterogeneity, row.studies))
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Row._fields)
        for row in rows:
            writer.writerow([f"{v:.4g}" if isinstance(v, float) else v for v in row])
    print(TABLE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
