"""Denominators of an amount: per administration, per kg, per mL …, and the volume that carries it.

denominators = { denominator } ;
denominator  = ( "/" | "per" | "each" | "for each" ) , [ number ] , ( "kg" | "day" | "eye" | "mL" | … ) ;

A number before a volume (``/3 mL``) makes it a carrier. Of several (``mg/kg/day``) the one per kg decides.
"""

from __future__ import annotations

from collections.abc import Sequence

from evdose.dosing.scan import NUMBER, TO, UNIT, WORD, Token
from evdose.dosing.units import Units

LONGEST_NOUN_PHRASE = 9
_WORDS = {
    "kg": "kg kgs kilogram kilograms kilo bodyweight",
    "day": "day days d 天 日",
    "eye": "eye eyes 眼",
    "site": "site sites joint knee nostril side lesion wound fistula ovary ear hip level 点",
    "administration": """
        administration dose injection infusion time times treatment session application inhalation
        instillation visit vial unit ampoule nebulization nebulisation bag 次 支 瓶
    """,
    "total": "course",
    "other": "week month patient participant subject person hour h min minute",
}
_DENOMINATOR = {word: per for per, words in _WORDS.items() for word in words.split()}
_BEFORE_A_SITE = ("injection", "affected", "target", "treatment", "body")
_FREQUENCY = ("once", "twice", "thrice", "times", "time", "doses", "dose", "sessions")
_OF_UNIT = {("mL", 1.0): "mL", ("ug", 1e6): "g", ("drop", 1.0): "drop"}


def read_denominators(tokens: Sequence[Token], at: int, units: Units) -> tuple[str | None, int]:
    """Denominators after a unit: the one that decides, and the index after the last."""
    per, end = None, at
    while (found := _denominator(tokens, end, units)) is not None:
        word, end = found
        per = _stronger(per, word)
    return per, end


def _stronger(first: str | None, second: str) -> str:
    """Of several denominators (mg/kg/day), kg decides; a concentration keeps what the volume is given per."""
    if first is None or first == "carrier" or second == "kg":
        return second
    if first in ("mL", "g") and second != "carrier":
        return f"{first} {second}"
    return first


def _denominator(tokens: Sequence[Token], at: int, units: Units) -> tuple[str, int] | None:
    """One denominator and the index after it."""
    place = _introduction(tokens, at)
    if place is None:
        return None
    carrier = False
    if place + 1 < len(tokens) and tokens[place].kind == NUMBER:
        carrier = tokens[place].value != 1
        place += 1
    if place >= len(tokens):
        return None
    token = tokens[place]
    if token.text in ("cm", "square", "m"):
        return _area(tokens, place)
    if token.kind == UNIT:
        per = _OF_UNIT.get(units[token.text], "other")
        return ("carrier" if carrier and per != "drop" else per), place + 1
    return None if carrier else _named(tokens, place)


def _named(tokens: Sequence[Token], place: int) -> tuple[str, int] | None:
    if tokens[place].text in _BEFORE_A_SITE and place + 1 < len(tokens):
        per = _DENOMINATOR.get(tokens[place + 1].text)
        if per in ("site", "eye", "kg"):
            return per, place + 2
    per = _DENOMINATOR.get(tokens[place].text)
    return None if per is None else (per, _after_body_weight(tokens, place + 1))


def _introduction(tokens: Sequence[Token], at: int) -> int | None:
    """Index after what introduces a denominator ("/", "per", "for each"), looking past a noun phrase."""
    for place in range(at, min(at + LONGEST_NOUN_PHRASE, len(tokens))):
        token = tokens[place]
        previous = tokens[place - 1].text if place else ""
        if token.text in ("/", "每"):
            return place + 1
        if token.text in ("per", "each") and previous not in _FREQUENCY:
            return place + 1
        if token.text == ")" or (token.kind in (WORD, UNIT, TO) and token.text not in ("or", "and", "to")):
            continue
        return None
    return None


def _area(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    end = at + 1
    while end < len(tokens) and end <= at + 2 and tokens[end].text in ("^", "2", "3"):
        end += 1
    return ("other" if tokens[end - 1].text == "3" or tokens[at].text == "m" else "cm2"), end


def _after_body_weight(tokens: Sequence[Token], at: int) -> int:
    while at < len(tokens) and tokens[at].text in ("body", "weight", "bw"):
        at += 1
    return at
