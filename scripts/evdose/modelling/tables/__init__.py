"""Tables that modelling writes, one set a scenario."""

from __future__ import annotations

from evdose.modelling.tables.claims import CLAIM_VERDICTS
from evdose.modelling.tables.dose_response import (
    DOSE_RESPONSE,
    DOSE_RESPONSE_CURVE,
    EFFECTIVE_RANGE,
    MCP_MOD,
    MULTIVERSE,
    POWER,
    UNCERTAIN_DOSES,
)
from evdose.modelling.tables.effects import EFFECT_DIRECTION, EFFECTS, SAFETY, SYNTHESIS
from evdose.modelling.tables.landscape import CONVERSION_USE, REGISTRATIONS, ROUTE_SHIFT, TRENDS, TRIED_ARMS
from evdose.modelling.tables.words import (
    ALL,
    CALLS,
    EFFECT_TABLES,
    ESTIMATED,
    MAIN,
    MEASURES,
    NOT_ESTIMABLE,
    SENSITIVITIES,
    SHAPES,
    STATUS,
    VERDICTS,
)

__all__ = [
    "ALL",
    "CALLS",
    "CLAIM_VERDICTS",
    "CONVERSION_USE",
    "DOSE_RESPONSE",
    "DOSE_RESPONSE_CURVE",
    "EFFECTIVE_RANGE",
    "EFFECTS",
    "EFFECT_DIRECTION",
    "EFFECT_TABLES",
    "ESTIMATED",
    "MAIN",
    "MCP_MOD",
    "MEASURES",
    "MULTIVERSE",
    "NOT_ESTIMABLE",
    "POWER",
    "REGISTRATIONS",
    "ROUTE_SHIFT",
    "SAFETY",
    "SENSITIVITIES",
    "SHAPES",
    "STATUS",
    "SYNTHESIS",
    "TRENDS",
    "TRIED_ARMS",
    "UNCERTAIN_DOSES",
    "VERDICTS",
]
