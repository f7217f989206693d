"""The chance to see an effective range, against the number of controlled arms, by route."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as MplFigure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter

from evdose.dosing.tables import STRATA
from evdose.modelling.tables import ALL, ESTIMATED
from evdose.rendering.figures.canvas import empty_axes, header, in_house_style, sheet
from evdose.rendering.figures.palette import INK, MUTED, PLAIN, look
from evdose.rendering.figures.record import WINDOW, Context, Figure, Tables
from evdose.rendering.figures.words import prose
from evdose.rendering.notation import count, counted, listed, number, percent

_LOOKS = (  # of a width: line, marker and ink, so that grey print tells them apart too
    {"linestyle": "-", "marker": "o", "color": INK},
    {"linestyle": (0, (5, 1.5)), "marker": "s", "color": PLAIN},
    {"linestyle": (0, (1.5, 1.2)), "marker": "^", "color": "#C08552"},
)
_COLUMNS, _TALLEST = 4, 8.5  # panels side by side; inches of all panels


@in_house_style
def power_curves(tables: Tables, context: Context) -> Figure:
    """Power of the range test: a column a route, a row a height of the peak."""
    power = tables["power"]
    done = power[power["status"] == ESTIMATED]
    strata = [stratum for stratum in (ALL, *STRATA) if (done["stratum"] == stratum).any()]
    rows = -(-len(strata) // _COLUMNS) * done["height"].nunique()
    drawing = sheet(1.2 if done.empty else 1.1 + min(1.55 * rows, _TALLEST))
    arms = int(power.loc[(power["stratum"] == ALL) & power["at_hand"].astype(bool), "arms"].head(1).sum())
    header(drawing, arms, f"{counted(arms, 'arm')} with a dose in particles", context.title)
    if done.empty:
        empty_axes(drawing.subplots(), "No route has enough different doses in particles to simulate from.")
    else:
        _draw(drawing, done, strata, rows)
    facts = _facts(power, done)
    return Figure(
        drawing,
        title="Power: how many controlled arms would show an effective range",
        caption=prose(
            facts,
            "Simulated: studies with one treated arm and its own control, at doses drawn from those tried by "
            "the route, and a peaked curve of the stated height (standardised mean difference) and "
            "width (log10 particles) at the median tried dose",
            "Bars: 95% Monte Carlo intervals; dashed: the power asked for; dotted, and n: as many arms as "
            "have a dose in particles now, as if each had its own control and a reported effect",
            "All routes: as if one curve held for all" if ALL in strata else "",
        )
        if len(done)
        else prose(facts),
        alt=f"Power of the range test against the number of arms, by route, height and width. {prose(facts)}",
        question=WINDOW,
        n=arms,
    )


def _draw(drawing: MplFigure, done: pd.DataFrame, strata: list[str], rows: int) -> None:
    heights, widths = sorted(done["height"].unique(), reverse=True), sorted(done["width"].unique())
    columns = min(len(strata), _COLUMNS)
    grid = drawing.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for place in np.ndindex(grid.shape):
        band, row = divmod(place[0], len(heights))
        index = band * columns + place[1]
        axes, height = grid[place], heights[row]
        if index >= len(strata):
            axes.set_axis_off()
            continue
        here = done[(done["height"] == height) & (done["stratum"] == strata[index])]
        _draw_panel(axes, here, widths)
        if row == 0:
            _name(axes, here, strata[index])
        if row == len(heights) - 1:
            axes.set_xlabel("Controlled arms")
            axes.tick_params(axis="x", labelbottom=True)
        if place[1] == 0:
            axes.set_ylabel(f"Peak {number(height)} SD:\npower")
    _shared_axes(grid[0, 0], done)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    title = "Width of the range that is there, log10 particles"
    drawing.legend(
        handles, labels, loc="outside lower left", ncols=len(widths), title=title, alignment="left"
    )


def _name(axes: Axes, here: pd.DataFrame, stratum: str) -> None:
    """The route and its arms with a dose in particles."""
    axes.set_title("All routes" if stratum == ALL else look(stratum).label, fontsize=7.5, pad=12)
    words = f"n = {counted(here.loc[here['at_hand'].astype(bool), 'arms'].max(), 'arm')}"
    axes.annotate(words, (0, 1), (0, 4), "axes fraction", "offset points", fontsize=6, color=MUTED)


def _shared_axes(axes: Axes, done: pd.DataFrame) -> None:
    """Arms on a log scale, the same in all panels; power in percent."""
    planned = sorted(done.loc[~done["at_hand"].astype(bool), "arms"].unique())
    first, last = done["arms"].min() / 1.3, done["arms"].max() * 1.3
    axes.set(ylim=(-0.03, 1.03), xscale="log", xlim=(first, last))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol="%"))
    axes.xaxis.set_major_locator(FixedLocator([float(arms) for arms in planned or done["arms"].unique()]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: count(round(value))))


def _draw_panel(axes: Axes, here: pd.DataFrame, widths: list[float]) -> None:
    for place, width in enumerate(widths):
        of_width = here[here["width"] == width].sort_values("arms")
        power = of_width["power"].to_numpy(float)
        axes.errorbar(
            of_width["arms"].to_numpy(float) * 1.03 ** (place - (len(widths) - 1) / 2),
            power,
            yerr=np.abs(of_width[["low", "high"]].to_numpy(float).T - power),
            linewidth=1,
            elinewidth=0.6,
            markersize=3,
            label=number(width),
            **_LOOKS[place % len(_LOOKS)],
        )
    now = here.loc[here["at_hand"].astype(bool), "arms"]
    if len(now):
        axes.axvline(float(now.iloc[0]), color=INK, linestyle=":", linewidth=0.9, zorder=0)
    axes.axhline(float(here["target"].iloc[0]), color=MUTED, linestyle="--", linewidth=0.8, zorder=1)
    axes.grid(axis="y")


def _facts(power: pd.DataFrame, done: pd.DataFrame) -> str:
    asked = power[power["stratum"] != ALL]
    routes, simulated = asked["stratum"].nunique(), done.loc[done["stratum"] != ALL, "stratum"].nunique()
    few = (
        f"{count(simulated)} of {counted(routes, 'route')} with a treated arm have enough different doses to "
        "simulate from"
    )
    if done.empty:
        return (
            f"No power can be simulated: {few}" if routes else "No power can be simulated: no arm was tried"
        )
    settings = done.drop_duplicates(["stratum", "width", "height"])
    reached = settings["arms_needed"].dropna()
    most, target = count(done["arms"].max()), percent(settings["target"].iloc[0])
    told = f"{few}; a power of {target} is reached with up to {most} arms in {count(len(reached))} of "
    told += f"{counted(len(settings), 'setting')} (route × width × height)"
    if len(reached):
        ends = sorted({count(reached.min()), count(reached.max())}, key=len)
        told += f", with about {' to '.join(ends)} arms"
    now = [_now(done, ALL, "all routes together"), _now(done, None, "single routes")]
    said = listed([words for words in now if words])
    return f"{told}; with as many arms as there are, power is {said}" if said else told


def _now(done: pd.DataFrame, stratum: str | None, words: str) -> str:
    """Span of the power with the arms at hand, over all routes together or over single routes."""
    of = done["stratum"] == ALL if stratum == ALL else done["stratum"] != ALL
    now = done.loc[of & done["at_hand"].astype(bool), "power"]
    return f"{percent(now.min())} to {percent(now.max())} ({words})" if len(now) else ""
