"""How one text was read, for people: what was found where, in which role, what was rejected and why."""

from __future__ import annotations

from collections.abc import Iterator

from evdose.dosing import reasons
from evdose.dosing.batch import completed_by, known_routes
from evdose.dosing.reading.about import DOSE, UNLISTED_UNIT, UNNAMED
from evdose.dosing.reading.dose import Dose
from evdose.dosing.reading.reader import Reader, Text, prepare
from evdose.dosing.reading.route import Route
from evdose.dosing.reading.schedule import Schedule
from evdose.dosing.reading.tokens import NUMERAL

_UNITS = {"particle": "particles", "cell": "cells", "drop": "drops", "ug": "µg"}
_SUBSTANCES = {
    "particles": "",
    "cells": "",
    "protein": " of protein",
    "phospholipid": " of phospholipid",
    "product_volume": " of product",
    "mass_unspecified": ", of what isn't said,",
    "cell_equivalents": " that the product comes from or equals,",
    "other": " of another substance,",
}
_PER = {"none": "as a strength or rate", "total": "in total", "cm2": "per cm²"}


def explanation(reader: Reader, text: str) -> str:
    """Lines that say how a text was read: doses, other amounts and their roles, schedule, routes.

    A place is ``[start:end]`` in characters of the text, or of its line where it has several.
    """
    read = prepare(text)
    amounts = reader.amounts(read)
    doses = [amount for amount in amounts if amount.role == DOSE]
    others = [amount for amount in amounts if amount.role != DOSE]
    lines = ["Doses", *(line for dose in doses for line in _dose(dose, read))]
    if not doses:
        lines.append(f"  none: {_why_none(text, amounts)}")
    if others:
        lines += ["Amounts that are no dose", *(line for amount in others for line in _other(amount, read))]
    if numbers := list(_other_numbers(read, amounts)):
        lines += ["Numbers that are no amount", f"  {', '.join(numbers)}"]
    lines += ["Schedule", f"  {_schedule(completed_by(doses, reader.schedule(read)))}"]
    lines += ["Routes", *_routes(reader, read)]
    return "\n".join(lines)


def _dose(dose: Dose, read: Text) -> Iterator[str]:
    yield f"  {_place(read, dose.start, dose.end)}"
    level = f", level: {dose.label}" if dose.label else ""
    yield f"    {_amount(dose)} {_PER.get(dose.per, f'per {dose.per}')}{level}: {dose.status}"
    for reason in dose.why:
        yield f"    because: {reason}"
    if dose.other_low is not None and dose.other_high is not None:
        yield f"    reading rejected: {_numbers(dose.other_low, dose.other_high)} {_unit(dose)}"
    if dose.undecided:
        yield "    undecided: the text allows both readings"


def _other(amount: Dose, read: Text) -> Iterator[str]:
    yield f"  {_place(read, amount.start, amount.end)}"
    known = amount.role not in (UNNAMED, UNLISTED_UNIT)
    yield f"    {f'{_amount(amount)}, ' if known else ''}rejected: {amount.role}"


def _other_numbers(read: Text, amounts: list[Dose]) -> Iterator[str]:
    tokens = read.tokens
    for kind, start, end in zip(tokens.kind, tokens.start, tokens.end, strict=True):
        if kind == NUMERAL and not any(amount.start < end and start < amount.end for amount in amounts):
            yield _place(read, start, end)


def _place(read: Text, start: int, end: int) -> str:
    return _quoted(read, *read.cleaned.span(start, end))


def _quoted(read: Text, start: int, end: int) -> str:
    """The original characters of a span, and where they stand."""
    text, place = read.cleaned.original, f"[{start}:{end}]"
    if "\n" in text:
        before = text.count("\n", 0, start)
        line_start = text.rfind("\n", 0, start) + 1
        place = f"line {before + 1} [{start - line_start}:{end - line_start}]"
    return f"{text[start:end]!r} {place}"


def _amount(dose: Dose) -> str:
    return f"{_numbers(dose.low, dose.high)} {_unit(dose)}{_SUBSTANCES[dose.substance]}"


def _unit(dose: Dose) -> str:
    unit, slash, volume = dose.unit.partition("/")
    return f"{_UNITS.get(unit, unit)}{slash}{volume}"


def _numbers(low: float, high: float) -> str:
    return _number(low) if low == high else f"{_number(low)} to {_number(high)}"


def _number(value: float) -> str:
    """As exactly as it was read: 0.5, 400, 2.5e10."""
    if 1e-3 <= value < 1e6:
        return f"{value:.14g}"
    mantissa, exponent = f"{value:.13e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def _why_none(text: str, amounts: list[Dose]) -> str:
    if amounts:
        return "no amount stands in the role of a dose"
    return reasons.UNREAD if any(character.isdigit() for character in text) else reasons.NO_AMOUNT


def _schedule(schedule: Schedule) -> str:
    rule = f" (rule: {schedule.rule})" if schedule.rule else ""
    daily = "" if schedule.a_day is None else f", {schedule.a_day:g} a day"
    days = "" if schedule.days is None else f", over {schedule.days:g} days"
    return f"{_count(schedule.administrations)}{daily}{days}: {schedule.status}{rule}"


def _count(administrations: float | None) -> str:
    if administrations is None:
        return "administrations not determined"
    return f"{administrations:g} administration{'' if administrations == 1 else 's'}"


def _routes(reader: Reader, read: Text) -> Iterator[str]:
    routes = known_routes(reader, read)
    for route in routes:
        yield f"  {_quoted(read, *route.span)}"
        code = route.ncit_code or "no code"
        yield f"    {route.route} ({code}): {route.status} (pattern: {route.pattern_id})"
    if not routes:
        yield "  none that is known"
    yield from _beside(reader.routes(read)[0])


def _beside(route: Route) -> Iterator[str]:
    """Site and device, which are of the text and not of one route."""
    for name, value in (("site", route.site), ("device", route.device)):
        if value:
            yield f"  {name}: {value}"
