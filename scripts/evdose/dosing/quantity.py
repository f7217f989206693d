"""Amounts in a dose text: number, unit and denominator, as written.

amounts     = amount , { separator , amount } ;
separator   = "," | "/" | "or" | "and" | "&" | "or" , "and" ;
amount      = number , [ unit ] , [ to , number ] , [ unit ] , { denominator } ;
to          = "-" | "~" | "to" | "and" (after "between") ;
unit        = a spelling of config/units.txt; a counted thing may stand at the end of its noun phrase ;

In a range or list, a number without unit or power takes that of the next one: ``0.5-2×10^10 particles``,
``2, 4 and 8 ×10^8``. A number followed by no unit is an amount only where it has a power of ten and no noun.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evdose.dosing.denominator import LONGEST_NOUN_PHRASE, read_denominators
from evdose.dosing.numeral import Number, read_number
from evdose.dosing.scan import NUMBER, POWER, SCIENTIFIC, TIMES, TO, UNIT, WORD, Token, scan
from evdose.dosing.units import Units

COUNTED = ("particle", "cell")
_FEWEST_COUNTED, _MOST_COUNTED = 1e3, 1e18
_LEAST_POWER = 1e5
_ENDS_A_NOUN_PHRASE = """
    a and are as at be been by contained containing daily during each every for from given in into is of on
    once or over per than that the to twice using via was weekly were which who will with 每
"""
_NUMBERED = """
    arm cohort cycle day days grade group groups level month months no phase stage step type visit week weeks
"""
_NOT_IN_A_NOUN_PHRASE, _BEFORE_A_NUMBER = frozenset(_ENDS_A_NOUN_PHRASE.split()), frozenset(_NUMBERED.split())


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount as written, at ``start:end`` of the cleaned text; its unit ends at ``unit_end``.

    ``low``, ``high`` are in ``unit``; ``per`` is None where the text gives no denominator and "carrier" for a
    volume that the amount is carried in (``/3 mL``). ``repeats`` is the n of ``n x amount``.
    """

    low: float
    high: float
    unit: str | None
    per: str | None
    start: int
    unit_end: int
    end: int
    other_low: float | None = None
    other_high: float | None = None
    reason: str | None = None
    repeats: int | None = None


def read_amounts(text: str, units: Units) -> list[Amount]:
    """Every amount of a cleaned text, in order; what each is about is not decided here."""
    tokens = scan(text, units)
    found: list[_Written] = []
    index = 0
    while index < len(tokens):
        written = _written(tokens, index, units)
        if written is None:
            # The numeral after an "x" that no amount stands before is the tail of a number cut off.
            cut = tokens[index].kind == TIMES and not (found and found[-1].end == index)
            index += 2 if cut else 1
            continue
        found.append(written)
        index = written.end
    listed = _share_in_lists(found, tokens)
    return [amount for written in listed if (amount := _amount(written, tokens)) is not None]


@dataclass(frozen=True, slots=True)
class _Written:
    """A number or range with its unit and denominator; ``first`` and ``end`` are token indices."""

    low: Number
    high: Number
    unit: tuple[str, float] | None
    per: str | None
    first: int
    unit_end: int
    end: int
    bare: bool


def _written(tokens: Sequence[Token], index: int, units: Units) -> _Written | None:
    token = tokens[index]
    if token.kind not in (NUMBER, POWER, SCIENTIFIC):
        return None
    low = read_number(tokens, index)
    if low is None or (low.end == index + 1 and low.factor == 1 and _is_part_of_a_name(tokens, index)):
        return None
    unit, end = _unit(tokens, low, units)
    high = low
    if _is_to(tokens, index, end) and (upper := _upper(tokens, end + 1, unit, units)) is not None:
        high, upper_unit, end = upper
        if unit is None and low.shares_power and not high.shares_power:
            low = low.with_factor_of(high)
        elif unit is not None:
            low = replace(low, mantissa=low.mantissa * unit[1] / upper_unit[1])
        unit = upper_unit
    unit_end = end
    per, end = read_denominators(tokens, end, units)
    bare = unit is None and not _is_noun(tokens, end)
    return _Written(low, high, unit, per, index, unit_end, end, bare)


def _upper(
    tokens: Sequence[Token], at: int, lower_unit: tuple[str, float] | None, units: Units
) -> tuple[Number, tuple[str, float] | None, int] | None:
    """Upper end of a range, its unit and the index after it; None where the units don't fit together."""
    number = read_number(tokens, at) if at < len(tokens) else None
    if number is None:
        return None
    unit, end = _unit(tokens, number, units)
    fits = lower_unit is None or (unit is not None and unit[0] == lower_unit[0])
    return (number, unit, end) if fits else None


def _is_part_of_a_name(tokens: Sequence[Token], index: int) -> bool:
    """A number with a letter right before or behind it that is no unit, as in ``CD105`` and ``1383I``."""
    if tokens[index].glued:
        return True
    if tokens[index].kind != NUMBER or index + 1 >= len(tokens):
        return False
    after = tokens[index + 1]
    return after.kind == WORD and after.text != "m" and after.start == tokens[index].end


def _is_noun(tokens: Sequence[Token], at: int) -> bool:
    if at >= len(tokens):
        return False
    token = tokens[at]
    return token.kind == UNIT or (token.kind == WORD and token.text not in _NOT_IN_A_NOUN_PHRASE)


def _is_to(tokens: Sequence[Token], first: int, at: int) -> bool:
    if at >= len(tokens):
        return False
    between = first > 0 and tokens[first - 1].text == "between"
    return tokens[at].kind == TO or (between and tokens[at].text == "and")


def _unit(tokens: Sequence[Token], number: Number, units: Units) -> tuple[tuple[str, float] | None, int]:
    """Unit behind the number and the index after it: adjacent, or the head of a counted noun phrase."""
    at = number.end
    if at + 1 < len(tokens) and tokens[at].text == "-" and tokens[at + 1].kind == UNIT:
        at += 1
    if at < len(tokens) and tokens[at].kind == UNIT and units[tokens[at].text][0] not in COUNTED:
        return units[tokens[at].text], at + 1
    powered = number.factor > 1 or number.lost is not None or number.mantissa >= _FEWEST_COUNTED
    reach = LONGEST_NOUN_PHRASE if powered else 1
    if powered:
        at = _before_noun_phrase(tokens, at)
    head = None
    for place in range(at, min(at + reach, len(tokens))):
        token = tokens[place]
        if token.kind == UNIT and units[token.text][0] in COUNTED:
            head = place
        elif token.kind == WORD and token.text not in _NOT_IN_A_NOUN_PHRASE:
            continue
        elif token.text != "-" and not _is_part_of_a_name(tokens, place):
            break
    return (None, number.end) if head is None else (units[tokens[head].text], head + 1)


def _before_noun_phrase(tokens: Sequence[Token], at: int) -> int:
    """Look past ``)``, ``of`` and ``units of`` between a number and what it counts."""
    for passed in ({")"}, {"unit", "units", "doses"}, {"of"}):
        if at < len(tokens) and tokens[at].text in passed:
            at += 1
    return at


def _share_in_lists(found: list[_Written], tokens: Sequence[Token]) -> list[_Written]:
    """Give a list's items the unit, denominator and power of the item after them."""
    shared = list(found)
    for place in range(len(found) - 2, -1, -1):
        item, after = shared[place], shared[place + 1]
        if not _is_list_separator(tokens[item.end : after.first]):
            continue
        if item.unit is None and item.bare and not _is_numbered(tokens, item.first):
            if item.low.shares_power and item.high.shares_power and not after.high.shares_power:
                item = replace(
                    item, low=item.low.with_factor_of(after.high), high=item.high.with_factor_of(after.high)
                )
            item = replace(item, unit=after.unit)
        if item.unit == after.unit:
            shared[place] = replace(item, per=item.per or after.per)
    return shared


def _is_list_separator(between: Sequence[Token]) -> bool:
    words = [token.text for token in between]
    return 1 <= len(words) <= 2 and all(
        word in (",", "/", "or", "and", "&", ";", "、", "或", "和") for word in words
    )


def _is_numbered(tokens: Sequence[Token], first: int) -> bool:
    return first > 0 and tokens[first - 1].text in _BEFORE_A_NUMBER


def _amount(written: _Written, tokens: Sequence[Token]) -> Amount | None:
    """The amount of what was written: the unit decides whether a lost superscript is one."""
    low, high, unit = written.low, written.high, written.unit
    counted = unit is None or unit[0] in COUNTED
    multiplied = high.factor > 1 or high.repeats is not None
    if counted and (multiplied or unit is not None):
        low, high = low.lost or low, high.lost or high
    if unit is None and not (written.bare and max(low.factor, high.factor) >= _LEAST_POWER):
        return None
    factor = 1.0 if unit is None else unit[1]
    values = sorted((low.value * factor, high.value * factor))
    if not values[1] > 0 or (counted and not _FEWEST_COUNTED <= values[1] <= _MOST_COUNTED):
        return None
    others = [None, None]
    if low.other is not None or high.other is not None:
        others = sorted(
            (number.value if number.other is None else number.other) * factor for number in (low, high)
        )
    return Amount(
        *values,
        unit=None if unit is None else unit[0],
        per=written.per,
        start=tokens[written.first].start,
        unit_end=tokens[written.unit_end - 1].end,
        end=tokens[written.end - 1].end,
        other_low=others[0],
        other_high=others[1],
        reason=high.reason or low.reason,
        repeats=low.repeats,
    )
