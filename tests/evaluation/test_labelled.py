"""The labelled sets are as their format asks, and a slip in one is told with its line and remedy."""

from __future__ import annotations

import json
import re

import pytest

from evaluation.labelled import HALVES, read_floors, read_half, read_halves
from evaluation.scoring import Dose, Reading
from evdose.errors import InputError

ENTRY = {
    "id": "NCT00000001-1",
    "trial": "NCT00000001",
    "source": "made up",
    "field": "arm.description",
    "text": "2 x 108 vesicles twice",
    "doses": [[2e8, 2e8, "particle", "particles", "administration"]],
    "administrations": 2,
    "administrations_status": "exact",
    "routes": ["nasal"],
    "kinds": ["lost superscript"],
}
OTHER = ENTRY | {"id": "NCT00000002-1", "trial": "NCT00000002"}
FLOORS = {half: {"doses": 0.9, "no_false_dose": 1, "administrations": 0.9, "routes": 0} for half in HALVES}


@pytest.fixture
def folder(tmp_path):
    """A folder of labelled sets, written an entry a line."""

    def write(**sets: list[dict] | dict) -> object:
        for name, content in sets.items():
            lines = (
                [f"- {json.dumps(entry)}" for entry in content]
                if isinstance(content, list)
                else [json.dumps(content)]
            )
            (tmp_path / f"{name}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return tmp_path

    return write


def test_an_entry_is_read(folder):
    (case,) = read_half("tuning", folder(tuning=[ENTRY]))
    assert (case.id, case.text, case.kinds) == (ENTRY["id"], ENTRY["text"], ("lost superscript",))
    doses = (Dose(2e8, 2e8, "particle", "particles", "administration"),)
    assert case.label == Reading(doses, 2, "exact", frozenset({"nasal"}))


def test_a_case_shows_nothing_of_itself(folder):
    (case,) = read_half("tuning", folder(tuning=[ENTRY]))
    assert "vesicles" not in repr(case)
    assert "NCT" not in repr(case)


@pytest.mark.parametrize(
    ("slip", "told"),
    [
        (
            {"doses": [[2e8, 2e8, "particles", "particles", "kg"]]},
            r"\[/1/doses/0/2\].*did you mean 'particle'\?",
        ),
        (
            {"doses": [[2e8, 2e8, "particle", "particles"]]},
            r"\[/1/doses/0\].*\[low, high, unit, substance, per\]",
        ),
        ({"doses": [[3, 2, "mL", "product_volume", "eye"]]}, r"\[/1/doses/0\].*lower end is above"),
        ({"doses": [[0, 2, "mL", "product_volume", "eye"]]}, r"\[/1/doses/0/0\].*above 0"),
        ({"administrations": None}, r"\[/1/administrations\].*don't go together.*null with the others"),
        ({"administrations_status": "ambiguous"}, r"\[/1/administrations\].*don't go together"),
        (
            {"administrations_status": "certain"},
            r"Allowed: exact, inferred, ambiguous, open-ended, not_reported",
        ),
        ({"routes": ["intra-nasal"]}, r"\[/1/routes/0\].*Allowed: .*nasal"),
        ({"routes": ["nasal", "nasal"]}, r"\[/1/routes\].*uniqueItems"),
        ({"kinds": ["hard"]}, r"\[/1/kinds/0\].*Allowed: plain"),
        ({"kinds": []}, r"\[/1/kinds\]"),
        ({"note": "unsure"}, r"unknown key 'note'"),
        ({"id": "NCT00000009-1"}, r"\[/1/id\].*isn't of the trial"),
        ({"id": ENTRY["id"], "trial": ENTRY["trial"]}, r"\[/1/id\].*stands twice"),
    ],
)
def test_a_slip_is_told_with_its_line(folder, slip, told):
    with pytest.raises(InputError) as refused:
        read_half("tuning", folder(tuning=[ENTRY, OTHER | slip]))
    message = str(refused.value)
    assert "tuning.yaml:2 " in message
    assert re.search(told, message, re.DOTALL)


def test_a_missing_field_is_told(folder):
    with pytest.raises(InputError, match="required field 'routes' is missing"):
        read_half("tuning", folder(tuning=[{key: ENTRY[key] for key in ENTRY if key != "routes"}]))


def test_no_trial_may_stand_in_both_halves(folder):
    with pytest.raises(InputError, match=r"NCT00000001 stands in tuning\.yaml too"):
        read_halves(folder(tuning=[ENTRY], held_back=[ENTRY | {"id": "NCT00000001-2"}]))


def test_floors_are_read(folder):
    assert read_floors(folder(floors=FLOORS)) == FLOORS


@pytest.mark.parametrize(
    ("floors", "told"),
    [
        ({"tuning": FLOORS["tuning"]}, "required field 'held_back' is missing"),
        (
            FLOORS | {"held_back": FLOORS["tuning"] | {"route": 1}},
            "unknown key 'route'.*did you mean 'routes'",
        ),
        (FLOORS | {"held_back": FLOORS["tuning"] | {"doses": 98}}, "a share from 0 to 1"),
    ],
)
def test_a_slip_in_the_floors_is_told(folder, floors, told):
    with pytest.raises(InputError) as refused:
        read_floors(folder(floors=floors))
    assert re.search(told, str(refused.value), re.DOTALL)


def test_there_are_enough_labelled_fragments_in_two_halves_of_different_trials():
    halves = read_halves()
    assert sum(map(len, halves.values())) >= 250
    assert min(map(len, halves.values())) >= 100
