"""Write a figure as SVG, PDF and PNG: the same bytes on every run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from evdose.rendering.figures.canvas import house_style
from evdose.rendering.figures.record import Figure

# Without these entries no file says when, or by which version, it was written.
_METADATA = {
    "svg": {"Date": None, "Creator": None, "Format": None, "Type": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}

_EVERY_HUE = Image.Quantize.MAXCOVERAGE  # the usual median cut gives up the hue of a few small markers


def save(figure: Figure, folder: str | Path, name: str, formats: Sequence[str]) -> list[Path]:
    """Write ``figure`` to ``folder/name.<format>`` for each of ``formats`` (svg, pdf, png)."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.{form}" for form in formats]
    with house_style():
        for form, path in zip(formats, paths, strict=True):
            figure.drawing.savefig(path, format=form, metadata=_METADATA[form])
            if form == "png":
                _reduce_colours(path)
    return paths


def _reduce_colours(path: Path) -> None:
    """Keep the 256 colours that matter: figures are flat, and such a file is less than half as large."""
    with Image.open(path) as image:
        reduced = image.convert("RGB").quantize(256, _EVERY_HUE, dither=Image.Dither.NONE)
        reduced.save(path, optimize=True, dpi=image.info["dpi"])
