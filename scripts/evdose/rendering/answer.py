"""The title's question, answered in sentences made from the run's numbers, and never more than they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from evdose.modelling.tables import ESTIMATED, VERDICTS
from evdose.records.tables import REGISTRATION
from evdose.rendering.notation import counted, listed, number, p_value, percent, power
from evdose.rendering.scope import included_trials, used_studies
from evdose.rendering.table_view import records

QUESTION = "Is efficacy optimal in a narrow dose range?"
ALL = "all"
LEVEL = 0.05
_HEADLINES = {
    "concentrated": "Perhaps: effective doses lie closer together than the doses that were tried.",
    "not shown": "Not shown: effective doses are no more concentrated than the doses that were tried.",
    "too few": "It can't be told: with so few trials no result could have been significant.",
    "not testable": "It can't be told yet: too few trials have both a dose in particles and a judged effect.",
}


@dataclass(frozen=True)
class Counts:
    """Counts of one scenario; ``low`` and ``high`` bound the doses tried, in log10 particles."""

    identified: int
    included: int
    arms: int
    arms_in_particles: int
    low: float | None
    high: float | None
    studies: int


@dataclass(frozen=True)
class Answer:
    """What one scenario says to the question: in a line, in sentences, and what the test itself gave."""

    outcome: str
    headline: str
    sentences: tuple[str, ...]
    tested: tuple[str, ...]


def counts(tables: Mapping[str, pd.DataFrame], arms: pd.DataFrame) -> Counts:
    """Count one scenario; ``tables`` are its own, ``arms`` those of all records.

    An arm counts where the product is given in an included trial. Its dose is known in particles where that
    was stated, or converted, from a dose that is exact or inferred.
    """
    included = included_trials(tables["screening"])
    treated = arms[
        (arms["role"] == "experimental")
        & (arms["record_kind"] == REGISTRATION)
        & arms["trial_id"].isin(included)
    ]
    doses = tables["doses"]
    known = doses[(doses["particles_via"] != "none") & doses["status"].isin(["exact", "inferred"])]
    known = known.merge(treated[["trial_id", "arm"]], on=["trial_id", "arm"])
    particles = known["particles_log10"].dropna()
    return Counts(
        len(tables["screening"]),
        len(included),
        len(treated),
        len(known.drop_duplicates(["trial_id", "arm"])),
        None if particles.empty else float(particles.min()),
        None if particles.empty else float(particles.max()),
        len(used_studies(tables["studies"])),
    )


def answer(tables: Mapping[str, pd.DataFrame], n: Counts) -> Answer:
    """Answer from the concentration test, the pooled effects and the verdicts of one scenario."""
    ranges = records(tables["effective_range"])
    overall = next((row for row in ranges if row["stratum"] == ALL), None)
    outcome = _outcome(overall)
    tested = _tested(outcome, overall)
    if outcome != "not testable":
        tested += (_by_route(ranges),)
    sentences = (_tried(n), *tested, _pooled(tables["synthesis"]), _verdicts(tables["claims"]))
    return Answer(outcome, _HEADLINES[outcome], tuple(filter(None, sentences)), tested)


def _outcome(overall: dict | None) -> str:
    if overall is None or overall["status"] != ESTIMATED:
        return "not testable"
    if overall["p_value"] <= LEVEL:
        return "concentrated"
    return "too few" if overall["smallest_p"] is not None and overall["smallest_p"] > LEVEL else "not shown"


def _tried(n: Counts) -> str:
    verb = "is" if n.included == 1 else "are"
    start = f"Of {counted(n.identified, 'record')} identified, {counted(n.included, 'trial')} {verb} included"
    if n.arms == 0:
        return f"{start}."
    known = (
        f"{start}; {n.arms_in_particles} of their {counted(n.arms, 'treated arm')} "
        f"({percent(n.arms_in_particles / n.arms)}) have a dose in particles"
    )
    if n.low is None or n.high is None:
        return f"{known}."
    return f"{known}, from {power(n.low)} to {power(n.high)} per administration."


def _tested(outcome: str, overall: dict | None) -> tuple[str, ...]:
    if overall is None:
        return ("No trial could be put to the test of concentration.",)
    if outcome == "not testable":
        return (f"Whether effective doses are more concentrated can't be tested: {overall['why']}.",)
    told = (
        f"For {counted(overall['trials'], 'trial')} a dose in particles and a call by the rule are known: "
        f"{overall['effective']} effective, {overall['not_effective']} not shown to be."
    )
    test = (
        f"Effective doses spread over {number(overall['spread_effective'])} and tried doses over "
        f"{number(overall['spread_tried'])} (standard deviation, log10 particles); the permutation test of "
        f"concentration gives p = {p_value(overall['p_value'])}"
    )
    limits = {
        "concentrated": "; this says that they differ less, not how wide an effective range would be, and a "
        "difference between routes counts as well.",
        "not shown": "; an absence of evidence, not evidence that no range exists.",
        "too few": f", where {p_value(overall['smallest_p'])} is the smallest that so few trials could give.",
    }
    return told, test + limits[outcome]


def _by_route(ranges: list[dict]) -> str:
    tested = [row for row in ranges if row["stratum"] != ALL and row["status"] == ESTIMATED]
    told = [f"{row['stratum']} p = {p_value(row['p_value'])}" for row in tested]
    return f"By route: {listed(told)}." if told else "No single route has enough trials for it."


def _pooled(synthesis: pd.DataFrame) -> str:
    pooled = synthesis[synthesis["analysis"] == "random_effects"]
    if pooled.empty:
        return "No effects could be pooled."
    done = pooled[pooled["status"] == ESTIMATED]
    which = f"{counted(len(pooled), 'group')} of effects (by route, outcome domain and measure)"
    if done.empty:
        return f"Of {which}, none has enough studies to be pooled."
    return f"Of {which}, {len(done)} could be pooled; the others have too few studies."


def _verdicts(claims: pd.DataFrame) -> str:
    n = claims["verdict"].value_counts()
    words = {"in part": "reproduced in part"}
    told = [f"{n[verdict]} {words.get(verdict, verdict)}" for verdict in VERDICTS if verdict in n]
    told[:1] = [one.replace(" ", " is " if one.startswith("1 ") else " are ", 1) for one in told[:1]]
    return f"Of the review's {counted(len(claims), 'claim')}, {listed(told)}." if told else ""
