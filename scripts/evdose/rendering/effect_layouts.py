"""What the tables of published effects look like: their sizes, directions, safety and synthesis."""

from __future__ import annotations

from functools import partial

from evdose.rendering import notation
from evdose.rendering.notation import MISSING, missing
from evdose.rendering.shared_fields import (
    ARM,
    BENEFIT,
    DOMAIN,
    METHOD,
    NEEDS,
    PARTICLES,
    ROUTE,
    SMALLEST_P,
    STUDY,
    TRIAL,
    WHICH,
    WHY,
    P,
)
from evdose.rendering.table_view import (
    Field,
    Layout,
    address,
    code,
    computed,
    estimate,
    flag,
    p_value,
    real,
    text,
    whole,
)

_DAYS = real("Time (days)", "timepoint_days")
_EXACT = "Clopper–Pearson interval, 95%."
_QUARTILES = ("median", "q1", "q3", "minimum", "maximum")
_ENTRY = ("primary", "derived", "estimated_moments", "effect_table", "measure")
_CURVES = ("hedges_g", "log_odds_ratio")  # measures of the dose–response models


def _measured(kind: str, n: int, events: int, *moments: float) -> str:
    if kind == "binary":
        return _of(events, n)
    mean, sd, se, ci_low, ci_high, median, q1, q3, minimum, maximum = moments
    centre = "" if missing(mean) else notation.number(mean)
    if not centre and not missing(median):
        centre = f"median {notation.number(median)}"
    spread = (
        "" if missing(sd) else f"SD {notation.number(sd)}",
        "" if missing(se) else f"SE {notation.number(se)}",
        _named("95% CI", ci_low, ci_high),
        _named("IQR", q1, q3),
        _named("range", minimum, maximum),
    )
    said = ", ".join(filter(None, spread))
    return f"{centre} ({said})".strip() if said else centre or MISSING


def _named(name: str, low: float, high: float) -> str:
    bounds = notation.interval(low, high)
    return "" if bounds == MISSING else f"{name} {bounds}"


def _reported_p(value: float, is_bound: bool | None) -> str:
    return f"< {notation.number(value)}" if is_bound else notation.p_value(value)


def _of(events: int, n: int) -> str:
    return MISSING if missing(events) else f"{notation.count(events)} of {notation.count(n)}"


def _entry(primary: bool, derived: bool, estimated: bool, table: str, measure: str, *numbers: float) -> str:
    """Which models take an effect, as far as its group has enough studies."""
    dose, size, variance = numbers
    if missing(size) or (derived and estimated):
        return MISSING
    if not primary:
        return MISSING if derived or estimated or not variance else "three-level model"
    curve = table == "controlled" and measure in _CURVES and not missing(dose) and bool(variance)
    models = "pooling and dose–response" if curve else "pooling"
    return f"{models}, sensitivity only" if derived or estimated else models


EFFECT_LAYOUTS = {
    "outcomes": Layout(
        "Published outcomes",
        "Outcomes of the studies used, as published.",
        (
            STUDY,
            TRIAL,
            ARM,
            text("Outcome", "outcome"),
            DOMAIN,
            _DAYS,
            Field(
                "Numbers",
                ("kind", "n", "events", "mean", "sd", "se", "ci_low", "ci_high", *_QUARTILES),
                _measured,
                note="Participants with the event of those analysed; or the mean or median with what is "
                "reported of its spread: standard deviation or error, interval, quartiles (IQR), range.",
            ),
            text("Unit", "unit"),
            real("t as reported", "t_value"),
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
            STUDY,
            TRIAL,
            ARM,
            text("Compared with", "comparator"),
            text("Outcome", "outcome"),
            DOMAIN,
            _DAYS,
            ROUTE,
            PARTICLES,
            code("Measure", "measure"),
            estimate("Effect (95% interval)", note=BENEFIT),
            P,
            whole("Treated (n)", "n_treated"),
            whole("Control (n)", "n_control"),
            Field(
                "Better outcome, treated",
                ("events_treated", "n_treated"),
                _of,
                by="events_treated",
                note="Participants with the better outcome (counts only).",
            ),
            Field("Better outcome, control", ("events_control", "n_control"), _of, by="events_control"),
            flag("Primary", "primary", note="The study's one efficacy outcome by the stated hierarchy."),
            flag("Worked back", "derived", note="Rests on a derived count: sensitivity analysis only."),
            flag(
                "Moments estimated",
                "estimated_moments",
                note="Rests on a mean or SD estimated from a median, or from a p-value of an unnamed test: "
                "sensitivity analysis only.",
            ),
            Field(
                "Enters",
                (*_ENTRY, "particles_log10", "estimate", "variance"),
                _entry,
                note="As far as its group has enough studies; an outcome that stands twice enters once.",
            ),
        ),
    ),
    "effect_direction": Layout(
        "Direction of effect",
        "One row a study arm with an efficacy outcome: its direction by rule, and the authors' own call.",
        (
            STUDY,
            TRIAL,
            ARM,
            text("Condition", "condition"),
            ROUTE,
            PARTICLES,
            text("Outcome judged", "outcome"),
            flag("Controlled", "controlled", note="Compared with a concurrent control arm."),
            whole("Participants (n)", "n"),
            whole("Control (n)", "n_control"),
            text("Direction", "direction"),
            Field("p against the control", ("p_value", "p_value_is_bound"), _reported_p, by="p_value"),
            text("p is", "p_value_from"),
            text("By the rule", "call"),
            text("Authors call it effective", "authors_call"),
            WHY,
        ),
    ),
    "synthesis": Layout(
        "Synthesis",
        "Pooled effects, small-study effects and sign tests; a group too small says what it lacks.",
        (
            code("Analysis", "analysis"),
            code("Effects", "effect_table"),
            code("Measure", "measure"),
            ROUTE,
            DOMAIN,
            WHICH,
            whole("Studies (n)", "studies"),
            whole("Arms (n)", "arms"),
            whole("Participants (n)", "participants"),
            whole("Outcomes (n)", "outcomes"),
            estimate(
                "Estimate (95% interval)",
                note=f"{BENEFIT} For signs: the share with benefit. For Egger's test: change of the effect "
                "per unit of its standard error.",
            ),
            Field(
                "95% prediction interval",
                ("prediction_low", "prediction_high"),
                partial(notation.interval, show=notation.padded),
                note="Covers too little where heterogeneity is low and studies are few.",
            ),
            computed("τ²", "tau2"),
            computed("τ² within studies", "tau2_within"),
            computed("I² (%)", "i2"),
            P,
            SMALLEST_P,
            METHOD,
            NEEDS,
        ),
    ),
    "safety": Layout(
        "Safety by dose",
        "One row an arm with its exact interval, one row a trend within a study.",
        (
            text("Kind", "kind"),
            STUDY,
            TRIAL,
            ARM,
            ROUTE,
            text("Outcome", "outcome"),
            flag("Dose-limiting", "dose_limiting", note="A dose-limiting toxicity, by its name."),
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
            SMALLEST_P,
            WHY,
        ),
    ),
}
