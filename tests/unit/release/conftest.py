from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from unit.release.workshop import SETTINGS, build_project, release_project


@pytest.fixture
def project_folder(tmp_path, monkeypatch) -> Path:
    """A tiny project with its build done, as the current folder."""
    monkeypatch.chdir(build_project(tmp_path / "project"))
    return tmp_path / "project"


@pytest.fixture
def released(tmp_path, monkeypatch) -> Callable[..., Path]:
    """Make a release, with other rows in some tables or with other settings; returns its folder.

    All are made in one project, one after the other.
    """
    project = tmp_path / "releases"

    def make(changed: dict[str, list[dict]] | None = None, settings: dict = SETTINGS) -> Path:
        monkeypatch.chdir(build_project(project, changed))
        return release_project(settings).folder.absolute()

    return make
