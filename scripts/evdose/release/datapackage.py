"""``datapackage.json``: every column of every CSV, from the table contracts.

Data Package 2.0 (Frictionless): https://datapackage.org
"""

from __future__ import annotations

import csv
from pathlib import Path, PurePosixPath

import pandera.pandas as pa

from evdose.dosing import tables as dosing
from evdose.modelling import tables as modelling
from evdose.records import tables as records
from evdose.release.naming import Release
from evdose.screening import tables as screening
from evdose.tables import FLAG, INTEGER, NUMBER, TEXT

_PROFILES = "https://datapackage.org/profiles/2.0"
_TYPES = {TEXT: "string", INTEGER: "integer", NUMBER: "number", FLAG: "boolean"}

# By name; the review's claims as ingested are never released under that name, their verdicts are.
_CONTRACTS = {
    contract.name: contract
    for stage in (records, dosing, screening, modelling)
    for contract in vars(stage).values()
    if isinstance(contract, pa.DataFrameSchema)
}


def datapackage(release: Release, folder: Path, files: list[str]) -> dict:
    """Describe the CSV files among ``files`` (paths below ``folder``).

    Raises:
        LookupError: a table or one of its columns has no contract.
    """
    return {
        "$schema": f"{_PROFILES}/datapackage.json",
        "name": "evdose",
        "title": f"evdose, release {release.name}",
        "version": release.name,
        "created": f"{release.date}T00:00:00Z",
        "resources": [_resource(folder, path) for path in sorted(files) if path.endswith(".csv")],
    }


def _resource(folder: Path, path: str) -> dict:
    name, area = PurePosixPath(path).stem, PurePosixPath(path).parts[0]
    contract = _CONTRACTS.get(name)
    if contract is None:
        raise LookupError(f"{path}: no stage declares a table {name!r} in its tables.py")
    with (folder / path).open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file), [])
    key = [column for column in contract.metadata["key"] if column in header]
    return {
        "$schema": f"{_PROFILES}/dataresource.json",
        "type": "table",
        "name": f"{area}.{name}",
        "path": path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "description": contract.description,
        "schema": {
            "$schema": f"{_PROFILES}/tableschema.json",
            "fields": [_field(path, contract, column) for column in header],
            "missingValues": [""],
            **({"primaryKey": key} if key else {}),
        },
    }


def _field(path: str, contract: pa.DataFrameSchema, name: str) -> dict:
    """A column by its own contract; one joined from another table keeps its meaning there."""
    declared = [table.columns[name] for table in (contract, *_CONTRACTS.values()) if name in table.columns]
    if not declared:
        raise LookupError(f"{path}: no stage declares a column {name!r} in its tables.py")
    column = declared[0]
    unit = (column.metadata or {}).get("unit")
    constraints = _constraints(column)
    return {
        "name": name,
        "type": _TYPES[str(column.dtype).partition("[")[0]],  # string[python] is a string
        "description": column.description,
        **({"unit": unit} if unit else {}),
        **({"constraints": constraints} if constraints else {}),
    }


def _constraints(column: pa.Column) -> dict:
    names = {"allowed_values": "enum", "min_value": "minimum", "max_value": "maximum"}
    found = {
        names[statistic]: list(value) if statistic == "allowed_values" else value
        for check in column.checks
        for statistic, value in check.statistics.items()
    }
    return found if column.nullable else {"required": True, **found}
