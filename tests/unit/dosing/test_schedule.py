"""Schedules: each rule by name, and what a text leaves open."""

from __future__ import annotations

import pytest

from evdose.dosing.schedule import NOTHING, read_schedule


@pytest.mark.parametrize(
    ("text", "administrations", "rule"),
    [
        ("once daily for 7 consecutive days, then once weekly for 3 weeks", 10, "sum of phases"),
        ("days 1, 4, 7", 3, "listed days"),
        ("days 1-5", 5, "listed days"),
        ("every 12 hours on days 1-3", 6, "listed days x frequency"),
        ("BID x 10 days", 20, "frequency x duration"),
        ("monthly for three months", 3, "frequency x duration"),
        ("every 4 weeks for 24 weeks", 6, "frequency x duration"),
        ("q12h for 2 days", 4, "frequency x duration"),
        ("q2w x 4", 4, "frequency x n"),
        ("once / week, twice / course", 2, "stated count"),
        ("three sessions, 3-week intervals", 3, "stated count"),
        ("total of 10 administrations on alternate days", 10, "stated total"),
        ("single", 1, "single"),
        ("day 0 and 1 month later", 2, "listed days"),
    ],
)
def test_rules(text, administrations, rule):
    schedule = read_schedule(text)
    assert (schedule.administrations, schedule.rule, schedule.status) == (administrations, rule, "exact")


@pytest.mark.parametrize(
    ("text", "administrations"),
    [
        ("every other day for 5 days, with a minimum of 24 hours between doses", 3),
        ("randomized to one of three infusions, dosed on day=1", 1),
        ("daily x 5 times (3 ml; on day 1 to day 5)", 5),
        ("Day 1: 1 cc every 12 hours Day 2: 1 cc every 12 hours Day 3: 1 cc every 12 hours", 6),
        ("two 10-ml infusions 1 month apart", 2),
    ],
)
def test_what_surrounds_a_schedule_is_not_counted(text, administrations):
    assert read_schedule(text).administrations == administrations


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("daily until recovery", "open-ended"),
        ("weekly thereafter", "open-ended"),
        ("up to 6 doses", "ambiguous"),
        ("2 or 3 injections", "ambiguous"),
        ("every 2-3 days for 2 weeks", "ambiguous"),
        ("twice daily", "not_reported"),
        ("7 days", "not_reported"),
    ],
)
def test_what_a_text_leaves_open(text, status):
    schedule = read_schedule(text)
    assert (schedule.administrations, schedule.status) == (None, status)


def test_administrations_a_day():
    assert read_schedule("three times a day").a_day == 3
    assert read_schedule("every 6 hours for 2 days").a_day == 4
    assert read_schedule("weekly").a_day is None


@pytest.mark.parametrize("text", ["", "   ", "at surgery", "every 0 days for 3 days", "q0h", "0 doses"])
def test_nothing_is_made_of_nothing(text):
    assert read_schedule(text).administrations is None


def test_no_schedule_is_said_as_such():
    assert read_schedule("aerosol") is NOTHING
