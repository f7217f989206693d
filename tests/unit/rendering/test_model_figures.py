"""Figures of dose and response: every row of a table is where it belongs, and what is lacking is said."""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.text import Text

from evdose.modelling.tables import ALL, ESTIMATED
from evdose.rendering.figures import FIGURES, Context, Figure

sys.path.insert(0, str(Path(__file__).parent))
from synthetic import tables_of
from synthetic_models import TARGET

CONTEXT = Context("The review's scope", "2026-11-20", "Wang Y, et al. Front Med 2025;12:1625787", 66)
some_sizes = pytest.mark.parametrize("size", [10, 70, 500])


@cache
def tables(size: int) -> dict[str, pd.DataFrame]:
    return tables_of(size)


@cache
def drawn(name: str, size: int) -> Figure:
    return FIGURES[name](tables(size), CONTEXT)


def points(figure: Figure) -> dict[str, Line2D]:
    """Lines with an id, by that id, which no two of them share."""
    found = [line for line in figure.drawing.findobj(Line2D) if line.get_gid()]
    ids = [line.get_gid() for line in found]
    assert len(ids) == len(set(ids))
    return dict(zip(ids, found, strict=True))


def words(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.drawing.findobj(Text) if text.get_text()]


def _controlled(size: int, **values: object) -> dict[str, pd.DataFrame]:
    """Tables with one controlled arm of 20 + 20 participants, changed by ``values``."""
    arms = tables(70)["effect_direction"].head(1)
    fixed = {"controlled": True, "n": 20, "n_control": 20, "direction": "benefit", "p_value": 0.01}
    fixed |= {"p_value_is_bound": False, "p_value_from": "computed"}
    return tables(size) | {"effect_direction": arms.assign(**(fixed | values))}


@some_sizes
def test_the_albatross_shows_each_arm_with_a_p_value_a_side_and_two_groups(size: int) -> None:
    arms = tables(size)["effect_direction"]
    known = arms[arms["controlled"] & arms[["p_value", "n", "n_control"]].notna().all(axis=1)]
    known = known[known["direction"].isin(["benefit", "harm"])]
    found = points(drawn("albatross", size))
    assert len(found) == drawn("albatross", size).n == len(known)
    for row in known.to_dict("records"):
        point = found[f"arm:{row['study_id']}:{row['arm']}:p"]
        sign = 1 if row["direction"] == "benefit" else -1
        assert point.get_xdata()[0] == pytest.approx(-sign * np.log10(max(row["p_value"], 1e-6)))
        assert point.get_ydata()[0] == row["n"] + row["n_control"]
        assert (point.get_markerfacecolor() == "white") == (row["p_value_from"] == "reported")


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({}, 1),
        ({"direction": "unclear"}, 0),
        ({"direction": "none", "p_value": 1.0}, 1),
        ({"direction": "none", "p_value": 0.4}, 0),
        ({"n_control": None}, 0),
        ({"controlled": False}, 0),
    ],
)
def test_an_arm_without_a_side_or_a_second_group_has_no_place_in_the_albatross(
    values: dict, shown: int
) -> None:
    figure = FIGURES["albatross"](_controlled(70, **values), CONTEXT)
    assert figure.n == len(points(figure)) == shown


def test_a_p_value_that_is_only_a_bound_has_an_arrow() -> None:
    def arrows(**values: object) -> int:
        (axes,) = FIGURES["albatross"](_controlled(70, **values), CONTEXT).drawing.axes
        return sum(getattr(each, "arrow_patch", None) is not None for each in axes.texts)

    assert arrows(p_value_is_bound=True) == 1
    assert arrows() == 0


def test_a_point_on_a_contour_has_that_standardised_difference() -> None:
    # 40 participants in two equal arms and d = 0.5: z = d √40 / 2 = 1.581, two-sided p = 0.1138
    (axes,) = FIGURES["albatross"](_controlled(70, p_value=0.1138), CONTEXT).drawing.axes
    (point,) = (line for line in axes.lines if line.get_gid())
    (x,), (y,) = point.get_data()
    contours = [line for line in axes.lines if len(line.get_xdata()) > 9 and line.get_xdata()[0] > 0]
    assert min(abs(np.interp(x, *line.get_data()) - y) for line in contours) < 0.2


@some_sizes
def test_every_usable_effect_is_a_point_at_its_dose(size: int) -> None:
    effects = tables(size)["effects"]
    usable = effects[effects["particles_log10"].notna()]
    found = {gid: line for gid, line in points(drawn("dose_outcome", size)).items() if not gid.endswith(ALL)}
    assert drawn("dose_outcome", size).n == len(usable)
    left_out = re.search(r"(\d+) smaller groups? in the table", drawn("dose_outcome", size).caption)
    assert len(found) == len(usable) or left_out
    for row in usable.to_dict("records"):
        gid = f"arm:{row['study_id']}:{row['arm']}:{row['measure']}"
        if gid in found:
            (x,), (y,) = found[gid].get_data()
            assert x == pytest.approx(row["particles_log10"], abs=0.3)
            assert y == pytest.approx(row["estimate"])


@pytest.mark.parametrize("flaw", ["derived", "estimated_moments"])
def test_effects_of_sensitivity_analyses_are_not_among_the_main_ones(flaw: str) -> None:
    made = tables(70)
    marked = made | {"effects": made["effects"].assign(**{flaw: True})}
    assert FIGURES["dose_outcome"](marked, CONTEXT).n == 0
    assert FIGURES["forest"](marked, CONTEXT).n == 0


def test_a_route_without_an_effect_still_shows_the_doses_that_it_tried() -> None:
    made = tables(70)
    bare = made | {name: made[name].iloc[:0] for name in ("effects", "dose_response_curve")}
    figure = FIGURES["dose_outcome"](bare, CONTEXT)
    (axes,) = figure.drawing.axes
    tried = made["tried_arms"].dropna(subset="per_administration")
    drawn_at = np.sort(np.concatenate([line.get_xdata() for line in axes.lines]))
    assert drawn_at == pytest.approx(np.sort(tried["per_administration"]))
    assert f"{len(tried)} registered arms with a dose in particles" in figure.caption


def _cells(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


@some_sizes
def test_every_answer_is_a_point_and_every_other_cell_says_its_counts(size: int) -> None:
    asked = tables(size)["effective_range"]
    figure = drawn("effective_range", size)
    found = [gid for gid in points(figure) if not gid.endswith(":beyond")]
    assert len(found) == figure.n == (asked["status"] == ESTIMATED).sum()
    peak, _, concentration = figure.drawing.axes
    lacking = asked[(asked["status"] != ESTIMATED) & (asked["question"] == "peak") & (asked["studies"] > 0)]
    for row in lacking.to_dict("records"):
        studies, doses = row["studies"], row["dose_levels"]
        said = f"{studies} stud{'y' if studies == 1 else 'ies'}, {doses} dose{'' if doses == 1 else 's'}"
        assert said in _cells(peak)
    told = asked[
        (asked["status"] != ESTIMATED) & (asked["question"] == "concentration") & (asked["studies"] > 0)
    ]
    for row in told.to_dict("records"):
        assert f"{row['effective']} effective, {row['not_effective']} not" in _cells(concentration)
    places = {round(text.get_position()[1]) for text in peak.texts}
    for axes in figure.drawing.axes:
        assert {round(text.get_position()[1]) for text in axes.texts} == places, "a blank cell"


def test_an_unbounded_or_very_wide_set_of_widths_ends_in_an_arrow() -> None:
    asked = tables(500)["effective_range"]
    widths = asked[(asked["question"] == "width") & (asked["status"] == ESTIMATED)]
    open_ended = widths[widths["high"].isna() | (widths["high"] > 4)]
    arrows = [gid for gid in points(drawn("effective_range", 500)) if gid.endswith(":beyond")]
    assert 0 < len(arrows) == len(open_ended) < len(widths)
    unbounded = widths["high"].isna().sum()
    assert f"({unbounded} with an unbounded confidence set)" in drawn("effective_range", 500).caption


def test_a_sensitivity_analysis_is_no_row_of_the_effective_range() -> None:
    made = tables(70)
    other = made["effective_range"].assign(sensitivity="derived_counts", studies=99)
    both = made | {"effective_range": pd.concat([made["effective_range"], other])}
    assert FIGURES["effective_range"](both, CONTEXT).caption == drawn("effective_range", 70).caption


@some_sizes
def test_the_main_specification_stands_out_and_every_specification_is_there(size: int) -> None:
    asked = tables(size)["multiverse"].query("question == 'route_shift'")
    done = asked[asked["status"] == ESTIMATED].sort_values(["estimate", "specification"], ignore_index=True)
    figure = drawn("specification_curve", size)
    found = points(figure)
    assert len(found) == figure.n == len(done)
    for place, row in enumerate(done.to_dict("records")):
        point = found[f"specification:{place + 1}"]
        assert point.get_ydata()[0] == row["estimate"]
        assert (point.get_marker() == "D") == row["main"]
        assert (point.get_markerfacecolor() == "white") == pd.isna(row["low"])
    for column in ("axis", "doses", "arms", "without_product"):
        counts = [
            f"{(rows['status'] == ESTIMATED).sum()} of {len(rows)}" for _, rows in asked.groupby(column)
        ]
        assert not set(counts) - set(words(figure))


@some_sizes
def test_the_share_that_survives_is_that_of_the_table(size: int) -> None:
    asked = tables(size)["multiverse"].query("question == 'route_shift'")
    (main,) = asked[asked["main"] & (asked["status"] == ESTIMATED)].to_dict("records")
    side = "above" if main["estimate"] > 0 else "below"
    caption = drawn("specification_curve", size).caption
    assert re.search(rf"{side}[^(]*\({100 * main['surviving']:.0f}%\)", caption)


def test_without_an_estimable_main_specification_none_is_highlighted() -> None:
    made = tables(70)
    flawed = made["multiverse"].copy()
    flawed.loc[flawed["main"], "status"] = "not_estimable"
    figure = FIGURES["specification_curve"](made | {"multiverse": flawed}, CONTEXT)
    assert not [line for line in points(figure).values() if line.get_marker() == "D"]
    assert "the choices of the main analysis are not among them" in figure.caption


def _asked(axes: Axes) -> list[float]:
    """Heights of the dashed lines from edge to edge."""
    across = [line for line in axes.lines if list(line.get_xdata()) == [0, 1]]
    return [line.get_ydata()[0] for line in across if line.get_linestyle() == "--"]


def _panels(figure: Figure) -> list[Axes]:
    return [axes for axes in figure.drawing.axes if axes.axison]


@some_sizes
def test_every_simulated_power_is_drawn_with_the_power_asked_for(size: int) -> None:
    done = tables(size)["power"].query("status == @ESTIMATED")
    panels = _panels(drawn("power_curves", size))
    assert len(panels) == len(done[["stratum", "height"]].drop_duplicates())
    curves = [bars.lines[0] for axes in panels for bars in axes.containers]
    assert len(curves) == len(done[["stratum", "height", "width"]].drop_duplicates())
    assert sorted(power for line in curves for power in line.get_ydata()) == sorted(done["power"])
    for axes in panels:
        assert _asked(axes) == [TARGET]
    assert f"a power of {TARGET:.0%} is reached" in drawn("power_curves", size).caption


def test_the_power_asked_for_is_read_from_the_table() -> None:
    made = tables(70)
    figure = FIGURES["power_curves"](made | {"power": made["power"].assign(target=0.9)}, CONTEXT)
    assert {height for axes in _panels(figure) for height in _asked(axes)} == {0.9}
    assert "a power of 90% is reached" in figure.caption


@some_sizes
def test_curves_of_one_panel_differ_in_grey_and_in_shape(size: int) -> None:
    axes = _panels(drawn("power_curves", size))[0]
    lines = [bars.lines[0] for bars in axes.containers]
    assert len({line.get_marker() for line in lines}) == len(lines) == 3
    assert len({line.get_linestyle() for line in lines} | {str(line._dash_pattern) for line in lines}) >= 3
    grey = sorted(np.dot([0.2126, 0.7152, 0.0722], to_rgb(line.get_color())) for line in lines)
    assert np.diff(grey).min() > 0.05
