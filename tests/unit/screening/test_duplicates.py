import pytest
from screening_records import trial, trials_of

from evdose.errors import InputError
from evdose.screening.duplicates import find_duplicates, registration_numbers


def same(*records, same=True):
    return {"records": list(records), "same": same, "reason": "read both"}


def merged(*records, same_trial=()):
    table = find_duplicates(trials_of(*records), list(same_trial))
    return dict(zip(table["record_id"], table["duplicate_of"], strict=True))


def chictr(number, **changes):
    return trial(number, registry="ChiCTR", **changes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see nct05043181 and ChiCTR2100050939", {"NCT05043181", "CHICTR2100050939"}),
        ("NCT 05043181", {"NCT05043181"}),
        ("IRCT20080831001141N43", {"IRCT20080831001141N43"}),
        ("EudraCT 2016-000307-10", {"2016-000307-10"}),
        ("EUCTR2016-000307-10-ES", {"2016-000307-10"}),
        ("2024-512498-29-00", {"2024-512498-29"}),
        ("JPRN-UMIN000012345", {"UMIN000012345"}),
        ("UTN U1111-1291-0283", {"U1111-1291-0283"}),
        ("MR-46-22-004531", {"MR-46-22-004531"}),
        ("3R01DK119619-02S1; 2018-0126; 666666; 20210817V2.0; DB-EF-0004; 2012", set()),
        ("NCT050431811; XNCT05043181", set()),
    ],
)
def test_registration_numbers_and_nothing_else(text, expected):
    assert registration_numbers(text) == expected


def test_a_record_that_lists_another_is_merged_into_the_clinicaltrials_gov_one():
    records = trial("NCT00000002"), chictr("ChiCTR2100000001", secondary_ids="protocol 7; NCT00000002")
    assert merged(*records) == {"ChiCTR2100000001": "NCT00000002"}


def test_two_records_that_list_the_same_third_number_are_merged():
    records = trial("NCT00000002", secondary_ids="U1111-1291-0283"), chictr("ChiCTR2100000001")
    records[1]["secondary_ids"] = "UTN: U1111-1291-0283"
    assert merged(*records) == {"ChiCTR2100000001": "NCT00000002"}


def test_a_shared_grant_or_protocol_number_merges_nothing():
    assert merged(
        trial("NCT00000001", secondary_ids="5R01HL123456; DB-1"),
        trial("NCT00000002", secondary_ids="5R01HL123456; DB-1"),
    ) == {}  # fmt: skip


def test_an_own_id_that_is_no_registration_number_counts_when_another_lists_it():
    publication = trial("PUB-2020", registered=False, registry=None, secondary_ids="NCT00000001")
    assert merged(publication, trial("NCT00000001")) == {"PUB-2020": "NCT00000001"}
    listed = trial("NCT00000001", secondary_ids="STROKE-1")
    assert merged(listed, trial("STROKE-1", registered=False, registry=None)) == {"STROKE-1": "NCT00000001"}


def test_a_card_may_state_it_and_a_stated_record_that_is_not_there_is_no_twin():
    publication = trial(
        "PUB-2020", registered=False, registry=None, same_trial_as="PUB-2020; ISRCTN1; ABSENT"
    )
    isrctn = trial("ISRCTN1", registry="ISRCTN", same_trial_as="ABSENT")
    assert merged(publication, isrctn) == {"PUB-2020": "ISRCTN1"}


def test_chains_are_one_trial_and_the_fullest_other_registration_stands_for_it():
    records = [
        trial(
            "PUB-2020",
            registered=False,
            registry=None,
            secondary_ids="ChiCTR2100000001",
            phase="1",
            sponsor="S",
        ),
        chictr("ChiCTR2100000001", secondary_ids="ISRCTN12345678"),
        trial("ISRCTN12345678", registry="ISRCTN", phase="PHASE1", sponsor="A hospital"),
    ]
    assert merged(*records) == {"PUB-2020": "ISRCTN12345678", "ChiCTR2100000001": "ISRCTN12345678"}
    assert merged(*reversed(records)) == merged(*records)


def test_the_config_names_the_record_that_is_kept():
    records = trial("NCT00000001"), trial("PUB-2020", registered=False, registry=None)
    assert merged(*records, same_trial=[same("NCT00000001", "PUB-2020")]) == {"PUB-2020": "NCT00000001"}
    assert merged(*records, same_trial=[same("PUB-2020", "NCT00000001")]) == {"NCT00000001": "PUB-2020"}


def test_each_duplicate_says_how_it_was_found():
    table = find_duplicates(
        trials_of(
            trial("NCT00000001"),
            chictr("ChiCTR2100000001", secondary_ids="NCT00000001"),
            trial("PUB-1", registered=False, registry=None, same_trial_as="NCT00000001"),
            trial("PUB-2", registered=False, registry=None),
        ),
        [same("NCT00000001", "PUB-2")],
    )
    assert dict(zip(table["record_id"], table["rule"], strict=True)) == {
        "ChiCTR2100000001": "shared_identifier",
        "PUB-1": "same_trial_as",
        "PUB-2": "same_trial",
    }


def test_two_numbers_of_one_registry_need_a_person():
    parent, extension = trial("NCT00000001"), trial("NCT00000002", secondary_ids="NCT00000001")
    with pytest.raises(InputError, match=r"NCT00000001 and NCT00000002(.|\n)*same_trial"):
        merged(parent, extension)
    pair = "NCT00000001", "NCT00000002"
    assert merged(parent, extension, same_trial=[same(*pair, same=False)]) == {}
    assert merged(parent, extension, same_trial=[same(*pair)]) == {"NCT00000002": "NCT00000001"}


def test_two_numbers_of_one_registry_joined_through_a_third_record_need_a_person():
    records = [
        trial("NCT00000001"),
        trial("NCT00000002"),
        chictr("ChiCTR2100000001", secondary_ids="NCT00000001; NCT00000002"),
    ]
    with pytest.raises(InputError, match="two registrations of ClinicalTrials"):
        merged(*records)
    different = same("NCT00000001", "NCT00000002", same=False)
    with pytest.raises(InputError, match=r"called different(.|\n)*ChiCTR2100000001"):
        merged(*records, same_trial=[different])
    also = same("ChiCTR2100000001", "NCT00000002", same=False)
    assert merged(*records, same_trial=[different, also]) == {"ChiCTR2100000001": "NCT00000001"}


def test_the_country_records_of_one_eu_number_are_one_trial():
    records = [trial(f"EUCTR2016-000307-10-{country}", registry="EUCTR") for country in ("ES", "DE")]
    assert merged(*records) == {"EUCTR2016-000307-10-ES": "EUCTR2016-000307-10-DE"}


def test_an_unknown_record_is_refused_with_the_nearest_id():
    with pytest.raises(InputError, match=r"same_trial/0(.|\n)*did you mean 'NCT00000001'"):
        merged(trial("NCT00000001"), trial("PUB-1"), same_trial=[same("PUB-1", "NCT0000001")])


def test_no_records():
    assert merged() == {}
