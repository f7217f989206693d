"""Schedules: how many administrations a text determines, by a named rule.

schedule  = phase , { ( ";" | "then" | "followed by" ) , phase } ;
phase     = count | "single" | days | frequency , duration | frequency , days | frequency , "x" , n
          | courses , phase | days , frequency , "to" , day ;
frequency = "daily" | "twice a week" | "every" , n , time | "BID" | "q2w" | … ;
duration  = [ "for" | "during" | "x" ] , n , time ;
days      = ( "day" | "week" | "month" ) , n , { "," , n } ;
count     = n , ( "doses" | "infusions" | "times" | … ) ;

A text that gives an upper bound or two numbers is ambiguous, one without an end is open-ended; neither yields
a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil

from evdose.dosing.schedule_phrases import (
    EVENTS,
    NUMBER,
    Duration,
    Frequency,
    Phrases,
    a_day,
    blank,
    find_frequencies,
    find_phrases,
    listed_days,
    number,
)
from evdose.dosing.text import clean

EXACT, INFERRED, AMBIGUOUS = "exact", "inferred", "ambiguous"
OPEN_ENDED, NOT_REPORTED = "open-ended", "not_reported"

# Times that say how long one administration takes or when participants are seen again, and counts of arms.
_ASIDES = (
    re.compile(rf"\bone of (?:the )?{NUMBER}"),
    re.compile(r"\b(?:with )?follow(?:ed)?[\s-]up\b(?! by)[^;.]*"),
    re.compile(
        rf"\b(?:over|for)\s+{NUMBER}(?:\s*(?:-|to)\s*{NUMBER})?\s*(?:min(?:ute)?s?|hours?|h)\b"
        r"(?:\s*to [\w\s]{0,20}hours?)?"
    ),
    re.compile(r"\b(?:no|not) (?:less|more|later|earlier) than [^,;.]*|\bat least [^,;.]*"),
)
_NO_END = re.compile(
    r"\b(?:thereafter|until|till|as needed|prn|repeats? every|repeated every|indefinite|long[\s-]term|ongoing"
    r"|or recovery)\b"
)
_TO_A_DAY = re.compile(
    rf"\bevery (?P<every>{NUMBER}) (?P<time>days?|weeks?|months?)\b(?: after that| thereafter)?"
    r" (?:to|until|through) (?P<unit>day|week|month) (?P<last>\d{1,3})"
)
_PHASE_END = re.compile(r"\bthen\b|\bfollowed by\b|\bsubsequently\b")
_TOTAL = re.compile(
    rf"\btotal of (?P<n>{NUMBER}) {EVENTS}|\b(?P<n2>{NUMBER}) (?:total {EVENTS}|{EVENTS} in total)"
)
_FOUR_WEEKS, _WEEK, _DAY = 672, 168, 24


@dataclass(frozen=True, slots=True)
class Schedule:
    """Administrations (None where the text doesn't determine them), how they are known, and the rule.

    ``a_day`` is the number a day where the frequency is daily or more often, ``days`` a duration alone.
    """

    administrations: float | None
    status: str
    rule: str | None
    a_day: float | None = None
    days: float | None = None


NOTHING = Schedule(None, NOT_REPORTED, None)


def read_schedule(text: str) -> Schedule:
    """Read a schedule; ``NOTHING`` where the text holds none."""
    plain = " ".join(clean(text).text.split())
    for aside in _ASIDES:
        plain = aside.sub(blank, plain)
    return _stated_total(plain) or _listed_to_a_day(plain) or _without_end(plain) or _in_phases(plain)


def _stated_total(text: str) -> Schedule | None:
    match = _TOTAL.search(text)
    if match is None:
        return None
    return Schedule(number(match["n"] or match["n2"]), EXACT, "stated total", a_day(find_frequencies(text)))


def _listed_to_a_day(text: str) -> Schedule | None:
    match = _TO_A_DAY.search(text)
    if match is None or match["time"][0] != match["unit"][0]:
        return None
    days = listed_days(text[: match.start()])
    same_unit = [day for unit, day in days if unit == match["unit"][0]]
    if not same_unit:
        return None
    more = (int(match["last"]) - max(same_unit)) // int(number(match["every"]))
    return Schedule(float(len(days) + max(more, 0)), EXACT, "listed days, then repeats to the last day")


def _without_end(text: str) -> Schedule | None:
    if _NO_END.search(text) is None:
        return None
    return Schedule(None, OPEN_ENDED, "no end stated", a_day(find_frequencies(text)))


def _in_phases(text: str) -> Schedule:
    return _sum([_said_twice(part) for part in _PHASE_END.split(text)])


def _said_twice(text: str) -> Schedule:
    """Statements that a semicolon parts: phases, unless they say the same number in two ways."""
    statements = [_phase(part) for part in text.split(";")]
    known = [one for one in statements if one is not NOTHING]
    if known and all(one.administrations == known[0].administrations for one in known):
        return known[0]
    return _sum(statements)


def _sum(phases: list[Schedule]) -> Schedule:
    known = [phase for phase in phases if phase is not NOTHING]
    if len(known) < 2:
        return known[0] if known else NOTHING
    undecided = next((phase for phase in known if phase.administrations is None), None)
    if undecided is not None:
        return undecided
    status = EXACT if all(phase.status == EXACT for phase in known) else INFERRED
    return Schedule(sum(phase.administrations for phase in known), status, "sum of phases")


def _phase(text: str) -> Schedule:
    phrases = find_phrases(text)
    schedule = next((found for rule in _RULES if (found := rule(phrases)) is not None), NOTHING)
    return schedule if schedule is NOTHING or schedule.a_day else replace(schedule, a_day=phrases.a_day)


def _bound(phrases: Phrases) -> Schedule | None:
    if phrases.count is not None and phrases.count.number is None:
        return Schedule(None, AMBIGUOUS, "upper bound or alternatives")
    return None


def _courses(phrases: Phrases) -> Schedule | None:
    if phrases.courses is None:
        return None
    if phrases.count is not None:
        return Schedule(phrases.courses * phrases.count.number, EXACT, "count x courses")
    one = _frequency_over_duration(phrases)
    if one is None or one.administrations is None:
        return Schedule(None, NOT_REPORTED, "courses without a count")
    return replace(
        one, administrations=phrases.courses * one.administrations, rule="frequency x duration x courses"
    )


def _each_on_days(phrases: Phrases) -> Schedule | None:
    if phrases.each is None or not phrases.days:
        return None
    return Schedule(phrases.each * phrases.days, EXACT, "listed days x count")


def _stated_count(phrases: Phrases) -> Schedule | None:
    return None if phrases.count is None else Schedule(phrases.count.number, EXACT, "stated count")


def _on_listed_days(phrases: Phrases) -> Schedule | None:
    if not phrases.days:
        return None
    if phrases.duration is None and any(one.hours > _DAY for one in phrases.frequencies):
        return Schedule(None, OPEN_ENDED, "no end stated")
    rule = "listed days x frequency" if phrases.a_day else "listed days"
    return Schedule(phrases.days * (phrases.a_day or 1.0), EXACT, rule)


def _frequency_over_duration(phrases: Phrases) -> Schedule | None:
    """Frequency times duration; ``once daily, twice a week`` multiplies up to the longest period."""
    if not phrases.frequencies or phrases.duration is None:
        return None
    longest = max(phrases.frequencies, key=lambda one: one.hours)
    if not longest.sure or phrases.duration.bounded:
        return Schedule(None, AMBIGUOUS, "upper bound or alternatives")
    daily = next((one.times for one in phrases.frequencies if one.hours == _DAY < longest.hours), 1)
    periods, exact = _periods(longest, phrases.duration)
    # The first one falls on the first day, so that a begun period counts.
    number_given = float(longest.times * daily * ceil(periods))
    return Schedule(number_given, EXACT if exact else INFERRED, "frequency x duration")


def _periods(frequency: Frequency, duration: Duration) -> tuple[float, bool]:
    """Periods of a frequency in a duration, and whether that is exact.

    A month is thirty days for a daily frequency, four weeks for a weekly one.
    """
    if frequency.months and duration.months:
        periods = duration.months / frequency.months
    elif duration.months and frequency.hours % _WEEK == 0:
        return duration.months * _FOUR_WEEKS / frequency.hours, False
    else:
        periods = duration.hours / frequency.hours
    return periods, periods == int(periods) and bool(frequency.months) == bool(duration.months)


def _frequency_times_n(phrases: Phrases) -> Schedule | None:
    if phrases.times_n is None:
        return None
    return Schedule(phrases.times_n, EXACT, "frequency x n" if phrases.frequencies else "x n")


def _second(phrases: Phrases) -> Schedule | None:
    return Schedule(2.0, INFERRED, "a second one is named") if phrases.second else None


def _twice(phrases: Phrases) -> Schedule | None:
    return None if phrases.twice is None else Schedule(phrases.twice, EXACT, "stated count")


def _single(phrases: Phrases) -> Schedule | None:
    return Schedule(1.0, EXACT, "single") if phrases.single and not phrases.frequencies else None


def _consecutive_days(phrases: Phrases) -> Schedule | None:
    duration = phrases.duration
    if phrases.frequencies or duration is None or not duration.in_a_row:
        return None
    return Schedule(duration.hours / _DAY, INFERRED, "consecutive days, one a day", 1.0)


def _unfinished(phrases: Phrases) -> Schedule | None:
    if phrases.frequencies:
        return Schedule(None, NOT_REPORTED, "frequency without duration")
    if phrases.duration is None:
        return None
    return Schedule(None, NOT_REPORTED, "duration without frequency", days=phrases.duration.hours / _DAY)


_RULES: tuple[Callable[[Phrases], Schedule | None], ...] = (
    _bound,
    _courses,
    _each_on_days,
    _stated_count,
    _on_listed_days,
    _frequency_over_duration,
    _frequency_times_n,
    _second,
    _twice,
    _single,
    _consecutive_days,
    _unfinished,
)
