"""Denominators of an amount: per administration, per kg, per mL …, and the volume that carries it.

denominators = { denominator } ;
denominator  = ( "/" | "per" | "each" | "a" ) , [ number ] , ( "kg" | "day" | "eye" | "mL" | … ) ;

A number before a volume (``/3 mL``) makes it a carrier; 24 hours are a day. Of several (``mg/kg/day``) the
one per kg decides.
"""

from __future__ import annotations

from evdose.dosing.reading.lexicon import Lexicon
from evdose.dosing.reading.numeral import WORD_NUMBERS
from evdose.dosing.reading.tokens import NUMERAL, WORD, Tokens, words

LONGEST_NOUN_PHRASE = 9
CARRIER, LABORATORY, OTHER, STRENGTH = "carrier", "laboratory", "other", "strength"
_WORDS = {
    "kg": "kg kgs kgbw kilogram kilograms kilo bodyweight",
    "day": "day days d die diem 天 日",
    "eye": "eye eyes 眼",
    "site": """
        site sites joint joints knee knees nostril nostrils side lesion lesions wound fistula ovary ear hip
        hips shoulder level tendon disc tooth hemisphere fold testis kidney lung limb leg foot hand finger
        breast muscle 点
    """,
    "administration": """
        administration dose doses injection infusion time times treatment session application inhalation
        instillation visit unit nebulization nebulisation bag puncture patient participant
        subject person case 次 支 瓶
    """,
    "total": "course",
    STRENGTH: """
        vial vials ampoule ampoules tablet tablets tab tabs capsule capsules cap caps pill pills puff
        actuation spray
    """,
    OTHER: "week wk month cycle year h hr hour hours hrs min minute sec second m dm million",
    LABORATORY: "l dl di litre liter deciliter decilitre mm mm3 mmol mol hpf",
}
_DENOMINATOR = {word: per for per, words in _WORDS.items() for word in words.split()}
_BEFORE_A_SITE = words("injection affected target treatment treated body study painful each single lumbar")
_FREQUENCY = words("once twice thrice times time doses dose sessions session")
_NOT_IN_A_NOUN_PHRASE = words("or and to in with by for at on then followed")
_INTRODUCTIONS = frozenset(("/", "per", "each", "每", "a"))
_RECIPROCAL = words("l dl ml kg min h d")
_MARKS = frozenset((".", "·", "-"))
_LENGTHS = {
    "cm": "cm",
    "centimeter": "cm",
    "centimetre": "cm",
    "m": "m",
    "meter": "m",
    "metre": "m",
    "mm": "mm",
}
_HOURS = words("h hr hrs hour hours")
_OF_PERSONS = words("site eye kg administration")
EACH = words("each per every")
_ARTICLES = words("the each every one")
_OF_UNIT = {("mL", 1.0): "mL", ("ug", 1e6): "g", ("drop", 1.0): "drop", ("mL", 1e3): LABORATORY}


def read_denominators(
    tokens: Tokens, at: int, unit: str | None, lexicon: Lexicon
) -> tuple[str | None, int, int]:
    """Denominators after a unit: the one that decides, the index of the first, and that after the last."""
    per, first, end = None, at, at
    while (place := _introduction(tokens, end)) is not None:
        found = _denominator(tokens, place, lexicon)
        if found is None or (found[0] == CARRIER and unit == "mL"):
            break  # 5 mL / 10 mL: two amounts
        first = place - 1 if per is None else first
        per, end = _stronger(per, found[0]), found[1]
    return per, first, end


def _stronger(first: str | None, second: str) -> str:
    """Of several denominators (mg/kg/day), kg decides; a concentration keeps what the volume is given per."""
    if first is None or first == CARRIER or second in ("kg", LABORATORY):
        return second
    if first in ("mL", "g") and second != CARRIER:
        return f"{first} {second}"
    return first


def site_before(words: list[str]) -> str | None:
    """The site or eye of "each knee" and "per eye" among the words before an amount."""
    for place, word in enumerate(words):
        if word in EACH:
            rest = [after for after in words[place + 1 : place + 3] if after not in _BEFORE_A_SITE]
            per = _DENOMINATOR.get(rest[0]) if rest else None
            if per in ("site", "eye"):
                return per
    return None


def _denominator(tokens: Tokens, place: int, lexicon: Lexicon) -> tuple[str, int] | None:
    """One denominator, the word at ``place`` on, and the index after it."""
    numbered = 1.0
    if tokens.word[place] in _ARTICLES or tokens.word[place] in ("/", "per"):
        place += 1
    if tokens.kind[place] == NUMERAL or tokens.word[place] in WORD_NUMBERS:
        numbered = tokens.value[place]
        place += 1
        if numbered == 24 and tokens.word[place + (tokens.word[place] == "-")] in _HOURS:
            return "day", place + 1 + (tokens.word[place] == "-")
    found = _area(tokens, place) or _named(tokens, place, lexicon)
    if found is not None:
        if numbered == 1 or found[0] == "kg":
            return found
        # mL/min/1.73 m²; "3 injections" denominate nothing
        return (LABORATORY, found[1]) if tokens.word[place] == "m" else None
    unit = lexicon.unit(tokens, place)
    if unit is None:
        return (LABORATORY, place + 1) if tokens.word[place] == "l" else None
    if numbered != 1 and unit[0] in ("ug", "pmol"):
        return None  # 100 mg/5 mg: two amounts
    per = _OF_UNIT.get(unit[:2], LABORATORY if unit[0] == "mL" and unit[1] < 1 else OTHER)
    return (CARRIER if numbered != 1 and per != "drop" else per), unit[2]


def _named(tokens: Tokens, place: int, lexicon: Lexicon) -> tuple[str, int] | None:
    """A denominator that is no area and no unit of doses, and the index after it."""
    word = tokens.word[place]
    if word == "body":
        return _body_weight(tokens, place)
    if word in _BEFORE_A_SITE and (per := _DENOMINATOR.get(tokens.word[place + 1])) in _OF_PERSONS:
        return per, _after_body_weight(tokens, place + 2)
    per = None if word in ("l", "ml") else _DENOMINATOR.get(word)
    if per is None:
        return None
    if word == "million" and (cells := lexicon.unit(tokens, place + 1)) is not None:
        return per, cells[2]
    return per, _after_body_weight(tokens, place + 1)


def _introduction(tokens: Tokens, at: int) -> int | None:
    """Index after what introduces a denominator ("/", "per", "each"), looking past a noun phrase."""
    word = tokens.word
    if word[at + 1] == "-" and _is_reciprocal(tokens, at):
        return at
    if word[at] == "(" and ")" in word[at : at + 6]:
        at = word.index(")", at)
    elif word[at] in _MARKS and word[at + 1] == "kg" and tokens.glued(at + 1):
        return at + 1  # mg.kg
    for place in range(at, min(at + LONGEST_NOUN_PHRASE, tokens.size)):
        this = word[place]
        if this in _INTRODUCTIONS:
            return place + 1 if _introduces(tokens, place, at) else None
        if this in ("for", "in", "into") and word[place + 1] in ("each", "every"):
            continue
        if this not in (")", "-") and (tokens.kind[place] != WORD or this in _NOT_IN_A_NOUN_PHRASE):
            return None
    return None


def _is_reciprocal(tokens: Tokens, at: int) -> bool:
    """The L-1 of ``g L-1``."""
    word = tokens.word
    return word[at + 2] == "1" and tokens.glued(at + 2) and word[at] in _RECIPROCAL


def _introduces(tokens: Tokens, place: int, at: int) -> bool:
    """Whether a word introduces a denominator, and no frequency ("three times/day", "once a day")."""
    word, this = tokens.word, tokens.word[place]
    if word[place - 1] in _FREQUENCY:
        return this in ("/", "每") and place == at
    return this != "a" or word[place + 1] in ("day", "kg")


def _area(tokens: Tokens, at: int) -> tuple[str, int] | None:
    """cm² is a denominator of ``doses``; cm³ and m² are others, and a plain m is none."""
    word = tokens.word
    square = word[at] in ("square", "sq")
    at += square
    if word[at] not in _LENGTHS:
        return None
    end, raised = at + 1, "2" if square else ""
    while end <= at + 4 and word[end] in ("^", "(", "2", "3", ")"):
        raised += word[end] if word[end].isdecimal() else ""
        end += 1
    if word[at] == "mm":
        return LABORATORY, end
    if word[at] == "m" and not raised:
        return None
    return ("cm2" if _LENGTHS[word[at]] == "cm" and raised == "2" else OTHER), end


def _body_weight(tokens: Tokens, at: int) -> tuple[str, int] | None:
    """``per body-weight kilogram``, and the index after it."""
    while tokens.word[at] in ("body", "weight", "-"):
        at += 1
    return ("kg", at + 1) if _DENOMINATOR.get(tokens.word[at]) == "kg" else None


def _after_body_weight(tokens: Tokens, at: int) -> int:
    word = tokens.word
    while (
        word[at] in ("body", "weight", "bodyweight", "bw", "^")
        or (word[at] == "-" and tokens.glued(at))
        or (word[at] in ("1", "(", "of", ")") and word[at + 1] in ("body", "weight", "bw"))
    ):
        at += 1
    return at
