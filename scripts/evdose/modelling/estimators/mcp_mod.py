"""MCP-Mod: contrasts that suit candidate dose–response shapes, tested together; then the shapes, fitted.

Bretz, Pinheiro and Branson (2005, Biometrics 61:738); for estimates with any covariance, Pinheiro et al.
(2014, Stat Med 33:1646).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evdose.modelling.estimators.dose_estimates import DoseEstimates
from evdose.modelling.estimators.dose_model_fit import DoseFit, aic, fit_dose_model, refit
from evdose.modelling.estimators.dose_models import Shape
from evdose.modelling.estimators.multivariate_t import LargestOf

_MOST_TABLES = 20_000  # arms that have more are large enough to reject


@dataclass(frozen=True)
class Candidate:
    """A shape with guesses of the parameters that give it its form; for the quadratic, b2 / b1."""

    name: str
    shape: Shape
    guesses: Sequence[float] = ()

    def mean(self, dose: np.ndarray, largest: float) -> np.ndarray:
        """(K,) effect over dose zero, up to a positive factor."""
        quadratic = self.shape.name == "quadratic"
        linear, theta = ((1.0, *self.guesses), ()) if quadratic else ((1.0,), tuple(self.guesses))
        return self.shape.effect(dose, linear, theta, largest)


@dataclass(frozen=True)
class ContrastTest:
    """One-sided tests of m contrasts: (m,) statistics and adjusted p-values, (m, m) correlation of the
    statistics, and the critical value of the largest at the level asked for."""

    statistic: np.ndarray
    p_value: np.ndarray
    correlation: np.ndarray
    critical_value: float


def optimal_contrasts(means: np.ndarray, covariance: np.ndarray, against_placebo: bool = False) -> np.ndarray:
    """(m, K) contrasts with the most power for each of ``means`` (m, K), of length 1 (Bretz et al. 2005).

    Proportional to S⁻¹(μ − μ̄) with μ̄ the mean weighted by S⁻¹; for estimates that are differences from
    placebo, to S⁻¹μ, whose elements need not sum to zero.

    Raises:
        ValueError: a candidate that is flat over these doses.
    """
    weighted = np.linalg.solve(covariance, np.asarray(means, float).T).T
    if not against_placebo:
        row_sums = np.linalg.solve(covariance, np.ones(len(covariance)))
        weighted = weighted - np.outer(weighted.sum(axis=1) / row_sums.sum(), row_sums)
    length = np.linalg.norm(weighted, axis=1, keepdims=True)
    if not (length > 1e-12 * np.abs(np.linalg.solve(covariance, np.asarray(means, float).T)).max()).all():
        raise ValueError("a candidate is flat over these doses: no contrast can show it")
    return weighted / length


def contrast_test(data: DoseEstimates, contrasts: np.ndarray, alpha: float) -> ContrastTest:
    """Test of no positive contrast, by the joint t distribution of the statistics (normal: infinite df)."""
    k = len(data.dose)
    covariance = contrasts @ data.covariance[:k, :k] @ contrasts.T
    variance = np.diag(covariance)
    statistic = contrasts @ data.estimate[:k] / np.sqrt(data.residual_variance * variance)
    correlation = covariance / np.sqrt(np.outer(variance, variance))
    largest = LargestOf(correlation, data.df)
    p_value = np.array([largest.exceeds(value) for value in statistic])
    return ContrastTest(statistic, p_value, correlation, largest.critical_value(alpha))


def smallest_p_value(n: np.ndarray, dose: np.ndarray, candidates: Sequence[Candidate]) -> float | None:
    """Adjusted p-value at the counts of events, among all that arms of sizes ``n`` can have, that most favour
    a candidate (logits as in ``dose_shares``); None where they are too many to go through."""
    n = np.asarray(n, int)
    if np.prod(n + 1.0) > _MOST_TABLES:
        return None
    events = np.stack(np.meshgrid(*(np.arange(size + 1) for size in n), indexing="ij"), axis=-1)
    share = (events.reshape(-1, len(n)) + 0.5) / (n + 1)
    weight, logit = n * share * (1 - share), np.log(share / (1 - share))
    largest = np.full(len(share), -np.inf)
    for candidate in candidates:
        mean = candidate.mean(dose, float(np.max(dose)))
        contrast = weight * (mean - (weight @ mean / weight.sum(axis=1))[:, None])
        statistic = np.sum(contrast * logit, axis=1) / np.sqrt(np.sum(contrast**2 / weight, axis=1))
        largest = np.maximum(largest, statistic)
    best = int(np.argmax(largest))
    data = DoseEstimates(dose, logit[best], np.diag(1 / weight[best]))
    means = np.stack([candidate.mean(data.dose, data.largest) for candidate in candidates])
    return float(contrast_test(data, optimal_contrasts(means, data.covariance), 0.05).p_value.min())


@dataclass(frozen=True)
class TargetDose:
    """Smallest dose with the target share of the largest effect, and its percentile interval.

    Not numbers where the curve has no effect above zero; no interval where so many bootstrap replicates have
    none that its level can't be held.
    """

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class McpMod:
    """Contrast test of m candidates and the models of those with a signal.

    ``signal`` (m,): p-value at most alpha. ``fits``, ``weights`` (Akaike) and ``targets`` by name of the
    shape, a model once however many candidates share it. ``average``: target dose over the models, weighted
    on the logarithm of the dose; None without a model.
    """

    test: ContrastTest
    signal: np.ndarray
    fits: dict[str, DoseFit]
    weights: dict[str, float]
    targets: dict[str, TargetDose]
    average: TargetDose | None


def mcp_mod(
    data: DoseEstimates,
    candidates: Sequence[Candidate],
    *,
    alpha: float,
    target_share: float,
    confidence: float,
    samples: int,
    rng: np.random.Generator,
) -> McpMod:
    """Test the candidates together, one-sided at ``alpha``; fit the shapes with a signal; find target doses.

    Interval: percentiles of a parametric bootstrap of the estimates at the doses (``samples`` draws from
    their normal distribution), every shape fitted and weighted anew in each. That of the averaged dose is
    over the doses of all models, each counted by its weight in its replicate: the spread of an average would
    be blind to how much the models differ. The choice of shapes is taken as given. A shape with more
    parameters than dose levels is tested but not fitted.

    Raises:
        ValueError: a candidate that is flat over these doses.
    """
    k = len(data.dose)
    means = np.stack([candidate.mean(data.dose, data.largest) for candidate in candidates])
    test = contrast_test(data, optimal_contrasts(means, data.covariance[:k, :k], data.against_placebo), alpha)
    signal = test.p_value <= alpha
    shapes = {
        candidate.shape.name: candidate.shape
        for candidate, seen in zip(candidates, signal, strict=True)
        if seen and data.levels >= len(candidate.shape.parameters) - data.against_placebo
    }
    fits = {name: fit_dose_model(data, shape) for name, shape in shapes.items()}
    if not fits:
        return McpMod(test, signal, {}, {}, {}, None)
    weights = akaike_weights(np.array([fit.aic for fit in fits.values()]))
    found = np.array([fit.effective_dose(target_share) for fit in fits.values()])
    drawn, drawn_weights = _bootstrap(data, list(shapes.values()), target_share, samples, rng)
    alone = np.ones(samples)
    targets = [_target(*each, alone, confidence) for each in zip(found, drawn, strict=True)]
    together = _target(_average(found, weights), drawn.ravel(), drawn_weights.ravel(), confidence)
    by_name = (dict(zip(fits, values, strict=True)) for values in (weights.tolist(), targets))
    return McpMod(test, signal, fits, *by_name, together)


def akaike_weights(criteria: np.ndarray) -> np.ndarray:
    """Weights (m, ...) of models by their Akaike criteria (Buckland, Burnham and Augustin 1997)."""
    weight = np.exp(-(criteria - criteria.min(axis=0)) / 2)
    return weight / weight.sum(axis=0)


def _bootstrap(
    data: DoseEstimates, shapes: Sequence[Shape], target_share: float, samples: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Target doses and Akaike weights (shapes, samples) of replicates of the estimates."""
    factor = np.linalg.cholesky(data.residual_variance * data.covariance)
    normals = rng.standard_normal((samples, len(data.estimate)))
    estimates = data.estimate[:, None] + factor @ normals.T
    doses, criteria = [], []
    for shape in shapes:
        linear, theta, criterion = refit(data, shape, estimates)
        doses.append(shape.effective_dose(target_share, linear, theta, data.largest))
        covariates = len(data.estimate) - len(data.dose)
        parameters = len(shape.parameters) - data.against_placebo + covariates
        criteria.append(aic(data, criterion, parameters))
    return np.array(doses), akaike_weights(np.array(criteria))


def _average(doses: np.ndarray, weights: np.ndarray) -> float:
    """Weighted geometric mean over the models that have a target dose; not a number where none has."""
    known = np.isfinite(doses)
    if not known.any():
        return np.nan
    return float(np.exp(np.average(np.log(doses[known]), weights=weights[known])))


def _target(estimate: float, drawn: np.ndarray, weights: np.ndarray, confidence: float) -> TargetDose:
    """Percentile interval of the replicates, each counted by its weight."""
    tail, known = (1 - confidence) / 2, np.isfinite(drawn)
    share = np.sum(weights[known]) / np.sum(weights)
    if not np.isfinite(estimate) or share < 1 - tail:
        return TargetDose(float(estimate), np.nan, np.nan)
    low, high = np.quantile(drawn[known], [tail, 1 - tail], weights=weights[known], method="inverted_cdf")
    return TargetDose(float(estimate), float(low), float(high))
