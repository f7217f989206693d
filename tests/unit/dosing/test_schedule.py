"""Schedules: the examples of the grammar, what surrounds a schedule, and what a text leaves open."""

from __future__ import annotations

import pytest

from evdose.dosing.reading.schedule import NOTHING, read_schedule
from evdose.dosing.reading.text import clean
from evdose.dosing.reading.tokens import Tokens
from places import PROJECT

HEADER = "| schedule | administrations | status | rule |"


def read(text):
    return read_schedule(Tokens(clean(text).text))


def examples():
    """The rows of the tables of schedules in the documented grammar."""
    for document in sorted((PROJECT / "docs").glob("grammar*.md")):
        inside = False
        for line in document.read_text(encoding="utf-8").splitlines():
            if not line.startswith("|"):
                inside = False
            elif line == HEADER:
                inside = True
            elif inside and not line.startswith("|-"):
                text, number, status, rule = (cell.strip() for cell in line.strip("|").split("|"))
                yield text, float(number) if number else None, status, rule or None


EXAMPLES = list(examples())


def test_every_rule_has_an_example_in_the_grammar():
    assert len(EXAMPLES) >= 60
    assert {status for _, _, status, _ in EXAMPLES} == {
        "exact", "inferred", "ambiguous", "open-ended", "not_reported",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "administrations", "status", "rule"), EXAMPLES, ids=lambda part: str(part)[:40]
)
def test_the_grammar_is_read_as_it_is_documented(text, administrations, status, rule):
    schedule = read(text)
    assert (schedule.administrations, schedule.status, schedule.rule) == (administrations, status, rule)


@pytest.mark.parametrize(
    ("text", "administrations"),
    [
        ("every other day for 5 days, with a minimum of 24 hours between doses", 3),
        ("randomized to one of three infusions, dosed on day=1", 1),
        ("Day 1: 1 cc every 12 hours Day 2: 1 cc every 12 hours Day 3: 1 cc every 12 hours", 6),
        ("two 10-ml infusions 1 month apart", 2),
        ("receive 8 infusions. Four infusions 1 week apart followed by 4 infusions 4 months apart.", 8),
        ("three times at week 0, 4 and 8 mesenchymal stem cells", 3),
        ("2 mL will be injected once", 1),
        ("evaluate the safety of a single injection", 1),
        ("administered on 5 consecutive days", 5),
        ("NaCl given at D1 - D3 - D5", 3),
        ("two (2) doses, four weeks apart", 2),
        ("number of infusions: 3", 3),
        ("b.i.d. for 5 days", 10),
        ("0.8mg/m2 on Day 1, 0.5mg/m2 Day 8 and Day 15", 3),
        ("days -6 to -2", 5),
        ("days 1,4", 2),
        ("twenty-one daily injections", 21),
        ("第1、4、7天", 3),
        ("2 infusions of 2 million cells/kg per week for 4 weeks", 8),
        ("efficacy after single-dose administration", 1),
        ("每日2次，7天为一疗程，共2个疗程", 28),
    ],
)
def test_a_schedule_among_other_words(text, administrations):
    assert read(text).administrations == administrations


@pytest.mark.parametrize(
    "text",
    [
        "given at 3x108 cells/dose",
        "1 x 10^8 cells in 3 doses levels",
        "safety of two doses of cells",
        "6x5 mL of blood sample",
        "documented at 2 time-points",
        "15 times each minute for 30 minutes",
        "Americans are 2-3 times more likely",
        "Once the primary endpoint (24 months) is met",
        "not more than 14 days and no less than 7 days apart",
        "80 mg daily; 21 days on and 7 days off",
        "weeks 1-12",
        "the week 72 study visit",
        "assessed at baseline, 3 and 6 months",
        "two days before embryo transfer",
        "proliferative phase (Day 3-7 of cycle)",
        "cells in 1 mL and booster with plasma",
        "2 injections of cells plus 2 injections of exosomes",
        "Neratinib: 120mg/ day for days 1-7, then 240mg/ day",
        "COVID-19 infusion",
        "the control group will receive saline once daily for 7 days",
        "between 10 and 20 injections",
        "single-blind study, infusion of cells",
        "400 mg twice daily or 100 mg twice",
        "no difference between the two doses",
        "a second infusion of 10^6 cells/kg if no response",
        "single dose level",
        "the end of Week 12 (Day 84)",
        "for 4 weeks, then the last two times",
        "mg twice a day if the week 2 level is low",
    ],
)
def test_other_numbers_are_no_administrations(text):
    assert read(text).administrations is None


def test_administrations_a_day():
    assert read("three times a day").a_day == 3
    assert read("every 6 hours for 2 days").a_day == 4
    assert read("one sachet a day").a_day == 1
    assert read("weekly").a_day is None


def test_the_days_of_a_duration_alone():
    assert read("for 30 days").days == 30
    assert read("daily for 30 days").days is None


@pytest.mark.parametrize("text", ["", "   ", "at surgery", "every 0 days for 3 days", "q0h", "0 doses"])
def test_nothing_is_made_of_nothing(text):
    assert read(text).administrations is None


def test_no_schedule_is_said_as_such():
    assert read("aerosol") is NOTHING
