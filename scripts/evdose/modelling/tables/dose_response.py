"""Tables of dose and response: curves, contrast tests, the effective range, power, what choices move."""

from __future__ import annotations

import pandera.pandas as pa

from evdose.dosing.tables import STRATA
from evdose.modelling.tables.words import ALL, MEASURES, SENSITIVITIES, SHAPES, STATUS
from evdose.records.tables import OUTCOME_DOMAINS
from evdose.tables import FLAG, INTEGER, NUMBER, TEXT, column, table

_LOG10 = "log10 particles"


def _counts() -> dict[str, pa.Column]:
    """What an analysis stands on; every row has these, also one that can't be estimated."""
    return {
        "studies": column(
            INTEGER, "studies with a usable effect at a dose in particles", required=True, at_least=0
        ),
        "arms": column(INTEGER, "treated arms of these studies", required=True, at_least=0),
        "dose_levels": column(INTEGER, "different doses of these arms", required=True, at_least=0),
        "outcomes": column(INTEGER, "different outcomes that they report", required=True, at_least=0),
    }


def _said() -> dict[str, pa.Column]:
    return {
        "status": column(TEXT, "estimated or not", required=True, choices=STATUS),
        "why": column(TEXT, "method and its caution, or why it can't be estimated", required=True),
        "needs": column(TEXT, "what would make it estimable; empty where it is"),
    }


def _group() -> dict[str, pa.Column]:
    """One group of effects; measure and domain are empty where the stratum has no such effect at all."""
    return {
        "stratum": column(TEXT, "route stratum, or 'all'", required=True, choices=(*STRATA, ALL)),
        "measure": column(TEXT, "effect measure", choices=MEASURES),
        "outcome_domain": column(TEXT, "outcome domain, or 'all'", choices=(*OUTCOME_DOMAINS, ALL)),
        "sensitivity": column(
            TEXT, "main analysis, or which sensitivity analysis", required=True, choices=SENSITIVITIES
        ),
    }


DOSE_RESPONSE = table(
    "dose_response",
    "Dose–response models, one row a group of effects × basis × shape. Within trials: slopes between doses "
    "of the same study. Between trials: observational, confounded by condition and product. Arm counts: "
    "logistic regression on the arms of studies with several doses. Two-stage: log odds ratios through the "
    "control at dose zero",
    key=["basis", "stratum", "measure", "outcome_domain", "sensitivity", "shape"],
    basis=column(
        TEXT,
        "what the doses are compared across",
        required=True,
        choices=("within_trials", "between_trials", "arm_counts", "two_stage"),
    ),
    **_group(),
    shape=column(TEXT, "candidate shape over log10 particles", required=True, choices=SHAPES),
    **_counts(),
    parameters=column(INTEGER, "parameters, the heterogeneity variance among them", at_least=1),
    log_likelihood=column(NUMBER, "log likelihood (maximum likelihood)"),
    aicc=column(NUMBER, "AICc; the sample size is the number of studies"),
    weight=column(NUMBER, "Akaike weight among the shapes that could be fitted", at_least=0, at_most=1),
    coefficients=column(TEXT, "its coefficients, as 'name value (lower to upper)', '; '-separated"),
    slope=column(NUMBER, "effect per tenfold dose (linear shape only); two_stage: per 10^10 particles"),
    low=column(NUMBER, "95 % interval of the slope, lower"),
    high=column(NUMBER, "95 % interval of the slope, upper"),
    p_value=column(NUMBER, "two-sided p-value of no slope", at_least=0, at_most=1),
    tau2=column(NUMBER, "heterogeneity variance between studies", at_least=0),
    **_said(),
)

DOSE_RESPONSE_CURVE = table(
    "dose_response_curve",
    "The curve averaged over the candidate shapes by Akaike weight, over the doses of the effects; "
    "observational: confounded by condition and product (all routes: by route as well). Where the truth is a "
    "peak or Emax its interval is too narrow, and the more so the fewer studies there are",
    key=["stratum", "measure", "outcome_domain", "sensitivity", "particles_log10"],
    **_group(),
    particles_log10=column(NUMBER, "log10 particles per administration", required=True),
    estimate=column(NUMBER, "effect; above 0 is benefit", required=True),
    low=column(NUMBER, "95 % interval, lower", required=True),
    high=column(NUMBER, "95 % interval, upper", required=True),
)

MCP_MOD = table(
    "mcp_mod",
    "MCP-Mod, one row a candidate shape: of each trial with an efficacy outcome at several doses, and "
    "(generalised) across the arms of a route",
    key=["across", "study_id", "stratum", "measure", "outcome", "outcome_domain", "candidate"],
    across=column(
        TEXT, "the doses of one trial, or the arms of a route", required=True, choices=("trial", "route")
    ),
    study_id=column(TEXT, "study; empty across the arms of a route"),
    stratum=column(TEXT, "route stratum, or 'all'", required=True, choices=(*STRATA, ALL)),
    measure=column(TEXT, "scale of the analysis", choices=("mean", "logit", *MEASURES)),
    outcome=column(TEXT, "outcome; empty across the arms of a route"),
    outcome_domain=column(TEXT, "outcome domain", choices=(*OUTCOME_DOMAINS, ALL)),
    candidate=column(TEXT, "candidate shape with its guesses (config.yaml), or 'all'", required=True),
    **_counts(),
    statistic=column(NUMBER, "contrast statistic"),
    critical_value=column(NUMBER, "its critical value over all candidates, one-sided"),
    p_value=column(NUMBER, "multiplicity-adjusted p-value, one-sided", at_least=0, at_most=1),
    weight=column(NUMBER, "Akaike weight of its model among those with a signal", at_least=0, at_most=1),
    target_dose_log10=column(
        NUMBER, "smallest dose with the target share of the largest effect", unit=_LOG10
    ),
    low=column(NUMBER, "95 % interval of the target dose, lower", unit=_LOG10),
    high=column(NUMBER, "95 % interval of the target dose, upper", unit=_LOG10),
    **_said(),
)

EFFECTIVE_RANGE = table(
    "effective_range",
    "The title's question in three answers, a row each for a group of effects: is a peak better supported "
    "than a flat or monotone curve (peak); how wide is the range with at least the stated share of the peak "
    "effect (width); are effective doses more concentrated than the doses that were tried (concentration)",
    key=["question", "stratum", "measure", "outcome_domain", "sensitivity"],
    question=column(TEXT, "which answer", required=True, choices=("peak", "width", "concentration")),
    **_group(),
    **_counts(),
    effective=column(INTEGER, "trials effective by the rule (concentration)", at_least=0),
    not_effective=column(INTEGER, "trials not shown to be effective (concentration)", at_least=0),
    estimate=column(
        NUMBER,
        "peak: likelihood-ratio statistic; width: width of the range in log10; concentration: standard "
        "deviation of effective doses in log10",
    ),
    low=column(NUMBER, "95 % confidence set of the width, lower end; 0: no end", unit=_LOG10, at_least=0),
    high=column(NUMBER, "its upper end; empty with status 'estimated': unbounded", unit=_LOG10, at_least=0),
    peak_log10=column(NUMBER, "dose of the peak", unit=_LOG10),
    peak_low=column(
        NUMBER, "95 % confidence set of the dose of the peak, lower end; empty: unbounded", unit=_LOG10
    ),
    peak_high=column(NUMBER, "its upper end; empty: unbounded", unit=_LOG10),
    spread_tried=column(NUMBER, "standard deviation of all tried doses", unit=_LOG10, at_least=0),
    p_value=column(NUMBER, "p-value of the peak or of the concentration, one-sided", at_least=0, at_most=1),
    smallest_p=column(NUMBER, "smallest p-value that these data could give", at_least=0, at_most=1),
    **_said(),
)

POWER = table(
    "power",
    "Simulated chance to see a peaked dose–response (the range test) with controlled arms at the doses that "
    "were tried: a row a stratum × width × height × number of arms",
    key=["stratum", "width", "height", "arms"],
    stratum=column(TEXT, "route stratum, or 'all'", required=True, choices=(*STRATA, ALL)),
    width=column(NUMBER, "width of the range that is there", unit=_LOG10, required=True, at_least=0),
    height=column(NUMBER, "peak effect that is there, as a standardised mean difference", required=True),
    arms=column(INTEGER, "controlled arms, a study each", required=True, at_least=0),
    at_hand=column(FLAG, "as many as have a dose in particles now", required=True),
    power=column(
        NUMBER, "share of simulated data sets in which the range test rejects", at_least=0, at_most=1
    ),
    low=column(NUMBER, "95 % Monte-Carlo interval, lower", at_least=0, at_most=1),
    high=column(NUMBER, "95 % Monte-Carlo interval, upper", at_least=0, at_most=1),
    simulations=column(INTEGER, "data sets simulated", required=True, at_least=0),
    target=column(NUMBER, "power asked for", required=True, at_least=0, at_most=1),
    arms_needed=column(INTEGER, "arms needed for it (the same in all rows of a width × height)"),
    **_said(),
)

MULTIVERSE = table(
    "multiverse",
    "Every defensible choice as an estimate of its own: the shift in dose between inhaled and intravenous "
    "trials, and the slope of an effect per tenfold dose between trials of all routes (observational)",
    key=["question", "axis", "doses", "arms", "measure", "outcome_domain", "correlation", "without_product"],
    question=column(TEXT, "what is estimated", required=True, choices=("route_shift", "dose_slope")),
    specification=column(TEXT, "the choices in words", required=True),
    main=column(FLAG, "these are the choices of the main analysis", required=True),
    axis=column(TEXT, "dose axis", required=True, choices=("per_administration", "per_day", "cumulative")),
    doses=column(
        TEXT,
        "doses that count: stated in particles; also by measured conversions; also by assumed ones",
        required=True,
        choices=("stated", "converted", "assumed"),
    ),
    arms=column(
        TEXT,
        "only doses that are exact, also inferred, also the middle of ambiguous ones",
        required=True,
        choices=("exact", "inferred", "ambiguous"),
    ),
    measure=column(TEXT, "effect measure (dose_slope)", choices=MEASURES),
    outcome_domain=column(TEXT, "outcome domain (dose_slope)", choices=(*OUTCOME_DOMAINS, ALL)),
    correlation=column(NUMBER, "pre–post correlation assumed (standardised mean changes)"),
    without_product=column(TEXT, "product line left out; 'none': all are in", required=True),
    studies=column(INTEGER, "trials or studies", required=True, at_least=0),
    estimate=column(NUMBER, "shift in log10 particles, or effect per tenfold dose"),
    low=column(NUMBER, "95 % interval, lower"),
    high=column(NUMBER, "95 % interval, upper"),
    p_value=column(
        NUMBER, "two-sided p-value (dose_slope; of a shift in table route_shift)", at_least=0, at_most=1
    ),
    surviving=column(
        NUMBER,
        "on the row of the main choices: share of the estimable specifications of this question, measure and "
        "domain whose interval excludes 0 on the side of the main estimate",
        at_least=0,
        at_most=1,
    ),
    status=column(TEXT, "estimated or not", required=True, choices=STATUS),
    why=column(TEXT, "method, or why not and what it lacks", required=True),
)

UNCERTAIN_DOSES = table(
    "uncertain_doses",
    "What uncertain doses do to an estimate: multiple imputation of the doses, Rubin's rules. Ranges and "
    "several levels are drawn log-uniform, conversions normal on log10; an inferred dose stands as it was "
    "read, as nothing says how probable the other reading is",
    key=["analysis", "axis", "stratum", "measure", "outcome_domain"],
    analysis=column(
        TEXT, "what is estimated", required=True, choices=("route_shift", "dose_slope", "median_dose")
    ),
    axis=column(TEXT, "dose axis", required=True, choices=("per_administration", "per_day", "cumulative")),
    stratum=column(TEXT, "route stratum, pair of strata ('a v b') or 'all'", required=True),
    measure=column(TEXT, "effect measure (dose_slope)", choices=MEASURES),
    outcome_domain=column(TEXT, "outcome domain (dose_slope)", choices=(*OUTCOME_DOMAINS, ALL)),
    studies=column(INTEGER, "trials or studies", required=True, at_least=0),
    arms=column(INTEGER, "arms", required=True, at_least=0),
    uncertain_arms=column(
        INTEGER, "arms whose dose is a range, several levels or converted", required=True, at_least=0
    ),
    imputations=column(INTEGER, "imputed data sets", required=True, at_least=0),
    estimate_at_middle=column(NUMBER, "with every dose at its middle"),
    estimate=column(NUMBER, "over the imputed data sets"),
    low=column(NUMBER, "95 % interval, lower"),
    high=column(NUMBER, "95 % interval, upper"),
    missing_information=column(
        NUMBER,
        "fraction of information missing because doses are uncertain (Rubin 1987, (r + 2/(ν + 3))/(1 + r))",
        at_least=0,
        at_most=1,
    ),
    variance_share=column(
        NUMBER, "share of the variance that comes from uncertain doses (λ)", at_least=0, at_most=1
    ),
    status=column(TEXT, "estimated or not", required=True, choices=STATUS),
    why=column(TEXT, "method, or why not and what it lacks", required=True),
)
