"""Numbers as registries write them, each with the other reading where a guess is needed.

number    = mantissa , [ times , power ] , [ tolerance ] | power | scientific | mantissa , scale , { scale } ;
mantissa  = digits with a decimal point or comma, or thousands marks, or a number word ;
power     = "10^" , exponent | "10E" , exponent | "10 (" , exponent , ")" | "10" , lost exponent ;
scale     = "thousand" | "million" | "billion" | "trillion" | "M" | 千 | 万 | 百万 | 千万 | 亿 | 万亿 ;
tolerance = "±" , mantissa , [ "%" ] ;

A lost exponent (``2 x 108``, ``1010 particles``) is only a candidate here; the unit decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evdose.dosing import reasons
from evdose.dosing.scan import NUMBER, POWER, SCALE, SCIENTIFIC, SIGN, TIMES, WORD, Token

_EXPONENTS = range(3, 16)
_MOST_REPEATS = 30


@dataclass(frozen=True, slots=True)
class Number:
    """``mantissa × factor``; ``other_factor`` gives the other reading, ``lost`` that as a lost superscript.

    ``repeats`` is the n of ``n x amount``. ``end`` is the index of the next token.
    """

    mantissa: float
    factor: float
    end: int
    other_factor: float | None = None
    reason: str | None = None
    lost: Number | None = None
    repeats: int | None = None

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


def read_number(tokens: Sequence[Token], index: int) -> Number | None:
    """The number that starts at ``tokens[index]``, or None where there is none or it is cut off."""
    token = tokens[index]
    if token.kind == POWER:
        return Number(1, token.value, index + 1)
    if token.kind == SCIENTIFIC:
        return _scientific(token, index)
    if token.kind != NUMBER:
        return None
    # "(1.2-1.5) × 10^6": the power stands behind the bracket that the number ends.
    times = index + 1 + _is(tokens, index + 1, ")")
    if _kind(tokens, times) == TIMES:
        number = _with_power(tokens, index, times + 1)
    else:
        number = _with_scale(tokens, index)
    return number and replace(number, end=_after_tolerance(tokens, number.end))


def _scientific(token: Token, index: int) -> Number:
    if token.value in (10, 100, 1000):
        power = 10.0**token.exponent
        return Number(token.value, power, index + 1, power / token.value, reasons.TEN_E_LITERAL)
    return Number(token.value, 10.0**token.exponent, index + 1)


def _with_scale(tokens: Sequence[Token], index: int) -> Number:
    token = tokens[index]
    factor, end = 1.0, index + 1
    if _kind(tokens, end) == WORD and tokens[end].text == "m" and tokens[end].start == token.end:
        return Number(token.value, 1e6, end + 1)
    while _kind(tokens, end) == SCALE:
        factor *= tokens[end].value
        end += 1
    lost = _lost_power(token)
    if factor == 1 and lost is not None:
        power = Number(1, lost, end, token.value, reasons.LOST_SUPERSCRIPT)
        return Number(token.value, 1, end, lost=power)
    return Number(token.value, factor, end)


def _with_power(tokens: Sequence[Token], index: int, at: int) -> Number | None:
    """The number ``mantissa × …``: a power of ten, a lost one, or n times an amount."""
    if at >= len(tokens):
        return None
    mantissa, token = tokens[index].value, tokens[at]
    if token.kind == POWER:
        return Number(mantissa, token.value, at + 1)
    if token.kind == SCIENTIFIC and token.value == 10:
        power = 10.0**token.exponent
        return Number(mantissa, power, at + 1, 10 * power, reasons.E_AFTER_TEN)
    if token.text == "10" and _is(tokens, at + 1, "^"):
        return None
    return _with_exponent_apart(tokens, mantissa, at) or _with_lost_power(tokens, index, at)


def _with_exponent_apart(tokens: Sequence[Token], mantissa: float, at: int) -> Number | None:
    """``× 10 (6)`` and ``× 10 8``: the exponent stands beside the ten."""
    ten, bracket = tokens[at], _is(tokens, at + 1, "(") and _is(tokens, at + 3, ")")
    place = at + 2 if bracket else at + 1
    if ten.text != "10" or place >= len(tokens) or not _is_exponent(tokens[place]):
        return None
    if not bracket and tokens[place].start != ten.end + 1:
        return None
    power = 10.0 ** int(tokens[place].text)
    return Number(mantissa, power, at + 4 if bracket else at + 2, None, reasons.LOST_SUPERSCRIPT)


def _with_lost_power(tokens: Sequence[Token], index: int, at: int) -> Number | None:
    """``× 108``: n times an amount, and 10^8 should the unit be a counted one."""
    mantissa, token = tokens[index].value, tokens[at]
    repeated = _repeated(tokens, index, at)
    lost = _lost_power(token) if token.kind == NUMBER else None
    if lost is None:
        return repeated
    power = Number(mantissa, lost, at + 1, token.value, reasons.LOST_SUPERSCRIPT)
    return replace(repeated, lost=power) if repeated else Number(mantissa, token.value, at + 1, lost=power)


def _repeated(tokens: Sequence[Token], index: int, at: int) -> Number | None:
    repeats = tokens[index]
    amount = read_number(tokens, at) if _kind(tokens, at + 1) != TIMES else None
    if amount is None or not repeats.is_integer or not 0 < repeats.value <= _MOST_REPEATS:
        return None
    return replace(amount, repeats=int(repeats.value))


def _lost_power(token: Token) -> float | None:
    """10^n of a numeral written 10n (``108``), where n is a plausible exponent."""
    exponent = token.text[2:]
    if token.text.isdigit() and token.text.startswith("10") and exponent and not exponent.startswith("0"):
        return 10.0 ** int(exponent) if int(exponent) in _EXPONENTS else None
    return None


def _is_exponent(token: Token) -> bool:
    return token.is_integer and len(token.text) <= 2 and int(token.text) in _EXPONENTS


def _after_tolerance(tokens: Sequence[Token], end: int) -> int:
    at = end + 1 if _is(tokens, end, "(") else end
    if not _is(tokens, at, "±") or _kind(tokens, at + 1) != NUMBER:
        return end
    at += 3 if _is(tokens, at + 2, "%") else 2
    if not _is(tokens, end, "("):
        return at
    return at + 1 if _is(tokens, at, ")") else end


def _kind(tokens: Sequence[Token], index: int) -> str | None:
    return tokens[index].kind if index < len(tokens) else None


def _is(tokens: Sequence[Token], index: int, text: str) -> bool:
    return index < len(tokens) and tokens[index].kind in (SIGN, WORD) and tokens[index].text == text
