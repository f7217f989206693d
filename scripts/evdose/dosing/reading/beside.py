"""What the amounts of one text say of each other: strengths, concentrations, carriers, restatements.

The strength of a tablet is no dose beside the dose that it makes up; a concentration is multiplied by the
volume that is given of it; a volume beside an amount of product carries that; an amount is said once.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from evdose.dosing import reasons
from evdose.dosing.reading.about import (
    CARRIER,
    CELL_VOLUME,
    DOSE,
    OTHER_THING,
    RATE,
    UNLISTED_UNIT,
    UNNAMED,
    VOLUME,
)
from evdose.dosing.reading.amount import COUNTED, Amount
from evdose.dosing.reading.denominator import STRENGTH as PER_FORM
from evdose.dosing.reading.numeral import plain
from evdose.dosing.reading.per import number_of_forms
from evdose.dosing.reading.tokens import Tokens, words

if TYPE_CHECKING:
    from evdose.dosing.reading.dose import Dose

REPEATED, CONCENTRATION = "said before", "part of concentration times volume"
STRENGTH = "strength of a marketed form"

_STRENGTHS = ("particle/mL", "ug/mL", "cell/mL")
_VOLUMES = ("mL", "drop")
_ALONE = (VOLUME, CELL_VOLUME, RATE)
_VOLUME_ROLES = (DOSE, VOLUME, CELL_VOLUME, CARRIER)
_GIVEN = (*_VOLUME_ROLES, UNLISTED_UNIT)
_NOT_STATING = ("product_volume", "cells", "other")
_TIMES = words("contain contains containing comprise comprises comprising x *")
_LONGEST_NAME = 60
_MOST_BETWEEN = 3
_OF_ONE, _OF_TWO = words("( / = containing contains with of i.e."), words("and or plus + , ;")
_RESTATES = words("( [ = (= i.e. (i.e. (i.e.,")


def settle(doses: list[Dose], amounts: list[Amount], tokens: Tokens) -> list[Dose]:
    """The doses of a text in the roles that they have beside each other; ``amounts`` are theirs."""
    if len(doses) == 1:
        [dose] = doses
        alone = dose.role in _ALONE or (dose.role == CARRIER and dose.unit in _VOLUMES)
        dose.role = DOSE if alone else dose.role
        dose.per = "none" if "/" in dose.unit else dose.per
        return doses
    _mark_strengths(doses, amounts, tokens)
    _mark_volumes(doses, tokens.text)
    doses = _times_volume(doses, tokens.text)
    _mark_carriers(doses)
    _mark_repeated(doses, tokens.text)
    return doses


def _mark_strengths(doses: list[Dose], amounts: list[Amount], tokens: Tokens) -> None:
    """The strength of tablets beside the dose that they make up (``100 mg (2 tablets of 50 mg)``)."""
    for place, (dose, amount) in enumerate(zip(doses, amounts, strict=True)):
        if dose.unit != "ug" or dose.role != DOSE:
            continue
        near = doses[max(0, place - 2) : place] + doses[place + 1 : place + 3]
        masses = [other for other in near if other.unit == "ug" and other.role == DOSE]
        if masses and _is_strength(dose, masses, amount, tokens):
            dose.role = STRENGTH


def _is_strength(dose: Dose, masses: list[Dose], amount: Amount, tokens: Tokens) -> bool:
    if amount.per == PER_FORM:
        return any(other.per != "none" for other in masses)
    count = number_of_forms(tokens, amount)
    if count is None:
        return False
    for other in masses:
        times = other.low / dose.low if dose.low else 0
        in_brackets = not count and times % 1 == 0 and "(" in _between(dose, other, tokens.text)
        if times > 1 and (times == count or in_brackets):
            return True
    return False


def _between(one: Dose, other: Dose, text: str) -> str:
    """What stands between two amounts, as far as it is of interest."""
    start, end = min(one.end, other.end), max(one.start, other.start)
    return text[start : min(end, start + _LONGEST_NAME)]


def _mark_volumes(doses: list[Dose], text: str) -> None:
    """The volume of a named substance whose mass stands beside it (``2 mL (80 mg) of X``)."""
    for one, other in pairwise(doses):
        volume, mass = (one, other) if one.unit == "mL" else (other, one)
        named = volume.substance == "other" and mass.substance in ("other", "mass_unspecified")
        if not named or volume.unit != "mL" or mass.unit in _VOLUMES or "/" in mass.unit:
            continue
        between = _between(one, other, text).split()
        of_one = len(between) <= _MOST_BETWEEN and not _OF_ONE.isdisjoint(between)
        if volume.role == mass.role == DOSE and of_one and _OF_TWO.isdisjoint(between):
            volume.role, mass.substance = CARRIER, "other"


def _times_volume(doses: list[Dose], text: str) -> list[Dose]:
    """Multiply each concentration of product by the one volume that is given of it."""
    strengths = [
        dose for dose in doses if dose.unit in _STRENGTHS and dose.role == DOSE and not dose.undecided
    ]
    volumes = [dose for dose in doses if dose.unit == "mL" and dose.role in _VOLUME_ROLES]
    if not strengths or not volumes or len(strengths) > 1 < len(volumes):
        return doses
    counted = {strength.unit.removesuffix("/mL") for strength in strengths}
    stated = any(dose.role == DOSE and dose.unit in counted for dose in doses)
    products = [_product(strength, volume, text) for strength in strengths for volume in volumes]
    for dose in strengths + volumes:
        dose.role = CONCENTRATION
    return doses if stated else sorted(doses + products, key=lambda dose: (dose.start, dose.end))


def _product(strength: Dose, volume: Dose, text: str) -> Dose:
    """The amount in a volume: exact where the text says times or containing, else inferred."""
    said = not _TIMES.isdisjoint(_between(strength, volume, text).split())
    guess = () if said else (reasons.CONCENTRATION_TIMES_VOLUME,)
    named = (dose.per for dose in (volume, strength) if dose.per not in ("administration", "none"))
    return replace(
        strength,
        low=plain(strength.low * volume.low),
        high=plain(strength.high * volume.high),
        unit=strength.unit.removesuffix("/mL"),
        per=next(named, "administration"),
        role=DOSE,
        why=(*strength.why, *volume.why, *guess),
        start=min(strength.start, volume.start),
        end=max(strength.end, volume.end),
        other_low=None if strength.other_low is None else strength.other_low * volume.low,
        other_high=None if strength.other_high is None else strength.other_high * volume.high,
        label=strength.label or volume.label,
    )


def _mark_carriers(doses: list[Dose]) -> None:
    """Volumes beside an amount of product carry it; one that is the only amount is the dose after all."""
    given = [dose for dose in doses if dose.role in (DOSE, UNLISTED_UNIT)]
    listed = [dose for dose in given if dose.role == DOSE]
    unlisted = len(listed) < len(given)
    stated = unlisted or any(dose.substance not in _NOT_STATING for dose in listed)
    carries = {
        VOLUME: unlisted or any(dose.unit not in _VOLUMES for dose in listed),
        CELL_VOLUME: stated or any(dose.unit in COUNTED for dose in listed),
        RATE: sum(dose.role in _GIVEN for dose in doses) > 0,
    }
    for dose in doses:
        if dose.role in carries:
            carried = RATE if dose.role == RATE else CARRIER
            dose.role = carried if carries[dose.role] else DOSE
        elif dose.role == DOSE and stated and dose.unit in _VOLUMES and dose.substance == "product_volume":
            dose.role = CARRIER
    if not stated and not any(dose.role in (DOSE, UNNAMED, OTHER_THING) for dose in doses):
        carrier = next((dose for dose in doses if dose.role == CARRIER and dose.unit in _VOLUMES), None)
        if carrier is not None:
            carrier.role = DOSE


def _mark_repeated(doses: list[Dose], text: str) -> None:
    """Amounts that were said before, and totals of a stated dose."""
    said: dict[tuple, Dose] = {}
    previous = None
    for dose in doses:
        dose.per = "none" if "/" in dose.unit else dose.per
        if dose.role != DOSE:
            continue
        if _is_said_before(dose, said, previous, text):
            dose.role = REPEATED
        else:
            said[dose.unit, dose.substance] = said[_amount(dose, dose.per)] = dose
            previous = dose


def _amount(dose: Dose, per: str, times: int = 1) -> tuple:
    return dose.unit, dose.substance, dose.low * times, dose.high * times, per


def _is_said_before(dose: Dose, said: dict[tuple, Dose], previous: Dose | None, text: str) -> bool:
    """Whether an amount was said before: as it is, as 3 x 200 mg of 600 mg, or by the parts of a total."""
    if dose.per == "total" and (dose.unit, dose.substance) in said:
        return True
    if previous is not None and _is_restated(previous, dose, text):
        return True
    if dose.repeats is not None and _amount(dose, dose.per, dose.repeats) in said:
        return True
    same = said.get(_amount(dose, dose.per))
    return same is not None and not _is_another_product(same, dose, text)


def _is_restated(previous: Dose, dose: Dose, text: str) -> bool:
    """``1 x 10^8 (100 million)``, ``200 mg bid (400 mg/day)``: the same again, or the doses of a day."""
    if (previous.unit, previous.substance) != (dose.unit, dose.substance) or not previous.low:
        return False
    between = _between(previous, dose, text).strip()
    if _amount(previous, "") == _amount(dose, ""):
        return between in _RESTATES
    times = dose.low / previous.low if dose.per == "day" else previous.low / dose.low if dose.low else 0
    a_day = {previous.per, dose.per} == {"day", "administration"} and times in (2, 3, 4)
    return a_day and between.endswith("(") and not any(character.isdigit() for character in between)


def _is_another_product(same: Dose, dose: Dose, text: str) -> bool:
    """``ketamine 1 mg/kg, propofol 1 mg/kg``, ``NK cells (5×10^9) and stem cells (5×10^9)``."""
    if dose.name is not None and same.name not in (None, dose.name):
        return dose.name not in text[max(0, same.start - _LONGEST_NAME) : same.start]
    if dose.start - same.end > _LONGEST_NAME:
        return False
    between = text[same.end : dose.start]
    _, joined, name = between.rpartition("and")
    name = name.strip(" (>≥=")
    if not joined or not name or "(" not in between or any(character.isdigit() for character in between):
        return False
    return not text[max(0, same.start - _LONGEST_NAME) : same.start].rstrip(" (>≥=").endswith(name)
