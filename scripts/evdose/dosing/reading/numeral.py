"""Numbers as registries write them, each with the other reading where a guess is needed.

number    = mantissa , [ times , ( power | n ) ] , [ tolerance ] | power | mantissa , { scale } ;
times     = "x" | "*" | "·" | "." | "times" | nothing, where a power of ten follows ;
power     = "10" , mark , exponent | "10 (" , exponent , ")" | "10" , lost exponent | "100,000" … ;
mark      = "^" | "**" | "E" | "exp" | "'" ;
scale     = "thousand" | "million" | "billion" | "trillion" | "M" | 千 | 万 | 百万 | 千万 | 亿 | 万亿 ;
tolerance = ( "±" | "+/-" ) , mantissa , [ "%" ] ;

A lost exponent (``2 x 108``, ``1010 particles``, ``1.106 cells``) is only a candidate here; the unit decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from evdose.dosing import reasons
from evdose.dosing.reading.tokens import NUMERAL, Tokens, words

TIMES = frozenset("x*·")
_EXPONENTS = range(3, 16)
_ROUND_POWERS = frozenset(10.0**exponent for exponent in range(4, 13))
_MARKS = frozenset(("^", "*", "e", "exp", "'"))
_MOST_REPEATS, _MOST_SCALES = 30, 3
_AFTER_A_MANTISSA = TIMES | {".", "times", "10"}
_BEFORE_A_MANTISSA = words("of with at and to - ( : = ~ <")
_TOLERANCE = frozenset("±+(")
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_SCALES = {
    "hundred": 1e2, "hundreds": 1e2, "thousand": 1e3, "thousands": 1e3, "million": 1e6, "millions": 1e6,
    "mio": 1e6, "mln": 1e6, "billion": 1e9, "billions": 1e9, "bn": 1e9, "trillion": 1e12, "trillions": 1e12,
    "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8, "万亿": 1e12,
}  # fmt: skip
WORD_NUMBERS = {
    "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0, "eight": 8.0,
    "nine": 9.0, "ten": 10.0, "eleven": 11.0, "twelve": 12.0, "thirteen": 13.0, "fourteen": 14.0,
    "fifteen": 15.0, "sixteen": 16.0, "seventeen": 17.0, "eighteen": 18.0, "nineteen": 19.0, "twenty": 20.0,
    "thirty": 30.0, "forty": 40.0, "fifty": 50.0, "sixty": 60.0, "hundred": 100.0,
}  # fmt: skip


@dataclass(slots=True)
class Number:
    """``mantissa × factor``; ``other_factor`` gives the other reading, ``lost`` that as a lost superscript.

    ``repeats`` is the n of ``n x amount``. ``is_power`` marks one without a mantissa. ``end`` is the index of
    the next token.
    """

    mantissa: float
    factor: float
    end: int
    other_factor: float | None = None
    reason: str | None = None
    lost: Number | None = None
    repeats: int | None = None
    is_power: bool = False

    @property
    def value(self) -> float:
        """The number in the first reading."""
        return self.mantissa * self.factor

    @property
    def other(self) -> float | None:
        """The number in the other reading, where there is one."""
        return None if self.other_factor is None else self.mantissa * self.other_factor

    def with_factor_of(self, later: Number) -> Number:
        """This number with the power that it shares with a later one (``0.5-2×10^10``)."""
        lost = None if later.lost is None else replace(later.lost, mantissa=self.mantissa, end=self.end)
        return replace(
            self, factor=later.factor, other_factor=later.other_factor, reason=later.reason, lost=lost
        )

    @property
    def shares_power(self) -> bool:
        """Written without a power of its own, and small enough to share one."""
        return self.factor == 1 and self.lost is None and self.mantissa < 1000


def read_number(tokens: Tokens, index: int, repeating: bool = True) -> Number | None:
    """The number that starts at a token, or None where there is none or it is cut off.

    ``repeating`` allows ``n x amount``.
    """
    if tokens.kind[index] != NUMERAL:
        value = WORD_NUMBERS.get(tokens.word[index])
        return None if value is None else _with_scale(tokens, index, value)
    end = index + 1
    if tokens.word[end] in _MARKS and (power := _exponent(tokens, index)) is not None:
        return _after_tolerance(tokens, _power_alone(tokens, index, *power))
    if tokens.word[end] in _CLOSE:
        end += 1  # "(1.2-1.5) × 10^6": the power stands behind the bracket that the number ends
    if (at := _after_times(tokens, index, end)) is not None:
        number = _with_power(tokens, index, at, repeating)
        return None if number is None else _after_tolerance(tokens, number)
    return _after_tolerance(tokens, _with_scale(tokens, index, tokens.value[index]))


def _after_times(tokens: Tokens, index: int, at: int) -> int | None:
    """The index of what a mantissa is multiplied by, where a sign of multiplication stands at ``at``."""
    word = tokens.word
    if word[at] not in _AFTER_A_MANTISSA:
        return None
    if word[at] in TIMES:
        return at + 1 if tokens.kind[at + 1] == NUMERAL else None
    if word[at] in (".", "times"):  # "0.5. 10^6", "2 times 106"
        ten = word[at + 1]
        a_power = (ten == "10" and word[at + 2] in _MARKS) or (word[at] == "times" and _lost_power(ten))
        return at + 1 if a_power else None
    if word[at + 1] not in _MARKS or _exponent(tokens, at) is None:
        return None
    # "1,5-3,0 10E6", but not "dose 1 10^6"
    fraction = not word[index].isdecimal()
    return at if fraction or index == 0 or word[index - 1] in _BEFORE_A_MANTISSA else None


def _exponent(tokens: Tokens, index: int) -> tuple[int, int] | None:
    """The n of ``10^n``, ``10**n`` or ``2e8`` whose mark stands after a token, and the index after it."""
    word, at = tokens.word, index + 1
    if word[at] == "e":
        if not (tokens.value[index] == 10 or tokens.glued(at)):
            return None
        at += 1 + (word[at + 1] == "+")
        return _integer(tokens, at) if tokens.glued(at) else None
    if word[index] != "10" or (word[at] == "'" and not (tokens.glued(at) and tokens.glued(at + 1))):
        return None
    if word[at] == "*":
        if word[at + 1] != "*":
            return None
        at += 1
    bracket = word[at + 1] in _OPEN
    at += 1 + bracket
    minus = word[at] == "-"
    found = _integer(tokens, at + minus)
    if found is None:
        return None
    exponent, end = found
    return -exponent if minus else exponent, end + (bracket and word[end] in _CLOSE)


def _integer(tokens: Tokens, at: int) -> tuple[int, int] | None:
    digits = tokens.word[at]
    return (int(digits), at + 1) if digits.isdecimal() and len(digits) <= 2 else None


def _power_alone(tokens: Tokens, index: int, exponent: int, end: int) -> Number:
    """``10^8`` is a power, ``2e8`` scientific; ``10E8`` is read literally, and may mean 10^8."""
    value, power = tokens.value[index], 10.0**exponent
    if tokens.word[index + 1] != "e":
        return Number(1.0, power, end, is_power=True)
    if value in (10, 100, 1000):
        return Number(value, power, end, power / value, reasons.TEN_E_LITERAL)
    return Number(value, power, end)


def _with_scale(tokens: Tokens, index: int, value: float) -> Number:
    word, factor, end = tokens.word, 1.0, index + 1
    if word[end] in ("m", "k") and tokens.glued(end):
        return Number(value, 1e6 if word[end] == "m" else 1e3, end + 1)
    while (scale := _SCALES.get(word[end])) is not None and end - index <= _MOST_SCALES:
        factor *= scale
        end += 1
    lost = _lost_power(word[index]) if factor == 1 and word[index].startswith("1") else None
    if lost is None:
        return Number(value, factor, end)
    return Number(value, 1.0, end, lost=Number(1.0, lost, end, value, reasons.LOST_SUPERSCRIPT))


def _with_power(tokens: Tokens, index: int, at: int, repeating: bool) -> Number | None:
    """The number ``mantissa × …``: a power of ten, a lost one, or n times an amount."""
    mantissa, word = tokens.value[index], tokens.word
    if word[at] == "10":
        if word[at + 1] in _MARKS:
            if (found := _exponent(tokens, at)) is not None:
                power = 10.0 ** found[0]
                if word[at + 1] == "e":
                    return Number(mantissa, power, found[1], 10 * power, reasons.E_AFTER_TEN)
                return Number(mantissa, power, found[1])
            if word[at + 1] == "^":
                return None
        if (apart := _exponent_apart(tokens, at)) is not None:
            return Number(mantissa, 10.0 ** apart[0], apart[1], None, reasons.LOST_SUPERSCRIPT)
    if tokens.value[at] in _ROUND_POWERS and _lost_power(word[at]) is None:
        return Number(mantissa, tokens.value[at], at + 1)
    return _with_lost_power(tokens, index, at, repeating)


def _exponent_apart(tokens: Tokens, ten: int) -> tuple[int, int] | None:
    """``× 10 (6)``, ``× 10 8`` and ``× 10-8``: the exponent stands beside the ten."""
    word = tokens.word
    bracket = word[ten + 1] in _OPEN and word[ten + 3] in _CLOSE
    place = ten + 2 if bracket else ten + 1
    found = _integer(tokens, place)
    if found is None or found[0] not in _EXPONENTS or word[place + 1] in TIMES:
        return None
    if not bracket and tokens.start[place] != tokens.end[ten] + 1:
        return None
    return found[0], found[1] + bracket


def _with_lost_power(tokens: Tokens, index: int, at: int, repeating: bool) -> Number | None:
    """``× 108``: n times an amount, and 10^8 should the unit be a counted one."""
    repeated = _repeated(tokens, index, at) if repeating else None
    lost = _lost_power(tokens.word[at])
    ten = tokens.word[index] == "10" and repeated is not None and repeated.mantissa in _EXPONENTS
    if lost is None and ten:  # 10x6 cells
        power = Number(1.0, 10.0 ** int(repeated.mantissa), repeated.end, None, reasons.LOST_SUPERSCRIPT)
        return replace(repeated, lost=power)
    if lost is None:
        return repeated
    mantissa, value = tokens.value[index], tokens.value[at]
    power = Number(mantissa, lost, at + 1, value, reasons.LOST_SUPERSCRIPT)
    return replace(repeated, lost=power) if repeated else Number(mantissa, value, at + 1, lost=power)


def _repeated(tokens: Tokens, index: int, at: int) -> Number | None:
    if not tokens.word[index].isdecimal() or not 0 < tokens.value[index] <= _MOST_REPEATS:
        return None
    amount = read_number(tokens, at, repeating=False)
    return None if amount is None else replace(amount, repeats=int(tokens.value[index]))


def _lost_power(digits: str) -> float | None:
    """10^n of a numeral written 10n (``108``) or 1.10n (``1.106``), where n is a plausible exponent."""
    exponent = digits[4:] if digits.startswith("1.10") else digits[2:] if digits.startswith("10") else ""
    if exponent.isdecimal() and not exponent.startswith("0") and int(exponent[:3]) in _EXPONENTS:
        return 10.0 ** int(exponent)
    return None


def _after_tolerance(tokens: Tokens, number: Number) -> Number:
    """The number, its end set behind a tolerance (``± 1``, ``(±20 %)``, ``+/- 5``)."""
    word, end = tokens.word, number.end
    if word[end] not in _TOLERANCE:
        return number
    at = end + (word[end] == "(")
    if word[at] == "+" and word[at + 1] == "/" and word[at + 2] == "-":
        at += 2
    elif word[at] != "±":
        return number
    if tokens.kind[at + 1] != NUMERAL:
        return number
    at += 3 if word[at + 2] == "%" else 2
    if word[end] != "(":
        number.end = at
    elif word[at] == ")":
        number.end = at + 1
    return number


def plain(value: float) -> float:
    """The value without the last digits that a product of fractions leaves (0.0009000000000000001)."""
    return float(f"{value:.14g}")
