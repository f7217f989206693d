"""Exported tables: nothing is lost, no cell runs in a spreadsheet, the same table the same bytes."""

from __future__ import annotations

import csv
import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdose.errors import InputError
from evdose.rendering.export import armed, defused, export_table, rounded
from evdose.tables import FLAG, INTEGER, NUMBER, TEXT, column, frame_of, read_table, table

SCHEMA = table(
    "things",
    "Made-up",
    word=column(TEXT, "words"),
    size=column(NUMBER, "a real number"),
    n=column(INTEGER, "a whole number"),
    ok=column(FLAG, "yes or no"),
)
STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "'", "''=", "＝", "＠"]
words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
texts = words | st.builds(str.__add__, st.sampled_from(STARTS), words)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "word": st.none() | texts.filter(bool),
            "size": st.none() | st.floats(allow_nan=False, allow_infinity=False),
            "n": st.none() | st.integers(-(2**53), 2**53),
            "ok": st.none() | st.booleans(),
        }
    ),
    max_size=6,
)


def exported(frame, folder):
    export_table(frame, SCHEMA, folder)
    with (folder / "things.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@given(rows)
def test_csv_gives_every_value_back(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("export")
    cells = exported(frame_of(rows, SCHEMA), folder)
    assert len(cells) == len(rows)
    for cell, row in zip(cells, rows, strict=True):
        assert armed(cell["word"]) == (row["word"] or "")
        assert (cell["n"], cell["ok"]) == (
            "" if row["n"] is None else str(row["n"]),
            "" if row["ok"] is None else str(row["ok"]).lower(),
        )
        assert (cell["size"] == "") == (row["size"] is None)
        if row["size"]:
            assert math.isclose(float(cell["size"]), row["size"], rel_tol=5.1e-6)


@given(rows)
def test_parquet_holds_the_same_values_as_the_csv(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("export")
    cells = exported(frame_of(rows, SCHEMA), folder)
    again = read_table(folder / "things.parquet", SCHEMA)
    assert [None if pd.isna(x) else x for x in again["size"]] == [
        float(cell["size"]) if cell["size"] else None for cell in cells
    ]
    assert [None if pd.isna(x) else x for x in again["word"]] == [row["word"] for row in rows]


@given(texts)
def test_no_text_starts_like_a_formula_and_each_comes_back(text):
    assert not defused(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert armed(defused(text)) == text


def test_a_formula_is_defused_and_a_negative_number_is_left_alone(tmp_path):
    (cell,) = exported(frame_of([{"word": "=HYPERLINK(1)", "size": -1.5, "n": -2}], SCHEMA), tmp_path)
    assert cell["word"] == "'=HYPERLINK(1)"
    assert (cell["size"], cell["n"]) == ("-1.5", "-2")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(123456789.0, 123457000.0), (0.1 + 0.2, 0.3), (-0.0, 0.0), (2e8, 2e8), (1.2345675e-7, 1.23457e-7)],
)
def test_numbers_have_six_significant_digits(value, expected):
    (found,) = rounded(pd.Series([value]))
    assert found == expected
    assert math.copysign(1, found) == math.copysign(1, expected)


def test_missing_is_an_empty_cell_without_quotes_and_lines_end_in_lf(tmp_path):
    export_table(frame_of([{"word": 'a, "b"\nc'}, {"size": 1.0}], SCHEMA), SCHEMA, tmp_path)
    text = (tmp_path / "things.csv").read_bytes().decode()
    assert text == '"word","size","n","ok"\n"a, ""b""\nc",,,\n,1,,\n'


def test_the_same_table_gives_the_same_bytes(tmp_path):
    frame = frame_of([{"word": "x", "size": 1 / 3, "n": 1, "ok": True}], SCHEMA)
    for folder in ("one", "two"):
        export_table(frame.copy(), SCHEMA, tmp_path / folder)
    for kind in ("csv", "parquet"):
        assert (tmp_path / f"one/things.{kind}").read_bytes() == (
            tmp_path / f"two/things.{kind}"
        ).read_bytes()
    assert b"pandas" not in (tmp_path / "one/things.parquet").read_bytes()


def test_an_empty_table_keeps_its_columns_and_types(tmp_path):
    export_table(frame_of([], SCHEMA), SCHEMA, tmp_path)
    assert (tmp_path / "things.csv").read_text() == '"word","size","n","ok"\n'
    assert read_table(tmp_path / "things.parquet", SCHEMA).dtypes.astype(str).tolist() == [
        "string",
        "float64",
        "Int64",
        "boolean",
    ]


def test_a_table_that_breaks_its_contract_is_not_written(tmp_path):
    with pytest.raises(InputError, match="colour"):
        export_table(pd.DataFrame({"colour": ["red"]}), SCHEMA, tmp_path)
    assert not list(tmp_path.iterdir())
