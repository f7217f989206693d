"""Covariance of the log relative risks of one study, whose exposed groups all share one reference group.

Arrays hold one value a group, the reference group first with log relative risk 0; ``n`` is participants
(``cc``: cases and controls together; ``ci``) or person-time (``ir``). Relative risks may be adjusted: the
counts then don't give them back, and each method first finds counts that do.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq, root
from scipy.special import expit, logit

DESIGNS = ("cc", "ci", "ir")  # case-control, cumulative incidence, incidence rate
_XTOL = 1e-13
_EXACT = 1e-9


def pseudo_cases(log_rr: np.ndarray, cases: np.ndarray, n: np.ndarray, design: str) -> np.ndarray:
    """Cases of each group that have the reported total and the (adjusted) relative risks.

    Greenland & Longnecker, Am J Epidemiol 1992;135:1301. ``ir``: cases in proportion to n · RR. ``cc`` and
    ``ci``: one root for the log odds of the reference group, as the total rises with it; ``ci`` takes the
    relative risks as odds ratios here, as dosresmeta 2.2.0 does.

    Raises:
        ValueError: lengths differ, a number is out of range, or ``design`` is none of ``DESIGNS``.
    """
    log_rr, cases, n = _checked(log_rr, cases, n, design)
    total = cases.sum()
    if design == "ir":
        expected = n * np.exp(log_rr)
        return total * expected / expected.sum()
    middle = logit(total / n.sum())
    bounds = middle - log_rr.max(), middle - log_rr.min()
    if bounds[1] - bounds[0] < _XTOL:
        return n * total / n.sum()
    reference = brentq(lambda a: n @ expit(a + log_rr) - total, *bounds, xtol=_XTOL)
    return n * expit(reference + log_rr)


def greenland_longnecker(
    log_rr: np.ndarray, variance: np.ndarray, cases: np.ndarray, n: np.ndarray, design: str
) -> np.ndarray:
    """Covariance matrix (J - 1, J - 1) of the log relative risks of the J - 1 exposed groups.

    Correlations come from the pseudo-counts, the diagonal from the reported variances (Greenland &
    Longnecker 1992). A group adds 1/A + 1/B (``cc``; B without the event), 1/A - 1/n (``ci``) or 1/A (``ir``)
    to the variance of a comparison; the part of the reference group is what two comparisons share.

    Raises:
        ValueError: as :func:`pseudo_cases`, or a variance of an exposed group isn't positive.
    """
    events, n = pseudo_cases(log_rr, cases, n, design), np.asarray(n, float)
    se = np.sqrt(_exposed_variance(variance, log_rr))
    part = 1 / events + {"cc": 1 / (n - events), "ci": -1 / n, "ir": np.zeros_like(n)}[design]
    spread = np.sqrt(part[0] + part[1:])
    correlation = part[0] / np.outer(spread, spread)
    np.fill_diagonal(correlation, 1.0)
    return correlation * np.outer(se, se)


def hamling(log_rr: np.ndarray, variance: np.ndarray, cases: np.ndarray, n: np.ndarray) -> np.ndarray:
    """The same for a case-control study by Hamling et al., Stat Med 2008;27:954.

    Effective counts give back the odds ratios and the variances exactly, and keep two ratios of the reported
    counts: unexposed among the controls, and cases to controls. Every two comparisons then share
    1/A₀ + 1/B₀.

    Raises:
        ValueError: as :func:`greenland_longnecker`, the reference group lacks cases or controls, or no such
            counts are found.
    """
    log_rr, cases, n = _checked(log_rr, cases, n, "cc")
    variance = _exposed_variance(variance, log_rr)
    controls = n - cases
    if cases[0] <= 0 or controls[0] <= 0:
        raise ValueError("the reference group needs both cases and controls")
    wanted = np.log([controls[0] / controls.sum(), cases.sum() / controls.sum()])

    def distance(shares: np.ndarray) -> np.ndarray:
        """``shares`` (log odds): of the smallest variance that is shared, and of it that is due to A₀."""
        shared, of_cases = expit(shares)
        shared *= variance.min()
        a, b = 1 / (shared * of_cases), 1 / (shared * (1 - of_cases))
        ratio = np.exp(log_rr[1:]) * a / b
        exposed_a, exposed_b = ((1 + r) / (variance - shared) for r in (ratio, 1 / ratio))
        all_a, all_b = a + exposed_a.sum(), b + exposed_b.sum()
        return np.log([b / all_b, all_a / all_b]) - wanted

    events = pseudo_cases(log_rr, cases, n, "cc")
    part = 1 / events + 1 / (n - events)
    share = min(np.mean(variance * part[0] / (part[0] + part[1:])) / variance.min(), 0.99)
    start = share, 1 / events[0] / part[0]
    with np.errstate(all="ignore"):  # shares that reach 0 or 1 on the way
        found = root(distance, logit(start), tol=_XTOL)
    if not np.abs(found.fun).max() <= _EXACT:
        raise ValueError("no effective counts give back these odds ratios and variances")
    shared = variance.min() * expit(found.x[0])
    return np.diag(variance - shared) + shared


def _checked(log_rr: np.ndarray, cases: np.ndarray, n: np.ndarray, design: str) -> tuple[np.ndarray, ...]:
    log_rr, cases, n = (np.asarray(values, float) for values in (log_rr, cases, n))
    if design not in DESIGNS:
        raise ValueError(f"design {design!r} is none of {', '.join(DESIGNS)}")
    if not log_rr.shape == cases.shape == n.shape or log_rr.ndim != 1 or len(log_rr) < 2:
        raise ValueError("a study needs two or more groups, each with a log relative risk, cases and n")
    if not (np.isfinite(log_rr).all() and np.isfinite(cases).all() and np.isfinite(n).all()):
        raise ValueError("log relative risks, cases and n must be finite")
    most = np.inf if design == "ir" else n.sum()
    if log_rr[0] != 0 or (cases < 0).any() or (n <= 0).any() or not 0 < cases.sum() < most:
        raise ValueError(
            "the reference group (log relative risk 0) stands first; n is above 0, cases are within it"
        )
    return log_rr, cases, n


def _exposed_variance(variance: np.ndarray, log_rr: np.ndarray) -> np.ndarray:
    variance = np.asarray(variance, float)
    if variance.shape != np.shape(log_rr) or not (np.isfinite(variance[1:]) & (variance[1:] > 0)).all():
        raise ValueError("every exposed group needs a variance above 0")
    return variance[1:]
