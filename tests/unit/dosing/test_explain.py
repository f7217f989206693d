"""An explanation holds everything that was read, where it stands, and what was rejected."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdose.dosing import reasons
from evdose.dosing.batch import read_record
from evdose.dosing.explain import explanation
from evdose.dosing.reading.about import CAP, OTHER_ARM, UNLISTED_UNIT

PLACE = re.compile(r"(?:'([^'\n]*)' )(?:line (\d+) )?\[(\d+):(\d+)\]")


@pytest.fixture
def explained(reader):
    """The lines of an explanation, by its headings."""

    def of(text):
        heading, sections = "", {}
        for line in explanation(reader, text).splitlines():
            if line.startswith(" "):
                sections[heading].append(line.strip())
            else:
                heading = line
                sections[heading] = []
        return sections

    return of


def test_a_dose_in_full(explained):
    assert explained("Cohort 2: 2 x 108 EVs/kg (in 10 mL saline) IV, weekly for 3 weeks; up to 5e9 EVs") == {
        "Doses": [
            "'2 x 108 EVs/kg' [10:24]",
            "2e8 particles per kg, level: cohort 2: inferred",
            f"because: {reasons.LOST_SUPERSCRIPT}",
            "reading rejected: 216 particles",
        ],
        "Amounts that are no dose": [
            "'10 mL' [29:34]",
            f"10 mL of product, rejected: {OTHER_ARM}",
            "'5e9 EVs' [73:80]",
            f"5e9 particles, rejected: {CAP}",
        ],
        "Numbers that are no amount": ["'2' [7:8], '3' [58:59]"],
        "Schedule": ["3 administrations: exact (rule: frequency x duration)"],
        "Routes": ["'IV' [43:45]", "intravenous (C38276): mapped (pattern: named: intravenous, 2)"],
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("20-50 µg of exosomes", "20 to 50 µg, of what isn't said, per administration: exact"),
        ("0.25 mg/day protein", "250 µg of protein per day: exact"),
        ("exosomes from 1.25e6 MSCs/kg", "1.25e6 cells that the product comes from or equals, per kg: exact"),
        ("5e10 exosomes/mL", "5e10 particles/mL as a strength or rate: exact"),
        ("2 drops/eye of exosomes", "2 drops of product per eye: exact"),
        ("a total of 3e9 MSCs", "3e9 cells in total: exact"),
        ("123456789 particles", "1.23456789e8 particles per administration: exact"),
    ],
)  # fmt: skip
def test_amounts_in_words(text, said, explained):
    assert explained(text)["Doses"][1] == said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", reasons.NO_AMOUNT),
        ("intravenously", reasons.NO_AMOUNT),
        ("dose level 3", reasons.UNREAD),
        ("up to 5e9 particles", "no amount stands in the role of a dose"),
    ],
)
def test_why_there_is_no_dose(text, why, explained):
    assert explained(text)["Doses"] == [f"none: {why}"]


def test_an_amount_whose_unit_is_unknown_is_shown_without_one(explained):
    assert explained("100 IU/kg")["Amounts that are no dose"] == [
        "'100 IU/kg' [0:9]",
        f"rejected: {UNLISTED_UNIT}",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a single injection", "1 administration: exact (rule: single)"),
        (
            "every 2 weeks until progression",
            "administrations not determined: open-ended (rule: no end stated)",
        ),
        ("", "administrations not determined: not_reported"),
    ],
)
def test_schedules(text, said, explained):
    assert explained(text)["Schedule"] == [said]


def test_routes_with_site_and_device(explained):
    read = explained("inhaled with a nebulizer; also into the knee joint")["Routes"]
    assert any("respiratory (inhalation) (C38216): mapped" in line for line in read)
    assert read[-2:] == ["site: knee", "device: nebuliser"]


def test_a_route_that_is_not_known(explained):
    assert explained("by hand")["Routes"] == ["none that is known"]


def test_places_in_several_lines_are_those_of_the_line(explained):
    lines = ["Exosomes", "", "are given: 1e9 particles", "IV"]
    assert explained("\n".join(lines))["Doses"][0] == "'1e9 particles' line 3 [11:24]"
    assert explained("\n".join(lines))["Routes"][0] == "'IV' line 4 [0:2]"


def test_control_characters_of_a_text_do_not_reach_the_terminal(reader):
    assert "\x1b" not in explanation(reader, "1e9 \x1b[31m particles\x1b[0m IV \x07")


WORDS = "2 × 108 1e9 µg mL particles MSCs IV knee for days weekly up to IU ; placebo"
TEXTS = st.text(max_size=60) | st.lists(st.sampled_from([*WORDS.split(), "\n"]), max_size=12).map(" ".join)


@pytest.fixture(scope="session")
def told(reader):
    """The explanation and the batch's answer of a text."""
    return lambda text: (explanation(reader, text), read_record(reader, {"dose_text": text}))


@given(text=TEXTS)
def test_it_tells_what_a_batch_tells(text, told):
    lines, answer = told(text)
    for dose in answer["doses"]:
        assert f"{text[slice(*dose['span'])]!r} " in lines
        assert f": {dose['status']}" in lines
    for route in answer["routes"]:
        assert f"{route['name']} ({route['code'] or 'no code'})" in lines
    assert f": {answer['administrations_status']}" in lines
    if answer["administrations"] is not None:
        assert f"  {answer['administrations']:g} administration" in lines


@given(text=TEXTS)
def test_its_places_lead_to_the_words(text, told):
    for quoted, line, start, end in PLACE.findall(told(text)[0]):
        within = text.split("\n")[int(line) - 1] if line else text
        if "\\" not in quoted:
            assert within[int(start) : int(end)] == quoted
