"""quantulum3, a peer: what it finds in a fragment, in the units of the labels.

It knows quantities with units, not what they are of: a mass is taken for an unspecified one, a volume for
product, and a bare number for particles or cells where its surface, or the next three words, name them. Its
ranges are a middle and a half width. It runs without its classifier, whose model scikit-learn 1.9 can't load.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version
from typing import Any

import pint

from evaluation.scoring import Dose, Reading

NAME = f"quantulum3 {version('quantulum3')}"

_REGISTRY = pint.UnitRegistry()
_OF_DIMENSION = {"[mass]": "ug", "[length] ** 3": "mL", "[substance]": "pmol"}
_SUBSTANCE = {
    "ug": "mass_unspecified",
    "mL": "product_volume",
    "drop": "product_volume",
    "pmol": "phospholipid",
    "particle": "particles",
    "cell": "cells",
}
_PER = {"kg": _REGISTRY("kg"), "day": _REGISTRY("day"), "cm2": _REGISTRY("cm**2")}
_STRENGTHS = {"mL": ("particle", "ug", "cell"), "g": ("ug",)}
_COUNTED = (
    ("particle", re.compile(r"vesicle|exosome|particle|\bs?evs?\b", re.IGNORECASE)),
    ("cell", re.compile(r"\bcells?\b|msc|mpc", re.IGNORECASE)),
)
_WORDS_BEHIND = re.compile(r"[^\d.,;:()]*")
_TOLERANCE = re.compile(r"±|\+\s?/?\s?-")


def quantulum3() -> Callable[[str], Reading]:
    """A function that reads the doses of a fragment with quantulum3; it reads no schedules and no routes."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Classifier dependencies", UserWarning)
        from quantulum3 import classifier, parser  # noqa: PLC0415
    classifier.USE_CLF = False

    def read(text: str) -> Reading:
        found = (_dose(quantity, text) for quantity in parser.parse(text))
        return Reading(tuple(dose for dose in found if dose is not None))

    return read


def _dose(quantity: Any, text: str) -> Dose | None:
    """The quantity as a dose; None where it is in no unit of doses."""
    bases = [(part["base"], part["power"]) for part in quantity.unit.dimensions]
    above = [(base, power) for base, power in bases if power > 0 and base != "dimensionless"]
    below = [(base, -power) for base, power in bases if power < 0]
    unit, factor = _unit(above) if above else (_counted(_words_behind(quantity, text)), 1.0)
    unit = unit or _counted(quantity.surface)
    if unit is None:
        return None
    low, high = (end * factor for end in _ends(quantity))
    for measured in filter(None, (_measured(*base) for base in below)):
        for divisor in (divisor for divisor, units in _STRENGTHS.items() if unit in units):
            if measured.is_compatible_with(divisor) and measured != _PER["kg"]:
                size = measured.to(divisor).magnitude
                return Dose(low / size, high / size, f"{unit}/{divisor}", _SUBSTANCE[unit], "none")
    return Dose(low, high, unit, _SUBSTANCE[unit], _per(below))


def _ends(quantity: Any) -> tuple[float, float]:
    """A range by its middle and half width; a tolerance keeps the nominal value."""
    width = 0.0 if _TOLERANCE.search(quantity.surface) else quantity.uncertainty or 0.0
    return quantity.value - width, quantity.value + width


def _words_behind(quantity: Any, text: str) -> str:
    return " ".join(_WORDS_BEHIND.match(text, quantity.span[1])[0].split()[:3])


def _counted(words: str) -> str | None:
    return next((unit for unit, named in _COUNTED if named.search(words)), None)


@lru_cache
def _measured(base: str, power: int) -> pint.Quantity | None:
    try:
        return _REGISTRY(base) ** power
    except pint.errors.PintError:
        return None


def _unit(bases: list[tuple[str, int]]) -> tuple[str | None, float]:
    """Unit of doses, and how many of it one of the quantity's is."""
    if bases == [("drop", 1)]:
        return "drop", 1.0
    measured = _measured(*bases[0]) if len(bases) == 1 else None
    unit = None if measured is None else _OF_DIMENSION.get(str(measured.dimensionality))
    return (unit, float(measured.to(unit).magnitude)) if unit else (None, 1.0)


def _per(below: list[tuple[str, int]]) -> str:
    if not below:
        return "administration"
    sizes = [_measured(*base) for base in below]
    return next((per for per, size in _PER.items() if size in sizes), "none")
