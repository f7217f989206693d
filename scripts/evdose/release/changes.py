"""What one release's tables say otherwise than another's, and which inputs differ."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from evdose.errors import InputError, Problem
from evdose.release.compare import Table, compare_tables, equal, read_released, table_paths

_SHOWN = 12
_DOSE = ("low", "high", "unit", "substance", "per", "administrations", "status", "particles_via")
_ESTIMATES = {
    "effects": ("estimate",),
    "synthesis": ("estimate",),
    "route_shift": ("shift",),
    "trends": ("rate_ratio",),
    "dose_response": ("slope", "weight"),
    "mcp_mod": ("statistic", "target_dose_log10"),
    "effective_range": ("estimate", "p_value"),
    "power": ("power", "arms_needed"),
    "multiverse": ("estimate", "surviving"),
    "uncertain_doses": ("estimate", "missing_information"),
}
_CAUSES = {"data": "data", "config": "vocabularies", "schema": "code, schemas", "lock": "code, libraries"}


@dataclass(frozen=True)
class Change:
    """One kind of change and the things it befell, as a person reads them."""

    title: str
    items: list[str]

    def __str__(self) -> str:
        shown = [" ".join(item.split()) for item in self.items[:_SHOWN]]
        more = [f"and {len(self.items) - _SHOWN} more"] if len(self.items) > _SHOWN else []
        return f"{self.title} ({len(self.items)}): {'; '.join([*shown, *more])}"


def changes(before: Path, after: Path) -> list[Change]:
    """What a reader would want to know of the difference between two releases; empty: no table differs.

    Raises:
        InputError: a folder is no release, or a table of it can't be read.
    """
    was, now = table_paths(before), table_paths(after)
    found, told = [], set()
    for path in sorted({*was, *now}):
        if path not in was or path not in now:
            found.append(Change("Table new" if path in now else "Table gone", [path]))
            continue
        tables = read_released(before, path, was[path]), read_released(after, path, now[path])
        if not any(compare_tables(path, *tables)):
            continue
        changed = _changes_of(path, *tables)
        found += changed
        if not changed:
            told.add(path)
    if told:
        found.append(Change("Other tables that differ", sorted(told)))
    return found


def causes(before: Path, after: Path) -> list[str]:
    """Which inputs of two releases differ, by their manifests.

    Code has no digest in a manifest: it is named where no input differs, or its version or libraries do.

    Raises:
        InputError: a manifest can't be read.
    """
    was, now = read_manifest(before), read_manifest(after)
    kinds = {entry["path"]: entry["kind"] for entry in (*was["inputs"], *now["inputs"])}
    pairs = [{(entry["path"], entry["sha256"]) for entry in manifest["inputs"]} for manifest in (was, now)]
    paths = sorted({path for path, _ in pairs[0] ^ pairs[1]})
    told = [
        str(Change(name, [path for path in paths if kinds[path] == kind]))
        for kind, name in _CAUSES.items()
        if kind in {kinds[path] for path in paths}
    ]
    settings = [flat(manifest["settings"]) for manifest in (was, now)]
    moved = [
        f"{name} {settings[0].get(name, 'none')} -> {settings[1].get(name, 'none')}"
        for name in sorted({*settings[0], *settings[1]})
        if settings[0].get(name) != settings[1].get(name)
    ]
    if moved:
        told.append(str(Change("config", moved)))
    if was["evdose"] != now["evdose"]:
        told.append(f"code (evdose {was['evdose']} -> {now['evdose']})")
    return told or ["code, or another type of processor: no input differs"]


def read_manifest(folder: Path) -> dict:
    """The manifest of a release.

    Raises:
        InputError: it can't be read.
    """
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        return {
            "evdose": manifest["evdose"],
            "inputs": manifest["inputs"],
            "settings": manifest["settings"],
            "date": manifest["release"]["date"],
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        remedy = f"restore the release, or remove the folder {folder}"
        raise InputError(Problem(str(path), f"can't be read ({error})", remedy)) from None


def flat(settings: object, name: str = "") -> dict[str, str]:
    """Nested settings as one level: ``{"models.permutations": "9999"}``."""
    if isinstance(settings, dict):
        return {
            key: value
            for part in settings
            for key, value in flat(settings[part], f"{name}.{part}" if name else part).items()
        }
    return {name: json.dumps(settings, ensure_ascii=False)}


def _changes_of(path: str, before: Table, after: Table) -> list[Change]:
    place = PurePosixPath(path)
    where = "" if place.parts[0] == "data" else f"{place.parts[0]}: "
    table = place.stem
    if path == "data/trials.csv":
        found = _came_and_went("Records", _column(before, "trial_id"), _column(after, "trial_id"))
    elif path == "data/doses.csv":
        found = [Change("Doses read differently", _doses(before, after))]
    elif table == "screening":
        found = _came_and_went(f"{where}trials", _included(before), _included(after))
    elif table == "claims":
        found = [Change(f"{where}verdicts changed", _moved(before, after, "verdict"))]
    elif table in _ESTIMATES and where:
        found = [
            *(
                Change(f"{where}{table} moved ({column})", _moved(before, after, column))
                for column in _ESTIMATES[table]
            ),
            *_came_and_went(f"{where}rows of {table}", *_names(before, after)),
        ]
    else:
        found = []
    return [change for change in found if change.items]


def _came_and_went(what: str, before: set[str], after: set[str]) -> list[Change]:
    return [
        Change(f"{what} added", sorted(after - before)),
        Change(f"{what} removed", sorted(before - after)),
    ]


def _column(table: Table, column: str) -> set[str]:
    return {row.get(column) or "" for row in table.rows.values()}


def _included(table: Table) -> set[str]:
    return {row["record_id"] for row in table.rows.values() if row.get("decision") == "included"}


def _names(*tables: Table) -> list[set[str]]:
    return [{table.name_row(identity) for identity in table.rows} for table in tables]


def _moved(before: Table, after: Table, column: str) -> list[str]:
    """Rows of both tables whose ``column`` differs."""
    pairs = [
        (before.name_row(identity), row.get(column) or "", after.rows[identity].get(column) or "")
        for identity, row in before.rows.items()
        if identity in after.rows
    ]
    return [
        f"{name}: {was or 'none'} -> {now or 'none'}"
        for name, was, now in pairs
        if not equal(was, now, number=column in before.numbers)
    ]


def _doses(before: Table, after: Table) -> list[str]:
    """Arms of trials in both releases whose doses differ."""
    was, now = _by_arm(before), _by_arm(after)
    trials = {trial for trial, _ in was} & {trial for trial, _ in now}
    return [
        f"{trial} arm {arm}: {_told(was.get((trial, arm), []))} -> {_told(now.get((trial, arm), []))}"
        for trial, arm in sorted({*was, *now})
        if trial in trials and not _same_doses(was.get((trial, arm), []), now.get((trial, arm), []), before)
    ]


def _by_arm(table: Table) -> dict[tuple[str, str], list[dict]]:
    arms: dict[tuple[str, str], list[dict]] = {}
    for row in table.rows.values():
        arms.setdefault((row["trial_id"], row["arm"]), []).append(row)
    return arms


def _same_doses(before: list[dict], after: list[dict], table: Table) -> bool:
    return len(before) == len(after) and all(
        equal(was.get(column) or "", now.get(column) or "", number=column in table.numbers)
        for was, now in zip(before, after, strict=True)
        for column in _DOSE
    )


def _told(doses: list[dict]) -> str:
    return " + ".join(_dose(dose) for dose in doses) or "none"


def _dose(row: dict) -> str:
    if not row["low"]:
        return row["status"]
    amount = row["low"] if row["high"] in ("", row["low"]) else f"{row['low']} to {row['high']}"
    times = f" x {row['administrations']}" if row.get("administrations") else ""
    return f"{amount} {row['unit']} ({row['substance']}) per {row['per']}{times}, {row['status']}"
