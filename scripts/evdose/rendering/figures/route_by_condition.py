"""Which routes were tried for which conditions."""

from __future__ import annotations

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from evdose.rendering.figures.canvas import empty_axes, header, in_house_style, sheet
from evdose.rendering.figures.lettering import wrap
from evdose.rendering.figures.palette import INK, MUTED, PLAIN, in_order, look
from evdose.rendering.figures.record import BY_DOSE, Context, Figure, Tables
from evdose.rendering.figures.trials import included_trials, trial_strata
from evdose.rendering.figures.words import capitalised, prose
from evdose.rendering.notation import count, counted

_ROW, _LABEL = 0.25, 1.9  # inches
_REST = ("other", "unknown")  # groups that stand last, whatever their size


@in_house_style
def route_by_condition(tables: Tables, context: Context) -> Figure:
    """Heat map of trials by condition and route, every count written in its cell."""
    pairs = trial_strata(tables)
    trials = included_trials(tables)
    counts = pd.crosstab(pairs["condition_group"], pairs["stratum"])
    counts = counts.reindex(columns=in_order(counts.columns))
    by_condition = pairs.groupby("condition_group")["trial_id"].nunique()
    counts = counts.loc[sorted(counts.index, key=lambda name: (name in _REST, -by_condition[name], name))]
    n = pairs["trial_id"].nunique()
    drawing = sheet(1.3 + _ROW * max(len(counts), 4))
    axes = drawing.subplots()
    header(drawing, n, counted(n, "trial"), context.title)
    if n:
        _draw(axes, counts, by_condition, pairs.groupby("stratum")["trial_id"].nunique())
    else:
        empty_axes(axes, "No included trial has an arm with vesicles.")
    words = f"{counted(n, 'trial')} in {counted(len(counts), 'group')} of conditions"
    if n:
        condition, stratum = counts.stack().idxmax()
        most = count(counts.loc[condition, stratum])
        words += f"; largest cell: condition {condition}, route {stratum} ({most})"
    notes = ["Empty cells hold no trial"]
    if absent := len(trials) - n:
        notes.append(f"{counted(absent, 'included trial')} without an experimental arm, not shown")
    return Figure(
        drawing,
        title="Trials by condition and route of administration",
        caption=prose(words, *notes),
        alt=f"Heat map of the number of trials by condition and route. {prose(words)}",
        question=BY_DOSE,
        n=n,
    )


def _draw(axes: Axes, counts: pd.DataFrame, by_condition: pd.Series, by_stratum: pd.Series) -> None:
    sns.heatmap(
        counts.astype(float),
        annot=counts,
        fmt="d",
        mask=counts == 0,
        cmap=sns.light_palette(PLAIN, as_cmap=True),
        vmin=0,
        vmax=1.8 * counts.to_numpy().max(),  # no cell so dark that its number is hard to read
        cbar=False,
        linewidths=1.2,
        linecolor="white",
        annot_kws={"fontsize": 7, "color": INK},
        ax=axes,
    )
    names = ["\n".join(wrap(capitalised(name), _LABEL, 7, most=2)) for name in counts.index]
    labels = [f"{name}  ({by_condition[row]})" for name, row in zip(names, counts.index, strict=True)]
    axes.set_yticklabels(labels, rotation=0)
    columns = [f"{look(stratum).label} ({by_stratum[stratum]})" for stratum in counts.columns]
    axes.xaxis.tick_top()
    axes.set_xticklabels(columns, rotation=40, ha="left", rotation_mode="anchor")
    axes.tick_params(length=0)
    axes.set(xlabel="", ylabel="")
    axes.set_facecolor("#F7F8F9")
    axes.text(
        0, -0.02, "Trials (totals in brackets)", transform=axes.transAxes, va="top", color=MUTED, fontsize=6.5
    )
