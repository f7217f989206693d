"""Cleaning registry text without losing where each character came from.

The grammars read :attr:`CleanText.text`: lower case, plain digits, one sign for each operation. A reader of
the results sees the original: :meth:`CleanText.fragment` leads back to it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
_SUPERSCRIPTS = str.maketrans(_RAISED, "0123456789+-")
_SIGNS = {
    **dict.fromkeys("×✕✖⨯∗╳хХχΧ", "x"),
    **dict.fromkeys("·⋅∙•‧", "·"),
    **dict.fromkeys("‐‑‒–—―−﹣", "-"),
    **dict.fromkeys("～〜∼≈≃", "~"),
    **dict.fromkeys("µμ", "u"),
    **dict.fromkeys("‘’′´", "'"),
    "ˆ": "^",
    **dict.fromkeys("⩾≧", "≥"),
    **dict.fromkeys("⩽≦", "≤"),
    **dict.fromkeys("\u200b\u200c\u200d\ufeff\u2060\u00ad", ""),
    "。": ". ",
    "、": ", ",
}
_MISREAD = {"Ã—": "x", "√ó": "x", "Âµ": "u", "Î¼": "u", "Â±": "±", "â‰¥": "≥", "â‰¤": "≤"}
_FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75"}
_INLINE_TAGS = ("sup", "sub", "b", "i", "em", "strong", "u")
_STRANGE = re.compile(
    r"""
      &(?:amp;){0,3}(?:\#\d{1,7}|\#x[0-9a-f]{1,6}|[a-z]{2,8}\d{0,2});   # HTML entity, escaped once or more
    | </?(?:sup|sub|b|i|em|strong|u|p|br|li|ul|ol|span|div)\b[^<>]{0,80}> # HTML tag
    | \\[\\`*_{}\[\]()\#+.!|>~^<&-]                                       # Markdown escape
    | [⁰¹²³⁴-⁹⁺⁻]+                                                        # superscript
    | Ã—|√ó|Â[µ±]|Î¼|â‰[¥¤]                                               # UTF-8 read as something else
    | [^\x00-\x7f]
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CleanText:
    """Text that the grammars read, and the way back to the original.

    ``changes`` holds, of each changed stretch, start and end in the cleaned text and in the original.
    """

    text: str
    original: str
    changes: tuple[tuple[int, int, int, int], ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Span in the original of the span ``start:end`` of the cleaned text."""
        return self._back(start, False), self._back(end, True)

    def fragment(self, start: int, end: int) -> str:
        """Original characters of ``start:end`` of the cleaned text, without white space at their ends."""
        first, last = self.span(start, end)
        return self.original[first:last].strip()

    def _back(self, position: int, is_end: bool) -> int:
        # An end looks at the character before it, so that a span never swallows what follows.
        probe = position - 1 if is_end and position else position
        index = bisect_right(self.changes, probe, key=lambda change: change[0]) - 1
        if index < 0:
            return position
        _, clean_end, first, last = self.changes[index]
        if probe < clean_end:
            return last if is_end else first
        return last + position - clean_end


def clean(text: str) -> CleanText:
    """Bring ``text`` to the characters that the grammars know; takes time linear in its length."""
    if text.isascii() and "&" not in text and "\\" not in text and "<" not in text:
        return CleanText(text.lower(), text)
    pieces: list[str] = []
    changes: list[tuple[int, int, int, int]] = []
    length = last = 0
    before = ""
    for match in _STRANGE.finditer(text):
        kept = text[last : match.start()].lower()
        last = match.end()
        before = kept[-1:] or before
        new = _plain(match.group(), before)
        before = new[-1:] or before
        changes.append((length + len(kept), length + len(kept) + len(new), match.start(), last))
        pieces += (kept, new)
        length += len(kept) + len(new)
    pieces.append(text[last:].lower())
    return CleanText("".join(pieces), text, tuple(changes))


def _plain(strange: str, before: str) -> str:
    """What the grammars read in place of ``strange``; ``before`` is the character before it."""
    first = strange[0]
    if first == "&":
        return _entity(strange, before)
    if first == "<":
        return _tag(strange.lower(), before)
    if strange in _MISREAD:
        return _MISREAD[strange]
    if first in _RAISED:
        digits = strange.translate(_SUPERSCRIPTS)
        return f"^{digits}" if before.isdigit() else digits
    if first in _FRACTIONS:
        return _FRACTIONS[first] if before.isdigit() else f"0{_FRACTIONS[first]}"
    return strange[1] if first == "\\" else _plain_character(first)


def _tag(tag: str, before: str) -> str:
    if tag.startswith("<sup") and before.isdigit():
        return "^"
    return "" if tag.strip("</>").split()[0] in _INLINE_TAGS else " "


def _entity(strange: str, before: str) -> str:
    for _ in range(4):
        strange = html.unescape(strange)
    if strange.isascii() or strange.startswith("&"):
        return strange.lower()
    return "".join(_plain(character, before) for character in strange)


def _plain_character(character: str) -> str:
    if (sign := _SIGNS.get(character)) is not None:
        return sign
    if character.isspace():
        return " "
    return "".join(_SIGNS.get(part, part.lower()) for part in unicodedata.normalize("NFKC", character))
