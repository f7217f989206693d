"""Comparing the tables of two releases."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest
from unit.release.workshop import dose, events, pooled

from evdose.errors import InputError
from evdose.release.compare import differences, equal, main
from places import PROJECT

SYNTHESIS = "update/tables/synthesis"


@pytest.mark.parametrize(
    ("before", "after", "number", "same"),
    [
        ("1.00001", "1.00000", True, True),
        ("1.00003", "1.00000", True, False),
        ("2e8", "200000000", True, True),
        ("-0.41", "0.41", True, False),
        ("0", "1e-13", True, True),
        ("0", "1e-6", True, False),
        ("", "0", True, False),
        ("", "", True, True),
        ("inf", "inf", True, True),
        ("2e8", "200000000", False, False),
        ("abc", "abc", False, True),
    ],
)
def test_cells(before, after, number, same):
    assert equal(before, after, number=number) is same


def test_a_release_and_itself(released):
    release = released()
    assert differences(release, release) == []


def test_numbers_within_the_tolerance_agree(released):
    before, within, beyond = (released({SYNTHESIS: [pooled(value)]}) for value in (0.41, 0.410002, 0.41001))
    assert differences(before, within) == []
    (found,) = differences(before, beyond)
    assert (found.table, found.column) == ("update/tables/synthesis.csv", "estimate")
    assert (found.before, found.after) == ("0.41", "0.41001")
    assert "stratum=respiratory" in found.row


def test_counts_and_text_agree_exactly(released):
    before = released({SYNTHESIS: [pooled(0.41) | {"participants": 1_000_000}]})
    after = released({SYNTHESIS: [pooled(0.41) | {"participants": 1_000_001, "why": "ML"}]})
    assert [found.column for found in differences(before, after)] == ["participants", "why"]


def test_rows_that_came_or_went_are_named(released):
    before = released({"data/doses": [dose("NCT01", 2e8), dose("NCT02", 4e9)]})
    after = released({"data/doses": [dose("NCT00", 1e8), dose("NCT02", 4e9)]})
    assert [(found.row, found.after) for found in differences(before, after)] == [
        ("trial_id=NCT01 arm=1 level=1", "gone"),
        ("trial_id=NCT00 arm=1 level=1", "new"),
    ]


def test_a_row_put_into_a_table_without_key_shifts_no_other(released):
    rows = [events("B2020", 1), events("C2021", 2), events("C2021", 2)]
    before = released({"update/tables/safety": rows})
    (found,) = differences(before, released({"update/tables/safety": [events("A2019", 3), *rows]}))
    assert "study_id=A2019" in found.row
    assert found.after == "new"


def test_a_repeated_row_counts(released):
    before = released({"update/tables/safety": [events("B2020", 1)]})
    after = released({"update/tables/safety": [events("B2020", 1)] * 2})
    assert [found.after for found in differences(before, after)] == ["new"]


def test_a_table_and_a_column_that_came_or_went_are_named(released, tmp_path):
    before = released()
    after = tmp_path / "after"
    shutil.copytree(before, after)
    package = json.loads((after / "datapackage.json").read_text(encoding="utf-8"))
    package["resources"] = [r for r in package["resources"] if r["path"] != "data/doses.csv"]
    (after / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    claims = (after / "update/tables/claims.csv").read_text(encoding="utf-8")
    (after / "update/tables/claims.csv").write_text(claims.replace("verdict", "judgement"), encoding="utf-8")
    assert [(found.table, found.column, found.after) for found in differences(before, after)] == [
        ("data/doses.csv", "", "gone"),
        ("update/tables/claims.csv", "judgement", "new"),
        ("update/tables/claims.csv", "verdict", "gone"),
    ]


def test_the_command_tells_by_its_exit_status(released, capsys, tmp_path):
    before, after = released(), released({SYNTHESIS: [pooled(0.5)]})
    assert main([str(before), str(before)]) == 0
    assert "agree" in capsys.readouterr().out
    assert main([str(before), str(after)]) == 1
    assert "estimate: 0.41 -> 0.5" in capsys.readouterr().out
    assert main([str(before), str(tmp_path)]) == 2
    assert "datapackage.json" in capsys.readouterr().err


def test_a_long_list_is_cut_and_counted(released, capsys):
    before = released({"data/doses": [dose("NCT01", 2e8, arm=arm) for arm in range(1, 151)]})
    after = released({"data/doses": [dose("NCT01", 3e8, arm=arm) for arm in range(1, 151)]})
    assert main([str(before), str(after)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2:] == ["… and 200 more", "300 differences"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"resources": [1]}', "\x00"])
def test_a_folder_that_is_no_release_is_named(released, tmp_path, content):
    (tmp_path / "datapackage.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"datapackage\.json"):
        differences(tmp_path, released())


def test_a_table_that_is_missing_is_named(released):
    release = released()
    (release / "data/doses.csv").unlink()
    with pytest.raises(InputError, match=r"data/doses\.csv"):
        differences(release, release)


def test_it_runs_as_a_module(released):
    release = released()
    command = [sys.executable, "-m", "evdose.release.compare", str(release), str(release)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "scripts")}
    assert subprocess.run(command, env=environment, check=False, capture_output=True).returncode == 0
