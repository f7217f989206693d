"""The role of an amount, by the words around it: a dose, a cap, a sample, what the other arm is given …

A dose is what remains: every other role needs a word or a sign that says so.
"""

from __future__ import annotations

from itertools import pairwise

from evdose.dosing.reading.about import (
    CAP,
    CARRIER,
    CELL_VOLUME,
    CHANGE,
    CONTAINER,
    DOSE,
    NAMED,
    NEAR,
    OTHER_ARM,
    OTHER_STUDY,
    OWN,
    RATE,
    SAMPLE_OR_ASSAY,
    VOLUME,
    Around,
)
from evdose.dosing.reading.amount import COUNTED
from evdose.dosing.reading.lexicon import CELLS, COMPARATOR, DILUENT, PRODUCT, SAMPLE, VIRUS
from evdose.dosing.reading.measured import SPECIMENS, is_adjacent, is_measured
from evdose.dosing.reading.tokens import words

_CAPS = words("max maximum maximal maximally capped exceed exceeding exceeds exceeded limit")
_COMPARED = words("more less greater lower higher fewer larger smaller better")
_BOUND_PAIRS = words("up-to cap-of cap-at at-most limited-to restricted-to excess-of")
_BOUNDING = frozenset(pair.split("-")[0] for pair in _BOUND_PAIRS)
_SIGNS = frozenset("<>≤≥")
_BEYOND = words("above below beyond")
_BOUNDS_BEHIND = _COMPARED | _BEYOND
_OF_LENGTH = words("diameter length size thickness")
_CHANGES = ("increas", "decreas", "reduc", "titrat", "escalat", "rais", "lower", "increment")
_JOINS = words(", + and plus /")
_JOINS_BEHIND = _JOINS | {"with"}
_SOLVES = words("in with by into of and to + or")
_OF_DILUENTS = words("normal sterile isotonic physiological sodium")
_ANIMALS = words("mice mouse rats piglets pigs monkeys rabbits dogs")
_REPORTED = words("shown showed reported demonstrated")
_ELSEWHERE = _ANIMALS | _REPORTED
_REPORTING = words("have has had study studies trial trials was were been al authors data we")
_CARRIED_IN = words("in with into per volume to reach reaches total / (")
_BETWEEN = words("a ad at the total of volume final : about approximately each additional another")
_TIME = words("min minute h hr hour")
_VESSELS = ("vial", "bag", "bottle")


def role(around: Around) -> str:
    """The role of an amount: a dose, unless the words beside it say otherwise."""
    for holds, standing in _ROLES:
        if holds(around):
            return standing
    if around.unit in ("mL", "drop"):
        return _role_of_volume(around)
    diluent = around.first == DILUENT or is_adjacent(around, around.ahead.get(DILUENT))
    return OTHER_ARM if around.unit == "ug" and diluent else DOSE


def _is_bounded(around: Around) -> bool:
    """A cap, or one side of a threshold: "up to", "maximum of", ">", "greater than", "10 mg or more"."""
    word, amount = around.tokens.word, around.amount
    before = amount.first - 1
    before -= word[before] == "="
    if before >= 0 and word[before] in _SIGNS:
        given = around.unit in COUNTED and word[before] in ">≥" and word[before - 1] in ("(", "of", "dose")
        return not given  # "NK cells (>5×10^9)"
    if before >= 0 and word[before] in _BEYOND:
        return True
    if word[amount.end] == "or" and word[amount.end + 1] in _BOUNDS_BEHIND:
        return True
    near = around.near
    if not _CAPS.isdisjoint(near):
        return _OF_LENGTH.isdisjoint(near)
    if "than" in near and not _COMPARED.isdisjoint(near):
        return True
    return not _BOUNDING.isdisjoint(near) and any(
        f"{one}-{two}" in _BOUND_PAIRS for one, two in pairwise(near)
    )


def _is_change(around: Around) -> bool:
    """By how much a dose is changed: "increased by 5 mg", "increments of 5 mg"."""
    near = around.near
    if not near or near[-1] not in ("by", "of"):
        return False
    changing = near[-2:-1] if near[-1] == "of" else near
    return any(word.startswith(_CHANGES) for word in changing)


def _is_of_comparator(around: Around) -> bool:
    """Whether a placebo or comparator stands beside it, and not beside the next name: "placebo, X 5 mg"."""
    word = around.tokens.word
    behind = around.behind.get(COMPARATOR)
    if behind is not None and around.first == COMPARATOR and word[behind - 1] != "/":
        return True
    place = around.ahead.get(COMPARATOR)
    if place is None:
        return False
    named = around.ahead.get(NAMED, -1)
    of_name = named > place and not _JOINS.isdisjoint(word[place + 1 : named])
    between = word[place + 1 : around.amount.first]
    return not of_name and not (around.first == NAMED and not _JOINS_BEHIND.isdisjoint(between))


def _is_of_other_study(around: Around) -> bool:
    """A dose that animals were given, or that was reported: it explains, and is none of this trial."""
    word, amount = around.tokens.word, around.amount
    start = max(0, amount.first - 2 * NEAR)
    about = word[start : amount.end + NEAR]
    if _ELSEWHERE.isdisjoint(about):
        return False
    if not _ANIMALS.isdisjoint(about):
        return True
    before = word[start : amount.first]
    return any(one in _REPORTING and two in _REPORTED for one, two in pairwise(before))


_ROLES = (
    (_is_bounded, CAP),
    (_is_change, CHANGE),
    (is_measured, SAMPLE_OR_ASSAY),
    (_is_of_comparator, OTHER_ARM),
    (_is_of_other_study, OTHER_STUDY),
)


def _role_of_volume(around: Around) -> str:
    """The role of a volume: of the product, of a diluent, of a sample, or of what carries the dose."""
    word, behind = around.tokens.word, around.behind
    if _is_container(around):
        return CONTAINER
    specimen = SAMPLE in behind and word[behind[SAMPLE]].startswith(SPECIMENS)
    if specimen or word[around.amount.first - 1] == "from":
        return SAMPLE_OR_ASSAY
    # "saline 5 mL and 10 mL of exosomes"
    listed = around.amount.last is not None and is_adjacent(around, around.ahead.get(DILUENT))
    if not listed and PRODUCT in behind and behind[PRODUCT] < behind.get(DILUENT, len(word)):
        return DOSE
    if listed or DILUENT in behind or (around.first is None and _is_of_diluent(around)):
        return OTHER_ARM
    return SAMPLE_OR_ASSAY if SAMPLE in behind else _role_of_other_volume(around)


def _is_of_diluent(around: Around) -> bool:
    """A volume beside a diluent, or of one that is given by itself: "saline will be injected, 5 mL"."""
    place = around.ahead.get(DILUENT)
    if is_adjacent(around, place):
        return True
    if place is None or len(around.ahead) > 1:
        return False
    before = around.tokens.word[max(0, place - NEAR) : place]
    while before and (before[-1] in _OF_DILUENTS or not before[-1].isalpha()):
        before.pop()
    return not before or before[-1] not in _SOLVES


def _role_of_other_volume(around: Around) -> str:
    """The role of a volume of no sample and no diluent."""
    word, amount = around.tokens.word, around.amount
    if _is_carried_in(around):
        return CARRIER
    if amount.per == "other" and word[amount.end - 1] in _TIME:
        return RATE
    said = around.first
    if said is None and is_adjacent(around, max(around.ahead.values(), default=None)):
        said = around.nearest
    if said == CELLS or (CELLS in around.behind and OWN not in around.behind):
        return CELL_VOLUME
    return DOSE if said in (NAMED, OWN, VIRUS, PRODUCT) else VOLUME


def _is_container(around: Around) -> bool:
    """The size of a syringe, or of a vial ("the 4-mL vial")."""
    word, amount = around.tokens.word, around.amount
    near = word[amount.unit_end : amount.unit_end + 3]
    if any(this.startswith("syringe") for this in (*near, *word[max(0, amount.first - 2) : amount.first])):
        return True
    return word[amount.unit_end - 2] == "-" and any(this.startswith(_VESSELS) for this in near)


def _is_carried_in(around: Around) -> bool:
    word, place = around.tokens.word, around.amount.first - 1
    while place >= 0 and word[place] in _BETWEEN:
        if word[place] == "total":
            return True
        place -= 1
    return place >= 0 and word[place] in _CARRIED_IN
