"""Compare the tables of two releases: real numbers to 1e-5 relative, counts and text exactly.

As a command: ``python -m evdose.release.compare A B`` prints what differs; its exit status is 0 where nothing
does, 1 where something does and 2 where a folder can't be read.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evdose.errors import InputError, Problem

RELATIVE = 1e-5
_ABSOLUTE = 1e-12  # a number that is zero but for rounding
_SHOWN = 100


@dataclass(frozen=True)
class Difference:
    """One thing that differs; ``row`` and ``column`` are empty where a whole table or row is meant."""

    table: str
    row: str
    column: str
    before: str
    after: str

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.table, self.row, self.column) if part)
        return f"{place}: {self.before or 'empty'} -> {self.after or 'empty'}"


@dataclass(frozen=True)
class Table:
    """A released table: its rows by key, its columns in order, and which of these hold real numbers."""

    columns: list[str]
    numbers: frozenset[str]
    rows: dict[tuple[str, ...], dict[str, str]]
    key: list[str]

    def name_row(self, identity: tuple[str, ...]) -> str:
        """A row as a person finds it: the key's columns and values, or its text."""
        named = [
            f"{column}={value}" for column, value in zip(self.key, identity, strict=False) if value != ""
        ]
        return " ".join(named) or f"row {identity[-1]}"


def equal(before: str, after: str, *, number: bool) -> bool:
    """Whether two cells say the same."""
    if before == after or not number:
        return before == after
    try:
        return math.isclose(float(before), float(after), rel_tol=RELATIVE, abs_tol=_ABSOLUTE)
    except ValueError:
        return False


def table_paths(release: Path) -> dict[str, dict]:
    """Schema of every table of a release, by path, as its ``datapackage.json`` gives it.

    Raises:
        InputError: the folder is no release.
    """
    path = release / "datapackage.json"
    try:
        resources = json.loads(path.read_text(encoding="utf-8"))["resources"]
        return {resource["path"]: resource["schema"] for resource in resources}
    except (OSError, ValueError, KeyError, TypeError) as error:
        remedy = "give the folder of a whole release, as results/<name>-<hex>"
        raise InputError(Problem(str(path), f"can't be read ({error})", remedy)) from None


def read_released(release: Path, path: str, schema: dict) -> Table:
    """Read one table of a release.

    Rows go by the table's key. Where it has none they go by all their text and counts, and a row that repeats
    an earlier one's by its turn, so that a row put in between shifts no other.

    Raises:
        InputError: the file is missing or isn't CSV in UTF-8.
    """
    numbers = frozenset(field["name"] for field in schema["fields"] if field["type"] == "number")
    try:
        with (release / path).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            columns, rows = list(reader.fieldnames or []), list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problem = Problem(str(release / path), f"can't be read ({error})", "restore the release")
        raise InputError(problem) from None
    key = schema.get("primaryKey") or [column for column in columns if column not in numbers]
    turns: Counter[tuple[str, ...]] = Counter()
    by_key = {}
    for row in rows:
        identity = tuple(row.get(column) or "" for column in key)
        turns[identity] += 1
        by_key[(*identity, str(turns[identity]))] = row
    return Table(columns, numbers, by_key, key)


def compare_tables(path: str, before: Table, after: Table) -> Iterator[Difference]:
    """What differs between two states of one table."""
    for column in sorted(set(before.columns) ^ set(after.columns)):
        there = column in before.columns
        yield Difference(path, "", column, "a column" if there else "no column", "gone" if there else "new")
    shared = [column for column in before.columns if column in after.columns]
    for identity, row in before.rows.items():
        name, now = before.name_row(identity), after.rows.get(identity)
        if now is None:
            yield Difference(path, name, "", "a row", "gone")
            continue
        for column in shared:
            was, is_now = row[column] or "", now[column] or ""
            if not equal(was, is_now, number=column in before.numbers & after.numbers):
                yield Difference(path, name, column, was, is_now)
    for identity in after.rows:
        if identity not in before.rows:
            yield Difference(path, after.name_row(identity), "", "no row", "new")


def differences(before: Path, after: Path) -> list[Difference]:
    """What differs between the tables of two release folders, by table and row.

    Raises:
        InputError: a folder is no release, or a table of it can't be read.
    """
    tables_before, tables_after = table_paths(before), table_paths(after)
    found = []
    for path in sorted({*tables_before, *tables_after}):
        if path not in tables_after:
            found.append(Difference(path, "", "", "a table", "gone"))
        elif path not in tables_before:
            found.append(Difference(path, "", "", "no table", "new"))
        else:
            was = read_released(before, path, tables_before[path])
            found += compare_tables(path, was, read_released(after, path, tables_after[path]))
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m evdose.release.compare", description=__doc__)
    parser.add_argument("before", type=Path, help="folder of a release")
    parser.add_argument("after", type=Path, help="folder of another release")
    folders = parser.parse_args(arguments)
    try:
        found = differences(folders.before, folders.after)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    for difference in found[:_SHOWN]:
        print(difference)
    if len(found) > _SHOWN:
        print(f"… and {len(found) - _SHOWN} more")
    print(f"{len(found)} differences" if found else "The tables agree")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
