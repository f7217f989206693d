"""The examples of the dose grammar are what the reader makes of them."""

from __future__ import annotations

import pytest

from evdose.dosing.reading.about import DOSE
from evdose.dosing.reading.reader import prepare
from places import PROJECT

DOCUMENT = PROJECT / "docs/grammar_dose.md"


def examples(heading):
    """Rows of the tables with this second column, as (text, expected)."""
    rows, inside = [], False
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if len(cells) == 2 and cells[0] == "text":
            inside = cells[1] == heading
        elif len(cells) == 2 and inside and set(line) != set("|-"):
            rows.append((cells[0], cells[1]))
        elif not cells:
            inside = False
    return rows


def dose_of(written):
    """``low [to high] unit substance per`` as (low, high, unit, substance, per)."""
    low, *rest = written.split()
    high = low
    if rest[0] == "to":
        _, high, *rest = rest
    return pytest.approx(float(low)), pytest.approx(float(high)), *rest


def test_the_document_has_its_examples():
    assert len(examples("doses")) >= 70
    assert len(examples("why")) >= 18
    assert len(examples("levels")) >= 5


@pytest.mark.parametrize(("text", "doses"), examples("doses"))
def test_doses(text, doses, read):
    assert read(text) == [dose_of(dose) for dose in doses.split(";") if dose]


@pytest.mark.parametrize(("text", "roles"), examples("why"))
def test_what_is_no_dose(text, roles, reader):
    found = [amount.role for amount in reader.amounts(prepare(text))]
    assert found == roles.split("; ")
    assert DOSE not in found


@pytest.mark.parametrize(("text", "levels"), examples("levels"))
def test_levels(text, levels, reader):
    assert [dose.label or "none" for dose in reader.doses(prepare(text))] == levels.split("; ")
