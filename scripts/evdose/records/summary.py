"""What was read, in lines that a person reads."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def summary(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Lines on the tables of :func:`evdose.records.ingest.ingest`."""
    trials, arms, outcomes = tables["trials"], tables["arms"], tables["outcomes"]
    studies = tables["sources"].loc[lambda read: read["format"] == "outcomes", "selected"].sum()
    check = tables["registration_date_check"].set_index("year").loc["all"]
    inferred = trials["first_posted_status"].eq("inferred").sum()
    unknown = trials["first_posted_status"].eq("unknown").sum()
    lines = [
        f"{len(trials)} trial cards read, {trials['registered'].sum()} of them registrations, with "
        f"{arms['trial_id'].isin(trials['trial_id']).sum()} arms",
        f"{studies} studies read, {outcomes['study_id'].nunique()} of them with {len(outcomes)} outcomes, "
        f"{outcomes['same_data_as'].notna().sum()} of which repeat another study's participants",
        f"registration date inferred for {inferred} records, unknown for {unknown}; dates left out one at a "
        f"time are inferred to {check['median_error_days']:.1f} days (median)",
        f"{len(tables['conflicts'])} conflicts between sources",
    ]
    twins = trials["same_trial_as"].dropna().str.split("; ").explode()
    lines += [
        f"{twin} has no card, although another one states it to be the same trial"
        for twin in sorted(set(twins) - set(trials["trial_id"]))
    ]
    quarantined = tables["quarantine"]
    if len(quarantined):
        lines.append(f"{len(quarantined)} records can't be read and are in quarantine:")
        lines += [f"  {row.file}: {row.what}" for row in quarantined.itertuples()]
    return lines
