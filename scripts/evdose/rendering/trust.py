"""What a reader may doubt: whether anything was lost, what could not be read, and what a person decided."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from evdose.records.tables import REGISTRATION
from evdose.rendering import notation
from evdose.rendering.scope import included_trials, with_arm_texts
from evdose.rendering.table_view import records
from evdose.screening.tables import DECISIONS

Tables = Mapping[str, pd.DataFrame]


def conservation(screening: pd.DataFrame) -> dict[str, int]:
    """Records by decision; their sum is the number of records identified."""
    counts = screening["decision"].value_counts()
    return {decision: int(counts.get(decision, 0)) for decision in DECISIONS}


def dose_states(doses: pd.DataFrame, screening: pd.DataFrame) -> list[dict]:
    """Doses of included trials, counted by how they and their particles are known."""
    tried = doses[doses["trial_id"].isin(included_trials(screening)) & (doses["record_kind"] == REGISTRATION)]
    counts = tried.value_counts(["status", "particles_via"]).reset_index(name="n")
    return records(counts.sort_values(["status", "particles_via"]))


def unread_doses(doses: pd.DataFrame, arms: pd.DataFrame) -> list[dict]:
    """Doses that are written but give no particles, or can't be decided, with the texts of their arms."""
    rows = with_arm_texts(doses, arms)
    unread = (rows["particles_via"] == "none") | (rows["status"] == "ambiguous")
    return records(rows[unread & rows["dose_text"].notna()])


def overrides(arms: pd.DataFrame) -> list[dict]:
    """Arms in which a curator's value wins over the parser, with the value in words."""
    return [arm | {"value": _curated(arm)} for arm in records(arms[arms["curated_reason"].notna()])]


def _curated(arm: dict) -> str:
    dose = notation.dose(arm["curated_low"], arm["curated_high"], arm["curated_unit"], arm["curated_per"])
    times = arm["curated_administrations"]
    parts = [
        "" if dose == notation.MISSING else dose,
        arm["curated_substance"] or "",
        "" if times is None else f"{notation.number(times)} administrations",
        arm["curated_route"] or "",
    ]
    return "; ".join(filter(None, parts))
