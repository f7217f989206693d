"""Direction of effect of every published arm, by route and dose.

After Boon and Thomson, Res Synth Methods 2021;12:29 (effect direction plot).
"""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as MplFigure

from evdose.rendering.figures.canvas import (
    WIDTH,
    beside,
    empty_axes,
    header,
    in_house_style,
    key,
    panel,
    particle_axis,
    plain_sheet,
    point_id,
)
from evdose.rendering.figures.lettering import shorten, wrap
from evdose.rendering.figures.palette import MUTED, look
from evdose.rendering.figures.record import EFFECT, Context, Figure, Tables
from evdose.rendering.figures.rows import Block, arrange, draw_bands, height_of
from evdose.rendering.figures.words import prose
from evdose.rendering.notation import count, counted, listed

_PITCH, _TALLEST, _LEAST = 0.15, 9.0, 0.36  # inches: a row, all blocks, a block
_READABLE = 0.11  # inches a row, below which names and words are left to the table
_TOP, _BOTTOM = 0.5, 0.95  # inches above and below the rows
_STRATUM, _NAME, _UNKNOWN = 1.0, 2.1, 0.66  # inches: labels of strata, of arms; strip without a dose
_COLUMNS = {"Control": 0.38, "By rule": 0.64, "Authors": 0.65}  # inches
_MARKERS = {"benefit": "^", "none": "D", "harm": "v", "unclear": "o"}
_WORDS = {"benefit": "benefit", "none": "no difference", "harm": "harm", "unclear": "unclear"}
_CALLS = {"effective": "shown by the rule", "not shown": "not shown", "not testable": "not testable"}
_AUTHORS = {"yes": "effective", "no": "not effective", "unknown": "no call"}


@in_house_style
def effect_direction(tables: Tables, context: Context) -> Figure:
    """One marker a published arm at its dose: direction; call by the rule beside the authors' own."""
    arms = tables["effect_direction"].sort_values(
        ["stratum", "particles_log10", "study_id", "arm"], na_position="last", ignore_index=True
    )
    stacked = arrange(arms["stratum"].value_counts().to_dict(), _PITCH, _TALLEST, _LEAST)
    tall = max(height_of(stacked), 1.0)
    drawing = plain_sheet(_TOP + tall + _BOTTOM)
    studies = arms["study_id"].nunique()
    words = f"{counted(len(arms), 'arm')} of {counted(studies, 'study', 'studies')}"
    header(drawing, len(arms), words, context.title)
    if len(arms):
        _draw(drawing, arms, stacked, tall)
    else:
        empty_axes(
            panel(drawing, 0, _TOP, WIDTH, tall),
            "No published study of this scenario has an efficacy outcome.",
        )
    facts = _facts(arms)
    return Figure(
        drawing,
        title="Direction of effect by route and dose",
        caption=prose(
            facts,
            "One efficacy outcome an arm, by the stated hierarchy",
            "Filled: effective (or harmful) by the rule, the 95% interval against a concurrent control "
            "excluding no effect; the authors' own call stands apart",
            _unnamed(stacked),
        ),
        alt=f"Effect direction by dose, one row a published arm, in blocks by route. {prose(facts)}",
        question=EFFECT,
        n=len(arms),
    )


def _named(stacked: list[Block]) -> bool:
    return stacked[0].pitch >= _READABLE


def _draw(drawing: MplFigure, arms: pd.DataFrame, stacked: list[Block], tall: float) -> None:
    named = _named(stacked)
    left = _STRATUM + (_NAME if named else 0.0)
    right = _UNKNOWN + (sum(_COLUMNS.values()) if named else 0.0)
    axes = panel(drawing, left, _TOP, WIDTH - left - right - 0.1, tall)
    strip = panel(drawing, WIDTH - right - 0.05, _TOP, _UNKNOWN - 0.05, tall)
    known = arms[arms["particles_log10"].notna()]
    lows, highs = (known[end].fillna(known["particles_log10"]) for end in ("particles_low", "particles_high"))
    particle_axis(axes, *((lows.min(), highs.max()) if len(known) else (8, 11)))
    axes.set_xlabel("Particles per administration (log scale)")
    strip.set(xlim=(0, 1), xticks=[])
    strip.set_title(
        "Dose not in\nparticles", fontsize=6, fontweight="normal", color=MUTED, loc="center", pad=3
    )
    for each in (axes, strip):
        draw_bands(each, stacked)
        each.set_yticks([])
    for block in stacked:
        rows = arms[arms["stratum"] == block.stratum]
        beside(
            axes,
            block.centre,
            -left + 0.05,
            "\n".join([*wrap(look(block.stratum).label, _STRATUM - 0.1, 7), f"n = {len(rows)}"]),
            va="center",
            fontsize=7,
        )
        for row, arm in enumerate(rows.to_dict("records")):
            _draw_arm(strip if pd.isna(arm["particles_log10"]) else axes, arm, block.place(row))
            if named:
                _draw_words(axes, strip, arm, block.place(row))
    if named:
        for heading, inches in zip(_COLUMNS, _offsets(), strict=True):
            beside(strip, -0.08, inches, heading, va="bottom", color=MUTED)
    directions = [key(m, _WORDS[name], markerfacecolor="white") for name, m in _MARKERS.items()]
    calls = [key("o", words, **_fill(call, MUTED)) for call, words in _CALLS.items()]
    for place, title, handles in (
        (0.008, "Direction of effect", directions),
        (0.55, "Call by the rule", calls),
    ):
        looks = {"ncols": 4, "columnspacing": 1.2, "alignment": "left"}
        drawing.legend(handles=handles, title=title, loc="lower left", bbox_to_anchor=(place, 0.004), **looks)


def _draw_arm(axes: Axes, arm: dict, place: float) -> None:
    colour = look(arm["stratum"]).colour
    unknown = pd.isna(arm["particles_log10"])
    if not unknown and arm["particles_high"] > arm["particles_low"]:
        ends = [arm["particles_low"], arm["particles_high"]]
        axes.plot(ends, [place, place], color=colour, linewidth=0.8, alpha=0.55)
    axes.plot(
        0.5 if unknown else arm["particles_log10"],
        place,
        marker=_MARKERS[arm["direction"]],
        gid=point_id(arm["study_id"], arm["arm"]),
        **_fill(arm["call"], colour),
    )


def _fill(call: str, colour: str) -> dict:
    """Filled: the rule shows an effect; open: it does not; small and pale: it can't be asked."""
    face = colour if call in ("effective", "harmful") else "white"
    size, alpha = (3.2, 0.6) if call == "not testable" else (4.8, 1.0)
    looks = {"markerfacecolor": face, "markeredgewidth": 0.9, "markersize": size, "alpha": alpha}
    return {"color": colour, "markeredgecolor": colour} | looks


def _draw_words(axes: Axes, strip: Axes, arm: dict, place: float) -> None:
    name = shorten(f"{arm['study_id']}: {arm['label']}", _NAME - 0.15, 6)
    beside(axes, place, -_NAME + 0.05, name)
    words = ("yes" if arm["controlled"] else "no", arm["call"], _AUTHORS[arm["authors_call"]])
    for text, inches in zip(words, _offsets(), strict=True):
        beside(strip, place, inches, text)


def _offsets() -> list[float]:
    widths = list(_COLUMNS.values())
    return [0.08 + sum(widths[:column]) for column in range(len(widths))]


def _facts(arms: pd.DataFrame) -> str:
    directions = arms["direction"].value_counts()
    parts = [f"{count(directions[name])} {_WORDS[name]}" for name in _MARKERS if name in directions]
    words = f"{counted(len(arms), 'arm')} with an efficacy outcome"
    if len(arms):
        effective = int((arms["call"] == "effective").sum())
        agree = int((arms["authors_call"] == "yes").sum())
        absent = int(arms["particles_log10"].isna().sum())
        words += (
            f": direction {listed(parts)}; {count(effective)} effective by the rule, {count(agree)} by the "
        )
        words += f"authors' call; {count(int(arms['controlled'].sum()))} with a concurrent control; "
        words += f"{count(absent)} without a dose in particles"
    return words


def _unnamed(stacked: list[Block]) -> str:
    if not stacked or _named(stacked):
        return ""
    return "Too many arms to name here: the table of effect directions names them."
