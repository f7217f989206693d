"""Phases of the trials and the countries they run in."""

from __future__ import annotations

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from evdose.rendering.figures.canvas import empty_axes, header, in_house_style, sheet
from evdose.rendering.figures.lettering import shorten
from evdose.rendering.figures.palette import PLAIN
from evdose.rendering.figures.record import TRIED, Context, Figure, Tables
from evdose.rendering.figures.trials import included_trials
from evdose.rendering.figures.words import prose
from evdose.rendering.notation import PHASES, count, counted, phase

_NOT_STATED = "Not stated"
_COUNTRIES = 12  # those with most trials; the rest in one bar


@in_house_style
def phase_and_country(tables: Tables, context: Context) -> Figure:
    """Two panels of bars: trials by phase, and by country."""
    trials = included_trials(tables)
    n = len(trials)
    phases, countries = _phases(trials), _countries(trials)
    rows = max(len(phases), min(len(countries), _COUNTRIES + 2), 5)
    drawing = sheet(0.75 + 0.2 * rows)
    left, right = drawing.subplots(1, 2)
    header(drawing, n, f"{counted(n, 'trial')} in each panel", context.title)
    shown = _grouped(countries)
    for axes, counts, title in ((left, phases, "Phase"), (right, shown, "Country")):
        axes.set_title(title)
        if n:
            _bars(axes, counts)
        else:
            empty_axes(axes, "No trial is included.")
    named = countries.drop(_NOT_STATED, errors="ignore")
    facts = f"{counted(n, 'trial')}"
    if n:
        facts += f"; most often {phases.idxmax().lower()} ({count(phases.max())})"
    if len(named):
        facts += f"; {counted(len(named), 'country', 'countries')}, most often {named.idxmax()}"
        facts += f" ({count(named.max())})"
    several = int(trials["countries"].str.contains("; ").sum())
    more = f"{counted(several, 'trial')} in several countries, counted in each" if several else ""
    return Figure(
        drawing,
        title="Trials by phase and country",
        caption=prose(facts, more),
        alt=f"Two bar charts, of phase and of country. {prose(facts)}",
        question=TRIED,
        n=n,
    )


def _phases(trials: pd.DataFrame) -> pd.Series:
    names = trials["phase"].map(phase, na_action="ignore").fillna(_NOT_STATED)
    order = [*PHASES, *sorted(set(names) - {*PHASES, _NOT_STATED}), _NOT_STATED]
    counts = names.value_counts()
    return counts.reindex([name for name in order if name in counts.index])


def _countries(trials: pd.DataFrame) -> pd.Series:
    """Trials a country, most first, those without a country last."""
    names = trials["countries"].fillna(_NOT_STATED).str.split("; ").explode()
    counts = names.value_counts()
    order = sorted(counts.index, key=lambda name: (name == _NOT_STATED, -counts[name], name))
    return counts.reindex(order)


def _grouped(countries: pd.Series) -> pd.Series:
    """The countries with most trials, and one bar for each of: the others, not stated."""
    named = countries.drop(_NOT_STATED, errors="ignore")
    top, rest = named[:_COUNTRIES], named[_COUNTRIES:]
    parts = [top]
    if len(rest):
        parts.append(pd.Series({counted(len(rest), "other country", "other countries"): rest.sum()}))
    if _NOT_STATED in countries.index:
        parts.append(countries[[_NOT_STATED]])
    return pd.concat(parts)


def _bars(axes: Axes, counts: pd.Series) -> None:
    sns.barplot(x=counts.to_numpy(), y=list(counts.index), color=PLAIN, saturation=1, width=0.72, ax=axes)
    axes.set_yticks(range(len(counts)), [shorten(name, 1.3, 7) for name in counts.index])
    axes.bar_label(axes.containers[0], [count(n) for n in counts], padding=2, fontsize=6.5)
    axes.set(xlabel="Trials", ylabel="", xlim=(0, counts.max() * 1.1))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.tick_params(axis="y", length=0)
