"""The rules: what the phrases of a statement come to, by the first rule that applies.

A text that gives an upper bound or two numbers is ambiguous, one without an end is open-ended; neither yields
a number, and neither does one that is cut off inside its schedule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil

from evdose.dosing.reading import schedule_words as words
from evdose.dosing.reading.schedule_phrases import (
    Again,
    Count,
    Courses,
    Days,
    Duration,
    Frequency,
    Later,
    Open,
    Phrase,
    TimesN,
    Until,
)
from evdose.dosing.reading.tokens import NUMERAL, Tokens

EXACT, INFERRED, AMBIGUOUS = "exact", "inferred", "ambiguous"
OPEN_ENDED, NOT_REPORTED = "open-ended", "not_reported"


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


def _unknown(rule: str | None) -> Schedule:
    return Schedule(None, NOT_REPORTED, rule)


NOTHING = _unknown(None)
DIFFER = _unknown("schedules that differ")
SINGLE = "single"
BOUND = Schedule(None, AMBIGUOUS, "upper bound or alternatives")
_CUT_OFF = _unknown("cut off")
_LOWER_BOUND = _unknown("lower bound")
_OPEN = Schedule(None, OPEN_ENDED, "no end stated")
_GOES_ON = words.of(", and or for a every day days week weeks on at then x / to - ( & the plus")
_FEW = 4


def a_day(frequencies: list[Frequency]) -> float | None:
    """Administrations a day of the first frequency that is daily or more often."""
    return next(
        (one.times * words.DAY / one.hours for one in frequencies if one.hours <= words.DAY and one.sure),
        None,
    )


class Parts:
    """The phrases of a statement by kind; frequencies and durations that are said twice stand once."""

    def __init__(self, tokens: Tokens, phrases: list[Phrase]) -> None:
        kinds: dict[type, list] = defaultdict(list)
        for phrase in phrases:
            kinds[type(phrase)].append(phrase)
        self.tokens = tokens
        self.frequencies: list[Frequency] = _once(kinds[Frequency], lambda one: (one.times, one.hours))
        self.durations: list[Duration] = _once(kinds[Duration], lambda one: one.hours)
        self.counts: list[Count] = kinds[Count]
        self.courses: list[Courses] = kinds[Courses]
        self.times_n: list[TimesN] = kinds[TimesN]
        self.later: list[Later] = kinds[Later]
        self.open: list[Open] = kinds[Open]
        self.until: list[Until] = kinds[Until]
        self.again = max((one.number for one in kinds[Again]), default=0)
        days: list[Days] = kinds[Days]
        self.days = days if self.later or not all(one.baseline for one in days) else []
        self.points = {point for days in self.days for point in days.points}
        self.days_cut = any(days.cut for days in self.days)
        self.cut = _is_cut(tokens, phrases[-1].end)
        self.a_day = a_day(self.frequencies)


def _once(phrases: list, key: Callable[[Phrase], object]) -> list:
    return list({key(one): one for one in phrases}.values()) if len(phrases) > 1 else phrases


def _is_cut(tokens: Tokens, end: int) -> bool:
    """Whether the text breaks off where more of the schedule might stand."""
    rest = range(end, tokens.size)
    if not 0 < len(rest) <= 3 or tokens.word[end : tokens.size] == [","]:
        return False
    goes_on = (tokens.word[at] in _GOES_ON or (at > end and tokens.kind[at] == NUMERAL) for at in rest)
    return all(goes_on)


def read_statement(tokens: Tokens, phrases: list[Phrase]) -> Schedule:
    """What the phrases of one statement come to; ``NOTHING`` where no rule applies."""
    parts = Parts(tokens, phrases)
    for rule in _RULES:
        if (found := rule(parts)) is not None:
            return found
    return NOTHING


def _bound(parts: Parts) -> Schedule | None:
    bounds = {count.bound for count in parts.counts if count.number is None}
    if not bounds:
        return None
    return _LOWER_BOUND if bounds == {words.LOWER} else BOUND


def _listed_to_a_day(parts: Parts) -> Schedule | None:
    if not (parts.until and parts.days and len(parts.frequencies) == 1):
        return None
    until, every = parts.until[-1], parts.frequencies[0]
    last = max((number for unit, number in parts.points if unit == until.unit), default=None)
    step = every.hours / words.HOURS_OF[until.unit]
    if last is None or step < 1 or every.hours <= words.DAY:
        return None
    more = max((until.number - last) // step, 0)
    return Schedule(len(parts.points) + more, EXACT, "listed days, then repeats to the last day")


def _without_end(parts: Parts) -> Schedule | None:
    again = any(one.again for one in parts.frequencies) and not (parts.durations or parts.courses)
    again = again and all(count.single for count in parts.counts)
    open_ended = any(not one.weak for one in parts.open)
    if not (again or (open_ended and (parts.frequencies or parts.days or parts.durations))):
        return None
    return _CUT_OFF if parts.cut else _OPEN


def _in_courses(parts: Parts) -> Schedule | None:
    if not parts.courses:
        of_cycle = any(days.per_cycle for days in parts.days)
        return _unknown("courses without a number") if of_cycle else None
    numbers = {course.number for course in parts.courses}
    number = numbers.pop()
    if number is None or numbers:
        return BOUND
    if parts.counts and not parts.counts[0].per_course and number == 1:
        return _stated_count(parts)
    one, rule = _of_a_course(parts)
    if one is None or one.administrations is None:
        return _unknown("courses without a count")
    return replace(one, administrations=number * one.administrations, rule=rule)


def _of_a_course(parts: Parts) -> tuple[Schedule | None, str]:
    """A count, listed days or frequency and duration of one course, or a frequency of the courses."""
    if parts.counts:
        count = parts.counts[0]
        return (Schedule(count.number, EXACT, None) if count.per_course else None), "count x courses"
    if parts.days:
        return Schedule(len(parts.points) * (parts.a_day or 1.0), EXACT, None), "listed days x courses"
    if parts.durations:
        within = [one for one in parts.frequencies if one.hours < parts.durations[0].hours]
        return _frequency_over_duration(parts, within), "frequency x duration x courses"
    once = len(parts.frequencies) == 1 and parts.frequencies[0].hours >= words.WEEK
    return (Schedule(parts.frequencies[0].times, EXACT, None) if once else None), "one a course"


def _each_on_days(parts: Parts) -> Schedule | None:
    each = [count.number for count in parts.counts if count.each and count.number]
    if not each or not parts.days:
        return None
    return Schedule(float(each[0] * len(parts.points)), EXACT, "listed days x count")


def _stated_count(parts: Parts) -> Schedule | None:
    """The number stated; a different one by the days or by frequency and duration leaves it open."""
    several = [count.number for count in parts.counts if not count.single]
    if not several:
        return None
    number, ones = max(several), len(parts.counts) - len(several)
    others = sum(several) - number + ones
    if others and others != number and (ones or len(set(several)) > 1):
        return BOUND if "or" in parts.tokens.word[parts.counts[0].end : parts.counts[-1].start] else DIFFER
    if len(several) > 1 and not ones and _of_several_products(parts):
        return DIFFER
    over = _frequency_over_duration(parts, parts.frequencies)
    by_time = (over and over.administrations) or number
    by_days = 0 if parts.days_cut else len(parts.points) * (parts.a_day or 1.0)
    if (by_days > 1 and by_days + len(parts.later) != number) or abs(by_time - number) > 1:
        return Schedule(None, AMBIGUOUS, "count, days or duration that differ")
    return Schedule(float(number), EXACT, "stated count")


def _of_several_products(parts: Parts) -> bool:
    """Whether counts that are the same count different things."""
    word = parts.tokens.word
    first, *others = parts.counts
    return "plus" in word[first.end : others[-1].start] or any(
        words.names_another(parts.tokens, 0, one.start, word[one.end : one.end + 3])
        or words.names_another(parts.tokens, first.start, first.end + 3, word[one.start : one.end])
        for one in others
    )


def _on_listed_days(parts: Parts) -> Schedule | None:
    days = len(parts.points) + len(parts.later)
    if not parts.days or not (parts.days_cut or _are_given(parts, days)):
        return None
    if parts.days_cut or parts.cut:
        return _CUT_OFF
    if parts.again > days:
        return _second(parts)
    spaced = [one for one in parts.frequencies if one.hours > words.DAY]
    if spaced:
        return _on_spaced_days(parts, spaced[0])
    spelt = any(one.spelt for one in parts.days) and not parts.a_day
    if (spelt or parts.a_day) and any(unit not in "d天日" for unit, _ in parts.points):
        return _unknown("a range of weeks or months")
    rule = "listed days x frequency" if parts.a_day else "listed days"
    return Schedule(days * (parts.a_day or 1.0), INFERRED if spelt else EXACT, rule)


def _are_given(parts: Parts, days: int) -> bool:
    """Whether something is given on the days: they may be those of anything where nothing says so."""
    first = parts.days[0]
    if days == 1:
        return first.given and not first.heading
    given = any(one.given for one in parts.days) or bool(parts.frequencies or parts.counts)
    return given or first.start <= _FEW


def _on_spaced_days(parts: Parts, every: Frequency) -> Schedule:
    """Days with "every n weeks": the distance of those listed, or repeats of them or in a range."""
    numbers = sorted(number for _, number in parts.points)
    units = {unit for unit, _ in parts.points}
    step = every.hours / words.HOURS_OF[units.pop()]
    span = numbers[-1] - numbers[0]
    if len(parts.frequencies) > 1 or units or not every.sure:
        return _unknown("days and a frequency that differ")
    if any(one.spelt for one in parts.days):
        return Schedule(every.times * (span // step + 1), EXACT, "range of days / frequency")
    if len(numbers) > 1 and all(later - one == step for one, later in pairwise(numbers)):
        return Schedule(float(len(numbers)), EXACT, "listed days")
    if parts.durations and every.repeats and span < step:
        repeats = _multiplied(len(numbers), every, parts.durations[-1], False)
        return replace(repeats, rule="listed days x repeats")
    return _unknown("days and a frequency that differ")


def _frequency_over_duration(parts: Parts, frequencies: list[Frequency]) -> Schedule | None:
    """Frequency times duration; "once daily, twice a week" multiplies up to the longer period."""
    longest = max(frequencies, key=lambda one: one.hours, default=None)
    durations = [
        one for one in parts.durations if longest and (one.hours >= words.DAY or longest.hours < words.DAY)
    ]
    if longest is None or not durations:
        return None
    if len(frequencies) == 1 and len(durations) > 1:
        # "for 3 weeks, resulting in a treatment period of 4 weeks" says the second of more than this.
        durations = [one for one in durations if not one.overall] or durations
    if len(frequencies) == 1 and len(durations) == 1:
        schedule = _multiplied(longest.times, longest, durations[0], parts.cut)
        # "5 days a week" alone leaves it to the reader that it is once on each.
        guessed = longest.on_days and schedule.status == EXACT
        return replace(schedule, status=INFERRED) if guessed else schedule
    inner = next((one for one in frequencies if one is not longest), None)
    if len(frequencies) > 2 or (inner and not inner.hours <= words.DAY < longest.hours):
        return DIFFER
    if inner and longest.repeats and inner.hours <= durations[0].hours <= longest.hours:
        return _repeated(inner, longest, durations)
    if inner is None or len(durations) > 1:
        return DIFFER
    times = longest.times * inner.times * words.DAY / inner.hours
    return _multiplied(times, longest, durations[0], parts.cut)


def _multiplied(times: float, frequency: Frequency, duration: Duration, cut: bool) -> Schedule:
    if duration.bound == words.LOWER:
        return _LOWER_BOUND
    if duration.bound or not frequency.sure:
        return BOUND
    if cut:
        return _CUT_OFF
    periods, exact = _periods(frequency, duration)
    number = float(times * ceil(periods))
    if frequency.hours < words.DAY and words.DAY % frequency.hours:
        return _unknown("hours that don't divide a day")
    if periods < 1:
        return _unknown("frequency longer than its duration")
    return Schedule(number, EXACT if exact else INFERRED, "frequency x duration")


def _repeated(inner: Frequency, outer: Frequency, durations: list[Duration]) -> Schedule:
    """Read "daily for 5 days every 4 weeks for 6 months"."""
    if len(durations) == 1:
        return _OPEN
    one = _multiplied(inner.times, inner, durations[0], False)
    repeats = _multiplied(1.0, outer, durations[1], False)
    if one.administrations is None or repeats.administrations is None or len(durations) > 2:
        return DIFFER
    status = EXACT if one.status == repeats.status == EXACT else INFERRED
    return Schedule(one.administrations * repeats.administrations, status, "frequency x duration x repeats")


def _periods(frequency: Frequency, duration: Duration) -> tuple[float, bool]:
    """Periods of a frequency in a duration, and whether that is exact.

    A month is thirty days for a daily frequency and four weeks for a weekly one; a year is 365 days or
    52 weeks.
    """
    if frequency.months and duration.months:
        periods = duration.months / frequency.months
        return periods, periods == int(periods)
    hours, every = duration.hours, frequency.hours
    if duration.months and every % words.WEEK == 0:
        years = duration.months % 12 == 0
        hours = words.WEEK * (
            duration.months / 12 * words.WEEKS_A_YEAR if years else duration.months * words.WEEKS_A_MONTH
        )
    elif frequency.months:
        every = frequency.months * words.WEEKS_A_MONTH * words.WEEK
    periods = hours / every
    return periods, periods == int(periods) and not (duration.months or frequency.months)


def _frequency_times_n(parts: Parts) -> Schedule | None:
    numbers = {one.number for one in parts.times_n}
    amounts = any(one.amounts for one in parts.times_n)
    if len(numbers) != 1 or (amounts and parts.frequencies):
        return None
    rule = "n x amount" if amounts else "frequency x n" if parts.frequencies else "x n"
    return Schedule(float(numbers.pop()), EXACT, rule)


def _second(parts: Parts) -> Schedule | None:
    number = parts.again or 2 * any(later.given for later in parts.later)
    return Schedule(float(number), INFERRED, "a second one is named") if number else None


def _single(parts: Parts) -> Schedule | None:
    if not any(count.single for count in parts.counts) or parts.frequencies:
        return None
    return Schedule(1.0, EXACT, SINGLE)


def _consecutive_days(parts: Parts) -> Schedule | None:
    if parts.frequencies or len(parts.durations) != 1 or not parts.durations[0].in_a_row:
        return None
    if parts.durations[0].bound:
        return BOUND
    return Schedule(parts.durations[0].hours / words.DAY, INFERRED, "consecutive days, one a day", 1.0)


def _unfinished(parts: Parts) -> Schedule | None:
    if parts.frequencies:
        return _OPEN if parts.open else _unknown("frequency without duration")
    if parts.durations:
        return replace(_unknown("duration without frequency"), days=parts.durations[0].hours / words.DAY)
    return None


_RULES: tuple[Callable[[Parts], Schedule | None], ...] = (
    _bound,
    _listed_to_a_day,
    _without_end,
    _in_courses,
    _each_on_days,
    _stated_count,
    _on_listed_days,
    lambda parts: _frequency_over_duration(parts, parts.frequencies),
    _frequency_times_n,
    _second,
    _single,
    _consecutive_days,
    _unfinished,
)
