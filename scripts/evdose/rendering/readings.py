"""What was written of an arm, which words of it were read, and what was read from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from evdose.rendering import notation
from evdose.rendering.notation import MISSING, missing

_TEXTS = {"dose": "dose_text", "schedule": "schedule_text", "route": "route_text"}


@dataclass(frozen=True)
class Reading:
    """A text as written, cut into (piece, was read) pairs, what was read from it, and what is doubtful."""

    what: str
    pieces: tuple[tuple[str, bool], ...]
    read: tuple[str, ...]
    doubt: str | None


@dataclass(frozen=True)
class ArmView:
    """An arm, its texts and their readings, and a curator's value with its reason where there is one."""

    number: int
    label: str
    role: str
    n: str | None
    readings: tuple[Reading, ...]
    curated: str | None
    note: str | None
    place: str


def marked(words: str, fragments: Iterable[str | None]) -> tuple[tuple[str, bool], ...]:
    """Cut ``words`` into (piece, is read) pairs: what lies in one of ``fragments`` is read.

    The pieces joined give ``words`` back.
    """
    read = [False] * len(words)
    for fragment in fragments:
        start = words.find(fragment) if fragment else -1
        if start >= 0:
            read[start : start + len(fragment)] = [True] * len(fragment)
    spans = groupby(range(len(words)), key=read.__getitem__)
    return tuple(("".join(words[i] for i in span), is_read) for is_read, span in spans)


def arm_view(arm: dict, doses: Sequence[dict], routes: Sequence[dict]) -> ArmView:
    """An arm (a row of the table arms) with its rows of doses and routes."""
    read = {
        "dose": tuple(dose_in_words(dose) for dose in doses),
        "schedule": tuple(dict.fromkeys(schedule_in_words(dose) for dose in doses)),
        "route": tuple(route_in_words(route) for route in routes),
    }
    fragments = {what: _fragments([*doses, *routes], what) for what in _TEXTS}
    readings = tuple(
        Reading(what, marked(arm[column] or "", fragments[what]), read[what], arm[f"{what}_flag"])
        for what, column in _TEXTS.items()
        if arm[column] or read[what]
    )
    return ArmView(
        arm["arm"],
        arm["label"],
        arm["role"],
        None if arm["n"] is None else notation.count(arm["n"]),
        readings,
        arm["curated_reason"],
        arm["flag_note"],
        f"{arm['source_id']}, {arm['locator']}",
    )


def dose_in_words(dose: dict) -> str:
    """What was read as one dose: the quantity, how it is known, its particles and the conversion used."""
    amount = notation.dose(dose["low"], dose["high"], dose["unit"], dose["per"])
    parts = [f"{amount} ({_words(dose['status'])})"] if amount != MISSING else [_words(dose["status"])]
    if not missing(dose["particles_log10"]):
        particles = f"{notation.power(dose['particles_log10'])} particles per administration"
        via = f"by {dose['conversion_id']}" if dose["conversion_id"] else dose["particles_via"]
        parts += [f"{particles} ({via})"] if amount != particles else []
    if dose["curated"]:
        parts.append("set by a curator")
    if dose["why"]:
        parts.append(dose["why"])
    return "; ".join(parts)


def schedule_in_words(dose: dict) -> str:
    """What was read as the schedule: the number of administrations and the rule that gave it."""
    known = _words(dose["administrations_status"])
    if missing(dose["administrations"]):
        return f"administrations {known}"
    n = dose["administrations"]
    rule = f", {dose['schedule_rule']}" if dose["schedule_rule"] else ""
    return f"{notation.number(n)} {'administration' if n == 1 else 'administrations'} ({known}{rule})"


def route_in_words(route: dict) -> str:
    """What was read as one route: its name and code, target site and device, and how it is known."""
    name = route["route"] or "no route"
    code = f" [{route['ncit_code']}]" if route["ncit_code"] else ""
    where = "".join(f", {route[key]}" for key in ("site", "device") if route[key])
    return f"{name}{code}{where} ({_words(route['status'])})"


def _fragments(rows: Iterable[dict], what: str) -> list[str]:
    """Fragments that were read from the text ``what`` of the arm, as their JSON pointers say."""
    return [row["fragment"] for row in rows if row["fragment"] and row["locator"].rsplit("/", 1)[-1] == what]


def _words(code: str) -> str:
    return code.replace("_", " ")
