"""Trials registered a year, stacked by route."""

from __future__ import annotations

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.legend_handler import HandlerTuple
from matplotlib.patches import Patch

from evdose.modelling.tables import ESTIMATED
from evdose.rendering.figures.canvas import (
    empty_axes,
    header,
    in_house_style,
    key,
    partial_year,
    sheet,
    year_axis,
)
from evdose.rendering.figures.palette import MUTED, in_order, look
from evdose.rendering.figures.record import TRIED, Context, Figure, Tables
from evdose.rendering.figures.trials import included_trials
from evdose.rendering.figures.words import covered, prose
from evdose.rendering.notation import count, counted, interval, number

_WIDTH = 0.84
_MARKED = 0.04  # of the height of the axis: a segment that has room for a marker
_WHITE = {"markersize": 3.6, "markerfacecolor": "white", "markeredgewidth": 0}


@in_house_style
def registrations(tables: Tables, context: Context) -> Figure:
    """Stacked bars of registrations by year and route; a last year that is not over is hatched."""
    rows = tables["registrations"]
    by_route = rows[(rows["grouping"] == "route") & (rows["n"] > 0)]
    by_year = rows[(rows["grouping"] == "all") & (rows["n"] > 0)].set_index("year")["n"].sort_index()
    total = int(by_year.sum())
    counts = _counts(included_trials(tables), by_year)
    trends = tables["trends"]
    drawing = sheet(3.2 if total else 1.2)
    axes = drawing.subplots()
    header(
        drawing, total, f"{counted(total, 'trial')} with a registration date{_factor(trends)}", context.title
    )
    if total:
        _draw(axes, by_route, by_year, context.data_to)
    else:
        empty_axes(axes, "No included trial has a registration date.")
    return Figure(
        drawing,
        title="Trials by year of registration and route",
        caption=prose(
            counts,
            covered(context.data_to),
            _trend(trends),
            "The records were searched for, not exported from the registries: no census",
        ),
        alt=f"Stacked bars: trials by year of registration, one colour a route. {prose(counts)}",
        question=TRIED,
        n=total,
    )


def _draw(axes: Axes, by_route: pd.DataFrame, by_year: pd.Series, data_to: str) -> None:
    strata = in_order(by_route["group"])
    sns.histplot(
        by_route.astype({"year": int, "n": int}),
        x="year",
        weights="n",
        hue="group",
        hue_order=strata[::-1],
        palette={stratum: look(stratum).colour for stratum in strata},
        multiple="stack",
        discrete=True,
        shrink=_WIDTH,
        alpha=1,
        edgecolor="white",
        linewidth=0.6,
        legend=False,
        ax=axes,
    )
    partial = partial_year(data_to)
    for bar in axes.patches:
        if round(bar.get_x() + bar.get_width() / 2) == partial:
            bar.set_hatch("/////")
    tops = by_route.groupby("year")["n"].sum()
    for year, n in by_year.items():
        axes.annotate(
            count(n), (year, tops.get(year, 0)), (0, 2), textcoords="offset points", ha="center", fontsize=6.5
        )
    year_axis(axes, int(by_year.index.min()), max(int(by_year.index.max()), int(data_to[:4])), partial)
    axes.set(ylabel="Trials registered", ylim=(0, tops.max() * 1.1 + 0.3))
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.grid(axis="y")
    _mark(axes, by_route.pivot_table(index="year", columns="group", values="n", fill_value=0)[strata])
    _draw_key(axes, by_route.groupby("group")["n"].sum().reindex(strata[::-1]))


def _mark(axes: Axes, stacks: pd.DataFrame) -> None:
    """Put the marker of its route on each segment that has room for it: the stack reads without colour."""
    room = _MARKED * axes.get_ylim()[1]
    for year, stack in stacks.iterrows():
        for stratum, n, top in zip(stack.index, stack, stack.cumsum(), strict=True):
            if n >= room:
                axes.plot(year, top - n / 2, marker=look(stratum).marker, **_WHITE)


def _draw_key(axes: Axes, trials: pd.Series) -> None:
    handles = [(Patch(color=look(s).colour), key(look(s).marker, "", **_WHITE)) for s in trials.index]
    labels = [f"{look(stratum).label}, {n}" for stratum, n in trials.items()]
    place = {"loc": "upper left", "bbox_to_anchor": (1.01, 1), "alignment": "left"}
    overlaid = {tuple: HandlerTuple(ndivide=1)}
    legend = axes.legend(handles, labels, handler_map=overlaid, title="Route, trials", **place)
    legend.get_title().set_color(MUTED)


def _counts(trials: pd.DataFrame, by_year: pd.Series) -> str:
    undated = int(trials["first_posted"].isna().sum())
    inferred = int(trials["first_posted_status"].eq("inferred").sum())
    words = f"{counted(int(by_year.sum()), 'trial')} with a registration date"
    if len(by_year):
        words += f", most in {by_year.idxmax()} ({count(by_year.max())})"
    words += f"; of these dates, {count(inferred)} inferred from the registry number"
    return f"{words}; {counted(undated, 'trial')} without a date"


def _factor(trends: pd.DataFrame) -> str:
    overall = trends[(trends["group"] == "all") & (trends["status"] == ESTIMATED)]
    return "".join(f", × {number(row)} a year" for row in overall["rate_ratio"])


def _trend(trends: pd.DataFrame) -> str:
    overall = trends[trends["group"] == "all"]
    if overall.empty:
        return "No trend was fitted"
    row = overall.iloc[0]
    if row["status"] != ESTIMATED:
        return f"Trend not estimated: {row['why']}"
    return (
        f"From year to year registrations changed by a factor of {number(row['rate_ratio'])} "
        f"(95% interval {interval(row['low'], row['high'])}; {row['model']})"
    )
