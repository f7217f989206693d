"""What the tests of an effective range say, row by row, in words that claim no more than the row does."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from evdose.modelling.tables import ALL, ESTIMATED, MAIN
from evdose.rendering import notation
from evdose.rendering.notation import counted, decoded, missing, number, percent, power, spelled_out
from evdose.rendering.table_view import records

LEVEL = 0.05
CANT_BE_TOLD = "can't be told"
# What the notes of the table by route say once for all rows.
_SAID_ELSEWHERE = (
    " with a controlled effect on a primary efficacy outcome at a dose in particles",
    " (one outcome domain and measure)",
    ", with a dose in particles and an outcome that the rule can judge",
)
_BASES = {
    "within_trials": "between doses of the same trial",
    "arm_counts": "between doses of the same study, by counts",
    "two_stage": "within studies, through the control",
    "between_trials": "between trials",
}


def rows_of(frame: pd.DataFrame, **values: object) -> list[dict]:
    """Rows of ``frame`` that hold ``values``, as dicts in which a missing value is None."""
    return [row for row in records(frame) if all(row[column] == value for column, value in values.items())]


def estimated(rows: Sequence[dict]) -> list[dict]:
    """Those of ``rows`` that could be estimated."""
    return [row for row in rows if row["status"] == ESTIMATED]


def significant(row: dict) -> bool:
    """Whether the row's test rejects; each test on its own."""
    return row["status"] == ESTIMATED and not missing(row["p_value"]) and row["p_value"] <= LEVEL


def powerless(row: dict) -> bool:
    """Whether no p-value that these data allow could have been significant."""
    return not missing(row["smallest_p"]) and row["smallest_p"] > LEVEL


def said_p(p: float) -> str:
    """A p-value in a sentence: ``p = 0.20``, ``p < 0.001``."""
    return f"p = {notation.p_value(p)}".replace("= <", "<")


def route_name(stratum: str) -> str:
    """A route, or that routes are mixed."""
    return "all routes mixed" if stratum == ALL else stratum


def group(row: dict) -> str:
    """Outcome domain and measure of a group of effects."""
    return ", ".join(filter(None, (row["outcome_domain"], row["measure"] and decoded(row["measure"]))))


def counts_of(row: dict) -> str:
    """What a row stands on: ``2 studies with 3 arms at 2 doses``."""
    studies = counted(row["studies"], "study", "studies")
    return f"{studies} with {counted(row['arms'], 'arm')} at {counted(row['dose_levels'], 'dose')}"


def largest(rows: Sequence[dict]) -> dict | None:
    """The row with most studies and dose levels; of equals, the first."""
    return max(rows, key=lambda row: (row["studies"], row["dose_levels"], row["arms"]), default=None)


def peak_in_words(row: dict) -> str:
    """Whether a peak is supported, of a row ``peak``."""
    if row["status"] != ESTIMATED:
        return CANT_BE_TOLD
    if significant(row):
        return f"better supported than flat and monotone curves ({said_p(row['p_value'])})"
    return _not_rejected(row)


def width_in_words(row: dict, peak: dict | None) -> str:
    """How wide the range is, of a row ``width``; ``peak``: the row of the same group."""
    tested = peak is not None and peak["status"] == ESTIMATED
    if row["status"] != ESTIMATED:
        reason = row["why"].partition("; ")[0]
        return f"{CANT_BE_TOLD}: {reason}" if tested else CANT_BE_TOLD
    bounds = (
        f"{number(row['low'] or 0.0)} to {number(row['high'])}"
        if not missing(row["high"])
        else f"from {number(row['low'] or 0.0)}, without upper end: how wide can't be told"
    )
    open_ended = missing(row["peak_low"]) and missing(row["peak_high"])
    around = notation.estimate(row["peak_log10"], row["peak_low"], row["peak_high"], power)
    around += " (a peak at any dose can't be excluded)" if open_ended else ""
    unless = "" if tested and significant(peak) else "if there is a peak: "
    return f"{unless}{number(row['estimate'])} log10 particles (95% confidence set {bounds}), around {around}"


def concentration_in_words(row: dict) -> str:
    """Whether effective doses are more concentrated than tried ones, of a row ``concentration``."""
    n = f"{row['effective']} effective, {row['not_effective']} not"
    if row["status"] != ESTIMATED:
        return f"{CANT_BE_TOLD} ({n})"
    if significant(row):
        return f"yes ({said_p(row['p_value'])}; {n})"
    return f"{_not_rejected(row)} ({n})"


def slope_in_words(row: dict) -> str:
    """A slope with its interval, and what its doses are compared across."""
    unit = "per 10¹⁰ particles, " if row["basis"] == "two_stage" else ""
    bounds = notation.interval(row["low"], row["high"])
    return f"{number(row['slope'])} ({bounds}; {said_p(row['p_value'])}), {unit}{_BASES[row['basis']]}"


def slopes(dose_response: pd.DataFrame) -> list[dict]:
    """Slopes of the main analyses that could be estimated."""
    rows = rows_of(dose_response, sensitivity=MAIN, status=ESTIMATED)
    return [row for row in rows if not missing(row["slope"])]


def easiest(settings: Sequence[dict]) -> dict | None:
    """Of simulated rows of table POWER, the one whose width and height take the fewest arms to be seen."""
    reached = [row for row in settings if row["arms_needed"] is not None]
    return min(reached, key=lambda row: row["arms_needed"], default=None)


def power_in_words(settings: Sequence[dict], at_hand: int) -> str:
    """How many controlled arms it would take; ``settings``: all rows of table POWER of one route.

    ``at_hand``: arms of its largest group of controlled effects.
    """
    simulated = estimated(settings)
    if not simulated:
        return f"Power can't be simulated: {settings[0]['why']}." if settings else ""
    keys = {(row["width"], row["height"]) for row in simulated}
    most = max(row["arms"] for row in simulated)
    there = f"the largest group of comparable effects has {counted(at_hand, 'arm')}"
    target = percent(simulated[0]["target"])
    best = easiest(simulated)
    if best is None:
        which = f"None of {counted(len(keys), 'simulated width and height', 'simulated widths and heights')}"
        return f"{which} has a power of {target} with up to {most} controlled arms; {there}."
    reached = {(row["width"], row["height"]) for row in simulated if row["arms_needed"] is not None}
    others = len(keys) - len(reached)
    unreached = f" ({others} of {len(keys)} simulated settings take more than {most})" if others else ""
    return (
        f"{_about(best, simulated)} controlled arms at the doses tried would show a range of "
        f"{number(best['width'])} log10 with a peak effect of {number(best['height'])} SD with a power of "
        f"{target}{unreached}; {there}."
    )


def needs_in_words(row: dict) -> str:
    """What a row would take, its codes in words."""
    return spelled_out(row["needs"] or row["why"])


def needs_in_brief(row: dict) -> str:
    """The same for a table that says what studies, trials and route are meant."""
    words = needs_in_words(row)
    for said in (*_SAID_ELSEWHERE, f" by route {row['stratum']}", " by any route"):
        words = words.replace(said, "")
    return words


def _about(best: dict, simulated: Sequence[dict]) -> str:
    fewest = min(row["arms"] for row in simulated)
    return f"{'At most' if best['arms_needed'] <= fewest else 'About'} {best['arms_needed']}"


def _not_rejected(row: dict) -> str:
    if powerless(row):
        smallest = notation.p_value(row["smallest_p"])
        return f"{CANT_BE_TOLD}: at this size no p below {smallest} was possible ({said_p(row['p_value'])})"
    return f"not shown ({said_p(row['p_value'])})"
