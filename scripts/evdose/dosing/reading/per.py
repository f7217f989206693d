"""What an amount without a denominator behind it is per: a total, a day, a site, an administration …"""

from __future__ import annotations

from evdose.dosing.reading.about import NEAR, Around
from evdose.dosing.reading.amount import Amount
from evdose.dosing.reading.denominator import EACH, site_before
from evdose.dosing.reading.measured import GIVES
from evdose.dosing.reading.numeral import WORD_NUMBERS
from evdose.dosing.reading.tokens import NUMERAL, WORD, Tokens, words

_FORMS = ("tablet", "capsule", "pill", "sachet", "vial", "ampoule", "tab", "cap")
_OF_FORMS = words("oral film coated - extended release prolonged")
_HOLDS = words("of contain contains containing")
_GIVEN = (
    *GIVES, "tak", "dose", "dosing", "daily", "once", "twice", "thrice", "every", "day", "week", "bid", "tid",
    "qd", "od", "per", "morning", "night", "ingest", "swallow",
)  # fmt: skip
_DOSES, _TIMES = words("dose doses"), words("once twice times")
_OF_SOMETHING_ELSE = words(
    "and or plus with , ) in then followed doses injections infusions sessions treatments"
)
_PERSONS = words("patient participant subject person")


def denominator_before(around: Around) -> str:
    """Denominator of an amount that has none behind it: of a total, a day, or else an administration."""
    amount, near = around.amount, around.near
    if _is_total(around):
        return "total"
    if _is_daily(around):
        return "day"
    if not EACH.isdisjoint(near) and (site := site_before(near)) is not None:
        return site
    if amount.unit is not None and amount.unit[0] == "ug" and _is_strength_alone(around):
        return "none"
    return "administration"


def is_total_of_person(around: Around) -> bool:
    """``a total of 5 million cells per patient``: of the two, the total decides."""
    amount = around.amount
    return not _PERSONS.isdisjoint(around.tokens.word[amount.over : amount.end]) and _is_total(around)


def _is_total(around: Around) -> bool:
    """Whether it is said so: "5 mg total", "5 mg divided into two", "a total of 5 mg"; not "total volume"."""
    tokens, amount, near = around.tokens, around.amount, around.near
    if tokens.word[amount.unit_end] == "total" and tokens.kind[amount.unit_end + 1] != WORD:
        return True
    later = tokens.word[amount.end : amount.end + NEAR]
    if "divided" in later or "split" in later:
        return True
    if "total" not in near or "daily" in near:
        return False
    behind = near[len(near) - near[::-1].index("total") :]
    volume = "volume" in tokens.word[max(0, amount.first - NEAR) : amount.first]
    return not volume and _OF_SOMETHING_ELSE.isdisjoint(behind)


def _is_daily(around: Around) -> bool:
    """Whether it is said so: "a daily dose of 5 mg", "a 5 mg daily dose"; "5 mg once daily" is a schedule."""
    word, amount, near = around.tokens.word, around.amount, around.near
    if "daily" in near and not _DOSES.isdisjoint(near) and _TIMES.isdisjoint(near):
        return True
    return word[amount.unit_end] == "daily" and word[amount.unit_end + 1] == "dose"


def _is_strength_alone(around: Around) -> bool:
    """Whether it is a marketed form's, and nothing says that it is given: "each vial contains 10 mg"."""
    word, amount = around.tokens.word, around.amount
    end = (amount.last or amount).unit_end
    behind = next((this for this in word[end : end + 4] if this not in _OF_FORMS), "")
    before = amount.first - 1
    if not behind.startswith(_FORMS):
        if _HOLDS.isdisjoint(word[max(before - NEAR, 0) : before + 1]):
            return False
        places = range(before, max(before - NEAR, 0), -1)
        holds = next((at for at in places if word[at] in _HOLDS and word[at - 1].startswith(_FORMS)), None)
        if holds is None or word[holds - 2] in WORD_NUMBERS:
            return False
    elif word[before] in WORD_NUMBERS or word[before].isdecimal():
        return False
    near = word[max(0, amount.first - 15) : amount.end + 15]
    return not any(this.startswith(_GIVEN) for this in near)


def number_of_forms(tokens: Tokens, amount: Amount) -> float | None:
    """How many tablets an amount is the strength of, 0 where that isn't said; None where it is of none."""
    word, first = tokens.word, amount.first
    if word[amount.unit_end].startswith(_FORMS):
        before = first - 1
    elif word[first - 1] in ("of", "containing") and word[first - 2].startswith(_FORMS):
        before = first - 3
    else:
        return None
    if before < 0:
        return 0.0
    return tokens.value[before] if tokens.kind[before] == NUMERAL else WORD_NUMBERS.get(word[before], 0.0)
