"""Digests of what went into a release and of what came out, and the hash that names it."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import evdose
from evdose.errors import InputError, Problem
from evdose.release.naming import CONFIG, RUN_RECORD, Release

SCHEMA_VERSION = 1
_HASH_LENGTH = 8


def stable_json(data: object) -> str:
    """JSON with sorted keys and one trailing newline: the same text for the same data; dates as ISO 8601."""
    return json.dumps(data, indent=0, sort_keys=True, ensure_ascii=False, allow_nan=False, default=str) + "\n"


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below ``folder`` by its path there, sorted.

    Hidden files are left out: no release holds one, and desktops and editors drop theirs anywhere.
    """
    paths = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    return {
        name.as_posix(): digest(path)
        for name, path in sorted(paths.items(), key=lambda item: item[0].as_posix())
        if not any(part.startswith(".") for part in name.parts)
    }


def content_hash(of_files: dict[str, str]) -> str:
    """Eight hexadecimal digits that stand for all files of a release but its run record."""
    lines = "".join(f"{name}\0{value}\n" for name, value in sorted(of_files.items()) if name != RUN_RECORD)
    return hashlib.sha256(lines.encode()).hexdigest()[:_HASH_LENGTH]


def input_digests(sources: Iterable[str | Path]) -> list[dict]:
    """One entry an input file, sorted: path below the project folder, kind and SHA-256.

    A file outside the project folder goes by its bare name: a release tells nothing of the machine.
    """
    here = Path.cwd().resolve()
    entries = set()
    for source in sources:
        path = Path(source).absolute()
        inside = path.is_relative_to(here)
        name = path.relative_to(here).as_posix() if inside else f"outside/{path.name}"
        entries.add((name, digest(path)))
    return [{"path": name, "kind": kind_of(name), "sha256": value} for name, value in sorted(entries)]


def kind_of(path: str) -> str:
    """Kind of an input by its path: settings, config (the vocabularies), schema, lock, or data."""
    if path == CONFIG:
        return "settings"
    if path == "requirements.lock":
        return "lock"
    if path.startswith("workflow/"):
        return "schema"
    return "config" if path.startswith("config/") else "data"


def check_unchanged(inputs: list[dict], sources_csv: Path) -> None:
    """Compare the inputs as they are now with the digests that ingest took when it read them.

    Raises:
        InputError: a file changed after it was read, so that the tables don't show what it says now.
    """
    now = {entry["path"]: entry["sha256"] for entry in inputs}
    with sources_csv.open(encoding="utf-8", newline="") as file:
        changed = [
            row["file"]
            for row in csv.DictReader(file)
            if now.get(row["file"], row["sha256"]) != row["sha256"]
        ]
    if changed:
        remedy = "run again; should that say the same, `touch` the file first"
        raise InputError(*(Problem(file, "changed while evdose was running", remedy) for file in changed))


def manifest(release: Release, settings: dict, inputs: list[dict], outputs: dict[str, str]) -> dict:
    """Content of ``manifest.json``; ``outputs`` are all other files but the run record.

    ``settings``, the configuration, is told without the name and date of the release, which every release
    changes.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "release": {"name": release.name, "date": release.date},
        "evdose": evdose.__version__,
        "settings": {name: value for name, value in settings.items() if name != "release"},
        "inputs": inputs,
        "outputs": [{"path": name, "sha256": value} for name, value in sorted(outputs.items())],
    }
