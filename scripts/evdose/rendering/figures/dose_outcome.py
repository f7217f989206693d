"""Effect against dose by route: the arms, the averaged curve where one can be fitted, and the doses tried."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as MplFigure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from evdose.dosing.tables import STRATA
from evdose.modelling.tables import ALL, MAIN
from evdose.rendering.figures.canvas import (
    beside,
    empty_axes,
    header,
    in_house_style,
    particle_axis,
    point_id,
    sheet,
)
from evdose.rendering.figures.palette import BAND, INK, MUTED, in_order, look
from evdose.rendering.figures.record import EFFECT, Context, Figure, Tables
from evdose.rendering.figures.words import prose
from evdose.rendering.notation import count, counted, number

# Of a measure: name of the axis, and how far it reaches from no effect; an interval beyond ends in an arrow.
_SCALES = {"hedges_g": ("Hedges' g", 4.0), "log_odds_ratio": ("Odds ratio", np.log(1000.0))}
_GROUP = ["stratum", "measure", "outcome_domain"]
_MOST, _PANEL, _ROW = 18, 1.5, 0.16  # panels; inches a row of panels, a route of the strip
_APART = 0.06  # log10 particles between arms at one dose
_AXIS = "Particles per administration (log scale)"

Group = tuple[str, str, str]


@in_house_style
def dose_outcome(tables: Tables, context: Context) -> Figure:
    """A panel a route, measure and outcome domain; below, the doses that other routes tried."""
    tried = tables["tried_arms"]
    tried = tried[tried["per_administration"].notna()]
    effects = _usable(tables["effects"])
    curves = tables["dose_response_curve"]
    curves = curves[curves["sensitivity"] == MAIN]
    groups = _groups(effects, curves)
    curves = curves[_among(curves, groups)]
    bare = tried[~tried["stratum"].isin(effects["stratum"])]
    drawing = sheet(_height(len(groups), bare["stratum"].nunique()))
    studies = counted(effects["study_id"].nunique(), "study", "studies")
    header(drawing, len(effects), f"{counted(len(effects), 'effect')} of {studies}", context.title)
    if groups or len(bare):
        _draw(drawing, groups, effects, tried, bare, curves)
    else:
        empty_axes(drawing.subplots(), "No arm of this scenario has a dose in particles.")
    facts = _facts(effects, tried, curves, len(groups))
    left_out = len(_groups(effects, curves, most=None)) - len(groups)
    return Figure(
        drawing,
        title="Effect by dose and route",
        caption=prose(
            facts,
            *_explained(effects, tried, curves),
            f"{counted(left_out, 'smaller group')} in the table of effects alone" if left_out else "",
        ),
        alt=f"Effect against dose in panels by route. {prose(facts)}",
        question=EFFECT,
        n=len(effects),
    )


def _usable(effects: pd.DataFrame) -> pd.DataFrame:
    """Effects that the main dose–response models use."""
    marked = effects["derived"].astype(bool) | effects["estimated_moments"].astype(bool)
    keep = (effects["effect_table"] == "controlled") & effects["primary"].astype(bool) & ~marked
    known = effects[["particles_log10", "estimate", "variance"]].notna().all(axis=1)
    usable = effects[keep & known & effects["measure"].isin(_SCALES)]
    first = ["study_id", "arm", "measure", "locator"]
    return usable.sort_values(first, ignore_index=True).drop_duplicates(first[:3])


def _groups(effects: pd.DataFrame, curves: pd.DataFrame, most: int | None = _MOST) -> list[Group]:
    """Route, measure and domain of each panel; of more than ``most`` routes, those with most effects.

    All routes together have a panel where a curve could be fitted to them.
    """
    sizes = effects.groupby(_GROUP).size().reset_index(name="n")
    largest = sizes.sort_values(["n", *_GROUP], ascending=[False, True, True, True])[:most]
    groups = {tuple(row) for row in largest[_GROUP].itertuples(index=False)}
    pooled = {(ALL, *row[1:]) for row in sizes[_GROUP].itertuples(index=False, name=None)}
    groups |= pooled & set(curves[_GROUP].itertuples(index=False, name=None))
    return sorted(groups, key=lambda group: ((ALL, *STRATA).index(group[0]), *group[1:]))


def _among(rows: pd.DataFrame, groups: list[Group]) -> np.ndarray:
    return np.array([row in groups for row in rows[_GROUP].itertuples(index=False, name=None)], dtype=bool)


def _height(groups: int, bare: int) -> float:
    if not groups and not bare:
        return 1.2
    return 0.35 + _PANEL * -(-groups // _columns(groups)) + (0.65 + _ROW * bare if bare else 0.15)


def _columns(groups: int) -> int:
    return max(min(groups, 2 if groups <= 4 else 3), 1)


def _draw(
    drawing: MplFigure,
    groups: list[Group],
    effects: pd.DataFrame,
    tried: pd.DataFrame,
    bare: pd.DataFrame,
    curves: pd.DataFrame,
) -> None:
    columns, routes = _columns(len(groups)), in_order(bare["stratum"])
    rows = -(-len(groups) // columns)
    ratios = [_PANEL] * rows + [0.5 + _ROW * len(routes)] * bool(routes)
    grid = drawing.add_gridspec(len(ratios), columns, height_ratios=ratios)
    doses = np.r_[tried["per_administration"].to_numpy(float), effects["particles_log10"].to_numpy(float)]
    for place, group in enumerate(groups):
        axes = drawing.add_subplot(grid[divmod(place, columns)])
        pooled = effects.assign(stratum=ALL) if group[0] == ALL else effects
        particle_axis(axes, doses.min(), doses.max())
        if columns > 2:
            axes.xaxis.get_major_locator().nbins = 5
        _draw_group(axes, group, effects[_among(pooled, [group])], curves[_among(curves, [group])])
        _draw_ticks(axes, tried if group[0] == ALL else tried[tried["stratum"] == group[0]])
        if place + columns >= len(groups):
            axes.set_xlabel(_AXIS if columns < 3 else "Particles per administration")
        else:
            axes.tick_params(axis="x", labelbottom=False)
    if routes:
        axes = drawing.add_subplot(grid[-1, :])
        particle_axis(axes, doses.min(), doses.max())
        _draw_strip(axes, bare, routes)


def _draw_group(axes: Axes, group: Group, here: pd.DataFrame, curve: pd.DataFrame) -> None:
    stratum, measure, domain = group
    ink = INK if stratum == ALL else look(stratum).colour
    name, most = _SCALES[measure]
    curve = curve.sort_values("particles_log10")
    doses = curve["particles_log10"]
    axes.fill_between(doses, curve["low"], curve["high"], color=ink, alpha=0.15, linewidth=0)
    axes.plot(doses, curve["estimate"], color=ink, linewidth=1.2)
    placed = here.sort_values(["particles_log10", "study_id", "arm"])
    same = placed.groupby(placed["particles_log10"].round(2))["arm"]
    x = placed["particles_log10"] + _APART * (same.cumcount() - (same.transform("size") - 1) / 2)
    reach = _reach(placed, most)
    for row, dose in zip(placed.to_dict("records"), x, strict=True):
        _draw_effect(axes, row, dose, reach, stratum)
    axes.axhline(0, color=MUTED, linewidth=0.7, zorder=1)
    axes.set(ylim=(-1.35 * reach, 1.1 * reach), ylabel=name)  # the doses tried stand at the foot
    axes.grid(axis="y")
    _effect_axis(axes, measure, reach)
    axes.set_title("All routes" if stratum == ALL else look(stratum).label, pad=13)
    words = f"{domain}, n = {counted(len(here), 'effect')}"
    axes.annotate(words, (0, 1), (0, 4), "axes fraction", "offset points", fontsize=6, color=MUTED)


def _reach(placed: pd.DataFrame, most: float) -> float:
    """How far the axis reaches from no effect on both sides."""
    return float(np.clip(placed[["low", "high"]].abs().max().max(), 0.5, most))


def _draw_effect(axes: Axes, row: dict, dose: float, reach: float, panel: str) -> None:
    looks = look(row["stratum"])
    low, estimate, high = np.clip([row["low"], row["estimate"], row["high"]], -reach, reach)
    axes.plot([dose, dose], [low, high], color=looks.colour, linewidth=0.8, alpha=0.6)
    for end, beyond, marker in ((-reach, row["low"] < -reach, "v"), (reach, row["high"] > reach, "^")):
        if beyond:
            axes.plot(dose, end, marker=marker, markersize=3, color=looks.colour)
    gid = point_id(row["study_id"], row["arm"], row["measure"], *([ALL] if panel == ALL else []))
    axes.plot(dose, estimate, marker=looks.marker, color=looks.colour, markersize=4, zorder=3, gid=gid)


def _effect_axis(axes: Axes, measure: str, reach: float) -> None:
    if measure == "log_odds_ratio":
        inner = 5.0 if reach > np.log(6) else 2.0
        step = 1 if reach < np.log(40) else 2
        powers = [power for power in range(-4, 5) if abs(power * np.log(10)) <= reach and power % step == 0]
        ratios = [10.0**power for power in powers] if len(powers) > 1 else [1 / inner, 1.0, inner]
        axes.yaxis.set_major_locator(FixedLocator(np.log(ratios)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(float(np.exp(value)))))
    else:
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10], symmetric=True))


def _draw_ticks(axes: Axes, tried: pd.DataFrame) -> None:
    """Doses tried, at the foot of a panel."""
    axes.plot(
        tried["per_administration"].sort_values(),
        np.full(len(tried), 0.05),
        linestyle="none",
        marker="|",
        color=MUTED,
        markersize=5,
        markeredgewidth=0.8,
        transform=axes.get_xaxis_transform(),
    )


def _draw_strip(axes: Axes, bare: pd.DataFrame, routes: list[str]) -> None:
    """Routes without a usable effect: a line of ticks each."""
    for row, stratum in enumerate(routes):
        doses = bare.loc[bare["stratum"] == stratum, "per_administration"].sort_values()
        ink = {"color": look(stratum).colour, "markersize": 6, "markeredgewidth": 1}
        axes.plot(doses, np.full(len(doses), row), "|", **ink)
        beside(axes, row, 0.06, counted(len(doses), "arm"), color=MUTED)
        if row % 2 == 0:
            axes.axhspan(row - 0.5, row + 0.5, color=BAND, linewidth=0, zorder=-2)
    axes.set_yticks(range(len(routes)), [look(stratum).label for stratum in routes])
    axes.set(ylim=(len(routes) - 0.5, -0.5), xlabel=_AXIS)
    axes.set_title("Doses tried by routes without such an effect")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _explained(effects: pd.DataFrame, tried: pd.DataFrame, curves: pd.DataFrame) -> list[str]:
    """What marks mean, where there are any."""
    points = (
        "Points: primary efficacy effects against a concurrent control, with 95% intervals (an arrow: it "
        "goes on); above the line of no effect is benefit"
    )
    lines = (
        "Line and band: average of the candidate curves by Akaike weight, with its 95% interval; between "
        "trials, and so confounded by condition and product (all routes: by route as well)"
    )
    ticks = "Ticks: doses in particles of registered arms by the route, whether or not an effect is known"
    return [words for words, rows in ((points, effects), (lines, curves), (ticks, tried)) if len(rows)]


def _facts(effects: pd.DataFrame, tried: pd.DataFrame, curves: pd.DataFrame, panels: int) -> str:
    arms = len(effects[["study_id", "arm"]].drop_duplicates())
    told = f"{counted(len(tried), 'registered arm')} with a dose in particles"
    if not arms:
        return f"{told}, and no published arm with a controlled primary effect at such a dose"
    studies = counted(effects["study_id"].nunique(), "study", "studies")
    fitted = len(curves[_GROUP].drop_duplicates())
    return (
        f"{told}; {counted(arms, 'published arm')} of {studies} by "
        f"{counted(effects['stratum'].nunique(), 'route')} with a controlled primary effect at such a dose; "
        f"a curve could be fitted in {count(fitted)} of {counted(panels, 'panel')} (route × measure × domain)"
    )
