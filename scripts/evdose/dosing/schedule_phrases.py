"""Phrases of a schedule: frequencies, durations, listed days, counts, courses, each by its own pattern.

What one pattern has found is blanked out before the next one looks, so that no phrase is read twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "twenty": 20,
    "thirty": 30, "once": 1, "twice": 2, "thrice": 3,
}  # fmt: skip
NUMBER = (
    r"(?:[1-9]\d{0,2}(?![.,]?\d)|" + "|".join(word for word in _NUMBER_WORDS if word[-2:] != "ce") + r")\b"
)
TIME = r"(?:hours?|hrs?|h|days?|weeks?|wks?|months?|years?)\b"
EVENTS = (
    r"(?:doses|times|infusions|injections|administrations|sessions|treatments|applications|instillations"
    r"|inhalations|nebuli[sz]ations|episodes|vials)\b"
)
_EVENT = (
    r"(?:dose|infusion|injection|administration|session|treatment|application|instillation|inhalation"
    r"|procedure)\b"
)
_AMOUNT = r"(?:ml|cc|ug|mg|g|million|billion|x)\b"
_HOURS = {"h": 1, "d": 24, "w": 168}
_DAYS_A_MONTH = 30

_FREQUENCY = re.compile(
    rf"""
      (?:(?P<times>{NUMBER})\s*(?:times?|x|vials?|doses?|drops?)|(?P<word>once|twice|thrice))\s*
        (?:a|per|/|each|every|in\ a)?\s*(?:(?P<every>{NUMBER}|other)(?P<range>\s*-\s*{NUMBER})?[\s-]*)?
        (?P<time>day|daily|week|weekly|month|monthly|year|{TIME})\b
    | \bevery\s*(?:(?P<every2>{NUMBER}|other|second)(?P<range2>\s*-\s*{NUMBER})?[\s-]*)?(?P<time2>{TIME})
    | \b(?P<adverb>daily|weekly|monthly|bi-?weekly|fortnightly|alternate[\s-]days?|each\ (?:day|week|month))\b
    | \b(?P<latin>qd|q\.d\.|bid|b\.?i\.?d\b\.?|tid|t\.?i\.?d\b\.?|qid|qod|qw|biw|tiw)\b
    | \bq\s?(?P<every3>[1-9]\d?)\s?(?P<time3>h|d|w|wk|weeks?|m)\b
    | \bintervals?\s(?:of\s|between\s[\w\s]{{1,40}}?is\s)?(?P<every4>{NUMBER})(?:\s?±\s?\d+)?[\s-]*
        (?P<time4>{TIME}|d\b)
    | \b(?P<every5>{NUMBER})[\s-]*(?P<time5>{TIME})[\s-]*(?:intervals?|apart)\b
    """,
    re.VERBOSE,
)
_LATIN = {  # times, days
    "qd": (1, 1), "bid": (2, 1), "tid": (3, 1), "qid": (4, 1), "qod": (1, 2),
    "qw": (1, 7), "biw": (2, 7), "tiw": (3, 7),
}  # fmt: skip
_DAYS = re.compile(
    r"\b(?P<time>days?|weeks?|wks?|months?|d|w)\s?[=.:\#]?\s?(?P<list>\d{1,3}\b"
    r"(?:\s*(?:,|and|&|/|-|to)\s*(?:and\s+)?(?:d|day\s)?\d{1,3}\b"
    r"(?!\s*(?:(?:day|week|month|hour)s?\b(?!\s?\d)|h\b|ml|cc|mg|ug|vial)))*)"
)
_NO_ADMINISTRATION_DAY = re.compile(r"\s*(?:of\s(?:the\s)?(?:\w{1,30}\s)?cycle|post|after\b|before|prior)")
_LATER = re.compile(rf"\b(?:and|then) (?:again )?{NUMBER} {TIME} (?:later|after(?:wards)?)\b")
_COUNT = re.compile(
    rf"(?P<bound>\bup to (?:a )?(?:maximum of )?|\bmax(?:imum|\.)? (?:of )?|at most )?"
    rf"(?:(?P<either>{NUMBER})\s*(?:or|to|-)\s*)?"
    rf"(?P<n>\b{NUMBER})[\s-]*(?!{_AMOUNT}|{TIME})(?:[\w()/-]{{1,30}}\s){{0,3}}?{EVENTS}"
)
_EACH = re.compile(rf"\b(?:(?P<word>once|twice)|(?P<n>{NUMBER}) times) each (?:in|on|at)?")
_COURSES = re.compile(rf"\b(?P<n>{NUMBER})\s(?:courses|cycles)\b")
_A_COURSE = re.compile(r"(?:/|per|a)\s?(?:course|cycle)\b")
_DURATION = re.compile(
    rf"(?P<bound>\bup to (?:a maximum of )?)?(?:\b|(?<=\bx))(?P<n>{NUMBER})[\s-]*"
    rf"(?P<row>consecutive\s)?(?P<time>{TIME})(?P<after>\sin a row)?"
    r"(?!\s*(?:after|before|later|prior|post|ago|apart|old|interval|/\s?(?:time|dose)))"
)
_NO_DURATION_BEFORE = re.compile(
    r"(?:after|every|interval of|distance of|at|than|within|±|\+/-|day|over)\s*$"
)
_TIMES_N = re.compile(rf"(?:\bx|\*)\s?(?P<n>[1-9]\d?)\b(?!\s*(?:{TIME}|\^|\d|\.|x|ml|cc|mg|ug))")
_SINGLE = re.compile(
    rf"\bsingle(?:-|\s|$)(?!eye|blind|cent|arm)(?:[\w()/-]{{1,30}}\s){{0,4}}?{_EVENT}"
    rf"|^\W*single\W*(?:$|,|;|\()|\bsingle\W*$"
    rf"|\bone[\s-]?time\b|\b(?:one|1) (?:[\w-]{{1,30}}\s){{0,2}}?{_EVENT}|\bonce\b|\bone-off\b"
)
_TWICE = re.compile(r"\b(?:twice|(?P<thrice>thrice))\b")
_SECOND = re.compile(
    r"\b(?:second|2nd) (?:dose|infusion|injection|administration)\b|\brepeated after\b|\bbooster\b"
)


@dataclass(frozen=True, slots=True)
class Frequency:
    """``times`` every ``hours``; ``months`` where they are counted so; not ``sure`` for a range."""

    times: float
    hours: float
    months: float = 0.0
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Duration:
    """A stated length; ``in_a_row`` for consecutive days, ``bounded`` for "up to"."""

    hours: float
    months: float
    in_a_row: bool
    bounded: bool


@dataclass(frozen=True, slots=True)
class Count:
    """A stated number of administrations, None for an upper bound or alternatives."""

    number: float | None


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of one phase; ``each`` is the n of "n times each in …", ``days`` counts listed days."""

    frequencies: tuple[Frequency, ...]
    each: float | None
    days: int
    courses: float | None
    count: Count | None
    duration: Duration | None
    times_n: float | None
    second: bool
    single: bool
    twice: float | None

    @property
    def a_day(self) -> float | None:
        """Administrations a day, where a frequency is daily or more often."""
        return a_day(self.frequencies)


def find_phrases(text: str) -> Phrases:
    """The phrases of one phase of a cleaned schedule."""
    each = _EACH.search(text)
    text = _EACH.sub(blank, text)
    frequencies = find_frequencies(text)
    text = _FREQUENCY.sub(blank, text)
    days = len(listed_days(text)) + (len(_LATER.findall(text)) if _DAYS.search(text) else 0)
    text = _LATER.sub(blank, _DAYS.sub(blank, text))
    courses = _COURSES.search(text) if _A_COURSE.search(text) else None
    text = text if courses is None else _COURSES.sub(blank, text)
    count = _count(text)
    text = _COUNT.sub(blank, text)
    times_n, twice = _TIMES_N.search(text), _TWICE.search(text)
    return Phrases(
        frequencies=frequencies,
        each=number(each["word"] or each["n"]) if each else None,
        days=days,
        courses=number(courses["n"]) if courses else None,
        count=count,
        duration=_duration(text),
        times_n=number(times_n["n"]) if times_n else None,
        second=_SECOND.search(text) is not None,
        single=_SINGLE.search(text) is not None,
        twice=(3.0 if twice["thrice"] else 2.0) if twice else None,
    )


def find_frequencies(text: str) -> tuple[Frequency, ...]:
    """Every frequency in a cleaned text, in order."""
    return tuple(_frequency(match.groupdict()) for match in _FREQUENCY.finditer(text))


def a_day(frequencies: tuple[Frequency, ...]) -> float | None:
    """Administrations a day of the first frequency that is daily or more often."""
    return next((one.times * 24 / one.hours for one in frequencies if one.hours <= 24 and one.sure), None)


def listed_days(text: str) -> set[tuple[str, int]]:
    """The listed days as (first letter of the time unit, number), ranges spelt out."""
    days: set[tuple[str, int]] = set()
    for match in _DAYS.finditer(text):
        if _NO_ADMINISTRATION_DAY.match(text, match.end()):
            continue
        for part in re.split(r",|and|&|/", match["list"].replace("to", "-")):
            ends = [int(day) for day in re.findall(r"\d+", part)]
            is_range = len(ends) == 2 and "-" in part and ends[0] <= ends[1]
            days |= {(match["time"][0], day) for day in (range(ends[0], ends[1] + 1) if is_range else ends)}
    return days


def number(word: str) -> float:
    """Value of a whole number in digits or words."""
    return float(_NUMBER_WORDS[word] if word in _NUMBER_WORDS else int(word))


def blank(match: re.Match[str]) -> str:
    """Spaces in place of what was matched."""
    return " " * len(match.group())


def _frequency(named: dict[str, str | None]) -> Frequency:
    if named["latin"]:
        times, days = _LATIN[named["latin"].replace(".", "")]
        return Frequency(times, days * 24)
    if named["adverb"]:
        return _of_adverb(named["adverb"])
    every = next((named[key] for key in ("every", "every2", "every3", "every4", "every5") if named[key]), "1")
    time = next(named[key] for key in ("time", "time2", "time3", "time4", "time5") if named[key])
    hours, months = _length(2 if every in ("other", "second") else number(every), time)
    sure = not (named["range"] or named["range2"])
    return Frequency(number(named["times"] or named["word"] or "1"), hours, months, sure)


def _of_adverb(adverb: str) -> Frequency:
    if adverb.startswith("alternate"):
        return Frequency(1, 48)
    if adverb.startswith("bi"):
        return Frequency(1, 336, sure=False)
    if adverb == "fortnightly":
        return Frequency(1, 336)
    return Frequency(1, *_length(1, {"daily": "day"}.get(adverb, adverb.removeprefix("each "))))


def _length(n: float, time: str) -> tuple[float, float]:
    """Hours of ``n`` of a time unit, and months where it is counted in months or years."""
    if time[0] in "my":
        months = n * 12 if time[0] == "y" else n
        return months * _DAYS_A_MONTH * 24, months
    return n * _HOURS[time[0]], 0.0


def _count(text: str) -> Count | None:
    match = _COUNT.search(text)
    if match is None:
        return None
    undecided = match["bound"] or (match["either"] and match["either"] != match["n"])
    return Count(None if undecided else number(match["n"]))


def _duration(text: str) -> Duration | None:
    for match in _DURATION.finditer(text):
        if _NO_DURATION_BEFORE.search(text[max(0, match.start() - 16) : match.start()]):
            continue
        in_a_row = bool(match["row"] or match["after"]) and match["time"].startswith("day")
        return Duration(*_length(number(match["n"]), match["time"]), in_a_row, bool(match["bound"]))
    return None
