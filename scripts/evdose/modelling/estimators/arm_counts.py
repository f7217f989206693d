"""Logistic regression of event counts of arms on dose, with a level of its own for each study.

Penalised likelihood (Firth 1993) where the data separate and the likelihood has no finite maximum.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from firthmodels import FirthLogisticRegression, detect_separation
from scipy.optimize import brentq, minimize
from scipy.special import chdtrc, chdtri, expit
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from evdose.modelling.estimators.dose_contrasts import DOSE_DECIMALS

# Tighter, and rounding stops its line search; the penalised likelihood is exact to 12 digits already.
_CONVERGED = {"gtol": 1e-6, "xtol": 1e-6, "max_iter": 500}


class FirthFit(NamedTuple):
    """Coefficients (k,), the intercept last, with standard errors (inverse Fisher information).

    Interval and p-value are of the penalised profile likelihood; ``log_likelihood`` is the penalised one.
    """

    coefficients: np.ndarray
    se: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    log_likelihood: float


@dataclass(frozen=True)
class ArmSlope:
    """Change of the log odds of the event per unit of dose, at equal study.

    ``separated``: maximum likelihood has no finite estimate, so that it is Firth's. ``studies`` tell of the
    slope: they have events and non-events, and several doses. Interval by the profile (penalised) likelihood,
    p-value by its ratio.
    """

    slope: float
    low: float
    high: float
    p_value: float
    separated: bool
    studies: int


@dataclass(frozen=True)
class _Likelihood:
    """Log likelihood of ``y`` (N,) given ``x`` (N, k) with counts ``weight``; Firth's where ``penalised``."""

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    penalised: bool

    def at(self, beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Value, score (k,) and Fisher information (k, k)."""
        eta = self.x @ beta
        p = expit(eta)
        spread = self.weight * p * expit(-eta)
        information = (self.x.T * spread) @ self.x
        value = float(self.weight @ (self.y * eta - np.logaddexp(0, eta)))
        pull = self.weight * (self.y - p)
        if self.penalised:
            q, r = np.linalg.qr(self.x * np.sqrt(spread)[:, None])
            with np.errstate(divide="ignore"):  # a likelihood of 0 where all is certain
                value += float(np.log(np.abs(np.diag(r))).sum())
            pull = pull + np.sum(q**2, axis=1) * (0.5 - p)
        return value, self.x.T @ pull, information

    def drop(self, beta: np.ndarray, j: int, fixed: float) -> float:
        """Twice what the maximum at ``beta`` loses when coefficient ``j`` is held at ``fixed``."""
        highest, _, information = self.at(beta)
        rest = np.arange(len(beta)) != j
        start = beta.copy()
        start[j] = fixed
        if not rest.any():
            return 2 * (highest - self.at(start)[0])
        # Along the ridge of the information the others follow the one that is held.
        start[rest] -= np.linalg.solve(information[np.ix_(rest, rest)], information[rest, j]) * (
            fixed - beta[j]
        )

        def descent(others: np.ndarray) -> tuple[float, np.ndarray]:
            point = start.copy()
            point[rest] = others
            value, score, _ = self.at(point)
            return -value, -score[rest]

        found = minimize(descent, start[rest], jac=True, method="BFGS", options={"gtol": 1e-8})
        return 2 * (highest + float(found.fun))

    def profile(self, beta: np.ndarray, j: int, confidence: float) -> tuple[float, float, float]:
        """Profile interval of coefficient ``j`` and the likelihood-ratio p-value that it is 0."""
        step, rise = 1 / np.sqrt(self.at(beta)[2][j, j]), chdtri(1, 1 - confidence)

        def end(side: int) -> float:
            near, far, width = beta[j], beta[j] + side * step, step
            while self.drop(beta, j, far) < rise:
                width *= 2
                near, far = far, far + side * width
            return float(brentq(lambda b: self.drop(beta, j, b) - rise, near, far, xtol=1e-9))

        return end(-1), end(1), float(chdtrc(1, max(0.0, self.drop(beta, j, 0.0))))


def firth_logistic(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None, confidence: float = 0.95
) -> FirthFit:
    """Firth's logistic regression of ``y`` (N,) 0 or 1 on ``x`` (N, k - 1) and an intercept.

    Jeffreys' prior penalises the likelihood by half the log determinant of the information (Firth 1993);
    interval and p-value from the penalised profile likelihood (Heinze and Schemper 2002). ``weight`` (N,)
    counts participants alike.

    Raises:
        ValueError: all ``y`` are equal, columns depend on one another, or the algorithm doesn't converge.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    likelihood, beta = _firth(x, y, np.ones(len(y)) if weight is None else np.asarray(weight, float))
    value, _, information = likelihood.at(beta)
    profiles = np.array([likelihood.profile(beta, j, confidence) for j in range(len(beta))])
    return FirthFit(beta, np.sqrt(np.diag(np.linalg.inv(information))), *profiles.T, value)


def arm_slope(
    events: np.ndarray, n: np.ndarray, x: np.ndarray, study: np.ndarray, confidence: float = 0.95
) -> ArmSlope:
    """Slope of the log odds per unit of ``x`` over arms, from ``events`` of ``n`` participants in each.

    Model: logit P(event) = a[study] + slope · x, binomial. Only arms within a study are compared; one slope
    for all studies. Studies with one dose, without events or with nothing else say nothing of the slope and
    are left out. Separation by linear programming (Konis 2007).

    Raises:
        ValueError: counts that aren't counts, or no study that tells of a slope.
    """
    events, n, x, study = (np.asarray(values) for values in (events, n, x, study))
    if not len(events) == len(n) == len(x) == len(study):
        raise ValueError("an arm has events, participants, a dose and a study")
    if (events < 0).any() or (events > n).any() or (n <= 0).any() or not np.isfinite(x).all():
        raise ValueError("events lie between 0 and the participants of an arm, and doses are finite")
    telling = np.array([_tells(events, n, x, study == code) for code in study], bool)
    if not telling.any():
        raise ValueError("no study with several doses has both events and non-events")
    events, n, x, study = events[telling], n[telling], x[telling], study[telling]
    level = np.equal.outer(study, np.unique(study)).astype(float)[:, 1:]  # the first is the intercept
    design = np.tile(np.column_stack([x - x.mean(), level]), (2, 1))
    outcome, counts = np.repeat([1.0, 0.0], len(x)), np.r_[events, n - events].astype(float)
    seen = counts > 0
    design, outcome, counts = design[seen], outcome[seen], counts[seen]
    separated = bool(detect_separation(design, outcome).separation)
    likelihood, beta = (_firth if separated else _maximum_likelihood)(design, outcome, counts)
    low, high, p_value = likelihood.profile(beta, 0, confidence)
    return ArmSlope(float(beta[0]), low, high, p_value, separated, level.shape[1] + 1)


def _firth(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[_Likelihood, np.ndarray]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            model = FirthLogisticRegression(backend="numpy", **_CONVERGED).fit(x, y, sample_weight=weight)
        except (RuntimeWarning, UserWarning, np.linalg.LinAlgError) as error:
            raise ValueError(f"Firth's regression has no estimate: {error}") from None
    likelihood = _Likelihood(np.column_stack([x, np.ones(len(y))]), y, weight, penalised=True)
    return likelihood, np.r_[model.coef_, model.intercept_]


def _maximum_likelihood(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[_Likelihood, np.ndarray]:
    likelihood = _Likelihood(np.column_stack([x, np.ones(len(y))]), y, weight, penalised=False)
    fit = GLM(y, likelihood.x, Binomial(), freq_weights=weight).fit(tol=1e-12, maxiter=200)
    return likelihood, fit.params


def _tells(events: np.ndarray, n: np.ndarray, x: np.ndarray, arms: np.ndarray) -> bool:
    total = events[arms].sum()
    return len(np.unique(x[arms].round(DOSE_DECIMALS))) > 1 and 0 < total < n[arms].sum()
