"""The tables of a release, by name: those that all scenarios share, and those that each has of its own."""

from __future__ import annotations

from evdose.dosing import tables as dosing
from evdose.modelling import tables as modelling
from evdose.records import tables as records
from evdose.screening import tables as screening

SHARED = {
    schema.name: schema
    for schema in (
        records.SOURCES,
        records.TRIALS,
        records.ARMS,
        dosing.DOSES,
        dosing.ROUTES,
        records.OUTCOMES,
        records.CONFLICTS,
        records.QUARANTINE,
        dosing.CONVERSIONS,
        dosing.DOSE_SENSITIVITY,
        dosing.OVERRIDES,
        records.DATE_CHECK,
    )
}
MODELLED = {
    schema.name: schema
    for schema in (
        screening.PRISMA,
        screening.SCREENING,
        screening.STUDIES,
        screening.ELIGIBILITY_SWITCHES,
        modelling.EFFECTS,
        modelling.SAFETY,
        modelling.EFFECT_DIRECTION,
        modelling.SYNTHESIS,
        modelling.TRIED_ARMS,
        modelling.ROUTE_SHIFT,
        modelling.CONVERSION_USE,
        modelling.REGISTRATIONS,
        modelling.TRENDS,
        modelling.DOSE_RESPONSE,
        modelling.DOSE_RESPONSE_CURVE,
        modelling.MCP_MOD,
        modelling.EFFECTIVE_RANGE,
        modelling.POWER,
        modelling.MULTIVERSE,
        modelling.UNCERTAIN_DOSES,
        modelling.CLAIM_VERDICTS,
    )
}
OF_SCENARIO = MODELLED | {
    schema.name: schema for schema in (records.TRIALS, dosing.DOSES, dosing.ROUTES, records.OUTCOMES)
}
