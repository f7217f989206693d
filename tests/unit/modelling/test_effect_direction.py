"""Direction and call of each treated arm, by the rule."""

from __future__ import annotations

import pandas as pd
import pytest

from evdose.modelling.effect_direction import effect_directions
from evdose.modelling.effects import find_effects
from published_studies import MODELS, RULE, evidence

DIED = {"events": 4, "n": 21}, {"arm": 2, "events": 13, "n": 24}
SCORE = {"outcome": "score", "outcome_domain": "function score", "kind": "continuous"}
AGAINST_CONTROL = {"p_value": 0.01, "p_value_against": "control"}


def judged(*rows, rule=RULE, **study):
    found = evidence(*rows, **study)
    return effect_directions(found, find_effects(found, MODELS), MODELS, rule).iloc[0]


def call(*rows, **study):
    row = judged(*rows, **study)
    return row["direction"], row["call"]


def test_an_interval_that_excludes_no_effect_decides():
    assert call(*DIED, roles="ep") == ("benefit", "effective")
    assert call(*DIED, roles="ep", direction="higher is better", outcome="walked") == ("harm", "harmful")
    few = {"events": 4, "n": 21}, {"arm": 2, "events": 7, "n": 24}
    assert call(*few, roles="ep") == ("benefit", "not shown")


def test_equal_arms_have_no_direction():
    none = {"events": 0, "n": 10}, {"arm": 2, "events": 0, "n": 10}
    assert call(*none, roles="ep") == ("none", "not shown")


@pytest.mark.parametrize(
    ("numbers", "direction"),
    [
        ({"mean": 13.0, "baseline_mean": 10.0}, "benefit"),
        ({"mean": -3.0, "change_from_baseline": True}, "harm"),
        ({"mean": 13.0}, "unclear"),
        ({"median": 2.0, "change_from_baseline": True}, "benefit"),
    ],
)
def test_without_a_control_nothing_is_effective_whatever_its_p_value(numbers, direction):
    row = {**SCORE, **numbers, "p_value": 1e-4, "p_value_against": "baseline", "n": 20}
    assert call(row, direction="higher is better") == (direction, "not testable")
    assert judged(row)["why"] == "no concurrent control"


def test_a_share_without_a_control_has_no_direction():
    assert call({"events": 17, "n": 24}) == ("unclear", "not testable")


def test_a_reported_p_value_decides_where_the_numbers_are_missing():
    better = {"mean": 32.5, **AGAINST_CONTROL}, {"arm": 2, "mean": 19.9}
    assert call(*better, roles="ep", direction="higher is better", **SCORE) == ("benefit", "effective")
    assert call(*better, roles="ep", direction="lower is better", **SCORE) == ("harm", "harmful")
    unproven = {"mean": 32.5, **AGAINST_CONTROL, "p_value": 0.2}, {"arm": 2, "mean": 19.9}
    assert call(*unproven, roles="ep", direction="higher is better", **SCORE) == ("benefit", "not shown")


def test_a_reported_p_value_counts_only_against_the_control():
    row, control = {"mean": 5.0, **AGAINST_CONTROL, "p_value_against": "baseline"}, {"arm": 2, "mean": 9.0}
    assert call(row, control, roles="ep", **SCORE) == ("benefit", "not testable")
    not_stated = {"mean": 5.0, "p_value": 0.01}
    assert call(not_stated, control, roles="ep", **SCORE) == ("benefit", "not testable")


def test_reported_p_values_can_be_switched_off():
    row = {"mean": 5.0, **AGAINST_CONTROL}
    rule = RULE | {"reported_p_values": False}
    assert call(row, {"arm": 2, "mean": 9.0}, roles="ep", rule=rule, **SCORE) == ("benefit", "not testable")


@pytest.mark.parametrize(
    ("bound", "expected"), [(0.05, "effective"), (0.01, "effective"), (0.1, "not testable")]
)
def test_a_bound_decides_only_where_it_is_low_enough(bound, expected):
    row = {"mean": 5.0, "p_value": bound, "p_value_is_bound": True, "p_value_against": "control"}
    assert call(row, {"arm": 2, "mean": 9.0}, roles="ep", **SCORE)[1] == expected


def test_p_of_exactly_alpha_is_not_below_it():
    row = {"mean": 5.0, "p_value": 0.05, "p_value_against": "control"}
    assert call(row, {"arm": 2, "mean": 9.0}, roles="ep", **SCORE)[1] == "not shown"


def test_without_numbers_the_authors_state_the_direction_of_a_significant_p():
    row = {**SCORE, **AGAINST_CONTROL, "n": 28}
    assert call(row, design="RCT") == ("unclear", "not testable")
    assert call(row | {"authors_call_effective": "yes"}, design="RCT") == ("benefit", "effective")
    assert call(row | {"authors_call_effective": "no"}, design="RCT") == ("unclear", "not testable")
    assert "in whose favour" in judged(row, design="RCT")["why"]
    assert "as the authors state" in judged(row | {"authors_call_effective": "yes"}, design="RCT")["why"]
    unproven = row | {"authors_call_effective": "yes", "p_value": 0.3}
    assert call(unproven, design="RCT") == ("unclear", "not shown")


def test_the_authors_word_alone_decides_nothing():
    row = {**SCORE, "n": 20, "authors_call_effective": "yes"}
    found = judged(row, {"arm": 2, **SCORE}, roles="ep")
    assert (found["direction"], found["call"], found["authors_call"]) == ("unclear", "not testable", "yes")


def test_counts_worked_back_give_no_direction_and_no_call():
    rows = [row | {"derived": True} for row in DIED]
    assert call(*rows, roles="ep") == ("unclear", "not testable")
    treated, control = DIED
    assert call(treated, control | {"derived": True}, roles="ep") == ("unclear", "not testable")
    with_p = [row | {"derived": True, "p_value": 0.13, "p_value_against": "control"} for row in DIED]
    assert call(*with_p, roles="ep") == ("unclear", "not shown")


def test_medians_turned_into_means_decide_nothing():
    rows = [{"arm": arm, "median": m, "q1": m - 1, "q3": m + 1, "n": 40} for arm, m in ((1, 4.0), (2, 9.0))]
    assert call(*rows, roles="ep", **SCORE) == ("benefit", "not testable")
    assert call(rows[0] | AGAINST_CONTROL, rows[1], roles="ep", **SCORE) == ("benefit", "effective")


def test_the_p_value_and_sizes_of_the_outcome_judged():
    found = judged(*DIED, roles="ep")
    assert (found["n"], found["n_control"], found["p_value_from"]) == (21, 24, "computed")
    assert found["p_value"] == pytest.approx(0.0194, abs=5e-5)
    assert not found["p_value_is_bound"]
    row = {"mean": 5.0, "n": 8, "p_value": 0.01, "p_value_is_bound": True, "p_value_against": "control"}
    found = judged(row, {"arm": 2, "mean": 9.0, "n": 9}, roles="ep", **SCORE)
    assert (found["p_value"], found["p_value_is_bound"], found["p_value_from"]) == (0.01, True, "reported")
    assert (found["n"], found["n_control"]) == (8, 9)


@pytest.mark.parametrize("against", ["baseline", "dose", None])
def test_a_p_value_against_anything_else_is_not_one_against_the_control(against):
    row = {"mean": 5.0, "p_value": 0.01, "p_value_against": against}
    found = judged(row, {"arm": 2, "mean": 9.0}, roles="ep", **SCORE)
    assert pd.isna(found["p_value"]) and pd.isna(found["p_value_from"])
    alone = judged({"mean": 5.0, **AGAINST_CONTROL}, **SCORE)
    assert pd.isna(alone["p_value"]) and pd.isna(alone["n_control"])


def test_the_same_people_are_not_counted_twice():
    row = {"mean": 5.0, "n": 25, **AGAINST_CONTROL}
    found = judged(row, {"arm": 2, "mean": 9.0, "n": 25}, roles="ec", design="split-face RCT", **SCORE)
    assert (found["call"], found["n"]) == ("effective", 25)
    assert pd.isna(found["n_control"])


def test_one_row_an_arm_judged_by_the_outcome_highest_in_the_hierarchy():
    rows = [
        {**SCORE, "arm": 1, "mean": 5.0, **AGAINST_CONTROL},
        {**SCORE, "arm": 3, "mean": 9.0},
        *({"arm": arm, "events": arm, "n": 10, "outcome": "died"} for arm in (1, 2, 3)),
    ]
    found = evidence(*rows, roles="eep", arms={"doses": (9.0,)})
    table = effect_directions(found, find_effects(found, MODELS), MODELS, RULE)
    assert table["arm"].tolist() == [1, 2]
    assert table["outcome"].tolist() == ["died", "died"]
    assert table["direction"].tolist() == ["benefit", "benefit"]
    assert table["particles_log10"].fillna(0).tolist() == [9, 0]


def test_where_nothing_can_be_judged_the_first_of_the_hierarchy_stands_there():
    rows = [{**SCORE, "outcome": "score"}, {"outcome": "died"}]
    assert judged(*rows, design="RCT")["outcome"] == "died"
    assert "neither numbers nor a p-value" in judged(*rows, design="RCT")["why"]


def test_the_authors_call_of_the_arm_where_they_say_nothing_of_this_outcome():
    rows = [{"outcome": "died"}, {**SCORE, "authors_call_effective": "yes"}]
    assert judged(*rows)["authors_call"] == "yes"
    assert (
        judged(*rows, {**SCORE, "outcome": "pain", "authors_call_effective": "no"})["authors_call"]
        == "unknown"
    )
    assert judged(rows[0] | {"authors_call_effective": "no"}, rows[1])["authors_call"] == "no"


def test_no_evidence_gives_an_empty_table():
    found = evidence({}).head(0)
    assert effect_directions(found, find_effects(found, MODELS), MODELS, RULE).empty
