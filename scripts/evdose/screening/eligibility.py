"""Eligibility rules: data, not code. Each excludes the records for which its condition holds."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from evdose.documents import Document
from evdose.errors import InputError, Problem
from evdose.records.tables import TRIALS
from evdose.settings import read_eligibility
from evdose.tables import FLAG, INTEGER, TEXT

STAGES = ("screening", "assessment")
_WINDOW = ("registered_from", "registered_to")
_VALUE_TYPES = {TEXT: str, FLAG: bool, INTEGER: int}
_TESTS_OF_TEXT = ("before", "after", "matches")


@dataclass(frozen=True)
class Rule:
    """Excludes a record for ``reason`` where ``when`` holds, unless the scenario's ``switch`` includes it."""

    id: str
    stage: str
    reason: str
    when: dict
    switch: str | None = None

    def excludes(self, trials: pd.DataFrame, scenario: dict) -> np.ndarray:
        """One truth value a row of ``trials``; all false where the switch is set to ``include``."""
        if self.switch is not None and scenario["switches"][self.switch] == "include":
            return np.zeros(len(trials), dtype=bool)
        return holds(self.when, trials, scenario)

    def reason_in(self, scenario: dict) -> str:
        """The reason with the scenario's dates in it."""
        reason = self.reason
        for edge in _WINDOW:
            reason = reason.replace(f"{{{edge}}}", scenario[edge])
        return reason


def read_rules(path: str | Path) -> list[Rule]:
    """Read the rules in the order of application: those of screening first.

    Raises:
        InputError: the file breaks its schema, an id repeats, or a condition doesn't fit the trials table.
    """
    document = read_eligibility(path)
    problems = list(_problems(document))
    if problems:
        raise InputError(*problems)
    return sorted(
        (Rule(**rule) for rule in document.data["rules"]), key=lambda rule: STAGES.index(rule.stage)
    )


def holds(condition: dict, trials: pd.DataFrame, scenario: dict) -> np.ndarray:
    """Whether a condition holds, one truth value a row.

    A test of an empty field never holds, but for ``missing``. A date less precise than a day is before
    (after) a day only if all of it is.
    """
    for combine, join in (("all", np.logical_and), ("any", np.logical_or)):
        if combine in condition:
            return join.reduce([holds(part, trials, scenario) for part in condition[combine]])
    column = trials[condition["field"]]
    test, value = next((key, value) for key, value in condition.items() if key != "field")
    if test == "missing":
        return column.isna().to_numpy(dtype=bool) == value
    if test in {"before", "after"} and value in _WINDOW:
        value = scenario[value]
    return np.array([not pd.isna(cell) and _passes(test, cell, value) for cell in column], dtype=bool)


def _passes(test: str, cell: str | int | bool, value: object) -> bool:
    match test:
        case "equals":
            return cell == value
        case "in":
            return cell in value
        case "not_in":
            return cell not in value
        case "before":
            return f"{cell}{'-12-31'[len(cell) - 4 :]}" < value
        case "after":
            return f"{cell}{'-01-01'[len(cell) - 4 :]}" > value
    return re.search(value, cell, re.IGNORECASE) is not None


def _problems(document: Document) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, rule in enumerate(document.data["rules"]):
        if rule["id"] in seen:
            yield _problem(document, f"/rules/{i}/id", f"the id '{rule['id']}' stands twice", "rename one")
        seen.add(rule["id"])
        yield from _condition_problems(document, rule["when"], f"/rules/{i}/when")


def _condition_problems(document: Document, condition: dict, pointer: str) -> Iterator[Problem]:
    for combine in ("all", "any"):
        for i, part in enumerate(condition.get(combine, [])):
            yield from _condition_problems(document, part, f"{pointer}/{combine}/{i}")
    if "field" not in condition:
        return
    field = condition["field"]
    test, value = next((key, value) for key, value in condition.items() if key != "field")
    if field not in TRIALS.columns:
        near = difflib.get_close_matches(field, list(TRIALS.columns), n=1, cutoff=0)[0]
        what = f"the trials table has no column '{field}'"
        yield _problem(document, f"{pointer}/field", what, f"did you mean '{near}'?")
        return
    wrong = _misfit(field, test, value)
    if wrong:
        yield _problem(document, f"{pointer}/{test}", *wrong)


def _misfit(field: str, test: str, value: object) -> tuple[str, str] | None:
    """What is wrong with a test of a column, and its remedy."""
    dtype = str(TRIALS.columns[field].dtype.type)
    if test in _TESTS_OF_TEXT and dtype != TEXT:
        return f"'{test}' can't test {field}, which isn't text", "use equals, in, not_in or missing"
    if test == "matches":
        return _bad_pattern(value)
    if test in {"before", "after"}:
        return (
            None
            if value in _WINDOW or _is_day(value)
            else (f"{value} isn't a day", "write a day that exists")
        )
    if test == "missing":
        return None
    values = value if isinstance(value, list) else [value]
    strangers = [item for item in values if type(item) is not _VALUE_TYPES[dtype]]
    if strangers:
        return f"{field} never is {strangers[0]!r}", f"write a value of type {_VALUE_TYPES[dtype].__name__}"
    choices = [
        item for check in TRIALS.columns[field].checks for item in check.statistics.get("allowed_values", [])
    ]
    unknown = [item for item in values if choices and item not in choices]
    return (f"{field} never is '{unknown[0]}'", f"it is one of {', '.join(choices)}") if unknown else None


def _bad_pattern(pattern: str) -> tuple[str, str] | None:
    try:
        re.compile(pattern)
    except re.error as error:
        return (
            f"'{pattern}' isn't a regular expression ({error})",
            "correct it; a literal bracket needs a \\ before it",
        )
    return None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _problem(document: Document, pointer: str, what: str, remedy: str) -> Problem:
    return Problem(document.path, what, remedy, document.line(pointer), pointer)
