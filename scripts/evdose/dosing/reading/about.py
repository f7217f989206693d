"""What the words beside an amount say: what it counts, and of which substance it is an amount.

The words behind an amount reach to the end of its phrase (a comma, a bracket, the next number, "in", "with",
"or" …), those before it to the end of the sentence before.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from evdose.dosing import reasons
from evdose.dosing.reading.amount import Amount, ends_a_name
from evdose.dosing.reading.denominator import CARRIER as CARRIED
from evdose.dosing.reading.lexicon import (
    CELLS,
    COMPARATOR,
    DILUENT,
    PLAIN,
    PRODUCT,
    SAMPLE,
    VIRUS,
    Lexicon,
)
from evdose.dosing.reading.tokens import NUMERAL, WORD, Tokens, words

DOSE, VOLUME, CELL_VOLUME = "dose", "volume of something unnamed", "volume of cells"
CARRIER, CAP = "carrier volume", "cap or threshold"
OTHER_ARM, SAMPLE_OR_ASSAY = "diluent, placebo or comparator", "sample, tissue or assay"
UNNAMED, OTHER_THING = "count of something unnamed", "count of something else"
UNLISTED_UNIT, CHANGE = "unit that is none of a dose", "change of a dose"
RATE = "rate of an infusion"
CONTAINER, OTHER_STUDY = "size of a container", "dose of another study"

NAMED, OWN = "named", "name of the product in this text"
NEAR, _FAR = 6, 12
_COUNTED = {
    PRODUCT: ("particle", reasons.NO_UNIT_WORD),
    CELLS: ("cell", reasons.NO_UNIT_WORD_CELLS),
    VIRUS: ("particle", reasons.NO_UNIT_WORD),
}
_PHRASE_ENDS = words("""
    from in with and or plus diluted dissolved suspended vs versus compared than when if as into via by to at
    on
    for over every each until through during after before followed then
    """)
_SENTENCE_ENDS = frozenset(";.。|")
_ABBREVIATED = words("tab tabs inj approx ca cap no max min")
_TRANSPARENT = frozenset(")-/%'®™^")
_LIGHT = frozenset("()[]:-=~+/%#®")
_DATES = words("- day days week weeks d")
_TURNS = words("or versus vs compared than followed then")
_LINKS = words("from of to containing carrying equal equivalent equivalents derived secreted")
_MEASURES = words("amount dose doses dosage number total concentration consisting")
_OF_LENGTH = words("/ square sq x per -")
_GASES = words("o vo po co pao spo fio")
_SPELLINGS = {"media": "medium", "aspirates": "aspirate"}
_SPECIAL = _GASES | {"cm", "free", "medium", "ex", "aspirate", *_SPELLINGS}
_ORIGINS = words("autologous allogeneic allogenic human")  # of cells, where a text is cut behind it
_ADDED = words("and plus or + , versus vs followed then")
_VIRAL = words("viral virus vg vp gc genome genomes units")


@dataclass(slots=True)
class Around:
    """The words around an amount.

    ``near`` holds the words right before it, behind the number and the sentence before; ``ahead`` the senses
    of the words before it, each with its nearest place; ``behind`` those of its phrase after it, each with
    its first place, and ``first`` the first of those. ``unit`` and ``high`` are those of the amount, once
    decided.
    """

    tokens: Tokens
    amount: Amount
    near: list[str]
    ahead: dict[str, int]
    behind: dict[str, int] = field(default_factory=dict)
    first: str | None = None
    protein: bool = False
    lipid: bool = False
    unit: str | None = None
    high: float = 0.0

    @property
    def name(self) -> str | None:
        """The name of a substance beside the amount, as far as one is known."""
        if self.first == NAMED:
            return self.tokens.word[self.behind[NAMED]]
        return self.tokens.word[self.ahead[NAMED]] if self.first is None and self.nearest == NAMED else None

    @property
    def nearest(self) -> str | None:
        """The sense of the nearest word before the amount."""
        return next(iter(self.ahead), None)


def around(tokens: Tokens, amount: Amount, lexicon: Lexicon, names: frozenset[str]) -> Around:
    """The words around an amount; those behind it as far as the phrase of the last of its list goes."""
    near = _words_near(tokens, amount.first)
    found = Around(tokens, amount, near, _ahead(tokens, amount, lexicon, names))
    amount = amount.last or amount
    word, kind, skipped = tokens.word, tokens.kind, 0
    # What stands behind "/ 30 mL" is said of the 30 mL.
    stop = amount.over if amount.per == CARRIED else min(amount.unit_end + _FAR, tokens.size)
    for place in range(amount.unit_end, stop):
        this = word[place]
        if place < skipped or amount.over <= place < amount.end:
            continue
        if kind[place] != WORD:
            if this == "(" and ")" in word[place : place + 5]:
                skipped = word.index(")", place)
            elif (this == "/" and found.nearest == NAMED) or not (
                this in _TRANSPARENT or _is_inside(tokens, place)
            ):
                break  # "rosuvastatin 10 mg/ezetimibe 10 mg"
        elif this in _PHRASE_ENDS:
            break
        else:
            _note(found, place, _sense(tokens, place, lexicon, names))
    return found


def _words_near(tokens: Tokens, first: int) -> list[str]:
    start, stop = first, max(0, first - NEAR)
    kind, word = tokens.kind, tokens.word
    while start > stop and (kind[start - 1] is WORD or not _is_end(tokens, start - 1)):
        start -= 1
    return word[start:first]


def _is_end(tokens: Tokens, place: int) -> bool:
    """Whether a token ends what can be said of the amount behind it: a numeral, or the end of a sentence."""
    if tokens.word[place] in _SENTENCE_ENDS:
        return tokens.word[place] != "." or not _is_abbreviation(tokens, place)
    return tokens.kind[place] is NUMERAL


def _is_inside(tokens: Tokens, place: int) -> bool:
    """Whether a sign or numeral leaves a phrase going on: "0.9%", "c-kit+ cells", "CD34 cells"."""
    joined = tokens.glued(place)
    if tokens.kind[place] == NUMERAL:
        return tokens.word[place + 1] == "%" or (joined and tokens.kind[place - 1] == WORD)
    return joined and tokens.word[place] == "+" and not tokens.glued(place + 1)


def _note(found: Around, place: int, sense: str) -> None:
    """Note a word behind the amount."""
    word = found.tokens.word[place]
    if word.startswith("protein"):
        found.protein = True
    elif word.endswith(("lipid", "lipids")):
        found.lipid = True
    if sense != PLAIN:
        found.first = found.first or sense
        found.behind.setdefault(sense, place)


def _ahead(tokens: Tokens, amount: Amount, lexicon: Lexicon, names: frozenset[str]) -> dict[str, int]:
    """Senses of the words before an amount in its sentence, each with its nearest place.

    A name counts only where nothing but plain words stands between it and the amount; a comparator only where
    no "or" and no "versus" does.
    """
    senses: dict[str, int] = {}
    word, kind = tokens.word, tokens.kind
    adjacent, turned = True, False
    for place in range(amount.first - 1, max(amount.first - 1 - _FAR, -1), -1):
        this = word[place]
        if kind[place] != WORD:
            if this in _SENTENCE_ENDS and not (this == "." and _is_abbreviation(tokens, place)):
                break
            adjacent = adjacent and _is_light(tokens, place, amount.first)
            continue
        turned = turned or this in _TURNS
        sense = _sense(tokens, place, lexicon, names)
        if sense == PLAIN:
            adjacent = adjacent and this not in _TURNS
            continue
        if sense == NAMED and not (adjacent and not _is_taken(tokens, place, amount.first)):
            continue
        if (sense in (COMPARATOR, DILUENT) and turned) or (sense == COMPARATOR and word[place + 1] == "-"):
            continue
        adjacent = False
        senses.setdefault(sense, place)
    return senses


def _is_abbreviation(tokens: Tokens, point: int) -> bool:
    """Whether a point ends no sentence."""
    return tokens.glued(point + 1) or tokens.word[point - 1] in _ABBREVIATED


def _is_light(tokens: Tokens, place: int, first: int) -> bool:
    """Whether a sign or numeral leaves a name beside the amount: a bracket, a strength, a name's number."""
    this = tokens.word[place]
    if this in _LIGHT or (this == "," and place == first - 1):
        return True
    joined = place > 0 and tokens.kind[place - 1] == WORD and tokens.glued(place)
    if tokens.kind[place] != NUMERAL:
        return False
    dated = tokens.word[place - 1] in _DATES or tokens.word[place + 1] == "-"  # X: days 1-3: 5 mg
    return joined or dated or tokens.word[place + 1] == "%" or ends_a_name(tokens, place)


def _is_taken(tokens: Tokens, name: int, first: int) -> bool:
    """Whether a name before a comma belongs to an amount of its own: "1 mL of adrenaline, 40 mL"."""
    if tokens.word[first - 1] != ",":
        return False
    before = name - (tokens.word[name - 1] == "of") - 2
    return before >= 0 and tokens.kind[before] == NUMERAL and tokens.kind[before + 1] == WORD


def _sense(tokens: Tokens, place: int, lexicon: Lexicon, names: frozenset[str]) -> str:
    """The sense of a word; one that isn't known is a name, unless it is too short for one."""
    word, after = tokens.word[place], tokens.word[place + 1]
    if word in names:
        return OWN
    numbered = tokens.kind[place + 1] == NUMERAL and tokens.glued(place + 1)
    if numbered and len(after) > 2 and len(word) < 5:
        return NAMED  # M5717
    if after == "-" and len(word) < 5 and len(tokens.word[place + 2]) > 2 and ends_a_name(tokens, place + 2):
        return NAMED if tokens.kind[place + 2] == NUMERAL else lexicon.sense(word) or PLAIN  # BL-1040
    if word in _SPECIAL and (special := _special_sense(tokens, place, numbered)) is not None:
        return special
    known = lexicon.sense(word)
    if known is not None:
        return known
    return NAMED if numbered or (len(word) > 2 and not word.endswith("ly")) else PLAIN


def _special_sense(tokens: Tokens, place: int, numbered: bool) -> str | None:
    """The sense of a word that depends on the word beside it."""
    word = tokens.word[place]
    before, after = tokens.word[place - 1], tokens.word[place + 1]
    special = {
        "cm": (PLAIN, numbered or tokens.kind[place - 1] == NUMERAL or before in _OF_LENGTH),
        "free": (DILUENT, after == "of"),
        "medium": (PRODUCT, "conditioned" in tokens.word[max(0, place - 2) : place]),
        "ex": (PLAIN, after in ("vivo", "utero")),
        "aspirate": (CELLS, after.startswith("concentrat")),
    }
    sense, holds = special.get(_SPELLINGS.get(word, word), (SAMPLE, numbered and after == "2"))
    return sense if holds else None


def counted_thing(around: Around, lexicon: Lexicon) -> tuple[str | None, str]:
    """Unit of a power of ten that no unit follows, and why; None where nothing says what is counted."""
    tokens, amount = around.tokens, around.amount
    said = next((sense for sense in around.behind if sense in _COUNTED), None)
    if said is not None:
        return _COUNTED[said]
    if around.first in (NAMED, SAMPLE) or tokens.word[amount.unit_end] in _ORIGINS:
        return None, reasons.NO_UNIT_WORD
    for sense, place in around.ahead.items():
        if sense == PRODUCT and _is_linked(tokens, place, amount.first):
            return "cell", reasons.NO_UNIT_WORD_SOURCE
        if sense in _COUNTED:
            return _COUNTED[sense]
    nearby = tokens.word[max(0, amount.first - 4 * _FAR) : amount.end + 4 * _FAR]
    counted = (_counted_by(word, lexicon) for word in nearby if word.isalpha())
    return next(filter(None, counted), (None, reasons.NO_UNIT_WORD))


def _counted_by(word: str, lexicon: Lexicon) -> tuple[str, str] | None:
    """What a word elsewhere in the text says is counted."""
    unit = lexicon.units.words.get(word)
    if unit is not None and unit[0] in ("particle", "cell"):
        return unit[0], reasons.NO_UNIT_WORD
    return _COUNTED.get(lexicon.sense(word))


def substance(around: Around) -> str:
    """What is counted, weighed or measured (as ``doses.substance``)."""
    tokens, amount, unit = around.tokens, around.amount, around.unit
    if unit == "particle":
        within = tokens.word[amount.first : amount.unit_end + 1]
        of_virus = VIRUS in around.behind or (VIRUS in around.ahead and PRODUCT not in around.ahead)
        return "other" if of_virus or not _VIRAL.isdisjoint(within) else "particles"
    if unit == "cell":
        return "cell_equivalents" if _is_source(around) else "cells"
    if unit == "pmol":
        return "phospholipid" if around.lipid else "other"
    if unit == "ug" and (around.protein or tokens.word[amount.first - 1].startswith("protein")):
        return "protein"
    if _is_other_substance(around):
        return "other"
    return "mass_unspecified" if unit == "ug" else "product_volume"


def _is_other_substance(around: Around) -> bool:
    """Whether the words name a substance that is no product of vesicles or cells."""
    word, ahead, behind = around.tokens.word, around.ahead, around.behind
    endovenous = PRODUCT in behind and word[behind[PRODUCT]] == "ev" and around.nearest == NAMED
    if not endovenous and not behind.keys().isdisjoint((PRODUCT, CELLS, OWN)):
        return False
    if around.first is not None and not endovenous:
        return around.first in (NAMED, VIRUS)
    if around.nearest == OWN:
        return False
    if PRODUCT in ahead and _ADDED.isdisjoint(word[ahead[PRODUCT] : around.amount.first]):
        return False
    return around.nearest in (NAMED, VIRUS)


def _is_source(around: Around) -> bool:
    """Whether cells are what a product came from or equals, rather than what is given."""
    word, amount = around.tokens.word, around.amount
    behind_it = around.behind.get(PRODUCT)
    if behind_it is not None and _LINKS.isdisjoint(word[amount.unit_end : behind_it]):
        return True
    start = around.ahead.get(PRODUCT)
    if start is None:
        return "equivalent" in word[max(0, amount.first - 4) : amount.first]
    return _is_linked(around.tokens, start, amount.first)


def _is_linked(tokens: Tokens, product: int, first: int) -> bool:
    """Whether the words between a product and an amount say that it came from the amount, or equals it."""
    between = tokens.word[product + 1 : first]
    return not _LINKS.isdisjoint(between) and not {"and", "plus"} & set(between)
