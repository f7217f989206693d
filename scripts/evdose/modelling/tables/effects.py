"""Tables of published effects: their sizes, directions, safety and synthesis."""

from __future__ import annotations

from evdose.dosing.tables import STRATA
from evdose.modelling.tables.words import (
    ALL,
    CALLS,
    EFFECT_TABLES,
    MEASURES,
    SENSITIVITIES,
    STATUS,
    SYNTHESES,
)
from evdose.records.tables import OUTCOME_DOMAINS, YES_NO_UNKNOWN
from evdose.tables import FLAG, INTEGER, NUMBER, TEXT, column, table

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
    events_treated=column(INTEGER, "treated participants with the better outcome (counts only)", at_least=0),
    events_control=column(INTEGER, "control participants with the better outcome (counts only)", at_least=0),
    numbers=column(TEXT, "the numbers that it came from, as text", required=True),
    equation=column(TEXT, "equation and its source", required=True),
    derived=column(FLAG, "rests on a derived count: sensitivity analysis only", required=True),
    estimated_moments=column(
        FLAG,
        "rests on a mean or SD estimated from a median, or from a p-value of an unnamed test: sensitivity "
        "analysis only",
        required=True,
    ),
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
    dose_limiting=column(FLAG, "a dose-limiting toxicity, by its name", required=True),
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
    n_control=column(
        INTEGER, "participants in the control arm; empty where they are the same people", at_least=0
    ),
    direction=column(
        TEXT, "direction of the effect", required=True, choices=("benefit", "none", "harm", "unclear")
    ),
    call=column(TEXT, "effective by the rule of config.yaml", required=True, choices=CALLS),
    authors_call=column(TEXT, "the authors call it effective", required=True, choices=YES_NO_UNKNOWN),
    p_value=column(NUMBER, "two-sided p-value of this outcome against the control", at_least=0, at_most=1),
    p_value_is_bound=column(FLAG, "p is only known to be below this value"),
    p_value_from=column(TEXT, "computed from the numbers, or reported", choices=("computed", "reported")),
    why=column(TEXT, "why the rule says so", required=True),
    source_id=column(TEXT, "file of the outcome", required=True),
    locator=column(TEXT, "JSON pointer of the outcome in that file", required=True),
)

SYNTHESIS = table(
    "synthesis",
    "Pooled effects and sign tests, one row an analysis × group of effects × sensitivity analysis; a group "
    "too small says so. Conditional logistic: odds ratios on the counts themselves. Three-level: all effects "
    "of a study, not its primary outcome alone. Egger: test for small-study effects",
    key=["analysis", "effect_table", "measure", "stratum", "outcome_domain", "sensitivity"],
    analysis=column(TEXT, "which analysis", required=True, choices=SYNTHESES),
    effect_table=column(TEXT, "which effects", required=True, choices=EFFECT_TABLES),
    measure=column(TEXT, "effect measure, or 'direction'", required=True, choices=(*MEASURES, "direction")),
    stratum=column(TEXT, "route stratum, or 'all'", required=True, choices=(*STRATA, ALL)),
    outcome_domain=column(TEXT, "domain, or 'all'", required=True, choices=(*OUTCOME_DOMAINS, ALL)),
    sensitivity=column(
        TEXT, "main analysis, or which sensitivity analysis", required=True, choices=SENSITIVITIES
    ),
    studies=column(INTEGER, "studies", required=True, at_least=0),
    arms=column(INTEGER, "arms", required=True, at_least=0),
    participants=column(INTEGER, "participants (sign test: of the treated arms)", required=True, at_least=0),
    outcomes=column(INTEGER, "outcomes of different names", required=True, at_least=0),
    estimate=column(
        NUMBER,
        "pooled effect (back on the proportion scale for proportions; share with benefit for signs; change "
        "of the effect per unit of its standard error for Egger's test)",
    ),
    low=column(NUMBER, "95 % interval, lower"),
    high=column(NUMBER, "95 % interval, upper"),
    prediction_low=column(NUMBER, "95 % prediction interval, lower"),
    prediction_high=column(NUMBER, "95 % prediction interval, upper"),
    tau2=column(NUMBER, "heterogeneity variance between studies", at_least=0),
    tau2_within=column(NUMBER, "heterogeneity variance within studies (three-level)", at_least=0),
    i2=column(NUMBER, "share of variance that is heterogeneity", unit="%", at_least=0, at_most=100),
    q=column(NUMBER, "Cochran's Q", at_least=0),
    df=column(NUMBER, "degrees of freedom of interval and p-value", at_least=0),
    p_value=column(NUMBER, "two-sided p-value of no effect", at_least=0, at_most=1),
    smallest_p=column(NUMBER, "smallest p-value that these numbers could give", at_least=0, at_most=1),
    status=column(TEXT, "estimated or not", required=True, choices=STATUS),
    why=column(TEXT, "method and its caution, or what there is", required=True),
    needs=column(TEXT, "what would make it estimable; empty where it is"),
)
