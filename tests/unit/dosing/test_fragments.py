"""Registry fragments that were labelled by hand, one test each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from evdose.dosing import reasons
from evdose.dosing.attribution import read_doses
from evdose.dosing.route import read_routes
from evdose.dosing.schedule import read_schedule

LABELLED = yaml.safe_load(Path(__file__).with_name("fragments.yaml").read_text(encoding="utf-8"))


def status(dose):
    if dose.undecided:
        return "ambiguous"
    return "inferred" if reasons.GUESSES.intersection(dose.why) else "exact"


def test_the_labelled_set_does_not_shrink():
    assert len(LABELLED["doses"]) >= 110
    assert len(LABELLED["schedules"]) >= 65
    assert len(LABELLED["routes"]) >= 55


@pytest.mark.parametrize(("source", "text", "expected"), LABELLED["doses"], ids=lambda part: str(part)[:40])
def test_doses(source, text, expected, units):
    found, cleaned = read_doses(text, units)
    read = [(d.low, d.high, d.unit, d.substance, d.per, status(d)) for d in found]
    assert read == [
        (pytest.approx(float(low)), pytest.approx(float(high)), *rest) for low, high, *rest in expected
    ]
    assert all(cleaned.fragment(dose.start, dose.end) in text for dose in found)


@pytest.mark.parametrize(
    ("source", "text", "administrations", "known"), LABELLED["schedules"], ids=lambda part: str(part)[:40]
)
def test_schedules(source, text, administrations, known):
    schedule = read_schedule(text)
    assert (schedule.administrations, schedule.status) == (administrations, known)
    assert administrations is None or schedule.rule


@pytest.mark.parametrize("labelled", LABELLED["routes"], ids=lambda labelled: labelled[1][:40])
def test_routes(labelled, vocabulary):
    _, text, names, stratum, known = labelled
    found = read_routes(text, vocabulary)
    assert [route.route for route in found] == (names or [None])
    strata = {route.stratum for route in found}
    assert (strata.pop() if len(strata) == 1 else "several") == stratum
    assert found[0].status == known
    assert all(route.fragment in text for route in found)


def fragments(reference, name):
    path = reference / "native" / name
    if not path.is_file():
        pytest.skip("the native fragments are not on this machine")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_no_dose_in_texts_that_hold_none(reference, units):
    for fragment in fragments(reference, "dose_negative_fragments.jsonl"):
        assert read_doses(fragment["fragment"], units)[0] == [], fragment["fragment"]


def test_a_dose_in_texts_of_vesicles_and_cells(reference, units):
    texts = [
        fragment["fragment"]
        for fragment in fragments(reference, "dose_fragments.jsonl")
        if fragment["category"] in ("ev", "cells")
    ]
    unread = [text for text in texts if not read_doses(text, units)[0]]
    assert len(unread) <= 0.02 * len(texts), unread
