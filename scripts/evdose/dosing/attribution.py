"""Which amounts of a text are the doses of the product.

Every amount found gets a role; only those with the role ``dose`` are doses. A volume is a dose only where no
other amount of product stands in the text; a concentration is multiplied by the volume that is given of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from evdose.dosing import reasons
from evdose.dosing.quantity import Amount, read_amounts
from evdose.dosing.tables import PER, UNITS
from evdose.dosing.text import CleanText, clean
from evdose.dosing.units import Units
from evdose.dosing.wording import (
    CAP,
    CARRIER,
    DOSE,
    counted_thing,
    denominator_before,
    role,
    substance,
    wording,
)

REPEATED, CONCENTRATION = "said before", "part of concentration times volume"

_STRENGTHS = ("particle/mL", "ug/mL", "cell/mL")
_VOLUMES = ("mL", "drop")
_NOT_STATING = ("product_volume", "cells", "other")
_UNNAMED_DENOMINATORS = {
    "other": reasons.PER_OTHER,
    "drop": reasons.PER_DROP,
    "mL": reasons.PER_OTHER,
    "g": reasons.PER_OTHER,
}
_TIMES = re.compile(r"contain|compris|\bx\b|\*|x\s*$")
_LARGEST_VOLUME = 1e5


@dataclass(frozen=True, slots=True)
class Dose:
    """An amount with its role; ``unit``, ``substance`` and ``per`` as in the table ``doses``.

    ``start:end`` is its place in the cleaned text. ``why`` holds the guesses that were needed and what the
    denominator leaves open; ``undecided`` marks a reading that can't be chosen from the text.
    """

    low: float
    high: float
    unit: str
    substance: str
    per: str
    role: str
    why: tuple[str, ...]
    start: int
    end: int
    other_low: float | None = None
    other_high: float | None = None
    repeats: int | None = None
    undecided: bool = False


def read_doses(text: str, units: Units) -> tuple[list[Dose], CleanText]:
    """The doses of the product in a text, in its order, and the cleaned text that their places refer to."""
    every, cleaned = attribute(text, units)
    return [dose for dose in every if dose.role == DOSE], cleaned


def attribute(text: str, units: Units) -> tuple[list[Dose], CleanText]:
    """Every amount in a text with its role, in the order of the text."""
    cleaned = clean(text)
    doses = [_about(cleaned.text, amount) for amount in read_amounts(cleaned.text, units)]
    return _settle(_times_volume(doses, cleaned.text)), cleaned


def _about(text: str, amount: Amount) -> Dose:
    words = wording(text, amount.start, amount.unit_end)
    why = [amount.reason] if amount.reason else []
    unit = amount.unit
    if unit is None:
        unit, guess = counted_thing(words)
        why.append(guess)
    if amount.repeats:
        why.append(reasons.COUNT_TIMES_AMOUNT)
    denominators = (amount.per or "").split()
    lost_slash = unit == "mL" and amount.low >= _LARGEST_VOLUME
    if lost_slash:
        unit, denominators = "particle", ["mL"]
        why.append(reasons.LOST_SLASH)
    kind, standing = substance(unit, words), role(unit, amount.high, words)
    if denominators and f"{unit}/{denominators[0]}" in UNITS:
        unit = f"{unit}/{denominators[0]}"
        per = next((one for one in denominators[1:] if one in PER), "none")
    elif not denominators or denominators == ["carrier"]:
        per = denominator_before(words, unit == "mL")
    else:
        per = denominators[-1] if denominators[-1] in PER else "none"
        why += [_UNNAMED_DENOMINATORS[one] for one in denominators[-1:] if one in _UNNAMED_DENOMINATORS]
    return Dose(
        amount.low,
        amount.high,
        unit,
        kind,
        per,
        standing,
        tuple(why),
        amount.start,
        amount.end,
        amount.other_low,
        amount.other_high,
        amount.repeats,
        lost_slash,
    )


def _times_volume(doses: list[Dose], text: str) -> list[Dose]:
    """Multiply each concentration of product by the one volume that is given of it."""
    volumes = [dose for dose in doses if dose.unit == "mL" and dose.role in (DOSE, CARRIER)]
    strengths = [dose for dose in doses if dose.unit in _STRENGTHS and not dose.undecided]
    if not strengths or not volumes or (len(strengths) > 1 and len(volumes) > 1):
        return doses
    products = [_product(strength, volume, text) for strength in strengths for volume in volumes]
    factors = {id(dose) for dose in strengths + volumes}
    others = [replace(dose, role=CONCENTRATION) if id(dose) in factors else dose for dose in doses]
    return sorted(others + products, key=lambda dose: (dose.start, dose.end))


def _product(strength: Dose, volume: Dose, text: str) -> Dose:
    """The amount in a volume: exact where the text says times or containing, else inferred."""
    between = text[min(strength.end, volume.end) : max(strength.start, volume.start)]
    guess = () if _TIMES.search(between) else (reasons.CONCENTRATION_TIMES_VOLUME,)
    named = (dose.per for dose in (volume, strength) if dose.per not in ("administration", "none"))
    return replace(
        strength,
        low=strength.low * volume.low,
        high=strength.high * volume.high,
        unit=strength.unit.removesuffix("/mL"),
        per=next(named, "administration"),
        role=DOSE,
        why=(*strength.why, *volume.why, *guess),
        start=min(strength.start, volume.start),
        end=max(strength.end, volume.end),
        other_low=None if strength.other_low is None else strength.other_low * volume.low,
        other_high=None if strength.other_high is None else strength.other_high * volume.high,
    )


def _settle(doses: list[Dose]) -> list[Dose]:
    """Take away volumes beside another amount of product, repeated amounts, and totals of a stated dose."""
    stated = any(dose.role == DOSE and dose.substance not in _NOT_STATING for dose in doses)
    only_caps = not any(dose.role == DOSE for dose in doses)
    said: set[tuple] = set()
    settled: list[Dose] = []
    for dose in doses:
        per = "none" if "/" in dose.unit else dose.per
        kind = (dose.unit, dose.substance)
        amount = (*kind, dose.low, dose.high, per)
        standing = dose.role
        if standing == CAP and only_caps:
            standing = DOSE
        elif standing == DOSE and dose.unit in _VOLUMES and stated:
            standing = CARRIER
        elif standing == DOSE and (amount in said or (per == "total" and kind in said)):
            standing = REPEATED
        if standing == DOSE:
            said |= {kind, amount}
        settled.append(replace(dose, role=standing, per=per))
    return settled if said else _carrier_as_dose(settled)


def _carrier_as_dose(doses: list[Dose]) -> list[Dose]:
    """Where the only amount of product is a volume that looks like a carrier, it is the dose after all."""
    first = next((dose for dose in doses if dose.role == CARRIER and dose.unit in _VOLUMES), None)
    return [replace(dose, role=DOSE) if dose is first else dose for dose in doses]
