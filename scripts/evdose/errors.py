"""The one error that a user of evdose may meet: what is wrong, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass


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
