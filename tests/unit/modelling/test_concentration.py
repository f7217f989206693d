from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from evdose.modelling.concentration import concentration_rows, concentration_test, spread
from evdose.modelling.tables import EFFECTIVE_RANGE
from evdose.randomness import generator
from evdose.tables import frame_of

MODELS = {
    "min_trials_effective_range": 5,
    "confidence": 0.95,
    "permutations": 9999,
    "bootstrap_samples": 999,
}


def arms_of(effective, not_effective, stratum="respiratory", **columns):
    doses = np.array([*effective, *not_effective], float)
    known = {
        "trial_id": [f"{stratum}{i}" for i in range(len(doses))],
        "arm": 1,
        "stratum": stratum,
        "product_line": None,
        "per_administration": doses,
        "per_day": doses,
        "cumulative": doses + 1,
        "sd": 0.0,
        "conversion": None,
        "conversion_sd": 0.0,
        "outcome": "pain",
        "effective": [True] * len(effective) + [False] * len(not_effective),
    }
    return pd.DataFrame(known | columns)


def row_of(judged, stratum="all", models=MODELS):
    return table_of(judged, models).set_index("stratum").loc[stratum]


def table_of(judged, models=MODELS):
    return frame_of(concentration_rows(judged, models, 3), EFFECTIVE_RANGE)


def test_p_by_enumeration():
    doses = np.array([8.0, 8.1, 8.3, 6.0, 7.0, 9.5, 11.0])
    effective = np.array([True] * 3 + [False] * 4)
    spreads = [np.std(doses[list(chosen)], ddof=1) for chosen in combinations(range(7), 3)]
    expected = np.mean([spread <= spreads[0] + 1e-12 for spread in spreads])
    p_value, smallest, exact = concentration_test(doses[None], effective, 99, generator(1))
    assert exact
    assert p_value == pytest.approx(expected) == pytest.approx(1 / 35)
    assert smallest == pytest.approx(1 / 35)


def test_p_of_drawn_doses_by_enumeration():
    rng = np.random.default_rng(4)
    doses = np.array([8.0, 8.1, 8.3, 6.0, 7.0, 9.5]) + rng.normal(size=(50, 6)) * [0, 0, 2, 0, 1, 0.1]
    effective = np.array([True] * 3 + [False] * 3)
    subsets = [list(chosen) for chosen in combinations(range(6), 3)]
    mean, variance = doses.mean(axis=0), doses.var(axis=0)
    squares = np.array([mean[some].var(ddof=1) + variance[some].mean() for some in subsets])
    p_value, smallest, exact = concentration_test(doses, effective, 99, generator(1))
    assert exact
    assert p_value == pytest.approx(np.mean(squares <= squares[0] + 1e-12))
    assert smallest == pytest.approx(1 / 20)


def test_spread_of_independent_draws_is_the_mean_square_over_them():
    rng = np.random.default_rng(9)
    drawn = np.array([6.0, 8, 9]) + rng.normal(size=(20000, 3)) * [0.5, 0, 1]
    assert spread(drawn) ** 2 == pytest.approx(drawn.var(axis=1, ddof=1).mean(), rel=0.02)
    assert spread(drawn[:1]) == pytest.approx(drawn[0].std(ddof=1))


def test_only_one_dose_ever_tried_says_nothing_of_a_range():
    row = row_of(arms_of([8] * 6, [8] * 6))
    assert (row["p_value"], row["smallest_p"]) == (1, 1)
    assert "can't reject at this size" in row["why"]


def test_a_planted_concentration_is_found_in_its_route():
    rng = np.random.default_rng(5)
    judged = arms_of(rng.normal(8, 0.05, 6), rng.uniform(5, 12, 8))
    row = row_of(judged, "respiratory")
    assert row["p_value"] < 0.01
    assert row["estimate"] < 0.1 < row["spread_tried"]
    assert row["spread_tried"] == pytest.approx(judged["per_administration"].std())


def test_a_concentration_of_middles_within_wide_ranges_is_none():
    # What worked is known as vaguely as what didn't is spread.
    doses = [8, 8.01, 8.02, 8.03, 8.04], [6, 7, 8, 9, 10]
    certain, vague = (row_of(arms_of(*doses, sd=sd)) for sd in (0.0, [1.6] * 5 + [0.0] * 5))
    assert certain["p_value"] < 0.05
    assert vague["p_value"] > 0.3
    assert vague["estimate"] == pytest.approx(1.6, rel=0.05)
    assert "5 of 10 arms have a range or a conversion" in vague["why"]


def test_opposite_of_concentration_is_not_called_concentration():
    assert row_of(arms_of([5, 5.2, 8, 11.8, 12], [8, 8.1, 8.2, 8.3, 8.4]))["p_value"] > 0.9


@pytest.mark.parametrize(
    ("effective", "others", "needs"),
    [
        (4, 9, "1 more effective trial, with a dose"),
        (9, 3, "2 more trials not shown to be effective, with a dose"),
        (0, 4, "5 more effective trials and 1 more trial not shown to be effective, with a dose"),
    ],
)
def test_below_five_and_five_it_says_what_it_lacks(effective, others, needs):
    row = row_of(arms_of(range(effective), range(others)))
    assert row["status"] == "not_estimable"
    assert np.isnan(row["p_value"])
    assert f"{effective} effective and {others} not shown to be" in row["why"]
    assert "needs 5 of each" in row["why"]
    assert row["needs"].startswith(needs)


def test_every_stratum_has_its_row_and_only_its_own_trials():
    judged = pd.concat([arms_of([8] * 2, [9] * 3, "nasal"), arms_of([7], [9], "topical")])
    table = table_of(judged).set_index("stratum")
    assert table.loc["nasal", "studies"] == 5
    assert table.loc["topical", "studies"] == 2
    assert table.loc["all", "studies"] == 7
    assert table.loc["all", "dose_levels"] == 3
    assert table.loc["intravenous", "studies"] == 0


def test_a_trial_counts_once_and_is_effective_when_an_arm_is():
    judged = arms_of([9], [8], trial_id="one")
    row = row_of(judged)
    assert (row["studies"], row["effective"], row["arms"]) == (1, 1, 2)


def test_arms_without_a_dose_are_not_tried_doses():
    judged = arms_of([8, np.nan], [9])
    assert row_of(judged)["studies"] == 2


def test_order_and_labels_of_arms_change_nothing():
    rng = np.random.default_rng(1)
    judged = arms_of(rng.normal(8, 0.5, 6), rng.uniform(5, 12, 6), sd=0.3)
    judged["trial_id"] = [f"T{i // 2}" for i in range(12)]
    judged["trial_id"] += judged["effective"].map({True: "e", False: "n"})
    models = MODELS | {"min_trials_effective_range": 3}
    shuffled = judged.sample(frac=1, random_state=2).assign(arm=range(90, 102))
    pd.testing.assert_frame_equal(table_of(judged, models), table_of(shuffled, models))
    assert row_of(judged, models=models)["status"] == "estimated"


def test_a_unit_changes_no_answer():
    rng = np.random.default_rng(1)
    judged = arms_of(rng.normal(8, 0.5, 6), rng.uniform(5, 12, 6), sd=0.3)
    billions = judged.assign(per_administration=judged["per_administration"] - 9)
    pd.testing.assert_frame_equal(table_of(judged), table_of(billions))
