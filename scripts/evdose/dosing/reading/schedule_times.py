"""How often and for how long: frequencies, durations, ends.

frequency = n , ( "times" | event | container ) , period | adverb | latin | every | interval ;
period    = ( "a" | "per" | "/" | "each" | "every" | "in a" ) , distance | adverb ;
distance  = [ range | "other" ] , time | part of a day ;
every     = ( "every" | "each" | "q" ) , distance | "alternate days" ;
interval  = n , time , ( "apart" | "interval" ) | "interval" , few words , n , time ;
duration  = [ "for" | "over" | "x" … ] , n , [ "consecutive" ] , time , [ "in a row" | "/ course" ] ;
later     = n , time , "later" | ( "and" | "repeated" ) , "after" , n , time ;
end       = "until" , ( time , n | words ) | "to" , time , n | "thereafter" | "as needed" | "indefinitely" ;
"""

from __future__ import annotations

from evdose.dosing.reading import schedule_words as words
from evdose.dosing.reading.schedule_phrases import Again, Duration, Frequency, Later, Open, Phrase, Until
from evdose.dosing.reading.tokens import END, NUMERAL, WORD, Tokens

Period = tuple[float, float, bool, int]  # hours, months, whether it is sure, index after it
_ONE = words.of("a an one each every")
_MINUTES = words.of("min mins minute minutes second seconds sec breath beat")
_INTERVALS = words.of("interval intervals apart")
_LATER = words.of("later afterward afterwards")
_NOT_FOR = words.of("""
    after before prior post ago old preceding following earlier cycle cycles history visit since from of
    between off
    """)
_LEADS = words.of("for during over x * lasting throughout times through duration period of 续 共 least")
_NO_LEADS = words.of(
    "after every at than within day past last previous prior age aged - until till before ± by from"
)
_SKIPPED = words.FILLERS | words.of("next up to maximum max most")
_BARE = words.of(", : ( ) / ; . 程 ]") | words.TIME_UNITS.keys() | words.ADVERBS.keys() | words.LATIN.keys()
_NOUNS = words.of("course treatment regimen therapy period application administration")
_UNTIL = words.of("to until through till")
_FAR = 8


def period_at(tokens: Tokens, at: int, once: bool = False) -> Period | None:
    """The period of "n times a day"; of no hours for minutes. ``once`` allows "in two weeks"."""
    word = tokens.word
    at += word[at] == "-"
    if word[at] in words.ADVERBS:
        return *words.length(1, words.ADVERBS[word[at]]), True, at + 1
    if word[at] not in words.PER:
        return None
    at += 1
    if word[at - 1] == "in":
        if not (word[at] in _ONE or once):
            return None
        at += word[at] in _ONE
    return (0.0, 0.0, False, at + 1) if word[at] in _MINUTES else distance_at(tokens, at)


def distance_at(tokens: Tokens, at: int) -> Period | None:
    """What stands behind "every": ``[ range | other ] time``."""
    word = tokens.word
    low = high = 1
    if word[at] in ("other", "second", "alternate"):
        low, high, at = 2, 2, at + 1
    elif (found := words.range_at(tokens, at)) is not None:
        low, high, at = found
    elif word[at] in words.PARTS_OF_A_DAY:
        return *words.length(1, "day"), True, at + 1
    unit = words.time_at(tokens, at)
    return None if unit is None else (*words.length(low, unit[0]), low == high, unit[1])


def frequency(start: int, times: int, period: Period, sure: bool = True) -> Frequency | None:
    """``times`` a period; None for a period that isn't one of schedules."""
    hours, months, known, end = period
    return Frequency(float(times), hours, months, known and sure, start=start, end=end) if hours else None


def of_every(tokens: Tokens, at: int) -> Phrase | None:
    """Read "every 2 weeks", "each day", "alternate days"; "n times every …" begins with its number."""
    found = distance_at(tokens, at + 1)
    if found is None:
        return None
    hours, months, sure, end = found
    times, end = _said_times(tokens, end) or (1, end)
    again = at > 0 and tokens.word[at - 1].startswith("repeat")
    return Frequency(float(times), hours, months, sure, repeats=True, again=again, start=at, end=end)


def _said_times(tokens: Tokens, at: int) -> tuple[int, int] | None:
    """Read the 2次 of 每日2次, and the index after it."""
    found = words.whole_number(tokens, at)
    return (found[0], found[1] + 1) if found and tokens.word[found[1]] == "次" else None


def of_alternate(tokens: Tokens, at: int) -> Phrase | None:
    """Read "on alternate days", 隔日, 隔日一次."""
    unit = words.time_at(tokens, at + 1)
    if unit is None:
        return None
    times, end = _said_times(tokens, unit[1]) or (1, unit[1])
    return Frequency(float(times), *words.length(2, unit[0]), start=at, end=end)


def of_adverb(tokens: Tokens, at: int) -> Phrase | None:
    """Read "daily", "weekly"; "biweekly" may be twice a week or every two weeks."""
    word = tokens.word
    once = not word[at].startswith("bi") and {"bi", "semi", "tri"}.isdisjoint(word[max(0, at - 2) : at])
    sure = once and words.bound_before(tokens, at) is None
    return Frequency(1.0, *words.length(1, words.ADVERBS[word[at]]), sure=sure, start=at, end=at + 1)


def of_latin(tokens: Tokens, at: int) -> Phrase | None:
    """Read "BID", "b.i.d.", "BID per day"; else "q2w", "q 12 h"."""
    word, letters, end = tokens.word, tokens.word[at], at + 1
    while len(letters) < 3 and word[end] == "." and len(word[end + 1]) == 1 and tokens.glued(end + 1):
        letters, end = letters + word[end + 1], end + 2
    if letters not in words.LATIN:
        return of_every(tokens, at) if letters == "q" and tokens.kind[end] == NUMERAL else None
    times, days = words.LATIN[letters]
    end += len(word[at]) == 1 and word[end] == "."
    period = period_at(tokens, end)
    return Frequency(float(times), *words.length(days, "day"), start=at, end=period[3] if period else end)


def of_interval(tokens: Tokens, at: int) -> Phrase | None:
    """Read "at intervals of 48 h", "the interval between … is 7±1 d": the number is a few words away."""
    for place in range(at + 1, at + _FAR):
        if (found := words.range_at(tokens, place)) is not None:
            low, high, end = found
            unit = words.time_at(tokens, end + 2 * (tokens.word[end] == "±"))
            return _every_so_many(low, high, unit[0], at, unit[1]) if unit else None
        if tokens.word[place] in (".", ";", END):
            return None
    return None


def _every_so_many(low: int, high: int, unit: str, start: int, end: int) -> Frequency:
    return Frequency(1.0, *words.length(low, unit), sure=low == high, repeats=True, start=start, end=end)


def of_length(tokens: Tokens, start: int, low: int, high: int, unit: str, end: int) -> Phrase | None:
    """What a number and a time unit say: a frequency, "later", or a duration."""
    following = tokens.word[end]
    if following in _INTERVALS:
        bounded = words.bound_before(tokens, start) is not None
        return None if bounded else _every_so_many(low, high, unit, start, end + 1)
    after = (
        following == "after" and tokens.kind[end + 1] != WORD and tokens.word[start - 1] in ("and", "again")
    )
    if following in _LATER or after:
        return Later(_is_given_again(tokens, start, end + 1), start=start, end=end + 1)
    if (times := _said_times(tokens, end)) is not None:
        return Frequency(float(times[0]), *words.length(low, unit), start=start, end=times[1])
    if (
        following != "every"
        and (period := period_at(tokens, end))
        and words.TIME_UNITS[unit][0] < words.WEEK <= period[0]
    ):
        found = frequency(start, low, period, low == high)
        found.on_days = True
        return found
    return _duration(tokens, start, low, high, unit, end)


def _duration(tokens: Tokens, start: int, low: int, high: int, unit: str, end: int) -> Duration | None:
    """A length that a preposition leads to, that stands alone, or that is that of a course."""
    word, (hours, months) = tokens.word, words.length(low, unit)
    if (word[end] in words.PER or word[end] == "为") and (course := _course_at(tokens, end + 1)):
        return Duration(hours, months, start=start, end=course)
    few = words.before(tokens, start, _SKIPPED)
    lead = few[-1] if few else ","
    in_a_row = not words.IN_A_ROW.isdisjoint(word[max(0, start - 1) : end])
    led = lead in _LEADS or (in_a_row and lead == "on")
    noun = word[end] in _NOUNS and word[end - 2] == "-"
    bare = (lead in _BARE or noun) and lead not in _NO_LEADS and hours > words.HOUR * high and months < 12
    on_and_off = word[end] == "on" and "off" in word[end : end + _FAR]
    if word[end] in _NOT_FOR or on_and_off or not (led or bare):
        return None
    if word[end : end + 3] == ["in", "a", "row"]:
        in_a_row, end = True, end + 3
    bound = words.UPPER if low != high else words.bound_before(tokens, start)
    overall = few[-2:] in (["period", "of"], ["duration", "of"])
    return Duration(hours, months, in_a_row and unit[0] in "d天日", bound, overall, start=start, end=end)


def _course_at(tokens: Tokens, at: int) -> int | None:
    """Index after a course ("course", 疗程, 一个疗程)."""
    word = tokens.word
    at += word[at] in ("一", "1")
    at += word[at] == "个"
    at += word[at] == "疗"
    return at + 1 if word[at] in words.COURSES or word[at] == "程" else None


def of_after(tokens: Tokens, at: int) -> Phrase | None:
    """Read "repeated after one month", which names a second one; "and again after 2 weeks" is later."""
    found = words.number_of_time(tokens, at + 1)
    if found is None or at == 0:
        return None
    if tokens.word[at - 1] in ("repeated", "repeat"):
        return Again(2, start=at, end=found[3])
    if tokens.word[at - 1] in ("and", "again"):
        return Later(_is_given_again(tokens, at, found[3]), start=at, end=found[3])
    return None


def _is_given_again(tokens: Tokens, start: int, end: int) -> bool:
    """Whether the words behind "n weeks later" say that what was named before is given."""
    behind = tokens.word[end : end + _FAR]
    return not words.GIVEN.isdisjoint(behind) and not words.names_another(tokens, 0, start, behind)


def of_until(tokens: Tokens, at: int) -> Phrase | None:
    """Read "until day 28", "to week 46", "thereafter to week 46" as an end; "until progression" is none."""
    word = tokens.word
    place = at + (word[at] == "thereafter")
    last = words.whole_number(tokens, place + 2) if word[place + 1] in words.TIME_UNITS else None
    if last is not None and word[place] in _UNTIL:
        return Until(word[place + 1][0], last[0], start=at, end=last[1])
    return None if word[at] == "to" else Open(start=at, end=at + 1)


def of_no_end(tokens: Tokens, at: int) -> Phrase | None:
    """Read "as needed", "indefinitely", "prn"; "ongoing" may be said of anything."""
    word = tokens.word
    if word[at] in ("as", "if"):
        return Open(start=at, end=at + 2) if word[at + 1] in ("needed", "required", "necessary") else None
    return Open(weak=word[at] == "ongoing", start=at, end=at + 1)
