"""Pseudo-counts and covariances of log relative risks: what they must give back, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdose.modelling.estimators.greenland_longnecker import (
    DESIGNS,
    greenland_longnecker,
    hamling,
    pseudo_cases,
)
from places import REFERENCE

LOG_RR = np.array([0.0, -0.4, 0.3])
VARIANCE = np.array([np.nan, 0.05, 0.08])
CASES = np.array([30.0, 25.0, 20.0])
N = np.array([200.0, 260.0, 120.0])
# Names of the columns of log relative risk, standard error, cases and n in the reference sets.
SETS = {
    "alcohol_lc": ("logrr", "se", "cases", "peryears"),
    "alcohol_crc": ("logrr", "se", "cases", "peryears"),
    "alcohol_cvd": ("logrr", "se", "cases", "n"),
    "alcohol_esoph": ("logrr", "se", "cases", "n"),
    "bmi_rc": ("logor", "se_logor", "case", "n"),
    "coffee_cancer": ("logrr", "se", "cases", "n"),
    "coffee_cvd": ("logrr", "se", "cases", "n"),
    "coffee_mort": ("logrr", "se", "cases", "n"),
    "coffee_stroke": ("logrr", "se", "cases", "n"),
    "fish_ra": ("logrr", "se", "cases", "n"),
    "milk_mort": ("logrr", "se", "cases", "n"),
    "milk_ov": ("logrr", "se", "case", "n"),
    "oc_breast": ("logor", "se", "cases", "n"),
    "process_bc": ("logrr", "se", "cases", "n"),
    "red_bc": ("logrr", "se", "cases", "n"),
}


def relative_risks(events, n, design):
    risk = events / n if design == "ir" else events / (n - events)
    return np.log(risk / risk[0])


@st.composite
def studies(draw):
    groups = draw(st.integers(2, 6))
    numbers = st.lists(st.floats(0.1, 0.9), min_size=groups, max_size=groups)
    n = np.array(draw(st.lists(st.integers(10, 10**6), min_size=groups, max_size=groups)), float)
    log_rr = np.r_[0.0, np.array(draw(numbers))[1:] * 4 - 2]
    variance = np.array(draw(numbers)) * draw(st.floats(1e-4, 10))
    return log_rr, variance, np.array(draw(numbers)) * n, n


@pytest.mark.parametrize("design", DESIGNS)
@given(study=studies())
def test_pseudo_counts_keep_the_total_and_the_relative_risks(design, study):
    log_rr, _, cases, n = study
    events = pseudo_cases(log_rr, cases, n, design)
    assert events.sum() == pytest.approx(cases.sum(), rel=1e-9)
    assert (events > 0).all()
    assert relative_risks(events, n, design) == pytest.approx(log_rr, abs=1e-8)


@pytest.mark.parametrize("design", DESIGNS)
@given(study=studies())
def test_the_covariance_keeps_the_reported_variances_and_is_positive_definite(design, study):
    log_rr, variance, cases, n = study
    covariance = greenland_longnecker(log_rr, variance, cases, n, design)
    assert np.diag(covariance) == pytest.approx(variance[1:], rel=1e-12)
    assert np.array_equal(covariance, covariance.T)
    assert np.linalg.eigvalsh(covariance / np.sqrt(np.outer(variance[1:], variance[1:])))[0] > 0


@pytest.mark.parametrize("design", DESIGNS)
def test_the_order_of_the_exposed_groups_only_moves_rows(design):
    study = np.array([[0.0, -0.4, 0.3, 0.9], [0, 0.05, 0.08, 0.1], [30, 25, 20, 9], [200, 260, 120, 50]])
    other = [0, 3, 1, 2]
    covariance = greenland_longnecker(*study, design)
    moved = greenland_longnecker(*study[:, other], design)
    back = np.array(other[1:]) - 1
    assert moved == pytest.approx(covariance[np.ix_(back, back)], rel=1e-10)


def test_crude_relative_risks_give_back_the_crude_counts():
    for design in DESIGNS:
        crude = relative_risks(CASES, N, design)
        assert pseudo_cases(crude, CASES, N, design) == pytest.approx(CASES, rel=1e-10)


def test_crude_odds_ratios_share_the_variance_of_the_reference_group():
    crude, controls = relative_risks(CASES, N, "cc"), N - CASES
    shared = 1 / CASES[0] + 1 / controls[0]
    variance = 1 / CASES + 1 / controls + shared
    for covariance in (
        greenland_longnecker(crude, variance, CASES, N, "cc"),
        hamling(crude, variance, CASES, N),
    ):
        assert covariance[0, 1] == pytest.approx(shared, rel=1e-9)


def test_person_time_may_be_in_any_unit():
    years = greenland_longnecker(LOG_RR, VARIANCE, CASES, N, "ir")
    assert greenland_longnecker(LOG_RR, VARIANCE, CASES, N * 365.25, "ir") == pytest.approx(years, rel=1e-12)


def test_a_group_without_cases_of_its_own_is_no_obstacle():
    covariance = greenland_longnecker(LOG_RR, VARIANCE, np.array([30.0, 45.0, 0.0]), N, "cc")
    assert np.linalg.eigvalsh(covariance)[0] > 0


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"design": "cohort"}, "none of cc, ci, ir"),
        (
            {"log_rr": LOG_RR[:1], "variance": VARIANCE[:1], "cases": CASES[:1], "n": N[:1]},
            "two or more groups",
        ),
        ({"n": N[:2]}, "each with a log relative risk"),
        ({"log_rr": LOG_RR + 0.1}, "reference group"),
        ({"log_rr": np.array([0, np.inf, 1])}, "finite"),
        ({"cases": np.array([30.0, -1.0, 2.0])}, "cases are within it"),
        ({"cases": CASES * 0}, "cases are within it"),
        ({"cases": N}, "cases are within it"),
        ({"n": N * [1, 0, 1]}, "n is above 0"),
        ({"variance": VARIANCE * [1, 0, 1]}, "variance above 0"),
        ({"variance": VARIANCE * [1, np.nan, 1]}, "variance above 0"),
    ],
)
def test_hostile_numbers_are_refused(broken, message):
    study = {"log_rr": LOG_RR, "variance": VARIANCE, "cases": CASES, "n": N, "design": "cc"} | broken
    with pytest.raises(ValueError, match=message):
        greenland_longnecker(**study)


@given(study=studies())
def test_hamling_shares_one_number_below_every_variance(study):
    log_rr, variance, cases, n = study
    covariance = hamling(log_rr, variance, cases, n)
    assert np.diag(covariance) == pytest.approx(variance[1:], rel=1e-12)
    shared = covariance[~np.eye(len(covariance), dtype=bool)]
    assert ((shared > 0) & (shared <= variance[1:].min()) & (shared == shared.max(initial=0.0))).all()


def test_hamling_needs_both_cases_and_controls_in_the_reference_group():
    with pytest.raises(ValueError, match="both cases and controls"):
        hamling(LOG_RR, VARIANCE, np.array([0.0, 25.0, 20.0]), N)


@pytest.mark.usefixtures("reference")
@pytest.mark.parametrize("name", SETS)
def test_every_study_of_the_reference_sets(name):
    table = pd.read_csv(REFERENCE / "reference" / f"{name}.csv")
    without = []  # counts
    for _, study in table.groupby("id"):
        log_rr, se, cases, n = (study[column].to_numpy(float) for column in SETS[name])
        reference = np.flatnonzero((np.nan_to_num(se) == 0) & (log_rr == 0))
        if not np.isfinite(np.r_[cases, n]).all():
            without.append(study)
            continue
        order = np.r_[reference, np.delete(np.arange(len(se)), reference)]
        log_rr, se, cases, n = (values[order] for values in (log_rr, se, cases, n))
        design = study["type"].iloc[0]
        events = pseudo_cases(log_rr, cases, n, design)
        assert events.sum() == pytest.approx(cases.sum(), rel=1e-10)
        assert relative_risks(events, n, design) == pytest.approx(log_rr, abs=1e-9)
        covariance = greenland_longnecker(log_rr, se**2, cases, n, design)
        assert np.linalg.eigvalsh(covariance)[0] > 0
    assert len(without) == {"process_bc": 4, "red_bc": 5}.get(name, 0)
