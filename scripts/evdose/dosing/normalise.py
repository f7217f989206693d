"""Normalise every experimental arm: its doses, its routes, and who uses which conversion."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import pandas as pd

from evdose.dosing.arm_doses import dose_rows, product_names
from evdose.dosing.arm_routes import route_rows
from evdose.dosing.conversions import SENSITIVITY, Conversion, conversion_table
from evdose.dosing.route import Vocabulary
from evdose.dosing.tables import DOSES, ROUTES
from evdose.dosing.units import Units
from evdose.tables import frame_of

EXPERIMENTAL = "experimental"
NOT_CLASSIFIED = ("unspecified injection", "unmapped", "not reported")  # the most telling first


def normalise(
    trials: pd.DataFrame,
    arms: pd.DataFrame,
    vocabulary: Vocabulary,
    units: Units,
    conversions: Sequence[Conversion],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The tables ``doses``, ``routes`` and ``conversions``; each experimental arm is in the first two."""
    products = trials.set_index("trial_id")["product_line"].dropna().to_dict()
    given = arms[arms["role"] == EXPERIMENTAL].sort_values(["trial_id", "arm"])
    doses, routes, names = [], [], {}
    for arm in given.itertuples(index=False):
        names[arm.trial_id, arm.arm] = product_names(arm, products.get(arm.trial_id, ""))
        doses += dose_rows(arm, units, conversions, names[arm.trial_id, arm.arm])
        routes += route_rows(arm, vocabulary)
    dose_table, route_table = frame_of(doses, DOSES), frame_of(_with_record_stratum(routes), ROUTES)
    used = _doses_converted(dose_table, names, conversions)
    return dose_table, route_table, conversion_table(tuple(conversions), used)


def _with_record_stratum(routes: list[dict]) -> list[dict]:
    """Give each route the stratum of its record, so that a record counts once."""
    of_record = defaultdict(set)
    for route in routes:
        of_record[route["trial_id"]].add(route["arm_stratum"])
    return [route | {"record_stratum": _common_stratum(of_record[route["trial_id"]])} for route in routes]


def _common_stratum(strata: set[str]) -> str:
    classified = strata.difference(NOT_CLASSIFIED)
    if len(classified) > 1:
        return "several"
    return classified.pop() if classified else next(name for name in NOT_CLASSIFIED if name in strata)


def _doses_converted(
    doses: pd.DataFrame, names: dict[tuple[str, int], str], conversions: Sequence[Conversion]
) -> Counter[str]:
    """Doses that each conversion turns into particles, or would where it is for sensitivity analysis only."""
    used = Counter(doses["conversion_id"].dropna())
    candidates = doses[(doses["particles_via"] == "none") & doses["per_administration_low"].notna()]
    for conversion in conversions:
        if conversion.use != SENSITIVITY:
            continue
        used[conversion.conversion_id] = sum(
            conversion.applies_to(row.unit, row.substance, names[row.trial_id, row.arm])
            for row in candidates.itertuples(index=False)
        )
    return used


def summary(doses: pd.DataFrame, routes: pd.DataFrame) -> str:
    """One line that says what was read."""
    arms = doses.groupby(["trial_id", "arm"])
    usable = doses[doses["status"].isin(["exact", "inferred"]) & (doses["particles_via"] != "none")]
    silent = int((doses["status"] == "not_reported").sum())
    unmapped = int((routes["status"] == "unmapped").sum())
    return (
        f"{arms.ngroups} experimental arms: {usable.groupby(['trial_id', 'arm']).ngroups} with particles per "
        f"administration, {silent} without a dose; {unmapped} routes unmapped"
    )
