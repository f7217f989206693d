"""Rows of dose–response models: what is fitted, what is refused and what it lacks, and what the words say."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from dosed_studies import counted, effects_of, scored
from evdose.modelling.dose_groups import dose_groups
from evdose.modelling.dose_response import dose_response, dose_response_curves
from evdose.modelling.estimators.arm_counts import arm_slope
from evdose.modelling.estimators.dose_response_fit import average_curve, fit_shapes
from evdose.modelling.estimators.pooling import pool
from evdose.modelling.tables import EFFECTS, ESTIMATED, NOT_ESTIMABLE
from evdose.tables import empty
from published_studies import MODELS


@cache
def many(n, seed=1):
    rng = np.random.default_rng(seed)
    doses = np.linspace(8, 12, n).round(3)
    means = 5 + 2 * np.exp(-((doses - 10) ** 2) / 0.5) + rng.normal(0, 0.2, n)
    return [
        scored(f"S{i:02}", [dose], [mean]) for i, (dose, mean) in enumerate(zip(doses, means, strict=True))
    ]


@cache
def effects_of_many(n):
    return effects_of(*many(n))


def modelled(*studies, models=MODELS):
    return table_of(effects_of(*studies), models)


def table_of(effects, models=MODELS):
    return dose_response(dose_groups(effects), effects, models)


def rows(table, **where):
    for name, value in where.items():
        table = table[table[name] == value]
    return table.to_dict("records")


def row(table, **where):
    (found,) = rows(table, **where)
    return found


def test_all_candidates_stand_on_the_same_rows_and_their_weights_add_up():
    table = table_of(effects_of_many(12))
    found = rows(table, basis="between_trials", stratum="respiratory")
    assert [one["shape"] for one in found] == ["flat", "linear", "emax", "quadratic", "peak"]
    assert {(one["studies"], one["arms"], one["dose_levels"], one["outcomes"]) for one in found} == {
        (12, 12, 12, 1)
    }
    assert sum(one["weight"] for one in found) == pytest.approx(1)
    assert [one["parameters"] for one in found] == [2, 3, 3, 4, 4]
    fits = fit_shapes(dose_groups(effects_of_many(12))[0].contrasts)
    for one in found:
        assert one["log_likelihood"] == pytest.approx(fits[one["shape"]].log_likelihood)
        assert one["status"] == ESTIMATED
        assert "observational: confounded by condition and product" in one["why"]
        assert np.isnan(one["slope"]) == (one["shape"] != "linear")
    low, high = fits["linear"].intervals(0.95)[1]
    linear = found[1]
    assert (linear["low"], linear["high"]) == pytest.approx((low, high))
    assert (linear["p_value"] < 0.05) == (low > 0 or high < 0)
    assert f"b1 {linear['slope']:.4g} ({low:.4g} to {high:.4g})" in linear["coefficients"]


def test_a_group_too_small_says_how_much_each_shape_lacks():
    table = table_of(effects_of_many(5))
    status = {one["shape"]: one["status"] for one in rows(table, basis="between_trials", stratum="all")}
    assert status == {
        "flat": ESTIMATED,
        "linear": ESTIMATED,
        "emax": ESTIMATED,
        "quadratic": NOT_ESTIMABLE,
        "peak": NOT_ESTIMABLE,
    }
    peak = row(table, basis="between_trials", stratum="all", shape="peak")
    assert peak["needs"] == "1 more study"
    assert "4 parameters, the heterogeneity variance among them, need 6 studies and 4 doses" in peak["why"]
    assert np.isnan(peak["weight"])
    same_dose = modelled(*(scored(f"S{i}", [10.0], [6.0 + i]) for i in range(4)))
    linear = row(same_dose, basis="between_trials", stratum="all", shape="linear")
    assert linear["needs"] == "1 more study and 2 more doses"


def test_nothing_reported_gives_one_row_a_basis():
    nothing = dose_response(dose_groups(empty(EFFECTS)), empty(EFFECTS), MODELS)
    assert nothing[["basis", "stratum", "shape"]].to_numpy().tolist() == [
        [basis, "all", "linear"] for basis in ("within_trials", "between_trials", "arm_counts", "two_stage")
    ]
    assert (nothing["studies"] == 0).all()
    assert nothing["needs"].str.contains(r"\d stud").all()
    assert len(dose_response_curves(dose_groups(empty(EFFECTS)), MODELS)) == 0


def test_one_study_with_two_doses_gives_its_own_slope():
    table = modelled(scored("A", [9.0, 10.5], [6.0, 7.0]), scored("B", [9.0], [6.0]))
    found = row(table, basis="within_trials", stratum="respiratory")
    effects = effects_of(scored("A", [9.0, 10.5], [6.0, 7.0]))
    difference = np.diff(effects["estimate"])[0]
    shared = 1 / 30 + effects["estimate"].prod() / 180
    se = np.sqrt(effects["variance"].sum() - 2 * shared)
    assert found["slope"] == pytest.approx(difference / 1.5)
    assert (found["high"] - found["low"]) / 2 == pytest.approx(1.959963984540054 * se / 1.5)
    assert "one study says nothing of others" in found["why"]
    assert np.isnan(found["tau2"])


def test_slopes_of_studies_are_pooled_and_the_control_cancels():
    means = [(6.0, 7.0), (6.5, 6.4), (5.0, 7.5)]
    studies = [scored(name, [9.0, 10.0], pair) for name, pair in zip("ABC", means, strict=True)]
    found = row(modelled(*studies), basis="within_trials", stratum="all")
    slopes, variances = [], []
    for study in studies:
        g = effects_of(study)
        slopes.append(g["estimate"].iloc[1] - g["estimate"].iloc[0])
        variances.append(g["variance"].sum() - 2 * (1 / 30 + g["estimate"].prod() / 180))
    expected = pool(np.array(slopes), np.array(variances))
    assert (found["slope"], found["low"], found["high"], found["p_value"]) == pytest.approx(
        (expected.estimate, expected.low, expected.high, expected.p_value)
    )
    assert found["coefficients"].count("(") == 4  # pooled, and each study's own


def test_too_few_slopes_are_shown_not_pooled():
    studies = [scored(name, [9.0, 10.0], [6.0, 7.0]) for name in "AB"]
    found = row(
        modelled(*studies, models=MODELS | {"min_studies_pooling": 3}), basis="within_trials", stratum="all"
    )
    assert (found["status"], found["needs"]) == (
        NOT_ESTIMABLE,
        "1 more study with several doses by one route",
    )
    assert np.isnan(found["slope"])
    assert found["coefficients"].startswith("A 0.")


def test_studies_with_one_dose_have_no_slope_within():
    found = row(table_of(effects_of_many(6)), basis="within_trials", stratum="all")
    assert found["status"] == NOT_ESTIMABLE
    assert found["why"].startswith("0 studies with several doses by one route, of 6 studies")
    assert "2 or more doses" in found["needs"]


def test_arm_counts_take_studies_without_a_control_too():
    table = modelled(
        counted("A", [9.0, 10.0], [9, 4]),
        counted("B", [9.0, 11.0], [8, 6], control=12),
        counted("C", [9.0], [3]),
    )
    found = row(table, basis="arm_counts", stratum="intravenous")
    expected = arm_slope([11, 16, 12, 14], [20] * 4, [9, 10, 9, 11], [0, 0, 1, 1])  # survivors
    assert (found["slope"], found["low"], found["high"], found["p_value"]) == pytest.approx(
        (expected.slope, expected.low, expected.high, expected.p_value)
    )
    assert (found["studies"], found["arms"]) == (3, 5)
    assert found["slope"] > 0  # fewer died at the higher dose
    assert "2 comparisons of doses within studies, of 3 studies with 5 arms" in found["why"]
    assert "maximum likelihood" in found["why"]


def test_counts_that_separate_say_whose_estimate_it_is():
    found = row(modelled(counted("A", [9.0, 10.0], [20, 0])), basis="arm_counts", stratum="all")
    assert "Firth's penalised likelihood" in found["why"]
    assert np.isfinite([found["slope"], found["low"], found["high"]]).all()


def test_counts_without_both_outcomes_or_doses_are_refused():
    for study in (counted("A", [9.0, 10.0], [0, 0]), counted("A", [9.0], [3])):
        found = row(modelled(study), basis="arm_counts", stratum="all")
        assert (found["status"], found["studies"]) == (NOT_ESTIMABLE, 1)
        assert "no study with several doses has both events and non-events" in found["why"]
        assert found["needs"].startswith("1 study with counts")


def test_worked_back_counts_are_a_sensitivity_analysis():
    table = modelled(counted("A", [9.0, 10.0], [9, 4], derived=True))
    assert row(table, basis="arm_counts", stratum="all", sensitivity="main")["status"] == NOT_ESTIMABLE
    assert row(table, basis="arm_counts", stratum="all", sensitivity="derived_counts")["status"] == ESTIMATED


def test_different_outcomes_taken_as_one_are_named():
    studies = [*many(6)]
    studies[0] = studies[0].assign(outcome="another score")
    found = row(modelled(*studies), basis="between_trials", stratum="all", shape="flat")
    assert "2 outcomes of different names taken as one" in found["why"]


def test_the_curve_spans_the_doses_of_the_effects():
    groups = dose_groups(effects_of_many(12))
    curve = dose_response_curves(groups, MODELS)
    of_all = curve[curve["stratum"] == "all"]
    assert (of_all["particles_log10"].min(), of_all["particles_log10"].max()) == pytest.approx((8, 12))
    assert len(of_all) == 61
    fits = list(fit_shapes(groups[0].contrasts).values())
    expected = average_curve(fits, of_all["particles_log10"].to_numpy(), 0.95)
    assert pytest.approx(np.array(expected)) == of_all[["estimate", "low", "high"]].to_numpy().T
    assert (of_all["low"] < of_all["high"]).all()


def test_a_flat_shape_alone_is_no_curve():
    assert len(dose_response_curves(dose_groups(effects_of_many(4)), MODELS)) == 0
