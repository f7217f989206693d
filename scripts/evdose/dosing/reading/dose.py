"""Which amounts of a text are doses, of what, per what, and at which level.

Every amount found gets a role; only those with the role ``dose`` are doses.
"""

from __future__ import annotations

from dataclasses import dataclass

from evdose.dosing import reasons
from evdose.dosing.reading.about import (
    CAP,
    DOSE,
    NAMED,
    OTHER_ARM,
    OTHER_THING,
    UNLISTED_UNIT,
    UNNAMED,
    Around,
    around,
    counted_thing,
    substance,
)
from evdose.dosing.reading.amount import COUNTED, UNLISTED, Amount, is_plausible_count, read_amounts
from evdose.dosing.reading.beside import settle
from evdose.dosing.reading.denominator import CARRIER as CARRIED
from evdose.dosing.reading.level import levels
from evdose.dosing.reading.lexicon import SAMPLE, Lexicon
from evdose.dosing.reading.numeral import Number, plain
from evdose.dosing.reading.per import denominator_before, is_total_of_person
from evdose.dosing.reading.role import role
from evdose.dosing.reading.tokens import Tokens, words
from evdose.dosing.terms import PER, UNITS

CUT_OFF = "unit cut off"

_JOINING = words("and or to x")
_UNNAMED_DENOMINATORS = {"drop": reasons.PER_DROP}
_LARGEST_VOLUME = 1e5


@dataclass(slots=True)
class Dose:
    """An amount with its role; ``unit``, ``substance`` and ``per`` as in the table ``doses``.

    ``start:end`` is its place in the cleaned text. ``why`` holds the guesses that were needed and what the
    denominator leaves open; ``undecided`` marks a reading that can't be chosen from the text; ``label`` is
    the level that the text names beside it, ``name`` a substance.
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
    label: str | None = None
    name: str | None = None

    @property
    def status(self) -> str:
        """How the dose is known, by the text alone: exact, inferred or ambiguous."""
        if self.undecided:
            return "ambiguous"
        return "exact" if reasons.GUESSES.isdisjoint(self.why) else "inferred"


def read_doses(tokens: Tokens, lexicon: Lexicon, names: frozenset[str] = frozenset()) -> list[Dose]:
    """Every amount of a text with its role, in the order of the text.

    ``names`` are words that name the product in this text, besides those of the lexicon.
    """
    found = read_amounts(tokens, lexicon)
    found = [amount for amount in found if amount.unit is not None or amount.powered]
    doses: list[Dose] = []
    amounts: list[Amount] = []
    mass = None
    for amount, label in zip(found, levels(tokens, found), strict=True):
        near = around(tokens, amount, lexicon, names)
        dose = _dose(near, lexicon, mass, label)
        if dose is None:
            continue
        if amounts and _shares_role(near, doses[-1], amounts[-1]):
            dose.role = doses[-1].role
        elif _is_cut_off(near, amounts):
            dose.role = CUT_OFF
        doses.append(dose)
        amounts.append(amount)
        mass = dose if dose.unit == "ug" and dose.role == DOSE else mass
    unnamed = [dose for dose in doses if dose.role == UNNAMED]
    if unnamed and _is_nothing_but(amounts, tokens):
        for dose in unnamed:
            dose.role = DOSE
    return settle(doses, amounts, tokens) if doses else doses


def _shares_role(near: Around, before: Dose, item: Amount) -> bool:
    """Whether an amount shares the role of its list: "maximum 97/103 mg", "placebo (1 and 2 mg)"."""
    if item.last is not (near.amount.last or near.amount):
        return False
    return before.role == CAP or (before.role == OTHER_ARM and near.first is None)


def _is_nothing_but(amounts: list[Amount], tokens: Tokens) -> bool:
    """Whether a text holds amounts and nothing else, so that what they count goes without saying."""
    ends = [0, *(amount.end for amount in amounts)]
    firsts = [*(amount.first for amount in amounts), tokens.size]
    between = (tokens.word[end:first] for end, first in zip(ends, firsts, strict=True))
    return all(not word.isalpha() or word in _JOINING for gap in between for word in gap)


def _dose(near: Around, lexicon: Lexicon, mass: Dose | None, label: str | None) -> Dose | None:
    """The amount with its role; None where it can't be an amount that is given.

    ``mass`` is the mass given before it in the text.
    """
    tokens, amount = near.tokens, near.amount
    if amount.unit is not None and amount.unit[0] == UNLISTED:
        return _unlisted(tokens, amount) if amount.high.value > 0 else None
    unit, factor = amount.unit or (None, 1.0)
    unit, guess = counted_thing(near, lexicon) if unit is None else (unit, None)
    low, high = amount.low, amount.high
    if unit is None or unit in COUNTED:
        low, high = low.lost or low, high.lost or high
    first, last = sorted((plain(low.value * factor), plain(high.value * factor)))
    if not last > 0 or (unit in (None, *COUNTED) and not is_plausible_count(last)):
        return None
    repeated = reasons.COUNT_TIMES_AMOUNT if low.repeats else None
    why = tuple(reason for reason in (guess, high.reason or low.reason, repeated) if reason)
    near.unit, near.high = unit, last
    standing, kind = _said_of(near, mass)
    unit, per, lacking = _denominated(near, unit or "particle", last)
    return Dose(
        first, last, unit, kind, per, standing, (*why, *lacking),
        tokens.start[amount.first], tokens.end[amount.end - 1],
        *_other_reading(low, high, factor), low.repeats, reasons.LOST_SLASH in lacking, label, near.name,
    )  # fmt: skip


def _is_cut_off(near: Around, earlier: list[Amount]) -> bool:
    """Whether a count ends the text without its unit, and one before it has its own."""
    if near.amount.unit is not None or near.amount.end < near.tokens.size:
        return False
    return any(amount.unit is not None and amount.unit[0] in COUNTED for amount in earlier[-3:])


def _said_of(near: Around, mass: Dose | None) -> tuple[str, str]:
    """Role and substance of an amount."""
    if near.unit is None:
        return OTHER_THING if near.first in (NAMED, SAMPLE) else UNNAMED, "particles"
    if _is_lost_slash(near.unit, near.high):
        return DOSE, "particles"
    kind = substance(near)
    if kind == "mass_unspecified" and mass is not None and not near.ahead and near.first is None:
        kind = mass.substance  # X 120 mg/day, then 160 mg/day
    return role(near), kind


def _unlisted(tokens: Tokens, amount: Amount) -> Dose:
    """An amount in a unit that is none of ``doses``: kept, so that what stands beside it is understood."""
    value = amount.high.value
    start, end = tokens.start[amount.first], tokens.end[amount.end - 1]
    return Dose(value, value, "particle", "other", "none", UNLISTED_UNIT, (), start, end)


def _other_reading(low: Number, high: Number, factor: float) -> tuple[float | None, float | None]:
    if low.other is None and high.other is None:
        return None, None
    values = [
        plain((number.value if number.other is None else number.other) * factor) for number in (low, high)
    ]
    return min(values), max(values)


def _denominated(near: Around, unit: str, high: float) -> tuple[str, str, tuple[str, ...]]:
    """Unit (a concentration where the denominator makes it one), denominator, and what that leaves open."""
    denominators = (near.amount.per or "").split()
    why: tuple[str, ...] = ()
    if _is_lost_slash(unit, high):
        unit, denominators, why = "particle", ["mL"], (reasons.LOST_SLASH,)
    if denominators and f"{unit}/{denominators[0]}" in UNITS:
        per = next((one for one in denominators[1:] if one in PER), "none")
        return f"{unit}/{denominators[0]}", per, why
    if not denominators or denominators == [CARRIED]:
        return unit, denominator_before(near), why
    last = denominators[-1]
    if last in PER:
        return unit, "total" if last == "administration" and is_total_of_person(near) else last, why
    return unit, "none", (*why, _UNNAMED_DENOMINATORS.get(last, reasons.PER_OTHER))


def _is_lost_slash(unit: str, high: float) -> bool:
    """Whether a power of ten stands before a volume (``8 x 10^9 mL``): a concentration."""
    return unit == "mL" and high >= _LARGEST_VOLUME
