"""Tokens of a dose text: numerals, powers of ten, units, words and signs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from evdose.dosing.units import Units

NUMBER, POWER, SCIENTIFIC, SCALE = "number", "power", "scientific", "scale"
UNIT, TIMES, TO, WORD, SIGN = "unit", "times", "to", "word", "sign"

_SCALES = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "mio": 1e6,
    "billion": 1e9,
    "bn": 1e9,
    "trillion": 1e12,
    "千": 1e3,
    "万": 1e4,
    "百万": 1e6,
    "千万": 1e7,
    "亿": 1e8,
    "万亿": 1e12,
}
_WORD_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40,
    "fifty": 50, "sixty": 60,
}  # fmt: skip

_TOKEN = r"""
  (?P<power>(?<![\d.,])10\s?(?:\^|\*\*)\s?[({{]?\s?(?P<exponent>-?\d{{1,2}})(?!\d)\s?[)}}]?)
| (?P<scientific>\d{{1,4}}(?:[.,]\d{{1,4}})?\s?e\s?\+?\d{{1,2}}(?!\d))
| (?P<junk>\d{{16,}})
| (?P<number>\d{{1,3}}(?:,\d{{3}}){{1,4}}(?:\.\d+)?(?![\d,])
    | \d{{1,3}}(?:\ \d{{3}}){{2,5}}(?!\d)
    | \d{{1,3}}(?:\.\d{{3}}){{2,5}}(?!\d)
    | \d{{1,15}}\.\d+
    | 0,\d+(?!,)
    | \d{{1,15}},\d{{1,2}}(?!\d|,\d|\s?(?:and|or|&)\s?\d)
    | \d{{1,15}}
    | (?<!\d)\.\d+)
| (?P<scale>(?:(?:hundred|thousand|million|billion|trillion)s?|mio|bn)(?![a-z])|万亿|千万|百万|[千万亿])
| (?P<unit>(?:{units})(?![a-z]))
| (?P<times>x(?=\s*\d)|\*|·)
| (?P<to>-|~|至|到|to(?![a-z]))
| (?P<word>[a-z]+|[^\W\d_])
| (?P<sign>[^\s\w])
"""


@dataclass(frozen=True, slots=True)
class Token:
    """One token: what it is, its characters and place, and its value where it is a numeral."""

    kind: str
    text: str
    start: int
    end: int
    value: float = 0.0
    exponent: int = 0
    glued: bool = False

    @property
    def is_integer(self) -> bool:
        """A whole number written with digits alone."""
        return self.kind == NUMBER and self.text.isdigit()


@lru_cache(maxsize=4)
def _pattern(unit_pattern: str) -> re.Pattern[str]:
    return re.compile(_TOKEN.format(units=unit_pattern), re.VERBOSE)


def scan(text: str, units: Units) -> list[Token]:
    """Tokens of a cleaned text, in order; linear in its length."""
    tokens = []
    for match in _pattern(units.pattern).finditer(text):
        kind, start, end = match.lastgroup, match.start(), match.end()
        word = match.group()
        glued = start > 0 and text[start - 1].isalpha() and text[start - 1].isascii()
        if kind == NUMBER:
            tokens.append(Token(NUMBER, word, start, end, _numeral(word), glued=glued))
        elif kind == POWER:
            exponent = int(match.group("exponent"))
            tokens.append(Token(POWER, word, start, end, 10.0**exponent, exponent, glued))
        elif kind == SCIENTIFIC:
            mantissa, exponent = re.split(r"\s?e\s?", word)
            tokens.append(Token(SCIENTIFIC, word, start, end, _numeral(mantissa), int(exponent), glued))
        elif kind == SCALE:
            tokens.append(Token(SCALE, word, start, end, _SCALES[word.rstrip("s")]))
        elif kind == WORD and word in _WORD_NUMBERS:
            tokens.append(Token(NUMBER, word, start, end, float(_WORD_NUMBERS[word])))
        else:
            tokens.append(Token(SIGN if kind == "junk" else kind, word, start, end))
    return tokens


def _numeral(text: str) -> float:
    """Value of a numeral: a comma is a thousands mark before three digits, else a decimal mark."""
    compact = text.replace(" ", "")
    if compact.count(".") > 1:
        compact = compact.replace(".", "")
    elif "," in compact:
        whole, *groups = compact.split(",")
        thousands = whole != "0" and all(len(group.split(".")[0]) == 3 for group in groups)
        compact = compact.replace(",", "" if thousands else ".")
    return float(compact)
