"""Made-up trial records for the tests of screening."""

import pandas as pd

from evdose.records.tables import TRIALS
from evdose.tables import frame_of

SWITCHES = {
    "secretome": "exclude",
    "engineered_ev": "include",
    "cells_with_ev": "exclude",
    "expanded_access": "exclude",
    "withdrawn": "include",
    "observational": "exclude",
    "unknown_msc_origin": "exclude",
    "unknown_study_type": "exclude",
    "unknown_registration_date": "exclude",
}
SCENARIO = {"registered_from": "2014-01-01", "registered_to": "2024-12-31", "switches": SWITCHES}

_ELIGIBLE = {
    "registry": "ClinicalTrials.gov",
    "registered": True,
    "title": "Vesicles in something",
    "first_posted_status": "exact",
    "study_type": "INTERVENTIONAL",
    "condition_group": "other",
    "ev_class": "extracellular_vesicle",
    "cell_source_group": "other",
    "msc_derived": "yes",
    "source_id": "seeds/trials/made_up.yaml",
}


def trial(trial_id: str, posted: str | None = "2020-05-05", **changes) -> dict:
    """A record that meets every criterion, but for ``changes``."""
    dates = dict.fromkeys(("first_posted", "first_posted_low", "first_posted_high"), posted)
    return {"trial_id": trial_id, **_ELIGIBLE, **dates, **changes}


def trials_of(*records: dict) -> pd.DataFrame:
    """The trials table of these records."""
    return frame_of(records, TRIALS)
