"""Which records a scenario's own tables hold: its included trials, and the studies that it uses."""

from __future__ import annotations

import pandas as pd

ARM_TEXTS = ["label", "route_text", "dose_text", "schedule_text", "curated_reason"]


def included_trials(screening: pd.DataFrame) -> set[str]:
    """Identifiers of the trials that the scenario includes."""
    return set(screening.loc[screening["decision"] == "included", "record_id"])


def used_studies(studies: pd.DataFrame) -> set[str]:
    """Identifiers of the published studies whose results the scenario uses."""
    return set(studies.loc[studies["used"], "study_id"])


def scoped(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The trials, doses, routes and outcomes of one scenario, in the shape of the shared tables.

    Those of its included trials, and of the studies whose results it uses.
    """
    studies = used_studies(tables["studies"])
    records = included_trials(tables["screening"]) | studies
    own = {
        name: tables[name][tables[name]["trial_id"].isin(records)] for name in ("trials", "doses", "routes")
    }
    return own | {"outcomes": tables["outcomes"][tables["outcomes"]["study_id"].isin(studies)]}


def with_arm_texts(frame: pd.DataFrame, arms: pd.DataFrame, record: str = "trial_id") -> pd.DataFrame:
    """``frame`` with the label and texts, as written, of the arm that ``record`` and ``arm`` name."""
    texts = arms[["trial_id", "arm", *ARM_TEXTS]].rename(columns={"trial_id": record})
    return frame.merge(texts, on=[record, "arm"], how="left")
