"""Effects of published studies: which table, which sign, which numbers, which outcome is the primary one."""

from __future__ import annotations

import math

import pytest

from evdose.modelling.effects import find_effects
from published_studies import MODELS, evidence, several

SCORE = {"outcome": "score", "outcome_domain": "function score", "kind": "continuous"}


def effects_of(*rows, **study):
    return find_effects(evidence(*rows, **study), MODELS)


def test_fewer_deaths_than_control_are_benefit_on_every_measure():
    found = effects_of({"events": 4, "n": 21}, {"arm": 2, "events": 13, "n": 24}, roles="ep")
    assert set(found["measure"]) == {"log_odds_ratio", "log_risk_ratio", "risk_difference"}
    assert (found["estimate"] > 0).all()
    odds = found.set_index("measure").loc["log_odds_ratio"]
    assert odds["estimate"] == pytest.approx(math.log(17 * 13 / (4 * 11)))
    assert odds["p_value"] == pytest.approx(0.0194, abs=5e-5)
    assert odds["numbers"] == "4/21 v 13/24"
    assert (odds["n_treated"], odds["n_control"], odds["comparator_arm"]) == (21, 24, 2)


def test_the_same_counts_of_something_good_are_harm():
    counts = {"events": 4, "n": 21}, {"arm": 2, "events": 13, "n": 24}
    found = effects_of(*counts, roles="ep", direction="higher is better", outcome="recovered")
    assert (found["estimate"] < 0).all()


@pytest.mark.parametrize(("direction", "sign"), [("lower is better", 1), ("higher is better", -1)])
def test_means_have_the_sign_of_benefit(direction, sign):
    rows = {"mean": 8.0, "sd": 2.0, "n": 10}, {"arm": 2, "mean": 10.0, "sd": 2.0, "n": 10}
    found = effects_of(*rows, roles="ec", direction=direction, **SCORE)
    assert found["measure"].tolist() == ["hedges_g"]
    assert sign * found["estimate"].item() == pytest.approx(1 - 3 / 71, abs=1e-3)
    assert found["low"].item() < found["estimate"].item() < found["high"].item()


def test_an_outcome_that_nobody_had_gives_a_risk_difference_of_zero():
    found = effects_of({"events": 0, "n": 10}, {"arm": 2, "events": 0, "n": 10}, roles="ep")
    assert found["measure"].tolist() == ["risk_difference"]
    assert found["estimate"].item() == 0
    assert math.copysign(1, found["estimate"].item()) == 1
    assert found["low"].item() < 0 < found["high"].item()


def test_a_risk_difference_stays_between_minus_one_and_one():
    found = effects_of({"events": 2, "n": 2}, {"arm": 2, "events": 0, "n": 1}, roles="ep").set_index(
        "measure"
    )
    assert found.at["risk_difference", "estimate"] == -1
    assert found.at["risk_difference", "low"] == -1


def test_without_a_control_a_count_is_a_share_with_the_good_end():
    found = effects_of({"events": 4, "n": 24})
    assert (found["effect_table"].item(), found["measure"].item()) == ("proportion", "proportion")
    assert found["estimate"].item() == pytest.approx(20 / 24)
    assert (found["low"].item(), found["high"].item()) == pytest.approx((0.6262, 0.9526), abs=1e-4)
    assert math.isnan(found["variance"].item())
    assert math.isnan(found["p_value"].item())


def test_an_arm_and_outcome_stands_in_one_table_only():
    found = effects_of({"events": 4, "n": 21}, {"arm": 2, "events": 13, "n": 24}, roles="ep")
    assert set(found["effect_table"]) == {"controlled"}


def test_a_control_without_numbers_leaves_the_arm_alone():
    found = effects_of({"events": 4, "n": 21}, {"arm": 2, "n": 24}, roles="ep")
    assert found["effect_table"].tolist() == ["proportion"]


@pytest.mark.parametrize(
    "numbers",
    [
        {"mean": 13.0, "baseline_mean": 10.0, "baseline_sd": 2.0},
        {"mean": 3.0, "change_from_baseline": True, "baseline_sd": 2.0},
    ],
)
def test_a_change_is_over_the_sd_at_baseline(numbers):
    found = effects_of({"n": 16, **numbers}, **SCORE | {"direction": "higher is better"})
    assert found["effect_table"].item() == "change"
    assert found["estimate"].item() == pytest.approx(1.5 * (1 - 3 / 59), abs=1e-3)
    assert "correlation 0.5" in found["equation"].item()


@pytest.mark.parametrize(
    "numbers",
    [
        {"mean": 13.0, "n": 16},
        {"mean": 13.0, "sd": 2.0, "n": 16},
        {"mean": 13.0, "baseline_mean": 10.0, "n": 16},
        {"mean": 13.0, "baseline_mean": 10.0, "baseline_sd": 0.0, "n": 16},
        {"mean": 13.0, "baseline_mean": 10.0, "baseline_sd": 2.0},
        {"mean": 13.0, "baseline_mean": 10.0, "baseline_sd": 2.0, "n": 1},
        {"mean": 13.0, "baseline_mean": 10.0, "baseline_sd": 2.0, "n": 2},
        {"median": 13.0, "q1": 10.0, "q3": 15.0, "baseline_mean": 9.0, "baseline_sd": 2.0, "n": 16},
        {"mean": 13.0, "ci_low": 12.0, "ci_high": 14.0, "n": 16},
        {
            "mean": 30.0,
            "change_from_baseline": True,
            "baseline_sd": 2.0,
            "n": 16,
            "outcome": "score % change",
        },
    ],
)
def test_numbers_that_do_not_suffice_give_no_effect(numbers):
    assert effects_of({**SCORE, **numbers}).empty


def test_a_median_gives_a_marked_effect_only():
    rows = {"median": 8.0, "q1": 7.0, "q3": 9.0, "n": 10}, {"arm": 2, "mean": 10.0, "sd": 2.0, "n": 10}
    found = effects_of(*rows, roles="ec", **SCORE)
    assert found["estimated_moments"].tolist() == [True]
    assert "Luo" in found["equation"].item() and "median 8" in found["numbers"].item()
    bare = effects_of({"median": 8.0, "n": 10}, rows[1], roles="ec", **SCORE)
    assert bare.empty


def test_an_sd_worked_back_says_so_and_is_as_good_as_printed():
    printed = {"mean": 8.0, "sd": 2.0, "n": 16}, {"arm": 2, "mean": 10.0, "sd": 2.0, "n": 16}
    worked_back = ({"mean": 8.0, "se": 0.5, "n": 16}, *printed[1:])
    one, other = (effects_of(*rows, roles="ec", **SCORE) for rows in (printed, worked_back))
    assert one["estimate"].item() == other["estimate"].item()
    assert not other["estimated_moments"].item()
    assert "SD from the standard error" in other["equation"].item()
    assert other["numbers"].item() == "8 (SE 0.5, n 16; SD 2) v 10 (SD 2, n 16)"


def test_an_estimate_is_primary_only_where_nothing_is_printed():
    medians = [
        {"arm": arm, "median": 5.0 + arm, "q1": 4.0 + arm, "q3": 6.0 + arm, "n": 10, **SCORE}
        for arm in (1, 2)
    ]
    alone = {"outcome": "seen", "outcome_domain": "imaging", "events": 3, "n": 9}
    assert primary(*medians, roles="ec") == [["score", "controlled"]]
    assert primary(*medians, alone, roles="ec") == [["seen", "proportion"]]
    worked_back = {"outcome": "died", "events": 3, "n": 9, "derived": True}
    assert primary(*medians, worked_back, roles="ec") == [["score", "controlled"]]


def test_counts_are_kept_with_the_better_outcome():
    odds = effects_of({"events": 4, "n": 21}, {"arm": 2, "events": 13, "n": 24}, roles="ep").iloc[0]
    assert (odds["events_treated"], odds["events_control"]) == (17, 11)
    share = effects_of({"events": 4, "n": 21}, direction="higher is better").iloc[0]
    assert share["events_treated"] == 4
    scores = {"mean": 8.0, "sd": 2.0, "n": 16}, {"arm": 2, "mean": 10.0, "sd": 2.0, "n": 16}
    assert (
        effects_of(*scores, roles="ec", **SCORE)[["events_treated", "events_control"]].isna().all(axis=None)
    )


def test_tracts_are_not_participants():
    found = effects_of(
        {"events": 12, "n": 20}, {"events": 30, "n": 43, "outcome": "tracts"}, arms={"n": (20,)}
    )
    assert found["n_treated"].tolist() == [20]


@pytest.mark.parametrize("design", ["split-face RCT", "triple-blind within-patient RCT", "crossover RCT"])
def test_two_treatments_on_one_person_are_not_two_arms(design):
    rows = {"mean": 8.0, "sd": 2.0, "n": 10}, {"arm": 2, "mean": 10.0, "sd": 2.0, "n": 10}
    assert effects_of(*rows, roles="ec", design=design, **SCORE).empty


def test_derived_counts_on_either_side_mark_the_effect():
    rows = {"events": 4, "n": 21}, {"arm": 2, "events": 13, "n": 24, "derived": True}
    assert effects_of(*rows, roles="ep")["derived"].all()


def primary(*rows, **study):
    found = effects_of(*rows, **study)
    return found.loc[found["primary"], ["outcome", "effect_table"]].drop_duplicates().values.tolist()


def test_the_primary_outcome_is_the_first_of_the_hierarchy():
    rows = {"outcome": "walked", "outcome_domain": "function score"}, {"outcome": "died"}
    assert primary(*rows, events=3, n=9) == [["died", "proportion"]]


def test_ties_go_to_the_latest_time_then_to_the_first_in_the_file():
    rows = [
        {"outcome": "early", "timepoint_days": 7},
        {"outcome": "late", "timepoint_days": 28},
        {"outcome": "late too", "timepoint_days": 28},
        {"outcome": "when?"},
    ]
    assert primary(*rows, events=3, n=9) == [["late", "proportion"]]


def test_a_comparison_is_primary_before_a_share():
    rows = [
        {"outcome": "died", "events": 3, "n": 9},
        {"outcome": "walked", "outcome_domain": "pain", "events": 3, "n": 9},
        {"outcome": "walked", "outcome_domain": "pain", "events": 1, "n": 9, "arm": 2},
    ]
    assert primary(*rows, roles="ec") == [["walked", "controlled"]]


def test_an_outcome_that_nobody_had_is_not_primary_where_there_is_another():
    alive = [{"arm": arm, "outcome": "died", "events": 0, "n": 10} for arm in (1, 2)]
    scored = [{"arm": arm, "mean": 5.0 + arm, "sd": 1.0, "n": 10, **SCORE} for arm in (1, 2)]
    assert primary(*alive, *scored, roles="ep") == [["score", "controlled"]]
    assert primary(*alive, roles="ep") == [["died", "controlled"]]


def test_printed_counts_are_primary_before_derived_ones():
    rows = [
        {"outcome": "died", "events": 3, "n": 9, "derived": True},
        {"outcome": "pain-free", "outcome_domain": "pain", "events": 3, "n": 9},
    ]
    assert primary(*rows) == [["pain-free", "proportion"]]


def test_both_arms_of_a_study_have_the_same_primary_outcome():
    rows = [{"arm": arm, "events": arm, "n": 10} for arm in (1, 2, 3)]
    found = effects_of(*rows, roles="eep")
    assert found["primary"].all()
    assert set(found["arm"]) == {1, 2}
    assert found["effect_id"].is_unique


def test_each_study_has_its_own_primary_outcome():
    one = evidence({"events": 1, "n": 9}, study="A")
    two = evidence({"events": 1, "n": 9, "outcome_domain": "lab"}, study="B")
    found = find_effects(several(one, two), MODELS)
    assert found["primary"].tolist() == [True, True]


def test_no_evidence_gives_an_empty_table():
    assert effects_of({**SCORE, "median": 3.0, "n": 5}).empty
