"""The audit: one section a record or published study, from its words to the estimates that it enters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from evdose.records.tables import PUBLICATION
from evdose.rendering import notation
from evdose.rendering.layouts import LAYOUTS
from evdose.rendering.links import Link, publication_link, registry_page, source_links, web_address
from evdose.rendering.readings import ArmView, arm_view
from evdose.rendering.table_view import (
    Layout,
    TableView,
    anchor,
    records,
    text,
    view_rows,
    without_empty_columns,
)
from evdose.rendering.trust_layouts import TRUST_LAYOUTS

Tables = Mapping[str, pd.DataFrame]
Scenarios = Sequence[tuple[str, Tables]]
_FACTS = {
    "Other identifiers": "secondary_ids",
    "Status": "status",
    "Phase": "phase",
    "Study type": "study_type",
    "Allocation": "allocation",
    "Model": "intervention_model",
    "Masking": "masking",
    "Start": "start_date",
    "Completion": "completion_date",
    "Conditions": "conditions",
    "Condition group": "condition_group",
    "Countries": "countries",
    "Sponsor": "sponsor",
    "Product": "product",
    "Product line": "product_line",
    "What is given": "ev_kind",
    "Coded as": "ev_class",
    "Cell source": "cell_source",
    "Cell source group": "cell_source_group",
    "MSC-derived": "msc_derived",
    "Isolation": "isolation",
    "Characterisation": "characterisation",
    "Risk of bias": "risk_of_bias",
    "Not sure": "flags",
    "Notes": "notes",
}
_STUDY_FACTS = {
    "Condition": "condition",
    "Design": "design",
    "Year": "year",
    "MSC-derived": "msc_derived",
    "Repeats the participants of": "same_data_as",
}


@dataclass(frozen=True)
class Decision:
    """What one scenario decided on a record, by which rule."""

    scenario: str
    decision: str
    reason: str
    rule: str | None
    stands_for_it: Link | None


@dataclass(frozen=True)
class Section:
    """One section of the audit."""

    anchor: str
    record: str
    title: str
    kind: str
    facts: tuple[tuple[str, Link], ...]
    decisions: tuple[Decision, ...]
    arms: tuple[ArmView, ...]
    related: tuple[Link, ...]
    sources: tuple[Link, ...]
    tables: tuple[TableView, ...]


def _trimmed(layout: Layout, without: set[str], extra: dict[str, str]) -> Layout:
    kept = tuple(field for field in layout.fields if field.label not in without)
    return replace(layout, fields=kept + tuple(text(label, source) for label, source in extra.items()))


_IDENTITY = {"Study", "Trial"}
_OF_ARM = {"Route", "Particles per administration"}
_USED_IN = {"Used in": "scenarios"}
_IN_NUMBERS = {f"{what} (n)" for what in ("Treated", "Control")}
_ENTERED = {
    "effects": _trimmed(
        LAYOUTS["effects"],
        {*_IDENTITY, *_OF_ARM, *_IN_NUMBERS},
        {"Numbers": "numbers", "Equation": "equation"} | _USED_IN,
    ),
    "effect_direction": _trimmed(LAYOUTS["effect_direction"], {*_IDENTITY, *_OF_ARM, "Condition"}, _USED_IN),
    "safety": _trimmed(LAYOUTS["safety"], {*_IDENTITY, *_OF_ARM, "Kind"}, _USED_IN),
}
_PUBLISHED = _trimmed(LAYOUTS["outcomes"], {*_IDENTITY, "Source"}, {"Place": "locator", "Notes": "notes"})
_CONFLICTS = _trimmed(TRUST_LAYOUTS["conflicts"], _IDENTITY, {})


def audit(shared: Tables, scenarios: Scenarios) -> list[Section]:
    """Sections of all records by identifier, then of all published studies, then of what can't be read.

    ``scenarios`` holds the title and the tables of each.
    """
    arms = _arm_views(shared)
    decisions = _decisions(scenarios)
    conflicts, outcomes = _by(shared["conflicts"], "trial_id"), _by(shared["outcomes"], "study_id")
    studies_of = _by(shared["outcomes"].drop_duplicates(["study_id", "trial_id"]), "trial_id")
    uses = _uses(scenarios)
    entered = {name: _entered(name, scenarios) for name in _ENTERED}
    trials = {row["trial_id"]: row for row in records(shared["trials"])}
    unread = sorted(set(decisions) - set(trials))
    return [
        *(
            _trial(row, arms[record], decisions[record], studies_of[record], conflicts[record])
            for record, row in sorted(trials.items())
        ),
        *(
            _study(
                study, rows, arms[study], uses[study], {name: found[study] for name, found in entered.items()}
            )
            for study, rows in sorted(outcomes.items())
        ),
        *(_unread(record, decisions[record]) for record in unread),
    ]


def _trial(row: dict, arms: list, decisions: list, studies: list[dict], conflicts: list[dict]) -> Section:
    record = row["trial_id"]
    facts = {"Registered": _registered(row), "Enrolment": _enrolment(row)}
    facts |= {label: row[column] for label, column in _FACTS.items()}
    tables = [view_rows("conflicts", _CONFLICTS, conflicts)] if conflicts else []
    return Section(
        anchor(record),
        record,
        row["title"],
        "Registered trial" if row["registered"] else "Known only from a publication",
        tuple((label, Link(str(value))) for label, value in facts.items() if value),
        tuple(decisions),
        tuple(arms),
        tuple(Link(study["study_id"], f"#{anchor(study['study_id'], PUBLICATION)}") for study in studies),
        (
            Link(f"{row['registry']} {record}" if row["registry"] else record, registry_page(record)),
            *source_links(row["sources"] or ""),
            *(publication_link(citation) for citation in (row["publications"] or "").split("; ") if citation),
            Link(row["source_id"]),
        ),
        tuple(tables),
    )


def _study(
    study: str, rows: list[dict], arms: list, decisions: list, entered: dict[str, list[dict]]
) -> Section:
    first = rows[0]
    trials = dict.fromkeys(row["trial_id"] for row in rows if row["trial_id"])
    addresses = dict.fromkeys(row["source_url"] for row in rows if row["source_url"])
    labels = {arm.number: arm.label for arm in arms}
    outcomes = [row | {"label": labels.get(row["arm"])} for row in rows]
    return Section(
        anchor(study, PUBLICATION),
        study,
        f"{first['condition'] or 'Published study'}",
        "Published study",
        tuple((label, Link(str(first[column]))) for label, column in _STUDY_FACTS.items() if first[column]),
        tuple(decisions),
        tuple(arms),
        tuple(Link(trial, f"#{anchor(trial)}") for trial in trials),
        (
            *([publication_link(first["doi"])] if first["doi"] else []),
            *(Link(url, web_address(url)) for url in addresses),
            Link(first["source_id"]),
        ),
        tuple(
            without_empty_columns(view_rows(name, layout, found))
            for name, layout, found in (
                ("outcomes", _PUBLISHED, outcomes),
                *((name, layout, entered[name]) for name, layout in _ENTERED.items()),
            )
            if found
        ),
    )


def _unread(record: str, decisions: list[Decision]) -> Section:
    return Section(anchor(record), record, record, "Can't be read", (), tuple(decisions), (), (), (), ())


def _arm_views(shared: Tables) -> dict[str, list[ArmView]]:
    doses, routes = (_by(shared[name], "trial_id", "arm") for name in ("doses", "routes"))
    found = defaultdict(list)
    for arm in records(shared["arms"]):
        key = (arm["trial_id"], arm["arm"])
        found[arm["trial_id"]].append(arm_view(arm, doses[key], routes[key]))
    return found


def _decisions(scenarios: Scenarios) -> dict[str, list[Decision]]:
    found = defaultdict(list)
    for title, tables in scenarios:
        for row in records(tables["screening"]):
            other = row["duplicate_of"]
            link = Link(other, f"#{anchor(other)}") if other else None
            found[row["record_id"]].append(Decision(title, row["decision"], row["reason"], row["rule"], link))
    return found


def _uses(scenarios: Scenarios) -> dict[str, list[Decision]]:
    found = defaultdict(list)
    for title, tables in scenarios:
        for row in records(tables["studies"]):
            used = "used" if row["used"] else "not used"
            found[row["study_id"]].append(Decision(title, used, row["reason"], None, None))
    return found


def _entered(name: str, scenarios: Scenarios) -> dict[str, list[dict]]:
    """Rows of a modelled table by study; a row that is the same in several scenarios names them all."""
    used: dict[tuple, list[str]] = defaultdict(list)
    for title, tables in scenarios:
        for row in records(tables[name]):
            used[tuple(row.items())].append(title)
    found = defaultdict(list)
    for items, titles in used.items():
        row = dict(items)
        found[row["study_id"]].append(row | {"scenarios": "; ".join(titles)})
    return found


def _by(frame: pd.DataFrame, *columns: str) -> dict:
    """Rows by the value of one column, or by the tuple of several."""
    found = defaultdict(list)
    for row in records(frame):
        key = tuple(row[column] for column in columns)
        found[key if len(key) > 1 else key[0]].append(row)
    return found


def _registered(row: dict) -> str | None:
    if not row["first_posted"]:
        return None
    status, low, high = row["first_posted_status"], row["first_posted_low"], row["first_posted_high"]
    between = f", between {low} and {high}" if low and high and low != high else ""
    return row["first_posted"] + ("" if status == "exact" else f" ({status}{between})")


def _enrolment(row: dict) -> str | None:
    if row["enrollment"] is None:
        return None
    kind = f" ({row['enrollment_type'].lower()})" if row["enrollment_type"] else ""
    return f"{notation.count(row['enrollment'])} participants{kind}"
