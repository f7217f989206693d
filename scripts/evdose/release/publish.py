"""Move a staged release into ``results``, or verify the one that is there: whole or absent, never changed."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path

from evdose.errors import InputError, Problem
from evdose.release.manifest import digests, stable_json
from evdose.release.naming import RUN_RECORD, Release
from evdose.release.staging import sync, write_whole

_LEFT_OUT_BY_GIT = (".pdf", ".parquet")
_SHOWN = 20


@dataclass(frozen=True)
class Published:
    """A release in ``results``: made now or there before; ``restored``: files put back into it."""

    folder: Path
    made: bool
    restored: list[str]

    def __str__(self) -> str:
        if self.made:
            return f"{self.folder} made"
        restored = f", {len(self.restored)} files that git leaves out put back" if self.restored else ""
        return f"{self.folder} was there and is the same to the byte{restored}"


def publish(stage: Path, results: Path) -> Published:
    """Rename ``stage`` into ``results`` in one step; where its folder exists, verify that instead.

    Raises:
        InputError: the release that is there was altered.
        OSError: the file system refuses.
    """
    results.mkdir(parents=True, exist_ok=True)
    folder = results / stage.name
    try:
        stage.rename(folder)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        return Published(folder, False, _verify(folder, stage))
    sync(results, deep=False)
    return Published(folder, True, [])


def point_latest(results: Path, folder: Path, room: Path) -> None:
    """Let the relative link ``results/latest`` lead to ``folder``, in one step."""
    link = room / "latest"
    link.symlink_to(folder.name)
    link.replace(results / "latest")
    sync(results, deep=False)


def write_stamp(stamp: Path, release: Release, folder: Path, room: Path) -> None:
    """Write the stamp that tells the workflow which release is done."""
    content = {
        "name": release.name,
        "folder": folder.name,
        "hash": folder.name.rpartition("-")[2],
        "date": release.date,
        "report": (folder / "report.html").as_posix(),
    }
    write_whole(stamp, stable_json(content), room)


def _verify(folder: Path, stage: Path) -> list[str]:
    """Compare a release with the same one just made; put back, and return, the files that git leaves out."""
    expected, found = digests(stage), digests(folder)
    lost = [name for name in expected if name not in found]
    restorable = [name for name in lost if name == RUN_RECORD or name.endswith(_LEFT_OUT_BY_GIT)]
    altered = [
        name for name in expected if name in found and name != RUN_RECORD and found[name] != expected[name]
    ]
    restore = f"restore it (git checkout -- {folder}) or remove the folder {folder}, then run again"
    problems = [
        *((name, "is altered", restore) for name in altered),
        *((name, "is missing", restore) for name in lost if name not in restorable),
        *(
            (name, "is no part of the release", "move it away, then run again")
            for name in found
            if name not in expected
        ),
    ]
    if problems:
        raise InputError(*_told(folder, problems))
    for name in restorable:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (stage / name).replace(folder / name)
    if restorable:
        sync(folder)
    return restorable


def _told(folder: Path, problems: list[tuple[str, str, str]]) -> list[Problem]:
    told = [Problem(str(folder / name), what, remedy) for name, what, remedy in problems[:_SHOWN]]
    if len(problems) > _SHOWN:
        told.append(Problem(str(folder), f"{len(problems) - _SHOWN} more such files", problems[-1][2]))
    return told
