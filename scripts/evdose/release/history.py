"""``results/CHANGES.md``: one section a release, kept when git keeps the release itself no longer."""

from __future__ import annotations

import json
from pathlib import Path

from evdose.release.changes import causes, changes, read_manifest
from evdose.release.naming import RUN_RECORD, name_of, release_folders
from evdose.release.staging import write_whole

_HEAD = """\
# What changed between releases

One section a release, the newest first: what its tables say otherwise than those of the release before it
(numbers that differ by more than 1e-5 of their value), and which inputs differ. Made by evdose: don't edit.
"""


def write_history(results: Path, folder: Path, room: Path) -> None:
    """Write the section of the release in ``folder`` into ``results/CHANGES.md``, whole or not at all.

    ``room`` is a folder for a moment, on the same file system.

    Raises:
        InputError: a release in ``results`` can't be read.
    """
    path = results / "CHANGES.md"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    write_whole(path, updated(text, results, folder), room)


def updated(text: str, results: Path, folder: Path) -> str:
    """``CHANGES.md`` with the section of ``folder`` new or renewed; sections of other releases are kept.

    A section goes where its folder is gone and it bore the same name: a draft that nobody kept. Where the
    release before isn't in ``results`` any more, a section that is there already stays as it is.

    Raises:
        InputError: a release in ``results`` can't be read.
    """
    sections = _sections(text)
    name = name_of(folder.name)
    drafts = [
        other
        for other in sections
        if name_of(other) == name and not (results / other / "manifest.json").exists()
    ]
    for draft in drafts:
        del sections[draft]
    before = _before(results, folder)
    kept = sections.get(folder.name, "")
    others = [other for other in sections if other != folder.name]
    if before is not None:
        body = _compared(before, folder)
    elif kept and not any(f"compared with {draft}" in kept for draft in drafts):
        body = kept
    elif others:
        body = f"{_day(folder)}, not compared: the release before ({others[0]}) is no longer here.\n"
    else:
        body = f"{_day(folder)}, first release.\n"
    sections = sections | {folder.name: body} if kept else {folder.name: body, **sections}
    return "\n".join([_HEAD, *(f"## {title}\n\n{content}" for title, content in sections.items())])


def _before(results: Path, folder: Path) -> Path | None:
    """The release before: by date, and within a date by the time at which the runs ended."""
    order = {path: (read_manifest(path)["date"], _finished(path)) for path in release_folders(results)}
    earlier = [path for path in order if path.name != folder.name and order[path] < order[folder]]
    return max(earlier, key=lambda path: (order[path], path.name), default=None)


def _finished(folder: Path) -> str:
    try:
        return str(json.loads((folder / RUN_RECORD).read_text(encoding="utf-8"))["finished"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _compared(before: Path, after: Path) -> str:
    found = changes(before, after)
    why = [f"- Why: {'; '.join(causes(before, after))}."] if found else []
    lines = [*(f"- {change}" for change in found), *why] or ["- No table differs."]
    return "\n".join([f"{_day(after)}, compared with {before.name}:", "", *lines, ""])


def _day(folder: Path) -> str:
    return read_manifest(folder)["date"]


def _sections(text: str) -> dict[str, str]:
    """Sections by title, in the order of the text."""
    parts = text.split("\n## ")[1:]
    pairs = [part.partition("\n") for part in parts]
    return {title.strip(): body.strip("\n") + "\n" for title, _, body in pairs}
