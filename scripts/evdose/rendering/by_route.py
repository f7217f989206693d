"""What can be said of an effective range by each route, a row a route."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from evdose.dosing.tables import STRATA
from evdose.modelling.tables import ALL, ESTIMATED, MAIN
from evdose.rendering.notation import MISSING, counted, decoded, interval, power
from evdose.rendering.range_words import (
    CANT_BE_TOLD,
    concentration_in_words,
    counts_of,
    estimated,
    group,
    largest,
    needs_in_brief,
    peak_in_words,
    power_in_words,
    route_name,
    rows_of,
    significant,
    slope_in_words,
    slopes,
    width_in_words,
)

_DECIMALS = 6  # doses (log10) that agree so far are one dose level


def answer_by_route(tables: Mapping[str, pd.DataFrame]) -> list[dict]:
    """All routes together, then each route with a treated arm or an effect, in the order of ``STRATA``."""
    present = {*tables["tried_arms"]["stratum"], *tables["effects"]["stratum"]}
    strata = [stratum for stratum in STRATA if stratum in present]
    return [_row(stratum, tables) for stratum in (ALL, *strata)] if strata else []


def _row(stratum: str, tables: Mapping[str, pd.DataFrame]) -> dict:
    of_route = rows_of(tables["effective_range"], stratum=stratum)
    asked = {
        question: [row for row in of_route if row["question"] == question]
        for question in ("peak", "width", "concentration")
    }
    peaks = [row for row in asked["peak"] if row["sensitivity"] == MAIN]
    found = [row for row in slopes(tables["dose_response"]) if row["stratum"] == stratum]
    settings = rows_of(tables["power"], stratum=stratum)
    return {
        "route": route_name(stratum),
        "tried": _tried(tables["tried_arms"], stratum),
        "effects": _effects(asked["peak"]),
        "peak": _peaks(asked["peak"]),
        "width": _widths(asked["width"], peaks),
        "concentration": "; ".join(map(concentration_in_words, asked["concentration"])) or CANT_BE_TOLD,
        "slope": "; ".join(f"{_of(row)}{slope_in_words(row)}" for row in found) or MISSING,
        "needs": _needs(peaks, asked["concentration"], settings),
    }


def _tried(tried: pd.DataFrame, stratum: str) -> str:
    here = tried if stratum == ALL else tried[tried["stratum"] == stratum]
    known = here["per_administration"].dropna()
    if here.empty:
        return MISSING
    told = f"{len(known)} of {len(here)}"
    if known.empty:
        return told
    doses = counted(known.round(_DECIMALS).nunique(), "dose")
    span = interval(known.min(), known.max(), power) if known.min() < known.max() else power(known.min())
    return f"{told}; {doses}, {span}"


def _effects(peaks: Sequence[dict]) -> str:
    there = [row for row in peaks if row["measure"] is not None]
    return "; ".join(f"{_of(row)}{counts_of(row)}" for row in there) or "none"


def _of(row: dict) -> str:
    """The group of effects that words are about, and that it is of a sensitivity analysis."""
    which = "" if row["sensitivity"] == MAIN else f"; sensitivity, {decoded(row['sensitivity'])}"
    return f"{group(row)}{which}: " if row["measure"] else ""


def _peaks(peaks: Sequence[dict]) -> str:
    return "; ".join(f"{_of(row)}{peak_in_words(row)}" for row in estimated(peaks)) or CANT_BE_TOLD


def _widths(widths: Sequence[dict], peaks: Sequence[dict]) -> str:
    """Widths of the groups whose peak could be tested."""
    of_group = {(row["measure"], row["outcome_domain"]): row for row in estimated(peaks)}
    told = [
        f"{_of(row)}{width_in_words(row, peak)}"
        for row in widths
        if row["sensitivity"] == MAIN and (peak := of_group.get((row["measure"], row["outcome_domain"])))
    ]
    return "; ".join(told) or CANT_BE_TOLD


def _needs(peaks: Sequence[dict], concentration: Sequence[dict], settings: Sequence[dict]) -> str:
    """What the answers that can't be given would take; power where no peak is shown."""
    most = largest(peaks)
    untested = most is not None and not estimated(peaks)
    parts = [f"To test a peak: {needs_in_brief(most)}."] if untested else []
    parts += [
        f"To test clusters: {needs_in_brief(row)}." for row in concentration if row["status"] != ESTIMATED
    ]
    if not any(map(significant, peaks)) and (estimated(settings) or not untested):
        parts.append(power_in_words(settings, most["arms"] if most else 0))
    return " ".join(filter(None, parts)) or MISSING
