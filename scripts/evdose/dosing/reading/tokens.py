"""Tokens of a cleaned text: words, numerals and signs, each with its place.

word    = letter , { letter } | East Asian word of the units ;
numeral = digits , [ decimal mark , digits ] | digits , { thousands mark , three digits } ;
sign    = any other character but white space ;
"""

from __future__ import annotations

import re

WORD, NUMERAL, SIGN, END = "word", "numeral", "sign", ""

# No numeral that a person writes is longer; without a limit, a megabyte of digits would be one number.
_LONGEST_NUMERAL = 24
_LOOKAHEAD = 8
_NUMERAL_GROUP = 2
_KINDS = (END, WORD, NUMERAL, WORD, SIGN)  # by the group of the pattern
_NO_KINDS, _NO_WORDS = [END] * _LOOKAHEAD, [""] * _LOOKAHEAD
_TOKEN = re.compile(
    r"""
      ([a-z]+)
    | ( \d{1,3}(?:,\d{3}){1,4}(?:\.\d+)?(?![\d,]{0,24}\d)
      | \d{1,3}(?:\ \d{3}){2,5}(?!\d)
      | \d{1,3}(?:\.\d{3}){2,5}(?!\d)
      | \d+(?:\.(?!10\s?\^)|·(?!10\s?[\^e(]))\d+
      | 0,\d+(?![,.\d])
      | (?<!\d,)\d+,\d{1,2}(?!\d|[.,]\d|\s?(?:and|or|&)\s?\d)
      | \d+
      | (?<![\w)])\.\d+
      )
    | ([千万亿百]+ | [^\x00-\x7f\W\d])
    | ([^\s\w])
    """,
    re.VERBOSE,
)


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set to look others up in."""
    return frozenset(text.split())


class Tokens:
    """The tokens of one text, as parallel lists that end in a few empty tokens, so that looking on is safe.

    ``kind``, ``word`` (the characters), ``value`` (of a numeral, else 0), ``start`` and ``end`` (place in the
    cleaned text). ``size`` counts the real ones, ``numerals`` holds the places of the numerals.
    """

    __slots__ = ("end", "kind", "numerals", "size", "start", "text", "value", "word")

    def __init__(self, text: str) -> None:
        self.text = text
        kind, word, start, end, numerals = [], [], [], [], []
        for match in _TOKEN.finditer(text):
            first, last = match.span()
            if match.lastindex == _NUMERAL_GROUP:
                numerals.append(len(word))
            kind.append(_KINDS[match.lastindex])
            word.append(match[0])
            start.append(first)
            end.append(last)
        self.size = len(word)
        self.value = [0.0] * (self.size + _LOOKAHEAD)
        for place in numerals:
            number = numeral(word[place])
            if number is None:
                kind[place] = SIGN
            else:
                self.value[place] = number
        beyond = [len(text)] * _LOOKAHEAD
        self.kind, self.word = kind + _NO_KINDS, word + _NO_WORDS
        self.start, self.end, self.numerals = start + beyond, end + beyond, numerals

    def glued(self, index: int) -> bool:
        """Whether a token follows the one before it without a space."""
        return index > 0 and self.start[index] == self.end[index - 1]


def numeral(characters: str) -> float | None:
    """Value of a numeral; None for one longer than a person writes.

    A comma is a thousands mark before three digits, else a decimal mark, and so is a point that stands more
    than once; a middle dot is a decimal mark.
    """
    if len(characters) > _LONGEST_NUMERAL:
        return None
    if characters.isdecimal():
        return float(characters)
    compact = characters.replace(" ", "").replace("·", ".")
    if compact.count(".") > 1:
        compact = compact.replace(".", "")
    elif "," in compact:
        whole, *groups = compact.split(",")
        thousands = whole != "0" and all(len(group.split(".")[0]) == 3 for group in groups)
        compact = compact.replace(",", "" if thousands else ".")
    return float(compact)
