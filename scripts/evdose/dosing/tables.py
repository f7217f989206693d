"""Tables that normalising writes."""

from __future__ import annotations

from evdose.dosing.terms import PER, STATUS, SUBSTANCES, UNITS
from evdose.records.tables import PUBLICATION, REGISTRATION
from evdose.tables import FLAG, INTEGER, NUMBER, TEXT, column, table

PARTICLES_VIA = ("stated", "converted", "none")
STRATA = (
    "respiratory",
    "intravenous",
    "nasal",
    "intra-articular",
    "local injection",
    "topical",
    "ophthalmic",
    "CNS",
    "other",
    "several",
    "unspecified injection",
    "unmapped",
    "not reported",
)
ROUTE_STATUS = ("mapped", "inferred", "unspecified", "unmapped", "not_reported")

_EXPERIMENTAL = "arms in which the EV product is given (role experimental)"

DOSES = table(
    "doses",
    f"One row a dose read; {_EXPERIMENTAL} have at least one row, not_reported where there is no dose",
    key=["trial_id", "arm", "level"],
    trial_id=column(TEXT, "record (trial card, or study id of a publication)", required=True),
    arm=column(INTEGER, "arm of the record", required=True, at_least=1),
    level=column(
        INTEGER, "number of the dose within the arm, in text order, from 1", required=True, at_least=1
    ),
    record_kind=column(TEXT, "where the arm stands", required=True, choices=(REGISTRATION, PUBLICATION)),
    low=column(NUMBER, "dose, lower end, in `unit` per `per`", at_least=0),
    high=column(NUMBER, "dose, upper end", at_least=0),
    unit=column(TEXT, "unit (any mass in µg)", choices=UNITS),
    substance=column(TEXT, "what is counted or weighed", choices=SUBSTANCES),
    per=column(TEXT, "denominator", choices=PER),
    administrations=column(
        NUMBER, "number of administrations; empty where the text does not determine it", at_least=0
    ),
    administrations_status=column(TEXT, "how it is known", required=True, choices=(*STATUS, "open-ended")),
    schedule_rule=column(TEXT, "rule that read the schedule"),
    other_low=column(NUMBER, "the other reading of an inferred number, lower end", at_least=0),
    other_high=column(NUMBER, "the other reading, upper end", at_least=0),
    status=column(TEXT, "how the dose is known", required=True, choices=STATUS),
    particles_via=column(
        TEXT, "how particles per administration are known", required=True, choices=PARTICLES_VIA
    ),
    per_administration_low=column(NUMBER, "per administration, lower end, in `unit`", at_least=0),
    per_administration_high=column(NUMBER, "per administration, upper end, in `unit`", at_least=0),
    per_day_low=column(
        NUMBER,
        "per day on which it is given, lower end, in `unit`; empty: times a day not stated",
        at_least=0,
    ),
    per_day_high=column(NUMBER, "per day on which it is given, upper end, in `unit`", at_least=0),
    per_kg_low=column(NUMBER, "per kg of body weight, as written, lower end, in `unit`", at_least=0),
    per_kg_high=column(NUMBER, "per kg of body weight, as written, upper end, in `unit`", at_least=0),
    cumulative_low=column(NUMBER, "over all administrations, lower end, in `unit`", at_least=0),
    cumulative_high=column(NUMBER, "over all administrations, upper end, in `unit`", at_least=0),
    particles_log10=column(NUMBER, "log10 of the particles per administration (middle of the interval)"),
    particles_log10_sd=column(
        NUMBER,
        "standard deviation of both log10 particles, one and all administrations (0: stated as one number)",
        at_least=0,
    ),
    cumulative_particles_log10=column(
        NUMBER,
        "log10 of the particles over all administrations; known of a stated total whatever their number",
    ),
    conversion_id=column(TEXT, "conversion used (config/conversions.yaml)"),
    curated=column(FLAG, "a curator's value won over the parser", required=True),
    why=column(TEXT, "why the status or the missing particles: reasons from a closed list, '; '-separated"),
    source_id=column(TEXT, "file", required=True),
    locator=column(TEXT, "JSON pointer in that file of the text read", required=True),
    fragment=column(TEXT, "the characters of that text that were read"),
)

ROUTES = table(
    "routes",
    f"One row a route of an arm; {_EXPERIMENTAL} have at least one row",
    key=["trial_id", "arm", "number"],
    trial_id=column(TEXT, "record (trial card, or study id of a publication)", required=True),
    arm=column(INTEGER, "arm of the record", required=True, at_least=1),
    number=column(INTEGER, "number of the route within the arm, from 1", required=True, at_least=1),
    record_kind=column(TEXT, "where the arm stands", required=True, choices=(REGISTRATION, PUBLICATION)),
    route=column(TEXT, "route of administration (config/routes.yaml)"),
    ncit_code=column(TEXT, "NCI Thesaurus code of the route"),
    stratum=column(TEXT, "stratum of this route", required=True, choices=STRATA),
    arm_stratum=column(
        TEXT, "stratum of the arm: its routes' stratum, or 'several'", required=True, choices=STRATA
    ),
    record_stratum=column(
        TEXT,
        "stratum of the record: that of its arms with a classified route, or 'several'",
        required=True,
        choices=STRATA,
    ),
    site=column(TEXT, "target site, where the text names one"),
    device=column(TEXT, "device, where the text names one"),
    status=column(TEXT, "how the route is known", required=True, choices=ROUTE_STATUS),
    pattern_id=column(TEXT, "pattern that read it"),
    source_id=column(TEXT, "file", required=True),
    locator=column(TEXT, "JSON pointer in that file of the text read", required=True),
    fragment=column(TEXT, "the characters that were read; the whole text where it is unmapped"),
)

CONVERSIONS = table(
    "conversions",
    "One row a conversion between dose units, used or not",
    key=["conversion_id"],
    conversion_id=column(TEXT, "conversion", required=True),
    convert_from=column(TEXT, "from", required=True),
    convert_to=column(TEXT, "to", required=True),
    log10_factor=column(NUMBER, "log10 of the factor"),
    log10_sd=column(NUMBER, "its standard deviation", at_least=0),
    product_line=column(TEXT, "product that it holds for; empty: any"),
    use=column(TEXT, "main, sensitivity or none", required=True, choices=("main", "sensitivity", "none")),
    why=column(TEXT, "why it isn't used, or not in the main analyses"),
    context=column(TEXT, "what was measured", required=True),
    source_url=column(TEXT, "source"),
    n_doses=column(INTEGER, "doses that it converts, in whichever analyses", required=True, at_least=0),
)

DOSE_SENSITIVITY = table(
    "dose_sensitivity",
    "One row a dose that gains particles per administration by an assumption: for sensitivity analysis only",
    key=["trial_id", "arm", "level"],
    trial_id=column(TEXT, "record (trial card, or study id of a publication)", required=True),
    arm=column(INTEGER, "arm of the record", required=True, at_least=1),
    level=column(INTEGER, "number of the dose within the arm, as in doses", required=True, at_least=1),
    record_kind=column(TEXT, "where the arm stands", required=True, choices=(REGISTRATION, PUBLICATION)),
    low=column(NUMBER, "dose, lower end, in `unit` per `per`", required=True, at_least=0),
    high=column(NUMBER, "dose, upper end", required=True, at_least=0),
    unit=column(TEXT, "unit (any mass in µg)", required=True, choices=UNITS),
    substance=column(TEXT, "what is counted or weighed", required=True, choices=SUBSTANCES),
    per=column(TEXT, "denominator", required=True, choices=PER),
    status=column(TEXT, "how the dose is known", required=True, choices=STATUS),
    particles_log10=column(
        NUMBER,
        "particles per administration under the assumption, middle",
        unit="log10 particles",
        required=True,
    ),
    particles_log10_sd=column(
        NUMBER, "its standard deviation", unit="log10 particles", required=True, at_least=0
    ),
    assumption_id=column(
        TEXT, "what it rests on: ids of the table conversions, '; '-separated", required=True
    ),
    source_id=column(TEXT, "file", required=True),
    locator=column(TEXT, "JSON pointer in that file of the text read", required=True),
    fragment=column(TEXT, "the characters of that text that were read"),
)

OVERRIDES = table(
    "overrides",
    "One row an arm and field that a curator set, beside what the parser reads without",
    key=["trial_id", "arm", "field"],
    trial_id=column(TEXT, "record (trial card, or study id of a publication)", required=True),
    arm=column(INTEGER, "arm of the record", required=True, at_least=1),
    record_kind=column(TEXT, "where the arm stands", required=True, choices=(REGISTRATION, PUBLICATION)),
    field=column(TEXT, "what was set", required=True, choices=("dose", "administrations", "route")),
    value=column(TEXT, "what is used", required=True),
    parsed=column(TEXT, "what the parser reads from the texts", required=True),
    changes=column(FLAG, "the two differ; false: the override isn't needed", required=True),
    reason=column(TEXT, "the curator's reason, with its source and date", required=True),
    source_id=column(TEXT, "file", required=True),
    locator=column(TEXT, "JSON pointer of the override in that file", required=True),
)
