"""Amounts that are measured or taken, not given: samples, laboratory values, weights, flows, assays."""

from __future__ import annotations

from itertools import pairwise

from evdose.dosing.reading.about import NAMED, NEAR, Around
from evdose.dosing.reading.denominator import LABORATORY, OTHER
from evdose.dosing.reading.lexicon import SAMPLE
from evdose.dosing.reading.tokens import words

SPECIMENS = ("sampl", "specimen", "biops", "aspirat", "aliquot")
GIVES = (
    "inject", "infus", "admin", "instil", "inhal", "receiv", "given", "treat", "transplant", "appl", "drip",
    "drink",
)  # fmt: skip
_TAKES = ("collect", "draw", "withdr", "taken", "obtain", "aspirat", "donat")
_HEAVIEST = 1e9  # 1 kg, in µg: more is a body weight
_HEAVY = 1e8  # 100 g of something unnamed: a weight
_HEAVY_PER_AREA = 3e7  # 30 g/m²: the mass of a ventricle
_NANOGRAM = ("ug", 1e-3)
_SPUN = words("at x ×")
_INSTRUMENTS = words("needle needles gauge syringe cannula trocar tuohy")
_GAUGES = range(10, 35)
_SHORT_TIME = words("min minute sec second")
_SEEDED = words("seeded plated passaged needed required detected")
_IS = words("is are was were be been will")
_TAKEN = words("harvested collected cultured isolated counted obtained frozen analysed analyzed")
_LEVELS = words("level levels value values concentration rate ratio is was be were")
_SOLVED = words(
    "a ad at the total of volume final : about approximately each additional another solution solutions"
    " normally usually"
)


def is_measured(around: Around) -> bool:
    """A sample, a laboratory value, a body measure, or what is needed for an assay."""
    tokens, amount, unit = around.tokens, around.amount, around.unit
    if amount.per == LABORATORY or _is_statistic(around):
        return True
    sample = around.ahead.get(SAMPLE)
    unsaid = around.first is None or (around.protein and around.first == NAMED)
    if unsaid and (is_adjacent(around, sample, _LEVELS) or (unit == "mL" and _is_drawn(around, sample))):
        return True
    if unit == "ug":
        return _is_weighed(around)
    if unit == "mL":
        return _is_flow(around)
    taken = around.first == SAMPLE and _IS.isdisjoint(tokens.word[amount.unit_end : around.behind[SAMPLE]])
    return taken or _is_processed(around)


def _is_drawn(around: Around, sample: int | None) -> bool:
    """A volume whose sentence speaks of a sample last, and of nothing that is given."""
    if sample is None or around.nearest != SAMPLE:
        return False
    window = around.tokens.word[max(0, sample - NEAR) : around.amount.first]
    return not _is_given(window) or any(word.startswith(_TAKES) for word in window)


def _is_statistic(around: Around) -> bool:
    """A result that is compared: "36.9 mL versus 62.5 mL, p < 0.001"."""
    end = around.amount.end
    behind = around.tokens.word[end : end + 2 * NEAR]
    return "p" in behind and any(one == "p" and two in ("<", "=") for one, two in pairwise(behind))


def _is_processed(around: Around) -> bool:
    """A count of what is grown or taken: "culture at a density of 10^5", "10^5 cells were harvested"."""
    if "density" in around.near and SAMPLE in around.ahead:
        return True
    end = around.amount.unit_end
    behind = around.tokens.word[end : end + NEAR + 2]
    if "." in behind:
        behind = behind[: behind.index(".")]
    if not _SEEDED.isdisjoint(behind[:4]):
        return True
    return any(one in _IS and two in _TAKEN for one, two in pairwise(behind))


def _is_weighed(around: Around) -> bool:
    """A mass that is measured: a weight, a specimen, a concentration in blood, g of a centrifuge."""
    word, amount, high = around.tokens.word, around.amount, around.high
    if high > _HEAVIEST or _is_centrifugal(around) or _is_gauge(around):
        return True
    if amount.per is not None and amount.per.startswith("mL"):
        return SAMPLE in around.ahead or amount.unit == ("ug", 1e-3)  # ng/mL is a level in blood
    if amount.per == OTHER and word[amount.over + 1] == "m" and high >= _HEAVY_PER_AREA:
        return True
    if high >= _HEAVY and around.first is None and around.nearest != NAMED:
        return True
    specimen = around.behind.get(SAMPLE)
    return around.first == SAMPLE or (specimen is not None and word[specimen].startswith(SPECIMENS))


def _is_centrifugal(around: Around) -> bool:
    tokens, amount = around.tokens, around.amount
    if tokens.word[amount.unit_end - 1] != "g" or amount.high.mantissa < 100:
        return False
    if tokens.word[amount.first - 1] in _SPUN or tokens.word[amount.unit_end] in ("for", "force"):
        return True
    start = tokens.start[amount.first]
    return "centrifug" in tokens.text[max(0, start - 200) : start + 200]


def _is_gauge(around: Around) -> bool:
    """The G of a needle."""
    tokens, amount = around.tokens, around.amount
    if tokens.word[amount.unit_end - 1] != "g" or amount.high.value not in _GAUGES:
        return False
    near = tokens.word[max(0, amount.first - 4) : amount.end + NEAR]
    return tokens.glued(amount.unit_end - 1) and not _INSTRUMENTS.isdisjoint(near)


def _is_flow(around: Around) -> bool:
    """A volume a minute that nothing says is given, or one a kg of predicted weight: blood, urine, breath."""
    word, amount = around.tokens.word, around.amount
    amount = amount.last or amount
    near = word[max(0, amount.first - 10) : amount.end + NEAR]
    if amount.per == "kg":
        a_minute = "min" in word[amount.over : amount.end] and not _is_given(near)
        return a_minute or "predicted" in near or "pbw" in near
    if amount.per != OTHER:
        return False
    if word[amount.over + 1] == "m" or "flow" in near or "output" in near:
        return True  # of a heart chamber, an artery, the kidneys
    return word[amount.end - 1] in _SHORT_TIME and not _is_given(near)


def _is_given(near: list[str]) -> bool:
    return any(word.startswith(GIVES) for word in near)


def is_adjacent(around: Around, place: int | None, passed: frozenset[str] = frozenset()) -> bool:
    """Whether nothing but a strength, brackets and plain connectives stands between a word and an amount."""
    if place is None:
        return False
    between = around.tokens.word[place + 1 : around.amount.first]
    if ")" in between and "(" in between[: between.index(")")]:  # lactated Ringer (LR) 20 mL
        between = between[: between.index("(")] + between[between.index(")") :]
    return all(word in _SOLVED or word in passed or not (word.isalpha() or word in ",;") for word in between)
