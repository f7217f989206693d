"""``run.json``: when, where and from which commit a release was made; the one file that no hash covers."""

from __future__ import annotations

import csv
import os
import platform
import re
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path


def run_record(benchmarks: Path, lock: Path | None) -> dict:
    """Times of the run and its jobs (from Snakemake's benchmark files), host, libraries and git commit.

    ``started`` is the start of the first job whose results are in the release, perhaps in an earlier run.
    """
    finished = datetime.now(UTC)
    paths = [
        path for path in sorted(benchmarks.rglob("*.tsv")) if path.stem != "release"
    ]  # that isn't over yet
    jobs = [job for job in (_job(path, benchmarks) for path in paths) if job]
    return {
        "started": min((job["started"] for job in jobs), default=_stamp(finished)),
        "finished": _stamp(finished),
        "jobs": jobs,
        "host": {
            "cpu": _cpu(),
            "os": platform.platform(terse=True),
            "python": platform.python_version(),
            "libraries": _libraries(lock),
        },
        "git": _git(),
    }


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _job(path: Path, benchmarks: Path) -> dict | None:
    """A benchmark file as Snakemake writes it: tab-separated, seconds in ``s``, MB in ``max_rss``."""
    with path.open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file, delimiter="\t"), {})
    try:
        seconds = float(row["s"])
    except (KeyError, TypeError, ValueError):
        return None
    ended = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    try:
        memory = float(row.get("max_rss") or "")
    except ValueError:  # a job too short to be measured
        memory = None
    return {
        "job": path.relative_to(benchmarks).with_suffix("").as_posix(),
        "started": _stamp(ended - timedelta(seconds=seconds)),
        "seconds": seconds,
        "peak_memory_mb": memory,
    }


def _cpu() -> str:
    try:
        information = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        information = ""
    model = re.search(r"^model name\s*:\s*(.+)$", information, re.MULTILINE)
    return model[1].strip() if model else platform.processor() or platform.machine()


def _libraries(lock: Path | None) -> dict[str, str]:
    """Installed versions of the packages that the lock names."""
    text = lock.read_text(encoding="utf-8") if lock else ""
    return dict(_installed(sorted(set(re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", text, re.MULTILINE)))))


def _installed(names: Iterable[str]) -> Iterable[tuple[str, str]]:
    for name in names:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:  # needed on another platform only
            continue


def _git() -> dict[str, object]:
    """Commit and whether anything but ``results`` differs from it; nulls where this is no git repository."""
    commit, changes = _ask_git("rev-parse", "HEAD"), _ask_git("status", "--porcelain", "--", ".", ":!results")
    at_top = (
        _ask_git("rev-parse", "--show-prefix") == ""
    )  # else the commit is of a repository around this one
    return (
        {"commit": commit, "dirty": bool(changes)} if commit and at_top else {"commit": None, "dirty": None}
    )


def _ask_git(*arguments: str) -> str | None:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        asked = subprocess.run(
            ["git", *arguments], capture_output=True, text=True, env=environment, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout.strip() if asked.returncode == 0 else None
