"""Safety by dose: every arm with its exact interval, and trends within a study."""

from __future__ import annotations

import pandas as pd
import pytest

from evdose.modelling.estimators.exact import clopper_pearson, trend_test
from evdose.modelling.evidence import with_arms
from evdose.modelling.safety import safety_by_dose
from published_studies import arm_tables, evidence, outcomes, several

AE = {"outcome": "any adverse event", "outcome_domain": "adverse event"}


def safety(*rows, **study):
    return safety_by_dose(evidence(*rows, **AE, **study), 0.95)


def trend(events, n, doses, roles="eee"):
    rows = [{"arm": i, "events": x, "n": size} for i, (x, size) in enumerate(zip(events, n, strict=True), 1)]
    found = safety(*rows, roles=roles, arms={"doses": doses})
    return found[found["kind"] == "trend"].iloc[0]


def test_no_events_still_have_an_interval_in_treated_and_control_arms():
    found = safety({"events": 0, "n": 7}, {"arm": 2, "events": 1, "n": 8}, roles="ep")
    assert found["kind"].tolist() == ["arm", "arm"]
    assert found["role"].tolist() == ["experimental", "placebo"]
    assert found["stratum"].tolist() == ["intravenous", "intravenous"]
    assert (found["low"][0], found["high"][0]) == pytest.approx(clopper_pearson(0, 7, 0.95))
    assert found["proportion"].tolist() == [0, 1 / 8]


@pytest.mark.parametrize(
    ("numbers", "why"),
    [
        ({"events": 0}, "n not reported"),
        ({"n": 7}, "events not reported"),
        ({}, "events and n not reported"),
        ({"events": 0, "n": 0}, "no participants"),
    ],
)
def test_what_is_not_reported_is_said(numbers, why):
    row = safety(numbers).iloc[0]
    assert (row["status"], row["why"]) == ("not_estimable", why)


def test_efficacy_completion_and_derived_counts_stay_out():
    rows = [
        {"events": 1, "n": 9, "outcome_domain": "mortality"},
        {"events": 1, "n": 9, "outcome_domain": "completion"},
        {"events": 1, "n": 9, "outcome_domain": "adverse event", "derived": True},
        {"events": 1, "n": 9, "outcome_domain": "serious adverse event"},
    ]
    assert safety_by_dose(evidence(*rows), 0.95)["outcome_domain"].tolist() == ["serious adverse event"]


def test_events_of_two_names_are_not_added_up():
    found = safety({"events": 2, "n": 9}, {"events": 2, "n": 9, "outcome": "headache"})
    assert found["events"].tolist() == [2, 2]


def test_a_trend_over_the_doses_of_a_study():
    row = trend((0, 2, 5), (6, 6, 6), (8.0, 9.0, 10.0))
    expected = trend_test((0, 2, 5), (6, 6, 6), (8, 9, 10))
    assert row["status"] == "estimated"
    assert (row["p_value"], row["smallest_p"]) == pytest.approx(tuple(expected))
    assert (row["levels"], row["events"], row["n"]) == (3, 7, 18)


def test_without_events_no_trend_can_be_seen():
    row = trend((0, 0, 0), (3, 3, 3), (8.0, 9.0, 10.0))
    assert (row["status"], row["why"]) == ("not_estimable", "no events: no trend can be seen")
    assert trend((3, 3, 3), (3, 3, 3), (8.0, 9.0, 10.0))["why"].startswith("everyone")


def test_two_doses_suffice_and_one_does_not():
    assert trend((0, 3), (6, 6), (8.0, 9.0), roles="ee")["status"] == "estimated"
    assert trend((0, 3), (6, 6), (8.0, 8.0), roles="ee")["why"] == "the treated arms have the same dose"


def test_too_few_to_ever_show_a_trend_is_said():
    assert trend((0, 1), (4, 4), (8.0, 9.0), roles="ee")["why"].endswith("can't reject at this size")
    assert "at this size" not in trend((0, 5), (6, 6), (8.0, 9.0), roles="ee")["why"]


def test_a_trend_says_which_way_the_events_lean():
    assert "lean to higher doses" in trend((0, 2, 5), (6, 6, 6), (8.0, 9.0, 10.0))["why"]
    assert "lean to lower doses" in trend((5, 2, 0), (6, 6, 6), (8.0, 9.0, 10.0))["why"]
    assert "lean to no side" in trend((2, 4), (6, 12), (8.0, 9.0), roles="ee")["why"]


@pytest.mark.parametrize(
    ("outcome", "limiting"),
    [
        ("dose-limiting toxicity", True),
        ("Dose limiting toxicities within 28 days", True),
        ("participants with a DLT", True),
        ("serious adverse events", False),
        ("unlimited dose", False),
        ("adultery", False),
    ],
)
def test_a_dose_limiting_toxicity_is_told_by_its_name(outcome, limiting):
    event = {"events": 0, "n": 3, "outcome": outcome, "outcome_domain": "serious adverse event"}
    found = safety_by_dose(evidence(event), 0.95)
    assert found["dose_limiting"].tolist() == [limiting]
    assert found["high"].item() == pytest.approx(
        1 - 0.025 ** (1 / 3)
    )  # three without one: up to 71 % possible


def test_a_trend_of_dose_limiting_toxicities_is_marked_too():
    rows = {"events": 0, "n": 6, "outcome": "DLT"}, {"events": 5, "n": 6, "outcome": "DLT", "arm": 2}
    found = safety(*rows, roles="ee", arms={"doses": (9.0, 10.0)})
    assert found["kind"].tolist() == ["arm", "arm", "trend"]
    assert found["dose_limiting"].all()


def test_lesions_are_not_participants():
    rows = {"events": 1, "n": 30}, {"events": 9, "n": 30, "arm": 2}
    found = safety(*rows, roles="ee", arms={"doses": (9.0, 10.0), "n": (10, 30)})
    assert found["status"].tolist() == ["not_estimable", "estimated", "not_estimable"]
    assert found["why"].iloc[0] == "more counted than participants, so not independent; 10 in the arm"
    assert "not independent" in found["why"].iloc[2]


def test_two_routes_are_not_two_doses():
    arms, routes, doses = arm_tables("S", "ee", doses=(8.0, 9.0))
    routes.loc[1, ["stratum", "arm_stratum"]] = "topical"
    rows = outcomes("S", {"events": 0, "n": 6}, {"arm": 2, "events": 4, "n": 6}, **AE)
    found = safety_by_dose(with_arms(rows, arms, routes, doses), 0.95)
    assert found["why"].iloc[-1] == "the treated arms differ in route"


def test_an_unknown_dose_has_no_place_in_a_trend():
    assert "isn't known in every arm" in trend((0, 2, 5), (6, 6, 6), (8.0, 9.0))["why"]


def test_a_term_listed_only_for_arms_that_had_it_shows_no_trend():
    row = trend((1, 1), (3, 6), (8.0, 9.0), roles="eee")
    assert row["why"] == "2 of 3 treated arms report it; a trend needs all"


def test_a_study_without_a_treated_arm_changes_no_count_of_arms():
    parts = [arm_tables("S", "eee", doses=(8.0, 9.0)), arm_tables("T", "c")]
    rows = outcomes("S", {"events": 1, "n": 3}, {"arm": 2, "events": 1, "n": 6}, **AE)
    found = safety_by_dose(with_arms(rows, *(pd.concat(kind) for kind in zip(*parts, strict=True))), 0.95)
    assert found["why"].iloc[-1] == "2 of 3 treated arms report it; a trend needs all"


def test_a_large_trial_is_refused_rather_than_left_to_hang():
    row = trend((80,) * 5, (200,) * 5, (8.0, 8.4, 9.1, 9.7, 10.6), roles="eeeee")
    assert row["why"] == "too many participants for the exact test"


def test_a_control_has_no_place_on_the_dose_axis_and_one_treated_arm_no_trend():
    rows = {"events": 0, "n": 6}, {"arm": 2, "events": 3, "n": 6}
    assert safety(*rows, roles="ep", arms={"doses": (9.0,)})["kind"].tolist() == ["arm", "arm"]
    three = trend((1, 2, 3), (6, 6, 6), (9.0, 10.0), roles="eep")
    assert (three["levels"], three["n"]) == (2, 12)


def test_studies_are_kept_apart():
    doses = {"doses": (8.0, 9.0)}
    rows = {"arm": 1, "events": 0, "n": 6}, {"arm": 2, "events": 3, "n": 6}
    both = [evidence(*rows, study=name, roles="ee", arms=doses, **AE) for name in ("A", "B")]
    found = safety_by_dose(several(*both), 0.95)
    assert found[found["kind"] == "trend"]["study_id"].tolist() == ["A", "B"]
