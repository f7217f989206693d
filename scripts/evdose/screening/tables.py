"""Tables that screening writes, one set a scenario."""

from __future__ import annotations

from evdose.tables import FLAG, INTEGER, TEXT, column, table

DECISIONS = ("included", "excluded", "duplicate", "quarantined")

SCREENING = table(
    "screening",
    "One row a record identified, with one reason",
    key=["record_id"],
    record_id=column(TEXT, "record (trials.trial_id, or file and place of a quarantined one)", required=True),
    decision=column(TEXT, "decision", required=True, choices=DECISIONS),
    reason=column(TEXT, "reason, in words for the flow diagram", required=True),
    rule=column(TEXT, "rule that gave it (config/eligibility.yaml, or manual decision)", required=True),
    duplicate_of=column(TEXT, "record that stands for this one"),
)

PRISMA = table(
    "prisma",
    "PRISMA 2020 flow: one row a box, or a line of a box",
    key=["box", "line"],
    box=column(
        TEXT,
        "box of the flow",
        required=True,
        choices=(
            "identified",
            "removed_before_screening",
            "screened",
            "excluded_at_screening",
            "assessed",
            "excluded_at_assessment",
            "included",
        ),
    ),
    line=column(TEXT, "line in the box: source, reason or total", required=True),
    n=column(INTEGER, "records", required=True, at_least=0),
)

STUDIES = table(
    "studies",
    "One row a study with published or posted results: used in the scenario or not, with one reason",
    key=["study_id"],
    study_id=column(TEXT, "study (outcomes.study_id)", required=True),
    trial_id=column(TEXT, "trial that it reports, where known: the record kept of its duplicates"),
    used=column(FLAG, "its results are used", required=True),
    reason=column(TEXT, "why, or why not", required=True),
    source_id=column(TEXT, "file that holds the study", required=True),
)

ELIGIBILITY_SWITCHES = table(
    "eligibility_switches",
    "How many trials a scenario includes under each setting of each eligibility switch; nothing is tuned",
    key=["switch", "setting"],
    switch=column(TEXT, "switch (config.yaml), or 'as configured'", required=True),
    setting=column(TEXT, "its setting", required=True),
    configured=column(FLAG, "this is the scenario's own setting", required=True),
    n_included=column(INTEGER, "trials included", required=True, at_least=0),
    change=column(INTEGER, "difference from the scenario as configured", required=True),
    n_review=column(INTEGER, "trials that the review counted", required=True),
)
