"""Dose–response meta-analysis of studies that compare several doses with one reference dose.

Stage one: in each study, generalised least squares of the effects on the dose, through the reference dose,
where the effect is 0 by definition. Stage two: random-effects pooling of the coefficients. Greenland &
Longnecker, Am J Epidemiol 1992;135:1301; Orsini, Bellocco & Greenland, Stata J 2006;6:40; Crippa & Orsini,
J Stat Softw 2016;72(c1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from evdose.modelling.estimators.multivariate_meta import MultivariateMeta, Study, multivariate_meta

Basis = Callable[[np.ndarray], np.ndarray]  # doses (J,) -> columns (J, p)


@dataclass(frozen=True)
class DoseStudy:
    """A study: ``dose`` (J,) with the reference dose first, and the effects of the other doses against it.

    ``effect`` (J - 1,) and its ``covariance`` (J - 1, J - 1) within the study.
    """

    dose: np.ndarray
    effect: np.ndarray
    covariance: np.ndarray

    def against(self, basis: Basis) -> Study:
        """The study as a regression through the reference dose."""
        columns = basis(np.asarray(self.dose, float))
        return Study(self.effect, columns[1:] - columns[0], self.covariance)


class Curve(NamedTuple):
    """Effects at doses against the reference dose, with pointwise Wald limits."""

    effect: np.ndarray
    low: np.ndarray
    high: np.ndarray


def linear(dose: np.ndarray) -> np.ndarray:
    """Columns (J, 1): the dose."""
    return np.asarray(dose, float)[:, None]


def quadratic(dose: np.ndarray) -> np.ndarray:
    """Columns (J, 2): the dose and its square."""
    return np.asarray(dose, float)[:, None] ** [1, 2]


def restricted_cubic_spline(knots: Sequence[float]) -> Basis:
    """Basis of cubic splines that are straight beyond the outer of m knots: m - 1 columns.

    Columns in the scaling of Harrell, *Regression Modeling Strategies*, 2nd ed. 2015, eq. 2.24, over the
    squared distance of the outer knots.

    Raises:
        ValueError: fewer than three knots, or they don't rise.
    """
    t = np.asarray(knots, float)
    if len(t) < 3 or not (np.diff(t) > 0).all():
        raise ValueError("a restricted cubic spline needs three or more knots, each above the one before")

    def basis(dose: np.ndarray) -> np.ndarray:
        x = np.asarray(dose, float)[:, None]
        cube = np.maximum(x - t, 0.0) ** 3
        towards_last = (t[-1] - t[:-2]) / (t[-1] - t[-2])
        towards_next = (t[-2] - t[:-2]) / (t[-1] - t[-2])
        bent = cube[:, :-2] - cube[:, -2:-1] * towards_last + cube[:, -1:] * towards_next
        return np.hstack([x, bent / (t[-1] - t[0]) ** 2])

    return basis


def trend(study: DoseStudy, basis: Basis) -> MultivariateMeta:
    """Stage one: coefficients of one study (generalised least squares).

    Raises:
        ValueError: the doses of the study don't determine the coefficients.
    """
    return multivariate_meta([study.against(basis)], "fixed")


def two_stage(studies: Sequence[DoseStudy], basis: Basis, method: str = "reml") -> MultivariateMeta:
    """Coefficients of each study, pooled (``method`` as in :func:`multivariate_meta`).

    Raises:
        ValueError: a study alone doesn't determine the coefficients, or as :func:`multivariate_meta`.
    """
    trends = [trend(study, basis) for study in studies]
    return multivariate_meta(
        [Study(t.coefficients, np.eye(len(t.coefficients)), t.covariance) for t in trends], method
    )


def one_stage(studies: Sequence[DoseStudy], basis: Basis, method: str = "reml") -> MultivariateMeta:
    """All effects in one mixed model; also studies with fewer doses than coefficients.

    Crippa et al., Stat Methods Med Res 2019;28:1579. Where every study determines the coefficients it gives
    those of :func:`two_stage`, with a likelihood that counts the effects.
    """
    return multivariate_meta([study.against(basis) for study in studies], method)


def predict(
    fit: MultivariateMeta, basis: Basis, doses: np.ndarray, reference: float = 0.0, confidence: float = 0.95
) -> Curve:
    """Pooled effect at ``doses`` against ``reference``; the exponential of it is a relative risk."""
    columns = basis(np.append(reference, doses))
    columns = columns[1:] - columns[0]
    effect = columns @ fit.coefficients
    spread = -ndtri((1 - confidence) / 2) * np.sqrt(
        np.einsum("ij,jk,ik->i", columns, fit.covariance, columns)
    )
    return Curve(effect, effect - spread, effect + spread)
