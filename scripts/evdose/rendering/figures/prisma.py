"""PRISMA 2020 flow diagram (Page et al., BMJ 2021;372:n71), arranged as its template."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from evdose.rendering.figures.canvas import WIDTH, header, in_house_style, panel, plain_sheet
from evdose.rendering.figures.lettering import width_of, wrap
from evdose.rendering.figures.palette import BAND, INK, MUTED
from evdose.rendering.figures.record import TRUST, Context, Figure, Tables
from evdose.rendering.notation import count, counted

_TITLES = {
    "identified": "Records identified",
    "removed_before_screening": "Records removed before screening",
    "screened": "Records screened",
    "excluded_at_screening": "Records excluded",
    "assessed": "Records assessed for eligibility",
    "excluded_at_assessment": "Records excluded",
    "included": "Trials included",
}
# Each row of the flow: phase, box of the main column, box that leaves to the side.
_FLOW = (
    ("Identification", "identified", "removed_before_screening"),
    ("Screening", "screened", "excluded_at_screening"),
    ("Screening", "assessed", "excluded_at_assessment"),
    ("Included", "included", None),
)
_SIZE, _LEADING, _PADDING, _GAP, _INDENT = 7.0, 0.135, 0.1, 0.26, 0.12  # points; the rest inches
_TOP, _HEAD, _LEFT, _RIGHT, _BOX = 0.27, 0.42, 0.5, 4.0, 3.1
_HEADING = "Identification of trials via registers and publications"


@dataclass(frozen=True)
class _Box:
    lines: list[tuple[str, float]]  # text and indent

    @property
    def height(self) -> float:
        return len(self.lines) * _LEADING + 2 * _PADDING


@in_house_style
def prisma(tables: Tables, context: Context) -> Figure:
    """Flow of records from identification to inclusion, with the reasons of every exclusion."""
    flow = tables["prisma"]
    totals = {name: _total(flow, name) for name in _TITLES}
    boxes = {name: _box(flow, name, totals[name]) for name in _TITLES}
    heights = [
        max(
            (width_of(phase, 7.5, "bold") + 0.1) / sum(row[0] == phase for row in _FLOW),
            *(boxes[name].height for name in names if name),
        )
        for phase, *names in _FLOW
    ]
    height = _TOP + _HEAD + sum(heights) + _GAP * (len(_FLOW) - 1) + 0.1
    drawing = plain_sheet(height)
    axes = panel(drawing, 0, 0, WIDTH, height)
    axes.set(xlim=(0, WIDTH), ylim=(height, 0))
    axes.set_axis_off()
    header(drawing, totals["identified"], counted(totals["identified"], "record"), context.title)
    tops = [_TOP + _HEAD + sum(heights[:row]) + _GAP * row for row in range(len(_FLOW))]
    _frame(axes, _LEFT, _TOP, WIDTH - _LEFT - 0.1, 0.26, facecolor=BAND, edgecolor=MUTED)
    middle = (_LEFT + WIDTH - 0.1) / 2
    axes.text(middle, _TOP + 0.13, _HEADING, ha="center", va="center_baseline", fontweight="bold")
    for (_, main, aside), top in zip(_FLOW, tops, strict=True):
        _draw_box(axes, boxes[main], _LEFT, top)
        if aside:
            _draw_box(axes, boxes[aside], _RIGHT, top)
            level = top + min(boxes[main].height, boxes[aside].height) / 2
            _arrow(axes, (_LEFT + _BOX, level), (_RIGHT, level))
    for row in range(len(_FLOW) - 1):
        middle = _LEFT + _BOX / 2
        _arrow(axes, (middle, tops[row] + boxes[_FLOW[row][1]].height), (middle, tops[row + 1]))
    for phase in dict.fromkeys(row[0] for row in _FLOW):
        rows = [row for row, (named, *_) in enumerate(_FLOW) if named == phase]
        _draw_phase(axes, phase, tops[rows[0]], tops[rows[-1]] + heights[rows[-1]])
    sentence = (
        f"Of {counted(totals['identified'], 'record')} identified, "
        f"{count(totals['removed_before_screening'])} were removed before screening, "
        f"{count(totals['excluded_at_screening'])} at screening and "
        f"{count(totals['excluded_at_assessment'])} after assessment; "
        f"{counted(totals['included'], 'trial')} included."
    )
    return Figure(
        drawing,
        title="Flow of records from identification to inclusion",
        caption=f"{sentence} Each record left out has one reason. The review ({context.review_citation}) "
        f"counted {context.review_trials} trials. Scenario: {context.title}.",
        alt=f"PRISMA 2020 flow diagram. {sentence}",
        question=TRUST,
        n=totals["included"],
    )


def _total(flow: pd.DataFrame, box: str) -> int:
    lines = flow[flow["box"] == box]
    total = lines.loc[lines["line"] == "total", "n"]
    return int((total if len(total) else lines["n"]).sum())


def _box(flow: pd.DataFrame, name: str, total: int) -> _Box:
    details = flow[(flow["box"] == name) & (flow["line"] != "total")]
    colon = ":" if len(details) else ""
    lines = [(f"{_TITLES[name]} (n = {count(total)}){colon}", 0.0)]
    room = _BOX - 2 * _PADDING - 2 * _INDENT
    for line, n in zip(details["line"], details["n"], strict=True):
        first, *rest = wrap(f"{line} (n\u00a0=\u00a0{count(n)})", room, _SIZE)
        lines += [(first, _INDENT), *((part, 2 * _INDENT) for part in rest)]
    return _Box(lines)


def _draw_box(axes: Axes, box: _Box, left: float, top: float) -> None:
    _frame(axes, left, top, _BOX, box.height, facecolor="white", edgecolor=MUTED)
    for row, (text, indent) in enumerate(box.lines):
        axes.text(
            left + _PADDING + indent,
            top + _PADDING + (row + 0.5) * _LEADING,
            text,
            fontsize=_SIZE,
            va="center_baseline",
            fontweight="bold" if row == 0 else "normal",
        )


def _draw_phase(axes: Axes, phase: str, top: float, bottom: float) -> None:
    _frame(axes, 0.06, top, 0.3, bottom - top, facecolor=BAND, edgecolor=MUTED)
    axes.text(0.21, (top + bottom) / 2, phase, rotation=90, ha="center", va="center", fontweight="bold")


def _frame(axes: Axes, left: float, top: float, width: float, height: float, **looks: object) -> None:
    shape = "round,pad=0,rounding_size=0.04"
    axes.add_patch(FancyBboxPatch((left, top), width, height, boxstyle=shape, linewidth=0.7, **looks))


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    looks = {"arrowstyle": "-|>", "color": INK, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=end, xytext=start, arrowprops=looks)
