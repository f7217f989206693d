"""The words of schedules, and the numbers, bounds and times that are read by them.

n     = whole number from 1 to 400, in digits or words , [ "(" , the same in digits , ")" ] ;
range = n , [ ( "-" | "to" | "or" ) , n ] | "between" , n , "and" , n ;
bound = "up to" | "maximum" | "at most" | "at least" | [ "not" ] , ( "more" | "less" ) , "than" ;
time  = [ "-" ] , ( "hours" | "days" | "weeks" | "months" | "years" ) ;
"""

from __future__ import annotations

from evdose.dosing.reading.tokens import NUMERAL, Tokens

HOUR, DAY, WEEK = 1.0, 24.0, 168.0
DAYS_A_MONTH, WEEKS_A_MONTH, DAYS_A_YEAR, WEEKS_A_YEAR = 30.0, 4.0, 365.0, 52.0
UPPER, LOWER, EITHER = "upper", "lower", "alternatives"
_MOST = 400


def of(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def nouns(text: str) -> frozenset[str]:
    """The words of a text and their plurals."""
    return of(text) | {f"{word}s" for word in text.split()}


# Hours of a time unit, and its months where it is counted in months.
TIME_UNITS = {
    **dict.fromkeys(of("h hr hrs hour hours hourly 时"), (HOUR, 0.0)),
    **dict.fromkeys(of("d day days 天 日"), (DAY, 0.0)),
    **dict.fromkeys(of("w wk wks week weeks 周"), (WEEK, 0.0)),
    **dict.fromkeys(of("mo mos mth mths month months 月"), (DAYS_A_MONTH * DAY, 1.0)),
    **dict.fromkeys(of("yr yrs year years 年"), (DAYS_A_YEAR * DAY, 12.0)),
}
# Hours of the unit whose name begins with a letter, as listed days have it.
HOURS_OF = {name[0]: hours for name, (hours, _) in TIME_UNITS.items()}
ADVERBS = {
    "daily": "day", "nightly": "day", "weekly": "week", "biweekly": "week", "monthly": "month",
    "bimonthly": "month", "yearly": "year", "annually": "year",
}  # fmt: skip
PARTS_OF_A_DAY = of("morning evening night bedtime noon")
LATIN = {  # times, in so many days
    "qd": (1, 1), "qds": (4, 1), "od": (1, 1), "bid": (2, 1), "bd": (2, 1), "tid": (3, 1), "tds": (3, 1),
    "qid": (4, 1), "qod": (1, 2), "eod": (1, 2), "qw": (1, 7), "biw": (2, 7), "tiw": (3, 7),
    "fortnightly": (1, 14),
}  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90}
NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, **_TENS,
    "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
}  # fmt: skip
ADVERBIAL = {"once": 1, "twice": 2, "thrice": 3}
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10,
}  # fmt: skip
FILLERS = of("a an the about approximately approx another additional further total")
_OF_BOUNDS = FILLERS | {"of"}
IN_A_ROW = of("consecutive successive continuous continuously sequential 续")
PER = of("a an per / each every in")
AFTER = of("after following post since before prior until till between last previous")
_TO = of("- ~ to or 至 到")
_UPPER = of("maximum max maximal maximally most ≤ <")
_LOWER = of("minimum least ≥ >")

EVENTS = of("bolus boluses") | nouns("""
    dose infusion injection administration session treatment application instillation inhalation
    nebulization nebulisation transplantation transfusion vaccination immunization procedure implantation
    dosing insufflation irrigation perfusion shot
    """)
GIVEN = EVENTS | of("""
    administer administered administering given give gives giving received receive receives receiving
    infuse infused injected inject treated apply applied take taken taking dosed dripped instilled inhaled
    inhale delivered transplanted transfused nebulized nebulised implanted orally
    """)
CONTAINERS = of("patch patches") | nouns("""
    vial sachet tablet capsule pill ampoule drop puff spray bottle bag unit scoop cup piece
    """)
COURSES = nouns("course cycle round")
# What stands behind "doses", "treatment" … where not administrations are counted but these.
NOT_COUNTED = of("strategies modalities limiting technique gradients dosage") | nouns("""
    level group arm strength cohort escalation regimen period phase option strategy tier vial syringe bag
    cycle course modality site center centre condition day week month year form rate volume range schedule
    point adjustment reduction modification interruption allocation
    """)
# What else days and counts are said of.
SAMPLES = nouns("""
    follow visit assessment evaluation measurement sample collection outcome endpoint score questionnaire
    survey examination check checkup observation interview scan appointment measure call
    """) | of("""
    followup followed assessed evaluated measured monitored monitoring sampled sampling collected scale mri
    imaging echocardiography echocardiogram biopsy biopsies laboratory tested examined checked observed
    recorded survival mortality diagnosed diagnosis history age aged symptoms onset enrolled enrollment
    enrolment screening recruited recruitment cultured culture washed rinsed incubated incubation
    centrifuged stored thawed passaged scanned measuring pressure relapse remission withdrawn drawn called
    reported seen ratio hospitalized hospitalised increased decreased reduced improved washout admission
    hospitalization surveillance readmission
    """)
BEHAVIOUR = nouns("exercise training walk workshop lesson message game") | of("""
    exercising walking diet dietary guidance counseling counselling coaching education educational yoga
    meditation mindfulness rehabilitation physiotherapy practice consolidation cbt psychotherapy class
    classes telephone telephoned phoned sms homework running jogging cycling swimming aerobic flexibility
    stretching gym feedback
    """)
OTHER_ARM = of("control placebo sham versus vs compared comparator")
AMOUNTS = of("""
    ml cc ul mg ug mcg ng gm gram grams kg pmol nmol umol mmol mol million millions billion billions
    thousand trillion cell cells particle particles exosomes vesicles evs iu cfu pfu vp gy units
    """)
UNITS = AMOUNTS | of("""
    l g m w u x % mm cm nm hz mw percent min minute minutes sec seconds s
    """)
_PLAIN = (
    GIVEN | UNITS | TIME_UNITS.keys() | NUMBERS.keys() | ADVERBS.keys() | ORDINALS.keys() | ADVERBIAL.keys()
    | of("""
    the and for with will that this than per via then from into was were are has have been same each again
    another time times total amount volume repeat repeated patient patients subject subjects participant
    participants group until over intravenous intravenously intramuscular intramuscularly subcutaneous
    subcutaneously intravitreal intranasal booster later after before through during about approximately
    respectively additional further only also both
    """)
)  # fmt: skip
_SHORTEST_NAME, _FAR = 3, 400


def whole_number(tokens: Tokens, at: int) -> tuple[int, int] | None:
    """A whole number in digits or words ("twenty-one", "two (2)"), and the index after it."""
    word, end = tokens.word, at + 1
    if tokens.kind[at] == NUMERAL:
        value = tokens.value[at] if word[at].isdecimal() else 0
    else:
        value = NUMBERS.get(word[at], 0)
        if word[at] in _TENS and word[end] == "-" and NUMBERS.get(word[end + 1], 10) < 10:
            value, end = value + NUMBERS[word[end + 1]], end + 2
    if not 1 <= value <= _MOST:
        return None
    if word[end] == "(" and tokens.value[end + 1] == value and word[end + 2] == ")":
        end += 3
    return int(value), end


def range_at(tokens: Tokens, at: int) -> tuple[int, int, int] | None:
    """Low and high of ``n`` or ``n to m``, and the index after it."""
    one = whole_number(tokens, at)
    if one is None:
        return None
    low, end = one
    between = at > 0 and tokens.word[at - 1] == "between" and tokens.word[end] == "and"
    if (between or tokens.word[end] in _TO) and (other := whole_number(tokens, end + 1)):
        return min(low, other[0]), max(low, other[0]), other[1]
    return low, low, end


def before(tokens: Tokens, start: int, skipped: frozenset[str]) -> list[str]:
    """The few words before a token, without those right before it that are ``skipped``."""
    few = tokens.word[max(0, start - 6) : start]
    while few and few[-1] in skipped:
        few.pop()
    return few


def bound_before(tokens: Tokens, start: int) -> str | None:
    """Whether the words before a number make it an upper or a lower bound."""
    few = before(tokens, start, _OF_BOUNDS)
    if not few:
        return None
    this = few[-1]
    if this in _UPPER or few[-2:] == ["up", "to"]:
        return UPPER
    if this in _LOWER:
        return LOWER
    if this == "than" and few[-2:-1] in (["more"], ["less"], ["fewer"]):
        negated = few[-3:-2] in (["no"], ["not"])
        return UPPER if (few[-2] == "more") == negated else LOWER
    return None


def length(number: float, time: str) -> tuple[float, float]:
    """Hours of so many of a time unit, and months where it is counted in months or years."""
    hours, months = TIME_UNITS[time]
    return number * hours, number * months


def time_at(tokens: Tokens, at: int) -> tuple[str, int] | None:
    """The time unit at a token (behind a hyphen or 个, perhaps), and the index after it."""
    word = tokens.word
    at += word[at] in ("-", "个", "小")
    return (word[at], at + 1) if word[at] in TIME_UNITS else None


def number_of_time(tokens: Tokens, at: int) -> tuple[int, int, str, int] | None:
    """Low, high and unit of "2-3 weeks", and the index after it."""
    found = range_at(tokens, at)
    unit = time_at(tokens, found[2]) if found else None
    return (found[0], found[1], *unit) if unit else None


def names_another(tokens: Tokens, start: int, end: int, named: list[str]) -> bool:
    """Whether words name something that ``start:end`` doesn't: another product, most often."""
    new = [word for word in named if len(word) >= _SHORTEST_NAME and word.isalpha() and word not in _PLAIN]
    return bool(new) and not frozenset(tokens.word[max(start, end - _FAR) : end]).issuperset(new)
