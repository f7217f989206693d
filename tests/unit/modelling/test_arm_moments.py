"""Means and SDs of two arms: which of the printed numbers are used, and what counts as an estimate."""

from __future__ import annotations

import pytest
from scipy import stats

from evdose.modelling.arm_moments import moments_of_arms
from published_studies import evidence

CONTROL = {"arm": 2, "mean": 10.0, "sd": 2.0, "n": 12}
SCORE = {"outcome": "score", "outcome_domain": "function score", "kind": "continuous"}


def moments(arm: dict, control: dict = CONTROL):
    rows = evidence({"n": 10} | arm, {"arm": 2, "n": 12} | control, roles="ec", **SCORE)
    return moments_of_arms(*rows.to_dict("records"))


@pytest.mark.parametrize(
    ("printed", "sd", "how"),
    [
        ({"mean": 8.0, "sd": 3.0}, 3.0, ""),
        ({"mean": 8.0, "se": 0.5}, 0.5 * 10**0.5, "standard error"),
        (
            {"mean": 8.0, "ci_low": 7.0, "ci_high": 9.0},
            10**0.5 / stats.t.isf(0.025, 9),
            "interval of the mean",
        ),
        ({"mean": 8.0, "sd": 3.0, "se": 0.5, "ci_low": 7.0, "ci_high": 9.0}, 3.0, ""),
        ({"mean": 8.0, "sd": 3.0, "median": 7.0, "q1": 6.0, "q3": 8.0}, 3.0, ""),
    ],
)
def test_printed_numbers_and_algebra_are_no_estimates(printed, sd, how):
    arm, control = moments(printed)
    assert (arm.mean, arm.sd, arm.estimated) == (8.0, pytest.approx(sd), False)
    assert how in arm.how and bool(arm.how) == bool(how)
    assert control.numbers == "10 (SD 2, n 12)"


def test_a_t_statistic_gives_both_arms_the_pooled_sd():
    arm, control = moments({"mean": 8.0, "t_value": -2.0}, {"mean": 10.0})
    assert arm.sd == control.sd == pytest.approx(1 / (1 / 10 + 1 / 12) ** 0.5)
    assert not arm.estimated and not control.estimated
    assert "t -2, pooled SD" in control.numbers


def test_of_a_p_value_nobody_knows_which_test_it_is_from():
    p = 2 * stats.t.sf(2.0, 20)
    arm, control = moments({"mean": 8.0, "p_value": p, "p_value_against": "control"}, {"mean": 10.0})
    assert arm.sd == control.sd == pytest.approx(1 / (1 / 10 + 1 / 12) ** 0.5)
    assert arm.estimated and control.estimated
    assert "assumed to be of a t test" in arm.how


@pytest.mark.parametrize(
    "p_value",
    [
        {"p_value": 0.01, "p_value_against": "baseline"},
        {"p_value": 0.01},
        {"p_value": 0.01, "p_value_against": "control", "p_value_is_bound": True},
        {"p_value": 0.0, "p_value_against": "control"},
        {"p_value": 1.0, "p_value_against": "control"},
    ],
)
def test_a_p_value_of_something_else_gives_no_sd(p_value):
    assert moments({"mean": 8.0} | p_value, {"mean": 10.0}) is None


def test_a_median_with_quartiles_is_an_estimate_beside_a_printed_control():
    arm, control = moments({"median": 8.0, "q1": 7.0, "q3": 9.0})
    assert (arm.mean, arm.estimated, control.estimated) == (pytest.approx(8.0), True, False)
    assert arm.numbers.startswith("median 8 (quartiles 7 to 9, n 10; mean 8, SD 1.")
    assert "roughly normal" in arm.how


@pytest.mark.parametrize(
    "printed",
    [
        {"mean": 8.0},
        {"median": 8.0},
        {"mean": 8.0, "sd": 0.0},
        {"mean": 8.0, "sd": 3.0, "n": 1},
        {"mean": 8.0, "minimum": 1.0, "maximum": 9.0},  # its symmetry can't be tested without the median
        {"mean": 8.0, "ci_low": 7.9, "ci_high": 20.0},
        {"median": 4.1, "q1": 4.0, "q3": 9.0, "n": 40},
        {"median": 8.0, "q1": 7.0, "q3": 9.0, "n": 4},
    ],
)
def test_what_does_not_suffice_gives_nothing(printed):
    assert moments(printed) is None
