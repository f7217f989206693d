"""Contracts of tables: how a stage declares a table, checks it, writes it and reads it back.

Each stage declares its tables in its own ``tables.py``. Text columns are ``string``, whole numbers ``Int64``,
yes/no columns ``boolean`` (all nullable); real numbers are ``float64`` with NaN for "not known".
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from evdose.errors import InputError, Problem

TEXT = "string"
INTEGER = "Int64"
NUMBER = "float64"
FLAG = "boolean"
_SHOWN = 5


def column(
    dtype: str,
    description: str,
    *,
    unit: str | None = None,
    required: bool = False,
    choices: Sequence[str] | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
) -> pa.Column:
    """Declare one column: its type, meaning and unit; ``required`` means never empty."""
    checks = []
    if choices is not None:
        checks.append(pa.Check.isin(list(choices)))
    if at_least is not None:
        checks.append(pa.Check.ge(at_least))
    if at_most is not None:
        checks.append(pa.Check.le(at_most))
    return pa.Column(
        dtype, checks, nullable=not required, description=description, metadata={"unit": unit} if unit else {}
    )


def table(
    name: str, description: str, *, key: Sequence[str] = (), **columns: pa.Column
) -> pa.DataFrameSchema:
    """Declare a table; ``key`` names the columns that together identify a row."""
    return pa.DataFrameSchema(
        columns,
        name=name,
        description=description,
        unique=list(key) or None,
        strict=True,
        coerce=True,
        ordered=True,
        metadata={"key": list(key)},
    )


def check_table(frame: pd.DataFrame, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Return ``frame`` with the columns, order and types of ``schema``.

    Raises:
        InputError: a column is missing or unknown, a value breaks its rule, or a key repeats.
    """
    try:
        return schema.validate(frame.reset_index(drop=True), lazy=True)
    except pa.errors.SchemaErrors as error:
        raise InputError(*_problems(frame.reset_index(drop=True), schema, error)) from None


def empty(schema: pa.DataFrameSchema) -> pd.DataFrame:
    """A table of ``schema`` without rows."""
    return pd.DataFrame({name: pd.Series(dtype=str(c.dtype)) for name, c in schema.columns.items()})


def frame_of(rows: Sequence[dict], schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Build and check a table from rows; a column that a row lacks is empty there."""
    if not rows:
        return empty(schema)
    frame = pd.DataFrame(list(rows))
    unknown = [name for name in frame.columns if name not in schema.columns]
    frame = frame.reindex(columns=[*schema.columns, *unknown])
    return check_table(frame, schema)


def write_table(frame: pd.DataFrame, schema: pa.DataFrameSchema, path: str | Path) -> None:
    """Check ``frame`` and write it as Parquet, whole or not at all."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    check_table(frame, schema).to_parquet(partial, index=False)
    partial.replace(path)


def read_table(path: str | Path, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Read a table that :func:`write_table` wrote, with the types of its schema.

    Raises:
        InputError: the file can't be read or holds another table.
    """
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        remedy = "delete the file and run again: it is made anew"
        raise InputError(Problem(str(path), f"not a readable table ({error})", remedy)) from None
    return check_table(frame, schema)


def _problems(
    frame: pd.DataFrame, schema: pa.DataFrameSchema, error: pa.errors.SchemaErrors
) -> list[Problem]:
    cases = error.failure_cases
    problems = [_problem(frame, schema, case) for case in cases.head(_SHOWN).to_dict("records")]
    if len(cases) > _SHOWN:
        more = f"{len(cases) - _SHOWN} more problems of this table are not shown"
        problems.append(Problem(f"table {schema.name}", more, "mend these first, then run again"))
    return problems


def _problem(frame: pd.DataFrame, schema: pa.DataFrameSchema, case: dict) -> Problem:
    row = case["index"]
    known_row = not pd.isna(row) and row in frame.index
    values = frame.loc[row] if known_row else pd.Series(dtype=object)
    source = values.get("source_id")
    key = ", ".join(
        f"{name}={values[name]}" for name in (schema.metadata or {}).get("key", []) if name in values
    )
    where = str(source) if isinstance(source, str) else f"table {schema.name}"
    column_name = case["column"] if isinstance(case["column"], str) else None
    place = "; ".join(
        part for part in (f"table {schema.name}", key, column_name and f"column {column_name}") if part
    )
    what = f"{case['failure_case']!r} breaks the rule {case['check']!r}"
    declared = schema.columns.get(column_name)
    meaning = f" ({declared.description})" if declared is not None else ""
    return Problem(
        where, what, f"give {column_name or 'the table'} a value that keeps the rule{meaning}", None, place
    )
