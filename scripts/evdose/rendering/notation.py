"""Numbers and words as people read them: powers of ten, intervals, percentages, counts."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

from markupsafe import Markup, escape

MISSING = "–"
_UNIT = {
    "particle": "particles",
    "cell": "cells",
    "drop": "drops",
    "particle/mL": "particles/mL",
    "cell/mL": "cells/mL",
    "ug": "µg",
    "ug/mL": "µg/mL",
    "ug/g": "µg/g",
}
_PER = {"total": "in total", "cm2": "per cm²"}
_PHASES = {
    "EARLY_PHASE1": "Early phase 1",
    "PHASE1": "Phase 1",
    "PHASE1/PHASE2": "Phase 1/2",
    "PHASE2": "Phase 2",
    "PHASE2/PHASE3": "Phase 2/3",
    "PHASE3": "Phase 3",
    "PHASE4": "Phase 4",
    "NA": "Not applicable",
}
PHASES = tuple(_PHASES.values())
_ACRONYMS = {"msc": "MSC", "ev": "EV"}
_NAMES = {"hedges_g": "Hedges' g"}
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def missing(value: object) -> bool:
    """Whether a value is not known: None, NaN or an empty text."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def number(value: float, digits: int = 3, *, padded: bool = False) -> str:
    """A real number to ``digits`` significant digits; from 100 000 up and below 0.001 as a power of ten.

    ``padded`` keeps zeros at the end, so that numbers that stand together show the same precision.
    """
    if missing(value):
        return MISSING
    size = abs(value)
    if size and not 1e-3 <= size < 1e5:
        return _scientific(value, digits)
    if size >= 10 ** (digits - 1):
        text = f"{value:,.0f}"
    else:
        text = f"{value:#.{digits}g}".rstrip(".") if padded else f"{value:.{digits}g}"
    return text.replace("-", "−")


def power(log10: float, digits: int = 2) -> str:
    """A quantity given by its log10, as a power of ten: 8.30103 is ``2×10⁸``."""
    return MISSING if missing(log10) else _scientific(10.0**log10, digits)


def count(value: int) -> str:
    """A whole number with its thousands apart."""
    return MISSING if missing(value) else f"{int(value):,}".replace("-", "−")


def dose(low: float, high: float, unit: str | None, per: str | None) -> str:
    """A dose as it was read: ``2×10⁸ particles per administration``, ``20 to 50 µg per kg``."""
    if missing(low) and missing(high):
        return MISSING
    amount = f"{quantity(low, high)} {_UNIT.get(unit, unit) or ''}".rstrip()
    return amount if per in {None, "none"} else f"{amount} {_PER.get(per, f'per {per}')}"


def percent(share: float) -> str:
    """A share of one, in percent without decimals; shares that are not quite 0 or 1 never look so."""
    if missing(share):
        return MISSING
    if 0 < share < 0.005:
        return "< 1%"
    if 0.995 <= share < 1:
        return "> 99%"
    return f"{100 * share:.0f}%"


def interval(low: float, high: float, show: Callable[[float], str] = number) -> str:
    """Two bounds, ``a to b``, each as ``show`` words it; a bound that is missing is said to be open."""
    if missing(low) and missing(high):
        return MISSING
    if missing(low):
        return f"up to {show(high)}"
    return f"from {show(low)}" if missing(high) else f"{show(low)} to {show(high)}"


def quantity(low: float, high: float) -> str:
    """A dose or a range of doses: ``2×10⁸``, ``20 to 50``."""
    if missing(low) or missing(high) or math.isclose(low, high):
        return number(low if missing(high) else high)
    return f"{number(low)} to {number(high)}"


def padded(value: float) -> str:
    """A real number to three significant digits, zeros at the end included."""
    return number(value, padded=True)


def estimate(value: float, low: float, high: float, show: Callable[[float], str] = padded) -> str:
    """An estimate with its interval in brackets, each number as ``show`` words it."""
    if missing(value):
        return MISSING
    bounds = interval(low, high, show)
    return show(value) if bounds == MISSING else f"{show(value)} ({bounds})"


def p_value(value: float) -> str:
    """A p-value to two significant digits, three decimals at most."""
    if missing(value):
        return MISSING
    return "< 0.001" if value < 0.001 else f"{value:.{2 if value >= 0.095 else 3}f}"


def phase(code: str | None) -> str:
    """A phase as ClinicalTrials.gov codes it, in words; a phase that it doesn't know stays as it is."""
    return MISSING if missing(code) else _PHASES.get(code, code)


def decoded(code: str | None) -> str:
    """A code of evdose or of a registry in words: ``not_reported``, ``unknown_msc_origin``, ``COMPLETED``."""
    if missing(code):
        return MISSING
    if code in _NAMES:
        return _NAMES[code]
    return " ".join(_ACRONYMS.get(word, word) for word in code.lower().split("_"))


def spelled_out(words: str | None) -> str:
    """A sentence of evdose's own with its codes in words: ``(pain, hedges_g)`` is ``(pain, Hedges' g)``."""
    if missing(words):
        return MISSING
    return re.sub(r"\b[a-z]+(?:_[a-z]+)+\b", lambda found: decoded(found[0]), words)


def typeset(words: str) -> Markup:
    """A sentence with its numbers as HTML: powers of ten raised, minus signs for hyphens."""
    said = re.sub(r"(?<![\w.)])-(?=\d)", "−", str(escape(words)))
    said = re.sub(r"\b10\^([-−]?\d+(?:\.\d+)?)", lambda power: _raised(power[1]), said)
    said = re.sub(
        r"\b(\d(?:\.\d+)?)e([-+]?\d+)\b", lambda found: f"{found[1]}×{_raised(str(int(found[2])))}", said
    )
    return Markup(said)


def _raised(exponent: str) -> str:
    return f"10<sup>{exponent.replace('-', '−')}</sup>"


def counted(n: int, noun: str, plural: str | None = None) -> str:
    """``n`` and its noun: ``1 trial``, ``3 trials``, ``no trial``."""
    if n == 0:
        return f"no {noun}"
    return f"{count(n)} {noun if n == 1 else plural or noun + 's'}"


def listed(words: Sequence[str]) -> str:
    """Words in a sentence: ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _scientific(value: float, digits: int) -> str:
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa).replace("-", "−")
    ten = f"10{str(int(exponent)).translate(_SUPERSCRIPT)}"
    return ten if mantissa == "1" else f"−{ten}" if mantissa == "−1" else f"{mantissa}×{ten}"
