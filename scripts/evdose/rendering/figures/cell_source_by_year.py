"""From which cells the vesicles come, by year of registration."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from evdose.rendering.figures.canvas import empty_axes, header, in_house_style, partial_year, sheet, year_axis
from evdose.rendering.figures.lettering import wrap
from evdose.rendering.figures.palette import FAINT, PLAIN
from evdose.rendering.figures.record import TRIED, Context, Figure, Tables
from evdose.rendering.figures.words import capitalised, covered, prose
from evdose.rendering.notation import count, counted

_LABEL = 1.5  # inches


@in_house_style
def cell_source_by_year(tables: Tables, context: Context) -> Figure:
    """One row of bars a cell source, all rows on one scale, every count written on its bar."""
    rows = tables["registrations"]
    rows = rows[(rows["grouping"] == "cell source") & (rows["n"] > 0)]
    totals = rows.groupby("group")["n"].sum()
    totals = totals.loc[sorted(totals.index, key=lambda name: (-totals[name], name))]
    n = int(totals.sum())
    drawing = sheet(1.0 + 0.46 * max(len(totals), 2))
    axes = drawing.subplots()
    header(drawing, n, f"{counted(n, 'trial')} with a registration date", context.title)
    if n:
        _draw(axes, rows, totals, context.data_to)
    else:
        empty_axes(axes, "No included trial has a registration date.")
    facts = f"{counted(n, 'trial')} with a registration date and {counted(len(totals), 'cell source')}"
    if n:
        facts += ": " + "; ".join(f"{name} {count(total)}" for name, total in totals.items())
    return Figure(
        drawing,
        title="Cell source of the vesicles by year of registration",
        caption=prose(
            facts,
            "All rows have one scale",
            covered(context.data_to),
        ),
        alt=f"One row of bars a cell source, by year. {prose(facts)}",
        question=TRIED,
        n=n,
    )


def _draw(axes: Axes, rows: pd.DataFrame, totals: pd.Series, data_to: str) -> None:
    tallest = rows["n"].max()
    partial = partial_year(data_to)
    for place, source in enumerate(totals.index):
        of_source = rows[rows["group"] == source]
        bars = axes.bar(
            of_source["year"].astype(int), 0.66 * of_source["n"] / tallest, 0.84, bottom=-place, color=PLAIN
        )
        for bar, year, n in zip(bars, of_source["year"], of_source["n"], strict=True):
            axes.annotate(
                count(n),
                (year, bar.get_y() + bar.get_height()),
                (0, 1),
                textcoords="offset points",
                ha="center",
                fontsize=6,
            )
            if year == partial:
                bar.set(hatch="/////", edgecolor="white", linewidth=0)
        axes.axhline(-place, color=FAINT, linewidth=0.6, zorder=0)
    labels = [
        "\n".join(wrap(f"{capitalised(name)} ({count(n)})", _LABEL, 7, most=2)) for name, n in totals.items()
    ]
    axes.set_yticks([0.25 - place for place in range(len(totals))], labels)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    first, last = int(rows["year"].min()), max(int(rows["year"].max()), int(data_to[:4]))
    year_axis(axes, first, last, partial)
    axes.set(ylim=(0.85 - len(totals), 0.95), ylabel="Trials")
