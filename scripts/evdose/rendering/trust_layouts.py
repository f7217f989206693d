"""What the tables look like by which a reader judges the data: sources, conversions, doubts, decisions."""

from __future__ import annotations

from evdose.rendering import notation
from evdose.rendering.table_view import (
    Field,
    Layout,
    address,
    code,
    computed,
    either,
    flag,
    power,
    real,
    share,
    study,
    text,
    trial,
    whole,
)

_ARM = text("Arm", "label")

TRUST_LAYOUTS = {
    "prisma": Layout(
        "Flow of records",
        "How many records each step of the screening kept and removed.",
        (code("Box", "box"), text("Line", "line"), whole("Records (n)", "n")),
    ),
    "screening": Layout(
        "Screening decisions",
        "Every record identified, with one decision and one reason.",
        (
            trial("Record", "record_id"),
            text("Decision", "decision"),
            text("Reason", "reason"),
            text("Rule", "rule"),
            trial("Stands for it", "duplicate_of"),
        ),
    ),
    "studies": Layout(
        "Published studies, used or not",
        "Every study with published or posted results, and why the scenario uses it or not.",
        (study("Study"), trial("Trial"), flag("Used", "used"), text("Reason", "reason")),
    ),
    "eligibility_switches": Layout(
        "Eligibility switches",
        "Trials included under each setting of each switch, beside the review's count.",
        (
            code("Switch", "switch"),
            text("Setting", "setting"),
            flag("As configured", "configured"),
            whole("Trials included (n)", "n_included"),
            whole("Change (n)", "change"),
            whole("The review counted (n)", "n_review"),
        ),
        ("Nothing is tuned to reach the review's number.",),
    ),
    "dose_states": Layout(
        "How the doses are known",
        "Doses of the included trials by how they and their particles are known; none is left out.",
        (code("Dose is", "status"), code("Particles are", "particles_via"), whole("Doses (n)", "n")),
    ),
    "unread_doses": Layout(
        "Dose texts that give no particles",
        "Arms whose registered or published dose can't be placed on the particle scale, and why.",
        (
            either("Trial or study"),
            _ARM,
            text("Dose as written", "dose_text"),
            text("Schedule as written", "schedule_text"),
            code("Dose is", "status"),
            Field("Read as", ("low", "high", "unit", "per"), notation.dose, by="low", wordy=True),
            text("Why", "why"),
        ),
    ),
    "overrides": Layout(
        "Values that a curator set",
        "Every value that a curator set: it wins over what the parser reads from the texts.",
        (
            either("Trial or study"),
            _ARM,
            text("What", "field"),
            text("Value set", "value"),
            text("Parser reads", "parsed"),
            flag("Changes the reading", "changes"),
            text("Reason", "reason"),
        ),
    ),
    "conversions": Layout(
        "Conversions between dose units",
        "Every conversion known, used or not; only those of use 'main' enter the main models.",
        (
            text("Conversion", "conversion_id"),
            text("From", "convert_from"),
            text("To", "convert_to"),
            real("log10 factor", "log10_factor"),
            real("SD (log10)", "log10_sd"),
            text("Product line", "product_line"),
            text("Use", "use"),
            text("What was measured", "context"),
            whole("Doses converted (n)", "n_doses"),
            address("Source", "source_url"),
        ),
    ),
    "dose_sensitivity": Layout(
        "Doses that gain particles by an assumption",
        "For sensitivity analysis only: these particles are in no other table and no figure.",
        (
            either("Trial or study"),
            whole("Arm (number)", "arm"),
            Field("Dose as read", ("low", "high", "unit", "per"), notation.dose, by="low", wordy=True),
            code("Dose is", "status"),
            power("Particles per administration", "particles_log10"),
            computed("SD (log10)", "particles_log10_sd"),
            text("Assumes", "assumption_id", note="Conversions; body weight is assumed as one."),
            text("Text read", "fragment"),
        ),
    ),
    "conversion_use": Layout(
        "What the doses owe to conversions",
        "Which arms use a conversion, and how far the doses of the included trials move without it.",
        (
            text("Conversion", "conversion_id"),
            code("Use", "use"),
            whole("Trials (n)", "trials"),
            whole("Arms (n)", "arms"),
            text("These trials", "trial_ids"),
            text("Studies", "study_ids"),
            whole("Arms in particles with it (n)", "arms_with"),
            whole("Without it (n)", "arms_without"),
            text("Medians with it, log10 particles per administration", "medians_with"),
            text("Medians without it", "medians_without"),
            computed("Largest shift (log10 particles)", "largest_shift"),
            text("In", "largest_shift_stratum"),
        ),
        (
            "A conversion of use 'main' is left out of the main analyses; one of use 'sensitivity', of these "
            "with everything of that use added for arms that have no particles otherwise.",
        ),
    ),
    "conflicts": Layout(
        "Sources that differ",
        "Fields for which two sources give different values.",
        (
            trial("Trial"),
            text("Field", "field"),
            text("Value used", "value"),
            text("Other value", "other_value"),
            text("Other source", "other_source"),
            text("Note", "note"),
        ),
    ),
    "registration_date_check": Layout(
        "Registration dates inferred from registry numbers",
        "Each known date was left out in turn and inferred from the others.",
        (
            text("Year", "year"),
            whole("Dates left out (n)", "n"),
            computed("Median error (days)", "median_error_days"),
            computed("95th percentile (days)", "p95_error_days"),
            computed("Largest error (days)", "max_error_days"),
            share("Inside the interval", "covered"),
            share("Right month", "month_right"),
            share("Right year", "year_right"),
        ),
    ),
    "sources": Layout(
        "Files read",
        "Every file of the seeds, with what was taken from it.",
        (
            text("File", "file"),
            text("Format", "format"),
            whole("Records (n)", "scanned"),
            whole("Taken (n)", "selected"),
            whole("Not selected (n)", "not_selected"),
            whole("In quarantine (n)", "quarantined"),
            Field("SHA-256 (start)", ("sha256",), lambda digest: digest[:12]),
        ),
    ),
    "quarantine": Layout(
        "Records that can't be read",
        "They are counted, and used nowhere.",
        (
            text("File", "file"),
            text("Place", "place"),
            text("What is wrong", "what"),
            text("Remedy", "remedy"),
        ),
    ),
}
