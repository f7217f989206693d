"""The level that a text names beside an amount: low, middle, high, cohort 2 …

A list of names and a list of as many amounts go together in their order ("low, medium and high dose: 1, 2 and
4 × 10^8 respectively"); else an amount has the name that stands right before it, or in brackets behind it.
"""

from __future__ import annotations

from evdose.dosing.reading.amount import Amount
from evdose.dosing.reading.tokens import Tokens, words

_LEVELS = {
    "lowest": "lowest", "low": "low", "lower": "lower", "middle": "middle", "mid": "middle",
    "medium": "middle", "intermediate": "middle", "moderate": "middle", "high": "high", "higher": "higher",
    "highest": "highest",
    "loading": "loading", "maintenance": "maintenance", "initial": "initial", "starting": "starting",
}  # fmt: skip
_NUMBERED = {
    "cohort": "cohort", "cohorts": "cohort", "group": "group", "groups": "group", "arm": "arm", "arms": "arm",
    "level": "level", "levels": "level", "tier": "tier", "dose": "dose", "stage": "stage", "part": "part",
}  # fmt: skip
_LETTERS = words("a b c d e f g h i ii iii iv v")
_BETWEEN = words(", / - and or & dose doses")
_FAR = 14


def levels(tokens: Tokens, amounts: list[Amount]) -> list[str | None]:
    """The level of each amount, None for one that has none."""
    found: list[str | None] = []
    start = 0
    while start < len(amounts):
        last = amounts[start].last or amounts[start]
        end = start + 1
        while end < len(amounts) and amounts[end - 1] is not last:
            end += 1
        group = amounts[start:end]
        names = _names_of_list(tokens, group) if len(group) > 1 else None
        found += names or [_name(tokens, amount) for amount in group]
        start = end
    return found


def _names_of_list(tokens: Tokens, group: list[Amount]) -> list[str | None] | None:
    """As many names as a list has amounts, that stand together before or behind the list."""
    first, end = group[0].first, group[-1].end
    for start, stop in ((max(0, first - _FAR), first), (end, min(end + _FAR, tokens.size))):
        names = _run(tokens, start, stop)
        if len(names) == len(group):
            return list(names)
    return None


def _run(tokens: Tokens, start: int, stop: int) -> list[str]:
    """The names of levels between two places, where they make one list."""
    names: list[str] = []
    numbered = None
    for word in tokens.word[start:stop]:
        if word in _LEVELS:
            names.append(_LEVELS[word])
        elif word in _NUMBERED and not names:
            numbered = _NUMBERED[word]
        elif numbered is not None and word.isdecimal() and len(word) <= 2:
            names.append(f"{numbered} {word}")
        elif names and word not in _BETWEEN:
            break
    return names


def _name(tokens: Tokens, amount: Amount) -> str | None:
    """The name in brackets behind an amount, or else before it in its clause."""
    word, first = tokens.word, amount.first
    if word[amount.end] == "(" and (name := _name_at(tokens, amount.end + 1)) is not None:
        return name
    for place in range(first - 1, max(first - 6, -1), -1):
        if word[place] in ";.,":
            return None
        if word[place] in _LEVELS:
            return None if _is_in_a_list(tokens, place) else _LEVELS[word[place]]
        if place + 1 < first and (name := _name_at(tokens, place)) is not None:
            return name
    return None


def _name_at(tokens: Tokens, place: int) -> str | None:
    """The name that begins at a place: a level, or "cohort 2"."""
    word, number = tokens.word[place], tokens.word[place + 1]
    if word in _LEVELS:
        return _LEVELS[word]
    numbered = word in _NUMBERED and len(number) <= 2 and number.isalnum()
    return f"{_NUMBERED[word]} {number}" if numbered else None


def _is_in_a_list(tokens: Tokens, place: int) -> bool:
    """A level that other levels stand beside names none of the amounts by itself."""
    before = tokens.word[max(0, place - 3) : place]
    return not _LEVELS.keys().isdisjoint(before) and not {"and", "or", ",", "/"}.isdisjoint(before)
