"""Published outcomes: one YAML file a study, or a registry's posted results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from evdose.errors import Problem
from evdose.records.arms import arm_problems, arm_rows
from evdose.records.reading import Record
from evdose.records.tables import PUBLICATION

_OF_THE_STUDY = ("trial_id", "same_data_as", "year", "doi", "condition", "design", "study_type")
_OF_THE_OUTCOME = (
    "n",
    "outcome",
    "time_frame",
    "timepoint_days",
    "kind",
    "events",
    "mean",
    "sd",
    "median",
    "q1",
    "q3",
    "baseline_mean",
    "baseline_sd",
    "unit",
    "direction",
    "p_value",
    "p_value_is_bound",
    "p_value_against",
    "reported_effect",
)


def study_problems(
    studies: Sequence[Record], unreadable: Set[str], trial_ids: Set[str]
) -> Iterator[tuple[Record, Problem]]:
    """What a schema can't see: ids that repeat or lead nowhere, counts that can't be, arms that clash.

    ``unreadable`` names the studies that exist but can't be read.
    """
    first: dict[str, Record] = {}
    for study in studies:
        first.setdefault(study.data["study_id"], study)
    for study in studies:
        id_ = study.data["study_id"]
        if first[id_] is not study:
            what = f"the study_id {id_} is also that of {first[id_].file}"
            yield study, study.problem(what, "keep one file a study", "/study_id")
        if id_ in trial_ids:
            what = f"{id_} is the id of a trial card"
            yield study, study.problem(what, "give the study an id of its own", "/study_id")
        other = study.data.get("same_data_as")
        used = other in unreadable or (other in first and "same_data_as" not in first[other].data)
        if other is not None and (other == id_ or not used):
            what = f"{other} isn't another study that is used itself"
            remedy = "name the study_id of the file that is used in place of this one"
            yield study, study.problem(what, remedy, "/same_data_as")
        for problem in [*arm_problems(study), *_outcome_problems(study)]:
            yield study, problem


def study_arm_rows(study: Record) -> Iterator[dict]:
    """Rows of the table arms."""
    return arm_rows(study, study.data["study_id"], PUBLICATION)


def outcome_rows(study: Record) -> Iterator[dict]:
    """Rows of the table outcomes."""
    data = study.data
    position = {arm["label"]: i + 1 for i, arm in enumerate(data["arms"])}
    for i, outcome in enumerate(data["outcomes"]):
        yield {
            "study_id": data["study_id"],
            **{field: data.get(field) for field in _OF_THE_STUDY},
            **data["product"],
            "arm": position[outcome["arm"]],
            **{field: outcome.get(field) for field in _OF_THE_OUTCOME},
            "outcome_domain": outcome["domain"],
            "change_from_baseline": outcome.get("change_from_baseline", False),
            "authors_call_effective": outcome.get("authors_call_effective", "unknown"),
            "derived": outcome.get("derived", False),
            "source_url": outcome.get("source_url", data.get("source_url")),
            "notes": outcome.get("note"),
            "source_id": study.file,
            "locator": f"/outcomes/{i}",
        }


def _outcome_problems(study: Record) -> Iterator[Problem]:
    labels = {arm["label"] for arm in study.data["arms"]}
    for i, outcome in enumerate(study.data["outcomes"]):
        at = f"/outcomes/{i}"
        if outcome["arm"] not in labels:
            remedy = f"name one of its arms: {', '.join(sorted(labels)) or 'none is listed yet'}"
            yield study.problem(f"the study has no arm '{outcome['arm']}'", remedy, f"{at}/arm")
        if outcome.get("events", 0) > outcome.get("n", float("inf")):
            what = f"{outcome['events']} participants with the event among {outcome['n']}"
            remedy = "events count participants, not occurrences: at most n"
            yield study.problem(what, remedy, f"{at}/events")
        if outcome.get("q1", float("-inf")) > outcome.get("q3", float("inf")):
            yield study.problem("the first quartile is above the third", "exchange q1 and q3", f"{at}/q1")
