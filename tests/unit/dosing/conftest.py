"""The project's own vocabularies, read once."""

from __future__ import annotations

import pandas as pd
import pytest

from evdose.dosing.conversions import read_conversions
from evdose.dosing.reading.reader import prepare, read_reader
from evdose.records.tables import ARMS, TRIALS
from evdose.tables import frame_of


@pytest.fixture(scope="session")
def reader(project):
    folder = project / "config"
    files = {"units": "units.txt", "wording": "wording.yaml", "routes": "routes.yaml"}
    return read_reader({name: folder / file for name, file in files.items()})


@pytest.fixture(scope="session")
def conversions(project):
    return read_conversions(project / "config/conversions.yaml")


@pytest.fixture(scope="session")
def read(reader):
    """Doses of a text as (low, high, unit, substance, per)."""

    def doses_of(text: str) -> list[tuple]:
        return [
            (dose.low, dose.high, dose.unit, dose.substance, dose.per) for dose in reader.doses(prepare(text))
        ]

    return doses_of


ARM = {
    "trial_id": "T1",
    "arm": 1,
    "record_kind": "registration",
    "label": "treated",
    "role": "experimental",
    "source_id": "seeds/trials/T1.yaml",
    "locator": "/arms/0",
}
TRIAL = {
    "trial_id": "T1",
    "registered": True,
    "title": "a trial",
    "first_posted_status": "exact",
    "condition_group": "other",
    "ev_class": "extracellular_vesicle",
    "cell_source_group": "other",
    "msc_derived": "yes",
    "source_id": "seeds/trials/T1.yaml",
}


@pytest.fixture
def arms_of():
    """Build the table ``arms`` from what each arm has beyond the usual."""

    def build(*given: dict) -> pd.DataFrame:
        rows = [
            ARM | {"arm": number, "locator": f"/arms/{number - 1}"} | one
            for number, one in enumerate(given, 1)
        ]
        return frame_of(rows, ARMS)

    return build


@pytest.fixture
def trials_of():
    """Build the table ``trials`` from what each trial has beyond the usual."""

    def build(*given: dict) -> pd.DataFrame:
        return frame_of([TRIAL | one for one in given] or [TRIAL], TRIALS)

    return build
