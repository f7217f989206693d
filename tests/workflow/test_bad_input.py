"""Bad input stops the run with the file, the field and the remedy; no release is made or touched."""

from __future__ import annotations

import pytest

from workspace import make_small

CARD = "seeds/trials/NCT04276987.yaml"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return make_small(tmp_path_factory.mktemp("bad") / "project")


def refused(workspace, file, old, new):
    """Run with one edit, then take the edit back; returns what was printed."""
    path = workspace.folder / file
    before = path.read_text(encoding="utf-8")
    workspace.edit(file, old, new)
    try:
        ran = workspace.snakemake()
    finally:
        path.write_text(before, encoding="utf-8")
    assert ran.status != 0
    assert not workspace.releases()
    assert "Traceback" not in ran.output
    return ran.output


def test_a_missing_field(workspace):
    output = refused(workspace, CARD, "title:", "# title:")
    assert CARD in output
    assert "title" in output
    assert "missing" in output


def test_a_mistyped_field(workspace):
    output = refused(workspace, CARD, "status:", "statsu:")
    assert f"{CARD}:" in output
    assert "statsu" in output
    assert "status" in output


def test_a_wrong_type(workspace):
    output = refused(workspace, CARD, "registered: true", "registered: maybe")
    assert CARD in output
    assert "registered" in output


def test_broken_yaml(workspace):
    output = refused(workspace, CARD, "arms:", "arms: [")
    assert CARD in output


def test_an_unknown_config_key_names_the_nearest(workspace):
    output = refused(workspace, "config/config.yaml", "data_to:", "date_to:")
    assert "config/config.yaml" in output
    assert "date_to" in output
    assert "data_to" in output


def test_a_config_that_is_no_yaml_names_its_line(workspace):
    output = refused(workspace, "config/config.yaml", "strict: true", "strict: true\n\t- x")
    assert "config/config.yaml:" in output


def test_a_day_that_does_not_exist_names_its_line(workspace):
    output = refused(workspace, "config/config.yaml", "2026-11-20", "2026-02-30")
    assert "2026-02-30 isn't a day of the calendar" in output
    assert "config/config.yaml:" in output
