"""Trial cards: one YAML file a trial record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evdose.errors import Problem
from evdose.records.arms import arm_problems, arm_rows, flag_text
from evdose.records.coding import Groups, cell_source_group, condition_group
from evdose.records.reading import Record
from evdose.records.registration_date import Anchors, RegistrationDate, interval, registration_date
from evdose.records.tables import REGISTRATION

_AS_WRITTEN = (
    "registry",
    "registered",
    "title",
    "start_date",
    "completion_date",
    "status",
    "phase",
    "study_type",
    "allocation",
    "intervention_model",
    "masking",
    "enrollment",
    "enrollment_type",
    "sponsor",
    "risk_of_bias",
    "has_results",
)
_LISTS = ("secondary_ids", "same_trial_as", "conditions", "countries", "publications")


def card_problems(cards: Sequence[Record]) -> Iterator[tuple[Record, Problem]]:
    """What a schema can't see: ids that repeat, days that don't exist, arms that clash."""
    first: dict[str, Record] = {}
    for card in cards:
        first.setdefault(card.data["id"], card)
    for card in cards:
        id_ = card.data["id"]
        if first[id_] is not card:
            what = f"the id {id_} is also that of {first[id_].file}"
            yield card, card.problem(what, "keep one card a record", "/id")
        for field in ("first_posted", "start_date", "completion_date"):
            if field in card.data and not _exists(card.data[field]):
                yield (
                    card,
                    card.problem(f"there is no day {card.data[field]}", "correct the date", f"/{field}"),
                )
        if id_ in card.data.get("same_trial_as", []):
            remedy = "name the other records of the trial"
            yield card, card.problem("the card names itself as the same trial", remedy, "/same_trial_as")
        for problem in arm_problems(card):
            yield card, problem


def trial_row(
    card: Record, anchors: Anchors, conditions: Groups, cell_sources: Groups, products: Groups
) -> dict:
    """Row of the table trials."""
    data, product = card.data, card.data["product"]
    registered = _registration_date(card, anchors)
    flags = [flag_text(flag) for flag in data.get("flags", [])]
    flags += [f"{conflict['field']}: conflicting (see conflicts)" for conflict in data.get("conflicts", [])]
    if registered.note is not None:
        flags.append(f"first_posted: inferred ({registered.note})")
    named = " | ".join(text for text in (product.get("name"), data.get("sponsor")) if text)
    return {
        "trial_id": data["id"],
        **{field: data.get(field) for field in _AS_WRITTEN},
        **{field: "; ".join(data.get(field, [])) or None for field in _LISTS},
        "first_posted": registered.day,
        "first_posted_low": registered.low,
        "first_posted_high": registered.high,
        "first_posted_status": registered.status,
        "condition_group": condition_group(data.get("conditions", []), data["title"], conditions),
        "product": product.get("name"),
        "product_line": product.get("line") or products.code(named),
        "ev_kind": product.get("ev_kind"),
        "ev_class": product["ev_class"],
        "cell_source": product.get("cell_source"),
        "cell_source_group": cell_source_group(
            product.get("cell_source"), product["msc_derived"], cell_sources
        ),
        "msc_derived": product["msc_derived"],
        "isolation": product.get("isolation"),
        "characterisation": product.get("characterisation"),
        "sources": "; ".join(_source_text(source) for source in data["sources"]),
        "notes": " ".join(data.get("notes", [])) or None,
        "flags": "; ".join(flags) or None,
        "source_id": card.file,
    }


def card_arm_rows(card: Record) -> Iterator[dict]:
    """Rows of the table arms."""
    return arm_rows(card, card.data["id"], REGISTRATION)


def conflict_rows(card: Record, anchors: Anchors) -> Iterator[dict]:
    """Rows of the table conflicts: those of the card, and a doubtful date that gave way to the number."""
    for i, conflict in enumerate(card.data.get("conflicts", [])):
        yield {
            "trial_id": card.data["id"],
            **conflict,
            "source_id": card.file,
            "locator": f"/conflicts/{i}",
        }
    registered = _registration_date(card, anchors)
    if registered.note is not None and "first_posted" in card.data:
        yield {
            "trial_id": card.data["id"],
            "field": "first_posted",
            "value": registered.day,
            "other_value": card.data["first_posted"],
            "other_source": "the card",
            "note": "the stated date is in doubt; the date of the registration number is used",
            "source_id": card.file,
            "locator": "/first_posted",
        }


def _registration_date(card: Record, anchors: Anchors) -> RegistrationDate:
    doubts = frozenset(flag["flag"] for flag in card.data.get("flags", []) if flag["field"] == "first_posted")
    return registration_date(card.data["id"], card.data.get("first_posted"), doubts, anchors)


def _source_text(source: dict) -> str:
    return f"{source['gives']} <{source['url']}>" if "url" in source else source["gives"]


def _exists(text: str) -> bool:
    try:
        interval(text)
    except ValueError:
        return False
    return True
