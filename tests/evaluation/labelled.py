"""The labelled fragments (tests/labelled/) and the floors that the scores must keep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evaluation.scoring import Reading
from evdose.documents import Document, check_document, read_yaml
from evdose.dosing.tables import PER, SUBSTANCES, UNITS
from evdose.errors import InputError, Problem
from places import PROJECT

LABELLED = PROJECT / "tests/labelled"
HALVES = ("tuning", "held_back")
FLOORED = ("doses", "no_false_dose", "administrations", "routes")
OTHER_ROUTE = "other"  # one that the text names and the vocabulary lacks
KINDS = (
    "plain",
    "lost superscript",
    "E notation",
    "markdown or entity",
    "unusual character",
    "range",
    "several levels",
    "per kg",
    "other denominator",
    "concentration",
    "concentration times volume",
    "carrier volume",
    "restatement",
    "two measures",
    "cells",
    "cell equivalents",
    "virus",
    "drug",
    "unit not in the list",
    "comparator or placebo",
    "cap",
    "cut",
    "no dose",
    "schedule",
    "several routes",
    "unspecified injection",
)
_COUNTED = ("exact", "inferred")
_STATUS = (*_COUNTED, "ambiguous", "open-ended", "not_reported")
_TEXT = {"type": "string", "minLength": 1}
_AMOUNT = {"type": "number", "exclusiveMinimum": 0, "description": "a number above 0"}
_DOSE = {
    "description": "[low, high, unit, substance, per]",
    "type": "array",
    "prefixItems": [_AMOUNT, _AMOUNT, {"enum": list(UNITS)}, {"enum": list(SUBSTANCES)}, {"enum": list(PER)}],
    "items": False,
    "minItems": 5,
}


@dataclass(frozen=True, repr=False)
class Case:
    """A fragment with what a careful reader reads in it.

    It has no repr, so that no failing test shows a held-back text.
    """

    id: str
    trial: str
    text: str
    kinds: tuple[str, ...]
    label: Reading


def read_half(half: str, folder: Path = LABELLED) -> list[Case]:
    """The fragments of one half.

    Raises:
        InputError: one problem for each breach of the format, with its line.
    """
    return _cases(_checked(folder / f"{half}.yaml"))


def read_halves(folder: Path = LABELLED) -> dict[str, list[Case]]:
    """Both halves, which share neither a fragment nor a trial.

    Raises:
        InputError: a breach of the format, or a trial that stands in both halves.
    """
    halves = {half: read_half(half, folder) for half in HALVES}
    tuned = {case.trial for case in halves["tuning"]}
    path = str(folder / "held_back.yaml")
    remedy = "keep all fragments of a trial in one half, or the held-back score isn't one of unseen text"
    problems = [
        Problem(path, f"the trial {trial} stands in tuning.yaml too", remedy)
        for trial in sorted({case.trial for case in halves["held_back"]} & tuned)
    ]
    if problems:
        raise InputError(*problems)
    return halves


def read_floors(folder: Path = LABELLED) -> dict[str, dict[str, float]]:
    """The least share of fragments, a half and measure, that the reader must get right.

    Raises:
        InputError: a half or measure is missing or unknown, or a floor is no share.
    """
    share = {"type": "number", "minimum": 0, "maximum": 1, "description": "a share from 0 to 1"}
    document = read_yaml(folder / "floors.yaml")
    check_document(document, _closed({half: _closed(dict.fromkeys(FLOORED, share)) for half in HALVES}))
    return document.data


def _closed(properties: dict) -> dict:
    """JSON Schema of a mapping that has these keys and no other."""
    return {
        "type": "object",
        "required": list(properties),
        "additionalProperties": False,
        "properties": properties,
    }


def _schema() -> dict:
    case = {
        **dict.fromkeys(("id", "trial", "source", "field", "text"), _TEXT),
        "doses": {"type": "array", "items": _DOSE},
        "administrations": {"type": ["number", "null"], "exclusiveMinimum": 0},
        "administrations_status": {"enum": list(_STATUS)},
        "routes": {"type": "array", "uniqueItems": True, "items": {"enum": _route_names()}},
        "kinds": {"type": "array", "uniqueItems": True, "minItems": 1, "items": {"enum": list(KINDS)}},
    }
    return {"description": "a list of fragments", "type": "array", "minItems": 1, "items": _closed(case)}


def _route_names() -> list[str]:
    vocabulary = read_yaml(PROJECT / "config/routes.yaml").data
    return [*dict.fromkeys(entry["route"] for entry in vocabulary["routes"]), OTHER_ROUTE]


def _checked(path: Path) -> Document:
    document = read_yaml(path)
    check_document(document, _schema())
    problems = list(_contradictions(document))
    if problems:
        raise InputError(*problems)
    return document


def _contradictions(document: Document) -> Iterator[Problem]:
    """What the schema can't say: values that don't go together."""
    seen: set[str] = set()
    for number, entry in enumerate(document.data):
        for place, what, remedy in _breaches(entry, seen):
            line = document.line(f"/{number}/{place}")
            yield Problem(document.path, what, remedy, line, f"/{number}/{place}")
        seen.add(entry["id"])


def _breaches(entry: dict, seen: set[str]) -> Iterator[tuple[str, str, str]]:
    if entry["id"] in seen:
        yield "id", "the id stands twice", "give each fragment an id of its own"
    if not entry["id"].startswith(f"{entry['trial']}-"):
        yield "id", "the id isn't of the trial", f"write {entry['trial']}- and a number"
    for number, (low, high, *_) in enumerate(entry["doses"]):
        if low > high:
            yield f"doses/{number}", "the lower end is above the upper end", "write the lower end first"
    if (entry["administrations"] is not None) != (entry["administrations_status"] in _COUNTED):
        remedy = f"a number goes with {' or '.join(_COUNTED)}, null with the others"
        yield "administrations", "the number and its status don't go together", remedy


def _line(document: Document, number: int) -> int | None:
    return document.line(f"/{number}")


def _cases(document: Document) -> list[Case]:
    return [
        Case(entry["id"], entry["trial"], entry["text"], tuple(entry["kinds"]), Reading.of(entry))
        for entry in document.data
    ]
