"""Coding free text into groups (conditions, cell sources, product lines) by ordered patterns in config/."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evdose.documents import Document, read_yaml
from evdose.errors import InputError, Problem

OTHER, UNKNOWN = "other", "unknown"
NOT_MSC, SOURCE_NOT_STATED = "not MSC", "MSC source not stated"
HEALTHY = "healthy volunteers"


@dataclass(frozen=True)
class Groups:
    """Groups in order, each with its patterns; a text belongs to the first group that has a match in it."""

    groups: tuple[tuple[str, re.Pattern[str]], ...]

    def code(self, text: str | None) -> str | None:
        """Group of a text, or None."""
        if text is None:
            return None
        return next((name for name, pattern in self.groups if pattern.search(text)), None)


def read_groups(path: str | Path) -> Groups:
    """Read groups: a list ``groups`` of ``name`` and ``patterns`` (regular expressions, any case).

    Raises:
        InputError: the file isn't of this form, a pattern isn't a regular expression, or a name repeats.
    """
    document = read_yaml(path)
    groups = document.data.get("groups") if isinstance(document.data, dict) else None
    if not isinstance(groups, list) or not groups:
        remedy = "write a list 'groups' with 'name' and 'patterns' an entry"
        raise InputError(Problem(document.path, "there are no groups", remedy, 1))
    problems = [problem for i, group in enumerate(groups) for problem in _problems(document, i, group)]
    names = [group.get("name") for group in groups if isinstance(group, dict)]
    for i, name in enumerate(names):
        if name in names[:i]:
            pointer = f"/groups/{i}/name"
            what = f"the group '{name}' stands twice"
            problems.append(
                Problem(
                    document.path, what, "put its patterns into one entry", document.line(pointer), pointer
                )
            )
    if problems:
        raise InputError(*problems)
    return Groups(
        tuple((group["name"], re.compile("|".join(group["patterns"]), re.IGNORECASE)) for group in groups)
    )


def condition_group(conditions: Sequence[str], title: str, groups: Groups) -> str:
    """Group of a trial: that of its first condition that has one, else of its title.

    Healthy volunteers count only where no condition and no title tells a disease.
    """
    coded = [groups.code(condition) for condition in conditions]
    diseases = [group for group in [*coded, groups.code(title)] if group not in {None, HEALTHY}]
    if diseases:
        return diseases[0]
    return HEALTHY if HEALTHY in coded else OTHER if conditions else UNKNOWN


def cell_source_group(cell_source: str | None, msc_derived: str, groups: Groups) -> str:
    """Group of the cells that a product comes from; ``msc_derived`` is yes, no or unknown."""
    if msc_derived != "yes":
        return NOT_MSC if msc_derived == "no" else UNKNOWN
    return groups.code(cell_source) or SOURCE_NOT_STATED


def _problems(document: Document, index: int, group: object) -> list[Problem]:
    pointer = f"/groups/{index}"
    if not isinstance(group, dict) or set(group) != {"name", "patterns"} or not group["patterns"]:
        remedy = "give it 'name' and 'patterns' (a list), and nothing else"
        return [
            Problem(
                document.path,
                "a group has a name and a list of patterns",
                remedy,
                document.line(pointer),
                pointer,
            )
        ]
    found = []
    for i, pattern in enumerate(group["patterns"]):
        place = f"{pointer}/patterns/{i}"
        try:
            re.compile(pattern)
        except (re.error, TypeError) as error:
            what = f"{pattern!r} isn't a regular expression ({error})"
            found.append(Problem(document.path, what, "correct the pattern", document.line(place), place))
    return found
