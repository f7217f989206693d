"""Claims on which trials there are: how many, where, when, by which route, and how they state a dose."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from scipy.stats import contingency, fisher_exact

from evdose.modelling.claims.finding import (
    CONTRADICTED,
    IN_PART,
    NOT_REPRODUCED,
    NOT_TESTABLE,
    REPRODUCED,
    Claim,
    Evidence,
    Finding,
    counts_in_words,
    share,
)

CLAIMED_ROUTES = ("intravenous", "respiratory")
_RESPIRATORY = "respiratory"  # a group of config/conditions.yaml
_NO_ROUTE = ("unspecified injection", "unmapped", "not reported")


def trials_included(claim: Claim, evidence: Evidence) -> Finding:
    """Number of included trials registered in the review's years against the review's number."""
    first, last = _review_years(evidence)
    claimed, n = int(claim["value"]), int(_years(evidence.trials).between(first, last).sum())
    reachable = evidence.switches["n_included"]
    own_window = n == len(evidence.trials)
    if abs(n - claimed) <= evidence.rules["count_tolerance"] * claimed:
        verdict = REPRODUCED
    elif own_window and reachable.min() <= claimed <= reachable.max():
        verdict = IN_PART
    else:
        verdict = NOT_REPRODUCED
    switched = (
        f"; the eligibility switches, one at a time, give {reachable.min()} to {reachable.max()}"
        if own_window
        else ""
    )
    why = (
        f"{n} included trials were registered in {first}–{last}, {n - claimed:+d} against the review's "
        f"{claimed}{switched}; the same number would not mean the same trials"
    )
    return Finding(verdict, why, n)


def registries(claim: Claim, evidence: Evidence) -> Finding:
    """Share of the included trials that the registries named by the review hold."""
    held = evidence.trials["registry"].fillna("no registry")
    named = held.map(lambda registry: registry in claim["value"])
    found = share(int(named.sum()), len(held), evidence.confidence)
    verdict = REPRODUCED if named.all() else IN_PART if named.any() else NOT_REPRODUCED
    why = (
        f"{named.sum()} of {len(held)} included trials stand in a registry that the review names; trials "
        f"by registry: {counts_in_words(held.value_counts())}; where the review searched, and how, can't be "
        "tested"
    )
    return Finding(verdict, why, *found)


def registration_window(claim: Claim, evidence: Evidence) -> Finding:
    """First year of registration, where the scenario's window would show earlier ones."""
    first, last = _review_years(evidence)
    years = _years(evidence.trials).dropna()
    if years.empty:
        return Finding(NOT_TESTABLE, "no included trial has a registration date")
    within = int(years.between(first, last).sum())
    seen = (
        f"the {len(years)} included trials with a date were registered from {years.min()} to {years.max()}, "
        f"{within} of them in {claim['value']}"
    )
    if int(evidence.scenario["registered_from"][:4]) >= first:
        return Finding(NOT_TESTABLE, f"{seen}; this scenario takes its window from the review")
    verdict = REPRODUCED if years.min() == first else NOT_REPRODUCED
    why = f"{seen} and {int((years < first).sum())} before"
    return Finding(verdict, why, int(years.min()))


def top_routes(claim: Claim, evidence: Evidence) -> Finding:
    """Are the two routes the most frequent ones? A trial counts once in every route that it uses."""
    used = _trial_routes(evidence)
    counts = used.groupby("stratum")["trial_id"].nunique()
    rank = counts.drop("other", errors="ignore").rank(method="min", ascending=False)
    on_top = sum(rank.get(route, np.inf) <= evidence.rules["top_routes"] for route in CLAIMED_ROUTES)
    verdict = (NOT_REPRODUCED, IN_PART, REPRODUCED)[on_top]
    n = used["trial_id"].nunique()
    either = used.loc[used["stratum"].isin(CLAIMED_ROUTES), "trial_id"].nunique()
    if not n:
        return Finding(NOT_TESTABLE, "no included trial has a classified route")
    found = share(either, n, evidence.confidence)
    why = (
        f"of the {n} of {len(evidence.trials)} included trials whose route is classified, {either} "
        f"({found[0]:.0%}) give intravenously or by inhalation; trials by route: {counts_in_words(counts)}"
    )
    return Finding(verdict, why, *found)


def route_by_condition(claim: Claim, evidence: Evidence) -> Finding:
    """Odds of intravenous or inhaled administration in respiratory against other conditions.

    Conditional maximum likelihood odds ratio with its exact interval; Fisher's exact test.
    """
    used = _trial_routes(evidence)
    either = used["stratum"].isin(CLAIMED_ROUTES).groupby(used["trial_id"]).any()
    group = evidence.trials.set_index("trial_id")["condition_group"].reindex(either.index)
    respiratory = group == _RESPIRATORY
    table = [
        [int((either[rows] == use).sum()) for use in (True, False)] for rows in (respiratory, ~respiratory)
    ]
    (a, b), (c, d) = table
    counted = (
        f"{a} of {a + b} trials in respiratory conditions and {c} of {c + d} in others give "
        "intravenously or by inhalation"
    )
    if not (a + b and c + d and a + c and b + d):
        return Finding(NOT_TESTABLE, f"{counted}; an odds ratio needs trials in all four margins")
    ratio = contingency.odds_ratio(np.array(table), kind="conditional")
    low, high = ratio.confidence_interval(evidence.confidence)
    p_value = fisher_exact(table).pvalue
    if low > 1:
        verdict = REPRODUCED
    elif high < 1:
        verdict = CONTRADICTED
    else:
        verdict = IN_PART if ratio.statistic > 1 else NOT_REPRODUCED
    bounded = np.isfinite(high)
    estimate = f"{ratio.statistic:.1f}" if bounded else "without upper bound"
    bounds = f"{low:.1f} to {high:.1f}" if bounded else f"from {low:.1f} upwards"
    level = f"{evidence.confidence:.0%}"
    why = f"{counted} (odds ratio {estimate}, {level} interval {bounds}; exact p {p_value:.2g})"
    return Finding(verdict, why, *((ratio.statistic, low, high) if bounded else (np.nan, low, np.nan)))


def unit_heterogeneity(claim: Claim, evidence: Evidence) -> Finding:
    """Share of the trials with a dose that state it in the commonest way (unit, substance, denominator)."""
    stated, arms = evidence.doses[evidence.doses["unit"].notna()], evidence.arms
    n, with_dose = stated["trial_id"].nunique(), len(stated.drop_duplicates(["trial_id", "arm"]))
    silent = f"{len(arms) - with_dose} of {len(arms)} arms of included trials state no dose"
    if not n:
        return Finding(NOT_TESTABLE, f"{silent}; a comparison of units needs doses")
    ways = stated[["unit", "substance", "per"]].fillna("not stated").agg(" / ".join, axis=1)
    trials_a_way = stated.groupby(ways)["trial_id"].nunique()
    commonest = min(trials_a_way.index, key=lambda way: (-trials_a_way[way], way))
    found = share(int(trials_a_way[commonest]), n, evidence.confidence)
    harmonised = evidence.rules["harmonised_share"]
    verdict = IN_PART if found[2] < harmonised else CONTRADICTED if found[1] > harmonised else NOT_REPRODUCED
    why = (
        f"{silent}; {n} trials state one, in {len(trials_a_way)} ways (unit / substance / per); the "
        f"commonest, '{commonest}', is used by {trials_a_way[commonest]} of them ({found[0]:.0%}); "
        "characterisation and outcome measures are not compared here"
    )
    return Finding(verdict, why, *found)


def ev_standardisation(claim: Claim, evidence: Evidence) -> Finding:
    """How many records state isolation and characterisation; free text can't show a standard."""
    stated = evidence.trials[["isolation", "characterisation"]].notna().sum()
    why = (
        f"of {len(evidence.trials)} included trials, {stated['isolation']} records state how the vesicles "
        f"are isolated and {stated['characterisation']} how they are characterised; whether this is "
        "standardised would have to be read from protocols and publications"
    )
    return Finding(NOT_TESTABLE, why)


def scope(claim: Claim, evidence: Evidence) -> Finding:
    """What is given, in the source's words; what a review counts is its choice, not a finding."""
    exosome = evidence.trials["ev_kind"].str.contains("exosome", case=False, na=False)
    why = (
        f"{exosome.sum()} of {len(exosome)} included trials call their product exosomes and "
        f"{(~exosome).sum()} use other words; both are counted here too, and what to count is a choice"
    )
    return Finding(NOT_TESTABLE, why)


def _trial_routes(evidence: Evidence) -> pd.DataFrame:
    used = evidence.routes[~evidence.routes["stratum"].isin(_NO_ROUTE)]
    return used[["trial_id", "stratum"]].drop_duplicates()


def _years(trials: pd.DataFrame) -> pd.Series:
    return pd.to_numeric(trials["first_posted"].str[:4]).astype("Int64")


def _review_years(evidence: Evidence) -> tuple[int, int]:
    """The first and last year that the review's own claim on its window names."""
    windows = evidence.claims.loc[evidence.claims["analysis"] == "registration_window", "value"]
    stated = [int(year) for value in windows for year in re.findall(r"\d{4}", value)]
    limits = [int(evidence.scenario[edge][:4]) for edge in ("registered_from", "registered_to")]
    return min(stated or limits), max(stated or limits)
