"""JSON lines of texts in, JSON lines of doses, administrations and routes out (docs/normalize.md)."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NoReturn

from evdose.dosing import reasons
from evdose.dosing.reading.about import DOSE, UNLISTED_UNIT, UNNAMED
from evdose.dosing.reading.dose import Dose
from evdose.dosing.reading.reader import Reader, Text, completed, prepare
from evdose.dosing.reading.route import NOT_REPORTED as NO_ROUTE
from evdose.dosing.reading.route import UNMAPPED, UNSPECIFIED, Route
from evdose.dosing.reading.schedule import NOT_REPORTED, NOTHING, Schedule

TEXTS = ("dose_text", "schedule_text", "route_text")
_SCHEDULE_TEXTS = ("schedule_text", "dose_text", "route_text")
_ROUTE_TEXTS = ("route_text", "dose_text", "schedule_text")
_SHOWN = 80


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs: a reader that kept one of two would guess."""
    record = dict(pairs)
    if len(record) < len(pairs):
        key = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the key {key[:_SHOWN]!r} stands twice")
    return record


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _finite(digits: str) -> float:
    """The number, unless it is too large to be given back."""
    value = float(digits)
    return value if math.isfinite(value) else _no_number(digits[:_SHOWN])


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_number, parse_float=_finite)
_ENCODER = json.JSONEncoder(allow_nan=False)


def normalise_lines(reader: Reader, lines: Iterable[bytes]) -> Iterator[tuple[str, bool]]:
    """For each line its JSON answer (ASCII, no line break), in order, and whether it was well formed."""
    for number, line in enumerate(lines, start=1):
        record, problem = _decoded(line)
        problem = problem or _problem(record)
        if problem is None:
            yield _ENCODER.encode(read_record(reader, record)), True
        else:
            answer = _answer(_identifier(record), problems=[f"line {number} {problem}"])
            yield _ENCODER.encode(answer), False


def _decoded(line: bytes) -> tuple[Any, str | None]:
    """A line's JSON, or why it has none."""
    try:
        return _DECODER.decode(line.decode("utf-8-sig")), None
    except UnicodeDecodeError as error:
        problem = f"isn't UTF-8 (byte {error.start + 1})"
    except json.JSONDecodeError as error:
        problem = f"isn't JSON ({error.msg} at character {error.pos + 1})"
    except ValueError as error:
        problem = f"isn't JSON that can be read ({error})"
    except RecursionError:
        problem = "isn't JSON that can be read (nested too deeply)"
    return None, problem


def _problem(record: Any) -> str | None:
    """What is wrong with a line's JSON; None for a record that can be read."""
    if not isinstance(record, dict):
        return "isn't a JSON object"
    if record.get("id") is not None and _identifier(record) is None:
        return "has an id that is neither a text nor a number"
    for name in TEXTS:
        if not isinstance(record.get(name), str | None):
            return f"has a {name} that isn't a text"
    if not any((record.get(name) or "").strip() for name in TEXTS):
        return f"has no text: one of {', '.join(TEXTS)} is needed"
    return None


def _identifier(record: Any) -> str | int | float | None:
    """The id of a record; None where it has none, or one that is no id."""
    identifier = record.get("id") if isinstance(record, dict) else None
    is_one = isinstance(identifier, str | int | float) and not isinstance(identifier, bool)
    return identifier if is_one else None


def read_record(reader: Reader, record: dict[str, Any]) -> dict[str, Any]:
    """How one record is read.

    Args:
        reader: the reader.
        record: ``id`` and at least one of ``dose_text``, ``schedule_text``, ``route_text``. Doses are read
            from the first; administrations and routes from their own text or, where that says nothing, from
            the others.

    Returns:
        ``id``, ``doses``, ``administrations``, ``administrations_status``, ``routes`` and ``problems`` as
        docs/normalize.md describes; spans are ``[start, end]`` in characters of the text that was read.
    """
    texts = {name: prepare(record[name]) for name in TEXTS if (record.get(name) or "").strip()}
    problems: list[str] = []
    doses = _doses(reader, texts, problems)
    schedule = _schedule(reader, texts, doses, problems)
    routes = _routes(reader, texts, problems)
    return _answer(
        record.get("id"),
        [_dose(dose, texts["dose_text"]) for dose in doses],
        schedule.administrations,
        schedule.status,
        [{"code": route.ncit_code, "name": route.route, "span": list(route.span)} for route in routes],
        problems,
    )


def _answer(
    identifier: str | float | None,
    doses: Sequence[dict] = (),
    administrations: float | None = None,
    status: str = NOT_REPORTED,
    routes: Sequence[dict] = (),
    problems: Sequence[str] = (),
) -> dict[str, Any]:
    return {
        "id": identifier,
        "doses": list(doses),
        "administrations": administrations,
        "administrations_status": status,
        "routes": list(routes),
        "problems": list(problems),
    }


def _doses(reader: Reader, texts: dict[str, Text], problems: list[str]) -> list[Dose]:
    text = texts.get("dose_text")
    if text is None:
        return []
    amounts = reader.amounts(text)
    for amount in amounts:
        if amount.role in (UNNAMED, UNLISTED_UNIT):
            problems.append(f"{amount.role}: {_shown(text.cleaned.fragment(amount.start, amount.end))}")
    if not amounts and any(character.isdigit() for character in text.cleaned.text):
        problems.append(reasons.UNREAD)
    return [amount for amount in amounts if amount.role == DOSE]


def _dose(dose: Dose, text: Text) -> dict[str, Any]:
    return {
        "low": dose.low,
        "high": dose.high,
        "unit": dose.unit,
        "substance": dose.substance,
        "per": dose.per,
        "status": dose.status,
        "span": list(text.cleaned.span(dose.start, dose.end)),
        "label": dose.label,
    }


def _schedule(reader: Reader, texts: dict[str, Text], doses: list[Dose], problems: list[str]) -> Schedule:
    """The schedule of the first text that says, or openly leaves open, how many; completed by the doses."""
    schedule = NOTHING
    for name in _SCHEDULE_TEXTS:
        found = reader.schedule(texts[name]) if name in texts else NOTHING
        if found.status != NOT_REPORTED:
            if name != "schedule_text" and "schedule_text" in texts:
                problems.append(f"administrations read from {name}: schedule_text doesn't determine them")
            return found
        if schedule == NOTHING:
            schedule = found
    return completed_by(doses, schedule)


def completed_by(doses: list[Dose], schedule: Schedule) -> Schedule:
    """The schedule, completed by the first of the doses that says how often it is given."""
    completions = (completed(schedule, dose) for dose in doses)
    return next((one for one in completions if one.administrations is not None), schedule)


def _routes(reader: Reader, texts: dict[str, Text], problems: list[str]) -> list[Route]:
    """The routes of the first text that names one; "injection" counts where no text says more."""
    name, routes = "route_text", []
    for other in _ROUTE_TEXTS:
        found = known_routes(reader, texts[other]) if other in texts else []
        specific = bool(found) and found[0].status != UNSPECIFIED
        if found and (specific or not routes):
            name, routes = other, found
        if specific:
            break
    if "route_text" in texts and not routes:
        problems.append(f"route not known: {_shown(texts['route_text'].cleaned.original)}")
    elif "route_text" in texts and name != "route_text":
        problems.append(f"routes read from {name}: route_text names none as specific")
    return routes


def known_routes(reader: Reader, text: Text) -> list[Route]:
    """The routes of a text that are of the vocabulary."""
    return [route for route in reader.routes(text) if route.status not in (UNMAPPED, NO_ROUTE)]


def _shown(text: str) -> str:
    """A fragment as a problem shows it: quoted, and not endless."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
