"""Published outcomes: one YAML file a study, or a registry's posted results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import pairwise

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
    "se",
    "ci_low",
    "ci_high",
    "median",
    "q1",
    "q3",
    "minimum",
    "maximum",
    "baseline_mean",
    "baseline_sd",
    "unit",
    "direction",
    "t_value",
    "p_value",
    "p_value_is_bound",
    "p_value_against",
    "reported_effect",
)

_IN_ORDER = {
    "minimum": "the smallest value",
    "q1": "the first quartile",
    "median": "the median",
    "q3": "the third quartile",
    "maximum": "the largest value",
}


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
        for problem in _spread_problems(outcome):
            yield study.problem(*problem[:2], f"{at}/{problem[2]}")


def _spread_problems(outcome: dict) -> Iterator[tuple[str, str, str]]:
    """Numbers of one outcome that can't be together: what, remedy, field."""
    order = [name for name in _IN_ORDER if name in outcome]
    for lower, upper in pairwise(order):
        if outcome[lower] > outcome[upper]:
            ends = [f"{_IN_ORDER[name]} ({outcome[name]:g})" for name in (lower, upper)]
            yield " is above ".join(ends), f"compare {lower} and {upper} with the source", lower
    if "ci_low" in outcome and not outcome["ci_low"] < outcome["ci_high"]:
        yield "the confidence interval has no width", "exchange or correct ci_low and ci_high", "ci_low"
    elif "ci_low" in outcome and not outcome["ci_low"] <= outcome["mean"] <= outcome["ci_high"]:
        what = f"the mean ({outcome['mean']:g}) isn't inside its confidence interval"
        remedy = "ci_low and ci_high are of this arm's mean, not of a difference between arms"
        yield what, remedy, "ci_low"
    if "se" in outcome and "sd" in outcome and outcome["se"] > outcome["sd"]:
        yield "the standard error is above the standard deviation", "exchange sd and se", "se"
