import numpy as np
import pandas as pd
import pytest

from evdose.modelling.landscape import ARM_DOSES
from evdose.modelling.route_shift import route_shifts

MODELS = {
    "min_trials_route_shift": 2,
    "confidence": 0.95,
    "permutations": 9999,
    "bootstrap_samples": 999,
}


def arms_of(*rows):
    """Arms from (trial, stratum, log10 dose) or (…, product line); two doses a day, cumulative ten."""
    made = []
    for arm, (trial, stratum, dose, *product) in enumerate(rows, start=1):
        line = product[0] if product else None
        a_day = dose + np.log10(2)
        made.append([trial, arm, stratum, line, dose, a_day, dose + 1, 0.0, None, 0.0])
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
    assert len(table) == 12
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


@pytest.mark.parametrize("axis", ["cumulative", "per_day"])
def test_each_axis_uses_its_own_doses(axis):
    arms = apart(4)
    arms.loc[arms["stratum"] == "respiratory", axis] += 3
    assert row_of(arms, axis)["shift"] == pytest.approx(1)
    assert row_of(arms)["shift"] == pytest.approx(-2)


# --- uncertain doses


def test_ranges_that_cannot_change_an_order_change_no_p():
    arms = apart(4).assign(sd=0.01)
    row = row_of(arms)
    assert row["p_value"] == pytest.approx(2 / 70)
    assert row["shift"] == pytest.approx(-2)
    assert "8 of 8 arms have a range or a conversion" in row["why"]
    assert "999 draws" in row["why"]


def test_wide_ranges_blur_a_difference_of_middles_within_their_own_rank():
    # One inhaled dose lies barely below one intravenous dose, and could as well be above.
    arms = arms_of(
        *[(f"I{i}", "respiratory", 8.0 + i / 100) for i in range(4)],
        *[(f"V{i}", "intravenous", 8.035 + i / 100) for i in range(4)],
    )
    certain, blurred = row_of(arms), row_of(arms.assign(sd=2.0))
    assert certain["p_value"] == pytest.approx(2 / 70)
    assert blurred["p_value"] > 0.05
    assert blurred["shift"] == certain["shift"]


def test_certain_doses_need_no_draws():
    assert "draws" not in row_of(apart(4))["why"]
    fewer = {name: MODELS[name] for name in MODELS if name != "bootstrap_samples"}
    assert row_of(apart(4), models=fewer)["p_value"] == pytest.approx(2 / 70)
