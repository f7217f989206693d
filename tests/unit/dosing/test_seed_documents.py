"""Five saved documents: of two trial records the doses are read, of three articles no trial's dose is."""

from __future__ import annotations

import pytest

from evdose.dosing import reasons
from evdose.dosing.batch import read_record
from evdose.dosing.explain import explanation
from evdose.dosing.reading.reader import prepare
from evdose.records.page import read_page

SYRINGOMYELIA, ENCEPHALITIS = "000_9d96823982d3bb84.txt", "001_24d33c1d953df04f.txt"
ARTICLES = ["002_439282c8025f4c6a.txt", "003_d114b94f21106d5f.txt", "004_abc512ef85f93d61.txt"]


@pytest.fixture
def page(reference):
    return lambda name: read_page((reference / "seeds" / name).read_text(encoding="utf-8"))


@pytest.fixture
def treatment(page, reader):
    """What is read from the treatment sections of a saved page."""
    return lambda name: read_record(reader, {"id": page(name).trial_id, "dose_text": page(name).treatment})


def amounts(answer):
    return [
        (dose["low"], dose["high"], dose["unit"], dose["substance"], dose["per"]) for dose in answer["doses"]
    ]


def particles(*values):
    return [(value, value, "particle", "particles", "administration") for value in values]


def test_vesicles_for_syringomyelia(treatment):
    answer = treatment(SYRINGOMYELIA)
    assert answer["id"] == "NCT07295067"
    assert amounts(answer) == particles(1e11, 2e11, 3e11)
    assert {dose["status"] for dose in answer["doses"]} == {"inferred"}
    assert (answer["administrations"], answer["administrations_status"]) == (3, "exact")
    assert [route["name"] for route in answer["routes"]] == ["intrathecal"]


def test_their_superscripts_were_lost_and_both_readings_are_kept(page, reader):
    doses = [dose for dose in reader.doses(prepare(page(SYRINGOMYELIA).treatment)) if dose.unit == "particle"]
    assert all(reasons.LOST_SUPERSCRIPT in dose.why for dose in doses)
    assert [dose.other_low for dose in doses] == [1011, 2022, 3033]


def test_vesicles_for_encephalitis(treatment):
    answer = treatment(ENCEPHALITIS)
    assert answer["id"] == "NCT07131683"
    assert amounts(answer) == particles(2.5e10, 5e10, 1e11)
    assert {dose["status"] for dose in answer["doses"]} == {"exact"}
    assert (answer["administrations"], answer["administrations_status"]) == (10, "exact")
    assert [route["name"] for route in answer["routes"]] == ["nasal"]


@pytest.mark.parametrize("name", [SYRINGOMYELIA, ENCEPHALITIS])
def test_the_words_read_stand_in_the_line_named(name, page, reader, reference):
    lines = (reference / "seeds" / name).read_text(encoding="utf-8").splitlines()
    first = explanation(reader, page(name).treatment).splitlines()[1]
    words, number = first.split("' line ")
    assert words.strip(" '") in lines[int(number.split()[0]) - 1]


@pytest.mark.parametrize("name", ARTICLES)
def test_of_an_article_no_dose_of_a_trial_is_read(name, page):
    assert page(name).trial_id is None
    assert page(name).treatment == ""
