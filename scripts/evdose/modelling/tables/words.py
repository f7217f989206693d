"""Closed lists of words that several tables of modelling share."""

from __future__ import annotations

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
ALL = "all"
MAIN = "main"
# Beside the main analysis: with counts that were worked back; with means and SDs estimated from medians; with
# odds ratios turned into standardised differences, so that outcome domains come together.
SENSITIVITIES = (MAIN, "derived_counts", "estimated_means", "all_domains")
SYNTHESES = ("random_effects", "conditional_logistic", "three_level", "egger", "sign_test")
SHAPES = ("flat", "linear", "emax", "quadratic", "peak")
