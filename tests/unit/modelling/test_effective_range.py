from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from evdose.modelling.effective_range import concentration_test, effective_ranges
from evdose.randomness import generator

MODELS = {"min_trials_effective_range": 5, "confidence": 0.95, "permutations": 9999}


def arms_of(effective, not_effective, stratum="respiratory"):
    doses = [*effective, *not_effective]
    return pd.DataFrame(
        {
            "trial_id": [f"{stratum}{i}" for i in range(len(doses))],
            "arm": 1,
            "stratum": stratum,
            "per_administration": np.array(doses, float),
            "effective": [True] * len(effective) + [False] * len(not_effective),
        }
    )


def row_of(judged, stratum="all", models=MODELS):
    return effective_ranges(judged, models, 3).set_index("stratum").loc[stratum]


def test_p_by_enumeration():
    doses = np.array([8.0, 8.1, 8.3, 6.0, 7.0, 9.5, 11.0])
    effective = np.array([True] * 3 + [False] * 4)
    spreads = [np.std(doses[list(chosen)], ddof=1) for chosen in combinations(range(7), 3)]
    expected = np.mean([spread <= spreads[0] + 1e-12 for spread in spreads])
    p_value, smallest, exact = concentration_test(doses, effective, 99, generator(1))
    assert exact
    assert p_value == pytest.approx(expected) == pytest.approx(1 / 35)
    assert smallest == pytest.approx(1 / 35)


def test_only_one_dose_ever_tried_says_nothing_of_a_range():
    row = row_of(arms_of([8] * 6, [8] * 6))
    assert (row["p_value"], row["smallest_p"]) == (1, 1)
    assert "can't reject at this size" in row["why"]


def test_a_planted_concentration_is_found_in_its_route():
    rng = np.random.default_rng(5)
    judged = arms_of(rng.normal(8, 0.05, 6), rng.uniform(5, 12, 8))
    row = row_of(judged, "respiratory")
    assert row["p_value"] < 0.01
    assert row["spread_effective"] < 0.1 < row["spread_tried"]
    assert row["spread_tried"] == pytest.approx(judged["per_administration"].std())


def test_opposite_of_concentration_is_not_called_concentration():
    assert row_of(arms_of([5, 5.2, 8, 11.8, 12], [8, 8.1, 8.2, 8.3, 8.4]))["p_value"] > 0.9


@pytest.mark.parametrize(("effective", "others"), [(4, 9), (9, 4), (0, 0)])
def test_below_five_and_five_it_says_what_it_lacks(effective, others):
    row = row_of(arms_of(range(effective), range(others)))
    assert row["status"] == "not_estimable"
    assert np.isnan(row["p_value"])
    assert f"{effective} effective and {others} not shown to be" in row["why"]
    assert "needs 5 of each" in row["why"]


def test_every_stratum_has_its_row_and_only_its_own_trials():
    judged = pd.concat([arms_of([8] * 2, [9] * 3, "nasal"), arms_of([7], [9], "topical")])
    table = effective_ranges(judged, MODELS, 3).set_index("stratum")
    assert table.loc["nasal", "trials"] == 5
    assert table.loc["topical", "trials"] == 2
    assert table.loc["all", "trials"] == 7
    assert table.loc["intravenous", "trials"] == 0


def test_a_trial_counts_once_and_is_effective_when_an_arm_is():
    judged = arms_of([8, 9], [])
    judged["trial_id"] = "one"
    judged["effective"] = [False, True]
    row = row_of(judged)
    assert (row["trials"], row["effective"]) == (1, 1)


def test_arms_without_a_dose_are_not_tried_doses():
    judged = arms_of([8, np.nan], [9])
    assert row_of(judged)["trials"] == 2
