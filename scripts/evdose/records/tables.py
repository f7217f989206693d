"""Tables that ingest writes."""

from __future__ import annotations

from evdose.tables import FLAG, INTEGER, NUMBER, TEXT, column, table

REGISTRATION, PUBLICATION = "registration", "publication"
EV_CLASSES = ("extracellular_vesicle", "engineered_ev", "secretome", "cells_with_ev", "not_administered")
ROLES = ("experimental", "control", "placebo")
YES_NO_UNKNOWN = ("yes", "no", "unknown")
DATE_STATUS = ("exact", "month", "year", "inferred", "unknown")
P_VALUE_AGAINST = ("control", "baseline", "dose")
OUTCOME_DOMAINS = (
    "mortality",
    "clinical improvement",
    "function score",
    "pain",
    "imaging",
    "lab",
    "adverse event",
    "serious adverse event",
    "completion",
)

SOURCES = table(
    "sources",
    "One row a file read",
    key=["file"],
    file=column(
        TEXT, "path below the project folder; the source_id of every value read from it", required=True
    ),
    format=column(TEXT, "format of the file", required=True),
    sha256=column(TEXT, "SHA-256 of its bytes", required=True),
    scanned=column(INTEGER, "records in the file", required=True, at_least=0),
    selected=column(INTEGER, "records taken from it", required=True, at_least=0),
    not_selected=column(INTEGER, "records that no search term selects", required=True, at_least=0),
    quarantined=column(INTEGER, "records that can't be read", required=True, at_least=0),
)

TRIALS = table(
    "trials",
    "One row a trial record (registrations and publication-only records)",
    key=["trial_id"],
    trial_id=column(TEXT, "identifier of the record: registry number, or the card's own id", required=True),
    registry=column(TEXT, "registry that holds it; empty where it is no registration"),
    registered=column(FLAG, "false: known only from a publication", required=True),
    secondary_ids=column(TEXT, "other identifiers, separated by '; '"),
    same_trial_as=column(TEXT, "records that a curator states to be the same trial, separated by '; '"),
    title=column(TEXT, "registered title", required=True),
    first_posted=column(TEXT, "registration date, ISO 8601; the middle of the interval where it is inferred"),
    first_posted_low=column(TEXT, "earliest date that the evidence allows"),
    first_posted_high=column(TEXT, "latest date that the evidence allows"),
    first_posted_status=column(TEXT, "how the date is known", required=True, choices=DATE_STATUS),
    start_date=column(TEXT, "study start, as precise as the source (YYYY, YYYY-MM or YYYY-MM-DD)"),
    completion_date=column(TEXT, "completion, as precise as the source"),
    status=column(TEXT, "recruitment status"),
    phase=column(TEXT, "phase"),
    study_type=column(TEXT, "INTERVENTIONAL, OBSERVATIONAL or EXPANDED_ACCESS"),
    allocation=column(TEXT, "allocation"),
    intervention_model=column(TEXT, "intervention model"),
    masking=column(TEXT, "masking"),
    enrollment=column(INTEGER, "participants", unit="participants", at_least=0),
    enrollment_type=column(TEXT, "ACTUAL or ESTIMATED"),
    conditions=column(TEXT, "conditions as registered, separated by '; '"),
    condition_group=column(TEXT, "group of conditions (config/conditions.yaml)", required=True),
    countries=column(TEXT, "countries, separated by '; '"),
    sponsor=column(TEXT, "sponsor"),
    product=column(TEXT, "product name"),
    product_line=column(TEXT, "product line, where several trials share one (config/products.yaml)"),
    ev_kind=column(TEXT, "what is given, in the source's words"),
    ev_class=column(TEXT, "what is given, as coded by the curator", required=True, choices=EV_CLASSES),
    cell_source=column(TEXT, "cell source, in the source's words"),
    cell_source_group=column(TEXT, "group of cell sources (config/cell_sources.yaml)", required=True),
    msc_derived=column(TEXT, "from mesenchymal stem cells", required=True, choices=YES_NO_UNKNOWN),
    isolation=column(TEXT, "how the vesicles were isolated, where stated"),
    characterisation=column(TEXT, "how the vesicles were characterised, where stated"),
    risk_of_bias=column(TEXT, "overall judgement by RoB 2 or ROBINS-I, or 'not assessed'"),
    has_results=column(FLAG, "results posted or published"),
    publications=column(TEXT, "publications, separated by '; '"),
    sources=column(TEXT, "where the facts were read: 'what it gives <address>', separated by '; '"),
    notes=column(TEXT, "notes"),
    flags=column(
        TEXT,
        "fields whose value is inferred, conflicting or second-hand: 'field: flag (note)', '; '-separated",
    ),
    source_id=column(TEXT, "file that holds the record", required=True),
)

_ARM = {
    "trial_id": column(TEXT, "record: a trial card, or the study id of a publication", required=True),
    "arm": column(INTEGER, "position of the arm in its record, from 1", required=True, at_least=1),
}

ARMS = table(
    "arms",
    "One row an arm of a trial card or of a published study",
    key=["trial_id", "arm"],
    **_ARM,
    record_kind=column(TEXT, "where the arm stands", required=True, choices=(REGISTRATION, PUBLICATION)),
    label=column(TEXT, "label of the arm", required=True),
    role=column(TEXT, "role of the arm", required=True, choices=ROLES),
    n=column(INTEGER, "participants in the arm", unit="participants", at_least=0),
    route_text=column(TEXT, "route as written"),
    dose_text=column(TEXT, "dose as written"),
    schedule_text=column(TEXT, "schedule as written"),
    curated_low=column(NUMBER, "curator's lower dose; wins over the parser"),
    curated_high=column(NUMBER, "curator's upper dose"),
    curated_unit=column(TEXT, "curator's unit (as doses.unit)"),
    curated_substance=column(TEXT, "curator's substance (as doses.substance)"),
    curated_per=column(TEXT, "curator's denominator (as doses.per)"),
    curated_administrations=column(NUMBER, "curator's number of administrations", at_least=0),
    curated_route=column(TEXT, "curator's route (a name of config/routes.yaml)"),
    curated_reason=column(TEXT, "why the curator's value wins, with its source and date"),
    dose_flag=column(
        TEXT, "how sure the dose as written is: inferred, conflicting, second-hand or unverified; empty: sure"
    ),
    schedule_flag=column(TEXT, "the same for the schedule"),
    route_flag=column(TEXT, "the same for the route"),
    flag_note=column(TEXT, "the notes of these flags"),
    source_id=column(TEXT, "file that holds the arm", required=True),
    locator=column(TEXT, "JSON pointer of the arm in that file, as '/arms/0'", required=True),
)

OUTCOMES = table(
    "outcomes",
    "One row a study × arm × outcome × time point",
    study_id=column(TEXT, "published study or posted results", required=True),
    trial_id=column(TEXT, "trial that it reports, where known"),
    same_data_as=column(TEXT, "study that reports the same participants and is used instead"),
    year=column(INTEGER, "year of publication"),
    doi=column(TEXT, "DOI"),
    condition=column(TEXT, "condition"),
    design=column(TEXT, "design, in the source's words"),
    study_type=column(TEXT, "study type, as coded by the curator; empty where the design leaves it open"),
    msc_derived=column(TEXT, "from mesenchymal stem cells", required=True, choices=YES_NO_UNKNOWN),
    ev_class=column(TEXT, "what is given, as coded by the curator (as trials.ev_class)", choices=EV_CLASSES),
    arm=column(INTEGER, "arm of the study (arms.trial_id = study_id)", required=True, at_least=1),
    n=column(INTEGER, "participants analysed", unit="participants", at_least=0),
    outcome=column(TEXT, "outcome", required=True),
    outcome_domain=column(TEXT, "domain", required=True, choices=OUTCOME_DOMAINS),
    time_frame=column(TEXT, "time frame in the source's words"),
    timepoint_days=column(NUMBER, "time point", unit="d", at_least=0),
    kind=column(TEXT, "kind of measurement", required=True, choices=("binary", "continuous")),
    events=column(INTEGER, "participants with the event", at_least=0),
    mean=column(NUMBER, "mean"),
    sd=column(NUMBER, "standard deviation", at_least=0),
    se=column(NUMBER, "standard error of the mean", at_least=0),
    ci_low=column(NUMBER, "95 % confidence interval of the mean, lower end"),
    ci_high=column(NUMBER, "95 % confidence interval of the mean, upper end"),
    median=column(NUMBER, "median"),
    q1=column(NUMBER, "first quartile"),
    q3=column(NUMBER, "third quartile"),
    minimum=column(NUMBER, "smallest value"),
    maximum=column(NUMBER, "largest value"),
    change_from_baseline=column(FLAG, "the numbers are of the change, baseline apart", required=True),
    baseline_mean=column(NUMBER, "mean at baseline"),
    baseline_sd=column(NUMBER, "standard deviation at baseline", at_least=0),
    unit=column(TEXT, "unit of the measurement"),
    direction=column(
        TEXT, "which direction is benefit", required=True, choices=("lower is better", "higher is better")
    ),
    t_value=column(NUMBER, "t statistic of the difference from the control arm, as reported"),
    p_value=column(NUMBER, "p-value as reported", at_least=0, at_most=1),
    p_value_is_bound=column(FLAG, "the source says that p is less than this value"),
    p_value_against=column(
        TEXT,
        "what it compares with: a concurrent control, the same arm before, or another dose",
        choices=P_VALUE_AGAINST,
    ),
    reported_effect=column(TEXT, "effect in the source's words"),
    authors_call_effective=column(TEXT, "authors call it effective", required=True, choices=YES_NO_UNKNOWN),
    derived=column(FLAG, "worked back from other numbers: sensitivity analysis only", required=True),
    source_url=column(TEXT, "where the numbers were read"),
    notes=column(TEXT, "notes"),
    source_id=column(TEXT, "file that holds the row", required=True),
    locator=column(TEXT, "JSON pointer of the row in that file", required=True),
)

CONFLICTS = table(
    "conflicts",
    "One row a field for which two sources differ",
    trial_id=column(TEXT, "record", required=True),
    field=column(TEXT, "field", required=True),
    value=column(TEXT, "value that is used"),
    other_value=column(TEXT, "value of the other source"),
    other_source=column(TEXT, "the other source"),
    note=column(TEXT, "why this one is used, or that it is undecided"),
    source_id=column(TEXT, "file that states the conflict", required=True),
    locator=column(TEXT, "JSON pointer in that file", required=True),
)

QUARANTINE = table(
    "quarantine",
    "One row a record that can't be read and isn't used",
    file=column(TEXT, "file", required=True),
    place=column(TEXT, "place in the file"),
    what=column(TEXT, "what is wrong", required=True),
    remedy=column(TEXT, "what would mend it", required=True),
)

CLAIMS = table(
    "claims",
    "One row a claim of the review",
    key=["claim_id"],
    claim_id=column(TEXT, "claim", required=True),
    section=column(TEXT, "where the review makes it", required=True),
    statement=column(TEXT, "the claim, in our words", required=True),
    quantity=column(TEXT, "what it is about", required=True),
    value=column(TEXT, "value that the review gives"),
    unit=column(TEXT, "unit of that value"),
    confidence=column(TEXT, "how the claim was seen"),
    analysis=column(TEXT, "analysis that tests it", required=True),
    source_url=column(TEXT, "where it was read"),
    source_id=column(TEXT, "file", required=True),
    locator=column(TEXT, "JSON pointer in that file", required=True),
)

DATE_CHECK = table(
    "registration_date_check",
    "How good the inference of registration dates from numbers is: leave-one-out over the anchors",
    key=["year"],
    year=column(TEXT, "year of registration, or 'all'", required=True),
    n=column(INTEGER, "anchors left out, one at a time", required=True, at_least=0),
    median_error_days=column(NUMBER, "median absolute error", unit="d"),
    p95_error_days=column(NUMBER, "95th percentile of the absolute error", unit="d"),
    max_error_days=column(NUMBER, "largest absolute error", unit="d"),
    covered=column(NUMBER, "share of true dates inside the stated interval", at_least=0, at_most=1),
    month_right=column(NUMBER, "share of dates with the right month", at_least=0, at_most=1),
    year_right=column(NUMBER, "share of dates with the right year", at_least=0, at_most=1),
)
