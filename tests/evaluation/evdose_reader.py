"""evdose itself, reading each fragment as ``evdose normalize`` does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evaluation.scoring import Dose, Reading
from evdose.dosing.batch import read_record
from evdose.dosing.reading.reader import Reader, read_reader
from evdose.settings import vocabularies_of
from places import PROJECT


def project_reader() -> Reader:
    """The reader of the project's own vocabularies."""
    return read_reader(vocabularies_of(PROJECT / "config/config.yaml"))


def evdose() -> Callable[[str], Reading]:
    """A function that reads a fragment with evdose, from the fragment alone."""
    reader = project_reader()
    return lambda text: _reading(read_record(reader, {"dose_text": text}))


def _reading(answer: dict[str, Any]) -> Reading:
    return Reading(
        tuple(Dose(*(dose[field] for field in Dose._fields)) for dose in answer["doses"]),
        answer["administrations"],
        answer["administrations_status"],
        frozenset(route["name"] for route in answer["routes"]),
    )
