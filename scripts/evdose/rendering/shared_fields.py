"""Columns that several tables of a release share, worded for readers."""

from __future__ import annotations

from evdose.modelling.tables import MAIN
from evdose.rendering import notation
from evdose.rendering.table_view import Field, p_value, power, sentence, study, text, trial

TRIAL, STUDY = trial("Trial"), study("Study")
ARM = text("Arm", "label")
ROUTE = text("Route", "stratum")
DOMAIN = text("Domain", "outcome_domain")
PARTICLES = power(
    "Particles per administration",
    "particles_log10",
    note="The middle of a range on the log scale; empty where the dose is not known in particles.",
)
P = p_value("p", "p_value", note="Two-sided p-value of no effect; each test on its own.")
SMALLEST_P = p_value(
    "Smallest p possible",
    "smallest_p",
    note="The smallest p-value that so few trials could give; above 0.05 the test can't reject.",
)
WHICH = Field(
    "Analysis is",
    ("sensitivity",),
    lambda which: which if which == MAIN else f"sensitivity: {notation.decoded(which)}",
    note="Main: numbers as printed. Sensitivity: also counts that were worked back, also means or SDs that "
    "were estimated, or all outcome domains together as Hedges' g.",
)
WHY = text("Why", "why")
METHOD = sentence("Method, or what there is", "why")
NEEDS = Field("What it would take", ("needs",), notation.spelled_out)
BENEFIT = "Above 0 is benefit; for a proportion the estimate is the share itself."
