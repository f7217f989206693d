"""How well readings agree with labels: shares of fragments; precision, recall and F1 of what is in them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment
from statsmodels.stats.proportion import proportion_confint

_TOLERANCE = 1e-9
_WHOLE, _NEARER = 1000.0, 1e-6  # a dose that is right in full outweighs any number that are right in part


class Dose(NamedTuple):
    """One entry: ``low`` to ``high`` of ``unit``, of what, per what (the conventions: docs/labelling.md)."""

    low: float
    high: float
    unit: str
    substance: str
    per: str


@dataclass(frozen=True)
class Reading:
    """What somebody, or something, reads in a fragment."""

    doses: tuple[Dose, ...] = ()
    administrations: float | None = None
    administrations_status: str = "not_reported"
    routes: frozenset[str] = frozenset()

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Reading:
        """From an entry of a labelled set."""
        return cls(
            tuple(Dose(*dose) for dose in entry["doses"]),
            entry["administrations"],
            entry["administrations_status"],
            frozenset(entry["routes"]),
        )


Pairs = list[tuple[Reading, Reading]]  # (label, what was read)


@dataclass(frozen=True)
class Share:
    """``hits`` of ``of``."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """The share; NaN of none."""
        return self.hits / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval (Wilson)."""
        if not self.of:
            return math.nan, math.nan
        return tuple(float(end) for end in proportion_confint(self.hits, self.of, method="wilson"))


@dataclass(frozen=True)
class Retrieval:
    """``matched`` entries, of those ``read`` and of those ``labelled``."""

    matched: int
    read: int
    labelled: int

    @property
    def precision(self) -> Share:
        """What part of what was read is right."""
        return Share(self.matched, self.read)

    @property
    def recall(self) -> Share:
        """What part of what is there was read."""
        return Share(self.matched, self.labelled)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; NaN where nothing is there to be read."""
        return 2 * self.matched / (self.read + self.labelled) if self.labelled else math.nan


def same_number(one: float | None, other: float | None) -> bool:
    """Equal to a relative 1e-9, or both absent."""
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=_TOLERANCE)


DOSE_FIELDS: dict[str, Callable[[Dose, Dose], bool]] = {
    "amount": lambda one, other: same_number(one.low, other.low) and same_number(one.high, other.high),
    "unit": lambda one, other: one.unit == other.unit,
    "substance": lambda one, other: one.substance == other.substance,
    "per": lambda one, other: one.per == other.per,
}


def align(labelled: tuple[Dose, ...], read: tuple[Dose, ...]) -> list[tuple[Dose, Dose]]:
    """Pairs of a labelled dose and the one read for it: as many right in full as can be, then in most fields.

    Doses that share neither the amount nor the unit are no pair.
    """
    if not labelled or not read:
        return []
    gain = np.array([[_likeness(one, other) for other in read] for one in labelled])
    distance = np.abs(np.subtract.outer(np.arange(len(labelled)), np.arange(len(read))))
    rows, columns = linear_sum_assignment(gain - _NEARER * distance, maximize=True)
    return [(labelled[i], read[j]) for i, j in zip(rows, columns, strict=True) if gain[i, j] > 0]


def _likeness(one: Dose, other: Dose) -> float:
    equal = {field: same(one, other) for field, same in DOSE_FIELDS.items()}
    if all(equal.values()):
        return _WHOLE
    return float(sum(equal.values())) if equal["amount"] or equal["unit"] else 0.0


def _equal_lists(label: Reading, read: Reading, fields: Iterable[str]) -> bool:
    return len(label.doses) == len(read.doses) and all(
        DOSE_FIELDS[field](one, other)
        for one, other in zip(label.doses, read.doses, strict=True)
        for field in fields
    )


def doses_agree(label: Reading, read: Reading) -> bool:
    """The same doses in the same order."""
    return _equal_lists(label, read, DOSE_FIELDS)


def administrations_agree(label: Reading, read: Reading) -> bool:
    """The same number of administrations, or none in both."""
    return same_number(label.administrations, read.administrations)


def routes_agree(label: Reading, read: Reading) -> bool:
    """The same set of routes."""
    return label.routes == read.routes


Rule = Callable[[Reading, Reading], bool]
_EVERY: Callable[[Reading], bool] = lambda label: True  # noqa: E731
# Measure -> (which fragments, by their label; when one of them is right)
SHARES: dict[str, tuple[Callable[[Reading], bool], Rule]] = {
    "doses": (_EVERY, doses_agree),
    "amounts_and_units": (_EVERY, lambda label, read: _equal_lists(label, read, ("amount", "unit"))),
    "no_false_dose": (lambda label: not label.doses, lambda label, read: not read.doses),
    "administrations": (_EVERY, administrations_agree),
    "administrations_number": (lambda label: label.administrations is not None, administrations_agree),
    "administrations_null": (lambda label: label.administrations is None, administrations_agree),
    "administrations_status": (
        _EVERY,
        lambda label, read: label.administrations_status == read.administrations_status,
    ),
    "routes": (_EVERY, routes_agree),
}


def shares(pairs: Pairs) -> dict[str, Share]:
    """Each measure of ``SHARES`` over the fragments that it is about."""
    found = {}
    for measure, (about, right) in SHARES.items():
        chosen = [(label, read) for label, read in pairs if about(label)]
        found[measure] = Share(sum(right(label, read) for label, read in chosen), len(chosen))
    return found


def retrievals(pairs: Pairs) -> dict[str, Retrieval]:
    """Doses in full, their fields on aligned doses, and routes, counted over all fragments."""
    aligned = [pair for label, read in pairs for pair in align(label.doses, read.doses)]
    counts = sum(len(read.doses) for _, read in pairs), sum(len(label.doses) for label, _ in pairs)
    whole = sum(all(same(one, other) for same in DOSE_FIELDS.values()) for one, other in aligned)
    return {
        "doses": Retrieval(whole, *counts),
        **{
            field: Retrieval(sum(same(one, other) for one, other in aligned), *counts)
            for field, same in DOSE_FIELDS.items()
        },
        "routes": Retrieval(
            sum(len(label.routes & read.routes) for label, read in pairs),
            sum(len(read.routes) for _, read in pairs),
            sum(len(label.routes) for label, _ in pairs),
        ),
    }
