"""Rows in blocks, one block a route stratum: how figures that show every arm are laid out, in inches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matplotlib.axes import Axes

from evdose.rendering.figures.palette import BAND, in_order

_MARGIN = 0.05  # above and below the rows of a block


@dataclass(frozen=True)
class Block:
    """The rows of one stratum, from ``top`` downwards."""

    stratum: str
    top: float
    height: float
    rows: int
    pitch: float

    @property
    def centre(self) -> float:
        """Middle of the block."""
        return self.top + self.height / 2

    def place(self, row: int) -> float:
        """Middle of one of its rows, counted from 0; all rows together stand in the middle of the block."""
        return self.centre + (row - (self.rows - 1) / 2) * self.pitch


def arrange(rows: Mapping[str, int], pitch: float, tallest: float, least: float) -> list[Block]:
    """Stack the strata in the one order of all figures, at ``pitch`` inches a row.

    A block is at least ``least`` inches high. Where all would be taller than ``tallest``, rows stand closer.
    """

    def heights(pitch: float) -> dict[str, float]:
        return {stratum: max(least, n * pitch + 2 * _MARGIN) for stratum, n in rows.items()}

    if sum(heights(pitch).values()) > tallest:
        pitch = max(tallest - least * len(rows), tallest / 2) / sum(rows.values())
    stacked: list[Block] = []
    top = 0.0
    for stratum in in_order(rows):
        stacked.append(Block(stratum, top, heights(pitch)[stratum], rows[stratum], pitch))
        top += stacked[-1].height
    return stacked


def height_of(stacked: list[Block]) -> float:
    """Height of all blocks."""
    return sum(block.height for block in stacked)


def draw_bands(axes: Axes, stacked: list[Block]) -> None:
    """Shade every other block, and make the y axis run downwards in inches."""
    for block in stacked[::2]:
        axes.axhspan(block.top, block.top + block.height, color=BAND, linewidth=0, zorder=-2)
    axes.set_ylim(height_of(stacked), 0)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
