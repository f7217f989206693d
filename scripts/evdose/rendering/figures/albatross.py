"""Albatross plot: p-value and size of each controlled arm, where effects themselves aren't reported.

After Harrison et al., Res Synth Methods 2017;8:281–289.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from scipy.special import ndtri

from evdose.rendering.figures.canvas import empty_axes, header, in_house_style, key, point_id, sheet
from evdose.rendering.figures.palette import FAINT, MUTED, in_order, look
from evdose.rendering.figures.record import EFFECT, Context, Figure, Tables
from evdose.rendering.figures.words import prose
from evdose.rendering.notation import count, counted, number

_CONTOURS = (0.2, 0.5, 0.8)  # standardised mean differences: small, medium and large by Cohen's convention
_LEVEL = 0.05
_SMALLEST_P = 1e-6  # smaller ones stand there
_SIDES = {"benefit": 1.0, "none": 0.0, "harm": -1.0}
_SIZES = (2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)

_EXPLAINED = (
    "Filled: p-value computed from the numbers of both arms; open: as reported, with an arrow where only an "
    "upper bound is",
    "P-values are of different outcomes, neither pooled nor corrected for their number",
    f"Grey lines: where a standardised mean difference of {', '.join(map(number, _CONTOURS))} between two "
    "arms of equal size lies (normal approximation)",
)


@in_house_style
def albatross(tables: Tables, context: Context) -> Figure:
    """Participants against the two-sided p-value, benefit to the right."""
    arms = tables["effect_direction"]
    controlled = arms[arms["controlled"].astype(bool)]
    shown = _shown(controlled)
    drawing = sheet(3.6 if len(shown) else 1.2)
    header(drawing, len(shown), f"{counted(len(shown), 'arm')} of {_studies(shown)}", context.title)
    axes = drawing.subplots()
    if len(shown):
        _draw(axes, shown)
        drawing.legend(handles=_legend(shown), loc="outside lower left", ncols=5, columnspacing=1.5)
    else:
        empty_axes(axes, "No arm has a p-value against a control, a direction and two groups of known size.")
    facts = _facts(controlled, shown)
    beyond = int((shown["p_value"] < _SMALLEST_P).sum())
    return Figure(
        drawing,
        title="Albatross plot: p-values by direction and study size",
        caption=prose(
            facts,
            *(_EXPLAINED if len(shown) else ()),
            f"{counted(beyond, 'p-value')} below {number(_SMALLEST_P)} stand there" if beyond else "",
        ),
        alt=f"Participants against two-sided p-value, harm left and benefit right. {prose(facts)}",
        question=EFFECT,
        n=len(shown),
    )


def _shown(controlled: pd.DataFrame) -> pd.DataFrame:
    """Arms with a p-value, a side and two groups; ``x`` is −log10 p with the sign of the side.

    No difference at all has no side, and its place only where its p-value is 1.
    """
    known = controlled.dropna(subset=["p_value", "n", "n_control"])
    sided = known["direction"].isin(["benefit", "harm"])
    known = known[sided | ((known["direction"] == "none") & (known["p_value"] == 1))]
    x = -np.log10(known["p_value"].clip(lower=_SMALLEST_P)) * known["direction"].map(_SIDES).astype(float)
    size = known["n"].astype(float) + known["n_control"].astype(float)
    bound = known["p_value_is_bound"].fillna(False).astype(bool)
    known = known.assign(size=size, x=x, p_value_is_bound=bound)
    return known.sort_values(["study_id", "arm"], ignore_index=True)


def _draw(axes: Axes, shown: pd.DataFrame) -> None:
    widest = max(2.0, float(np.ceil(shown["x"].abs().max() + 0.3)))
    least, most = shown["size"].min() / 2.2, shown["size"].max() * 2.2
    axes.set(xlim=(-widest, widest), ylim=(least, most), yscale="log", ylabel="Participants, both arms")
    _draw_contours(axes, least, most, widest)
    for row in shown.to_dict("records"):
        _draw_arm(axes, row)
    axes.axvline(0, color=MUTED, linewidth=0.6, zorder=1)
    for side in (-1, 1):
        axes.axvline(-side * np.log10(_LEVEL), color=MUTED, linewidth=0.6, linestyle=(0, (3, 2)), zorder=1)
    _p_axis(axes, int(widest))
    axes.yaxis.set_major_locator(FixedLocator([n for n in _SIZES if least <= n <= most]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: count(round(value))))


def _draw_arm(axes: Axes, row: dict) -> None:
    looks = look(row["stratum"])
    if row["p_value_is_bound"] and row["x"]:
        axes.annotate(
            "",
            (row["x"] + np.sign(row["x"]) * 0.3, row["size"]),
            (row["x"], row["size"]),
            arrowprops={"arrowstyle": "->", "color": looks.colour, "linewidth": 0.8, "shrinkA": 3},
        )
    axes.plot(
        row["x"],
        row["size"],
        marker=looks.marker,
        color=looks.colour,
        markerfacecolor="white" if row["p_value_from"] == "reported" else looks.colour,
        markersize=5,
        zorder=3,
        gid=point_id(row["study_id"], row["arm"], "p"),
    )


def _p_axis(axes: Axes, widest: int) -> None:
    """Powers of ten away from 1 in the middle, and the usual level on both sides."""
    step = 1 if widest <= 4 else 2
    tens = [power for power in range(-widest, widest + 1) if power % step == 0]
    axes.set_xticks(tens, [number(10.0 ** -abs(power)) for power in tens])
    axes.set_xlabel("Two-sided p-value (dashed: 0.05)")
    small = {"fontsize": 6, "color": MUTED}
    for edge, words in ((0, "← favours control"), (1, "favours vesicles →")):
        looks = small | {"ha": "right" if edge else "left"}
        axes.annotate(words, (edge, 1), (0, 3), "axes fraction", "offset points", **looks)


def _draw_contours(axes: Axes, least: float, most: float, widest: float) -> None:
    """Sizes at which a standardised difference d of two equal arms has the p-value: n = (2 z / d)²."""
    distance = np.linspace(0.02, widest, 400)
    z = -ndtri(10.0**-distance / 2)
    for effect in _CONTOURS:
        size = (2 * z / effect) ** 2
        inside = (size >= least) & (size <= most)
        if inside.sum() < 2:
            continue
        x, y = distance[inside], size[inside]
        at = np.argmin(np.abs(np.log(y) - np.log(y[0]) - 0.7 * np.log(y[-1] / y[0])))
        for side in (-1, 1):
            axes.plot(side * x, y, color=FAINT, linewidth=1.2, zorder=0)
            axes.annotate(
                number(effect),
                (side * x[at], y[at]),
                fontsize=6,
                color=MUTED,
                ha="center",
                va="center",
                zorder=0.5,
                bbox={"facecolor": "white", "linewidth": 0, "pad": 0.6},
            )


def _legend(shown: pd.DataFrame) -> list:
    return [
        key(looks.marker, looks.label, color=looks.colour, markeredgecolor=looks.colour)
        for looks in map(look, in_order(shown["stratum"]))
    ]


def _studies(rows: pd.DataFrame) -> str:
    return counted(rows["study_id"].nunique(), "study", "studies")


def _facts(controlled: pd.DataFrame, shown: pd.DataFrame) -> str:
    if controlled.empty:
        return "No arm with an efficacy outcome has a concurrent control"
    told = (
        f"Of {counted(len(controlled), 'arm')} with a concurrent control and an efficacy outcome, "
        f"{count(len(shown))} can be shown"
    )
    lacking = len(controlled) - len(shown)
    with_p = int(controlled["p_value"].notna().sum()) - len(shown)
    if lacking:
        told += (
            f"; left out: {count(lacking - with_p)} without a p-value against the control, {count(with_p)} "
            "without a direction or a separate control group of known size"
        )
    if len(shown):
        by_side = shown[shown["p_value"] < _LEVEL]["direction"].value_counts()
        at_level = ((shown["p_value"] == _LEVEL) & shown["p_value_is_bound"]).sum()
        told += (
            f"; p below {number(_LEVEL)} for {count(by_side.get('benefit', 0))} on the side of benefit and "
            f"{count(by_side.get('harm', 0))} on that of harm"
        )
        told += f", and only reported as that for {count(at_level)} more" if at_level else ""
    return told
