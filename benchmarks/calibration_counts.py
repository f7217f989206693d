"""Coverage of what is pooled from counts: proportions, and odds ratios with nothing or one half added."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from calibration_rows import MODELS, SEED, SIZES, TAUS, Row, covered
from scipy.special import expit, logit

from evdose.modelling.estimators.binomial_normal import pool_proportions
from evdose.modelling.estimators.effect_size import Counts, log_odds_ratio
from evdose.modelling.estimators.hypergeometric_normal import pool_odds_ratios, tables
from evdose.modelling.estimators.pooling import pool
from evdose.modelling.rare_events import leans
from evdose.modelling.synthesis import FEW_IN_A_CELL
from evdose.randomness import generator

ARMS = {"small": (8, 40), "large": (50, 800)}  # participants: smallest, and one more than the largest
COMMON = (0.1, 0.4)  # of the control arm: drawn evenly for each study
RARE = 0.03
TYPICAL = {"common": 0.25, RARE: RARE}  # share of a typical study
EFFECT = 0.4  # mean log odds ratio under the conditional model


class Fit(NamedTuple):
    """Whether an interval holds the truth, and whether its row carries a warning."""

    inside: bool
    warned: bool


def proportions(studies: int, tau: float, arms: str, rate: str | float) -> list[Row]:
    """Binomial model with a normal random intercept of SD ``tau`` about a typical share."""
    rng = generator(SEED, "proportions", str(studies), str(tau), arms, str(rate))
    truth = TYPICAL[rate]

    def fit() -> Fit:
        n = _sizes(studies, arms, rng)
        events = rng.binomial(n, expit(logit(truth) + tau * rng.standard_normal(studies)))
        found = pool_proportions(events, n, MODELS["confidence"])
        return Fit(found.low <= truth <= found.high, warned=False)

    return [_row("pooled proportion", f"{truth:.0%}, {arms} arms", studies, tau, _sets(studies, tau), fit)]


def odds_ratios(studies: int, tau: float, arms: str, rate: str | float) -> list[Row]:
    """Conditional logistic model; the random effect, of SD ``tau``, acts on the treated."""
    rng = generator(SEED, "odds_ratios", str(studies), str(tau), arms, str(rate))

    def fit() -> Fit:
        treated, control = _two_arms(studies, tau, arms, rate, EFFECT, rng)
        seen = tables(treated.events, treated.n, control.events, control.n)
        if len(seen.count) < MODELS["min_studies_pooling"]:
            raise ValueError("too few informative studies")
        found = pool_odds_ratios(seen, MODELS["confidence"])
        return Fit(found.low <= EFFECT <= found.high, leans(found.tau2, treated, control))

    return [
        _row("conditional odds ratio", f"{_rates(rate)}, {arms} arms", studies, tau, _sets(studies, tau), fit)
    ]


def halves_added(studies: int, tau: float, arms: str, effect: float, sets: int = 1000) -> list[Row]:
    """REML on log odds ratios, 0.5 added to the cells of a study where one is empty; 10 % in controls."""
    rng = generator(SEED, "halves_added", str(studies), str(tau), arms, str(effect))

    def fit() -> Fit:
        treated, control = _two_arms(studies, tau, arms, 0.1, effect, rng)
        odds = log_odds_ratio(treated, control)
        known = np.isfinite(odds.estimate)
        if known.sum() < MODELS["min_studies_pooling"]:
            raise ValueError("too few studies with an odds ratio")
        found = pool(odds.estimate[known], odds.variance[known], confidence=MODELS["confidence"])
        cells = np.array([cell for arm in (treated, control) for cell in (arm.events, arm.n - arm.events)])
        warned = bool((cells[:, known] < FEW_IN_A_CELL).any())
        return Fit(found.low <= effect <= found.high, warned)

    truth = f"10% in controls, log odds ratio {effect:g}, {arms} arms"
    return [_row("odds ratio with 0.5 added", truth, studies, tau, sets, fit)]


def _row(method: str, truth: str, studies: int, tau: float, sets: int, fit: Callable[[], Fit]) -> Row:
    """Coverage among ``sets`` fits that aren't refused (of at most three times as many data sets)."""
    fits, drawn = [], 0
    while len(fits) < sets and drawn < 3 * sets:
        drawn += 1
        try:
            fits.append(fit())
        except ValueError:
            continue
    inside, warned = np.array(fits).T
    note = f"; {1 - len(fits) / drawn:.0%} refused"
    if method != "pooled proportion":
        note += f"; {warned.mean():.0%} of the rows warn"
    return covered(method, truth, studies, tau, inside, note)


def _sets(studies: int, tau: float) -> int:
    """Most where intervals are known to cover least: many studies that differ."""
    if tau == 0:
        return 300
    return 1000 if (studies, tau) == (SIZES[-1], TAUS[-1]) else 400


def _two_arms(
    studies: int, tau: float, arms: str, rate: str | float, effect: float, rng: np.random.Generator
) -> tuple[Counts, Counts]:
    n_treated, n_control = _sizes(studies, arms, rng), _sizes(studies, arms, rng)
    of_control = rng.uniform(*COMMON, studies) if rate == "common" else np.full(studies, rate)
    log_odds = logit(of_control) + effect + tau * rng.standard_normal(studies)
    treated = Counts(rng.binomial(n_treated, expit(log_odds)), n_treated)
    return treated, Counts(rng.binomial(n_control, of_control), n_control)


def _sizes(studies: int, arms: str, rng: np.random.Generator) -> np.ndarray:
    """Participants, evenly on the logarithm."""
    return np.exp(rng.uniform(*np.log(ARMS[arms]), studies)).astype(int)


def _rates(rate: str | float) -> str:
    return "10-40% in controls" if rate == "common" else f"{rate:.0%} in controls"
