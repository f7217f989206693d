"""Calibration of models of several effects a study, of one trial's doses, and of the averaged curve."""

from __future__ import annotations

from functools import partial

import numpy as np
from calibration_rows import LEAST_COVERAGE, MODELS, SEED, Row, covered, tested
from scipy.linalg import block_diag
from scipy.special import expit, logit

from evdose.modelling.dependent_effects import CORRELATION
from evdose.modelling.estimators.cluster_robust import cluster_robust
from evdose.modelling.estimators.dose_contrasts import DoseContrasts
from evdose.modelling.estimators.dose_estimates import DoseEstimates, dose_means, dose_shares
from evdose.modelling.estimators.dose_response_fit import average_curve, fit_shapes
from evdose.modelling.estimators.mcp_mod import contrast_test, mcp_mod, optimal_contrasts
from evdose.modelling.estimators.multilevel import fit_multilevel
from evdose.modelling.mcp_mod_trials import candidates
from evdose.randomness import generator

# Doses of a trial as shares of the largest, by number of dose levels, dose zero among them.
DOSES = {3: [0, 0.2, 1], 4: [0, 0.1, 0.3, 1], 5: [0, 0.05, 0.2, 0.5, 1]}
HEIGHT = 1.5  # of the best dose of a trial over dose zero, in standard deviations (or in logits)
TRIAL_CURVES = {
    "Emax": lambda d: 1.2 * d / (0.2 + d),
    "peak": lambda d: np.exp(-0.5 * (np.log10(np.maximum(d, 1e-9) / 0.4) / 0.4) ** 2),
}
FEWEST_DF = 4  # below which a row of the three-level model warns
NAMED = ("peak", "Emax")  # whose averaged curve the rows warn of
BETWEEN, WITHIN = 0.3, 0.2  # standard deviations of the three-level model


def three_level(studies: int, correlation: float, sets: int = 500) -> list[Row]:
    """CR2 about a mean of 0.4; ``correlation`` of a study's outcomes, whatever the model assumes."""
    rng = generator(SEED, "three_level", str(studies), str(correlation))
    inside, few = [], []
    for _ in range(sets):
        effects = rng.integers(1, 5, studies)
        study = np.repeat(np.arange(studies), effects)
        variance = 2 / rng.integers(8, 60, studies)
        true, assumed = (_alike(effects, variance, r) for r in (correlation, CORRELATION))
        n = len(study)
        y = 0.4 + BETWEEN * rng.standard_normal(studies)[study] + WITHIN * rng.standard_normal(n)
        y += np.linalg.cholesky(true) @ rng.standard_normal(n)
        try:
            model = fit_multilevel(y, assumed, {"study": study, "effect": np.arange(n)})
        except ValueError:  # no study with several effects
            continue
        robust = cluster_robust(y, model.covariance, study, confidence=MODELS["confidence"])
        inside.append(robust.low[0] <= 0.4 <= robust.high[0])
        few.append(robust.df[0] < FEWEST_DF)
    note = f"; {np.mean(few):.0%} of the rows warn"
    truth = f"outcomes correlate {correlation:g}, assumed {CORRELATION:g}"
    return [covered("three-level model", truth, studies, BETWEEN, np.array(inside), note)]


def _alike(effects: np.ndarray, variance: np.ndarray, r: float) -> np.ndarray:
    """Sampling covariance, correlation ``r`` within a study."""
    blocks = (v * (r + (1 - r) * np.eye(n)) for n, v in zip(effects, variance, strict=True))
    return block_diag(*blocks)


def trial_test(kind: str, levels: int, sets: int = 1500) -> list[Row]:
    """MCP-Mod of a trial without any effect; binary outcomes at 30 %."""
    rng = generator(SEED, "trial_test", kind, str(levels))
    dose, alpha = np.array(DOSES[levels]), MODELS["mcp_mod"]["alpha"]
    chosen = candidates(MODELS["mcp_mod"]["candidates"])
    means = np.stack([candidate.mean(dose, 1.0) for candidate in chosen])
    rejected = []
    for _ in range(sets):
        data = _trial(kind, dose, np.zeros(levels), rng)
        result = contrast_test(data, optimal_contrasts(means, data.covariance), alpha)
        rejected.append(result.p_value.min() <= alpha)
    truth = f"no effect, {kind}, {levels} arms"
    return [tested("MCP-Mod of a trial", truth, 1, 0.0, np.array(rejected), alpha)]


def target_dose(kind: str, curve: str, levels: int, samples: int = 299) -> list[Row]:
    """Averaged target dose, where there is a signal and an interval: more seldom in binary outcomes."""
    sets = {"continuous": 400, "binary": 1000}[kind]
    rng = generator(SEED, "target_dose", kind, curve, str(levels))
    settings, dose = MODELS["mcp_mod"], np.array(DOSES[levels])
    fine = np.linspace(0, 1, 10_001)
    height = TRIAL_CURVES[curve](fine)
    truth = fine[np.argmax(height >= settings["target_share"] * height.max())]
    response = HEIGHT * TRIAL_CURVES[curve](dose)
    model = partial(
        mcp_mod,
        candidates=candidates(settings["candidates"]),
        alpha=settings["alpha"],
        target_share=settings["target_share"],
        confidence=MODELS["confidence"],
        samples=samples,
        rng=rng,
    )
    found = [model(_trial(kind, dose, response, rng)).average for _ in range(sets)]
    given = [target for target in found if target is not None and np.isfinite(target.low)]
    inside = np.array([target.low <= truth <= target.high for target in given])
    note = f"; {1 - len(given) / sets:.0%} without an interval; the rows warn"
    return [covered("target dose of a trial", f"{curve}, {kind}, {levels} doses", 1, 0.0, inside, note)]


def _trial(kind: str, dose: np.ndarray, effect: np.ndarray, rng: np.random.Generator) -> DoseEstimates:
    """Arms of 10 to 25; ``effect`` in standard deviations or logits."""
    n = rng.integers(10, 26, len(dose))
    if kind == "binary":
        return dose_shares(rng.binomial(n, expit(logit(0.3) + effect)), n, dose)
    responses = [rng.standard_normal(size) + mean for size, mean in zip(n, effect, strict=True)]
    mean, sd = (np.array([f(values) for values in responses]) for f in (np.mean, partial(np.std, ddof=1)))
    return dose_means(mean, sd, n, dose)


def averaged_curve(contrasts: DoseContrasts, truth: str, mean: np.ndarray, y: np.ndarray, tau: float) -> Row:
    """Interval of the averaged curve about ``mean`` (N,) in data sets ``y`` (sets, N), dose by dose.

    Coverage is that at the dose where it is lowest, as a reader looks at single doses; the note has the mean.
    """
    inside = []
    for each in y:
        fits = list(fit_shapes(contrasts.with_effects(each)).values())
        _, low, high = average_curve(fits, contrasts.x, MODELS["confidence"])
        inside.append((low <= mean) & (mean <= high))
    by_dose = np.mean(inside, axis=0)
    worst = int(np.argmin(by_dose))
    note = f" at its worst dose; {by_dose.mean():.3f} over all doses"
    if by_dose[worst] < LEAST_COVERAGE:
        note += "; the rows say so" if truth in NAMED else f"; the rows name {' and '.join(NAMED)} only"
    return covered("averaged curve", truth, contrasts.studies, tau, np.array(inside)[:, worst], note)
