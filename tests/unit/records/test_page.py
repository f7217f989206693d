"""A saved page is a trial record or it isn't, and of a record only the sections on treatment count."""

from __future__ import annotations

import pytest

from evdose.records.page import Page, read_page

RECORD = """Vesicles in knees
NCT ID: NCT01234567
Enrollment
30 participants
Brief Summary
Exosomes are given.
Study Groups:
Exosomes 1e9 particles
  Placebo
Eligibility Criteria
No more than 5e10 cells before
Interventions
weekly for 3 weeks
References
A trial of 2e9 particles
"""
NONE = Page(None, "")


def test_the_treatment_sections_keep_their_lines():
    page = read_page(RECORD)
    assert page.trial_id == "NCT01234567"
    kept = {5: "Exosomes are given.", 7: "Exosomes 1e9 particles", 8: "  Placebo", 12: "weekly for 3 weeks"}
    assert page.treatment.split("\n") == [kept.get(number, "") for number in range(15)]


@pytest.mark.parametrize("line", ["\r\n", "\r"])
def test_line_ends_make_no_difference(line):
    assert read_page(RECORD.replace("\n", line)) == read_page(RECORD)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("NCT01234567", "NCT01234567"),
        ("  ClinicalTrials.gov Identifier: NCT01234567  ", "NCT01234567"),
        ("Registration number: ChiCTR2100042411", "ChiCTR2100042411"),
        ("ChiCTR-TRC-12345678", "ChiCTR-TRC-12345678"),
        ("IRCT registration number: IRCT20190101042197N2", "IRCT20190101042197N2"),
        ("jRCTs031200123", "jRCTs031200123"),
        ("CTRI/2021/01/030123", "CTRI/2021/01/030123"),
        ("Secondary No. EUCTR2020-001234-12-NL", "EUCTR2020-001234-12-NL"),
    ],
)
def test_numbers_of_registries(line, number):
    assert read_page(RECORD.replace("NCT ID: NCT01234567", line)).trial_id == number


@pytest.mark.parametrize(
    "line",
    [
        "as in NCT01234567",
        "NCT01234567 was stopped",
        "NCT0123456",
        "NCT012345678",
        "Phone number: 01234567",
        "",
    ],
)
def test_a_number_that_is_cited_makes_no_record(line):
    assert read_page(RECORD.replace("NCT ID: NCT01234567", line)) == NONE


def test_a_number_without_the_headings_of_a_registry_makes_no_record():
    assert (
        read_page("Trial registration\nNCT01234567\nReferences\nReferences\nSex\nSex\nArms\n1e9 particles")
        == NONE
    )


@pytest.mark.parametrize("heading", ["Abstract", "INTRODUCTION", "Discussion", "Conclusions:"])
def test_a_protocol_that_was_published_is_an_article(heading):
    assert read_page(f"{heading}\n{RECORD}") == NONE


@pytest.mark.parametrize("text", ["", "\n", "NCT01234567", "2 x 10^8 particles, intravenous"])
def test_a_text_that_is_no_page(text):
    assert read_page(text) == NONE
