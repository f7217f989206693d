"""A table as files that others can open: CSV that is safe in a spreadsheet, and Parquet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pyarrow
import pyarrow.csv
import pyarrow.parquet

from evdose.tables import FLAG, INTEGER, NUMBER, TEXT, check_table

SIGNIFICANT_DIGITS = 6
_ARROW = {
    TEXT: pyarrow.string(),
    INTEGER: pyarrow.int64(),
    NUMBER: pyarrow.float64(),
    FLAG: pyarrow.bool_(),
}

# Spreadsheets run a cell that starts with one of these (the full-width forms too, in some locales). A text
# cell that starts with one of them, or with an apostrophe, gets one more apostrophe in front, so that taking
# one leading apostrophe away always gives the text back.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
DEFUSED_BY = "'"


def rounded(values: pd.Series) -> pd.Series:
    """Real numbers rounded to six significant digits; negative zero becomes zero, NaN stays."""
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    return pd.Series(
        [float(f"{number:.{SIGNIFICANT_DIGITS}g}") + 0.0 for number in numbers.tolist()],
        index=values.index,
        dtype=float,
    )


def defused(text: str) -> str:
    """``text`` as a spreadsheet shows it without running it; :func:`armed` is the way back."""
    return DEFUSED_BY + text if text.startswith(_STARTS) else text


def armed(cell: str) -> str:
    """The text that :func:`defused` made ``cell`` of."""
    return cell.removeprefix(DEFUSED_BY)


def arrow_table(frame: pd.DataFrame, schema: pa.DataFrameSchema) -> pyarrow.Table:
    """``frame`` checked against ``schema``, rounded, as an Arrow table without metadata.

    Raises:
        InputError: the frame breaks its schema.
    """
    frame = check_table(frame, schema)
    columns = {
        name: pyarrow.array(
            rounded(values) if values.dtype == NUMBER else values,
            type=_ARROW[values.dtype.name],
            from_pandas=True,
        )
        for name, values in frame.items()
    }
    return pyarrow.table(columns)


def export_table(frame: pd.DataFrame, schema: pa.DataFrameSchema, folder: str | Path) -> None:
    """Write ``frame`` as ``<name>.csv`` and ``<name>.parquet`` of ``schema.name`` in ``folder``.

    Both hold the same values. The CSV is UTF-8 with LF; every text cell is quoted and defused
    (:func:`defused`), a missing value is an empty cell without quotes, yes/no is ``true``/``false``.

    Raises:
        InputError: the frame breaks its schema.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    table = arrow_table(frame, schema)
    pyarrow.parquet.write_table(
        table, folder / f"{schema.name}.parquet", compression="zstd", store_schema=False
    )
    pyarrow.csv.write_csv(_defused_table(table), folder / f"{schema.name}.csv")


def _defused_table(table: pyarrow.Table) -> pyarrow.Table:
    for position, field in enumerate(table.schema):
        if field.type == _ARROW[TEXT]:
            cells = [None if text is None else defused(text) for text in table.column(position).to_pylist()]
            table = table.set_column(position, field, pyarrow.array(cells, type=field.type))
    return table
