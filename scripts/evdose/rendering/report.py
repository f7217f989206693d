"""The report: everything that its page shows, as plain values; the template only lays it out."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from evdose.records.tables import PUBLICATION, REGISTRATION
from evdose.rendering import notation, trust
from evdose.rendering.answer import QUESTION, Counts, answer, counts
from evdose.rendering.audit import audit
from evdose.rendering.by_route import answer_by_route
from evdose.rendering.claims_view import claim_views
from evdose.rendering.inline_svg import inline_svg
from evdose.rendering.pages import TEMPLATES, fill
from evdose.rendering.response_layouts import RESPONSE_LAYOUTS
from evdose.rendering.scenario_tables import scenario_view
from evdose.rendering.table_view import TableView, anchor, view, view_rows, without_empty_columns
from evdose.rendering.trust_layouts import TRUST_LAYOUTS

Tables = Mapping[str, pd.DataFrame]

# The questions, in order, and the tables of each scenario that help to answer them; figures name their own.
# Of tables whose rows a figure shows or another table repeats (dose_response_curve, tried_arms) there are
# pages and files only.
QUESTIONS = {
    "What was tried?": ("trials", "registrations", "trends"),
    "By which route and dose?": ("doses", "routes", "route_shift"),
    "With what effect?": ("effect_direction", "effects", "synthesis", "safety", "outcomes", "studies"),
    "Is there a window?": (
        "effective_range",
        "dose_response",
        "mcp_mod",
        "power",
        "multiverse",
        "uncertain_doses",
    ),
    "What of the review's claims?": ("eligibility_switches",),
    "Can I trust this?": ("prisma", "screening", "dose_states", "conversion_use"),
}
WINDOW, CLAIMS, TRUST = list(QUESTIONS)[-3:]


@dataclass(frozen=True)
class Scenario:
    """What the report takes of one scenario: its tables, and its figures as ``figures.json`` lists them.

    ``drawings`` holds the SVG text of each figure by name.
    """

    name: str
    title: str
    tables: Tables
    figures: Sequence[Mapping]
    drawings: Mapping[str, str]


@dataclass(frozen=True)
class Panel:
    """A figure of one scenario."""

    scenario: Scenario
    drawing: Markup
    caption: str


@dataclass(frozen=True)
class Block:
    """A table of one scenario, or of all of them (``scenario`` None)."""

    scenario: Scenario | None
    table: TableView


def report(
    shared: Tables, scenarios: Sequence[Scenario], release: Mapping, review: Mapping, data_to: str
) -> str:
    """The whole page as HTML; ``release``, ``review`` and ``data_to`` as in the config."""
    script, style = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.js", "report.css"))
    return fill(
        "report.html.jinja",
        question=QUESTION,
        script=Markup(script),
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        style=Markup(style),
        release=release,
        review=review,
        data_to=data_to,
        **page(shared, scenarios),
    )


def page(shared: Tables, scenarios: Sequence[Scenario]) -> dict:
    """All that the page shows beside the words of the config."""
    totals = [counts(scenario.tables, shared["arms"]) for scenario in scenarios]
    titled = [(scenario.title, scenario.tables) for scenario in scenarios]
    sections = audit(shared, titled)
    return {
        "scenarios": scenarios,
        "answers": [answer(s.tables, n) for s, n in zip(scenarios, totals, strict=True)],
        "counts": list(zip(*map(count_rows, totals), strict=True)),
        "claims": claim_views(titled),
        "sections": [_section(question, shared, scenarios) for question in QUESTIONS],
        "dates": [(s, trust.dates(shared["trials"], s.tables["screening"])) for s in scenarios],
        "date_inference": trust.date_inference(shared["registration_date_check"]),
        "unread_digits": trust.unread_digits(shared["doses"], shared["arms"]),
        "conservation": [(s, trust.conservation(s.tables["screening"])) for s in scenarios],
        "audit": sections,
        "anchors": {section.anchor for section in sections},
    }


def count_rows(n: Counts) -> list[tuple[str, str, str]]:
    """The counts of a scenario on the first page: a label, a value, and the table that it is counted in."""
    return [
        ("Records identified", notation.count(n.identified), "screening"),
        ("Trials included", notation.count(n.included), "trials"),
        ("Arms in which the product is given", notation.count(n.arms), "routes"),
        ("… whose dose is known in particles", _part(n.arms_in_particles, n.arms), "doses"),
        ("Published studies used", notation.count(n.studies), "studies"),
    ]


def _part(part: int, whole: int) -> str:
    return f"{notation.count(part)} ({notation.percent(part / whole)})" if whole else "0"


def _section(question: str, shared: Tables, scenarios: Sequence[Scenario]) -> dict:
    return {
        "id": "".join(
            letter for letter in question.lower().replace(" ", "-") if letter.isalpha() or letter == "-"
        ),
        "question": question,
        "figures": list(_figures(question, shared["trials"], scenarios)),
        "tables": [[_block(name, s, shared["arms"]) for s in scenarios] for name in QUESTIONS[question]],
        "shared": _shared_blocks(shared) if question == TRUST else [],
        "window": [_by_route(s) for s in scenarios] if question == WINDOW else [],
        "claims": question == CLAIMS,
        "trust": question == TRUST,
    }


def _figures(question: str, trials: pd.DataFrame, scenarios: Sequence[Scenario]) -> Iterable[tuple]:
    """(name, title, panels) of each figure that answers ``question``, in the order of the first scenario."""
    registered = set(trials["trial_id"])

    def section_of(record: str) -> str:
        return f"#{anchor(record, REGISTRATION if record in registered else PUBLICATION)}"

    for figure in scenarios[0].figures:
        if figure["question"] == question:
            name = figure["figure"]
            panels = [_panel(name, f"s{i}-{name}-", s, section_of) for i, s in enumerate(scenarios)]
            yield name, figure["title"], panels


def _panel(name: str, prefix: str, scenario: Scenario, section_of: Callable[[str], str]) -> Panel:
    figure = next(figure for figure in scenario.figures if figure["figure"] == name)
    drawing = inline_svg(scenario.drawings[name], prefix, figure["alt"], section_of)
    return Panel(scenario, Markup(drawing), figure["caption"])


def _block(name: str, scenario: Scenario, arms: pd.DataFrame) -> Block:
    if name == "dose_states":
        rows = trust.dose_states(scenario.tables["doses"], scenario.tables["screening"])
        return Block(scenario, view_rows(name, TRUST_LAYOUTS[name], rows))
    return Block(scenario, without_empty_columns(scenario_view(name, scenario.tables, arms)))


def _by_route(scenario: Scenario) -> Block:
    """The title's question, a row a route."""
    name = "answer_by_route"
    table = view_rows(name, RESPONSE_LAYOUTS[name], answer_by_route(scenario.tables))
    return Block(scenario, without_empty_columns(table))


def _shared_blocks(shared: Tables) -> list[Block]:
    rows = {
        "unread_doses": trust.unread_doses(shared["doses"], shared["arms"]),
        "overrides": trust.overridden(shared["overrides"], shared["arms"]),
    }
    made = [view_rows(name, TRUST_LAYOUTS[name], found) for name, found in rows.items()]
    names = (
        "conversions",
        "dose_sensitivity",
        "conflicts",
        "registration_date_check",
        "quarantine",
        "sources",
    )
    made += [view(name, TRUST_LAYOUTS[name], shared[name]) for name in names]
    return [Block(None, without_empty_columns(table)) for table in made]
