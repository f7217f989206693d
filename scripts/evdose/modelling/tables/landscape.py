"""Tables of what was tried: doses by route, registrations, conversions."""

from __future__ import annotations

from evdose.dosing.tables import STRATA
from evdose.modelling.tables.words import STATUS
from evdose.tables import INTEGER, NUMBER, TEXT, column, table

ROUTE_SHIFT = table(
    "route_shift",
    "Difference in dose between routes: Hodges–Lehmann shift in log10 particles, permutation over trials; "
    "observational, as routes are not allocated to trials at random",
    key=["axis", "arms", "stratum_a", "stratum_b", "without_product"],
    axis=column(TEXT, "dose axis", required=True, choices=("per_administration", "per_day", "cumulative")),
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
    grouping=column(
        TEXT, "route, condition, phase, country, cell source, dose unit, or dose in particles", required=True
    ),
    group=column(TEXT, "group, or 'all'", required=True),
    year=column(INTEGER, "year of registration", required=True),
    n=column(INTEGER, "trials", required=True, at_least=0),
)

TRENDS = table(
    "trends",
    "Trend of registrations a year, by group, from the first year with a trial; the set was searched, not "
    "exported: no census",
    key=["grouping", "group"],
    grouping=column(
        TEXT, "route, condition, phase, country, cell source, dose unit, or dose in particles", required=True
    ),
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

TRIED_ARMS = table(
    "tried_arms",
    "One row a treated arm of an included trial, with its dose in particles where that is known",
    key=["trial_id", "arm"],
    trial_id=column(TEXT, "trial", required=True),
    arm=column(INTEGER, "arm", required=True, at_least=1),
    stratum=column(TEXT, "route stratum of the arm", required=True, choices=STRATA),
    product_line=column(TEXT, "product line, where known"),
    per_administration=column(NUMBER, "per administration", unit="log10 particles"),
    per_day=column(NUMBER, "per day on which it is given", unit="log10 particles"),
    cumulative=column(NUMBER, "over all administrations", unit="log10 particles"),
    sd=column(NUMBER, "standard deviation of the dose: a range, several levels, a conversion", at_least=0),
    conversion=column(TEXT, "conversion that the dose rests on (table conversions)"),
    conversion_sd=column(
        NUMBER, "the part of the standard deviation that comes from the conversion", at_least=0
    ),
)
