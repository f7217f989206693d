"""How many: counts of administrations and courses, and listed days.

count   = [ bound ] , range , ( noun | "times" ) , [ "each" | "/ course" ] | range , "x" , amount | "x" , n ;
noun    = { adjective | amount } , event ;
single  = "single" , noun | "single" | "once" | "twice" | "thrice" | "one-time" ;
courses = range , ( "courses" | "cycles" | "rounds" ) ;
again   = ( "second" | "third" | … ) , noun | "booster" , [ "with" , the same ] ;
days    = unit , day , { sep , [ unit ] , day | to , [ unit ] , day } ;
last    = ( "at" | "baseline" , sep | "第" ) , day , { sep , day } , time , { sep , last } ;
unit    = "day" | "week" | "month" | "d" | "w" ;
sep     = "," | "and" | "&" | "/" | "+" ;
to      = "-" | "to" | "through" | "~" ;
"""

from __future__ import annotations

from evdose.dosing.reading import schedule_words as words
from evdose.dosing.reading.schedule_phrases import Again, Count, Courses, Days, Phrase, TimesN
from evdose.dosing.reading.schedule_times import Period, frequency, of_length, period_at
from evdose.dosing.reading.tokens import END, NUMERAL, WORD, Tokens

_OPERATORS = words.of("x * ^ · e ± #")
_LABELS = words.of("no sars covid species") | words.nouns("""
    phase cohort group grade type stage step arm level part version table tier dose study number day week
    month visit cycle period protocol sequence formulation strategy treatment score aim section
    """)
_PARTIAL = words.of("""
    first last next every each these those other remaining previous prior another after before between
    following than within final further additional extra more since among into either any both per initial
    subsequent
    """)
_NO_ADJECTIVES = (
    words.of("""
    of per people children in at for with and or to from on by via using than the a an is are was were be
    will who that which after before times time months weeks days years week day year month hours hour
    different ascending escalating increasing various possible limiting trial trials phases men women rats
    mice
    """)
    | words.nouns("""
    patient subject participant individual volunteer adult hospital center study group arm cohort level
    stage eye animal donor
    """)
    | words.UNITS
    | words.BEHAVIOUR
    | words.OTHER_ARM
) - words.of("cell exosomes evs vesicles")
_NOT_TIMES = words.of("the higher more greater as upper uln faster lower normal that larger likely body less")
_POINTS = words.nouns("point frame window course period")
_COMPARED = words.of("tested evaluated compared studied investigated examined explored assessed obtained")
_SAMPLED = words.of("blood csf urine sample samples collected plasma serum")
_NOT_SINGLE = words.of(
    "blind blinded masked strand stranded nucleotide lumen institutional family photon"
) | words.nouns("""
    center centre arm eye site agent group cell donor use patient institution level participant subject
    """)
_KINDS = words.nouns("level vial syringe bag kit strength pack form")
_MULTIPLE = words.of("multiple repeat repeated repeating double two three several serial")
_CONDITION = words.of("""
    the a an they he she patients subjects participants all this that these it its you we enrolled informed
    eligible written your consent study patient again approved there
    """)
_UNFINISHED = words.of("mg mcg ug g tablet tablets capsule capsules (")
_ML = words.of("ml cc ul l mg ug mcg g million billion trillion")
_BRACKETS = words.of("( ) - /")
_LONGEST_NAME, _MOST_REPEATED, _A_DAY, _FAR = 7, 30, 3, 12
_BETWEEN = words.IN_A_ROW | words.of("additional more full whole calendar")
_MORE = words.of("additional more further other extra")
_A_PERSON = words.COURSES | words.nouns("patient subject participant")
_EFFECTS = [[word] for word in ("safety", "efficacy", "effect", "effects", "tolerability", "comparison")]
_MAY = words.of("may optional possible if only unless depending potential")
_NO_MULTIPLE = words.of("^ ( - · * e") | words.nouns("site point area spot eye joint knee")

_SEPARATORS = words.of(", and & / + 或 和")
_TO = words.of("- ~ to through thru until till 至 到")
_SIGNS = frozenset("=.:#-+")
_NOT_FROM = words.of("by until till through after before within to since past than between")
_OF_CYCLE = words.COURSES | words.of("period menstruation menstrual pregnancy gestation life age birth")
_MAY_FOLLOW = words.of("""
    and or to of in after post with for at followed then by before until through respectively via iv every
    once on as using from prior during per each but if when where while twice again plus along daily weekly
    is are was were will intravenously intravenous subcutaneously day days week weeks month months d w given
    a an the under within who
    """)
_COUNTED = (
    words.EVENTS
    | words.CONTAINERS
    | words.COURSES
    | words.UNITS
    | words.of("patients subjects participants times volunteers")
)
_ANCHORS = words.of("post after before prior (")
_DISTANCES = words.of("after post later apart interval intervals before prior")
_MOST_DAYS = 400


def of_number(tokens: Tokens, at: int) -> Phrase | None:
    """What a number begins, unless it is part of another number or of a name ("cohort 2", "covid-19")."""
    word = tokens.word
    if at:
        lead = word[at - 1]
        if lead in _OPERATORS or lead in _LABELS or (word[at + 1] == ")" and lead != "("):
            return None
        if tokens.glued(at) and lead.isascii() and lead not in "(,:[;":
            return None
    return _of_number(tokens, at)


def _of_number(tokens: Tokens, start: int) -> Phrase | None:
    """What a number begins, whatever stands before it."""
    found = words.range_at(tokens, start)
    if found is None:
        return None
    low, high, at = found
    word = tokens.word
    if word[at] in ("st", "nd", "rd", "th") and tokens.glued(at):
        return _again(tokens, start, low, at + 1)
    if low == 1 and word[at] == "-" and word[at + 1] in ("time", "off"):
        return Count(1, single=True, start=start, end=at + 2)
    then = at
    while word[then] in _BETWEEN:
        then += 1
    if (unit := words.time_at(tokens, then)) is not None:
        return of_length(tokens, start, low, high, *unit)
    if word[at] in ("times", "time", "x", "*", "次"):
        return _of_times(tokens, start, low, high, at + 1)
    return _of_noun(tokens, start, low, high, at)


def _number(tokens: Tokens, start: int, low: int, high: int) -> tuple[int | None, str | None]:
    """The number of a count, or None and what it is bound by."""
    bound = words.EITHER if low != high else words.bound_before(tokens, start)
    return (None, bound) if bound else (low, None)


def _is_total(tokens: Tokens, start: int, end: int) -> bool:
    """Whether "total of n", "n in total" is said."""
    few = tokens.word[max(0, start - 2) : start]
    return "total" in few or "共" in few or tokens.word[end : end + 2] == ["in", "total"]


def _of_times(tokens: Tokens, start: int, low: int, high: int, at: int) -> Phrase | None:
    """Read "3 times a day", "twice / course", "3 times", "2 x 10 mL"; ``at`` is behind "times"."""
    word = tokens.word
    sign = word[at - 1] in ("x", "*")
    if sign and tokens.kind[at] == NUMERAL:
        return _of_amounts(tokens, start, low, at)
    if (period := period_at(tokens, at, once=low == 1)) is not None:
        return frequency(start, low, period, sure=low == high)
    if sign or word[at] in _NOT_TIMES or word[at + (word[at] == "-")] in _POINTS:
        return None
    if _is_of_some(tokens, start, at - 1):
        return None
    number, bound = _number(tokens, start, low, high)
    return _count(tokens, start, at, number, bound, of_times=True, total=_is_total(tokens, start, at))


def _count(
    tokens: Tokens, start: int, end: int, number: int | None, bound: str | None, **said: bool
) -> Count:
    """A count with what stands behind it: "each", or "/ course"."""
    word = tokens.word
    course = word[end] in ("per", "each", "/") and word[end + 1] in words.COURSES
    each = word[end] == "each" and not course
    return Count(
        number, bound, each=each, per_course=course, start=start, end=end + each + 2 * course, **said
    )


def _of_amounts(tokens: Tokens, start: int, number: int, at: int) -> TimesN | None:
    """Read "2 x 10 mL": the n of an amount; a power of ten is none."""
    bracketed = start > 0 and tokens.word[start - 1] == "("
    behind = tokens.word[at + 1 + (tokens.word[at + 1] == "-")]
    taken = bracketed or not _SAMPLED.isdisjoint(tokens.word[at + 1 : at + 6])
    if taken or behind not in _ML:
        return None
    return TimesN(number, amounts=True, start=start, end=at + 1)


def _of_noun(tokens: Tokens, start: int, low: int, high: int, at: int) -> Phrase | None:
    """Courses, containers or events, behind adjectives."""
    word = tokens.word
    noun = at + (word[at] == "个")
    if word[noun] in words.COURSES or word[noun : noun + 2] == ["疗", "程"]:
        number, _ = _number(tokens, start, low, high)
        partial = start > 0 and word[start - 1] in _PARTIAL
        return None if partial else Courses(number, start=start, end=noun + 1 + (word[noun] == "疗"))
    if word[at] in words.CONTAINERS:
        return _of_containers(tokens, start, low, high, at + 1)
    if word[at] == "/" and (period := period_at(tokens, at)) is not None:
        return frequency(start, low, period, sure=low == high)
    event = _event_at(tokens, at)
    return None if event is None else _of_events(tokens, start, low, high, at, event)


def _of_containers(tokens: Tokens, start: int, low: int, high: int, at: int) -> Phrase | None:
    """Read "one sachet a day" and "3 vials at 8 h intervals"; several a day may be one administration."""
    if (period := period_at(tokens, at)) is not None:
        return frequency(start, low, period, sure=low == high == 1)
    found = words.number_of_time(tokens, at + 1) if tokens.word[at] == "at" and low == high else None
    apart = found is not None and tokens.word[found[3]].startswith("interval")
    return Count(low, start=start, end=found[3] + 1) if apart else None


def _event_at(tokens: Tokens, at: int) -> int | None:
    """Index of the event that a number counts, behind a few adjectives or the amount of one."""
    word, kind = tokens.word, tokens.kind
    place, end = at, at + _LONGEST_NAME
    while place < end:
        this = word[place]
        if this in words.EVENTS:
            return place
        if kind[place] == NUMERAL and (place == at or kind[place - 1] == WORD):
            place += 1 + (word[place + 1] == "-")
            if word[place] not in words.UNITS:
                return None
        elif kind[place] == WORD:
            if this in _NO_ADJECTIVES:
                return None
            if this == "episodes" and word[place - 1] in words.ADVERBS:
                return place
        elif this not in _BRACKETS or (this == "-" and place == at and word[at + 1] not in words.EVENTS):
            return None
        place += 1
    return None


def _of_events(tokens: Tokens, start: int, low: int, high: int, named: int, event: int) -> Phrase | None:
    """A count of events, but not one of dose levels or of a part."""
    word, end = tokens.word, event + 1
    levels = word[end] in words.NOT_COUNTED and word[named] != "-"
    levels = levels or not _COMPARED.isdisjoint(word[end : end + _LONGEST_NAME])
    return (
        None
        if levels or _is_of_some(tokens, start, event)
        else _counted(tokens, start, low, high, named, event)
    )


def _counted(tokens: Tokens, start: int, low: int, high: int, named: int, event: int) -> Phrase | None:
    """A count of events, or how many a period, by what stands around it."""
    word, end = tokens.word, event + 1
    adverb = next((one for one in word[named:event] if one in words.ADVERBS), None)
    # "Two daily doses" are two a day, "three weekly doses" are three.
    if adverb and (high == 1 or (words.ADVERBS[adverb] == "day" and high <= _A_DAY)):
        return frequency(start, low, (*words.length(1, words.ADVERBS[adverb]), low == high == 1, end))
    if (period := _period_of(tokens, end, low)) is not None:
        return frequency(start, low, period, sure=low == high)
    number, bound = _number(tokens, start, low, high)
    if bound is None and not _MORE.isdisjoint(word[named:event]):
        return None
    if number is not None and low > 1 and word[end] in ("per", "/") and word[end + 1] not in _A_PERSON:
        return None
    total = _is_total(tokens, start, end) or "total" in word[named:event]
    return _count(tokens, start, end, number, bound, single=number == 1 and not total, total=total)


def _period_of(tokens: Tokens, at: int, times: int) -> Period | None:
    """The period right behind events, or behind the product: "two infusions of MSCs per week"."""
    word = tokens.word
    if word[at] == "of":
        far = (period_at(tokens, place) for place in range(at + 2, at + 9) if word[place] in ("per", "/"))
        return next((period for period in far if period is not None), None)
    return period_at(tokens, at, once=times == 1) if word[at] != "every" else None


def _is_of_some(tokens: Tokens, start: int, event: int) -> bool:
    """Whether the number is that of a part ("the first two", "one of three", "after 3") or of dose levels."""
    few = words.before(tokens, start, words.of("the"))
    if not few:
        return False
    if few[-1] == "of":
        one = few[-2:-1] and (few[-2] in words.NUMBERS or few[-2] in _PARTIAL)
        return bool(one) or (few[-2:-1] in _EFFECTS and tokens.word[event] == "doses")
    if words.bound_before(tokens, start) is not None:
        return False
    if few[-1] == "between" and tokens.word[start + 1] == "and":
        return False
    return few[-1] in _PARTIAL or (few[-1] == "at" and tokens.word[event] in ("dose", "doses"))


def of_single(tokens: Tokens, at: int) -> Phrase | None:
    """Read "single", of an administration; "single or multiple" is undecided."""
    word = tokens.word
    place = at + 1 + (word[at + 1] == "-")
    if word[place] in _NOT_SINGLE or (at and word[at - 1] in ("every", "each", "per")):
        return None
    event = _event_at(tokens, place)
    last = place if event is None else event + _LONGEST_NAME
    for other in range(place, last + 1):
        if word[other] in ("or", "and", "/") and word[other + 1] in _MULTIPLE:
            return Count(None, words.EITHER, start=at, end=other + 2)
    if event is not None:
        return None if word[event + 1] in _KINDS else _counted(tokens, at, 1, 1, place, event)
    alone = word[place] == END or word[place] == "次" or (at == 0 and word[place] in ",;(.")
    return Count(1, single=True, start=at, end=place) if alone else None


def of_adverbial(tokens: Tokens, at: int) -> Phrase | None:
    """Read "once", "twice": a frequency, a count of each course or day, or a count."""
    word = tokens.word
    number, end = words.ADVERBIAL[word[at]], at + 1
    if (period := period_at(tokens, end, once=number == 1)) is not None:
        return frequency(at, number, period)
    cut = word[end] in ("every", "a", "per") and word[end + 1] not in words.COURSES
    cut = cut or (word[end] == END and not _UNFINISHED.isdisjoint(word[max(0, at - 3) : at]))
    conditional = number == 1 and (word[end] in _CONDITION or (at and word[at - 1] == "at"))
    if cut or conditional or word[end] in _NOT_TIMES:
        return None
    either = word[end] in ("or", "to") and word[end + 1] in words.ADVERBIAL
    bound = words.EITHER if either else words.bound_before(tokens, at)
    return _count(tokens, at, end, None if bound else number, bound, single=number == 1, of_times=True)


def of_number_word(tokens: Tokens, at: int) -> Phrase | None:
    """Read "number of infusions: 8"."""
    word = tokens.word
    if not (word[at + 1] == "of" and word[at + 2] in words.EVENTS and word[at + 3] in (":", "=", "is")):
        return None
    found = words.whole_number(tokens, at + 4)
    return Count(found[0], start=at, end=found[1]) if found else None


def of_ordinal(tokens: Tokens, at: int) -> Phrase | None:
    """Read "a second dose"."""
    return _again(tokens, at, words.ORDINALS[tokens.word[at]], at + 1)


def _again(tokens: Tokens, start: int, number: int, at: int) -> Phrase | None:
    """A second or third event; only "if" or "may" leaves it open."""
    word = tokens.word
    event = _event_at(tokens, at)
    if number == 1 or not words.AFTER.isdisjoint(word[max(0, start - 3) : start]) or event is None:
        return None
    if event > at + 2 or word[event + 1] in words.NOT_COUNTED:
        return None
    few = word[event + 1 : event + _FAR]
    behind = few[: few.index(".")] if "." in few else few
    if "if" in behind or not _MAY.isdisjoint((*behind[:3], *word[max(0, start - 4) : start])):
        return Count(None, words.EITHER, start=start, end=event + 1)
    return Again(number, start=start, end=event + 1)


def of_booster(tokens: Tokens, at: int) -> Phrase | None:
    """A booster of what was named before; "booster with" something else, or cut off, isn't."""
    word = tokens.word
    end = at + 1 + (word[at + 1] in words.EVENTS)
    if not words.AFTER.isdisjoint(word[max(0, at - 3) : at]):
        return None
    if word[end] == "with":
        product = word[end + 1 : min(end + _LONGEST_NAME, tokens.size)]
        if not product or (at > 1 and words.names_another(tokens, 0, at, product)):
            return None
    return Again(2, start=at, end=end)


def of_x(tokens: Tokens, at: int) -> Phrase | None:
    """Read "x 4", "x 10 days", "times 28 days": a multiplication sign that no number precedes."""
    word = tokens.word
    # "x1, x2, x4" are multiples of a dose.
    multiples = word[at + 2 : at + 4] == [",", "x"] or (
        at > 2 and word[at - 1] == "," and word[at - 3] == "x"
    )
    if multiples or (at and tokens.kind[at - 1] == NUMERAL):
        return None
    found = words.whole_number(tokens, at + 1)
    phrase = _of_number(tokens, at + 1) if found else None
    if found is None or phrase is not None:
        return phrase
    number, end = found
    behind = tokens.word[end]
    of_amount = behind in words.UNITS or behind in _NO_MULTIPLE
    if tokens.word[at] == "times" or number > _MOST_REPEATED or of_amount:
        return None
    return TimesN(number, start=at, end=end)


def of_day(tokens: Tokens, at: int) -> Phrase | None:
    """A list of days that its unit begins."""
    word, unit = tokens.word, tokens.word[at]
    first = _day_at(tokens, at + 1, behind_unit=True)
    if first is None or (tokens.kind[first[1]] == WORD and tokens.glued(first[1])):
        return None
    few = words.before(tokens, at, words.FILLERS)
    # "Week 12 (Day 84)" is one day.
    said = few[-1:] == ["("] and few[-3:-2] and few[-3] in words.TIME_UNITS and few[-3][0] != unit[0]
    if said or (few and few[-1] in _NOT_FROM):
        return None
    days = Days(set(), start=at)
    _read_list(tokens, days, unit[0], *first)
    end, one = days.end, len(days.points) == 1
    if one and word[end] in ("through", "to", "until"):
        return None
    days.cut |= end >= tokens.size and ((one and unit.endswith("s")) or _in_bracket(tokens, at))
    days.cut |= word[end] == "of" and end + 1 >= tokens.size
    days.heading = word[end] == ":"
    days.per_cycle = word[end] in ("of", "in") and not _OF_CYCLE.isdisjoint(word[end + 1 : end + 6])
    days.baseline = one and word[end] in _ANCHORS
    return days


def _day_at(tokens: Tokens, at: int, behind_unit: bool = False) -> tuple[list[int], int] | None:
    """The day at a token ("-6", "one"; two where "1,4" was read as a decimal), and the index after it."""
    word = tokens.word
    negative = False
    if word[at] in _SIGNS and (behind_unit or word[at] in "-+"):
        negative = word[at] == "-"
        at += 1
    if tokens.kind[at] != NUMERAL:
        return ([words.NUMBERS[word[at]]], at + 1) if behind_unit and word[at] in words.NUMBERS else None
    parts = word[at].split(",")
    if not all(part.isdecimal() and len(part) <= 3 and int(part) <= _MOST_DAYS for part in parts):
        return None
    return [-int(part) if negative else int(part) for part in parts], at + 1


def _read_list(tokens: Tokens, days: Days, unit: str, numbers: list[int], at: int) -> None:
    """Add the days of a list, and where it ends; "D1 - D3 - D5" are three days, no range."""
    word = tokens.word
    spanned: set[tuple[str, int]] = set()
    spans = 0
    while True:
        days.points.update((unit, number) for number in numbers)
        days.end = then = at
        if word[at] in _TO and (found := _member(tokens, at + 1, unit)) and found[0][0] > numbers[-1]:
            spanned = {(unit, number) for number in range(numbers[-1] + 1, found[0][0])}
            spans += 1
        else:
            if spans == 1:
                days.points |= spanned
                days.spelt = True
            spans = 0
            while word[then] in _SEPARATORS or (
                then > at and word[then] in ("on", "at", "again", "then", "d")
            ):
                then += 1
            found = _member(tokens, then, unit, len(days.points)) if then > at else None
        if found is None:
            days.cut = then > at and then + (word[then] == word[days.start]) >= tokens.size
            return
        numbers, at = found


def _member(tokens: Tokens, at: int, unit: str, listed: int = 0) -> tuple[list[int], int] | None:
    """The next day of a list, with its unit repeated or not; a number of something else is none."""
    word = tokens.word
    repeated = word[at] in words.TIME_UNITS and word[at][0] == unit
    found = _day_at(tokens, at + repeated, behind_unit=repeated)
    if found is None:
        return None
    end = found[1]
    behind = word[end]
    last = word[at - 1] == "and" and word[at - 3] == "," and behind not in _COUNTED
    if tokens.kind[end] == WORD and behind not in _MAY_FOLLOW and not last:
        return None
    if repeated or behind in ("x", "%", "^", "±"):
        return found if repeated else None
    if behind in words.TIME_UNITS and tokens.kind[end + 1] != NUMERAL:
        # "week 0, 1, 2, 3 weeks" says its unit twice; "day 1, 5 days" doesn't.
        return (found[0], end + 1) if listed > 2 and behind[0] == unit else None
    return found


def _in_bracket(tokens: Tokens, at: int) -> bool:
    """Whether a bracket before a token is open."""
    depth = 0
    for word in reversed(tokens.word[max(0, at - 200) : at]):
        depth += (word == ")") - (word == "(")
        if depth < 0:
            return True
    return False


def of_baseline(tokens: Tokens, at: int) -> Phrase | None:
    """Read "baseline", and the days listed behind it with their unit last."""
    end = at + 1 + (tokens.word[at + 1] in ("visit", "evaluation"))
    days = Days({("d", 0)}, start=at, end=end)
    if tokens.word[end] in _SEPARATORS:
        _add_with_unit_last(tokens, days, end + 1 + (tokens.word[end + 1] == "and"))
    days.baseline = len(days.points) == 1
    return days


def of_at(tokens: Tokens, at: int) -> Phrase | None:
    """Read "at 0, 2 and 6 weeks", 第1、4、7天."""
    days = Days(set(), start=at, end=at + 1)
    _add_with_unit_last(tokens, days, at + 1)
    return days if len(days.points) > (tokens.word[at] == "at") else None


def _add_with_unit_last(tokens: Tokens, days: Days, at: int) -> None:
    """Add the days of "0, 2 and 6 weeks" or "2 weeks and 6 weeks"."""
    word = tokens.word
    numbers: list[int] = []
    while (found := _day_at(tokens, at)) is not None and len(numbers) < _MOST_DAYS:
        numbers += found[0]
        at = found[1]
        if (unit := word[at]) in words.TIME_UNITS:
            if word[at + 1] in _DISTANCES:
                return
            days.points.update((unit[0], number) for number in numbers)
            days.end = at = at + 1
            numbers = []
        if word[at] not in _SEPARATORS:
            return
        while word[at] in _SEPARATORS:
            at += 1
