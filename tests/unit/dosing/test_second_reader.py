"""A curator read the same texts: where the two readings differ, the difference is explained here."""

from __future__ import annotations

import json

import pytest

from evdose.dosing.attribution import read_doses
from evdose.dosing.schedule import read_schedule

IN_OUR_UNITS = {
    "particles": ("particle", 1),
    "ug_protein": ("ug", 1),
    "mg": ("ug", 1000),
    "mL": ("mL", 1),
    "cell_equivalents": ("cell", 1),
    "pmol_phospholipid": ("pmol", 1),
}
NOT_IN_THE_TEXT = {"NCT05774509", "NCT05787288", "NCT06242379", "NCT06429033", "NCT06482541"}
OTHER_DENOMINATOR = {
    "IRCT-77465": "three vials on day 1: per vial or per day is open, and flagged so",
    "NCT04213248": "per drop; the curator coded the eye, drops per eye are not stated",
    "NCT04657406": "a concentration; the curator took 1 mL from a sister trial",
    "NCT04998058": "the site stands in the route field only",
    "NCT05514639": "the joint stands in the route field only",
    "UNREG-radial-nerve-2024": "one administration: its total and its dose are the same",
}
OPEN_IN_THE_TEXT = {
    "NCT03608631": "courses repeat without an end",
    "NCT05215288": "up to nine",
    "NCT05475418": "or until recovery",
    "NCT05176366": "every 8 weeks thereafter; the label says to week 46",
    "PUB-LIGHTNER-2024": "a cycle repeated up to four times",
    "IRCT20130812014333N223": "a time point only",
    "NCT04173650": "an interval only",
    "NCT04326959": "a time point only",
    "NCT04876326": "an interval only; the dose text says 2 x",
    "NCT05279768": "a duration only; the dose text says a day",
    "NCT05413148": "on a single eye; the route text says single injection",
    "NCT05669144": "a time point only",
}


@pytest.fixture(scope="module")
def arms(reference):
    lines = (reference / "evidence/trials.jsonl").read_text(encoding="utf-8").splitlines()
    trials = [json.loads(line) for line in lines]
    return [
        (trial["trial_id"], arm) for trial in trials for arm in trial["arms"] if arm["role"] == "experimental"
    ]


def test_amounts_agree(arms, units):
    differing, compared = set(), 0
    for trial, arm in arms:
        if arm.get("dose_low") is None:
            continue
        compared += 1
        unit, factor = IN_OUR_UNITS[arm["dose_unit"]]
        expected = [pytest.approx(arm[end] * factor) for end in ("dose_low", "dose_high")]
        doses, _ = read_doses(arm["dose_as_written"] or "", units)
        if not any([dose.low, dose.high] == expected and dose.unit.split("/")[0] == unit for dose in doses):
            differing.add(trial)
    assert compared > 90
    assert differing == NOT_IN_THE_TEXT


def test_denominators_agree(arms, units):
    differing = set()
    for trial, arm in arms:
        if arm.get("dose_low") is None or trial in NOT_IN_THE_TEXT:
            continue
        pers = {dose.per for dose in read_doses(arm["dose_as_written"], units)[0]}
        if (arm["per"] or "none") not in pers:
            differing.add(trial)
    assert differing == OTHER_DENOMINATOR.keys()


def test_administrations_agree_wherever_the_schedule_determines_them(arms):
    silent, wrong, compared = set(), [], 0
    for trial, arm in arms:
        if arm.get("administrations") is None or not arm["schedule_as_written"]:
            continue
        compared += 1
        read = read_schedule(arm["schedule_as_written"]).administrations
        if read is None:
            silent.add(trial)
        elif read != arm["administrations"]:
            wrong.append((trial, arm["schedule_as_written"], read))
    assert compared > 90
    assert wrong == []
    assert silent == OPEN_IN_THE_TEXT.keys()
