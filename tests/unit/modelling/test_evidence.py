"""Which published results a scenario uses."""

from __future__ import annotations

import pandas as pd
import pytest
from published_studies import MODELS, arm_tables, evidence, outcomes
from screening_records import SCENARIO, trial

from evdose.modelling.evidence import efficacy_rows, studies_in_scope, treated_and_control, with_arms
from evdose.records.tables import TRIALS
from evdose.screening.tables import SCREENING
from evdose.tables import empty, frame_of

IN, OUT, TWIN, NO_TRIAL = "NCT00000001", "NCT00000002", "ChiCTR1", "NCT99999999"
TRIAL_TABLE = frame_of([trial(IN), trial(OUT), trial(TWIN)], TRIALS)
SCREENED = frame_of(
    [
        {"record_id": IN, "decision": "included", "reason": "meets every criterion", "rule": "included"},
        {"record_id": OUT, "decision": "excluded", "reason": "withdrawn", "rule": "withdrawn"},
        {"record_id": TWIN, "decision": "duplicate", "reason": "same", "rule": "same", "duplicate_of": IN},
    ],
    SCREENING,
)


def used(asked: str = "linked", switches: dict | None = None, **of_study) -> list:
    scenario = SCENARIO | {"outcome_studies": asked, "switches": SCENARIO["switches"] | (switches or {})}
    return list(studies_in_scope(outcomes("S", {}, **of_study), TRIAL_TABLE, SCREENED, scenario)["trial_id"])


@pytest.mark.parametrize("asked", ["linked", "all_msc_ev"])
def test_a_study_of_an_included_trial_is_used_and_one_of_an_excluded_trial_never(asked):
    assert used(asked, trial_id=IN) == [IN]
    assert used(asked, trial_id=OUT) == []


def test_a_study_of_a_duplicate_record_counts_for_the_record_kept():
    assert used(trial_id=TWIN) == [IN]


@pytest.mark.parametrize("trial_id", [None, NO_TRIAL], ids=["no registration", "no card"])
def test_studies_without_a_record_only_where_the_scenario_asks_for_all(trial_id):
    assert used("linked", trial_id=trial_id) == []
    assert len(used("all_msc_ev", trial_id=trial_id)) == 1


def test_other_origins_and_repeated_participants_are_never_used():
    assert used(trial_id=IN, msc_derived="no") == []
    assert used(trial_id=IN, msc_derived="unknown") == []
    assert used(trial_id=IN, same_data_as="Other2021") == []


def test_switches_hold_for_products_of_studies_too():
    cells = {"ev_class": "cells_with_ev"}
    assert used("all_msc_ev", **cells) == []
    assert len(used("all_msc_ev", {"cells_with_ev": "include"}, **cells)) == 1
    assert used("all_msc_ev", ev_class="not_administered") == []
    assert len(used("all_msc_ev", ev_class="engineered_ev")) == 1


def test_arms_bring_their_route_and_dose_and_a_control_stands_with_the_treated():
    found = evidence(
        {"arm": 1}, {"arm": 2}, {"arm": 3}, roles="eep", arms={"doses": (8.0, 9.0), "n": (3, 4, 5)}
    )
    assert list(found["stratum"]) == ["intravenous"] * 3
    assert list(found["particles_log10"].fillna(0)) == [8, 9, 0]
    assert list(found["arm_n"]) == [3, 4, 5]
    assert found["controlled"].all()


def test_a_control_between_two_routes_has_none():
    arms, routes, doses = arm_tables("S", "eec")
    routes.loc[1, ["stratum", "arm_stratum"]] = "topical"
    found = with_arms(outcomes("S", {"arm": 1}, {"arm": 2}, {"arm": 3}), arms, routes, doses)
    assert list(found["stratum"]) == ["intravenous", "topical", "not reported"]


def test_a_range_of_doses_stands_with_its_middle_and_ends():
    arms, routes, doses = arm_tables("S", "e", doses=(10.0,))
    doses["particles_log10_sd"] = 2 * 0.3 / 12**0.5  # log-uniform from 9.7 to 10.3
    row = with_arms(outcomes("S", {}), arms, routes, doses).iloc[0]
    assert (row["particles_low"], row["particles_high"]) == pytest.approx((9.7, 10.3))


@pytest.mark.parametrize(
    ("design", "controlled"),
    [
        ("double-blind RCT", True),
        ("randomised placebo-controlled", True),
        ("single-arm", False),
        ("uncontrolled series", False),
        ("non-randomised", False),
        (None, False),
    ],
)
def test_a_study_may_be_controlled_without_showing_its_control(design, controlled):
    assert evidence({}, design=design)["controlled"].tolist() == [controlled]


def test_efficacy_is_neither_safety_nor_completion_nor_baseline_nor_healthy_people():
    rows = [
        {"outcome_domain": "mortality"},
        {"outcome_domain": "lab", "timepoint_days": 0},
        {"outcome_domain": "adverse event"},
        {"outcome_domain": "serious adverse event"},
        {"outcome_domain": "completion"},
    ]
    hierarchy = MODELS["primary_outcome_hierarchy"]
    assert list(efficacy_rows(evidence(*rows), hierarchy)["outcome_domain"]) == ["mortality"]
    assert efficacy_rows(evidence(*rows, condition="healthy volunteers"), hierarchy).empty
    assert len(efficacy_rows(evidence(*rows, condition=None), hierarchy)) == 1


def test_pairs_match_outcome_and_time_and_prefer_the_placebo():
    rows = [
        {"arm": 1, "timepoint_days": 7},
        {"arm": 2, "timepoint_days": 7},
        {"arm": 3, "timepoint_days": 7},
        {"arm": 1, "timepoint_days": 28},
        {"arm": 1},
    ]
    pairs = {
        row["locator"]: control and control["arm"]
        for row, control in treated_and_control(evidence(*rows, roles="ecp"))
    }
    assert pairs == {"/outcomes/0": 3, "/outcomes/3": None, "/outcomes/4": None}


def test_nothing_in_nothing_out():
    scenario = SCENARIO | {"outcome_studies": "linked"}
    nothing = studies_in_scope(outcomes("S", {}, msc_derived="no"), TRIAL_TABLE, SCREENED, scenario)
    found = with_arms(nothing, *arm_tables("S", "e"))
    assert found.empty
    assert efficacy_rows(found, MODELS["primary_outcome_hierarchy"]).empty
    no_records = studies_in_scope(outcomes("S", {}), empty(TRIALS), empty(SCREENING), scenario)
    assert isinstance(no_records, pd.DataFrame)
    assert no_records.empty
