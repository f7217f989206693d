"""Why a dose is not exact, or has no particles: the closed list of ``doses.why``."""

from __future__ import annotations

NO_TEXT = "no dose text"
NO_AMOUNT = "text holds no amount"
UNREAD = "digits in the text, none read as an amount of product"
LEVEL_ONLY = "level named, amount not given"

LOST_SUPERSCRIPT = "lost superscript read as power of ten"
E_AFTER_TEN = "'10E' read as power of ten"
TEN_E_LITERAL = "mantissa before E read literally"
NO_UNIT_WORD = "no unit word: counted as particles"
NO_UNIT_WORD_CELLS = "no unit word: counted as the cells named before"
NO_UNIT_WORD_SOURCE = "no unit word: counted as the cells that the product came from"
LOST_SLASH = "power of ten before a volume: read as a concentration"
COUNT_TIMES_AMOUNT = "'n x amount' read as n administrations of the amount"
CONCENTRATION_TIMES_VOLUME = "concentration times volume"
LEVEL_FROM_LABEL = "level chosen by the arm's label"

FLAG_INFERRED = "flagged inferred"
FLAG_SECOND_HAND = "flagged second-hand"
FLAG_CONFLICTING = "flagged conflicting"
FLAG_UNVERIFIED = "flagged unverified"

PER_KG = "per kg: body weight not stated"
PER_DAY = "per day: administrations a day not stated"
PER_EYE = "per eye: eyes treated not stated"
PER_SITE = "per site: number of sites not stated"
PER_AREA = "per cm2: treated area not stated"
PER_DROP = "per drop: drops not stated"
PER_TOTAL = "total: number of administrations not stated"
PER_VOLUME = "concentration: volume not stated"
RANGE_FROM_ZERO = "range from zero: no middle on the log scale"
SCHEDULE_GUESSED = "amount per administration rests on an inferred or conflicting schedule"
PER_OTHER = "per something else (cm3, m2, week, patient): not compared"
UNSPECIFIED_MASS = "unspecified mass: no main conversion"
PROTEIN_MASS = "protein mass: no main conversion"
NO_CONVERSION = "no sourced conversion"
NOT_VESICLES = "cells, not vesicles"

GUESSES = frozenset(
    {
        LOST_SUPERSCRIPT,
        E_AFTER_TEN,
        TEN_E_LITERAL,
        NO_UNIT_WORD,
        NO_UNIT_WORD_CELLS,
        NO_UNIT_WORD_SOURCE,
        COUNT_TIMES_AMOUNT,
        CONCENTRATION_TIMES_VOLUME,
        SCHEDULE_GUESSED,
    }
)
FLAGS = {
    "inferred": FLAG_INFERRED,
    "second-hand": FLAG_SECOND_HAND,
    "conflicting": FLAG_CONFLICTING,
    "unverified": FLAG_UNVERIFIED,
}
REASONS = tuple(value for name, value in list(globals().items()) if name.isupper() and isinstance(value, str))
