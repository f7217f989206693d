"""What is known of each arm that a used study reports."""

from __future__ import annotations

import pandas as pd
import pytest
from screening_records import SCENARIO, trial

from evdose.modelling.effect_direction import effect_directions
from evdose.modelling.effects import find_effects
from evdose.modelling.evidence import (
    efficacy_rows,
    on_one_person,
    results_in_scope,
    treated_and_control,
    with_arms,
)
from evdose.modelling.safety import safety_by_dose
from evdose.records.tables import TRIALS
from evdose.screening.studies import select_studies
from evdose.screening.tables import SCREENING, STUDIES
from evdose.tables import empty, frame_of
from published_studies import MODELS, RULE, arm_tables, evidence, outcomes


def test_results_of_used_studies_stand_with_the_record_kept():
    rows = [("S", "NCT1", True), ("T", "NCT2", False)]
    fields = ["study_id", "trial_id", "used"]
    given = {"reason": "made up", "source_id": "seeds/outcomes/S.yaml"}
    studies = frame_of([given | dict(zip(fields, row, strict=True)) for row in rows], STUDIES)
    both = pd.concat([outcomes("S", {}, {}, trial_id="ChiCTR1"), outcomes("T", {})])
    found = results_in_scope(both, studies)
    assert list(zip(found["study_id"], found["trial_id"], strict=True)) == [("S", "NCT1"), ("S", "NCT1")]


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


@pytest.mark.filterwarnings("error")
def test_control_arms_alone_have_no_stratum():
    assert evidence({}, roles="c")["stratum"].tolist() == ["not reported"]


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


def test_the_first_control_of_the_file_is_the_control_in_whatever_order_rows_come():
    rows = evidence({"arm": 1}, {"arm": 2}, {"arm": 3}, roles="ecc")
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        ((_, control),) = treated_and_control(rows.iloc[order])
        assert control["arm"] == 2


@pytest.mark.parametrize(
    ("design", "paired"),
    [("split-face RCT", True), ("double-blind cross-over", True), ("RCT", False), (None, False)],
)
def test_both_treatments_on_one_person(design, paired):
    assert on_one_person(evidence({}, design=design).to_dict("records")[0]) is paired


@pytest.mark.parametrize("asked", ["linked", "all_msc_ev"])
@pytest.mark.parametrize("setting", ["include", "exclude"])
def test_products_not_known_to_be_from_these_cells_reach_no_effect_whatever_the_scenario(asked, setting):
    """Platelets, plasma, engineered kidney cells, or origin not stated: out of effects, calls and safety."""
    origins = {"Msc": "yes", "Platelet": "no", "Unstated": "unknown"}
    died = {"events": 4, "n": 21}, {"arm": 2, "events": 13, "n": 24}
    harmed = {"events": 1, "n": 21, "outcome": "any", "outcome_domain": "adverse event"}
    rows = [
        outcomes(study, *died, harmed, msc_derived=origin, trial_id="NCT00000001")
        for study, origin in origins.items()
    ]
    parts = [arm_tables(study, "ep", doses=(9.0,)) for study in origins]
    trials = frame_of([trial("NCT00000001")], TRIALS)
    included = {"record_id": "NCT00000001", "decision": "included", "reason": "meets all", "rule": "included"}
    scenario = {"outcome_studies": asked, "switches": dict.fromkeys(SCENARIO["switches"], setting)}
    studies = select_studies(pd.concat(rows), trials, frame_of([included], SCREENING), scenario)
    arms, routes, doses = (pd.concat(kind) for kind in zip(*parts, strict=True))
    found = with_arms(results_in_scope(pd.concat(rows), studies), arms, routes, doses)
    efficacy = efficacy_rows(found, MODELS["primary_outcome_hierarchy"])
    effects = find_effects(efficacy, MODELS)
    directions = effect_directions(efficacy, effects, MODELS, RULE)
    for table in (found, effects, directions, safety_by_dose(found, 0.95)):
        assert set(table["study_id"]) == {"Msc"}


def test_nothing_in_nothing_out():
    found = with_arms(results_in_scope(outcomes("S", {}), empty(STUDIES)), *arm_tables("S", "e"))
    assert found.empty
    assert efficacy_rows(found, MODELS["primary_outcome_hierarchy"]).empty
