"""The units file: own dimensions, spellings, and errors that name the file."""

from __future__ import annotations

import pytest

from evdose.dosing.attribution import read_doses
from evdose.dosing.units import read_units
from evdose.errors import InputError


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("nano vesicles", ("particle", 1)),
        ("nanovesicles", ("particle", 1)),
        ("mg", ("ug", 1000)),
        ("mcg", ("ug", 1)),
        ("cc", ("mL", 1)),
        ("µl".replace("µ", "u"), ("mL", 0.001)),
        ("毫升", ("mL", 1)),
        ("nmol", ("pmol", 1000)),
    ],
)
def test_spellings(spelling, expected, units):
    unit, factor = units[spelling]
    assert (unit, factor) == (expected[0], pytest.approx(expected[1]))


def test_a_new_spelling_is_read(tmp_path, project):
    path = tmp_path / "units.txt"
    original = (project / "config/units.txt").read_text(encoding="utf-8")
    path.write_text(original + "\nnanoblob = particle = _ = nanoblobs\n", encoding="utf-8")
    [dose], _ = read_doses("3×10^9 nanoblobs", read_units(path))
    assert (dose.low, dose.unit) == (3e9, "particle")


@pytest.mark.parametrize("line", ["parsec = [length]", "mg2 = 3 gnorps", "= = =", "junk = = 3"])
def test_a_broken_file_is_named(tmp_path, project, line):
    path = tmp_path / "units.txt"
    path.write_text(
        (project / "config/units.txt").read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"units\.txt"):
        read_units(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="none here"):
        read_units(tmp_path / "none here")
