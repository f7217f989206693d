"""Arms, the same in a trial card and in a published study."""

from __future__ import annotations

from collections.abc import Iterator

from evdose.errors import Problem
from evdose.records.reading import Record

# a lost superscript is one way in which a reading is inferred; the first that applies is told
_DOUBTS = {
    "unverified": "unverified",
    "conflicting": "conflicting",
    "inferred": "inferred",
    "superscript lost": "inferred",
    "second-hand": "second-hand",
}


def arm_problems(record: Record) -> Iterator[Problem]:
    """Labels that repeat and curated ranges that are upside down."""
    first: dict[str, int] = {}
    for i, arm in enumerate(record.data["arms"]):
        if first.setdefault(arm["label"], i) != i:
            what = f"the label '{arm['label']}' is also that of arm {first[arm['label']] + 1}"
            yield record.problem(what, "give each arm a label of its own", f"/arms/{i}/label")
        curated = arm.get("curated", {})
        if curated.get("high", float("inf")) < curated.get("low", 0):
            what = f"the curated dose ends ({curated['high']:g}) below its start ({curated['low']:g})"
            yield record.problem(what, "exchange low and high", f"/arms/{i}/curated/high")


def arm_rows(record: Record, record_id: str, kind: str) -> Iterator[dict]:
    """Rows of the table arms."""
    for i, arm in enumerate(record.data["arms"]):
        curated = arm.get("curated", {})
        flags = arm.get("flags", [])
        reason = "; ".join(curated[key] for key in ("reason", "source", "date") if key in curated)
        yield {
            "trial_id": record_id,
            "arm": i + 1,
            "record_kind": kind,
            "label": arm["label"],
            "role": arm["role"],
            "n": arm.get("n"),
            "route_text": arm.get("route"),
            "dose_text": arm.get("dose"),
            "schedule_text": arm.get("schedule"),
            "curated_low": curated.get("low"),
            "curated_high": curated.get("high", curated.get("low")),
            "curated_unit": curated.get("unit"),
            "curated_substance": curated.get("substance"),
            "curated_per": curated.get("per"),
            "curated_administrations": curated.get("administrations"),
            "curated_route": curated.get("route"),
            "curated_reason": reason or None,
            **{f"{field}_flag": _doubt(flags, field) for field in ("dose", "schedule", "route")},
            "flag_note": "; ".join(flag_text(flag) for flag in flags) or None,
            "source_id": record.file,
            "locator": f"/arms/{i}",
        }


def flag_text(flag: dict) -> str:
    """A flag in one line: 'field: flag (note)'."""
    note = f" ({flag['note']})" if "note" in flag else ""
    return f"{flag['field']}: {flag['flag']}{note}"


def _doubt(flags: list[dict], field: str) -> str | None:
    stated = {flag["flag"] for flag in flags if flag["field"] == field}
    return next((doubt for flag, doubt in _DOUBTS.items() if flag in stated), None)
