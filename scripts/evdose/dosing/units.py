"""Units of doses (config/units.txt): the words that name them, and what each is in the units of ``doses``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from evdose.errors import InputError, Problem

_UNIT_OF_DIMENSION = {
    "[particles]": "particle",
    "[cells]": "cell",
    "[mass]": "ug",
    "[amount]": "pmol",
    "[volume]": "mL",
    "[drops]": "drop",
}


@dataclass(frozen=True)
class Units:
    """``words``: spelling -> (unit of ``doses``, how many of it); ``pattern`` matches one in cleaned text."""

    words: dict[str, tuple[str, float]]
    pattern: str

    def __getitem__(self, spelling: str) -> tuple[str, float]:
        return self.words[_key(spelling)]


@lru_cache(maxsize=4)
def read_units(path: str | Path) -> Units:
    """Read the units file; each spelling is converted once, here.

    Raises:
        InputError: the file can't be read, isn't in pint's syntax, or has a unit outside the six dimensions.
    """
    import pint  # noqa: PLC0415  (0.2 s: only paid where doses are read)

    remedy = "define it from particle, cell, ug, pmol, mL or drop, as the lines above it"
    try:
        Path(path).read_text(encoding="utf-8")
        registry = pint.UnitRegistry(str(path))
        spellings = list(registry)
    except (OSError, UnicodeDecodeError, ValueError, AttributeError, pint.errors.PintError) as error:
        raise InputError(Problem(str(path), f"isn't a readable units file ({error})", remedy)) from None
    words: dict[str, tuple[str, float]] = {}
    for spelling in spellings:
        try:
            quantity = registry.Quantity(1.0, spelling).to_base_units()
            unit = _UNIT_OF_DIMENSION[str(quantity.dimensionality)]
        except (KeyError, ValueError, pint.errors.PintError):
            what = f"the unit {spelling!r} is none of {', '.join(_UNIT_OF_DIMENSION.values())}"
            raise InputError(Problem(str(path), what, remedy, place=spelling)) from None
        words[_key(spelling)] = unit, float(quantity.magnitude)
    return Units(words, _pattern(spellings))


def _key(spelling: str) -> str:
    return re.sub(r"[\s_-]+", "", spelling).lower()


def _pattern(spellings: list[str]) -> str:
    longest_first = sorted({spelling.lower() for spelling in spellings}, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace("_", r"[\s-]{0,2}") for word in longest_first)
