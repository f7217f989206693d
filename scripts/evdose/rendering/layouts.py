"""What each table of a release looks like to a reader."""

from __future__ import annotations

from evdose.rendering import notation
from evdose.rendering.claims_view import quantity
from evdose.rendering.effect_layouts import EFFECT_LAYOUTS
from evdose.rendering.response_layouts import RESPONSE_LAYOUTS
from evdose.rendering.shared_fields import ARM, METHOD, PARTICLES, ROUTE, SMALLEST_P, TRIAL, WHY, P
from evdose.rendering.table_view import (
    Field,
    Layout,
    code,
    computed,
    either,
    power,
    real,
    sentence,
    text,
    whole,
    year,
)

_NO_CENSUS = "The set was searched, not exported: no census."

LAYOUTS = {
    "trials": Layout(
        "Trials included",
        "Registered trials that the scenario includes.",
        (
            TRIAL,
            text("Title", "title"),
            text("Registered", "first_posted"),
            text("Date is", "first_posted_status", note="Inferred: from the registry number."),
            Field("Phase", ("phase",), notation.phase),
            code("Status", "status"),
            whole("Enrolment (participants)", "enrollment"),
            text("Condition group", "condition_group"),
            text("Countries", "countries"),
            text("Product", "product"),
            text("Cell source", "cell_source_group"),
        ),
    ),
    "doses": Layout(
        "Doses",
        "Every dose read, of included trials and of the studies used.",
        (
            either("Trial or study"),
            ARM,
            Field("Dose as read", ("low", "high", "unit", "per"), notation.dose, by="low", wordy=True),
            real("Administrations (n)", "administrations"),
            code("Dose is", "status"),
            PARTICLES,
            code("Particles are", "particles_via"),
            power("Particles, cumulative", "cumulative_particles_log10"),
            text("Conversion", "conversion_id"),
            text("Text read", "fragment"),
            WHY,
        ),
    ),
    "routes": Layout(
        "Routes of administration",
        "Every route read, of included trials and of the studies used.",
        (
            either("Trial or study"),
            ARM,
            text("Route", "route"),
            text("NCI Thesaurus", "ncit_code"),
            text("Stratum of the arm", "arm_stratum"),
            code("Route is", "status"),
            text("Site", "site"),
            text("Device", "device"),
            text("Text read", "fragment"),
        ),
    ),
    "tried_arms": Layout(
        "Doses tried, by arm",
        "One row a treated arm of an included trial, with its dose where that is known in particles.",
        (
            TRIAL,
            whole("Arm (number)", "arm"),
            ROUTE,
            text("Product line", "product_line"),
            power("Particles per administration", "per_administration"),
            power("Particles per day", "per_day"),
            power("Particles, cumulative", "cumulative"),
            computed("SD (log10)", "sd"),
            text("Conversion", "conversion"),
            computed("SD of the conversion (log10)", "conversion_sd"),
        ),
    ),
    "route_shift": Layout(
        "Difference in dose between routes",
        "Hodges–Lehmann shift in log10 particles, first route minus second; permutation over trials. "
        "Observational: routes are not allocated to trials at random.",
        (
            code("Dose", "axis"),
            text("Arms", "arms"),
            text("First route", "stratum_a"),
            text("Second route", "stratum_b"),
            text("Product left out", "without_product"),
            whole("Trials, first (n)", "trials_a"),
            whole("Trials, second (n)", "trials_b"),
            Field(
                "Shift (95% interval), log10 particles",
                ("shift", "low", "high"),
                notation.estimate,
                by="shift",
            ),
            P,
            SMALLEST_P,
            METHOD,
        ),
    ),
    "registrations": Layout(
        "Registrations a year",
        "Trials registered (n), one column a year.",
        (text("Grouping", "grouping"), text("Group", "group")),
        (_NO_CENSUS,),
    ),
    "trends": Layout(
        "Trends of registrations",
        "Registrations in a year against the year before, by group.",
        (
            text("Grouping", "grouping"),
            text("Group", "group"),
            whole("Trials (n)", "trials"),
            year("From", "first_year"),
            year("To", "last_year"),
            Field(
                "Rate ratio (95% interval)",
                ("rate_ratio", "low", "high"),
                notation.estimate,
                by="rate_ratio",
            ),
            P,
            text("Model", "model"),
            METHOD,
        ),
        (_NO_CENSUS,),
    ),
    "claims": Layout(
        "The review's claims",
        "Each claim of the review, in our words, and what this run finds.",
        (
            text("Claim", "claim_id"),
            sentence("Statement", "statement"),
            text("Verdict", "verdict"),
            Field("What was estimated (95% interval)", ("analysis", "estimate", "low", "high"), quantity),
            sentence("Why", "why"),
        ),
        ("Verdicts follow rules written after the review was read: post hoc.",),
    ),
    **EFFECT_LAYOUTS,
    **RESPONSE_LAYOUTS,
}
