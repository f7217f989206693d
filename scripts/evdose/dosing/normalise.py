"""Normalise every experimental arm: its doses, its routes, and who uses which conversion."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import pandas as pd

from evdose.dosing.arm_doses import dose_rows, product_names
from evdose.dosing.arm_routes import route_rows
from evdose.dosing.conversions import Conversion, conversion_table
from evdose.dosing.derive import assumed_particles
from evdose.dosing.reading.reader import Reader
from evdose.dosing.tables import DOSE_SENSITIVITY, DOSES, ROUTES
from evdose.tables import frame_of

EXPERIMENTAL = "experimental"
_AS_IN_DOSES = [name for name in DOSE_SENSITIVITY.columns if name in DOSES.columns]
NOT_CLASSIFIED = ("unspecified injection", "unmapped", "not reported")  # the most telling first


def normalise(
    trials: pd.DataFrame,
    arms: pd.DataFrame,
    reader: Reader,
    conversions: Sequence[Conversion],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The tables ``doses``, ``routes``, ``conversions`` and ``dose_sensitivity``.

    Each experimental arm is in the first two.
    """
    named = trials[["product_line", "product"]].fillna("").agg(" ".join, axis=1)
    products = dict(zip(trials["trial_id"], named, strict=True))
    given = arms[arms["role"] == EXPERIMENTAL].sort_values(["trial_id", "arm"])
    doses, routes, names = [], [], {}
    for arm in given.itertuples(index=False):
        product = products.get(arm.trial_id, "")
        names[arm.trial_id, arm.arm] = product_names(arm, product)
        doses += dose_rows(arm, reader, conversions, product)
        routes += route_rows(arm, reader.vocabulary)
    dose_table, route_table = frame_of(doses, DOSES), frame_of(_with_record_stratum(routes), ROUTES)
    assumed = _dose_sensitivity(dose_table, names, conversions)
    used = Counter(
        [*dose_table["conversion_id"].dropna(), *assumed["assumption_id"].str.split("; ").explode()]
    )
    return dose_table, route_table, conversion_table(conversions, used), assumed


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


def _dose_sensitivity(
    doses: pd.DataFrame, names: dict[tuple[str, int], str], conversions: Sequence[Conversion]
) -> pd.DataFrame:
    """The table ``dose_sensitivity``: the doses that gain particles per administration by an assumption."""
    rows = []
    for dose in doses[doses["unit"].notna()].itertuples(index=False):
        found = assumed_particles(dose, conversions, names[dose.trial_id, dose.arm])
        if found is not None:
            middle, sd, rests_on = found
            assumed = {"particles_log10": middle, "particles_log10_sd": sd}
            assumed["assumption_id"] = "; ".join(one.conversion_id for one in rests_on)
            rows.append({name: getattr(dose, name) for name in _AS_IN_DOSES} | assumed)
    return frame_of(rows, DOSE_SENSITIVITY)


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
