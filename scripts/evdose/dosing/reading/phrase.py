"""Phrases: patterns over the words of a text, all of them found in one pass.

pattern  = step , { [ "..." ] , step } ;
step     = choice , { "|" , choice } , [ "?" ] ;
choice   = word | compound | initials | East Asian words | sign ;
word     = letters , [ "*" ] ;
compound = letters , "-" , { letters , "-" } , word ;
initials = letter , "." , letter , "." , { letter , "." } ;
sign     = "/" | "(" | ")" | "+" | "&" | ":" | "." | "," ;

``...`` is a gap of up to four words of one clause; ``?``: the step may be missing; ``*``: any ending. The
parts of a compound may be hyphenated, apart or joined: ``intra-venous*``. Between two steps there may be a
space, a hyphen or an apostrophe. A phrase is sought only where that word of it stands which is rarest in the
patterns.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from itertools import chain, pairwise, product
from typing import NamedTuple

from evdose.dosing.reading.tokens import NUMERAL, Tokens

_GAP = "..."
_GAP_WORDS, _GAP_TOKENS = 4, 10
_STOPS_A_GAP = frozenset(
    {
        ".",
        ";",
        ":",
        ",",
        "according",
        "patients",
        "subjects",
        "participants",
        "treat",
        "treating",
        "treatment",
    }
)
_FEWEST_LETTERS = 4  # before a "*"; so many letters of a word say whether a phrase may be sought at it
_EVERYWHERE = frozenset({"a", "the", "to", "in", "on", "of", "or", "and", "by", "at", "as", "with", "into"})
_SIGNS = frozenset("/()+&:.,")
_CHOICE = re.compile(r"[a-z]+(?:-[a-z]+)*\*?|(?:[a-z]\.){2,}|[^\x00-\x7f\W\d_]+|[/()+&:.,]")


class PatternError(ValueError):
    """A pattern that breaks the grammar: ``what`` is wrong, and the ``remedy``."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


class Step(NamedTuple):
    """The words that may stand at one place, in full or by their beginning, and whether a gap leads to it."""

    words: frozenset[str]
    beginnings: tuple[str, ...]
    gap: bool = False

    def holds(self, word: str) -> bool:
        """Whether a word may stand here."""
        return word in self.words or word.startswith(self.beginnings)


class Pattern(NamedTuple):
    """A pattern as the sequences of steps that it stands for, and the parts of its compounds."""

    sequences: tuple[tuple[Step, ...], ...]
    compounds: tuple[tuple[str, ...], ...]


class Match(NamedTuple):
    """A phrase found: the rank of its pattern, its first token, the token after it, and what it means."""

    rank: int
    first: int
    end: int
    meaning: Hashable


class _Phrase(NamedTuple):
    """A sequence seen from one of its steps: those before it, backwards, and those behind it."""

    rank: int
    before: tuple[Step, ...]
    behind: tuple[Step, ...]
    meaning: Hashable


class PhraseIndex:
    """Patterns, each with a meaning, by the rarest of their words; their order is their rank."""

    def __init__(self, patterns: Sequence[tuple[Pattern, Hashable]]) -> None:
        self._words: dict[str, list[_Phrase]] = defaultdict(list)
        self._beginnings: dict[str, list[_Phrase]] = defaultdict(list)
        self._learn_phrases(patterns)
        compounds = [parts for pattern, _ in patterns for parts in pattern.compounds]
        forms = {"".join(parts) for parts in compounds}
        self._openers = {"".join(parts[:count]) for parts in compounds for count in range(1, len(parts))}
        self._compounds = frozenset(forms)
        self._compound_beginnings = tuple(form[:-1] for form in forms if form.endswith("*"))
        # By the first letters of a word: how long the beginnings of words are that it may have.
        openings = (*(parts[0] for parts in compounds), *self._words, *self._beginnings)
        self._lengths: dict[str, set[int]] = {opening[:_FEWEST_LETTERS]: set() for opening in openings}
        for beginning in self._beginnings:
            self._lengths[beginning[:_FEWEST_LETTERS]].add(len(beginning))

    def find(self, tokens: Tokens) -> list[Match]:
        """Every phrase of a text by rank, then by place; phrases of different patterns may overlap."""
        lengths = self._lengths
        if lengths.keys().isdisjoint([word[:_FEWEST_LETTERS] for word in tokens.word]):
            return []
        words, firsts, ends = self._joined(tokens)
        found = []
        for place, word in enumerate(words):
            if (sizes := lengths.get(word[:_FEWEST_LETTERS])) is None:
                continue
            for phrase in self._sought_at(word, sizes):
                rank, before, behind, meaning = phrase
                end = _reach(behind, words, place, 1) if behind else place
                if end is None:
                    continue
                first = _reach(before, words, place, -1) if before else place
                if first is not None:
                    found.append(Match(rank, firsts[first], ends[end], meaning))
        found.sort(key=lambda match: (match.rank, match.first, -match.end))
        return found

    def _learn_phrases(self, patterns: Sequence[tuple[Pattern, Hashable]]) -> None:
        sequences = [
            (rank, sequence, meaning)
            for rank, (pattern, meaning) in enumerate(patterns)
            for sequence in pattern.sequences
        ]
        uses = Counter(word for _, sequence, _ in sequences for step in sequence for word in _keys(step))

        def weight(step: Step) -> tuple[int, int]:
            return len(step.words & (_EVERYWHERE | _SIGNS)), sum(uses[word] for word in _keys(step))

        for rank, sequence, meaning in sequences:
            at = min(range(len(sequence)), key=lambda place: weight(sequence[place]))
            phrase = _Phrase(rank, _backwards(sequence[: at + 1]), sequence[at + 1 :], meaning)
            for word in sequence[at].words:
                self._words[word].append(phrase)
            for beginning in sequence[at].beginnings:
                self._beginnings[beginning].append(phrase)

    def _sought_at(self, word: str, sizes: set[int]) -> list[_Phrase]:
        phrases = self._words.get(word, [])
        for size in sizes:
            if size <= len(word) and (more := self._beginnings.get(word[:size])):
                phrases = phrases + more
        return phrases

    def _joined(self, tokens: Tokens) -> tuple[list[str], list[int], list[int]]:
        """Words without hyphens and apostrophes, compounds joined; the first token of each, and the next."""
        words, firsts, ends = [], [], []
        word, kind, openers, place = tokens.word, tokens.kind, self._openers, 0
        while place < tokens.size:
            this, after = word[place], place + 1
            if this in openers:
                this, after = self._compound(tokens, place)
            elif kind[after] == NUMERAL and this in self._words and tokens.glued(after):
                # "po2", "iv1" are no abbreviations of a route.
                this, after = this + word[after], after + 1
            if this not in "-'":
                words.append(this)
                firsts.append(place)
                ends.append(after)
            place = after
        words.append("")
        return words, firsts, ends

    def _compound(self, tokens: Tokens, place: int) -> tuple[str, int]:
        """The longest compound that begins at a token, joined, and the next token; else the word alone."""
        word, form, after = tokens.word, tokens.word[place], place + 1
        found = form, after
        while form in self._openers and after < tokens.size:
            sign = word[after] if word[after] in ("-", ".") else ""
            after += bool(sign)
            form += sign.strip("-") + word[after]
            after += 1
            if form in self._compounds or form.startswith(self._compound_beginnings):
                closed = sign == "." and word[after] == "." and tokens.glued(after)
                found = form, after + closed
        return found


def parse(pattern: str) -> Pattern:
    """Read one pattern.

    Raises:
        PatternError: it breaks the grammar.
    """
    parts = pattern.split()
    if not parts or _GAP in (parts[0], parts[-1]):
        raise PatternError("a pattern begins and ends with a word", "write a word there, or remove the gap")
    if (_GAP, _GAP) in pairwise(parts):
        raise PatternError("two gaps follow one another", "remove one")
    sequences = tuple(_sequence(chosen) for chosen in product(*map(_variants, parts)))
    choices = [choice for part in parts if part != _GAP for choice in _choices(part)]
    return Pattern(sequences, tuple(_parts(choice) for choice in choices if len(_parts(choice)) > 1))


def _sequence(chosen: Sequence[list[Step | None]]) -> tuple[Step, ...]:
    sequence, gap = [], False
    for step in chain.from_iterable(chosen):
        if step is not None:
            sequence.append(step._replace(gap=gap))
        gap = step is None
    if not sequence or gap or sequence[0].gap:
        raise PatternError("a pattern begins and ends with a word", "remove a '?' there")
    return tuple(sequence)


def _variants(part: str) -> list[list[Step | None]]:
    """What may stand in the place of a step: one of its words, characters, or nothing; None is a gap."""
    if part == _GAP:
        return [[None]]
    words, beginnings, variants = set(), [], []
    for choice in _choices(part):
        if not choice.isascii():
            variants.append([Step(frozenset(character), ()) for character in choice])
        elif choice.endswith("*"):
            beginnings.append(choice[:-1].replace("-", ""))
        else:
            words.add("".join(_parts(choice)))
    if words or beginnings:
        variants.append([Step(frozenset(words), tuple(beginnings))])
    return [*variants, []] if part.endswith("?") else variants


def _choices(part: str) -> list[str]:
    choices = part.removesuffix("?").split("|")
    for choice in choices:
        if not _CHOICE.fullmatch(choice):
            remedy = "write lower-case words, '*' at the end of one, '|' between choices, '?' behind a step"
            raise PatternError(f"{choice!r} is no word", remedy)
        if choice.endswith("*") and len(choice) <= _FEWEST_LETTERS:
            raise PatternError(f"{choice!r} begins too many words", "write at least four letters before '*'")
    return choices


def _parts(choice: str) -> tuple[str, ...]:
    """Parts of a compound as they stand in its joined form: ``intra``, ``venous*``; ``i``, ``.v``."""
    if choice[1:2] == "." and choice.endswith("."):
        first, *rest = choice[:-1].split(".")
        return (first, *(f".{letter}" for letter in rest))
    return tuple(choice.split("-"))


def _keys(step: Step) -> Iterator[str]:
    return chain(step.words, step.beginnings)


def _backwards(sequence: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps before the last one as they are met on the way back."""
    met = zip(reversed(sequence[:-1]), reversed(sequence), strict=False)
    return tuple(step._replace(gap=following.gap) for step, following in met)


def _reach(steps: tuple[Step, ...], words: list[str], place: int, stride: int) -> int | None:
    """Place of the last of the steps that follow a place, forwards or back; None where one isn't there."""
    for number, step in enumerate(steps):
        if step.gap:
            rest = steps[number + 1 :]
            ends = (_reach(rest, words, at, stride) for at in _beyond_gap(step, words, place, stride))
            return next((end for end in ends if end is not None), None)
        place += stride
        if not step.holds(words[place]):
            return None
    return place


def _beyond_gap(step: Step, words: list[str], place: int, stride: int) -> Iterator[int]:
    passed = 0
    for at in range(place + stride, place + stride * (_GAP_TOKENS + 1), stride):
        if not 0 <= at < len(words):
            return
        if step.holds(words[at]):
            yield at
        passed += words[at].isalpha()
        if passed > _GAP_WORDS or words[at] in _STOPS_A_GAP:
            return
