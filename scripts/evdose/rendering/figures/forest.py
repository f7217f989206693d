"""Forest plot of controlled effects by measure and route, with pooled effects where data permit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Polygon
from matplotlib.ticker import FixedLocator, FuncFormatter

from evdose.modelling.tables import ESTIMATED, MAIN
from evdose.rendering.figures.canvas import (
    WIDTH,
    beside,
    empty_axes,
    header,
    in_house_style,
    panel,
    plain_sheet,
    point_id,
)
from evdose.rendering.figures.lettering import shorten, width_of, wrap
from evdose.rendering.figures.palette import INK, MUTED, in_order, look
from evdose.rendering.figures.record import EFFECT, Context, Figure, Tables
from evdose.rendering.figures.words import prose
from evdose.rendering.notation import count, counted, missing, number

_ROW, _TALLEST, _READABLE = 0.15, 8.5, 0.1  # inches: a row, all effects, a row below which none is named
_TOP, _HEAD, _FOOT, _NOTHING = (
    0.3,
    0.3,
    0.62,
    0.4,
)  # inches: above all panels, above and below one, an empty one
_HEADING, _LEADING = 0.18, 0.1  # inches: the name of a stratum, a further line of text
_NAMES, _LABEL, _NUMBERS = 3.3, 0.9, 1.55  # inches: left of the axes, of it for an arm; right of the axes


@dataclass(frozen=True)
class _Measure:
    title: str
    words: str
    axis: str
    log: bool
    least: float  # the axis reaches at least so far from no effect,
    most: float  # and at most so far: an interval that goes on ends in an arrow


_MEASURES = {
    "hedges_g": _Measure(
        "Hedges g", "a standardised difference", "Hedges g (standard deviations)", False, 1.0, 4.0
    ),
    "log_odds_ratio": _Measure(
        "Odds ratio", "an odds ratio", "Odds ratio (log scale)", True, np.log(10.0), np.log(1000.0)
    ),
}


_DIAMOND = "Diamond: random-effects estimate within an outcome domain; thin line: 95% prediction interval"


@in_house_style
def forest(tables: Tables, context: Context) -> Figure:
    """Effects against a concurrent control, a panel a measure, in blocks by route, with pooled diamonds."""
    effects = tables["effects"]
    effects = effects[
        (effects["effect_table"] == "controlled")
        & effects["primary"].astype(bool)
        & ~(effects["derived"] | effects["estimated_moments"]).astype(bool)
        & effects["measure"].isin(_MEASURES)
        & effects["estimate"].notna()
    ]
    pooled = tables["synthesis"]
    pooled = pooled[
        (pooled["analysis"] == "random_effects")
        & (pooled["sensitivity"] == MAIN)
        & (pooled["effect_table"] == "controlled")
        & pooled["measure"].isin(effects["measure"])
    ]
    row = min(_ROW, _TALLEST / max(len(effects), 1))
    lines = {measure: _lines(effects, pooled, measure, row) for measure in _MEASURES}
    tall = {measure: sum(line["height"] for line in of_measure) for measure, of_measure in lines.items()}
    depths = {measure: _HEAD + (tall[measure] + _FOOT if tall[measure] else _NOTHING) for measure in lines}
    drawing = plain_sheet(_TOP + sum(depths.values()))
    studies = effects["study_id"].nunique()
    words = f"{counted(len(effects), 'effect')} of {counted(studies, 'study', 'studies')}"
    header(drawing, len(effects), words, context.title)
    top = _TOP
    for measure, depth in depths.items():
        if tall[measure]:
            axes = panel(drawing, _NAMES, top + _HEAD, WIDTH - _NAMES - _NUMBERS, tall[measure])
            _draw(axes, lines[measure], _MEASURES[measure], named=row >= _READABLE)
        else:
            axes = panel(drawing, 0, top + _HEAD, WIDTH, _NOTHING)
            empty_axes(axes, f"No controlled primary efficacy effect is known as {_MEASURES[measure].words}.")
        top += depth
    facts = _facts(effects, pooled)
    return Figure(
        drawing,
        title="Effects against a concurrent control, by route",
        caption=prose(
            facts,
            "To the right of the line of no effect is benefit",
            "One primary efficacy outcome a study, by the stated hierarchy",
            "Bars: 95% intervals (an arrow: it goes on); area of a square: 1 / variance",
            _DIAMOND if (pooled["status"] == ESTIMATED).any() else "",
            "" if row >= _READABLE else "Too many effects to name here: the table of effects names them",
        ),
        alt=f"Forest plot, a panel a measure, in blocks by route. {prose(facts)}",
        question=EFFECT,
        n=len(effects),
    )


def _lines(effects: pd.DataFrame, pooled: pd.DataFrame, measure: str, row: float) -> list[dict]:
    """Lines of one panel, top down: a heading a stratum, its effects, its pooled estimates or why none."""
    effects = effects[effects["measure"] == measure]
    pooled = pooled[pooled["measure"] == measure]
    if effects.empty:
        return []
    lines = []
    for stratum in (*in_order(effects["stratum"]), "all"):
        here = effects if stratum == "all" else effects[effects["stratum"] == stratum]
        name = "All routes" if stratum == "all" else look(stratum).label
        lines.append({"kind": "heading", "text": f"{name} (n = {len(here)})", "height": _HEADING})
        if stratum != "all":
            here = here.sort_values(["outcome_domain", "study_id", "arm", "effect_id"])
            lines += [effect | {"kind": "effect", "height": row} for effect in here.to_dict("records")]
        domains = [*here["outcome_domain"].unique(), "all"]
        syntheses = pooled[(pooled["stratum"] == stratum) & pooled["outcome_domain"].isin(domains)]
        syntheses = syntheses.sort_values("outcome_domain").to_dict("records")
        lines += [_pooled_line(line) for line in syntheses]
    bottoms = np.cumsum([line["height"] for line in lines])
    return [
        line | {"place": bottom - line["height"] / 2} for line, bottom in zip(lines, bottoms, strict=True)
    ]


def _pooled_line(pooled: dict) -> dict:
    """A pooled estimate, or in one or two lines of text why there is none."""
    line = pooled | {"kind": pooled["status"], "height": _ROW}
    if pooled["status"] == ESTIMATED:
        return line
    why = wrap(f"Not pooled, {pooled['outcome_domain']}: {pooled['why']}", _NAMES - 0.26, 6, most=2)
    return line | {"text": "\n".join(why), "height": _ROW + (len(why) - 1) * _LEADING}


def _draw(axes: Axes, lines: list[dict], measure: _Measure, named: bool) -> None:
    effects = [line for line in lines if line["kind"] == "effect"]
    ends = [line[end] for line in effects for end in ("low", "estimate", "high")]
    reach = min(max(np.nanmax(np.abs(ends)), measure.least), measure.most) * 1.04
    axes.set(
        xlim=(-reach, reach),
        ylim=(lines[-1]["place"] + lines[-1]["height"] / 2, 0),
        yticks=[],
        xlabel=measure.axis,
    )
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=MUTED, linewidth=0.7, zorder=0)
    precise = max(1 / line["variance"] for line in effects)
    for line in lines:
        if line["kind"] == "heading":
            beside(axes, line["place"], 0.08 - _NAMES, line["text"], fontsize=7, fontweight="bold")
        elif line["kind"] == "effect":
            _draw_effect(axes, line, 1 / line["variance"] / precise, measure if named else None)
        elif line["kind"] == ESTIMATED:
            _draw_pooled(axes, line, measure)
        else:
            looks = {"fontstyle": "italic", "color": MUTED, "va": "center"}
            beside(axes, line["place"], 0.16 - _NAMES, line["text"], **looks)
    if measure.log:
        powers = [exponent for exponent in range(-3, 4) if abs(exponent * np.log(10)) <= reach]
        axes.xaxis.set_major_locator(FixedLocator([exponent * np.log(10) for exponent in powers]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{np.exp(value):g}"))
    _draw_headings(
        axes, f"{measure.title}, n = {counted(len(effects), 'effect')}", measure.title if named else None
    )


def _draw_headings(axes: Axes, title: str, numbers: str | None) -> None:
    small = {"fontsize": 6, "color": MUTED}
    words = [
        ((0, 0), (0, -32), "← favours control", small),
        ((1, 0), (0, -32), "favours vesicles →", small | {"ha": "right"}),
        ((0, 1), (72 * (0.08 - _NAMES), 6), title, {"fontsize": 8, "fontweight": "bold"}),
    ]
    if numbers:
        words.append(((0, 1), (-7, 6), "n, vesicles / control", small | {"ha": "right"}))
        words.append(((1, 1), (9, 6), f"{numbers} (95% interval)", small))
    for corner, offset, text, looks in words:
        axes.annotate(text, corner, offset, "axes fraction", "offset points", **looks)


def _draw_effect(axes: Axes, effect: dict, weight: float, measure: _Measure | None) -> None:
    """Draw one effect; ``measure`` formats its numbers, and is None where there is no room for words."""
    colour = look(effect["stratum"]).colour
    place = effect["place"]
    _draw_interval(axes, effect["low"], effect["high"], place, color=colour, linewidth=1.0)
    size = max(6.5 * weight**0.5, 2.2) * min(1.0, effect["height"] / _READABLE)
    gid = point_id(effect["study_id"], effect["arm"], effect["effect_id"])
    if abs(effect["estimate"]) <= axes.get_xlim()[1]:
        axes.plot(effect["estimate"], place, marker="s", markersize=size, color=colour, gid=gid)
    if measure:
        n = f"{count(effect['n_treated'])} / {count(effect['n_control'])}"
        name = f"{effect['study_id']}, {shorten(effect['label'], _LABEL, 6)}: {effect['outcome']}"
        beside(axes, place, 0.16 - _NAMES, shorten(name, _NAMES - 0.34 - width_of(n, 6), 6))
        beside(axes, place, -0.1, n, ha="right", color=MUTED)
        beside(axes, place, 0.12, _words(effect, measure))


def _draw_pooled(axes: Axes, pooled: dict, measure: _Measure) -> None:
    place, half = pooled["place"], 0.045
    _draw_interval(axes, pooled["prediction_low"], pooled["prediction_high"], place, color=INK, linewidth=0.6)
    _draw_interval(axes, pooled["low"], pooled["high"], place, color=INK, linewidth=0.6)
    low, high = np.clip([pooled["low"], pooled["high"]], *axes.get_xlim())
    corners = [
        (low, place),
        (pooled["estimate"], place - half),
        (high, place),
        (pooled["estimate"], place + half),
    ]
    axes.add_patch(Polygon(corners, color=INK, linewidth=0, zorder=3))
    name = f"Pooled, {pooled['outcome_domain']}: {counted(pooled['studies'], 'study', 'studies')}"
    if pooled["i2"] == pooled["i2"]:
        name += f", I² {pooled['i2']:.0f}%"
    beside(axes, place, 0.16 - _NAMES, shorten(name, _NAMES - 0.2, 6, "bold"), fontweight="bold")
    beside(axes, place, 0.12, _words(pooled, measure), fontweight="bold")


def _draw_interval(axes: Axes, low: float, high: float, place: float, **looks: object) -> None:
    if not low <= high:  # an end is missing
        return
    reach = axes.get_xlim()[1]
    axes.plot(np.clip([low, high], -reach, reach), [place, place], **looks)
    for end, beyond, marker in ((-reach, low < -reach, 4), (reach, high > reach, 5)):
        if beyond:
            axes.plot(end, place, marker=marker, markersize=3.5, color=looks["color"])


def _words(row: dict, measure: _Measure) -> str:
    said = _ratio if measure.log else _difference
    return f"{said(row['estimate'])} ({said(row['low'])} to {said(row['high'])})"


def _difference(value: float) -> str:
    return number(value) if missing(value) or abs(value) >= 10 else f"{value:.2f}".replace("-", "−")


def _ratio(log_value: float) -> str:
    if missing(log_value) or abs(log_value) <= np.log(1000.0):
        ratio = np.exp(log_value)
        return f"{ratio:.2f}" if 0.1 <= ratio < 10 else number(ratio, 2)
    return "> 1000" if log_value > 0 else "< 0.001"


def _facts(effects: pd.DataFrame, pooled: pd.DataFrame) -> str:
    parts = []
    for name, measure in _MEASURES.items():
        of_measure = effects[effects["measure"] == name]
        if len(of_measure):
            studies = counted(of_measure["study_id"].nunique(), "study", "studies")
            benefit, harm = (of_measure["low"] > 0).sum(), (of_measure["high"] < 0).sum()
            parts.append(
                f"{measure.title}: {counted(len(of_measure), 'effect')} of {studies}, "
                f"{count(benefit)} with an interval wholly on the side of benefit, {count(harm)} of harm"
            )
    if not parts:
        return "No effect against a concurrent control can be computed from the published numbers"
    estimated = int((pooled["status"] == ESTIMATED).sum())
    lacking = counted(len(pooled) - estimated, "group")
    return f"{'; '.join(parts)}; {counted(estimated, 'pooled estimate')}; {lacking} too small to pool"
