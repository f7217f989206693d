"""What the tables of dose and response look like: curves, tests, the effective range, power, choices."""

from __future__ import annotations

from functools import partial

from evdose.rendering import notation
from evdose.rendering.notation import MISSING, missing
from evdose.rendering.shared_fields import (
    BENEFIT,
    DOMAIN,
    METHOD,
    NEEDS,
    ROUTE,
    SMALLEST_P,
    WHICH,
    P,
)
from evdose.rendering.table_view import (
    Field,
    Layout,
    code,
    computed,
    estimate,
    flag,
    p_value,
    power,
    real,
    share,
    study,
    text,
    whole,
)

_MEASURE = code("Measure", "measure")
_COUNTS = (
    whole("Studies (n)", "studies"),
    whole("Arms (n)", "arms"),
    whole("Dose levels (n)", "dose_levels"),
)
_OBSERVATIONAL = (
    "Across trials: observational, confounded by condition and product (all routes: by route as well)."
)
_DOSE = partial(notation.estimate, show=notation.power)
_SHARE = partial(notation.estimate, show=notation.percent)


def _found(question: str, value: float, low: float, high: float, tried: float) -> str:
    """What an answer on the effective range estimates, in words that differ by question."""
    if missing(value):
        return MISSING
    if question == "concentration":
        return f"SD {notation.padded(value)} of effective, {notation.padded(tried)} of tried doses"
    if question == "peak":
        return f"likelihood ratio {notation.padded(value)}"
    return f"{notation.estimate(value, low, high)} wide"


RESPONSE_LAYOUTS = {
    "dose_response": Layout(
        "Dose–response models",
        "One row a group of effects, a basis of comparison and a shape of the curve.",
        (
            code("Compared", "basis", note="Within or between trials; arm counts and two-stage: within."),
            ROUTE,
            DOMAIN,
            _MEASURE,
            WHICH,
            text("Shape", "shape"),
            *_COUNTS,
            Field(
                "Slope (95% interval)",
                ("slope", "low", "high"),
                notation.estimate,
                by="slope",
                note="Effect per tenfold dose; two-stage: log odds ratio per 10¹⁰ particles.",
            ),
            P,
            computed("AICc", "aicc"),
            share("Akaike weight", "weight"),
            computed("τ²", "tau2"),
            text("Coefficients", "coefficients"),
            METHOD,
            NEEDS,
        ),
        (f"{_OBSERVATIONAL} The p-values are not corrected for their number.",),
    ),
    "dose_response_curve": Layout(
        "Averaged dose–response curves",
        "The curve averaged over the candidate shapes by Akaike weight, over the doses that were tried.",
        (
            ROUTE,
            DOMAIN,
            _MEASURE,
            WHICH,
            power("Particles per administration", "particles_log10"),
            estimate("Effect (95% interval)", note=BENEFIT),
        ),
        (_OBSERVATIONAL,),
    ),
    "mcp_mod": Layout(
        "MCP-Mod",
        "One row a candidate shape: of each trial with several doses, and across the arms of a route.",
        (
            code("Across", "across", note="The doses of one trial, or the arms of a route."),
            study("Study"),
            ROUTE,
            text("Outcome", "outcome"),
            DOMAIN,
            code("Scale", "measure"),
            text("Candidate", "candidate"),
            *_COUNTS,
            computed("Contrast statistic", "statistic"),
            computed("Critical value", "critical_value"),
            p_value("p, adjusted", "p_value", note="Over all candidates of one analysis, one-sided."),
            share("Akaike weight", "weight"),
            Field(
                "Target dose (95% interval), particles per administration",
                ("target_dose_log10", "low", "high"),
                _DOSE,
                by="target_dose_log10",
                note="The smallest dose with the target share of the largest effect.",
            ),
            METHOD,
            NEEDS,
        ),
        (_OBSERVATIONAL,),
    ),
    "effective_range": Layout(
        "The effective range in three answers",
        "Is a peak better supported than a flat or monotone curve; how wide is its range; are effective "
        "doses more concentrated than the doses that were tried?",
        (
            text("Question", "question"),
            ROUTE,
            DOMAIN,
            _MEASURE,
            WHICH,
            *_COUNTS,
            whole("Effective (n)", "effective"),
            whole("Not shown to be (n)", "not_effective"),
            Field(
                "Found (95% confidence set)",
                ("question", "estimate", "low", "high", "spread_tried"),
                _found,
                note="Widths and standard deviations (SD) in log10 particles; a set without an upper end is "
                "unbounded: no width is too large.",
            ),
            Field(
                "Dose of the peak (95% confidence set)",
                ("peak_log10", "peak_low", "peak_high"),
                _DOSE,
                by="peak_log10",
                note="Particles per administration; a missing end is unbounded.",
            ),
            p_value(
                "p", "p_value", note="Of the peak or of the concentration, one-sided; each test on its own."
            ),
            SMALLEST_P,
            METHOD,
            NEEDS,
        ),
        (f"{_OBSERVATIONAL} Concentration counts trials, the other questions published studies.",),
    ),
    "power": Layout(
        "Power to see an effective range",
        "Simulated chance that the range test rejects, had every arm with a dose in particles its own "
        "control and a result; one row a route, width and height of the peak.",
        (
            ROUTE,
            real("Width of the range (log10 particles)", "width"),
            real("Height of the peak (SD)", "height"),
            whole("Arms with a dose (n)", "arms"),
            Field("Power with these arms (95% interval)", ("power", "low", "high"), _SHARE, by="power"),
            share("Power asked for", "target"),
            whole("Controlled arms needed (n)", "arms_needed"),
            METHOD,
            NEEDS,
        ),
        (
            "The interval is of the simulation. Arms needed: empty where no number simulated is enough. "
            "Other numbers of arms are in the figure and in the table's files.",
        ),
    ),
    "multiverse": Layout(
        "Every defensible choice",
        "The shift in tried doses between inhaled and intravenous trials, and the slope of an effect per "
        "tenfold dose, under each set of choices.",
        (
            code("Estimate of", "question"),
            text("Choices", "specification"),
            flag("Of the main analysis", "main"),
            DOMAIN,
            _MEASURE,
            whole("Trials or studies (n)", "studies"),
            estimate("Estimate (95% interval)", note="Shift in log10 particles, or effect per tenfold dose."),
            P,
            share("Survives", "surviving"),
            METHOD,
        ),
        (
            "Survives: share of the estimable choices whose interval excludes 0 on the side of the main "
            "estimate. Choices share their data: their number is no evidence. Observational.",
        ),
    ),
    "uncertain_doses": Layout(
        "What uncertain doses do",
        "Estimates over multiply imputed doses, beside those with every dose at its middle.",
        (
            code("Estimate of", "analysis"),
            code("Dose", "axis"),
            text("Route, or routes compared", "stratum"),
            DOMAIN,
            _MEASURE,
            whole("Trials or studies (n)", "studies"),
            whole("Arms (n)", "arms"),
            whole("Arms with an uncertain dose (n)", "uncertain_arms"),
            whole("Imputations (n)", "imputations"),
            computed("At the middle", "estimate_at_middle"),
            estimate(
                "Over imputed doses (95% interval)", note="In log10 particles, or effect per tenfold dose."
            ),
            share("Missing information", "missing_information"),
            share("Share of the variance", "variance_share"),
            METHOD,
        ),
        (
            "An inferred dose stands as it was read: nothing says how probable the other reading is. Effects "
            "and doses are observational across trials.",
        ),
    ),
    "answer_by_route": Layout(
        "The answer by route",
        "What can be said of an effective range by each route that was tried, and what it would take.",
        (
            text("Route", "route"),
            text(
                "Treated arms with a dose in particles",
                "tried",
                note="Of all treated arms of included trials; particles per administration.",
            ),
            text(
                "Controlled effects",
                "effects",
                note="On a primary efficacy outcome, at a dose in particles; groups by outcome domain and "
                "measure.",
            ),
            text("Is there a peak?", "peak"),
            text("How wide is its range?", "width"),
            text(
                "Do effective doses cluster?",
                "concentration",
                note="Are they more concentrated than the doses tried? In brackets: trials effective by the "
                "rule, and not shown to be.",
            ),
            text("Effect of a tenfold dose", "slope"),
            text(
                "What it would take",
                "needs",
                note="For a peak and its width: studies by this route with a controlled effect on a primary "
                "efficacy outcome of one domain and measure, at doses in particles. For clusters: trials "
                "with a dose in particles and an outcome that the rule can judge.",
            ),
        ),
        (f"{_OBSERVATIONAL} Each test stands on its own: the p-values are not corrected for their number.",),
    ),
}
