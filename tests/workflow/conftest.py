"""Real Snakemake runs in temporary folders: the whole project once, everything else on a small config."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from workspace import Workspace, make_small


@pytest.fixture(scope="session")
def small_run(tmp_path_factory) -> Workspace:
    """A small workspace that was run once; don't change it: take a copy."""
    workspace = make_small(tmp_path_factory.mktemp("small") / "project")
    ran = workspace.snakemake()
    assert ran.status == 0, ran.output
    return workspace


@pytest.fixture
def small_copy(small_run, tmp_path) -> Callable[[], Workspace]:
    """Copies of the small workspace, already run, to change at will."""
    count = iter(range(1000))
    return lambda: small_run.copy(tmp_path / f"copy{next(count)}")
