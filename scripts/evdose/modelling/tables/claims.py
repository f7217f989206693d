"""The table of the review's claims and their verdicts."""

from __future__ import annotations

from evdose.modelling.tables.words import VERDICTS
from evdose.tables import NUMBER, TEXT, column, table

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
