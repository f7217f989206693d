"""Tables that modelling writes, one set a scenario."""

from __future__ import annotations

from evdose.dosing.tables import STRATA
from evdose.records.tables import OUTCOME_DOMAINS, YES_NO_UNKNOWN
from evdose.tables import FLAG, INTEGER, NUMBER, TEXT, column, table

EFFECT_TABLES = ("controlled", "change", "proportion")
MEASURES = (
    "hedges_g",
    "log_odds_ratio",
    "log_risk_ratio",
    "risk_difference",
    "standardised_mean_change",
    "proportion",
)
ESTIMATED, NOT_ESTIMABLE = "estimated", "not_estimable"
STATUS = (ESTIMATED, NOT_ESTIMABLE)
VERDICTS = ("reproduced", "in part", "not reproduced", "contradicted", "not testable")
CALLS = ("effective", "not shown", "harmful", "not testable")

EFFECTS = table(
    "effects",
    "One row an effect; the three tables (controlled, change, proportion) are never pooled together",
    key=["effect_id"],
    effect_id=column(TEXT, "effect", required=True),
    effect_table=column(TEXT, "which of the three tables", required=True, choices=EFFECT_TABLES),
    measure=column(TEXT, "effect measure", required=True, choices=MEASURES),
    study_id=column(TEXT, "study", required=True),
    trial_id=column(TEXT, "trial that it reports, where known"),
    arm=column(INTEGER, "treated arm", required=True),
    label=column(TEXT, "label of the treated arm", required=True),
    comparator_arm=column(INTEGER, "arm compared with"),
    comparator=column(TEXT, "label of that arm"),
    outcome=column(TEXT, "outcome", required=True),
    outcome_domain=column(TEXT, "domain", required=True, choices=OUTCOME_DOMAINS),
    timepoint_days=column(NUMBER, "time point", unit="d"),
    primary=column(FLAG, "the study's one efficacy outcome by the stated hierarchy", required=True),
    stratum=column(TEXT, "route stratum of the treated arm", required=True, choices=STRATA),
    particles_log10=column(NUMBER, "log10 particles per administration of the treated arm"),
    estimate=column(NUMBER, "effect; above 0 is benefit (a proportion: the share with the better outcome)"),
    variance=column(NUMBER, "its variance (a proportion has an exact interval instead)", at_least=0),
    control_variance=column(
        NUMBER, "the part of it that comes from the control arm, shared by arms with that control", at_least=0
    ),
    low=column(NUMBER, "95 % interval, lower"),
    high=column(NUMBER, "95 % interval, upper"),
    p_value=column(NUMBER, "two-sided p-value of no effect", at_least=0, at_most=1),
    n_treated=column(INTEGER, "participants, treated", at_least=0),
    n_control=column(INTEGER, "participants, control", at_least=0),
    numbers=column(TEXT, "the numbers that it came from, as text", required=True),
    equation=column(TEXT, "equation and its source", required=True),
    derived=column(FLAG, "rests on a derived count: sensitivity analysis only", required=True),
    source_id=column(TEXT, "file of the outcome", required=True),
    locator=column(TEXT, "JSON pointer of the outcome in that file", required=True),
)

SAFETY = table(
    "safety",
    "Safety by dose: one row an arm with its exact interval, one row a within-study trend",
    kind=column(TEXT, "arm or trend", required=True, choices=("arm", "trend")),
    study_id=column(TEXT, "study", required=True),
    trial_id=column(TEXT, "trial that it reports, where known"),
    arm=column(INTEGER, "arm (empty for a trend)"),
    label=column(TEXT, "label of the arm"),
    role=column(TEXT, "role of the arm"),
    stratum=column(TEXT, "route stratum", required=True, choices=STRATA),
    outcome=column(TEXT, "outcome", required=True),
    outcome_domain=column(TEXT, "domain", required=True, choices=OUTCOME_DOMAINS),
    timepoint_days=column(NUMBER, "time point", unit="d"),
    particles_log10=column(NUMBER, "log10 particles per administration"),
    events=column(INTEGER, "participants with the event", at_least=0),
    n=column(INTEGER, "participants", at_least=0),
    proportion=column(NUMBER, "share with the event", at_least=0, at_most=1),
    low=column(NUMBER, "95 % Clopper–Pearson interval, lower", at_least=0, at_most=1),
    high=column(NUMBER, "95 % Clopper–Pearson interval, upper", at_least=0, at_most=1),
    levels=column(INTEGER, "dose levels (trend)"),
    p_value=column(NUMBER, "exact trend test, two-sided", at_least=0, at_most=1),
    smallest_p=column(NUMBER, "smallest p-value that these numbers could give", at_least=0, at_most=1),
    status=column(TEXT, "estimated or not", required=True, choices=STATUS),
    why=column(TEXT, "why not, and what it lacks"),
    source_id=column(TEXT, "file of the outcome", required=True),
    locator=column(TEXT, "JSON pointer of the outcome in that file", required=True),
)

EFFECT_DIRECTION = table(
    "effect_direction",
    "One row a study arm with an efficacy outcome: its direction, by rule and by the authors",
    key=["study_id", "arm"],
    study_id=column(TEXT, "study", required=True),
    trial_id=column(TEXT, "trial that it reports, where known"),
    arm=column(INTEGER, "treated arm", required=True),
    label=column(TEXT, "label of the arm", required=True),
    condition=column(TEXT, "condition"),
    design=column(TEXT, "design, in the source's words"),
    stratum=column(TEXT, "route stratum", required=True, choices=STRATA),
    particles_log10=column(NUMBER, "log10 particles per administration"),
    particles_low=column(NUMBER, "log10, lower end"),
    particles_high=column(NUMBER, "log10, upper end"),
    outcome=column(TEXT, "the outcome that the rule judges", required=True),
    outcome_domain=column(TEXT, "domain", required=True, choices=OUTCOME_DOMAINS),
    controlled=column(FLAG, "compared with a concurrent control arm", required=True),
    n=column(INTEGER, "participants in the arm"),
    direction=column(
        TEXT, "direction of the effect", required=True, choices=("benefit", "none", "harm", "unclear")
    ),
    call=column(TEXT, "effective by the rule of config.yaml", required=True, choices=CALLS),
    authors_call=column(TEXT, "the authors call it effective", required=True, choices=YES_NO_UNKNOWN),
    why=column(TEXT, "why the rule says so", required=True),
    source_id=column(TEXT, "file of the outcome", required=True),
    locator=column(TEXT, "JSON pointer of the outcome in that file", required=True),
)

SYNTHESIS = table(
    "synthesis",
    "Pooled effects and sign tests, one row a stratum × domain; a stratum too small says so",
    key=["analysis", "effect_table", "measure", "stratum", "outcome_domain"],
    analysis=column(
        TEXT, "random_effects or sign_test", required=True, choices=("random_effects", "sign_test")
    ),
    effect_table=column(TEXT, "which effects", required=True, choices=EFFECT_TABLES),
    measure=column(TEXT, "effect measure, or 'direction'", required=True, choices=(*MEASURES, "direction")),
    stratum=column(TEXT, "route stratum, or 'all'", required=True, choices=(*STRATA, "all")),
    outcome_domain=column(TEXT, "domain, or 'all'", required=True, choices=(*OUTCOME_DOMAINS, "all")),
    studies=column(INTEGER, "studies", required=True, at_least=0),
    arms=column(INTEGER, "arms", required=True, at_least=0),
    participants=column(INTEGER, "participants (sign test: of the treated arms)", required=True, at_least=0),
    estimate=column(
        NUMBER, "pooled effect (back on the proportion scale for proportions; share with benefit for signs)"
    ),
    low=column(NUMBER, "95 % interval, lower"),
    high=column(NUMBER, "95 % interval, upper"),
    prediction_low=column(NUMBER, "95 % prediction interval, lower"),
    prediction_high=column(NUMBER, "95 % prediction interval, upper"),
    tau2=column(NUMBER, "heterogeneity variance", at_least=0),
    i2=column(NUMBER, "share of variance that is heterogeneity", unit="%", at_least=0, at_most=100),
    q=column(NUMBER, "Cochran's Q", at_least=0),
    p_value=column(NUMBER, "two-sided p-value of no effect", at_least=0, at_most=1),
    smallest_p=column(NUMBER, "smallest p-value that these numbers could give", at_least=0, at_most=1),
    status=column(TEXT, "estimated or not", required=True, choices=STATUS),
    why=column(TEXT, "method, or why not and what it lacks", required=True),
)

ROUTE_SHIFT = table(
    "route_shift",
    "Difference in dose between routes: Hodges–Lehmann shift in log10 particles, permutation over trials; "
    "observational, as routes are not allocated to trials at random",
    key=["axis", "arms", "stratum_a", "stratum_b", "without_product"],
    axis=column(TEXT, "dose axis", required=True, choices=("per_administration", "cumulative")),
    arms=column(TEXT, "which arms", required=True, choices=("all", "effective")),
    stratum_a=column(TEXT, "first route", required=True, choices=STRATA),
    stratum_b=column(TEXT, "second route", required=True, choices=STRATA),
    without_product=column(TEXT, "product line left out; 'none': all are in", required=True),
    trials_a=column(INTEGER, "trials of the first route", required=True, at_least=0),
    trials_b=column(INTEGER, "trials of the second route", required=True, at_least=0),
    arms_a=column(INTEGER, "arms of the first route", required=True, at_least=0),
    arms_b=column(INTEGER, "arms of the second route", required=True, at_least=0),
    shift=column(NUMBER, "first minus second, median of all trial pairs", unit="log10 particles"),
    low=column(NUMBER, "95 % interval, lower", unit="log10 particles"),
    high=column(NUMBER, "95 % interval, upper", unit="log10 particles"),
    p_value=column(NUMBER, "two-sided permutation p-value", at_least=0, at_most=1),
    smallest_p=column(NUMBER, "smallest p-value that these trials could give", at_least=0, at_most=1),
    status=column(TEXT, "estimated or not", required=True, choices=STATUS),
    why=column(TEXT, "method, or why not and what it lacks", required=True),
)

REGISTRATIONS = table(
    "registrations",
    "Trials registered a year, by group",
    key=["grouping", "group", "year"],
    grouping=column(TEXT, "route, condition, phase, country or cell source", required=True),
    group=column(TEXT, "group, or 'all'", required=True),
    year=column(INTEGER, "year of registration", required=True),
    n=column(INTEGER, "trials", required=True, at_least=0),
)

TRENDS = table(
    "trends",
    "Trend of registrations a year, by group, from the first year with a trial; the set was searched, not "
    "exported: no census",
    key=["grouping", "group"],
    grouping=column(TEXT, "route, condition, phase, country or cell source", required=True),
    group=column(TEXT, "group, or 'all'", required=True),
    trials=column(INTEGER, "trials", required=True, at_least=0),
    first_year=column(INTEGER, "first year of the series"),
    last_year=column(INTEGER, "last year (part of a year counts by its length)"),
    rate_ratio=column(NUMBER, "registrations, this year against the year before", at_least=0),
    low=column(NUMBER, "95 % interval, lower", at_least=0),
    high=column(NUMBER, "95 % interval, upper", at_least=0),
    p_value=column(NUMBER, "two-sided p-value of no trend, one group at a time", at_least=0, at_most=1),
    model=column(TEXT, "Poisson or negative binomial"),
    status=column(TEXT, "estimated or not", required=True, choices=STATUS),
    why=column(TEXT, "method, or why not and what it lacks", required=True),
)

EFFECTIVE_RANGE = table(
    "effective_range",
    "Are effective doses more concentrated than the doses that were tried?",
    key=["stratum"],
    stratum=column(TEXT, "route stratum, or 'all'", required=True, choices=(*STRATA, "all")),
    trials=column(INTEGER, "trials with a particle dose and a call", required=True, at_least=0),
    effective=column(INTEGER, "of these, effective by the rule", required=True, at_least=0),
    not_effective=column(INTEGER, "of these, not shown to be effective", required=True, at_least=0),
    spread_tried=column(NUMBER, "standard deviation of all tried doses", unit="log10 particles", at_least=0),
    spread_effective=column(
        NUMBER, "standard deviation of effective doses", unit="log10 particles", at_least=0
    ),
    p_value=column(NUMBER, "one-sided permutation p-value of concentration", at_least=0, at_most=1),
    smallest_p=column(NUMBER, "smallest p-value that these trials could give", at_least=0, at_most=1),
    status=column(TEXT, "estimated or not", required=True, choices=STATUS),
    why=column(TEXT, "method, or why not and what it lacks", required=True),
)

CONVERSION_USE = table(
    "conversion_use",
    "One row a conversion: which arms of included trials and which studies use it, and how far the doses of "
    "arms move without it; for what is assumed, in a landscape to which all assumptions were added",
    key=["conversion_id"],
    conversion_id=column(TEXT, "conversion (table conversions)", required=True),
    use=column(TEXT, "main, sensitivity or none", required=True, choices=("main", "sensitivity", "none")),
    trials=column(INTEGER, "included trials that use it", required=True, at_least=0),
    arms=column(INTEGER, "arms of theirs that use it", required=True, at_least=0),
    trial_ids=column(TEXT, "these trials, '; '-separated"),
    study_ids=column(TEXT, "published studies used that use it, '; '-separated"),
    arms_with=column(INTEGER, "arms of included trials with a dose in particles", required=True, at_least=0),
    arms_without=column(INTEGER, "the same without it", required=True, at_least=0),
    medians_with=column(
        TEXT, "median log10 particles per administration of the arms of each route whose arms use it"
    ),
    medians_without=column(TEXT, "the same without it"),
    largest_shift=column(
        NUMBER,
        "largest difference of these medians, with minus without; empty: none of these routes keeps an arm",
        unit="log10 particles",
    ),
    largest_shift_stratum=column(TEXT, "the route whose median differs so much", choices=STRATA),
)

CLAIM_VERDICTS = table(
    "claims",
    "The review's claims and what this run finds",
    key=["claim_id"],
    claim_id=column(TEXT, "claim", required=True),
    statement=column(TEXT, "the claim, in our words", required=True),
    analysis=column(TEXT, "analysis that tests it", required=True),
    estimate=column(NUMBER, "estimate"),
    low=column(NUMBER, "interval, lower"),
    high=column(NUMBER, "interval, upper"),
    verdict=column(TEXT, "verdict, by a rule that is dated in config.yaml", required=True, choices=VERDICTS),
    why=column(TEXT, "one sentence, made from the run's numbers", required=True),
)
