"""Assembling the tables of records from files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from evdose.errors import InputError, Problem
from evdose.records.cards import card_arm_rows, card_problems, conflict_rows, trial_row
from evdose.records.coding import read_groups
from evdose.records.reading import Batch, read_records, read_schema
from evdose.records.registration_date import leave_one_out_check, read_anchors
from evdose.records.studies import outcome_rows, study_arm_rows, study_problems
from evdose.records.tables import (
    ARMS,
    CLAIMS,
    CONFLICTS,
    DATE_CHECK,
    OUTCOMES,
    QUARANTINE,
    SOURCES,
    TRIALS,
)
from evdose.tables import frame_of

TABLES = {
    "sources": SOURCES,
    "trials": TRIALS,
    "arms": ARMS,
    "outcomes": OUTCOMES,
    "conflicts": CONFLICTS,
    "quarantine": QUARANTINE,
    "claims": CLAIMS,
    "registration_date_check": DATE_CHECK,
}


@dataclass(frozen=True)
class Inputs:
    """Files that ingest reads, paths as the user gives them."""

    cards: Sequence[str]
    studies: Sequence[str]
    claims: str
    anchors: str
    conditions: str
    cell_sources: str
    products: str
    schemas: Sequence[str]

    def schema(self, name: str) -> dict:
        """The JSON Schema of this name among ``schemas``.

        Raises:
            InputError: it isn't there or can't be read.
        """
        file = f"{name}.schema.json"
        return read_schema({Path(path).name: path for path in self.schemas}.get(file, file))


def ingest(inputs: Inputs, *, strict: bool, cache_folder: str | Path | None) -> dict[str, pd.DataFrame]:
    """Read all records and return the tables of :data:`TABLES` by name.

    A record that can't be read stops the run where ``strict``, else it goes to the table quarantine.

    Raises:
        InputError: with every problem of every file.
    """
    cards = read_records("trial card", inputs.cards, inputs.schema("trial"), _below(cache_folder, "cards"))
    studies = read_records(
        "outcomes", inputs.studies, inputs.schema("outcomes"), _below(cache_folder, "studies")
    )
    claims = read_records("claims", [inputs.claims], inputs.schema("claims"), None)
    _check(cards, studies)
    _stop_if_needed([claims] if not strict else [cards, studies, claims])
    anchors = read_anchors(inputs.anchors)
    anchors_digest = hashlib.sha256(Path(inputs.anchors).read_bytes()).hexdigest()
    groups = [read_groups(path) for path in (inputs.conditions, inputs.cell_sources, inputs.products)]
    claim_rows = [
        {**claim, "source_id": record.file, "locator": f"/claims/{i}"}
        for record in claims.usable
        for i, claim in enumerate(record.data["claims"])
    ]
    rows = {
        "sources": [
            *_source_rows(cards),
            *_source_rows(studies),
            _source_row(inputs.claims, claims.kind, claims.digests[inputs.claims], len(claim_rows)),
            _source_row(inputs.anchors, "registration date anchors", anchors_digest, len(anchors.numbers)),
        ],
        "trials": [trial_row(card, anchors, *groups) for card in cards.usable],
        "arms": [row for card in cards.usable for row in card_arm_rows(card)]
        + [row for study in studies.usable for row in study_arm_rows(study)],
        "outcomes": [row for study in studies.usable for row in outcome_rows(study)],
        "conflicts": [row for card in cards.usable for row in conflict_rows(card, anchors)],
        "quarantine": [row for batch in (cards, studies) for row in _quarantine_rows(batch)],
        "claims": claim_rows,
        "registration_date_check": leave_one_out_check(anchors),
    }
    return {name: frame_of(rows[name], schema) for name, schema in TABLES.items()}


def _below(folder: str | Path | None, name: str) -> Path | None:
    return None if folder is None else Path(folder) / name


def _check(cards: Batch, studies: Batch) -> None:
    cards.reject(list(card_problems(cards.usable)))
    trial_ids = {card.data["id"] for card in cards.usable}
    # studies are named after their ids, so that one that can't be read is still known by its name
    unreadable = {Path(file).stem for file in studies.unusable}
    studies.reject(list(study_problems(studies.usable, unreadable, trial_ids)))


def _stop_if_needed(batches: Sequence[Batch]) -> None:
    problems = [
        problem for batch in batches for file in sorted(batch.unusable) for problem in batch.unusable[file]
    ]
    if problems:
        raise InputError(*problems)


def _source_rows(batch: Batch) -> list[dict]:
    return [
        _source_row(file, batch.kind, digest, 1)
        | ({"selected": 0, "quarantined": 1} if file in batch.unusable else {})
        for file, digest in sorted(batch.digests.items())
    ]


def _source_row(file: str, kind: str, digest: str, records: int) -> dict:
    return {
        "file": file,
        "format": kind,
        "sha256": digest,
        "scanned": records,
        "selected": records,
        "not_selected": 0,
        "quarantined": 0,
    }


def _quarantine_rows(batch: Batch) -> list[dict]:
    return [_quarantine_row(batch.unusable[file]) for file in sorted(batch.unusable)]


def _quarantine_row(problems: list[Problem]) -> dict:
    """One row a record, whatever the number of its problems."""
    first = problems[0]
    return {
        "file": first.file,
        "place": first.place if first.line is None else f"line {first.line} {first.place or ''}".strip(),
        "what": "; ".join(dict.fromkeys(problem.what for problem in problems)),
        "remedy": "; ".join(dict.fromkeys(problem.remedy for problem in problems)),
    }
