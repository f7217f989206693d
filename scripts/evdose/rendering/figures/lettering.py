"""Fit words to a width, by the metrics of the font that draws them."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

_INCH = 72


@cache
def width_of(text: str, size: float, weight: str = "normal") -> float:
    """Width of one line of ``text`` in inches, set in DejaVu Sans of ``size`` points."""
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    return text_to_path.get_text_width_height_descent(text, font, ismath=False)[0] / _INCH


def wrap(text: str, width: float, size: float, most: int | None = None) -> list[str]:
    """Break ``text`` into lines of ``width`` inches; a longer word, or a line past ``most``, is cut."""
    lines: list[str] = []
    words = [word for word in _printable(text).split(" ") if word]  # a no-break space keeps words together
    for place, word in enumerate(words):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size) <= width:
            lines[-1] = longer
        elif most and len(lines) == most:
            return [*lines[:-1], shorten(" ".join([lines[-1], *words[place:]]), width, size)]
        else:
            lines.append(shorten(word, width, size))
    return lines


def shorten(text: str, width: float, size: float, weight: str = "normal") -> str:
    """``text``, cut with an ellipsis where it is longer than ``width`` inches."""
    text = _printable(text)
    if width_of(text, size, weight) <= width:
        return text
    fits = bisect_right(range(1, len(text)), width, key=lambda n: width_of(f"{text[:n]}…", size, weight))
    return f"{text[:fits].rstrip()}…"


def _printable(text: str) -> str:
    """``text`` with a space for every character that an SVG can't hold or a line can't show."""
    return "".join(each if each.isprintable() or each == "\u00a0" else " " for each in text)
