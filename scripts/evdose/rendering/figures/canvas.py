"""The paper that figures are drawn on: one width, the house style, log axes, ids of points, empty figures."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path

import matplotlib.figure
import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from evdose.rendering.figures.palette import MUTED
from evdose.rendering.notation import power

WIDTH = 7.2  # inches: two columns of a journal, and a readable width on a screen
_STYLE = Path(__file__).with_name("house.mplstyle")


@contextmanager
def house_style() -> Iterator[None]:
    """The house style, whatever the user's own matplotlib settings are."""
    with matplotlib.style.context(_STYLE, after_reset=True), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # the SVG keeps such characters as text
        yield


def in_house_style(draw: Callable) -> Callable:
    """Make a figure function draw in the house style and settle its layout, once for all formats."""

    @wraps(draw)
    def drawn(*args: object) -> object:
        with house_style():
            figure = draw(*args)
            figure.drawing.draw_without_rendering()
            figure.drawing.set_layout_engine(None)  # an engine, even an idle one, draws every format twice
            return figure

    return drawn


def sheet(height: float) -> matplotlib.figure.Figure:
    """An empty figure of the house width and ``height`` inches; panels find their own room."""
    return matplotlib.figure.Figure(figsize=(WIDTH, height), layout="constrained")


def plain_sheet(height: float) -> matplotlib.figure.Figure:
    """An empty figure of the house width and ``height`` inches; each panel is placed by :func:`panel`."""
    return matplotlib.figure.Figure(figsize=(WIDTH, height))


def panel(drawing: matplotlib.figure.Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes at a place of a plain sheet: inches from its upper left corner."""
    across, down = drawing.get_size_inches()
    return drawing.add_axes((left / across, 1 - (top + height) / down, width / across, height / down))


def empty_axes(axes: Axes, sentence: str) -> None:
    """Say inside the axes why there is nothing to see, in place of an empty panel."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, sentence, transform=axes.transAxes, ha="center", va="center", color=MUTED, wrap=True)


def header(drawing: matplotlib.figure.Figure, n: int, words: str, scenario: str) -> None:
    """A quiet line above the panels: what is counted, and for which scenario."""
    text = f"{words if n else 'n = 0'} · {scenario}"
    place = {} if drawing.get_layout_engine() else {"y": 1 - 0.06 / drawing.get_figheight()}
    drawing.suptitle(text, x=0.008, ha="left", va="top", fontsize=7, color=MUTED, **place)


def point_id(record: str, arm: int, *parts: object) -> str:
    """Id of an arm's point in the SVG: ``arm:NCT04276987:1``."""
    return ":".join(("arm", str(record), str(arm), *map(str, parts)))


def particle_axis(axes: Axes, low: float, high: float) -> None:
    """Label the x axis, which holds log10 particles, with powers of ten from ``low`` to ``high``."""
    first, last = int(low // 1), int(-(-high // 1))
    axes.set_xlim(first - 0.15, max(last, first + 1) + 0.15)
    axes.xaxis.set_major_locator(FixedLocator(range(first, max(last, first + 1) + 1)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: power(value)))
    axes.grid(axis="x")


def year_axis(axes: Axes, first: int, last: int, partial: int | None) -> None:
    """Label the x axis with the years ``first`` to ``last``; ``partial`` is one that is not over."""
    step = -(-(last - first + 1) // 16)
    years = range(last, first - 1, -step)
    axes.set_xticks(years, [f"{year}\n(part)" if year == partial else str(year) for year in years])
    axes.set(xlabel="Year of registration", xlim=(first - 0.6, last + 0.6))
    axes.tick_params(axis="x", length=0)


def beside(axes: Axes, place: float, inches: float, text: str, **looks: object) -> None:
    """Write ``text`` at the height ``place`` of the y axis, ``inches`` right (below 0: left) of the panel."""
    looks = {"va": "center_baseline", "fontsize": 6} | looks
    edge = 1 if inches > 0 else 0
    axes.annotate(
        text,
        (edge, place),
        (72 * inches, 0),
        ("axes fraction", "data"),
        "offset points",
        annotation_clip=False,
        **looks,
    )


def partial_year(data_to: str) -> int | None:
    """The last year that ``data_to`` (ISO 8601) covers, where it is not over by then."""
    return None if data_to.endswith("-12-31") else int(data_to[:4])


def key(marker: str, label: str, **looks: object) -> Line2D:
    """One entry of a legend: a marker without a line."""
    looks = {"color": MUTED, "markeredgecolor": MUTED, "markersize": 5} | looks
    return Line2D([], [], linestyle="none", marker=marker, label=label, **looks)
