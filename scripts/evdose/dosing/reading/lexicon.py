"""The words that the reader knows: units (config/units.txt), what others say (config/wording.yaml)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from evdose.documents import check_document, read_yaml
from evdose.dosing.reading.tokens import WORD, Tokens
from evdose.dosing.reading.units import Units, read_units
from evdose.settings import published_schema

PRODUCT, CELLS, VIRUS, DILUENT = "product", "cells", "virus", "diluent"
COMPARATOR, SAMPLE, PLAIN = "comparator", "sample", "plain"
_FIRST_LETTERS = 2
_SENSES = (PRODUCT, CELLS, VIRUS, DILUENT, COMPARATOR, SAMPLE, PLAIN)
_MOST_SEEN = 50_000


@dataclass(frozen=True)
class Lexicon:
    """Units, and the senses of words: ``words`` in full, ``beginnings`` by their first letters, ``endings``.

    A beginning or ending stands with its sense.
    """

    units: Units
    words: dict[str, str]
    beginnings: dict[str, tuple[tuple[str, str], ...]]
    endings: tuple[tuple[str, str], ...]
    seen: dict[str, str | None] = field(default_factory=dict, repr=False, compare=False)

    def sense(self, word: str) -> str | None:
        """What a word of a cleaned text says; None for one that isn't known (a name, most often)."""
        try:
            return self.seen[word]
        except KeyError:
            if len(self.seen) > _MOST_SEEN:
                self.seen.clear()
            sense = self.seen[word] = self._look_up(word)
            return sense

    def _look_up(self, word: str) -> str | None:
        known = self.words.get(word)
        if known is not None:
            return known
        for beginning, sense in self.beginnings.get(word[:_FIRST_LETTERS], ()):
            if word.startswith(beginning):
                return sense
        if word.endswith(self.units.endings):
            return CELLS if self.units.of_ending(word)[0] == "cell" else PRODUCT
        return next((sense for ending, sense in self.endings if word.endswith(ending)), None)

    def unit(self, tokens: Tokens, index: int) -> tuple[str, float, int] | None:
        """Unit whose spelling begins at a token: its name in ``doses``, how many of it, the index after."""
        word = tokens.word[index]
        if word in self.units.beginnings:
            then = index + 1 + (tokens.word[index + 1] == "-")
            if (found := self.units.words.get(word + tokens.word[then])) is not None:
                return *found, _after_possessive(tokens, then + 1)
        if not word.isascii():
            return self._east_asian_unit(tokens, index)
        found = self.units.words.get(word)
        if found is None:
            if tokens.kind[index] != WORD or not word.endswith(self.units.endings):
                return None
            found = self.units.of_ending(word)
        return *found, _after_possessive(tokens, index + 1)

    def _east_asian_unit(self, tokens: Tokens, index: int) -> tuple[str, float, int] | None:
        for size in (4, 3, 2, 1):
            if (found := self.units.words.get("".join(tokens.word[index : index + size]))) is not None:
                return *found, index + size
        return None


def _after_possessive(tokens: Tokens, at: int) -> int:
    return at + 2 if tokens.word[at] == "'" and tokens.word[at + 1] == "s" else at


def read_lexicon(units: str | Path, wording: str | Path) -> Lexicon:
    """Read the units and the wording.

    Raises:
        InputError: one of the files can't be read or breaks its schema.
    """
    document = read_yaml(wording)
    check_document(document, published_schema("wording"))
    words: dict[str, str] = {}
    beginnings: dict[str, list[tuple[str, str]]] = {}
    endings: list[tuple[str, str]] = []
    for sense in reversed(_SENSES):
        for word in document.data[sense]:
            if word.endswith("*"):
                beginnings.setdefault(word[:_FIRST_LETTERS], []).insert(0, (word[:-1], sense))
            elif word.startswith("*"):
                endings.insert(0, (word[1:], sense))
            else:
                words[word] = sense
    starting = {letters: tuple(found) for letters, found in beginnings.items()}
    return Lexicon(read_units(units), words, starting, tuple(endings))
