"""The title's question in three answers by route; a cell that can't be answered says what it stands on."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as MplFigure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from evdose.dosing.tables import STRATA
from evdose.modelling.tables import ALL, ESTIMATED, MAIN
from evdose.rendering.figures.canvas import empty_axes, header, in_house_style, sheet
from evdose.rendering.figures.palette import BAND, INK, MUTED, look
from evdose.rendering.figures.record import WINDOW, Context, Figure, Tables
from evdose.rendering.figures.words import prose
from evdose.rendering.notation import count, counted, listed, missing, number, p_value, power

_QUESTIONS = {
    "peak": "Is there a peak?",
    "width": "How wide is its range?",
    "concentration": "Do effective doses cluster?",
}
_GROUP = ["stratum", "measure", "outcome_domain"]
_COUNTS = ["studies", "arms", "dose_levels"]
_LEVEL = 0.05
_SMALLEST_P = 1e-3  # smaller ones stand at the edge
_WIDEST = 4.0  # log10 particles
_SCALES = {"hedges_g": "g", "log_odds_ratio": "log OR"}
_METHODS = (
    "Peak: likelihood-ratio test of a peaked curve against flat and monotone ones (parametric bootstrap)",
    "Width: doses with most of the peak effect (the table states the share), in log10 particles, with its "
    "95% confidence set (an arrow: no upper end within the axis)",
    "Concentration: permutation test that effective doses spread less than all that were tried; SD: standard "
    "deviation of effective and of all tried doses, log10 particles",
    "Dashed: p = 0.05, each test on its own",
    "Across trials: observational, confounded by condition and product (all routes: by route as well)",
)
_EMPTY = (
    "A cell without a point says what there is: studies with a controlled primary effect at a dose in "
    "particles, and their different doses; trials with such a dose by the rule, effective or not"
)

Row = tuple[str, str | None, str | None]


@in_house_style
def effective_range(tables: Tables, context: Context) -> Figure:
    """A row a route and group of effects, a column a question."""
    asked = tables["effective_range"]
    asked = asked[asked["sensitivity"] == MAIN]
    asked = asked.astype(object).where(asked.notna(), None)
    rows = _rows(asked)
    answered = int((asked["status"] == ESTIMATED).sum())
    drawing = sheet(0.85 + (0.5 if answered else 0) + _pitch(rows) * len(rows) if rows else 1.2)
    shown = [
        cell
        for cell in (_cell(asked, rows, place, q) for q in _QUESTIONS for place in range(len(rows)))
        if cell
    ]
    header(drawing, len(shown), f"{count(answered)} of {counted(len(shown), 'answer')}", context.title)
    if rows:
        _draw(drawing, asked, rows)
    else:
        empty_axes(drawing.subplots(), "Nothing to ask: no arm of this scenario has a dose in particles.")
    facts = _facts(shown)
    return Figure(
        drawing,
        title="Is there an effective dose range? Three answers by route",
        caption=prose(
            facts,
            *(_METHODS if answered else ()),
            _EMPTY if len(shown) > answered else "",
            _lacked(shown),
        ),
        alt=f"Three answers by route to whether there is an effective dose range. {prose(facts)}",
        question=WINDOW,
        n=answered,
    )  # fmt: skip


def _rows(asked: pd.DataFrame) -> list[Row]:
    """Routes, each with its groups of effects; one without any has one row, if it was tried."""
    counted_any = (asked[_COUNTS] != 0).any(axis=1)
    tried = (asked["question"] != "concentration") & (asked["stratum"] != ALL)
    if not (counted_any | tried).any():
        return []
    known = asked[counted_any | (asked["question"] != "concentration")]
    found = known[_GROUP].drop_duplicates()
    grouped = found[found["measure"].notna()]
    bare = found[found["measure"].isna() & ~found["stratum"].isin(grouped["stratum"])]
    rows = [
        tuple(None if missing(value) else value for value in row)
        for row in pd.concat([grouped, bare]).itertuples(index=False)
    ]
    return sorted(rows, key=lambda row: ((ALL, *STRATA).index(row[0]), str(row[1]), str(row[2])))


def _pitch(rows: list[Row]) -> float:
    """Inches a row."""
    return float(np.clip(9.5 / max(len(rows), 1), 0.2, 0.3))


def _cell(asked: pd.DataFrame, rows: list[Row], place: int, question: str) -> dict | None:
    """The answer for a row; concentration is asked once a route and stands in the first of its rows."""
    stratum, measure, domain = rows[place]
    here = asked[(asked["question"] == question) & (asked["stratum"] == stratum)]
    if question == "concentration":
        first = place == 0 or rows[place - 1][0] != stratum
        here = here if first else here[:0]
    elif measure is not None:
        here = here[(here["measure"] == measure) & (here["outcome_domain"] == domain)]
    return here.iloc[0].to_dict() if len(here) else None


def _draw(drawing: MplFigure, asked: pd.DataFrame, rows: list[Row]) -> None:
    panels = drawing.subplots(1, 3, sharey=True)
    for axes, (question, title) in zip(panels, _QUESTIONS.items(), strict=True):
        axes.set_title(title)
        axes.set(ylim=(len(rows) - 0.5, -0.5))
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        for place in range(0, len(rows), 2):
            axes.axhspan(place - 0.5, place + 0.5, color=BAND, linewidth=0, zorder=-2)
        cells = [_cell(asked, rows, place, question) for place in range(len(rows))]
        if any(cell and cell["status"] == ESTIMATED for cell in cells):
            _width_axis(axes) if question == "width" else _p_axis(axes)
        else:
            axes.set(xticks=[])
            axes.spines["bottom"].set_visible(False)
        peaks = [_cell(asked, rows, place, "peak") for place in range(len(rows))]
        for place, (cell, peak) in enumerate(zip(cells, peaks, strict=True)):
            if cell:
                _draw_cell(axes, place, cell, question, peak)
            else:
                _say_quietly(axes, place, "as above")
    panels[0].set_yticks(range(len(rows)), _labels(rows), fontsize=6)


def _labels(rows: list[Row]) -> list[str]:
    labels = []
    for stratum, measure, domain in rows:
        route = "All routes" if stratum == ALL else look(stratum).label
        labels.append(f"{route}\n{domain} ({_SCALES.get(measure, measure)})" if measure else route)
    return labels


def _draw_cell(axes: Axes, place: int, cell: dict, question: str, peak: dict | None) -> None:
    colour = INK if cell["stratum"] == ALL else look(cell["stratum"]).colour
    if cell["status"] != ESTIMATED:
        _say_quietly(axes, place, _lacking(cell, question, peak))
    elif question == "width":
        _draw_width(axes, place, cell, colour)
    else:
        p = max(cell["p_value"], _SMALLEST_P)
        ends = [place - 0.5, place + 0.5]
        axes.plot([_LEVEL, _LEVEL], ends, color=MUTED, linewidth=0.6, linestyle="--", zorder=-1)
        axes.plot(p, place, "o", color=colour, markersize=4.5, gid=_id(cell))
        said = f"p = {p_value(cell['p_value'])}".replace("= <", "<")
        if question == "concentration":
            said = f"SD {number(cell['estimate'], 2)} v {number(cell['spread_tried'], 2)}, {said}"
        _say(axes, place, said)


def _lacking(cell: dict, question: str, peak: dict | None) -> str:
    """What there is, in place of an answer."""
    if question == "concentration":
        effective, others = cell["effective"] or 0, cell["not_effective"] or 0
        return f"{count(effective)} effective, {count(others)} not" if cell["studies"] else "no trial judged"
    if not cell["studies"]:
        return "no study"
    there = f"{counted(cell['studies'], 'study', 'studies')}, {counted(cell['dose_levels'], 'dose')}"
    untold = question == "width" and peak is not None and peak["status"] == ESTIMATED
    return f"no benefit shown: {there}" if untold else there


def _id(cell: dict) -> str:
    parts = [cell["question"], cell["stratum"], cell["measure"], cell["outcome_domain"]]
    return ":".join(part.replace(" ", "-") for part in parts if part)


def _say(axes: Axes, place: int, words: str, x: float = 0.98, **looks: object) -> None:
    """Numbers of an answer, at the right edge of its cell."""
    looks = {"ha": "right", "va": "center_baseline", "fontsize": 6} | looks
    axes.text(x, place, words, transform=axes.get_yaxis_transform(), **looks)


def _say_quietly(axes: Axes, place: int, words: str) -> None:
    """Words in place of an answer, at the left edge of its cell."""
    _say(axes, place, words, 0.03, ha="left", color=MUTED, fontstyle="italic")


def _draw_width(axes: Axes, place: int, cell: dict, colour: str) -> None:
    low = 0.0 if missing(cell["low"]) else cell["low"]
    bounded = not missing(cell["high"]) and cell["high"] <= _WIDEST
    axes.plot([low, cell["high"] if bounded else _WIDEST], [place, place], color=colour, linewidth=1)
    if not bounded:
        axes.plot(_WIDEST, place, ">", color=colour, markersize=4, clip_on=False, gid=f"{_id(cell)}:beyond")
    axes.plot(min(cell["estimate"], _WIDEST), place, "o", color=colour, markersize=4.5, gid=_id(cell))
    _say(axes, place, f"{number(cell['estimate'], 2)}, peak {power(cell['peak_log10'], 1)}")


def _p_axis(axes: Axes) -> None:
    """p-values on a log scale in the left half of a cell; its numbers stand in the right half."""
    axes.set(xscale="log", xlim=(_SMALLEST_P / 1.5, 1.5e3), xlabel="p-value")
    axes.xaxis.set_major_locator(FixedLocator([0.001, 0.05, 1.0]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: ("≤ " if value <= _SMALLEST_P else "") + number(value))
    )
    axes.xaxis.label.set(x=0.0, ha="left")


def _width_axis(axes: Axes) -> None:
    """Widths in the left half of a cell; its numbers stand in the right half."""
    axes.set(xlim=(-0.15, 2 * _WIDEST), xlabel="Width, log10 particles")
    axes.set_xticks(np.arange(0, _WIDEST + 1))
    axes.xaxis.label.set(x=0.0, ha="left")


def _lacked(shown: list[dict]) -> str:
    """What it would take over all routes together."""
    needs = {
        cell["question"]: cell["needs"]
        for cell in reversed(shown)
        if cell["stratum"] == ALL and cell["status"] != ESTIMATED and cell["question"] != "width"
    }
    said = [f"{question}: {needs[question]}" for question in ("peak", "concentration") if needs.get(question)]
    words = "; ".join(said).replace("hedges_g", "Hedges' g").replace("log_odds_ratio", "log odds ratio")
    return f"What all routes together would take: {words}" if said else ""


def _facts(shown: list[dict]) -> str:
    if not shown:
        return "No group of effects and no route can be asked for an effective range"
    told = []
    for question, words in (("peak", "a peak"), ("width", "its width"), ("concentration", "concentration")):
        cells = [cell for cell in shown if cell["question"] == question]
        answers = [cell for cell in cells if cell["status"] == ESTIMATED]
        said = f"{words} in {count(len(answers))} of {counted(len(cells), 'group')}"
        if answers and question == "width":
            unbounded = sum(missing(cell["high"]) for cell in answers)
            said += f" ({count(unbounded)} with an unbounded confidence set)"
        elif answers:
            below = sum(cell["p_value"] < _LEVEL for cell in answers)
            unable = sum(cell["smallest_p"] > _LEVEL for cell in answers)
            said += f" ({count(below)} with p below {number(_LEVEL)}"
            said += f", {count(unable)} too small to reach it)" if unable else ")"
        told.append(said)
    return f"Can be told: {listed(told)}"
