"""What must hold for MCP-Mod of any data: order, units, scale, names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdose.modelling.dose_groups import dose_groups
from evdose.modelling.effects import find_effects
from evdose.modelling.estimators.dose_estimates import DoseEstimates
from evdose.modelling.estimators.dose_model_fit import fit_dose_model
from evdose.modelling.estimators.dose_models import SHAPES
from evdose.modelling.estimators.multivariate_t import LargestOf
from evdose.modelling.mcp_mod_trials import mcp_mod
from published_studies import MODELS, evidence, several

QUICK = MODELS | {"bootstrap_samples": 19}
NUMBERS = ["statistic", "critical_value", "p_value", "weight", "target_dose_log10", "low", "high"]
DOSE = np.array([0, 0.1, 0.3, 0.6, 1.0])
SOME = settings(max_examples=30, deadline=None)
FEW = settings(max_examples=5, deadline=None)  # with tables made and checked

means = st.lists(st.floats(-3, 3).map(lambda value: round(value, 2)), min_size=4, max_size=4)
loadings = st.lists(
    st.lists(st.integers(-3, 3), min_size=3, max_size=3).filter(any), min_size=1, max_size=6
).map(lambda rows: np.array(rows, float) / np.linalg.norm(rows, axis=1, keepdims=True))


def trial(values, shift=0.0, study="Study2020"):
    score = {"outcome": "score", "outcome_domain": "function score", "kind": "continuous", "sd": 1.0, "n": 12}
    rows = [score | {"arm": arm, "mean": mean} for arm, mean in zip((4, 1, 2, 3), values, strict=True)]
    arms = {"doses": [8.0 + shift, 9.0 + shift, 9.5 + shift]}
    return evidence(*rows, roles="eeec", study=study, arms=arms, direction="higher is better")


def table(found, groups=()):
    return mcp_mod(found, list(groups), QUICK, 1)


def groups(found):
    return dose_groups(find_effects(found, QUICK))


@FEW
@given(st.lists(means, min_size=3, max_size=3), st.permutations(range(12)))
def test_the_order_of_the_rows_changes_nothing(values, order):
    found = several(*(trial(of_one, study=f"S{i}") for i, of_one in enumerate(values)))
    other = found.iloc[list(order)].reset_index(drop=True)
    pd.testing.assert_frame_equal(table(found, groups(found)), table(other, groups(other)))


@FEW
@given(means)
def test_names_of_arms_change_nothing(values):
    found = trial(values)
    pd.testing.assert_frame_equal(table(found), table(found.assign(label=found["label"] + " anew")))


@FEW
@given(means)
def test_a_billion_times_the_particles_move_the_target_dose_only(values):
    small, large = table(trial(values)), table(trial(values, shift=9.0))
    moved = ["target_dose_log10", "low", "high"]
    for name in NUMBERS:
        expected = small[name] + (9.0 if name in moved else 0.0)
        assert large[name].to_numpy(float) == pytest.approx(expected.to_numpy(float), rel=1e-6, nan_ok=True)


@FEW
@given(means, st.floats(0.01, 100))
def test_the_unit_of_the_outcome_changes_nothing(values, unit):
    found = trial(values)
    other = table(found.assign(mean=found["mean"] * unit, sd=found["sd"] * unit))
    one = table(found)
    for name in NUMBERS:
        expected = pytest.approx(one[name].to_numpy(float), rel=1e-4, abs=1e-9, nan_ok=True)
        assert other[name].to_numpy(float) == expected


@SOME
@given(
    st.sampled_from(list(SHAPES)), st.lists(st.floats(-1, 1), min_size=5, max_size=5), st.floats(1e-9, 1e12)
)
def test_the_unit_of_the_dose_changes_no_fit(name, y, unit):
    covariance = np.diag([1.0, 2, 1, 2, 1])
    one, other = (
        fit_dose_model(DoseEstimates(dose, y, covariance), SHAPES[name]) for dose in (DOSE, DOSE * unit)
    )
    assert other.criterion == pytest.approx(one.criterion, rel=1e-4, abs=1e-8)
    assert other.effect(DOSE * unit) == pytest.approx(one.effect(DOSE), abs=2e-3)


@SOME
@given(st.sampled_from(list(SHAPES)), st.lists(st.floats(-1, 1), min_size=5, max_size=5))
def test_no_curve_fits_worse_than_a_flat_one_or_better_than_the_means(name, y):
    fit = fit_dose_model(DoseEstimates(DOSE, y, np.eye(5)), SHAPES[name])
    assert -1e-12 <= fit.criterion <= np.var(y) * 5 + 1e-9


@SOME
@given(loadings, st.floats(-3, 5), st.sampled_from([2, 20, np.inf]), st.randoms(use_true_random=False))
def test_the_largest_of_statistics_depends_on_no_order_and_respects_its_bounds(rows, bound, df, random):
    order = random.sample(range(len(rows)), len(rows))
    tail = LargestOf(rows @ rows.T, df).exceeds(bound)
    assert LargestOf(rows[order] @ rows[order].T, df).exceeds(bound) == pytest.approx(tail, abs=1e-8)
    single = LargestOf(np.eye(1), df).exceeds(bound)
    assert single - 1e-8 <= tail <= min(1.0, len(rows) * single) + 1e-8


@SOME
@given(loadings, st.floats(-2, 4), st.floats(0.01, 1))
def test_a_higher_bound_is_exceeded_less_often(rows, bound, step):
    largest = LargestOf(rows @ rows.T, 5)
    assert largest.exceeds(bound + step) <= largest.exceeds(bound) + 1e-9
