"""Two-stage dose–response meta-analysis: known curves come back, invariances, refusals, reference sets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdose.modelling.estimators.greenland_longnecker import greenland_longnecker
from evdose.modelling.estimators.two_stage import (
    DoseStudy,
    linear,
    one_stage,
    predict,
    quadratic,
    restricted_cubic_spline,
    trend,
    two_stage,
)
from places import REFERENCE

SPLINE = restricted_cubic_spline([1.0, 4.0, 9.0])
DOSES = [np.array([0.0, 1.0, 3.0, 8.0]), np.array([2.0, 0.0, 5.0, 9.0]), np.array([0.5, 2.0, 6.0, 12.0])]


def study(dose, curve, seed=0, noise=0.0):
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.05, 0.2, len(dose) - 1)
    covariance = np.diag(v) + 0.03
    effect = (curve(dose) - curve(dose[:1]))[1:] + noise * rng.normal(size=len(v))
    return DoseStudy(dose, effect, covariance)


def noisy(seed):
    return [study(dose, lambda x: 0.2 * x - 0.01 * x**2, seed + i, 0.4) for i, dose in enumerate(DOSES * 2)]


@pytest.mark.parametrize("basis", [linear, quadratic, SPLINE])
@pytest.mark.parametrize("pooled", [two_stage, one_stage])
def test_a_curve_without_noise_comes_back(basis, pooled):
    true = np.array([0.3, -0.02])[: basis(np.zeros(1)).shape[1]]
    fit = pooled([study(dose, lambda x: basis(x) @ true) for dose in DOSES], basis)
    assert fit.coefficients == pytest.approx(true, rel=1e-6)
    doses = np.array([0.0, 2.0, 7.0])
    assert predict(fit, basis, doses, reference=2.0).effect == pytest.approx(
        (basis(doses) - basis(np.array([2.0]))) @ true, rel=1e-6
    )


def test_stage_one_is_weighted_least_squares_through_the_reference():
    dose, effect, covariance = (
        np.array([1.0, 2.0, 4.0]),
        np.array([0.4, 0.7]),
        np.array([[0.2, 0.05], [0.05, 0.1]]),
    )
    fit = trend(DoseStudy(dose, effect, covariance), linear)
    x, precision = np.array([1.0, 3.0]), np.linalg.inv(covariance)
    assert fit.coefficients[0] == pytest.approx(x @ precision @ effect / (x @ precision @ x))
    assert fit.se[0] == pytest.approx((x @ precision @ x) ** -0.5)


def test_one_study_gives_the_printed_criteria():
    """AIC and BIC as dosresmeta's vignette prints them for its case-control example."""
    half_widths = np.log([1.26999998092651, 1.85000002384186, 2.50999999046326])
    half_widths -= np.log([0.509999990463257, 0.730000019073486, 0.990000009536743])
    log_rr = np.array([0, -0.223143536413049, 0.148419976343617, 0.451075652769189])
    variance = np.r_[0, half_widths / (2 * 1.959963984540054)] ** 2
    covariance = greenland_longnecker(log_rr, variance, [165, 74, 90, 122], [337, 167, 186, 212], "cc")
    fit = trend(DoseStudy([0, 2, 6, 11], log_rr[1:], covariance), linear)
    assert round(fit.aic, 4) == 0.4330
    assert round(fit.bic, 4) == -0.4684


def test_one_stage_and_two_stages_agree_where_each_study_knows_the_curve():
    studies = noisy(3)
    for basis in (linear, quadratic):
        one, two = one_stage(studies, basis), two_stage(studies, basis)
        assert one.coefficients == pytest.approx(two.coefficients, rel=1e-5)
        assert one.se == pytest.approx(two.se, rel=1e-5)
        assert one.psi == pytest.approx(two.psi, rel=1e-3, abs=1e-8)


def test_a_study_with_one_dose_needs_one_stage_for_a_curve():
    short = DoseStudy(np.array([0.0, 3.0]), np.array([0.5]), np.array([[0.1]]))
    with pytest.raises(ValueError, match="don't determine"):
        two_stage([*noisy(1), short], quadratic)
    assert one_stage([*noisy(1), short], quadratic).observations == 19


def test_intervals_are_nothing_at_the_reference_and_widen_with_confidence():
    fit = two_stage(noisy(2), quadratic)
    doses = np.array([0.0, 1.0, 9.0])
    usual, wide = predict(fit, quadratic, doses), predict(fit, quadratic, doses, confidence=0.99)
    assert usual.low[0] == usual.effect[0] == usual.high[0] == 0
    assert (wide.low[1:] < usual.low[1:]).all()
    assert (wide.high[1:] > usual.high[1:]).all()


def test_splines_are_smooth_and_straight_beyond_the_outer_knots():
    x = np.linspace(-3, 14, 1701)
    curve = SPLINE(x)[:, 1]
    bend = np.gradient(np.gradient(curve, x), x)[2:-2]
    outside = (x[2:-2] < 0.9) | (x[2:-2] > 9.1)
    assert np.abs(bend[outside]).max() < 1e-8
    assert np.abs(np.diff(bend)).max() < 2e-3


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 100), order=st.permutations(range(6)), unit=st.sampled_from([1e-10, 1e-3, 1e9]))
def test_order_and_units_change_no_prediction(seed, order, unit):
    studies = noisy(seed)
    levels = np.array([2, 0, 1])
    moved = [
        DoseStudy(
            np.r_[s.dose[0], s.dose[1:][levels]] * unit,
            s.effect[levels],
            s.covariance[np.ix_(levels, levels)],
        )
        for s in (studies[i] for i in order)
    ]
    doses = np.array([1.0, 5.0, 11.0])
    for basis, scaled in (
        (linear, linear),
        (SPLINE, restricted_cubic_spline(np.array([1.0, 4.0, 9.0]) * unit)),
    ):
        plain = predict(two_stage(studies, basis), basis, doses)
        again = predict(two_stage(moved, scaled), scaled, doses * unit)
        for ours, theirs in zip(plain, again, strict=True):
            assert ours == pytest.approx(theirs, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("knots", [[1, 2], [1, 2, 2], [3, 2, 1]])
def test_knots_that_make_no_spline_are_refused(knots):
    with pytest.raises(ValueError, match="three or more knots"):
        restricted_cubic_spline(knots)


def test_doses_that_are_all_the_reference_are_refused():
    with pytest.raises(ValueError, match="don't determine"):
        trend(DoseStudy(np.ones(3), np.ones(2), np.eye(2)), linear)


@pytest.mark.usefixtures("reference")
@pytest.mark.parametrize(
    ("name", "person_time"),
    [
        *(("alcohol_lc", "peryears"), ("coffee_cancer", "n"), ("coffee_cvd", "n"), ("coffee_mort", "n")),
        *(("coffee_stroke", "n"), ("fish_ra", "n"), ("milk_mort", "n"), ("alcohol_esoph", "n")),
    ],
)
def test_the_other_reference_sets_give_finite_curves_that_ml_and_reml_agree_on(name, person_time):
    studies = []
    for _, rows in pd.read_csv(REFERENCE / "reference" / f"{name}.csv").groupby("id"):
        log_rr, cases, n = (rows[column].to_numpy(float) for column in ("logrr", "cases", person_time))
        variance = rows["se"].fillna(0).to_numpy() ** 2
        order = np.argsort(variance > 0, kind="stable")
        covariance = greenland_longnecker(
            log_rr[order], variance[order], cases[order], n[order], rows["type"].iloc[0]
        )
        studies.append(DoseStudy(rows["dose"].to_numpy()[order], log_rr[order][1:], covariance))
    top = max(study.dose.max() for study in studies)
    for basis in (linear, quadratic):
        reml, ml = one_stage(studies, basis), one_stage(studies, basis, "ml")
        for fit in (reml, ml):
            assert np.isfinite(predict(fit, basis, np.array([top / 2, top]))).all()
            assert np.linalg.eigvalsh(fit.covariance)[0] > 0
            assert fit.q_df == sum(len(study.effect) for study in studies) - len(fit.coefficients)
        assert (np.abs(reml.coefficients - ml.coefficients) < reml.se).all()
        assert np.diag(ml.psi) @ reml.se**-2 <= np.diag(reml.psi) @ reml.se**-2 + 1e-6
