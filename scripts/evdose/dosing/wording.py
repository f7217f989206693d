"""What the words beside an amount say: what it counts, of which substance, and in which role it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass

from evdose.dosing import reasons

DOSE, CARRIER, CAP = "dose", "carrier volume", "cap"
DILUENT, MATERIAL = "diluent, placebo or comparator", "sample, tissue or assay"

_PRODUCT = re.compile(
    r"exo(?:some|s?\b|flo|soma)|vesicle|\bs?evs?\b|secret(?:ome|ion)|conditioned medi|\bcm\b|culture medi"
    r"|supernatant|nano ?particle|zofin|ev-pure|extracellular|\bi\.?m?p\b|investigational product|apov"
)
_DILUENT = re.compile(
    r"saline|\bna ?cl\b|\bpbs\b|placebo|ringer|plasma-?lyte|\bhsa\b|albumin|vehicle|\bwater\b|buffer|glucose"
    r"|dextrose|hyaluronic|free of|\bha\b|triamcinolone|growth medium"
)
_DILUENT_BEFORE = re.compile(r"(?:saline|pbs|nacl|water|placebo|buffer)\W*$")
_MATERIAL = re.compile(
    r"\btissue|\bfat\b|\bblood\b|\burine\b|\bsamples?\b|\bspecimens?\b|inhibitor|aspirate|mitochondria"
)
_MATERIAL_BEFORE = re.compile(r"\b(?:samples?|specimens?|urine|withdrawn)\W*$")
_ASSAY = re.compile(r"purification|isolation")
_VIRUS = re.compile(r"\bvir(?:al|us)|genome|phage|\bvp\b|particle units")
_CAP = re.compile(
    r"(?:\bmax(?:imum|imal|imally|\.)?|\bcap(?:ped)?|not (?:to )?exceed(?:ing)?|up to)(?: \w+){0,3} ?$"
)
_CARRIED_IN = re.compile(
    r"(?:\b(?:in|with|into|per|volume|to|of total)|total|[/(])(?: (?:a|the|total|of|volume|final)|\s|:)*$"
)
_CELLS_OF_PRODUCT = re.compile(
    r"(?:(?:exo(?:some)?s?\b|vesicles?|evs?\b|supernatant|secretome|medi(?:um|a)|content|product|equivalent)\W"
    r".{0,40}(?:from|of|to|containing|carrying|equal)|(?:produced|derived) from|equivalent to)\b[^.;]{0,24}$"
)
_PRODUCT_OF_CELLS = re.compile(
    r"(?:/kg )?(?:of )?[\w-]*(?:-| )(?:exo?s?|exosomes?|evs?|secretome|vesicles)\b"
)
_TOTAL = re.compile(r"\b(?:in )?total(?: (?:dose|amount|quantity))?(?: of)? ?:? ?$")
_DAILY = re.compile(r"\bdaily (?:dose|amount)(?: of)?:? ?$")
_FROM_SOURCE = re.compile(r"(?:produced|derived|obtained) from\W*$")
_CELLS_BEFORE = re.compile(r"\b(?:cells?|[\w-]*mscs?)\W*$")
_CLAUSE_END = re.compile(r"[,;]\s|\.\s|\(|(?<![\d.,])\d+(?:[.,]\d+)?(?![\d.,]|\s?%)")
_PHRASE_END = re.compile(r"\b(?:from|in|with|and|plus|diluted|dissolved|suspended)\b")
_HEAVIEST = 1e9  # 1 kg, in ug: more is a centrifugal force or a body weight
_NEAR, _FAR = 32, 72


@dataclass(frozen=True, slots=True)
class Wording:
    """The text before an amount, the amount with its unit, and the rest of its clause after it."""

    before: str
    within: str
    after: str


def wording(text: str, start: int, end: int) -> Wording:
    """The words beside ``text[start:end]``, no further than an amount can reach."""
    after = _CLAUSE_END.split(text[end : end + _FAR], maxsplit=1)[0]
    return Wording(text[max(0, start - _FAR) : start], text[start:end], after)


def counted_thing(words: Wording) -> tuple[str, str]:
    """Unit of a number with a power of ten and no unit word, and the reason."""
    if _FROM_SOURCE.search(words.before):
        return "cell", reasons.NO_UNIT_WORD_SOURCE
    if _CELLS_BEFORE.search(words.before):
        return "cell", reasons.NO_UNIT_WORD_CELLS
    return "particle", reasons.NO_UNIT_WORD


def denominator_before(words: Wording, is_volume: bool) -> str:
    """Denominator of an amount that has none behind it."""
    if _TOTAL.search(words.before) and not is_volume:
        return "total"
    return "day" if _DAILY.search(words.before) else "administration"


def substance(unit: str, words: Wording) -> str:
    """What is counted, weighed or measured (as ``doses.substance``)."""
    near = words.within + words.after[:_NEAR]
    if unit == "particle":
        return "other" if _VIRUS.search(near) else "particles"
    if unit == "cell":
        # "EVs from 10^7 MSCs" names the product before the cells, "1 million cells/kg MSC-EX" behind them.
        named = _CELLS_OF_PRODUCT.search(words.before) or _PRODUCT_OF_CELLS.match(words.after.strip())
        return "cell_equivalents" if named else "cells"
    if unit == "ug":
        of_protein = "protein" in near or words.before.rstrip().endswith("protein")
        return "protein" if of_protein else "mass_unspecified"
    if unit == "pmol":
        return "phospholipid" if "lipid" in near else "other"
    return "product_volume"


def role(unit: str, high: float, words: Wording) -> str:
    """The role of an amount: a dose, unless the words beside it say otherwise."""
    if _CAP.search(words.before):
        return CAP
    too_heavy = unit == "ug" and high > _HEAVIEST
    if too_heavy or _ASSAY.search(words.after) or _MATERIAL_BEFORE.search(words.before):
        return MATERIAL
    return _role_of_volume(words) if unit in ("mL", "drop") else DOSE


def _role_of_volume(words: Wording) -> str:
    phrase = _PHRASE_END.split(words.after, maxsplit=1)[0]
    product, diluent = _PRODUCT.search(phrase), _DILUENT.search(phrase)
    if product and not (diluent and diluent.start() < product.start()):
        return DOSE
    if diluent or _DILUENT_BEFORE.search(words.before):
        return DILUENT
    if _MATERIAL.search(phrase):
        return MATERIAL
    return CARRIER if _CARRIED_IN.search(words.before) else DOSE
