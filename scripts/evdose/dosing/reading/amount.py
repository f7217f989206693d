"""Amounts in a dose text: number, unit and denominator, as written.

amounts     = amount , { separator , amount } ;
separator   = "," | "/" | ":" | "or" | "and" | "&" | "," , "and" ;
amount      = number , [ unit ] , [ to , number ] , [ unit ] , { denominator } , { times , n } ;
to          = "-" | "~" | "to" | "and" (after "between") ;
unit        = a spelling of config/units.txt; a counted thing may stand at the end of its noun phrase ;

In a range or list, a number without unit or power takes that of the next one: ``0.5-2×10^10 particles``,
``2, 4 and 8 ×10^8``. ``2×10^8 ×1, ×2, ×4`` are multiples of a base. A power of ten that no unit follows is an
amount too, of whatever the words beside it say is counted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from evdose.dosing.reading.denominator import LONGEST_NOUN_PHRASE, read_denominators
from evdose.dosing.reading.lexicon import Lexicon
from evdose.dosing.reading.numeral import TIMES, WORD_NUMBERS, Number, read_number
from evdose.dosing.reading.tokens import NUMERAL, WORD, Tokens, words

COUNTED = ("particle", "cell")
UNLISTED = "unlisted"
_FEWEST_COUNTED, _MOST_COUNTED = 1e3, 1e18
_LEAST_POWER = 1e4
_TO = frozenset(("-", "~", "至", "到", "to"))
_SEPARATORS = frozenset((",", "/", ":", "or", "and", "&", ";", "or/and", "或", "和"))
_BOUNDS = frozenset("<>≤≥=")
_ENDS_A_NOUN_PHRASE = words("""
    a and are as at be been by contained containing daily during each every for from given in into is of on
    once or over per than that the to twice using via was weekly were which who will with 每
    """)
_NUMBERED = words("""
    arm cohort cycle day days grade group groups level months month no phase stage step type visit week weeks
    patients years dose tier
    """)
_DATED = words("day week month visit cycle cohort level")
_APART = words("above below than over under < > ≤ ≥ =")
_JOINING = (",", "+", "/")
_STAINS = frozenset(("negative", "positive"))
_REACH = LONGEST_NOUN_PHRASE + 3
_UNLISTED_UNITS = words("""
    cfu cfus pfu pfus ffu tcid ccid iu ius u su au infectious colony plaque meq mbq gbq kbq mci
    ci gy kcal kj mosm copies copy eid lf elu tablets tablet capsules capsule pills pill puffs sachets sachet
    """)
_NOT_GIVEN = words("""
    kg kgs mm cm nm um m km hz khz mhz db kv w mmhg bpm rpm c f percent ppm days day weeks week months month
    years year hours hour h hrs min mins minutes minute s sec seconds times patients subjects participants
    people persons children adults women men points 年 月 周 天 日 岁 例 名 次
    """)


@dataclass(slots=True)
class Amount:
    """A number or range with its unit and denominators.

    ``first``, ``unit_end``, ``over`` (where the denominators begin) and ``end`` are token indices.
    ``unit`` is its name in ``doses`` and how many of it, None where no unit follows and ``UNLISTED`` for one
    that isn't a unit of doses. ``bare`` means that no noun follows at all. ``last`` ends the list that it
    is in.
    """

    low: Number
    high: Number
    unit: tuple[str, float] | None
    per: str | None
    first: int
    unit_end: int
    over: int
    end: int
    bare: bool = False
    last: Amount | None = None

    @property
    def powered(self) -> bool:
        """Written with a power of ten, or with what may be a lost one."""
        multiplied = self.high.factor > 1 or self.high.repeats is not None
        return max(self.low.factor, self.high.factor) >= _LEAST_POWER or (
            self.high.lost is not None and multiplied
        )


def read_amounts(tokens: Tokens, lexicon: Lexicon) -> list[Amount]:
    """Every amount of a text, in order; what each is about is not decided here."""
    found: list[Amount] = []
    end, last = 0, -1
    for place in _numbers(tokens):
        if place < end:
            continue
        if place > end and tokens.word[place - 1] in TIMES and tokens.kind[place] is NUMERAL:
            # A numeral after an "x" that no amount stands before is the tail of a number cut off.
            multiples, after = _multiples(tokens, place - 1, found, last, lexicon)
            found += multiples
            if multiples or last != place - 1:
                end = after
                last = end if multiples else last
                continue
        amount = _amount(tokens, place, lexicon)
        if amount is None:
            continue
        end = last = amount.end
        if found and _is_upper_end(tokens, found[-1], amount):
            high, unit, unit_end = amount.high, amount.unit, amount.unit_end
            found[-1] = replace(found[-1], high=high, unit=unit, unit_end=unit_end, end=end)
        else:
            found.append(amount)
    return _share_in_lists(found, tokens)


def _numbers(tokens: Tokens) -> list[int]:
    """The places of numerals, and of words for numbers."""
    if WORD_NUMBERS.keys().isdisjoint(tokens.word):
        return tokens.numerals
    spelled = (place for place, word in enumerate(tokens.word) if word in WORD_NUMBERS)
    return sorted([*tokens.numerals, *spelled])


def _is_upper_end(tokens: Tokens, lower: Amount, upper: Amount) -> bool:
    """Whether two amounts with the same denominator are the ends of one range: ``1 mg/kg to 2 mg/kg``."""
    if upper.first != lower.end + 1 or tokens.word[lower.end] not in _TO or lower.per is None:
        return False
    alike = lower.per == upper.per and lower.unit is not None and lower.unit == upper.unit
    return alike and lower.low is lower.high and lower.low.value < upper.high.value


def _multiples(
    tokens: Tokens, index: int, found: list[Amount], last: int, lexicon: Lexicon
) -> tuple[list[Amount], int]:
    """``×1, ×2, ×4`` right behind an amount: its multiples, in the place of the amount itself."""
    end = index + 2
    if last != index or not found or not found[-1].powered:
        return [], end
    base, factors = found[-1], []
    at = index
    while tokens.word[at] in TIMES and tokens.word[at + 1].isdecimal() and tokens.word[at + 1] != "10":
        factors.append(tokens.value[at + 1])
        end = at = at + 2
        while tokens.word[at] in (",", "and", "or"):
            at += 1
    if len(factors) < 2:
        return [], index + 2
    found.pop()
    if base.unit is None and (counted := _counted(tokens, end, _REACH, lexicon)) is not None:
        end = counted[1]
        base = replace(base, unit=counted[0], unit_end=end, over=end)
    return [_multiple(base, factor, end) for factor in factors], end


def _multiple(base: Amount, factor: float, end: int) -> Amount:
    low, high = (replace(number, mantissa=number.mantissa * factor) for number in (base.low, base.high))
    return replace(base, low=low, high=high, end=end)


def _amount(tokens: Tokens, index: int, lexicon: Lexicon) -> Amount | None:
    if tokens.word[index][0] == "0" and tokens.word[index].isdecimal() and tokens.value[index]:
        return None  # JK07.1.01
    low = read_number(tokens, index)
    if low is None or (low.end == index + 1 and low.factor == 1 and _is_part_of_a_name(tokens, index)):
        return None
    behind = tokens.word[low.end]
    if _is_denominator(tokens, index, lexicon) or (behind == "gram" and tokens.word[low.end + 2] in _STAINS):
        return None
    if behind in _NOT_GIVEN and (low.factor == 1 or behind == "kg"):
        return None
    low, high, unit, end = _ends(tokens, index, low, lexicon)
    if low.factor == 1 and unit is not None and unit[0] in COUNTED and ends_a_name(tokens, index):
        return None  # CAP-1002 cells
    per, over, unit_end = None, end, end
    if unit is not None or low.factor > 1 or high.factor > 1 or high.lost is not None:
        per, over, end = read_denominators(tokens, end, unit and unit[0], lexicon)
        if unit is None and per is not None:  # 10^6/kg umbilical cord MSCs
            counted = _counted(tokens, _before_noun_phrase(tokens, end), _REACH, lexicon)
            unit, unit_end = counted or (None, unit_end)
            end = max(end, unit_end)
    bare = unit is None and not _is_noun(tokens, end) and not ends_a_name(tokens, index)
    return Amount(low, high, unit, per, index, unit_end, over, end, bare)


def _ends(
    tokens: Tokens, index: int, low: Number, lexicon: Lexicon
) -> tuple[Number, Number, tuple[str, float] | None, int]:
    """Both ends of an amount that starts with a number, its unit and the index after it."""
    if tokens.word[low.end] in ("-", "("):
        optional = _optional_ends(tokens, index, low)
        if optional is not None:
            return *optional, *_unit(tokens, optional[1], lexicon)
    unit, end = _unit(tokens, low, lexicon)
    upper = _upper(tokens, end + 1, low, unit, lexicon) if _is_to(tokens, index, end) else None
    if upper is None:
        return low, low, unit, end
    high, upper_unit, end = upper
    if unit is None and low.shares_power and not high.shares_power:
        low = low.with_factor_of(high)
    elif unit is not None and upper_unit is not None:
        low = replace(low, mantissa=low.mantissa * unit[1] / upper_unit[1])
    return low, high, upper_unit, end


def _optional_ends(tokens: Tokens, index: int, low: Number) -> tuple[Number, Number] | None:
    """Ends of ``(50-)100(-200)``, which has one or both in brackets; None where a number has none."""
    word, kind, middle = tokens.word, tokens.kind, low
    opened = word[index - 1] == "(" and word[low.end] == "-" and word[low.end + 1] == ")"
    if opened and kind[low.end + 2] == NUMERAL:
        middle = read_number(tokens, low.end + 2) or low
    at = middle.end
    if word[at] == "(" and word[at + 1] == "-" and kind[at + 2] == NUMERAL:
        high = read_number(tokens, at + 2)
        if high is not None and word[high.end] == ")":
            return low, replace(high, end=high.end + 1)
    return None if middle is low else (low, middle)


def _upper(
    tokens: Tokens, at: int, low: Number, lower_unit: tuple[str, float] | None, lexicon: Lexicon
) -> tuple[Number, tuple[str, float] | None, int] | None:
    """Upper end of a range, its unit and the index after it; None where the two don't fit together."""
    while tokens.word[at] in _BOUNDS:
        at += 1
    number = read_number(tokens, at) if tokens.kind[at] in (NUMERAL, WORD) else None
    if number is None or (number.repeats and number.lost is None and number.factor == 1):
        return None
    if lower_unit is None and low.factor == 1 and number.is_power:
        return None  # "dose 2 - 10^10"
    if tokens.word[number.end] == "-" and tokens.kind[number.end + 1] == NUMERAL:
        return None  # 10-5-5 mg: three levels
    unit, end = _unit(tokens, number, lexicon)
    fits = lower_unit is None or (unit is not None and unit[0] == lower_unit[0])
    return (number, unit, end) if fits else None


def _is_denominator(tokens: Tokens, index: int, lexicon: Lexicon) -> bool:
    """The 100 of ``mL/100 g/min``, which no number stands before."""
    if index < 2 or tokens.word[index - 1] != "/":
        return False
    return tokens.kind[index - 3] != NUMERAL and lexicon.unit(tokens, index - 2) is not None


def _is_part_of_a_name(tokens: Tokens, index: int) -> bool:
    """A number with a letter right before or behind it that is no unit, as in ``CD105`` and ``1383I``."""
    if index and tokens.kind[index - 1] == WORD and tokens.glued(index) and tokens.word[index - 1].isascii():
        return tokens.word[index - 1] not in ("x", "dose")
    return False


def ends_a_name(tokens: Tokens, index: int) -> bool:
    """A number that a hyphen joins to the word before it, as in ``RPH-104``."""
    joined = index > 1 and tokens.word[index - 1] == "-" and tokens.glued(index) and tokens.glued(index - 1)
    return joined and (
        tokens.kind[index - 2] == WORD or (tokens.glued(index - 2) and tokens.kind[index - 3] == WORD)
    )


def _is_noun(tokens: Tokens, at: int) -> bool:
    return tokens.kind[at] == WORD and tokens.word[at] not in _ENDS_A_NOUN_PHRASE


def _is_to(tokens: Tokens, first: int, at: int) -> bool:
    word = tokens.word[at]
    if word == "-" and first > 0:
        before = tokens.word[first - 1]
        if before == "-" and tokens.glued(first) and tokens.kind[first - 2] == NUMERAL:
            return False  # 50-100-200 mg
        if at == first + 1 and (before in _DATED or (_is_numbered(tokens, first) and not tokens.glued(at))):
            return False  # "day 1-5 mg", "dose 2 - 10^10 particles"
    return word in _TO or (word == "and" and first > 0 and tokens.word[first - 1] == "between")


def _unit(tokens: Tokens, number: Number, lexicon: Lexicon) -> tuple[tuple[str, float] | None, int]:
    """Unit behind a number and the index after it: adjacent, or the head of a counted noun phrase."""
    word, at = tokens.word, number.end
    if tokens.kind[at] == NUMERAL:
        return None, at
    adjacent = at + 1 if word[at] == "-" and lexicon.unit(tokens, at + 1) is not None else at
    found = lexicon.unit(tokens, adjacent)
    if found is not None and found[0] not in COUNTED:
        return found[:2], found[2]
    powered = number.factor > 1 or number.lost is not None or number.mantissa >= _FEWEST_COUNTED
    if found is None and word[at] in _UNLISTED_UNITS and not (powered and word[at + 1] == "of"):
        return (UNLISTED, 1.0), at + 1
    if not powered:
        return (None, number.end) if found is None else (found[:2], found[2])
    adjacent = _before_noun_phrase(tokens, adjacent)
    if word[adjacent] == ",":
        counted = lexicon.unit(tokens, adjacent + 1)
        adjacent += counted is not None and counted[0] in COUNTED
    return _counted(tokens, adjacent, _REACH, lexicon) or (None, number.end)


def _counted(
    tokens: Tokens, at: int, reach: int, lexicon: Lexicon
) -> tuple[tuple[str, float] | None, int] | None:
    """Unit of the last counted thing of the noun phrase that begins at a token, and the index after it."""
    head, place, stop = None, at, min(at + reach, tokens.size)
    while place < stop:
        found = lexicon.unit(tokens, place)
        if found is not None and found[0] in COUNTED:
            head = found
            place = found[2]
            continue
        this = tokens.word[place]
        if this in _UNLISTED_UNITS and place == at:
            return (UNLISTED, 1.0), place + 1
        if tokens.kind[place] == WORD:
            if this in _ENDS_A_NOUN_PHRASE:
                break
        elif this in _JOINING and (head is not None or place == at or not _goes_on(tokens, place)):
            break  # but "cryopreserved, allogeneic MSCs"
        elif this not in ("-", *_JOINING) and not _is_inside_a_name(tokens, place):
            break
        place += 1
    return None if head is None else (head[:2], head[2])


def _goes_on(tokens: Tokens, place: int) -> bool:
    """Whether a sign leaves a noun phrase going on, before what it counts is named."""
    return _joins_a_name(tokens, place) or (tokens.word[place] == "," and _is_noun(tokens, place + 1))


def _is_inside_a_name(tokens: Tokens, index: int) -> bool:
    """A number in a name (``CD133+``): glued to the letters before it or behind it."""
    if tokens.kind[index] != NUMERAL:
        return _joins_a_name(tokens, index)
    if tokens.word[index - 1] == "/" and _joins_a_name(tokens, index - 1):
        return True  # CAR-20/19-T
    if _is_part_of_a_name(tokens, index) or ends_a_name(tokens, index):
        return True
    return tokens.kind[index + 1] == WORD and tokens.glued(index + 1)


def _joins_a_name(tokens: Tokens, index: int) -> bool:
    """The sign of ``CD133+``, ``CAR-20/19`` and ``stem/stromal``."""
    sign, before, after = tokens.word[index], tokens.kind[index - 1], tokens.kind[index + 1]
    if not tokens.glued(index) or before not in (NUMERAL, WORD):
        return False
    return sign == "+" or (sign == "/" and before == after and tokens.glued(index + 1))


def _before_noun_phrase(tokens: Tokens, at: int) -> int:
    """Look past ``)``, ``units of``, ``total`` and ``of`` between a number and what it counts."""
    for passed in ((")",), ("unit", "units", "doses", "total"), ("of",)):
        if tokens.word[at] in passed:
            at += 1
    return at


def _share_in_lists(found: list[Amount], tokens: Tokens) -> list[Amount]:
    """Give a list's items the unit, denominator and power of the item after them."""
    for place in range(len(found) - 2, -1, -1):
        item, after = found[place], found[place + 1]
        if not _is_list_separator(tokens, item, after):
            continue
        if item.unit is None and item.bare and (item.powered or not _stands_apart(tokens, item.first)):
            if item.low.shares_power and item.high.shares_power and not after.high.shares_power:
                if after.low.is_power:
                    continue  # "dose 2 - 10^10"
                item = replace(
                    item, low=item.low.with_factor_of(after.high), high=item.high.with_factor_of(after.high)
                )
            item = replace(item, unit=after.unit)
        if item.unit == after.unit:
            found[place] = replace(item, per=item.per or after.per, last=after.last or after)
    return found


def _is_list_separator(tokens: Tokens, item: Amount, after: Amount) -> bool:
    between = tokens.word[item.end : after.first]
    if between == [":"]:
        return after.powered  # 2:4:8 × 10^8, but not "days 1-3: 500 mg"
    return between == ["-"] or (1 <= len(between) <= 2 and all(word in _SEPARATORS for word in between))


def _stands_apart(tokens: Tokens, first: int) -> bool:
    """A number that is no item of the list that it seems to begin: "above 100, 1.25 mg", "cohort 1, 5 mg"."""
    return first > 0 and (tokens.word[first - 1] in _APART or _is_numbered(tokens, first))


def _is_numbered(tokens: Tokens, first: int) -> bool:
    """A number that counts arms, days or doses."""
    before = tokens.word[first - 1] if first else ""
    if before == "-" and tokens.glued(first):
        before = tokens.word[first - 2]  # cohort -1
    if before == "dose":
        return tokens.value[first] < 10 and tokens.word[first + 1] != "/"
    return before in _NUMBERED


def is_plausible_count(value: float) -> bool:
    """Whether a number of particles or cells is one that is given."""
    return _FEWEST_COUNTED <= value <= _MOST_COUNTED
