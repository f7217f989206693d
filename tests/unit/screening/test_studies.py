"""Which published results a scenario uses, and why not the others."""

from __future__ import annotations

import pandas as pd
import pytest
from screening_records import SCENARIO, trial

from evdose.records.tables import OUTCOMES, TRIALS
from evdose.screening.studies import select_studies
from evdose.screening.tables import SCREENING
from evdose.tables import empty, frame_of
from published_studies import outcomes

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
    found = select_studies(outcomes("S", {}, **of_study), TRIAL_TABLE, SCREENED, scenario)
    return list(found.loc[found["used"], "trial_id"])


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


def test_switches_for_study_types_hold_where_no_registration_is_known():
    report = {"study_type": "OBSERVATIONAL"}
    assert used("all_msc_ev", **report) == []
    assert len(used("all_msc_ev", {"observational": "include"}, **report)) == 1
    assert used("all_msc_ev", trial_id=IN, **report) == [IN]
    assert used("all_msc_ev", study_type="EXPANDED_ACCESS") == []


def test_every_study_gets_one_reason():
    rows = pd.concat(
        [
            outcomes("A", {}, {}, trial_id=IN),
            outcomes("B", {}, trial_id=OUT),
            outcomes("C", {}, same_data_as="A", msc_derived="no"),
            outcomes("D", {}, msc_derived="unknown"),
            outcomes("E", {}, ev_class="not_administered"),
            outcomes("F", {}),
        ]
    )
    found = select_studies(rows, TRIAL_TABLE, SCREENED, SCENARIO | {"outcome_studies": "linked"})
    assert dict(zip(found["study_id"], found["reason"], strict=True)) == {
        "A": "trial included",
        "B": "trial that the scenario leaves out",
        "C": "repeats the participants of another study",
        "D": "origin from mesenchymal stem cells not stated",
        "E": "product that the scenario leaves out",
        "F": "no registration known here",
    }
    assert list(found["used"]) == [True, False, False, False, False, False]


def test_no_studies_and_no_records():
    scenario = SCENARIO | {"outcome_studies": "all_msc_ev"}
    assert select_studies(empty(OUTCOMES), TRIAL_TABLE, SCREENED, scenario).empty
    assert select_studies(outcomes("S", {}), empty(TRIALS), empty(SCREENING), scenario)["used"].all()
