"""The specification curve: the ratio of doses between routes under every defensible choice.

After Simonsohn, Simmons and Nelson, Nat Hum Behav 2020;4:1208–1214.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as MplFigure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from evdose.modelling.tables import ESTIMATED
from evdose.rendering.figures.canvas import beside, empty_axes, header, in_house_style, key, sheet
from evdose.rendering.figures.lettering import shorten
from evdose.rendering.figures.palette import FAINT, INK, MUTED, PLAIN
from evdose.rendering.figures.record import WINDOW, Context, Figure, Tables
from evdose.rendering.figures.words import prose
from evdose.rendering.notation import count, counted, number, percent, power

_MAIN = "#B5541C"
_CHOICES = {
    "axis": (
        "Dose",
        {"per_administration": "per administration", "per_day": "per day", "cumulative": "cumulative"},
    ),
    "doses": (
        "Particles",
        {"stated": "as stated", "converted": "also converted", "assumed": "also by assumption"},
    ),
    "arms": ("Reading", {"exact": "exact", "inferred": "also inferred", "ambiguous": "also ambiguous"}),
}
_NO_PRODUCT = "none"
_ROW, _ABOVE = 0.155, 1.9  # inches: a choice, the panel of estimates
_LABEL = 1.7  # inches


@in_house_style
def specification_curve(tables: Tables, context: Context) -> Figure:
    """Estimates in order of size with their intervals; below, the choices behind each."""
    multiverse = tables["multiverse"]
    asked = multiverse[multiverse["question"] == "route_shift"]
    done = asked[asked["status"] == ESTIMATED].sort_values(["estimate", "specification"], ignore_index=True)
    choices = _choices(asked)
    drawing = sheet(1.2 if done.empty else 0.95 + _ABOVE + _ROW * len(choices))
    words = f"{count(len(done))} of {counted(len(asked), 'specification')}"
    header(drawing, len(done), words, context.title)
    if len(done):
        _draw(drawing, asked, done, choices)
    else:
        said = "No specification can be estimated: too few trials by either route with a dose in particles."
        empty_axes(drawing.subplots(), said)
    facts = _facts(asked, done)
    return Figure(
        drawing,
        title="Specification curve: respiratory against intravenous doses under every choice",
        caption=prose(
            facts,
            "A column a specification: above, the Hodges–Lehmann shift between doses tried (each trial with "
            "the median of its arms), as a ratio, with its 95% interval; below, the choices behind it",
            "Right: how many of the specifications with a choice can be estimated",
            "Specifications share their data: their number is no evidence",
            "Routes are not allocated to trials at random: the ratio describes practice, not what works",
            _slopes(multiverse[multiverse["question"] == "dose_slope"]),
        )
        if len(done)
        else prose(facts),
        alt=f"Specification curve of the ratio of doses between routes. {prose(facts)}",
        question=WINDOW,
        n=len(done),
    )


def _choices(asked: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Rows of the lower panel: column of the table, value and label."""
    rows = [
        (column, value, f"{group}: {label}")
        for column, (group, labels) in _CHOICES.items()
        for value, label in labels.items()
        if (asked[column] == value).any()
    ]
    products = sorted(set(asked["without_product"].dropna()) - {_NO_PRODUCT})
    left_out = [
        ("without_product", product, shorten(f"Without {product}", _LABEL, 6)) for product in products
    ]
    every = [("without_product", _NO_PRODUCT, "Every product")] if products else []
    return rows + every + left_out


def _draw(drawing: MplFigure, asked: pd.DataFrame, done: pd.DataFrame, choices: list) -> None:
    ratios = [_ABOVE, _ROW * len(choices)]
    above, below = drawing.subplots(2, 1, sharex=True, height_ratios=ratios)
    _draw_estimates(above, done)
    _draw_choices(below, asked, done, choices)


def _draw_estimates(axes: Axes, done: pd.DataFrame) -> None:
    main = done["main"].to_numpy(bool)
    for place, row in enumerate(done.to_dict("records")):
        ink = _MAIN if main[place] else PLAIN
        strength = {"alpha": 1.0, "linewidth": 1.5} if main[place] else {"alpha": 0.5, "linewidth": 0.9}
        axes.plot([place, place], [row["low"], row["high"]], color=ink, **strength)
        axes.plot(
            place,
            row["estimate"],
            marker="D" if main[place] else "o",
            markersize=4.5 if main[place] else 2.8,
            color=ink,
            markerfacecolor="white" if pd.isna(row["low"]) else ink,
            markeredgewidth=0.7,
            zorder=4 if main[place] else 3,
            gid=f"specification:{place + 1}",
        )
    axes.axhline(0, color=MUTED, linewidth=0.7, zorder=1)
    _mark_main(axes, main)
    axes.set(ylabel="Respiratory dose as a multiple\nof intravenous (log scale)", xlim=(-1, len(done)))
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: power(round(value))))
    axes.tick_params(axis="x", length=0)
    axes.spines["bottom"].set_visible(False)
    axes.grid(axis="y")
    handles = [key("o", "other choices", color=PLAIN, markeredgecolor=PLAIN, markersize=3.5)]
    if main.any():
        handles.insert(0, key("D", "choices of the main analysis", color=_MAIN, markeredgecolor=_MAIN))
    if done["low"].isna().any():
        looks = {"markerfacecolor": "white", "markeredgecolor": PLAIN, "markersize": 3.5}
        handles.append(key("o", "no 95% interval exists at its size", **looks))
    axes.legend(handles=handles, loc="lower left", ncols=3, bbox_to_anchor=(0, 1.01), columnspacing=1.2)


def _mark_main(axes: Axes, main: np.ndarray) -> None:
    """A band behind the column of the main specification, which grey print shows too."""
    for place in np.flatnonzero(main):
        axes.axvspan(place - 0.5, place + 0.5, color=_MAIN, alpha=0.2, linewidth=0, zorder=0)


def _draw_choices(axes: Axes, asked: pd.DataFrame, done: pd.DataFrame, choices: list) -> None:
    places, stroke = np.arange(len(done)), float(np.clip(220 / len(done), 0.7, 4))
    main = done["main"].to_numpy(bool)
    _mark_main(axes, main)
    for row, (column, value, _) in enumerate(choices):
        chosen = (done[column] == value).to_numpy(bool)
        for some, ink in ((~chosen, FAINT), (chosen & ~main, PLAIN), (chosen & main, _MAIN)):
            half = 0.1 if ink == FAINT else 0.34
            _draw_ticks(axes, places[some], row, half, color=ink, linewidth=stroke)
        of_choice = asked[asked[column] == value]
        words = f"{count((of_choice['status'] == ESTIMATED).sum())} of {count(len(of_choice))}"
        beside(axes, row, 0.06, words, color=INK)
        if row and column != choices[row - 1][0]:
            axes.axhline(row - 0.5, color=FAINT, linewidth=0.6, zorder=0)
    beside(axes, -1, 0.06, "Estimable", color=MUTED)
    axes.set(ylim=(len(choices) - 0.5, -0.5), xticks=[])
    axes.set_xlabel(f"Specifications that can be estimated, n = {count(len(done))}, in order of the estimate")
    axes.set_yticks(range(len(choices)), [label for _, _, label in choices], fontsize=6)
    axes.tick_params(axis="y", length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)


def _draw_ticks(axes: Axes, places: np.ndarray, row: int, half: float, **looks: object) -> None:
    """A tick at each place, all as one path: hundreds of single ones would double the size of the file."""
    gap = np.full(len(places), np.nan)
    up_and_down = np.column_stack([np.full(len(places), row - half), np.full(len(places), row + half), gap])
    axes.plot(np.repeat(places, 3), up_and_down.ravel(), **looks)


def _facts(asked: pd.DataFrame, done: pd.DataFrame) -> str:
    told = f"{count(len(done))} of {counted(len(asked), 'specification')} can be estimated"
    if done.empty:
        return told
    below, above = int((done["high"] < 0).sum()), int((done["low"] > 0).sum())
    without = int(done["low"].isna().sum())
    told += (
        f"; the respiratory dose is {_times(done['estimate'].min())} to {_times(done['estimate'].max())} "
        f"times the intravenous one; the 95% interval lies wholly below equal doses in {count(below)} "
        f"({percent(below / len(done))}) and wholly above in {count(above)} ({percent(above / len(done))})"
    )
    told += f"; {count(without)} are too small to have one" if without else ""
    main = done[done["main"].astype(bool)]
    if main.empty:
        return f"{told}; the choices of the main analysis are not among them"
    return f"{told}; by the choices of the main analysis it is {_times(main['estimate'].iloc[0])} times"


def _times(shift: float) -> str:
    """A shift in log10 as a ratio."""
    return number(10.0**shift, 2)


def _slopes(asked: pd.DataFrame) -> str:
    """What became of the other question of the table."""
    if asked.empty:
        return ""
    done = int((asked["status"] == ESTIMATED).sum())
    there = "the table of specifications gives it" if done == 1 else "the table of specifications gives them"
    if not done:
        return "The slope of an effect over dose can't be estimated under any choice"
    return (
        "The slope of an effect over dose can be estimated in "
        f"{count(done)} of {counted(len(asked), 'specification')}: {there}"
    )
