"""Which published results a scenario uses, and why not the others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evdose.screening.tables import STUDIES
from evdose.tables import check_table

LINKED = "linked"


def select_studies(
    outcomes: pd.DataFrame, trials: pd.DataFrame, screening: pd.DataFrame, scenario: dict
) -> pd.DataFrame:
    """Decide on every study with results: the table studies, with one reason each.

    Used are studies of products from MSCs that don't repeat another study's participants, whose product no
    switch of the scenario excludes, and whose trial (the record kept of its duplicates) is included; one
    without a registration known here is used only where the scenario asks for ``all_msc_ev`` and no switch
    excludes its study type.
    """
    studies = outcomes.drop_duplicates("study_id").sort_values("study_id", ignore_index=True)
    record = screening.set_index("record_id")
    trial = studies["trial_id"].map(record["duplicate_of"].dropna()).fillna(studies["trial_id"])
    left_out = [name for name, setting in scenario["switches"].items() if setting == "exclude"]
    left_out_types = [name.upper() for name in left_out]
    unregistered = ~trial.isin(trials["trial_id"])
    against = {
        "repeats the participants of another study": studies["same_data_as"].notna(),
        "not derived from mesenchymal stem cells": studies["msc_derived"].eq("no"),
        "origin from mesenchymal stem cells not stated": studies["msc_derived"].eq("unknown"),
        "product that the scenario leaves out": studies["ev_class"].isin([*left_out, "not_administered"]),
        "trial that the scenario leaves out": ~unregistered & trial.map(record["decision"]).ne("included"),
        "no registration known here": unregistered & (scenario["outcome_studies"] == LINKED),
        "study type that the scenario leaves out": unregistered & studies["study_type"].isin(left_out_types),
    }
    refused = [test.fillna(False).astype(bool) for test in against.values()]
    used = ~np.logical_or.reduce(refused)
    meets = np.where(unregistered, "no registration known here, asked for by the scenario", "trial included")
    found = pd.DataFrame(
        {
            "study_id": studies["study_id"],
            "trial_id": trial,
            "used": used,
            "reason": np.select(refused, list(against), meets),
            "source_id": studies["source_id"],
        }
    )
    return check_table(found, STUDIES)
