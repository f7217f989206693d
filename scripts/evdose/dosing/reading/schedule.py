"""Schedules: how many administrations a text determines, by a named rule (docs/grammar_schedule.md).

schedule  = phase , { ( "then" | "followed by" | "subsequently" ) , phase } ;
phase     = statement , { ( "." | ";" ) , statement } ;
statement = { phrase | other words } ;
phrase    = frequency | duration | later | end                (* schedule_times *)
          | count | single | courses | again | days ;         (* schedule_counts *)

Each phrase is read where its first word stands, by the parser of that word. The words before a phrase govern
it, and those right behind it: days on which participants are seen, doses of a placebo and hours of exercise
are no part of a schedule. Phases are summed; the statements of one phase say the same, or make one together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from evdose.dosing.reading import schedule_counts as counts
from evdose.dosing.reading import schedule_times as times
from evdose.dosing.reading import schedule_words as words
from evdose.dosing.reading.schedule_phrases import (
    STOP,
    THEN,
    Again,
    Count,
    Courses,
    Days,
    Frequency,
    Mark,
    Phrase,
)
from evdose.dosing.reading.schedule_rules import (
    AMBIGUOUS,
    DIFFER,
    EXACT,
    INFERRED,
    NOT_REPORTED,
    NOTHING,
    OPEN_ENDED,
    SINGLE,
    Schedule,
    a_day,
    read_statement,
)
from evdose.dosing.reading.tokens import END, NUMERAL, WORD, Tokens

__all__ = [
    "AMBIGUOUS", "EXACT", "INFERRED", "NOTHING", "NOT_REPORTED", "OPEN_ENDED", "Schedule", "read_schedule",
]  # fmt: skip

Parser = Callable[[Tokens, int], Phrase | None]
_SAMPLE, _BEHAVIOUR, _OTHER, _GIVEN = "sample", "behaviour", "other arm", "given"
_GOVERNORS = {
    **dict.fromkeys(words.GIVEN, _GIVEN),
    **dict.fromkeys(words.SAMPLES, _SAMPLE),
    **dict.fromkeys(words.BEHAVIOUR, _BEHAVIOUR),
    **dict.fromkeys(words.OTHER_ARM, _OTHER),
}
_CLAUSE_BEGINS = words.of("and with or in at for on then but while by followed")
_ABBREVIATED = words.of("approx max min no vs resp inj inf hr hrs wk wks mo e i g v c")
_TOO_MANY = Schedule(None, NOT_REPORTED, "more than anyone is given")
_PART_UNKNOWN = Schedule(None, NOT_REPORTED, "a phase without a count")
_FEW, _NEAR, _PHRASE, _MOST = 2, 12, 6, 5000


_THEN = {
    "then": "", "subsequently": "", "followed": "by",
    **dict.fromkeys(words.of("titrated uptitrated increase increased escalated tapered"), "to"),
}  # fmt: skip


def _of_stop(tokens: Tokens, at: int) -> Mark | None:
    """The end of a sentence, which a point inside a number or behind an abbreviation isn't."""
    if tokens.word[at] == "." and (tokens.glued(at + 1) or (at and tokens.word[at - 1] in _ABBREVIATED)):
        return None
    return Mark(STOP, start=at, end=at + 1)


def _of_then(tokens: Tokens, at: int) -> Mark | None:
    """The beginning of the next phase: "then", "followed by", "increased to"."""
    goes_on = _THEN[tokens.word[at]]
    if goes_on and tokens.word[at + 1] not in (goes_on, END):
        return None
    return Mark(THEN, start=at, end=at + 1 + (goes_on == "by"))


_PARSERS: dict[str, Parser] = {
    **dict.fromkeys(words.NUMBERS, counts.of_number),
    **dict.fromkeys(words.ADVERBIAL, counts.of_adverbial),
    **dict.fromkeys(words.ORDINALS, counts.of_ordinal),
    **dict.fromkeys(("x", "*", "times"), counts.of_x),
    **dict.fromkeys(("single", "单"), counts.of_single),
    "number": counts.of_number_word,
    "booster": counts.of_booster,
    **dict.fromkeys((word for word in words.TIME_UNITS if word.isascii() and word != "h"), counts.of_day),
    "baseline": counts.of_baseline,
    **dict.fromkeys(("at", "第"), counts.of_at),
    **dict.fromkeys(words.ADVERBS, times.of_adverb),
    **dict.fromkeys((*words.LATIN, "q", "b", "t"), times.of_latin),
    **dict.fromkeys(("every", "each", "每"), times.of_every),
    **dict.fromkeys(("alternate", "alternating", "隔"), times.of_alternate),
    **dict.fromkeys(("interval", "intervals", "distance", "separated"), times.of_interval),
    "after": times.of_after,
    **dict.fromkeys(("until", "till", "to", "thereafter"), times.of_until),
    **dict.fromkeys(words.of("as if indefinitely indefinite prn lifelong ongoing"), times.of_no_end),
    **dict.fromkeys((".", ";"), _of_stop),
    **dict.fromkeys(_THEN, _of_then),
}
_MEANINGS: dict[str, Parser | str] = {**_GOVERNORS, **_PARSERS}
# A text without any of these holds no schedule.
_COMMON = words.NUMBERS.keys() | words.of(". ; to at as if that then after followed increase")
_TRIGGERS = (
    frozenset(_PARSERS.keys() - _COMMON) | words.EVENTS | words.CONTAINERS | words.COURSES | {"次", "疗"}
)


def read_schedule(tokens: Tokens) -> Schedule:
    """Read a schedule; ``NOTHING`` where the text holds none."""
    phrases = [] if _TRIGGERS.isdisjoint(tokens.word) else _find_phrases(tokens)
    if not phrases:
        return NOTHING
    schedule = _stated(phrases) or _in_phases(tokens, phrases)
    if (schedule.administrations or 0) > _MOST:
        return _TOO_MANY
    if schedule is NOTHING or schedule.a_day:
        return schedule
    a_day_of = a_day([phrase for phrase in phrases if isinstance(phrase, Frequency)])
    return replace(schedule, a_day=a_day_of) if a_day_of else schedule


def _find_phrases(tokens: Tokens) -> list[Phrase]:
    """The phrases of a text and the marks between them, in order."""
    found: list[Phrase] = []
    word, kind, meanings = tokens.word, tokens.kind, _MEANINGS
    governor, index, size = "", 0, tokens.size
    while index < size:
        meaning = meanings.get(word[index])
        if meaning is None:
            if kind[index] != NUMERAL:
                index += 1
                continue
            meaning = counts.of_number
        phrase = None if isinstance(meaning, str) else meaning(tokens, index)
        if phrase is None:
            governor = _governor(tokens, index, governor) if word[index] in _GOVERNORS else governor
            index += 1
            continue
        if type(phrase) is Mark:
            governor = governor if phrase.kind == THEN and governor == _SAMPLE else ""
        elif type(phrase) is Days:
            phrase.given = governor == _GIVEN or _is_bare(tokens, phrase)
        if type(phrase) is Mark or not _is_of_something_else(tokens, phrase, governor):
            found.append(phrase)
        index = max(phrase.end, index + 1)
    return found


def _governor(tokens: Tokens, at: int, before: str) -> str:
    """What governs the phrases behind a word, where ``before`` did so far."""
    word = tokens.word
    meaning = _GOVERNORS[word[at]]
    if meaning == _GIVEN:
        blocked = before in (_OTHER, _BEHAVIOUR) or not words.AFTER.isdisjoint(word[max(0, at - 3) : at])
        return before if blocked else _GIVEN
    if meaning == _OTHER and before != _OTHER:
        beside = {"or", "and", "/", "&"}.isdisjoint(word[max(0, at - 2) : at])
        return _OTHER if beside and "controlled" not in word[at + 1 : at + 3] else before
    return meaning


def _is_of_something_else(tokens: Tokens, phrase: Phrase, governor: str) -> bool:
    """Whether a phrase says when participants are seen or train, or how a placebo is given."""
    counts_given = isinstance(phrase, Again | Courses) or (isinstance(phrase, Count) and not phrase.of_times)
    excluded = (_OTHER, _BEHAVIOUR) if counts_given else (_OTHER, _BEHAVIOUR, _SAMPLE)
    if governor in excluded:
        return True
    for at in range(phrase.end, phrase.end + _PHRASE):
        word = tokens.word[at]
        if word != "-" and (tokens.kind[at] != WORD or word in _CLAUSE_BEGINS):
            return False
        if _GOVERNORS.get(word) in excluded:
            return True
    return False


def _is_bare(tokens: Tokens, days: Days) -> bool:
    """Whether days are what the text begins with, or stand in the sentence of an amount."""
    if days.start <= _FEW:
        return len(days.points) > 1 or tokens.size - days.end <= _FEW
    for word in reversed(tokens.word[max(0, days.start - _NEAR) : days.start]):
        if word in words.AMOUNTS or word == ".":
            return word != "."
    return False


def _stated(phrases: list[Phrase]) -> Schedule | None:
    """A stated total, or a number whose parts are stated too ("8 infusions: 4 monthly, then 4 yearly")."""
    given = [phrase for phrase in phrases if isinstance(phrase, Count) and phrase.number]
    totals = {phrase.number for phrase in given if phrase.total}
    if len(totals) == 1:
        return Schedule(float(totals.pop()), EXACT, "stated total")
    numbers = [phrase.number for phrase in given]
    if len(numbers) > 2 and 2 * max(numbers) == sum(numbers):
        return Schedule(float(max(numbers)), EXACT, "stated count")
    return None


def _in_phases(tokens: Tokens, phrases: list[Phrase]) -> Schedule:
    """Phases that "then" parts, summed."""
    thens = [place for place, one in enumerate(phrases) if type(one) is Mark and one.kind == THEN]
    if not thens:
        return _phase(tokens, phrases)
    read: list[Schedule] = []
    first = start = 0
    for place in (*thens, len(phrases)):
        then = phrases[place] if place < len(phrases) else Mark(THEN, start=tokens.size)
        schedule = _phase(tokens, phrases[first:place])
        after_single = bool(read) and read[-1].rule == SINGLE
        if schedule is NOTHING and _names_a_dose(tokens, start, then.start, after_single):
            schedule = _PART_UNKNOWN
        read.append(schedule)
        first, start = place + 1, then.end
    return _sum([schedule for schedule in read if schedule is not NOTHING])


def _names_a_dose(tokens: Tokens, start: int, end: int, after_single: bool) -> bool:
    """Whether a phase without a schedule names an administration or a dose all the same, or is cut off."""
    phase = tokens.word[start:end]
    if "placebo" in phase:
        return False
    if not words.EVENTS.isdisjoint(phase):
        return True
    if start == 0:
        return ")" in phase and "(" not in phase
    if not phase:
        return end == tokens.size
    if not words.UNITS.isdisjoint(phase):
        return not after_single
    return end == tokens.size and len(phase) <= 4 and phase[0] in ("a", "an", "one", "the", "another")


def _sum(known: list[Schedule]) -> Schedule:
    if len(known) < 2:
        return known[0] if known else NOTHING
    if all(phase is _PART_UNKNOWN for phase in known):
        return NOTHING
    undecided = next((phase for phase in known if phase.administrations is None), None)
    if undecided is not None:
        return undecided
    status = EXACT if all(phase.status == EXACT for phase in known) else INFERRED
    return Schedule(sum(phase.administrations for phase in known), status, "sum of phases")


def _phase(tokens: Tokens, phrases: list[Phrase]) -> Schedule:
    """One phase: its sentences where they say the same, else all of its phrases together."""
    sentences: list[list[Phrase]] = [[]]
    for phrase in phrases:
        if type(phrase) is Mark:
            sentences.append([])
        else:
            sentences[-1].append(phrase)
    read = [read_statement(tokens, sentence) for sentence in sentences if sentence]
    known = [schedule for schedule in read if schedule is not NOTHING]
    if len(read) < 2:
        return known[0] if known else NOTHING
    undecided = next((one for one in known if one.status in (AMBIGUOUS, OPEN_ENDED)), None)
    counted = [schedule for schedule in known if schedule.administrations is not None]
    if undecided or len({schedule.administrations for schedule in counted}) > 1:
        return undecided or DIFFER
    return counted[0] if counted else read_statement(tokens, [one for part in sentences for one in part])
