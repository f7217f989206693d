"""The units file: own dimensions, spellings, and errors that name the file."""

from __future__ import annotations

import pytest

from evdose.dosing.reading.dose import read_doses
from evdose.dosing.reading.lexicon import read_lexicon
from evdose.dosing.reading.reader import prepare
from evdose.dosing.reading.units import read_units
from evdose.errors import InputError


@pytest.mark.parametrize(
    ("spelling", "unit", "factor"),
    [
        ("nano vesicles", "particle", 1),
        ("nanovesicles", "particle", 1),
        ("外泌体", "particle", 1),
        ("hUC-MSCs", "cell", 1),
        ("mg", "ug", 1000),
        ("mcg", "ug", 1),
        ("ugm", "ug", 1),
        ("cc", "mL", 1),
        ("ul", "mL", 0.001),
        ("毫升", "mL", 1),
        ("nmol", "pmol", 1000),
        ("gtt", "drop", 1),
    ],
)
def test_spellings(spelling, unit, factor, reader):
    assert reader.lexicon.units[spelling] == (unit, pytest.approx(factor))


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("2 nano-vesicles", "particle"),
        ("2 nano vesicles", "particle"),
        ("2 allo-hMSCs", None),
        ("2 allohmscs", "cell"),
        ("2 MSC's", "cell"),
    ],
)
def test_units_in_a_text(text, unit, reader):
    tokens = prepare(text).tokens
    found = reader.lexicon.unit(tokens, 1)
    assert (found and found[0]) == unit


def units_file(project, tmp_path, addition):
    path = tmp_path / "units.txt"
    original = (project / "config/units.txt").read_text(encoding="utf-8")
    path.write_text(f"{original}\n{addition}\n", encoding="utf-8")
    return path


def test_a_new_spelling_is_read(project, tmp_path):
    path = units_file(project, tmp_path, "nanoblob = particle = _ = nanoblobs")
    lexicon = read_lexicon(path, project / "config/wording.yaml")
    [dose] = read_doses(prepare("3×10^9 nanoblobs").tokens, lexicon)
    assert (dose.low, dose.unit) == (3e9, "particle")


@pytest.mark.parametrize("line", ["parsec = [length]", "mg2 = 3 gnorps", "= = =", "junk = = 3"])
def test_a_broken_file_is_named(project, tmp_path, line):
    with pytest.raises(InputError, match=r"units\.txt"):
        read_units(units_file(project, tmp_path, line))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="none here"):
        read_units(tmp_path / "none here")
