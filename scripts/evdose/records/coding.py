"""Coding free text into groups (conditions, cell sources, product lines) by ordered patterns in config/."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evdose.documents import Document, check_document, read_yaml
from evdose.errors import InputError, Problem

OTHER, UNKNOWN = "other", "unknown"
NOT_MSC, SOURCE_NOT_STATED = "not MSC", "MSC source not stated"
HEALTHY = "healthy volunteers"
_SCHEMA = {
    "description": "a list 'groups', each with 'name' and 'patterns'",
    "type": "object",
    "required": ["groups"],
    "additionalProperties": False,
    "properties": {
        "groups": {
            "description": "groups in the order in which they are tried",
            "type": "array",
            "minItems": 1,
            "items": {
                "description": "a name and a list of patterns",
                "type": "object",
                "required": ["name", "patterns"],
                "additionalProperties": False,
                "properties": {
                    "name": {"description": "the name that figures show", "type": "string", "pattern": "\\S"},
                    "patterns": {
                        "description": "a list of regular expressions, one of them at least",
                        "type": "array",
                        "minItems": 1,
                        "items": {"description": "a regular expression", "type": "string", "minLength": 1},
                    },
                },
            },
        }
    },
}


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
    check_document(document, _SCHEMA)
    groups = document.data["groups"]
    problems = [problem for i in range(len(groups)) for problem in _problems(document, groups, i)]
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


def _problems(document: Document, groups: list[dict], index: int) -> Iterator[Problem]:
    name, place = groups[index]["name"], f"/groups/{index}"
    if any(group["name"] == name for group in groups[:index]):
        what, remedy = f"the group '{name}' stands twice", "put its patterns into one entry"
        yield Problem(document.path, what, remedy, document.line(f"{place}/name"), f"{place}/name")
    for i, pattern in enumerate(groups[index]["patterns"]):
        try:
            re.compile(pattern)
        except re.error as error:
            what, at = f"{pattern!r} isn't a regular expression ({error})", f"{place}/patterns/{i}"
            yield Problem(document.path, what, "correct the pattern", document.line(at), at)
