"""Properties of comparing and naming releases."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from evdose.release.changes import changes
from evdose.release.compare import RELATIVE, differences, equal
from evdose.release.manifest import content_hash, stable_json

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=8)
NUMBER = st.floats(allow_nan=False, allow_infinity=False).map(repr) | st.just("")
CELLS = {"claim_id": TEXT, "verdict": TEXT, "estimate": NUMBER, "low": NUMBER}
ROWS = st.lists(st.fixed_dictionaries(CELLS), max_size=6)
FILES = st.dictionaries(
    st.text("abc/._", min_size=1, max_size=8), st.text("0123456789abcdef", min_size=64, max_size=64)
)


def write_release(folder: Path, rows: list[dict], key: list[str]) -> Path:
    """A release of nothing but one table."""
    (folder / "update/tables").mkdir(parents=True)
    with (folder / "update/tables/claims.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(CELLS))
        writer.writeheader()
        writer.writerows(rows)
    fields = [
        {"name": name, "type": "string" if cells is TEXT else "number"} for name, cells in CELLS.items()
    ]
    schema = {"fields": fields, "primaryKey": key} if key else {"fields": fields}
    package = {"resources": [{"path": "update/tables/claims.csv", "schema": schema}]}
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    return folder


@given(ROWS, st.sampled_from([[], ["claim_id"]]))
@settings(max_examples=50, deadline=None)
def test_nothing_differs_between_a_release_and_itself(rows, key):
    with tempfile.TemporaryDirectory() as folder:
        release = write_release(Path(folder), rows, key)
        assert differences(release, release) == []
        assert changes(release, release) == []


@given(ROWS, ROWS, st.sampled_from([[], ["claim_id"]]))
@settings(max_examples=50, deadline=None)
def test_differences_are_seen_from_both_sides(before, after, key):
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        folders = write_release(Path(one), before, key), write_release(Path(other), after, key)
        forth, back = differences(*folders), differences(*reversed(folders))
        assert len(forth) == len(back)
        assert bool(forth) == bool(changes(*folders))


@given(st.floats(-1e12, 1e12), st.floats(-0.9 * RELATIVE, 0.9 * RELATIVE))
def test_numbers_within_the_tolerance_are_equal(value, error):
    assert equal(repr(value), repr(value * (1 + error)), number=True)


@given(st.floats(1e-6, 1e12), st.floats(1.1 * RELATIVE, 10))
def test_numbers_beyond_the_tolerance_are_not(value, error):
    assert not equal(repr(value), repr(value * (1 + error)), number=True)


@given(FILES, st.randoms())
def test_the_hash_depends_on_files_and_not_on_their_order(files, random):
    shuffled = list(files.items())
    random.shuffle(shuffled)
    assert content_hash(dict(shuffled)) == content_hash(files)
    assert content_hash(files | {"run.json": "0" * 64}) == content_hash(files)
    for name in files:
        assert content_hash({other: files[other] for other in files if other != name}) != content_hash(files)


@given(st.dictionaries(TEXT, st.integers() | TEXT | st.lists(st.integers(), max_size=3), max_size=5))
def test_stable_json_reads_back_and_does_not_see_order(data):
    text = stable_json(data)
    assert json.loads(text) == data
    assert stable_json(dict(reversed(data.items()))) == text
