"""The doses of one arm: which of its texts holds them, what the curator says, and how sure all of it is."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from evdose.dosing import reasons
from evdose.dosing.conversions import Conversion
from evdose.dosing.derive import NO_PARTICLES, Derived, derive
from evdose.dosing.reading.about import DOSE, UNNAMED
from evdose.dosing.reading.dose import Dose
from evdose.dosing.reading.reader import Reader, completed, prepare
from evdose.dosing.reading.schedule import (
    AMBIGUOUS,
    EXACT,
    INFERRED,
    NOT_REPORTED,
    NOTHING,
    OPEN_ENDED,
    Schedule,
)

_DOSE_FIELDS = ("dose", "schedule", "route", "label")
_SCHEDULE_FIELDS = ("schedule", "dose", "route", "label")
_LEVEL_ONLY = re.compile(
    r"\b(?:low|mid|medium|middle|high)\w*[\s-]dose|dose[\s-]level|\bmtd\b|\bdose is determined|\bdsmb\b"
)


@dataclass(frozen=True, slots=True)
class _Read:
    dose: Dose
    locator: str
    fragment: str
    curated: bool = False


def product_names(arm: Any, product: str) -> str:
    """The text in which a product may be named: the product line of the arm's trial, its label and dose."""
    return " ".join(filter(None, (product, _text(arm, "label"), _text(arm, "dose"))))


def dose_rows(arm: Any, reader: Reader, conversions: Sequence[Conversion], product: str) -> list[dict]:
    """Rows of ``doses`` for one row of ``arms``: one a dose in text order, or one that says why none.

    ``product`` holds the names of the trial's product.
    """
    found, missing = _doses(arm, reader, product)
    names = product_names(arm, product)
    schedule = arm_schedule(arm, reader)
    rows = [_row(arm, read, completed(schedule, read.dose), conversions, names) for read in found]
    return [
        {**row, "level": level}
        for level, row in enumerate(rows or [_no_dose(arm, schedule, missing)], start=1)
    ]


def _doses(arm: Any, reader: Reader, product: str) -> tuple[list[_Read], str]:
    """What was read, and else why nothing was."""
    if not pd.isna(arm.curated_low):
        return [_curated(arm)], ""
    if _value(arm.dose_flag) == "unverified":
        return [], reasons.FLAG_UNVERIFIED
    names = reader.unknown_words(f"{product} {_text(arm, 'label')}")
    for field in _DOSE_FIELDS:
        read = _read_text(_text(arm, field), f"{arm.locator}/{field}", reader, names)
        if read:
            return _at_label(read, _text(arm, "label"), reader), ""
    return [], _why_none(_text(arm, "dose"))


def _read_text(text: str, locator: str, reader: Reader, names: frozenset[str]) -> list[_Read]:
    """The doses of a text; a power of ten of nothing named counts particles, as the arm gives vesicles."""
    prepared = prepare(text)
    amounts = reader.amounts(prepared, names)
    doses = [dose for dose in amounts if dose.role == DOSE]
    doses = doses or [replace(dose, role=DOSE) for dose in amounts if dose.role == UNNAMED]
    return [_Read(dose, locator, prepared.cleaned.fragment(dose.start, dose.end)) for dose in doses]


def _curated(arm: Any) -> _Read:
    high = arm.curated_low if pd.isna(arm.curated_high) else arm.curated_high
    dose = Dose(
        arm.curated_low,
        high,
        arm.curated_unit,
        arm.curated_substance,
        _value(arm.curated_per) or "administration",
        DOSE,
        (),
        0,
        0,
    )
    reason = _value(arm.curated_reason) or ""
    return _Read(dose, f"{arm.locator}/curated/reason", reason.split("; ")[0], curated=True)


def _at_label(read: list[_Read], label: str, reader: Reader) -> list[_Read]:
    """Where a text lists the levels of all arms, the one that the arm's label names."""
    if len(read) < 2:
        return read
    named = reader.doses(prepare(label))
    amounts = {(dose.low, dose.high, dose.unit) for dose in named if reasons.NO_UNIT_WORD not in dose.why}
    chosen = [one for one in read if (one.dose.low, one.dose.high, one.dose.unit) in amounts]
    others_alike = {(one.dose.unit, one.dose.substance) for one in read}
    if len(chosen) != 1 or len(others_alike) != 1:
        return read
    dose = chosen[0].dose
    return [replace(chosen[0], dose=replace(dose, why=(*dose.why, reasons.LEVEL_FROM_LABEL)))]


def _why_none(text: str) -> str:
    if not text:
        return reasons.NO_TEXT
    if _LEVEL_ONLY.search(text.lower()):
        return reasons.LEVEL_ONLY
    return reasons.UNREAD if re.search(r"\d", text) else reasons.NO_AMOUNT


def arm_schedule(arm: Any, reader: Reader) -> Schedule:
    """The schedule of an arm: the curator's, else the first text that determines one."""
    flag = _value(arm.schedule_flag)
    if not pd.isna(arm.curated_administrations):
        status = INFERRED if flag else EXACT
        return replace(
            _read_schedules(arm, reader),
            administrations=arm.curated_administrations,
            status=status,
            rule="curated",
        )
    if flag == "unverified":
        return NOTHING
    schedule = _read_schedules(arm, reader)
    if flag == "conflicting" and schedule.administrations is not None:
        return replace(schedule, status=AMBIGUOUS)
    return replace(schedule, status=INFERRED) if flag and schedule.status == EXACT else schedule


def _read_schedules(arm: Any, reader: Reader) -> Schedule:
    first = NOTHING
    for field in _SCHEDULE_FIELDS:
        schedule = reader.schedule(prepare(_text(arm, field)))
        if schedule.administrations is not None:
            return schedule
        if first.status in (NOT_REPORTED, OPEN_ENDED) and first.rule is None:
            first = schedule
        if schedule.status == AMBIGUOUS and field == "schedule":
            return schedule
    return first


def _row(arm: Any, read: _Read, schedule: Schedule, conversions: Sequence[Conversion], names: str) -> dict:
    dose = read.dose
    derived = derive(dose, schedule, conversions, names)
    shared_out = dose.per in ("day", "total") and not math.isnan(derived.per_administration[0])
    divisor = schedule.status if shared_out else EXACT
    status, why = _status(dose, _value(arm.dose_flag), read.curated, divisor)
    return {
        **_identity(arm, schedule),
        "low": dose.low,
        "high": dose.high,
        "unit": dose.unit,
        "substance": dose.substance,
        "per": dose.per,
        "other_low": dose.other_low,
        "other_high": dose.other_high,
        "status": status,
        **_derived_columns(derived),
        "curated": read.curated,
        "why": "; ".join(dict.fromkeys([*why, *derived.why])) or None,
        "locator": read.locator,
        "fragment": read.fragment,
    }


def _status(dose: Dose, flag: str | None, curated: bool, divisor: str) -> tuple[str, list[str]]:
    """Status and reasons; ``divisor`` is the status of what the written amount was divided by, if it was."""
    why = [reasons.FLAGS[flag], *dose.why] if flag else list(dose.why)
    if divisor != EXACT:
        why.append(reasons.SCHEDULE_GUESSED)
    if dose.undecided or divisor == AMBIGUOUS or (flag == "conflicting" and not curated):
        return AMBIGUOUS, why
    return (INFERRED if flag or reasons.GUESSES.intersection(why) else EXACT), why


def _derived_columns(derived: Derived) -> dict:
    return {
        "particles_via": derived.particles_via,
        "per_administration_low": derived.per_administration[0],
        "per_administration_high": derived.per_administration[1],
        "per_day_low": derived.per_day[0],
        "per_day_high": derived.per_day[1],
        "per_kg_low": derived.per_kg[0],
        "per_kg_high": derived.per_kg[1],
        "cumulative_low": derived.cumulative[0],
        "cumulative_high": derived.cumulative[1],
        "particles_log10": derived.particles_log10,
        "particles_log10_sd": derived.particles_sd,
        "cumulative_particles_log10": derived.cumulative_log10,
        "conversion_id": derived.conversion_id,
    }


def _no_dose(arm: Any, schedule: Schedule, why: str) -> dict:
    text = _text(arm, "dose")
    return {
        **_identity(arm, schedule),
        "low": math.nan,
        "high": math.nan,
        "status": NOT_REPORTED,
        "particles_via": NO_PARTICLES,
        "curated": False,
        "why": why,
        "locator": f"{arm.locator}/dose" if text else arm.locator,
        "fragment": text or None,
    }


def _identity(arm: Any, schedule: Schedule) -> dict:
    return {
        "trial_id": arm.trial_id,
        "arm": arm.arm,
        "record_kind": arm.record_kind,
        "administrations": schedule.administrations,
        "administrations_status": schedule.status,
        "schedule_rule": schedule.rule,
        "source_id": arm.source_id,
    }


def _text(arm: Any, field: str) -> str:
    return _value(arm.label if field == "label" else getattr(arm, f"{field}_text")) or ""


def _value(cell: Any) -> str | None:
    return None if pd.isna(cell) else str(cell)
