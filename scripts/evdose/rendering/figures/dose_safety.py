"""Adverse events by dose and route, with exact intervals; arms without any event are shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as MplFigure
from matplotlib.ticker import PercentFormatter

from evdose.dosing.tables import STRATA
from evdose.modelling.tables import ESTIMATED
from evdose.rendering.figures.canvas import (
    empty_axes,
    header,
    in_house_style,
    key,
    particle_axis,
    point_id,
    sheet,
)
from evdose.rendering.figures.palette import MUTED, in_order, look
from evdose.rendering.figures.record import EFFECT, Context, Figure, Tables
from evdose.rendering.figures.words import prose
from evdose.rendering.notation import count, counted, p_value

_DOMAINS = {"adverse event": "Adverse events", "serious adverse event": "Serious adverse events"}
_APART, _WIDEST = 0.07, 0.4  # log10 particles: between arms at one dose, and over all of them


@in_house_style
def dose_safety(tables: Tables, context: Context) -> Figure:
    """Share of participants with an event against dose; a row of panels a kind of event."""
    safety = tables["safety"]
    known = safety[safety["outcome_domain"].isin(_DOMAINS)]
    counted_arms = known[(known["kind"] == "arm") & (known["status"] == ESTIMATED)]
    results = _placed(_broadest(counted_arms))
    drawing = sheet(5.2 if len(results) else 1.2)
    studies = results["study_id"].nunique()
    words = f"{counted(_arms(results), 'arm')} of {counted(studies, 'study', 'studies')}"
    header(drawing, len(results), words, context.title)
    if len(results):
        _draw(drawing, results)
    else:
        empty_axes(drawing.subplots(), "No published study of this scenario counts adverse events.")
    facts = _facts(results)
    return Figure(
        drawing,
        title="Adverse events by dose and route",
        caption=prose(
            facts,
            "Bars: exact 95% (Clopper–Pearson) intervals",
            "Of several results of an arm and kind, the one that affected most participants of its study "
            f"is shown ({counted(len(counted_arms) - len(results), 'other result')} in the table alone)",
            f"Results at one dose stand beside each other, at most {_WIDEST / 2:g} log10 off",
            _trends(known[known["kind"] == "trend"]),
        ),
        alt=f"Share of participants with adverse and serious adverse events by dose. {prose(facts)}",
        question=EFFECT,
        n=len(results),
    )


def _broadest(results: pd.DataFrame) -> pd.DataFrame:
    """One result an arm and domain: that of the outcome with most events over the arms of the study.

    "Any adverse event" and its single terms count the same participants; the widest of them stands for all.
    """
    events = results.groupby(["study_id", "outcome_domain", "outcome"])["events"].transform("sum")
    ranked = results.assign(total=events).sort_values(
        ["study_id", "arm", "outcome_domain", "total", "outcome"], ascending=[True, True, True, False, True]
    )
    return ranked.drop_duplicates(["study_id", "arm", "outcome_domain"]).drop(columns="total")


def _placed(results: pd.DataFrame) -> pd.DataFrame:
    """Add ``panel`` (particles, unknown or control) and ``x``, the place on that panel's axis."""
    order = results["stratum"].map(STRATA.index)
    results = results.assign(order=order).sort_values(["particles_log10", "order", "study_id", "arm"])
    control = results["role"].isin(["control", "placebo"])
    panel = np.select([control, results["particles_log10"].isna()], ["control", "unknown"], "particles")
    placed = results.assign(
        panel=panel, dose=results["particles_log10"].where(panel == "particles", 0).round(1)
    )
    same = placed.groupby(["outcome_domain", "panel", "dose"])
    place, size = same.cumcount(), same["dose"].transform("size")
    step = np.minimum(_APART, _WIDEST / np.maximum(size - 1, 1))
    beside = results["particles_log10"].fillna(0) + (place - (size - 1) / 2) * step
    return placed.assign(x=np.where(panel == "particles", beside, (place + 0.5) / size))


def _draw(drawing: MplFigure, results: pd.DataFrame) -> None:
    panels = ["particles", *(name for name in ("unknown", "control") if (results["panel"] == name).any())]
    widths = {"particles": 5, "unknown": 1.6, "control": 1.0}
    grid = drawing.subplots(
        2, len(panels), sharey=True, squeeze=False, width_ratios=[widths[p] for p in panels]
    )
    dosed = results[results["panel"] == "particles"]["x"]
    for row, (domain, title) in zip(grid, _DOMAINS.items(), strict=True):
        of_domain = results[results["outcome_domain"] == domain]
        for axes, panel in zip(row, panels, strict=True):
            shown = of_domain[of_domain["panel"] == panel]
            for result in shown.to_dict("records"):
                _draw_result(axes, result)
            if panel == "particles":
                particle_axis(axes, *((dosed.min(), dosed.max()) if len(dosed) else (8, 11)))
                axes.set(
                    xlabel="Particles per administration (log scale)", ylabel="Participants with an event"
                )
                axes.set_title(f"{title} (n = {counted(_arms(of_domain), 'arm')})")
            else:
                names = {"unknown": "Dose not in particles", "control": "Control arms"}
                axes.set(xticks=[], xlim=(-0.05, 1.05), xlabel=names[panel])
            axes.set_title(f"n = {len(shown)}", loc="right", fontsize=6, fontweight="normal")
            axes.set_ylim(-0.04, 1.04)
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol="%"))
            axes.grid(axis="y")
    strata = in_order(results.loc[results["panel"] != "control", "stratum"])
    handles = [
        key(look(s).marker, look(s).label, color=look(s).colour, markeredgecolor=look(s).colour)
        for s in strata
    ]
    drawing.legend(handles=handles, loc="outside lower left", ncols=5, columnspacing=1.5)


def _draw_result(axes: Axes, result: dict) -> None:
    control = result["panel"] == "control"
    looks = look(result["stratum"])
    colour = MUTED if control else looks.colour
    axes.plot([result["x"]] * 2, [result["low"], result["high"]], color=colour, linewidth=0.8, alpha=0.5)
    axes.plot(
        result["x"],
        result["proportion"],
        marker="o" if control else looks.marker,
        markersize=4,
        color=colour,
        markerfacecolor="white" if control else colour,
        clip_on=False,
        zorder=3,
        gid=point_id(result["study_id"], result["arm"], result["outcome_domain"].replace(" ", "-")),
    )


def _arms(results: pd.DataFrame) -> int:
    return len(results[["study_id", "arm"]].drop_duplicates())


def _facts(results: pd.DataFrame) -> str:
    words = f"{counted(_arms(results), 'arm')} with counts of adverse events"
    for domain, title in _DOMAINS.items():
        of_domain = results[results["outcome_domain"] == domain]
        none = int((of_domain["events"] == 0).sum())
        words += f"; {title.lower()}: {counted(len(of_domain), 'arm')}, {count(none)} with no event"
    return words


def _trends(trends: pd.DataFrame) -> str:
    tested = trends[trends["status"] == ESTIMATED]
    if tested.empty:
        return "No study has dose levels that allow a trend test within it."
    smallest = p_value(tested["p_value"].min())
    return f"Exact trend tests within a study: {count(len(tested))}; smallest p-value {smallest}"
