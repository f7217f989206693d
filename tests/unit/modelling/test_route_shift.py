import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evdose.modelling.landscape import ARM_DOSES
from evdose.modelling.route_shift import hodges_lehmann, rank_sum_test, route_shifts
from evdose.randomness import generator

MODELS = {"min_trials_route_shift": 2, "confidence": 0.95, "permutations": 9999}


def arms_of(*rows):
    """Arms from (trial, stratum, log10 dose) or (…, product line); cumulative is ten doses."""
    made = []
    for arm, (trial, stratum, dose, *product) in enumerate(rows, start=1):
        line = product[0] if product else None
        made.append([trial, arm, stratum, line, dose, dose + 1, 0.0])
    return pd.DataFrame(made, columns=ARM_DOSES)


def apart(n, product=None):
    """n inhaled trials around 8 and n intravenous ones around 10, no two alike."""
    inhaled = [(f"I{i}", "respiratory", 8 + i / 10, product) for i in range(n)]
    return arms_of(*inhaled, *[(f"V{i}", "intravenous", 10 + i / 10) for i in range(n)])


def row_of(
    arms, axis="per_administration", pair=("respiratory", "intravenous"), without="none", models=MODELS
):
    table = route_shifts({"all": arms}, models, 7).set_index(
        ["axis", "stratum_a", "stratum_b", "without_product"]
    )
    return table.loc[(axis, *pair, without)]


def test_shift_and_interval_by_hand():
    # Differences: 8-9, 8-10, 8.5-9, 8.5-10 -> -2, -1.5, -1, -0.5; two and two allow no 95 % interval.
    shift, low, high = hodges_lehmann(np.array([8, 8.5]), np.array([9, 10.0]), 0.95)
    assert shift == pytest.approx(-1.25)
    assert np.isnan(low)
    assert np.isnan(high)


def test_interval_is_that_of_r_for_the_book_example():
    # Hollander & Wolfe 1973, p. 69 (permeability of the human chorioamnion), as in ?wilcox.test of R:
    # wilcox.test(x, y, conf.int = TRUE) gives 0.305, [-0.15, 0.76]; p two-sided 0.2544.
    x = np.array([0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46])
    y = np.array([1.15, 0.88, 0.90, 0.74, 1.21])
    assert hodges_lehmann(x, y, 0.95) == pytest.approx((0.305, -0.15, 0.76))
    p_value, _, exact = rank_sum_test(x, y, 9999, generator(1))
    assert exact
    assert p_value == pytest.approx(stats.mannwhitneyu(x, y, method="exact").pvalue)
    assert p_value == pytest.approx(0.2544, abs=5e-5)


@pytest.mark.parametrize(("m", "n"), [(3, 5), (4, 4), (5, 7), (6, 9)])
def test_interval_holds_exactly_the_shifts_that_the_test_does_not_reject(m, n):
    rng = np.random.default_rng([m, n])
    a, b = rng.normal(size=m), rng.normal(size=n)
    _, low, high = hodges_lehmann(a, b, 0.90)
    for shift, inside in ((low - 1e-6, False), (low + 1e-6, True), (high - 1e-6, True), (high + 1e-6, False)):
        assert (stats.mannwhitneyu(a - shift, b, method="exact").pvalue > 0.10) == inside


def test_p_of_the_most_extreme_split_is_two_in_all_splits():
    row = row_of(apart(4))
    assert row["p_value"] == pytest.approx(2 / 70)
    assert row["smallest_p"] == pytest.approx(2 / 70)
    assert row["shift"] == pytest.approx(-2)
    assert "every split" in row["why"]
    assert "can't reject" not in row["why"]


def test_three_against_three_can_never_reject():
    row = row_of(apart(3))
    assert row["smallest_p"] == pytest.approx(0.1)
    assert row["status"] == "estimated"
    assert np.isnan(row["low"])
    assert "can't reject at this size" in row["why"]


def test_ties_raise_the_smallest_attainable_p():
    # Four and four trials, one dose everywhere: nothing could ever be found.
    rows = [(f"I{i}", "respiratory", 9.0) for i in range(4)] + [
        (f"V{i}", "intravenous", 9.0) for i in range(4)
    ]
    row = row_of(arms_of(*rows))
    assert (row["p_value"], row["smallest_p"], row["shift"]) == (1, 1, 0)


def test_a_trial_counts_once_however_many_arms_it_has():
    arms = apart(4)
    copies = pd.concat([arms, *[arms[arms["trial_id"] == "I0"].assign(arm=90 + i) for i in range(5)]])
    one, many = row_of(arms), row_of(copies)
    assert (one["shift"], one["p_value"], one["trials_a"]) == (
        many["shift"],
        many["p_value"],
        many["trials_a"],
    )
    assert many["arms_a"] == one["arms_a"] + 5


def test_a_trial_with_both_routes_is_left_out_and_counted():
    both = arms_of(("B", "respiratory", 3.0), ("B", "intravenous", 20.0))
    row = row_of(pd.concat([apart(4), both]))
    assert (row["trials_a"], row["trials_b"]) == (4, 4)
    assert "1 with both routes left out" in row["why"]


def test_too_few_trials_are_said_with_what_is_lacking():
    row = row_of(arms_of(("I", "respiratory", 8.0), ("V", "intravenous", 9.0), ("W", "intravenous", 9.5)))
    assert row["status"] == "not_estimable"
    assert np.isnan(row["shift"])
    assert "1 respiratory and 2 intravenous" in row["why"]
    assert "needs 2 of each" in row["why"]


def test_no_arms_at_all_still_give_their_rows():
    table = route_shifts({"all": arms_of(), "effective": arms_of()}, MODELS, 7)
    assert len(table) == 8
    assert set(table["status"]) == {"not_estimable"}


def test_each_product_line_is_left_out_in_turn():
    arms = pd.concat([apart(4), arms_of(("X", "respiratory", 15.0, "Exo"), ("Y", "intravenous", 3.0, "Exo"))])
    assert row_of(arms, without="Exo")["shift"] == pytest.approx(row_of(apart(4))["shift"])
    assert row_of(arms)["trials_a"] == 5


def test_trials_of_one_product_are_told_to_be_dependent():
    arms = apart(4)
    inhaled = arms["stratum"] == "respiratory"
    arms["product_line"] = np.where(inhaled, "Exo", None)
    assert "behind them stand 1 and 4 products" in row_of(arms)["why"]
    assert "behind" not in row_of(apart(4))["why"]


def test_arms_without_a_dose_count_nowhere():
    silent = arms_of(("S", "respiratory", np.nan))
    pd.testing.assert_series_equal(row_of(pd.concat([apart(4), silent])), row_of(apart(4)))


def test_cumulative_uses_its_own_doses():
    arms = apart(4)
    arms.loc[arms["stratum"] == "respiratory", "cumulative"] += 3
    assert row_of(arms, "cumulative")["shift"] == pytest.approx(1)
    assert row_of(arms)["shift"] == pytest.approx(-2)
