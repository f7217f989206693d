"""What a reader may doubt: whether anything was lost, what could not be read, and what a person decided."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from evdose.records.tables import DATE_STATUS, REGISTRATION
from evdose.rendering.notation import count, counted, number, percent
from evdose.rendering.scope import included_trials, with_arm_texts
from evdose.rendering.table_view import records
from evdose.screening.tables import DECISIONS

Tables = Mapping[str, pd.DataFrame]
ALL_YEARS = "all"


def dates(trials: pd.DataFrame, screening: pd.DataFrame) -> dict[str, int]:
    """Included trials by how their registration date is known, in the order of certainty."""
    included = trials[trials["trial_id"].isin(included_trials(screening))]
    counts = included["first_posted_status"].value_counts()
    return {status: int(counts[status]) for status in DATE_STATUS if status in counts}


def date_inference(check: pd.DataFrame) -> str:
    """How registration dates are inferred, and how good that is on dates that are known."""
    how = (
        "ClinicalTrials.gov gives out its numbers in the order of time: a date that is not known is read "
        "between those of the nearest numbers with a known date. ChiCTR numbers hold their year."
    )
    overall = next((row for row in records(check) if row["year"] == ALL_YEARS), None)
    if overall is None:
        return how
    return (
        f"{how} Of {counted(overall['n'], 'known date')} left out in turn, {percent(overall['year_right'])} "
        f"are inferred to the right year, {percent(overall['month_right'])} to the right month and "
        f"{percent(overall['covered'])} inside their interval; the median error is "
        f"{number(overall['median_error_days'])} days."
    )


def unread_digits(doses: pd.DataFrame, arms: pd.DataFrame) -> str:
    """How many dose texts with digits, of arms in which the product is given, gave no amount at all."""
    rows = with_arm_texts(doses, arms)
    rows = rows[rows["dose_text"].str.contains(r"\d", na=False)]
    silent = rows["status"].eq("not_reported").groupby([rows["trial_id"], rows["arm"]]).all()
    return (
        f"Of {counted(len(silent), 'dose text')} with digits, {count(silent.sum())} gave no amount; "
        "each is in the table of dose texts that give no particles, with the reason."
    )


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


def overridden(overrides: pd.DataFrame, arms: pd.DataFrame) -> list[dict]:
    """Values that a curator set, beside what the parser reads, with the texts of their arms."""
    return records(with_arm_texts(overrides, arms))
