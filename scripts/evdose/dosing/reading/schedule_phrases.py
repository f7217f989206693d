"""The phrases of a schedule, each with its place in tokens: what the parsers find and the rules combine."""

from __future__ import annotations

from dataclasses import dataclass, field

THEN, STOP = "then", "end of sentence"


@dataclass(slots=True)
class Phrase:
    """A phrase and its place, ``start:end``, in tokens."""

    start: int = field(default=0, kw_only=True)
    end: int = field(default=0, kw_only=True)


@dataclass(slots=True)
class Frequency(Phrase):
    """``times`` every ``hours`` (``months`` where they are counted so); not ``sure`` for a range.

    ``repeats`` marks "every n days", which may be the distance of what stands before it; ``again`` that a
    treatment is repeated so; ``on_days`` "5 days a week".
    """

    times: float
    hours: float
    months: float = 0.0
    sure: bool = True
    repeats: bool = False
    again: bool = False
    on_days: bool = False


@dataclass(slots=True)
class Duration(Phrase):
    """A stated length; ``in_a_row`` of consecutive days, ``bound`` by "up to", ``overall`` by "period of"."""

    hours: float
    months: float
    in_a_row: bool = False
    bound: str | None = None
    overall: bool = False


@dataclass(slots=True)
class Days(Phrase):
    """Listed days (or weeks, months) as ``(unit, number)``.

    ``spelt`` marks a range, ``cut`` a list that the end of the text cuts off, ``heading`` a day that a colon
    follows, ``baseline`` one that counts only beside others, ``per_cycle`` days of a cycle; ``given`` says
    that something is given on them, as far as the words before go.
    """

    points: set[tuple[str, int]]
    spelt: bool = False
    cut: bool = False
    heading: bool = False
    baseline: bool = False
    per_cycle: bool = False
    given: bool = False


@dataclass(slots=True)
class Count(Phrase):
    """A stated number of administrations, None with its ``bound`` for "up to", "at least" or alternatives.

    ``single`` for a word that says so, ``total`` for a stated total, ``each`` for one on each listed day,
    ``per_course`` for one of each course, ``of_times`` for "n times", which may be said of anything.
    """

    number: int | None
    bound: str | None = None
    single: bool = False
    total: bool = False
    each: bool = False
    per_course: bool = False
    of_times: bool = False


@dataclass(slots=True)
class Courses(Phrase):
    """A number of courses or cycles; None for a bound."""

    number: int | None


@dataclass(slots=True)
class TimesN(Phrase):
    """The n of "every 2 weeks x n", or, with ``amounts``, of "n x 10 mL"."""

    number: int
    amounts: bool = False


@dataclass(slots=True)
class Again(Phrase):
    """A second, third or booster dose that is named, as the number that it makes."""

    number: int


@dataclass(slots=True)
class Later(Phrase):
    """Read "one month later"; ``given`` where the same product is given again then."""

    given: bool = False


@dataclass(slots=True)
class Open(Phrase):
    """No end: "until progression", "thereafter", "as needed"; ``weak`` where a stated end outdoes it."""

    weak: bool = False


@dataclass(slots=True)
class Until(Phrase):
    """A last day, as ``(unit, number)``."""

    unit: str
    number: int


@dataclass(slots=True)
class Mark(Phrase):
    """The end of a phase (``THEN``) or of a sentence (``STOP``)."""

    kind: str
