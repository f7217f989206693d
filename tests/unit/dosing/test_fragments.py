"""Registry fragments that were labelled by hand, one test each."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from evdose.dosing.reading.about import DOSE, UNNAMED
from evdose.dosing.reading.reader import prepare

LABELLED = yaml.safe_load(Path(__file__).with_name("fragments.yaml").read_text(encoding="utf-8"))


def test_the_labelled_set_does_not_shrink():
    assert len(LABELLED["doses"]) >= 110
    assert len(LABELLED["schedules"]) >= 65
    assert len(LABELLED["routes"]) >= 55


@pytest.mark.parametrize(("source", "text", "expected"), LABELLED["doses"], ids=lambda part: str(part)[:40])
def test_doses(source, text, expected, reader):
    prepared = prepare(text)
    # In an arm that gives vesicles, a power of ten that counts nothing named counts them.
    amounts = reader.amounts(prepared)
    found = [dose for dose in amounts if dose.role == DOSE] or [
        dose for dose in amounts if dose.role == UNNAMED
    ]
    read = [(d.low, d.high, d.unit, d.substance, d.per, d.status) for d in found]
    assert read == [
        (pytest.approx(float(low)), pytest.approx(float(high)), *rest) for low, high, *rest in expected
    ]
    assert all(prepared.cleaned.fragment(dose.start, dose.end) in text for dose in found)


@pytest.mark.parametrize(
    ("source", "text", "administrations", "known"), LABELLED["schedules"], ids=lambda part: str(part)[:40]
)
def test_schedules(source, text, administrations, known, reader):
    schedule = reader.schedule(prepare(text))
    assert (schedule.administrations, schedule.status) == (administrations, known)
    assert administrations is None or schedule.rule


@pytest.mark.parametrize("labelled", LABELLED["routes"], ids=lambda labelled: labelled[1][:40])
def test_routes(labelled, reader):
    _, text, names, stratum, known = labelled
    found = reader.routes(prepare(text))
    assert [route.route for route in found] == (names or [None])
    strata = {route.stratum for route in found}
    assert (strata.pop() if len(strata) == 1 else "several") == stratum
    assert found[0].status == known
    assert all(route.fragment in text for route in found)
