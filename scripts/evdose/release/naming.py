"""The name of a release, the paths inside it, and which folders of ``results/`` are releases."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from evdose.errors import InputError, Problem

CONFIG = "config/config.yaml"
RUN_RECORD = "run.json"  # the one file that differs between runs of the same inputs

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_FOLDER = re.compile(rf"(?P<name>{_NAME})-(?P<hash>[0-9a-f]{{8}})")
_PATH = re.compile(rf"report\.html|data/{_NAME}|(?!data/){_NAME}/(?:figures|tables)/{_NAME}")


@dataclass(frozen=True)
class Release:
    """What the user calls a release, and its date (ISO 8601), the only one in it."""

    name: str
    date: str

    def folder(self, content_hash: str) -> str:
        """Name of the release folder."""
        return f"{self.name}-{content_hash}"


def release_paths(built: list[Path], build: Path) -> dict[str, Path]:
    """Path in the release of every built file: its path below ``build``.

    Raises:
        InputError: a path isn't one of a release (a scenario has an odd name).
    """
    paths = {path.relative_to(build).as_posix(): path for path in built}
    odd = [path for path in paths if not _PATH.fullmatch(path)]
    if odd:
        remedy = "name scenarios, figures and tables with letters, digits, '.', '_' and '-'; none 'data'"
        raise InputError(*(Problem(CONFIG, f"{path!r} can't be a path of a release", remedy) for path in odd))
    return dict(sorted(paths.items()))


def release_folders(results: Path) -> list[Path]:
    """Folders of ``results`` that are named as releases are, in order of their names."""
    return sorted(
        path
        for path in results.iterdir()
        if path.is_dir() and not path.is_symlink() and _FOLDER.fullmatch(path.name)
    )


def name_of(folder: str) -> str | None:
    """Name that the user gave to the release in ``folder``; None where no release is called so."""
    match = _FOLDER.fullmatch(folder)
    return match and match["name"]
