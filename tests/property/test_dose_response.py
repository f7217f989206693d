"""Dose and response: order, names and units change no estimate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dosed_studies import counted, effects_of, scored
from evdose.modelling.dose_groups import dose_groups
from evdose.modelling.dose_response import dose_response, dose_response_curves
from evdose.modelling.estimators.arm_counts import arm_slope
from evdose.modelling.estimators.dose_contrasts import DoseContrasts
from evdose.modelling.estimators.dose_response_fit import akaike_weights, fit_shapes
from published_studies import MODELS

FEWER = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NUMBERS = ["slope", "low", "high", "p_value", "tau2", "log_likelihood", "aicc", "weight"]
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def contrasts(draw):
    """Eight to twelve studies of one or two arms, effects of any form."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    arms = rng.integers(1, 3, draw(st.integers(8, 12)))
    study = np.repeat(np.arange(len(arms)), arms)
    variance = rng.uniform(0.02, 0.2, len(study))
    shared = np.equal.outer(study, study) * 0.01
    form = draw(st.sampled_from([lambda x: 0 * x, lambda x: x - 10, lambda x: np.exp(-((x - 10) ** 2))]))
    x = rng.uniform(8, 12, len(study)).round(2)
    y = form(x) + rng.normal(0, 0.3, len(arms))[study] + rng.normal(0, np.sqrt(variance))
    return DoseContrasts(x, y, np.diag(variance) + shared, study)


def study_tables():
    rng = np.random.default_rng(5)
    scores = [
        scored(f"S{i}", list(doses), list(5 + rng.normal(1, 0.8, len(doses))))
        for i, doses in enumerate([[9.0, 10.0], [8.5, 10.5], [9.2], [11.0], [10.1], [8.1, 9.9]])
    ]
    return [*scores, counted("B0", [9.0, 10.0], [9, 4]), counted("B1", [9.0, 11.0], [20, 0], control=12)]


EFFECTS = effects_of(*study_tables())
FIRST = dose_response(dose_groups(EFFECTS), EFFECTS, MODELS)
CURVES = dose_response_curves(dose_groups(EFFECTS), MODELS)
STUDY_IDS = sorted(EFFECTS["study_id"].unique())


def estimates(table: pd.DataFrame) -> np.ndarray:
    return table[NUMBERS].to_numpy(float)


@FEW
@given(contrasts(), st.randoms(use_true_random=False))
def test_the_order_of_arms_and_studies_changes_no_curve(data, random):
    order = list(range(len(data.y)))
    random.shuffle(order)
    codes = list(range(100))
    random.shuffle(codes)
    other = DoseContrasts(
        data.x[order], data.y[order], data.covariance[np.ix_(order, order)], np.take(codes, data.study[order])
    )
    doses = np.linspace(data.x.min(), data.x.max(), 7)
    one, two = fit_shapes(data), fit_shapes(other)
    assert list(one) == list(two)
    for name, fit in one.items():
        assert two[name].log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-7)
        assert two[name].curve(doses) == pytest.approx(fit.curve(doses), abs=1e-3)
        assert two[name].tau2 == pytest.approx(fit.tau2, abs=1e-4)
    weights = [akaike_weights(list(fits.values())) for fits in (one, two)]
    assert weights[0] == pytest.approx(weights[1], abs=1e-6)


@FEW
@given(contrasts(), st.sampled_from([-9.0, 3.0]))
def test_another_unit_of_dose_moves_the_places_only(data, shift):
    other = DoseContrasts(data.x + shift, data.y, data.covariance, data.study)
    again = fit_shapes(other)
    for name, fit in fit_shapes(data).items():
        moved = again[name]
        assert moved.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-7)
        place = np.array([label in ("x50", "mu") for label in fit.names]) * shift
        doses = np.linspace(data.x.min(), data.x.max(), 7)
        assert moved.curve(doses + shift) == pytest.approx(fit.curve(doses), abs=1e-3)
        if not fit.at_bound and fit.identified.all():
            assert moved.coefficients - place == pytest.approx(fit.coefficients, abs=1e-3)
        if "b1" in fit.names:
            assert moved.centre == pytest.approx(fit.centre + shift)


@FEW
@given(contrasts(), st.sampled_from([-1.0, 0.5, 40.0]))
def test_another_unit_of_effect_scales_the_curve(data, factor):
    other = DoseContrasts(data.x, factor * data.y, factor**2 * data.covariance, data.study)
    doses = np.linspace(data.x.min(), data.x.max(), 7)
    again = fit_shapes(other)
    for name, fit in fit_shapes(data).items():
        scaled = again[name]
        assert scaled.curve(doses) / factor == pytest.approx(fit.curve(doses), abs=1e-3)
        assert scaled.tau2 / factor**2 == pytest.approx(fit.tau2, abs=1e-4)
        drop = len(data.y) * np.log(abs(factor))
        assert scaled.log_likelihood + drop == pytest.approx(fit.log_likelihood, abs=1e-6)


@FEWER
@given(st.permutations(range(len(EFFECTS))))
def test_the_order_of_effects_changes_no_row(order):
    shuffled = EFFECTS.iloc[order].reset_index(drop=True)
    groups = dose_groups(shuffled)
    pd.testing.assert_frame_equal(dose_response(groups, shuffled, MODELS), FIRST)
    pd.testing.assert_frame_equal(dose_response_curves(groups, MODELS), CURVES)


@FEWER
@given(st.permutations([f"study {i}" for i in range(len(STUDY_IDS))]), st.integers(1, 50))
def test_names_of_studies_and_numbers_of_arms_change_no_number(names, more):
    known = dict(zip(STUDY_IDS, names, strict=True))
    renamed = EFFECTS.assign(
        study_id=EFFECTS["study_id"].map(known).astype("string"),
        arm=more + 100 - EFFECTS["arm"],
        comparator_arm=EFFECTS["comparator_arm"] + more,
        label="renamed",
    )
    found = dose_response(dose_groups(renamed), renamed, MODELS)
    keys = ["basis", "stratum", "measure", "outcome_domain", "sensitivity", "shape", "status", "needs"]
    pd.testing.assert_frame_equal(found[keys], FIRST[keys])
    assert estimates(found) == pytest.approx(estimates(FIRST), rel=1e-4, abs=1e-5, nan_ok=True)


@FEW
@given(
    st.lists(st.tuples(st.integers(0, 6), st.floats(8, 12), st.integers(0, 2)), min_size=2, max_size=7),
    st.randoms(use_true_random=False),
)
def test_arm_counts_have_a_finite_interval_about_the_slope_or_are_refused(arms, random):
    events, x, study = (np.array(values) for values in zip(*arms, strict=True))
    x = x.round(1)
    try:
        found = arm_slope(events, np.full(len(x), 6), x, study)
    except ValueError as error:
        assert "no study with several doses" in str(error)
        return
    assert np.isfinite([found.low, found.high]).all()
    assert found.low < found.slope < found.high
    assert (found.low > 0 or found.high < 0) == (found.p_value < 0.05)
    order = list(range(len(x)))
    random.shuffle(order)
    again = arm_slope(events[order], np.full(len(x), 6), x[order] - 9, 7 - study[order])
    assert (again.slope, again.low, again.high) == pytest.approx(
        (found.slope, found.low, found.high), rel=1e-4, abs=1e-4
    )
    assert again.separated == found.separated
