import numpy as np
import pandas as pd
import pytest

from evdose.dosing.tables import DOSES
from evdose.modelling.dose_draws import draw_doses, in_order, of_trials
from evdose.modelling.dose_groups import dose_groups
from evdose.modelling.estimators.rank_based import hodges_lehmann
from evdose.modelling.landscape import ARM_DOSES
from evdose.modelling.tables import EFFECTS, UNCERTAIN_DOSES
from evdose.modelling.uncertain_doses import uncertain_doses
from evdose.tables import empty, frame_of

MODELS = {"confidence": 0.95, "min_trials_route_shift": 2, "imputations": 20}
NO_DOSES, NO_GROUPS = empty(DOSES), []


def arms_of(inhaled=(), intravenous=(), **columns):
    """A trial an arm."""
    doses = np.array([*inhaled, *intravenous], float)
    known = {
        "trial_id": [f"T{i:02d}" for i in range(len(doses))],
        "arm": 1,
        "stratum": ["respiratory"] * len(inhaled) + ["intravenous"] * len(intravenous),
        "product_line": None,
        "per_administration": doses,
        "per_day": doses,
        "cumulative": doses + 1,
        "sd": 0.0,
        "conversion": None,
        "conversion_sd": 0.0,
    }
    return pd.DataFrame(known | columns)[ARM_DOSES]


def row_of(
    tried, analysis="route_shift", stratum="respiratory v intravenous", axis="per_administration", seed=5
):
    table = uncertain_doses(tried, NO_GROUPS, NO_DOSES, MODELS, seed)
    return table.set_index(["analysis", "stratum", "axis"]).loc[(analysis, stratum, axis)]


SPREAD = 8 + np.arange(8) / 4, 10 + np.arange(9) / 4


# --- draws


def test_a_range_is_drawn_log_uniform_between_its_ends():
    arms = arms_of([9.0] * 3, sd=[1 / np.sqrt(12)] * 3)
    drawn = draw_doses(arms, "per_administration", 20000, np.random.default_rng(1))
    assert drawn.min() >= 8.5
    assert drawn.max() <= 9.5
    assert drawn.min(axis=0) == pytest.approx(8.5, abs=0.01)
    assert drawn.std(axis=0) == pytest.approx(1 / np.sqrt(12), rel=0.02)
    assert np.abs(np.corrcoef(drawn.T) - np.eye(3)).max() < 0.03


def test_the_error_of_a_conversion_is_shared_by_the_arms_that_rest_on_it():
    names = ["mass", "mass", "volume"]
    arms = arms_of([9.0, 10, 11], sd=[0.5] * 3, conversion=names, conversion_sd=[0.5] * 3)
    drawn = draw_doses(arms, "per_administration", 20000, np.random.default_rng(1))
    assert drawn[:, 1] - drawn[:, 0] == pytest.approx(1)
    assert abs(np.corrcoef(drawn[:, 0], drawn[:, 2])[0, 1]) < 0.03
    assert np.mean(np.abs(drawn[:, 0] - 9) < 0.5) == pytest.approx(0.6827, abs=0.01)


def test_range_and_conversion_add_up_to_the_spread_of_the_dose():
    arms = arms_of([9.0], sd=[0.5], conversion=["mass"], conversion_sd=[0.3])
    drawn = draw_doses(arms, "per_administration", 40000, np.random.default_rng(1))
    assert drawn.mean() == pytest.approx(9, abs=0.01)
    assert drawn.std() == pytest.approx(0.5, rel=0.02)


def test_certain_doses_are_one_draw_and_certain_arms_never_move():
    arms = arms_of([8.0, 9])
    assert draw_doses(arms, "cumulative", 99, np.random.default_rng(1)).tolist() == [[9, 10]]
    drawn = draw_doses(arms.assign(sd=[0, 1.0]), "cumulative", 99, np.random.default_rng(1))
    assert (drawn[:, 0] == 9).all()
    assert np.ptp(drawn[:, 1]) > 1


def test_a_trial_stands_with_the_median_of_its_arms_in_each_draw():
    arms = arms_of([1.0, 2, 6, 5], trial_id=["B", "B", "B", "A"])
    doses = np.array([[1.0, 2, 6, 5], [7, 3, 2, 0]])
    assert of_trials(doses, arms).tolist() == [[5, 2], [0, 3]]


# --- shift


def test_without_uncertain_doses_it_is_the_complete_analysis():
    row = row_of(arms_of(*SPREAD))
    shift, low, high = hodges_lehmann(*SPREAD, 0.95)
    assert (row["estimate"], row["estimate_at_middle"]) == pytest.approx((shift, shift))
    assert (row["missing_information"], row["variance_share"], row["uncertain_arms"]) == (0, 0, 0)
    assert row["high"] - row["low"] == pytest.approx(high - low, rel=0.08)
    assert "no dose is uncertain" in row["why"]


def test_uncertain_doses_widen_the_interval_and_say_how_much_is_missing():
    certain, vague = row_of(arms_of(*SPREAD)), row_of(arms_of(*SPREAD, sd=[1.0] * 8 + [0.0] * 9))
    assert vague["high"] - vague["low"] > certain["high"] - certain["low"]
    assert 0.05 < vague["variance_share"] <= vague["missing_information"] < 1
    assert vague["uncertain_arms"] == 8
    assert vague["estimate_at_middle"] == certain["estimate"]


def test_a_conversion_that_one_route_rests_on_moves_the_whole_shift():
    # The shift then is uncertain by the whole error of the factor, however many trials there are.
    by_factor = {"conversion": ["mass"] * 8 + [None] * 9, "conversion_sd": [0.5] * 8 + [0.0] * 9}
    shared = row_of(arms_of(*SPREAD, sd=[0.5] * 8 + [0.0] * 9, **by_factor))
    apart = row_of(arms_of(*SPREAD, sd=[0.5] * 8 + [0.0] * 9))
    assert shared["missing_information"] > 2 * apart["missing_information"]


def test_too_small_for_an_interval_or_for_a_shift_is_said():
    none = row_of(arms_of([8, 8.5], [9, 10]))
    assert none["status"] == "not_estimable"
    assert "no interval exists at this size" in none["why"]
    one = row_of(arms_of([8], [9, 10]))
    assert "1 respiratory and 2 intravenous trials" in one["why"]
    assert one["imputations"] == 0


def test_equal_doses_have_no_spread_to_derive_an_error_from():
    row = row_of(arms_of([8] * 6, [9] * 6))
    assert row["status"] == "not_estimable"
    assert "too many doses are equal" in row["why"]


# --- median


def test_median_of_a_route_counts_a_trial_once():
    arms = arms_of(8 + np.arange(7) / 4)
    copies = pd.concat([arms, arms[arms["trial_id"] == "T00"].assign(arm=2)])
    one, two = (row_of(some, "median_dose", "respiratory") for some in (arms, copies))
    assert one["estimate"] == pytest.approx(8.75)
    assert (one["estimate"], one["low"], one["studies"]) == (two["estimate"], two["low"], two["studies"])
    assert two["arms"] == 8


@pytest.mark.parametrize(("trials", "status"), [(5, "not_estimable"), (6, "estimated")])
def test_a_median_needs_trials_for_an_interval(trials, status):
    row = row_of(arms_of(8 + np.arange(trials) / 4), "median_dose", "respiratory")
    assert row["status"] == status
    assert ("an interval of a median needs 6" in row["why"]) == (status == "not_estimable")


def test_one_trial_is_said_in_the_singular():
    row = row_of(arms_of([8.0]), "median_dose", "respiratory")
    assert row["why"].startswith("1 trial with such a dose in particles")


# --- slope


def effects_of(doses, slope=0.5):
    rng = np.random.default_rng(7)
    shared = {
        "effect_table": "controlled",
        "measure": "hedges_g",
        "arm": 1,
        "label": "EV",
        "comparator_arm": 2,
        "outcome": "VAS",
        "outcome_domain": "pain",
        "primary": True,
        "stratum": "topical",
        "variance": 0.02,
        "control_variance": 0.01,
        "n_treated": 100,
        "n_control": 100,
        "numbers": "x",
        "equation": "x",
        "derived": False,
        "estimated_moments": False,
        "source_id": "s.yaml",
        "locator": "/outcomes/0",
    }
    rows = [
        shared
        | {"effect_id": f"E{i}", "study_id": f"S{i}", "particles_log10": x}
        | {"estimate": slope * x + 0.05 * rng.normal()}
        for i, x in enumerate(doses)
    ]
    return frame_of(rows, EFFECTS)


def doses_of(doses, half_range):
    rows = [
        {
            "trial_id": f"S{i}",
            "arm": 1,
            "level": 1,
            "record_kind": "publication",
            "low": 10 ** (x - half_range),
            "high": 10 ** (x + half_range),
            "unit": "particle",
            "status": "exact",
            "particles_via": "stated",
            "administrations_status": "not_reported",
            "particles_log10": x,
            "particles_log10_sd": 2 * half_range / np.sqrt(12),
            "curated": False,
            "source_id": "s.yaml",
            "locator": "/arms/0",
        }
        for i, x in enumerate(doses)
    ]
    return frame_of(rows, DOSES)


TRIED = [8.0, 8.5, 9, 9.5, 10, 10.5, 11]


def slope_of(half_range, doses=TRIED):
    groups = dose_groups(effects_of(doses))
    table = uncertain_doses(arms_of(), groups, doses_of(doses, half_range), MODELS, 3)
    return table[(table["analysis"] == "dose_slope") & (table["stratum"] == "all")].iloc[0]


def test_a_planted_slope_is_found_and_loses_information_with_vague_doses():
    exact, vague = slope_of(0), slope_of(0.5)
    assert exact["estimate"] == pytest.approx(0.5, abs=0.05)
    assert exact["missing_information"] == 0
    assert vague["missing_information"] > 0.02
    assert vague["uncertain_arms"] == 7
    assert vague["high"] - vague["low"] > exact["high"] - exact["low"]
    assert "confounded by route, condition and product" in vague["why"]
    assert "pulls the slope towards 0" in vague["why"]
    assert "pulls the slope towards 0" not in exact["why"]


def test_too_few_studies_for_a_slope_are_said():
    row = slope_of(0.5, [8.0, 9.0])
    assert row["status"] == "not_estimable"
    assert "2 studies with 2 arms at 2 doses" in row["why"]
    assert "a slope needs 5 studies and 3 doses" in row["why"]


# --- invariances


def test_order_and_labels_of_arms_change_nothing():
    rng = np.random.default_rng(3)
    arms = arms_of(*SPREAD, sd=rng.uniform(0, 1, 17))
    arms["trial_id"] = [f"T{i // 2}" if i < 16 else "T9" for i in range(17)]
    arms = arms[~((arms["trial_id"] == "T4") & (arms["stratum"] == "respiratory"))]
    renamed = arms.sample(frac=1, random_state=1).assign(arm=range(50, 50 + len(arms)))
    tables = [uncertain_doses(some, NO_GROUPS, NO_DOSES, MODELS, 1) for some in (arms, renamed)]
    pd.testing.assert_frame_equal(*tables)
    assert (tables[0]["status"] == "estimated").any()
    assert in_order(arms)["per_administration"].tolist() == in_order(renamed)["per_administration"].tolist()


def test_the_unit_of_doses_moves_medians_and_no_shift():
    arms = arms_of(*SPREAD, sd=0.4)
    axes = ["per_administration", "per_day", "cumulative"]
    billions = arms.assign(**{axis: arms[axis] - 9 for axis in axes})
    one, other = row_of(arms), row_of(billions)
    assert one[["estimate", "low", "high"]].tolist() == pytest.approx(
        other[["estimate", "low", "high"]].tolist()
    )
    medians = [row_of(some, "median_dose", "respiratory")["estimate"] for some in (arms, billions)]
    assert medians[0] == pytest.approx(medians[1] + 9)


def test_nothing_at_all_still_gives_rows_of_shifts():
    table = uncertain_doses(arms_of(), NO_GROUPS, NO_DOSES, MODELS, 1)
    assert list(table.columns) == list(UNCERTAIN_DOSES.columns)
    assert len(table) == 6
    assert set(table["status"]) == {"not_estimable"}
