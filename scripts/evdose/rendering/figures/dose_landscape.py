"""The dose landscape: every arm that was tried, by route, on one axis of particles."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from evdose.rendering.figures.canvas import (
    beside,
    empty_axes,
    header,
    in_house_style,
    key,
    particle_axis,
    point_id,
    sheet,
)
from evdose.rendering.figures.palette import INK, MUTED, look
from evdose.rendering.figures.record import BY_DOSE, Context, Figure, Tables
from evdose.rendering.figures.rows import Block, arrange, draw_bands, height_of
from evdose.rendering.figures.trials import arm_doses, given_arms
from evdose.rendering.figures.words import prose
from evdose.rendering.notation import count, counted, listed, power

_SAME_DOSE = 0.05  # log10 particles between a registered arm and the published arm that it stands for
_PITCH, _TALLEST, _LEAST = 0.085, 7.4, 0.36  # inches: a row, all blocks, a block
_KNOWN = {"stated": "stated in particles", "converted": "converted", "inferred": "inferred from the text"}


@in_house_style
def dose_landscape(tables: Tables, context: Context) -> Figure:
    """One dot an arm at its dose in particles, with its interval; arms without one are counted beside."""
    arms = landscape_arms(tables)
    shown = arms[arms["middle"].notna()]
    rows = {stratum: int(part["middle"].notna().sum()) for stratum, part in arms.groupby("stratum")}
    stacked = arrange(rows, _PITCH, _TALLEST, _LEAST)
    drawing = sheet(1.35 + max(height_of(stacked), 1.0))
    axes = drawing.subplots()
    header(drawing, len(shown), f"{_counts(arms, shown)} with a dose in particles", context.title)
    if len(arms):
        _draw(axes, arms, stacked)
    else:
        empty_axes(axes, "No included trial has an arm with vesicles.")
    facts = _facts(arms, shown)
    return Figure(
        drawing,
        title="Dose per administration of every arm, by route",
        caption=prose(
            facts,
            "Lines span an arm's levels, a stated range, or 95% of what a conversion leaves open",
            "A ring marks an arm that is effective by the rule (the 95% interval against a concurrent "
            "control excludes no effect), itself or as the published arm of the same trial and dose",
            "An arm from a publication alone has no registered arm of its trial, route and dose beside it"
            if shown["published"].any()
            else "",
            f"The area of a dot is the enrolment of its trial{_unknown(shown['enrollment'])}",
        ),
        alt=f"Dot plot of particles per administration, one row an arm, in blocks by route. {prose(facts)}",
        question=BY_DOSE,
        n=len(shown),
    )


def landscape_arms(tables: Tables) -> pd.DataFrame:
    """One row a registered arm of an included trial, or a published arm that no registered arm stands for.

    Columns: record, arm, trial_id, stratum, enrollment, middle, low, high (log10 particles per
    administration), known, missing, effective, published. A published arm with a dose in particles is drawn
    on its own unless its trial has a registered arm of the same stratum at the same dose, within 0.05 log10.
    The registered arms are those of the table tried_arms, with the same doses; it has no published ones.
    """
    doses = arm_doses(tables["doses"])
    given = given_arms(tables)
    registered = given.merge(doses, on=["trial_id", "arm"], how="left").assign(
        record=given["trial_id"], effective=False, published=False
    )
    judged = _published_arms(tables, doses)
    same = registered.reset_index(names="place").merge(
        judged, on=["trial_id", "stratum"], suffixes=("", "_there")
    )
    same = same[(same["middle"] - same["middle_there"]).abs() <= _SAME_DOSE]
    registered.loc[same.loc[same["effective_there"], "place"], "effective"] = True
    stands_for = pd.MultiIndex.from_frame(same[["record_there", "arm_there"]])
    alone = judged[~pd.MultiIndex.from_frame(judged[["record", "arm"]]).isin(stands_for)]
    alone = alone.loc[alone["middle"].notna(), registered.columns].astype(registered.dtypes)
    arms = pd.concat([registered, alone], ignore_index=True)
    arms["missing"] = arms["missing"].where(arms["middle"].notna(), arms["missing"].fillna("not reported"))
    order = ["stratum", "middle", "record", "arm"]
    return arms.sort_values(order, ignore_index=True)


def _published_arms(tables: Tables, doses: pd.DataFrame) -> pd.DataFrame:
    """Published arms with an efficacy outcome, under the trial that stands for their own."""
    judged = tables["effect_direction"]
    duplicates = tables["screening"].dropna(subset="duplicate_of").set_index("record_id")["duplicate_of"]
    own = judged["trial_id"].fillna(judged["study_id"])
    arms = pd.DataFrame(
        {
            "record": judged["study_id"],
            "arm": judged["arm"],
            "trial_id": own.map(duplicates).astype("string").fillna(own),
            "label": judged["label"],
            "stratum": judged["stratum"],
            "enrollment": judged["n"],
            "effective": judged["call"].eq("effective").astype(bool),
            "published": True,
        }
    )
    return arms.merge(doses.rename(columns={"trial_id": "record"}), on=["record", "arm"], how="left")


def _draw(axes: Axes, arms: pd.DataFrame, stacked: list[Block]) -> None:
    shown = arms[arms["middle"].notna()]
    for block in stacked:
        of_stratum = arms[arms["stratum"] == block.stratum]
        dots = of_stratum[of_stratum["middle"].notna()]
        for row, arm in enumerate(dots.to_dict("records")):
            _draw_arm(axes, arm, block.place(row))
        published = int(of_stratum["published"].sum())
        words = f"{count(len(dots) - published)} of {counted(len(of_stratum) - published, 'arm')}"
        words += f"\n+ {count(published)} published" if published else ""
        if (without := of_stratum[of_stratum["middle"].isna()]["missing"]).any():
            words += "\n" + _without(without)
        beside(axes, block.centre, 0.07, words, va="center")
    if shown.empty:
        particle_axis(axes, 8, 11)
    else:
        particle_axis(axes, shown["low"].min(), shown["high"].max())
    draw_bands(axes, stacked)
    axes.set_yticks([block.centre for block in stacked], [look(block.stratum).label for block in stacked])
    axes.set_xlabel("Particles per administration (log scale)")
    beside(axes, -0.09, 0.07, "Registered arms with a dose\nin particles", color=MUTED)
    _draw_key(axes)


def _draw_arm(axes: Axes, arm: dict, place: float) -> None:
    looks = look(arm["stratum"])
    size = _size(arm["enrollment"])
    if arm["high"] > arm["low"]:
        axes.plot([arm["low"], arm["high"]], [place, place], color=looks.colour, linewidth=0.8, alpha=0.55)
    if arm["effective"]:
        ring = {"marker": "o", "markersize": size + 3.5, "markerfacecolor": "none", "markeredgecolor": INK}
        axes.plot(arm["middle"], place, **ring, markeredgewidth=0.9, zorder=3)
    axes.plot(
        arm["middle"],
        place,
        marker=looks.marker,
        markersize=size,
        markeredgecolor=looks.colour,
        zorder=4,
        gid=point_id(arm["record"], arm["arm"]),
        **_fill(arm["known"], looks.colour),
    )


def _size(enrolment: float) -> float:
    """Diameter of a dot in points: its area grows with enrolment; unknown is smallest."""
    known = 0 if pd.isna(enrolment) else float(enrolment)
    return min(max(0.55 * known**0.5, 2.8), 9.0)


def _fill(known: str, colour: str) -> dict:
    face = {"stated": colour, "converted": "white", "inferred": f"{colour}77"}[known]
    return {"markerfacecolor": face, "markeredgewidth": 0.5 if known == "stated" else 0.9}


def _draw_key(axes: Axes) -> None:
    known = [key("o", f"dose {words}", **_fill(name, MUTED)) for name, words in _KNOWN.items()]
    ring = key("o", "effective by the rule", markerfacecolor="none", markeredgecolor=INK, markersize=8)
    sizes = [key("o", f"{n} enrolled", markersize=_size(n)) for n in (20, 100)]
    axes.figure.legend(handles=[*known, ring, *sizes], loc="outside lower left", ncols=3, columnspacing=1.5)


def _without(missing: pd.Series) -> str:
    counts = missing.value_counts()
    words = [f"{count(counts[reason])} {reason}" for reason in sorted(counts.index)]
    return ", ".join(words)


def _unknown(enrolment: pd.Series) -> str:
    n = int(enrolment.isna().sum())
    return f" (unknown, and smallest, for {counted(n, 'arm')})" if n else ""


def _counts(arms: pd.DataFrame, shown: pd.DataFrame) -> str:
    """Registered arms, as table tried_arms counts them; published ones beside them."""
    registered = (
        f"{count((~shown['published']).sum())} of {counted((~arms['published']).sum(), 'registered arm')}"
    )
    published = int(shown["published"].sum())
    if not published:
        return registered
    return f"{registered} and {counted(published, 'arm')} from publications alone"


def _facts(arms: pd.DataFrame, shown: pd.DataFrame) -> str:
    if arms.empty:
        return "No included trial has an arm with vesicles"
    words = f"{_counts(arms, shown)} with a dose in particles"
    if len(shown):
        known = shown["known"].value_counts()
        words += " (" + listed([f"{count(known[name])} {name}" for name in _KNOWN if name in known]) + ")"
        words += f", from {power(shown['middle'].min())} to {power(shown['middle'].max())} per administration"
    return f"{words}; {count(shown['effective'].sum())} effective by the rule"
