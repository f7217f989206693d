"""What a person is told when a rule fails."""

from __future__ import annotations

import errno
from types import SimpleNamespace

import pytest

from evdose.errors import InputError, Problem
from evdose.recipe import running


def told(folder, error):
    """The log of a rule whose script raises ``error``."""
    log = folder / "logs/rule.log"
    with (
        pytest.raises(SystemExit) as ended,
        running(SimpleNamespace(rule="ingest", wildcards=[], log=[log])),
    ):
        raise error
    assert ended.value.code == 1
    return log.read_text(encoding="utf-8")


def test_bad_input_is_told_without_a_traceback(tmp_path):
    said = told(tmp_path, InputError(Problem("card.yaml", "is empty", "write it", 3, "/arms")))
    assert said.endswith("card.yaml:3 [/arms]: is empty\n    -> write it\n")
    assert "Traceback" not in said


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO])
def test_a_disk_that_refuses_is_no_defect_of_evdose(tmp_path, code):
    said = told(tmp_path, OSError(code, "refused", "build/records/trials.parquet"))
    assert "build/records/trials.parquet: can't be written (refused)\n    -> " in said
    assert "Traceback" not in said
    assert "defect" not in said


@pytest.mark.parametrize("error", [KeyError("x"), FileNotFoundError(errno.ENOENT, "none", "x")])
def test_a_defect_leaves_its_traceback_in_the_log(tmp_path, error):
    said = told(tmp_path, error)
    assert "Traceback" in said
    assert "a defect of evdose" in said
