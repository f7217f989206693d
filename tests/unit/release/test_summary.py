"""Counts of a scenario and the closing lines of a run, on tables small enough to count by hand."""

from __future__ import annotations

from unit.release.workshop import dose, screened, verdict

from evdose.dosing.tables import DOSES
from evdose.modelling.tables import CLAIM_VERDICTS
from evdose.records.tables import ARMS
from evdose.release.summary import counts, summary_lines
from evdose.screening.tables import SCREENING
from evdose.tables import empty, frame_of


def arm(trial: str, number: int, role: str = "experimental", kind: str = "registration") -> dict:
    told = {"trial_id": trial, "arm": number, "record_kind": kind, "label": "an arm", "role": role}
    return {**told, "source_id": f"seeds/trials/{trial}.yaml", "locator": f"/arms/{number - 1}"}


SCREENED = [
    screened("A"),
    screened("B"),
    screened("C", "excluded"),
    screened("D", "duplicate"),
    screened("E"),
]
ARM_ROWS = [
    arm("A", 1),
    arm("A", 2),
    arm("A", 3, role="placebo"),
    arm("B", 1),
    arm("C", 1),
    arm("E", 1),
    arm("E", 2),
    arm("Study2020", 1, kind="publication"),
]
DOSE_ROWS = [
    dose("A", 1e8),
    dose("A", 2e8, level=2),
    dose("A", 1e8, arm=2, status="ambiguous"),
    dose("B", 20, status="inferred", unit="ug", particles_via="converted"),
    dose("C", 1e8),
    dose("E", 20, unit="ug", particles_via="none"),
]


def counted():
    claims = [verdict("W02", "reproduced"), verdict("W01", "reproduced"), verdict("W03", "in part")]
    return counts(
        "update",
        frame_of(SCREENED, SCREENING),
        frame_of(ARM_ROWS, ARMS),
        frame_of(DOSE_ROWS, DOSES),
        frame_of(claims, CLAIM_VERDICTS),
    )


def test_counts_by_hand():
    found = counted()
    assert (found.identified, found.included) == (5, 3)
    assert (found.arms, found.arms_with_particles) == (5, 2)  # A1 once for two levels, and B1
    assert found.verdicts == {"reproduced": ["W01", "W02"], "in part": ["W03"]}


def test_counts_of_nothing():
    found = counts("update", empty(SCREENING), empty(ARMS), empty(DOSES), empty(CLAIM_VERDICTS))
    assert (found.identified, found.included, found.arms, found.arms_with_particles) == (0, 0, 0, 0)
    assert "claims of the review: none" in summary_lines([found], "report.html")[1]


def test_lines_for_a_person():
    assert summary_lines([counted()], "results/latest/report.html") == [
        "update: 5 records identified, 3 trials included; particles per administration known in 2 of 5 arms",
        "  claims of the review: 2 reproduced (W01, W02); 1 in part (W03)",
        "report: results/latest/report.html",
    ]
