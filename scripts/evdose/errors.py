"""The one error that a user of evdose may meet: what is wrong, where, and what to do about it."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path

_REMEDIES = {
    errno.ENOSPC: "free some disk space",
    errno.EDQUOT: "free some of your disk quota",
    errno.EACCES: "give yourself permission to write there",
    errno.EPERM: "give yourself permission to write there",
    errno.EROFS: "move the project to a disk that can be written to",
    errno.EXDEV: "keep build/ and results/ on one file system",
    errno.EISDIR: "move the folder of that name away: evdose keeps a link or file there",
    errno.ENOTDIR: "move the file of that name away: evdose keeps a folder there",
    errno.EIO: "see to the disk, which reports an error",
    errno.EEXIST: "move the file of that name away: evdose keeps a folder there",
}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the input.

    ``file`` is a path as the user typed it, ``line`` counts from 1, ``place`` is a field, row or column.
    """

    file: str
    what: str
    remedy: str
    line: int | None = None
    place: str | None = None

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        place = "" if self.place is None else f" [{self.place}]"
        return f"{where}{place}: {self.what}\n    -> {self.remedy}"


class InputError(Exception):
    """Input that evdose can't use; shown to the user as its problems, never as a traceback."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


def refused(error: OSError, fallback: Path) -> Problem | None:
    """What the file system refused and what to do about it; None where no user can mend it.

    ``fallback`` is named where the error names no file.
    """
    if error.errno not in _REMEDIES:
        return None
    file = str(error.filename2 or error.filename or fallback)
    remedy = f"{_REMEDIES[error.errno]}, then run again: no release is half made"
    return Problem(file, f"can't be written ({error.strerror})", remedy)
