"""Shared by all tests: where things are, and that continuous integration skips nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from places import PROJECT, REFERENCE


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Where EVDOSE_CI is set, a test that skips for want of a program fails."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("EVDOSE_CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where it must run: {report.longrepr[-1]}"


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's folder."""
    return PROJECT


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of reference data; the test skips where a machine lacks it."""
    if not REFERENCE.is_dir():
        pytest.skip("the reference data are not on this machine")
    return REFERENCE
