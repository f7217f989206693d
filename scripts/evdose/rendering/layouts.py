"""What each table of a release looks like to a reader."""

from __future__ import annotations

from functools import partial

from evdose.rendering import notation
from evdose.rendering.claims_view import quantity
from evdose.rendering.notation import MISSING, missing
from evdose.rendering.table_view import (
    Field,
    Layout,
    address,
    code,
    computed,
    either,
    estimate,
    flag,
    p_value,
    power,
    real,
    sentence,
    study,
    text,
    trial,
    whole,
    year,
)

PARTICLES = power(
    "Particles per administration",
    "particles_log10",
    note="The middle of a range on the log scale; empty where the dose is not known in particles.",
)
_TRIAL, _STUDY = trial("Trial"), study("Study")
_ARM = text("Arm", "label")
_WHY = text("Why", "why")
_P = p_value("p", "p_value", note="Two-sided p-value of no effect.")
_SMALLEST_P = p_value(
    "Smallest p possible",
    "smallest_p",
    note="The smallest p-value that so few trials could give; above 0.05 the test can't reject.",
)
_DAYS = real("Time (days)", "timepoint_days")
_BENEFIT = "Above 0 is benefit; for a proportion the estimate is the share itself."
_METHOD = text("Method, or what it lacks", "why")
_NO_CENSUS = "The set was searched, not exported: no census."
_EXACT = "Clopper–Pearson interval, 95%."


def _measured(kind: str, n: int, events: int, *moments: float) -> str:
    if kind == "binary":
        return MISSING if missing(events) else f"{notation.count(events)} of {notation.count(n)}"
    mean, sd, median, q1, q3 = moments
    if not missing(mean):
        return notation.number(mean) if missing(sd) else f"{notation.number(mean)} (SD {notation.number(sd)})"
    if missing(median):
        return MISSING
    return f"median {notation.number(median)}" + (
        "" if missing(q1) else f" (IQR {notation.interval(q1, q3)})"
    )


def _reported_p(value: float, is_bound: bool | None) -> str:
    return f"< {notation.number(value)}" if is_bound else notation.p_value(value)


def _of(events: int, n: int) -> str:
    return MISSING if missing(events) else f"{notation.count(events)} of {notation.count(n)}"


LAYOUTS = {
    "trials": Layout(
        "Trials included",
        "Registered trials that the scenario includes.",
        (
            _TRIAL,
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
            _ARM,
            Field("Dose as read", ("low", "high", "unit", "per"), notation.dose, by="low", wordy=True),
            real("Administrations (n)", "administrations"),
            code("Dose is", "status"),
            PARTICLES,
            code("Particles are", "particles_via"),
            power("Particles, cumulative", "cumulative_particles_log10"),
            text("Conversion", "conversion_id"),
            text("Text read", "fragment"),
            _WHY,
        ),
    ),
    "routes": Layout(
        "Routes of administration",
        "Every route read, of included trials and of the studies used.",
        (
            either("Trial or study"),
            _ARM,
            text("Route", "route"),
            text("NCI Thesaurus", "ncit_code"),
            text("Stratum of the arm", "arm_stratum"),
            code("Route is", "status"),
            text("Site", "site"),
            text("Device", "device"),
            text("Text read", "fragment"),
        ),
    ),
    "outcomes": Layout(
        "Published outcomes",
        "Outcomes of the studies used, as published.",
        (
            _STUDY,
            _TRIAL,
            _ARM,
            text("Outcome", "outcome"),
            text("Domain", "outcome_domain"),
            _DAYS,
            Field(
                "Numbers",
                ("kind", "n", "events", "mean", "sd", "median", "q1", "q3"),
                _measured,
                note="Participants with the event of those analysed; or mean (SD); or median (quartiles).",
            ),
            text("Unit", "unit"),
            Field("p as reported", ("p_value", "p_value_is_bound"), _reported_p, by="p_value"),
            text("In the source's words", "reported_effect"),
            flag("Worked back", "derived", note="Worked back from other numbers: sensitivity analysis only."),
            address("Source", "source_url"),
        ),
    ),
    "effects": Layout(
        "Effects",
        "One row an effect; controlled effects, changes and proportions are never pooled together.",
        (
            _STUDY,
            _TRIAL,
            _ARM,
            text("Compared with", "comparator"),
            text("Outcome", "outcome"),
            text("Domain", "outcome_domain"),
            _DAYS,
            text("Route", "stratum"),
            PARTICLES,
            code("Measure", "measure"),
            estimate("Effect (95% interval)", note=_BENEFIT),
            _P,
            whole("Treated (n)", "n_treated"),
            whole("Control (n)", "n_control"),
            flag("Primary", "primary", note="The study's one efficacy outcome by the stated hierarchy."),
            flag("Worked back", "derived", note="Rests on a derived count: sensitivity analysis only."),
        ),
    ),
    "safety": Layout(
        "Safety by dose",
        "One row an arm with its exact interval, one row a trend within a study.",
        (
            text("Kind", "kind"),
            _STUDY,
            _TRIAL,
            _ARM,
            text("Route", "stratum"),
            text("Outcome", "outcome"),
            PARTICLES,
            Field("With the event", ("events", "n"), _of, by="events"),
            Field(
                "Share (95% interval)",
                ("proportion", "low", "high"),
                partial(notation.estimate, show=notation.percent),
                by="proportion",
                note=_EXACT,
            ),
            p_value("p of trend", "p_value", note="Exact trend test over dose levels, two-sided."),
            _SMALLEST_P,
            _WHY,
        ),
    ),
    "effect_direction": Layout(
        "Direction of effect",
        "One row a study arm with an efficacy outcome: its direction by rule, and the authors' own call.",
        (
            _STUDY,
            _TRIAL,
            _ARM,
            text("Condition", "condition"),
            text("Route", "stratum"),
            PARTICLES,
            text("Outcome judged", "outcome"),
            flag("Controlled", "controlled", note="Compared with a concurrent control arm."),
            whole("Participants (n)", "n"),
            text("Direction", "direction"),
            text("By the rule", "call"),
            text("Authors call it effective", "authors_call"),
            _WHY,
        ),
    ),
    "synthesis": Layout(
        "Synthesis",
        "Pooled effects and sign tests; a stratum too small says what it lacks.",
        (
            code("Analysis", "analysis"),
            code("Effects", "effect_table"),
            code("Measure", "measure"),
            text("Route", "stratum"),
            text("Domain", "outcome_domain"),
            whole("Studies (n)", "studies"),
            whole("Arms (n)", "arms"),
            whole("Participants (n)", "participants"),
            estimate("Estimate (95% interval)", note=f"{_BENEFIT} For signs: the share with benefit."),
            Field(
                "95% prediction interval",
                ("prediction_low", "prediction_high"),
                partial(notation.interval, show=notation.padded),
            ),
            computed("τ²", "tau2"),
            computed("I² (%)", "i2"),
            _P,
            _SMALLEST_P,
            _METHOD,
        ),
    ),
    "route_shift": Layout(
        "Difference in dose between routes",
        "Hodges–Lehmann shift in log10 particles, first route minus second; permutation over trials.",
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
            _P,
            _SMALLEST_P,
            _METHOD,
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
            _P,
            text("Model", "model"),
            _METHOD,
        ),
        (_NO_CENSUS,),
    ),
    "effective_range": Layout(
        "Effective doses against the doses tried",
        "Are effective doses more concentrated than the doses that were tried?",
        (
            text("Route", "stratum"),
            whole("Trials (n)", "trials"),
            whole("Effective (n)", "effective"),
            whole("Not shown to be (n)", "not_effective"),
            computed("Spread of tried doses (SD, log10 particles)", "spread_tried"),
            computed("Spread of effective doses (SD, log10 particles)", "spread_effective"),
            p_value("p of concentration", "p_value", note="One-sided permutation p-value."),
            _SMALLEST_P,
            _METHOD,
        ),
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
}
