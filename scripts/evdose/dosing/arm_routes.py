"""The routes of one arm: the curator's, else those of the first of its texts that names one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd

from evdose.dosing.reading.reader import prepare
from evdose.dosing.reading.route import (
    INFERRED,
    MAPPED,
    NOT_REPORTED,
    UNSPECIFIED,
    Route,
    Vocabulary,
    read_routes,
)

_NO_ROUTE = Route(None, None, "not reported", NOT_REPORTED, None, "")


def route_rows(arm: Any, vocabulary: Vocabulary) -> list[dict]:
    """Rows of ``routes`` for one row of ``arms``: one a route, or one that says that there is none."""
    locator, routes = _routes(arm, vocabulary)
    strata = {route.stratum for route in routes}
    stratum = strata.pop() if len(strata) == 1 else "several"
    return [
        {
            "trial_id": arm.trial_id,
            "arm": arm.arm,
            "number": number,
            "record_kind": arm.record_kind,
            "route": route.route,
            "ncit_code": route.ncit_code,
            "stratum": route.stratum,
            "arm_stratum": stratum,
            "site": route.site,
            "device": route.device,
            "status": route.status,
            "pattern_id": route.pattern_id,
            "source_id": arm.source_id,
            "locator": locator,
            "fragment": route.fragment or None,
        }
        for number, route in enumerate(routes, start=1)
    ]


def _routes(arm: Any, vocabulary: Vocabulary) -> tuple[str, list[Route]]:
    flag = None if pd.isna(arm.route_flag) else arm.route_flag
    if not pd.isna(arm.curated_route):
        read = [replace(route, fragment="") for route in _read(arm.curated_route, vocabulary)]
        return f"{arm.locator}/curated/route", _flagged(read, flag)
    if flag == "unverified":
        return arm.locator, [_NO_ROUTE]
    readings = list(_readings(arm, vocabulary))
    for accepted in ((MAPPED, INFERRED), (UNSPECIFIED,)):
        for locator, routes in readings:
            if routes[0].status in accepted:
                return locator, _flagged(routes, flag)
    of_route = [reading for reading in readings if reading[0] == f"{arm.locator}/route"]
    return of_route[0] if of_route else (arm.locator, [_NO_ROUTE])


def _readings(arm: Any, vocabulary: Vocabulary) -> Iterator[tuple[str, list[Route]]]:
    texts = {
        "route": arm.route_text,
        "dose": arm.dose_text,
        "schedule": arm.schedule_text,
        "label": arm.label,
    }
    for field, text in texts.items():
        if not pd.isna(text) and text.strip():
            yield f"{arm.locator}/{field}", _read(text, vocabulary)


def _read(text: str, vocabulary: Vocabulary) -> list[Route]:
    prepared = prepare(text)
    return read_routes(prepared.tokens, prepared.cleaned, vocabulary)


def _flagged(routes: list[Route], flag: str | None) -> list[Route]:
    return [replace(route, status=INFERRED) if flag and route.status == MAPPED else route for route in routes]
