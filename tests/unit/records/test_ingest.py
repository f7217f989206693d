"""Files become tables; bad ones stop the run with all their problems, or go to quarantine."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from record_files import card, inputs, study, write

from evdose.documents import read_yaml, resolve
from evdose.errors import InputError
from evdose.records import reading
from evdose.records.ingest import TABLES, ingest
from evdose.records.summary import summary


def tables(folder, cards, studies=(), *, strict=True):
    return ingest(inputs(folder, cards, studies), strict=strict, cache_folder=None)


def problems(folder, cards, studies=()):
    with pytest.raises(InputError) as raised:
        tables(folder, cards, studies)
    return raised.value.problems


def test_a_card_and_a_study_become_rows(tmp_path):
    made = tables(tmp_path, [card()], [study()])
    assert list(made) == list(TABLES)
    trial = made["trials"].iloc[0]
    assert (trial["trial_id"], trial["first_posted"], trial["first_posted_status"]) == (
        "NCT05000001",
        "2021-08-11",
        "exact",
    )
    assert (trial["condition_group"], trial["cell_source_group"], trial["product_line"]) == (
        "respiratory",
        "bone marrow",
        "ExoFlo",
    )
    assert made["arms"][["trial_id", "arm", "record_kind", "dose_text"]].values.tolist()[0] == [
        "NCT05000001",
        1,
        "registration",
        "2×10⁸ particles",
    ]
    outcomes = made["outcomes"]
    assert outcomes["arm"].tolist() == [1, 2]
    assert outcomes["events"].tolist() == [1, 3]
    assert not outcomes["derived"].any()
    assert outcomes["trial_id"].unique().tolist() == ["NCT05000001"]
    assert outcomes["source_url"].unique().tolist() == ["https://doi.org/10.1000/doe"]
    assert made["quarantine"].empty


def test_every_locator_leads_back_to_the_text(tmp_path):
    made = tables(tmp_path, [card()], [study()])
    for row in made["arms"].itertuples():
        arm = resolve(read_yaml(row.source_id).data, row.locator)
        for column, field in {
            "dose_text": "dose",
            "schedule_text": "schedule",
            "route_text": "route",
        }.items():
            value = getattr(row, column)
            assert arm.get(field) == (None if pd.isna(value) else value)
    for row in made["outcomes"].itertuples():
        assert resolve(read_yaml(row.source_id).data, row.locator)["events"] == row.events


def test_all_problems_of_all_files_are_told_at_once(tmp_path):
    found = problems(
        tmp_path,
        [card(titel="x"), card(id="NCT05000002", registered="maybe")],
        [study(outcomes=[{**study()["outcomes"][0], "arm": "EVs"}])],
    )
    assert {Path(problem.file).name for problem in found} == {
        "0_NCT05000001.yaml",
        "1_NCT05000002.yaml",
        "Doe2023.yaml",
    }
    assert all(problem.line and problem.place and problem.remedy for problem in found)
    unknown_key = next(problem for problem in found if "titel" in problem.what)
    assert "title" in unknown_key.remedy
    unknown_arm = next(problem for problem in found if "EVs" in problem.what)
    assert "EV, saline" in unknown_arm.remedy


SCORE = study()["outcomes"][0] | {"kind": "continuous", "domain": "function score"}
del SCORE["events"]
SPREAD = {"se": 0.5, "ci_low": 4.0, "ci_high": 6.0, "median": 5.0, "q1": 4.0, "q3": 6.0}
SPREAD |= {"minimum": 1.0, "maximum": 9.0, "t_value": -2.1}


def with_score(**numbers):
    return study(outcomes=[SCORE | numbers])


def test_every_number_of_a_continuous_outcome_becomes_a_column(tmp_path):
    numbers = {"mean": 5.0, "sd": 2.0} | SPREAD
    row = tables(tmp_path, [card()], [with_score(**numbers)])["outcomes"].iloc[0]
    assert row[list(numbers)].to_dict() == numbers


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ({"median": 5.0, "q1": 6.0, "q3": 7.0}, "the first quartile (6) is above the median (5)"),
        ({"q1": 6.0, "q3": 4.0}, "the first quartile (6) is above the third quartile (4)"),
        ({"median": 5.0, "minimum": 7.0, "maximum": 9.0}, "the smallest value (7) is above the median (5)"),
        ({"mean": 5.0, "ci_low": 6.0, "ci_high": 4.0}, "the confidence interval has no width"),
        ({"mean": 5.0, "ci_low": -3.0, "ci_high": -1.0}, "the mean (5) isn't inside its confidence interval"),
        ({"mean": 5.0, "sd": 1.0, "se": 2.0}, "the standard error is above the standard deviation"),
    ],
)
def test_numbers_of_an_outcome_that_cannot_be_together(tmp_path, numbers, told):
    (problem,) = problems(tmp_path, [card()], [with_score(**numbers)])
    assert told in problem.what and problem.remedy and problem.line is not None


@pytest.mark.parametrize(
    "numbers",
    [
        {"se": 1.0},
        {"mean": 5.0, "se": 0},
        {"mean": 5.0, "ci_low": 4.0},
        {"ci_low": 4.0, "ci_high": 6.0},
        {"minimum": 4.0},
        {"t_value": 2.0},
    ],
)
def test_half_of_what_belongs_together_is_refused(tmp_path, numbers):
    assert problems(tmp_path, [card()], [with_score(**numbers)])


@pytest.mark.parametrize(
    ("cards", "studies", "told"),
    [
        ([card(), card()], [], "the id NCT05000001 is also that of"),
        ([card(first_posted="2021-02-30")], [], "there is no day 2021-02-30"),
        ([card(same_trial_as=["NCT05000001"])], [], "names itself"),
        ([card(arms=[{"label": "a", "role": "control"}] * 2)], [], "the label 'a' is also that of arm 1"),
        ([card()], [study(same_data_as="Roe2020")], "Roe2020 isn't another study"),
        ([card()], [study(same_data_as="Doe2023")], "Doe2023 isn't another study"),
        ([card()], [study(study_id="NCT05000001")], "is the id of a trial card"),
        ([card()], [study(outcomes=[{**study()["outcomes"][0], "events": 11}])], "11 participants"),
        ([card()], [study(arms=[*study()["arms"], study()["arms"][0]])], "the label 'EV'"),
    ],
)
def test_what_a_schema_cannot_see(tmp_path, cards, studies, told):
    (problem,) = problems(tmp_path, cards, studies)
    assert told in problem.what
    assert problem.line is not None
    assert problem.remedy


def test_of_two_cards_with_one_id_the_first_stays(tmp_path):
    made = tables(tmp_path, [card(), card(title="a copy")], strict=False)
    assert made["trials"]["title"].tolist() == [card()["title"]]
    assert made["quarantine"]["file"].tolist() == [str(tmp_path / "trials/1_NCT05000001.yaml")]


def test_conflicts_are_told_and_found_again(tmp_path):
    conflicts = [{"field": "status", "value": "COMPLETED", "other_value": "UNKNOWN", "note": "why"}]
    flags = [{"field": "first_posted", "flag": "second-hand"}]
    made = tables(tmp_path, [card(first_posted="2019-01", conflicts=conflicts, flags=flags)])
    rows = made["conflicts"]
    assert rows["field"].tolist() == ["status", "first_posted"]
    assert rows["locator"].tolist() == ["/conflicts/0", "/first_posted"]
    assert rows["other_value"].tolist() == ["UNKNOWN", "2019-01"]
    trial = made["trials"].iloc[0]
    assert trial["first_posted_status"] == "inferred"
    assert rows["value"].tolist()[1] == trial["first_posted"] > "2021"
    assert "status: conflicting" in trial["flags"]
    assert "first_posted: inferred" in trial["flags"]


def test_an_outcome_may_have_a_source_of_its_own(tmp_path):
    outcomes = [{**outcome, "source_url": "https://b.org/2"} for outcome in study()["outcomes"][:1]]
    made = tables(tmp_path, [card()], [study(outcomes=[*outcomes, study()["outcomes"][1]])])
    assert made["outcomes"]["source_url"].tolist() == ["https://b.org/2", "https://doi.org/10.1000/doe"]


def test_studies_that_point_at_each_other_are_both_refused(tmp_path):
    found = problems(
        tmp_path,
        [card()],
        [study(same_data_as="Roe2020"), study(study_id="Roe2020", same_data_as="Doe2023")],
    )
    assert len(found) == 2


def test_a_curated_range_upside_down(tmp_path):
    curated = {
        "low": 5,
        "high": 2,
        "unit": "mL",
        "substance": "product_volume",
        "reason": "r",
        "source": "s",
        "date": "2026-11",
    }
    arms = [{"label": "a", "role": "experimental", "curated": curated}]
    (problem,) = problems(tmp_path, [card(arms=arms)])
    assert "ends (2) below its start (5)" in problem.what


def test_a_curated_value_needs_its_reason_source_and_date(tmp_path):
    arms = [{"label": "a", "role": "experimental", "curated": {"administrations": 3}}]
    missing = {problem.place.rsplit("/", 1)[1] for problem in problems(tmp_path, [card(arms=arms)])}
    assert missing == {"reason", "source", "date"}


def test_curated_values_reach_the_arm_with_their_reason(tmp_path):
    curated = {
        "low": 5e9,
        "unit": "particle",
        "substance": "particles",
        "per": "administration",
        "administrations": 3,
        "reason": "stands in a table",
        "source": "doi 10.1/x",
        "date": "2026-11",
    }
    arms = [{"label": "a", "role": "experimental", "curated": curated}]
    row = tables(tmp_path, [card(arms=arms)])["arms"].iloc[0]
    assert (row["curated_low"], row["curated_high"], row["curated_administrations"]) == (5e9, 5e9, 3)
    assert row["curated_reason"] == "stands in a table; doi 10.1/x; 2026-11"


@pytest.mark.parametrize(
    ("flags", "column"),
    [
        (["superscript lost"], "inferred"),
        (["second-hand", "inferred"], "inferred"),
        (["inferred", "conflicting"], "conflicting"),
        (["second-hand"], "second-hand"),
        ([], None),
    ],
)
def test_the_gravest_doubt_about_a_dose_is_told(tmp_path, flags, column):
    arm = {
        "label": "a",
        "role": "experimental",
        "dose": "2 x 108",
        "flags": [{"field": "dose", "flag": flag, "note": "n"} for flag in flags],
    }
    row = tables(tmp_path, [card(arms=[arm])])["arms"].iloc[0]
    assert (None if pd.isna(row["dose_flag"]) else row["dose_flag"]) == column
    assert pd.isna(row["route_flag"])
    assert all(flag in str(row["flag_note"]) for flag in flags)


def test_a_binary_outcome_has_no_mean(tmp_path):
    (problem,) = problems(tmp_path, [card()], [study(outcomes=[{**study()["outcomes"][0], "mean": 0.1}])])
    assert problem.place == "/outcomes/0/mean"
    assert "left out of a binary outcome" in problem.remedy


def test_a_continuous_outcome_has_no_events(tmp_path):
    outcome = {**study()["outcomes"][0], "kind": "continuous"}
    (problem,) = problems(tmp_path, [card()], [study(outcomes=[outcome])])
    assert problem.place == "/outcomes/0/events"


def test_without_strictness_bad_records_go_to_quarantine_and_nothing_is_lost(tmp_path):
    cards = [card(), card(id="NCT05000002", registered="maybe", titel="x"), card(id="NCT05000003")]
    studies = [study(), study(study_id="Roe2020", same_data_as="Nobody2019")]
    made = tables(tmp_path, cards, studies, strict=False)
    assert made["trials"]["trial_id"].tolist() == ["NCT05000001", "NCT05000003"]
    assert made["outcomes"]["study_id"].unique().tolist() == ["Doe2023"]
    sources = made["sources"]
    assert (
        sources["scanned"] == sources["selected"] + sources["not_selected"] + sources["quarantined"]
    ).all()
    assert sources["quarantined"].sum() == 2 == len(made["quarantine"])
    bad_card = made["quarantine"].iloc[0]
    assert bad_card["file"].endswith("1_NCT05000002.yaml")
    assert "maybe" in bad_card["what"]
    assert "titel" in bad_card["what"]
    assert any("quarantine" in line for line in summary(made))


def test_a_file_that_is_not_yaml_is_one_quarantined_record(tmp_path):
    given = inputs(tmp_path, [card(), card(id="NCT05000002")])
    Path(given.cards[1]).write_bytes(b"arms: [\n")
    made = ingest(given, strict=False, cache_folder=None)
    assert len(made["trials"]) == 1
    assert len(made["quarantine"]) == 1


def test_a_card_that_vanished_is_named(tmp_path):
    given = inputs(tmp_path, [card(), card(id="NCT05000002")])
    Path(given.cards[1]).unlink()
    with pytest.raises(InputError, match=r"1_NCT05000002\.yaml: can't be read"):
        ingest(given, strict=True, cache_folder=None)
    assert len(ingest(given, strict=False, cache_folder=None)["quarantine"]) == 1


def test_broken_claims_stop_the_run_even_without_strictness(tmp_path):
    given = inputs(tmp_path, [card()])
    claims = {"schema_version": 1, "review": "r", "claims": []}
    given = type(given)(**{**vars(given), "claims": write(tmp_path / "claims.yaml", claims)})
    with pytest.raises(InputError, match="claims"):
        ingest(given, strict=False, cache_folder=None)


def test_the_summary_counts_what_was_read(tmp_path):
    lines = summary(tables(tmp_path, [card(same_trial_as=["ChiCTR2100000001"])], [study()]))
    assert lines[0].startswith("1 trial cards read, 1 of them registrations, with 2 arms")
    assert any("ChiCTR2100000001 has no card" in line for line in lines)


def test_a_warm_cache_gives_the_same_tables(tmp_path):
    given = inputs(tmp_path, [card(), card(id="NCT05000002")], [study()])
    cold = ingest(given, strict=True, cache_folder=tmp_path / "cache")
    warm = ingest(given, strict=True, cache_folder=tmp_path / "cache")
    for name, frame in cold.items():
        pd.testing.assert_frame_equal(frame, warm[name])


def test_a_cached_card_is_not_parsed_again_and_a_changed_one_is(tmp_path, monkeypatch):
    parsed = []
    real = reading.read_yaml
    monkeypatch.setattr(reading, "read_yaml", lambda path: parsed.append(Path(path).name) or real(path))
    given = inputs(tmp_path, [card(), card(id="NCT05000002")])
    ingest(given, strict=True, cache_folder=tmp_path / "cache")
    parsed.clear()
    write(Path(given.cards[1]), card(id="NCT05000002", title="another"))
    made = ingest(given, strict=True, cache_folder=tmp_path / "cache")
    assert [name for name in parsed if name != "claims.yaml"] == ["1_NCT05000002.yaml"]
    assert made["trials"]["title"].tolist()[1] == "another"


def test_a_card_with_an_old_problem_is_checked_again(tmp_path):
    given = inputs(tmp_path, [card(titel="x")])
    for _ in range(2):
        with pytest.raises(InputError, match="titel"):
            ingest(given, strict=True, cache_folder=tmp_path / "cache")
