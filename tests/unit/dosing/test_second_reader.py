"""A curator coded the same arms: each difference of the two readings stands in docs/disagreements.md."""

from __future__ import annotations

import json
import math

import pytest

from evdose.dosing.normalise import normalise
from evdose.records.ingest import Inputs, ingest

IN_OUR_UNITS = {
    "particles": ("particle", 1),
    "ug_protein": ("ug", 1),
    "mg": ("ug", 1000),
    "mL": ("mL", 1),
    "cell_equivalents": ("cell", 1),
    "pmol_phospholipid": ("pmol", 1),
}


@pytest.fixture(scope="module")
def read_doses(project, reader, conversions, tmp_path_factory):
    """The dose rows of the project's own cards, by (trial, arm)."""
    config = project / "config"
    given = Inputs(
        cards=[str(path) for path in sorted(project.glob("seeds/trials/*.yaml"))],
        studies=[],
        claims=str(project / "seeds/claims.yaml"),
        anchors=str(project / "seeds/registration_date_anchors.csv"),
        conditions=str(config / "conditions.yaml"),
        cell_sources=str(config / "cell_sources.yaml"),
        products=str(config / "products.yaml"),
        schemas=[str(path) for path in sorted(project.glob("workflow/schemas/*.json"))],
    )
    tables = ingest(given, strict=True, cache_folder=str(tmp_path_factory.mktemp("cache")))
    doses = normalise(tables["trials"], tables["arms"], reader, conversions)[0]
    return dict(list(doses.groupby(["trial_id", "arm"])))


@pytest.fixture(scope="module")
def second_reader(reference):
    """Arms that the curator coded: (trial, arm) and what was coded."""
    path = reference / "evidence/trials.jsonl"
    if not path.is_file():
        pytest.skip("the curator's coding is not on this machine")
    trials = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {
        (trial["trial_id"], number): arm
        for trial in trials
        for number, arm in enumerate(trial["arms"], start=1)
        if arm["role"] == "experimental"
    }


def documented(project):
    lines = (project / "docs/disagreements.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")][
        2:
    ]
    assert all(len(row) == 6 and row[5] for row in rows), "a row without a reason"
    return {tuple(row[:5]) for row in rows}


def shown(low, high, unit, per):
    amount = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    return f"{amount} {unit} per {per}"


def coded_dose(arm):
    unit, factor = IN_OUR_UNITS[arm["dose_unit"]]
    return arm["dose_low"] * factor, arm["dose_high"] * factor, unit, arm.get("per") or "none"


def agrees(coded, row):
    low, high, unit, per = coded
    same = math.isclose(low, row.low, rel_tol=1e-6) and math.isclose(high, row.high, rel_tol=1e-6)
    # The curator wrote a concentration in the unit of its numerator.
    return same and (unit, per) == (row.unit.split("/")[0], row.per)


def dose_difference(arm, rows):
    if arm.get("dose_low") is None:
        return None
    coded = coded_dose(arm)
    if any(agrees(coded, row) for row in rows.dropna(subset="unit").itertuples()):
        return None
    read = [shown(row.low, row.high, row.unit, row.per) for row in rows.itertuples() if row.low == row.low]
    return "dose", shown(*coded), "; ".join(read) or "nothing"


def schedule_difference(arm, rows):
    row = rows.iloc[0]
    number = None if math.isnan(row["administrations"]) else row["administrations"]
    if arm.get("administrations") is None or arm["administrations"] == number:
        return None
    return "administrations", f"{arm['administrations']:g}", "nothing" if number is None else f"{number:g}"


def test_every_difference_is_explained_and_every_explanation_needed(project, read_doses, second_reader):
    compared, differences = 0, set()
    for (trial, number), arm in second_reader.items():
        rows = read_doses[trial, number]
        compared += arm.get("dose_low") is not None
        for difference in filter(None, (dose_difference(arm, rows), schedule_difference(arm, rows))):
            differences.add((trial, str(number), *difference))
    assert compared > 90
    assert differences == documented(project)
