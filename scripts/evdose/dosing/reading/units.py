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

_ENDINGS = ("mscs", "msc", "exosomes", "exosome", "vesicles", "exos", "sevs", "cells")


@dataclass(frozen=True)
class Units:
    """Spellings without spaces and hyphens -> (unit of ``doses``, how many of it).

    ``beginnings`` are the first words of spellings of two; ``endings`` end words that count cells or vesicles
    of some kind (``allo-hMSCs``), longest first.
    """

    words: dict[str, tuple[str, float]]
    beginnings: frozenset[str]
    endings: tuple[str, ...]

    def __getitem__(self, spelling: str) -> tuple[str, float]:
        return self.words[_key(spelling)]

    def of_ending(self, word: str) -> tuple[str, float]:
        """Unit of a word by its ending."""
        return self.words[next(ending for ending in self.endings if word.endswith(ending))]


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
    beginnings = {spelling.lower().split("_")[0] for spelling in spellings if "_" in spelling.strip("_")}
    return Units(words, frozenset(beginnings), tuple(word for word in _ENDINGS if word in words))


def _key(spelling: str) -> str:
    return re.sub(r"[\s_-]+", "", spelling).lower()
