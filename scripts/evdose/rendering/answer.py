"""The title's question, answered in sentences made from the run's numbers, and never more than they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from evdose.modelling.tables import ESTIMATED, MAIN, VERDICTS
from evdose.records.tables import REGISTRATION
from evdose.rendering.choices import moved_slopes, safety, tried_doses
from evdose.rendering.notation import counted, listed, percent, power
from evdose.rendering.range_sentences import (
    concentration,
    multiplicity,
    outcome,
    peaks,
    power_by_route,
    sensitivities,
    slopes_over_dose,
    widths,
)
from evdose.rendering.range_words import rows_of
from evdose.rendering.scope import included_trials, used_studies

QUESTION = "Is efficacy optimal in a narrow dose range?"
_HEADLINES = {
    "narrow": "Perhaps: where a route shows a peak of the effect, its range is narrow. Trials are compared, "
    "so that this is observational.",
    "wide": "Not in a narrow one: where a route shows a peak of the effect, its range is wide. Trials are "
    "compared, so that this is observational.",
    "width open": "Perhaps a range: the effect peaks by a route, but whether narrowly is not settled. Trials "
    "are compared, so that this is observational.",
    "concentrated": "Perhaps: effective doses lie closer together than the doses that were tried, but no "
    "peak of the effect is shown by any route.",
    "mixed": "For no route: a peak of the effect shows only where all routes are mixed.",
    "not shown": "Not shown: neither a peak of the effect nor closer effective doses, where these could be "
    "tested.",
    "too few": "It can't be told: with so few trials no result could have been significant.",
    "not testable": "It can't be told yet: too few controlled effects have a dose in particles.",
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
    """What one scenario says to the question: in a line, in brief, and in full."""

    outcome: str
    headline: str
    brief: tuple[str, ...]
    full: tuple[str, ...]


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
    """Answer from what one scenario could test, estimate and simulate."""
    every = rows_of(tables["effective_range"])
    ranges = [row for row in every if row["sensitivity"] == MAIN]
    found = outcome(ranges, tables["claims"])
    tested = (peaks(ranges), widths(ranges), concentration(ranges), multiplicity(ranges))
    further = (
        sensitivities(every),
        slopes_over_dose(tables["dose_response"], tables["mcp_mod"]),
        power_by_route(tables["power"], ranges),
        tried_doses(tables),
        *moved_slopes(tables),
        safety(tables["safety"]),
    )
    brief = (_tried(n), *tested, _pooled(tables["synthesis"]), _verdicts(tables["claims"]))
    brief, full = (tuple(filter(None, said)) for said in (brief, tested + further))
    return Answer(found, _HEADLINES[found], brief, full)


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


def _pooled(synthesis: pd.DataFrame) -> str:
    pooled = synthesis[(synthesis["analysis"] == "random_effects") & (synthesis["sensitivity"] == MAIN)]
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
