"""Two-stage dose–response over groups of effects: what is pooled, and what is said where nothing can be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evdose.modelling.dose_groups import DoseGroup, dose_contrasts
from evdose.modelling.estimators.effect_size import Counts, log_odds_ratio
from evdose.modelling.estimators.pooling import pool
from evdose.modelling.estimators.two_stage import linear, two_stage
from evdose.modelling.tables import DOSE_RESPONSE
from evdose.modelling.two_stage_groups import dose_studies, two_stage_rows
from evdose.tables import check_table, frame_of

MODELS = {"min_studies_pooling": 3, "confidence": 0.95}
N = 400


def effect(study, arm, dose, events, of_control, comparator=9):
    found = log_odds_ratio(Counts(events, N), Counts(of_control, N))
    return {
        "study_id": study,
        "arm": arm,
        "comparator_arm": comparator,
        "measure": "log_odds_ratio",
        "outcome": "recovered",
        "particles_log10": np.log10(dose),
        "estimate": float(found.estimate),
        "variance": float(found.variance),
        "control_variance": float(found.control_variance),
        "n_treated": N,
        "n_control": N,
    }


def trial(study, slope, doses=(1e10, 3e10)):
    """A trial whose events follow a logistic line through its control."""
    odds = 0.5 * np.exp(slope * np.array([0.0, *doses]) / 1e10)
    events = np.round(N * odds / (1 + odds))
    return [effect(study, i + 1, dose, events[i + 1], events[0]) for i, dose in enumerate(doses)]


def group(*effects, measure="log_odds_ratio"):
    table = pd.DataFrame(effects)
    return DoseGroup("all", measure, "mortality", "main", dose_contrasts(table), table)


def rows(*groups, models=MODELS):
    found = two_stage_rows(groups, models)
    check_table(frame_of(found, DOSE_RESPONSE), DOSE_RESPONSE)
    return found


THREE = [*trial("A", 0.2), *trial("B", 0.4), *trial("C", 0.3, (5e9, 1e10, 4e10))]


def test_the_slope_is_per_ten_billion_particles():
    (row,) = rows(group(*THREE))
    assert row["status"] == "estimated"
    assert (row["basis"], row["shape"]) == ("two_stage", "linear")
    assert row["slope"] == pytest.approx(0.3, abs=0.03)
    assert row["low"] < 0.3 < row["high"]
    assert (row["studies"], row["arms"], row["dose_levels"]) == (3, 7, 4)
    assert "per 10^10 particles, not per tenfold dose" in row["why"]


def test_the_slope_is_that_of_the_multivariate_second_stage():
    these = group(*THREE)
    (row,) = rows(these)
    fit = two_stage(dose_studies(these), linear)
    assert row["slope"] == pytest.approx(fit.coefficients[0], rel=1e-6)
    assert row["tau2"] == pytest.approx(fit.psi[0, 0], abs=1e-8)


def test_intervals_are_those_of_pooling():
    studies = dose_studies(group(*THREE))
    fits = [two_stage([study], linear, "fixed") for study in studies]
    pooled = pool(np.array([f.coefficients[0] for f in fits]), np.array([f.se[0] ** 2 for f in fits]))
    (row,) = rows(group(*THREE))
    assert (row["low"], row["high"], row["p_value"]) == pytest.approx(
        (pooled.low, pooled.high, pooled.p_value)
    )


def test_the_covariance_of_a_shared_control_is_used():
    independent = [e | {"control_variance": 0.0} for e in THREE]
    assert rows(group(*THREE))[0]["slope"] != pytest.approx(rows(group(*independent))[0]["slope"], rel=1e-3)


def test_studies_with_one_dose_are_left_out_and_counted():
    single = effect("D", 1, 1e9, 150, 130)
    again = [single | {"study_id": "E"}, single | {"study_id": "E", "arm": 2}]
    (row,) = rows(group(*THREE, single, *again))
    assert row["slope"] == pytest.approx(rows(group(*THREE))[0]["slope"], rel=1e-9)
    assert row["studies"] == 3
    assert "(of 5)" in row["why"]


def test_doses_against_different_controls_have_no_common_curve():
    apart = [e | {"comparator_arm": 9 + e["arm"]} for e in trial("A", 0.2)]
    (row,) = rows(group(*apart, *trial("B", 0.3)))
    assert "1 of them with two or more doses" in row["why"]


def test_too_few_studies_say_what_there_is_and_what_is_lacking():
    (row,) = rows(group(*trial("A", 0.2), effect("B", 1, 1e9, 150, 130)))
    assert row["status"] == "not_estimable"
    assert row["why"].startswith("2 studies with 3 arms at 3 doses")
    assert row["needs"] == "2 more studies with two or more doses in particles against one control"
    assert "slope" not in row


def test_without_counts_there_is_one_row_for_all_routes():
    means = group(*THREE, measure="hedges_g")
    (row,) = rows(means, means)
    assert (row["stratum"], row["measure"], row["studies"]) == ("all", None, 0)
    assert row["needs"].startswith("3 studies that report events and participants")


def test_the_order_of_studies_and_arms_changes_nothing():
    (row,) = rows(group(*THREE))
    (other,) = rows(group(*trial("C", 0.3, (4e10, 5e9, 1e10)), *trial("B", 0.4), *trial("A", 0.2)))
    assert other["slope"] == pytest.approx(row["slope"], rel=1e-9)
    assert other["p_value"] == pytest.approx(row["p_value"], rel=1e-9)
