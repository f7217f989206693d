"""The title's question in sentences: a peak, its width, concentration, slopes, power."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from evdose.modelling.tables import ALL, ESTIMATED, MAIN
from evdose.rendering.notation import counted, listed, number, p_value, percent
from evdose.rendering.range_words import (
    LEVEL,
    counts_of,
    easiest,
    estimated,
    group,
    largest,
    needs_in_words,
    peak_in_words,
    power_in_words,
    powerless,
    route_name,
    rows_of,
    said_p,
    significant,
    slopes,
    width_in_words,
)

_OBSERVATIONAL = (
    "Across trials doses are not allocated at random: a peak may be one of conditions or products."
)
_ONE_PRODUCT = "Whether a peak hangs on one product line was not tested."


def outcome(ranges: Sequence[dict], claims: pd.DataFrame) -> str:
    """In a word, of the main rows of table EFFECTIVE_RANGE; what is narrow is the rule of the claims."""
    by_rule = {row["verdict"] for row in rows_of(claims, analysis="effective_range")}
    peaked = [row for row in ranges if row["question"] == "peak" and significant(row)]
    if any(row["stratum"] != ALL for row in peaked):
        return "narrow" if "reproduced" in by_rule else "wide" if "contradicted" in by_rule else "width open"
    if any(row["question"] == "concentration" and significant(row) for row in ranges):
        return "concentrated"
    if peaked:
        return "mixed"
    tested = _tests(ranges)
    if not tested:
        return "not testable"
    return "too few" if all(map(powerless, tested)) else "not shown"


def peaks(ranges: Sequence[dict]) -> str:
    """Whether the effect peaks at some dose, by route."""
    asked = [row for row in ranges if row["question"] == "peak"]
    done = [row for row in estimated(asked) if row["stratum"] != ALL]
    mixed = [row for row in estimated(asked) if row["stratum"] == ALL]
    parts = [_peaks_by_route(done) if done else _no_peak(asked)]
    if mixed:
        told = "; ".join(f"{group(row)}, {peak_in_words(row)}" for row in mixed)
        parts.append(f"A peak with all routes mixed: {told}.")
    parts += [_OBSERVATIONAL] if done or mixed else []
    parts += [_ONE_PRODUCT] if any(map(significant, [*done, *mixed])) else []
    return " ".join(parts)


def widths(ranges: Sequence[dict]) -> str:
    """How wide the range of each supported peak of a route is."""
    told = []
    for peak in ranges:
        if peak["question"] == "peak" and peak["stratum"] != ALL and significant(peak):
            width = next(
                row for row in ranges if row["question"] == "width" and _group_of(row) == _group_of(peak)
            )
            told.append(f"{_named(peak)}: {width_in_words(width, peak)}")
    return f"Width of the range with the stated share of the peak or more: {'; '.join(told)}." if told else ""


def concentration(ranges: Sequence[dict]) -> str:
    """Whether effective doses are more concentrated than the doses that were tried."""
    asked = [row for row in ranges if row["question"] == "concentration"]
    overall = next((row for row in asked if row["stratum"] == ALL), None)
    if overall is None:
        return "No trial could be put to the test of concentration."
    if overall["status"] != ESTIMATED:
        return (
            "Whether effective doses are more concentrated than the doses that were tried can't be told: "
            f"{overall['why']}."
        )
    test = (
        f"Doses of {counted(overall['effective'], 'effective trial')} spread over "
        f"{number(overall['estimate'])} and those of all, {overall['not_effective']} not shown to be "
        f"effective among them, over {number(overall['spread_tried'])} (SD, log10 particles); the "
        f"permutation test of concentration gives {said_p(overall['p_value'])}"
    )
    if significant(overall):
        limit = (
            "; this says that they differ less, not how wide an effective range would be, and a difference "
            "between routes counts as well"
        )
    elif powerless(overall):
        limit = f", where {p_value(overall['smallest_p'])} is the smallest that so few trials could give"
    else:
        limit = "; an absence of evidence, not evidence that no range exists"
    return f"{test}{limit}. {_by_route(asked)}"


def multiplicity(ranges: Sequence[dict]) -> str:
    """How many tests these are, and whether the smallest p-value stands the correction for that."""
    p = [row["p_value"] for row in _tests(ranges)]
    if len(p) < 2:
        return ""
    told = f"These are {len(p)} tests, each on its own"
    if min(p) > LEVEL:
        return f"{told}."
    stands = "stands" if min(p) * len(p) <= LEVEL else "doesn't stand"
    return f"{told}; the smallest p {stands} a Bonferroni correction for their number."


def sensitivities(rows: Sequence[dict]) -> str:
    """What the sensitivity analyses say of a peak by route."""
    other = [
        row
        for row in estimated(rows)
        if row["question"] == "peak" and row["sensitivity"] != MAIN and row["stratum"] != ALL
    ]
    if not other:
        return ""
    shown = sum(map(significant, other))
    which = counted(len(other), "sensitivity analysis", "sensitivity analyses")
    return f"Of {which} by route, {shown} support{'s' if shown == 1 else ''} a peak."


def slopes_over_dose(dose_response: pd.DataFrame, mcp_mod: pd.DataFrame) -> str:
    """Whether the effect changes with dose, within and between trials."""
    found = slopes(dose_response)
    between = [row for row in found if row["basis"] == "between_trials"]
    within = [row for row in found if row["basis"] != "between_trials"]
    tests = [row for row in estimated(rows_of(mcp_mod)) if row["statistic"] is not None]
    kinds = ("study_id", "stratum", "measure", "outcome", "outcome_domain")
    analyses = {tuple(row[name] for name in kinds) for row in tests}
    signals = {
        tuple(row[name] for name in kinds) for row in tests if row["statistic"] > row["critical_value"]
    }
    parts = [
        f"{_of_slopes(within)} within studies" if within else "",
        f"{_of_slopes(between)} between trials, which is observational" if between else "",
    ]
    said = listed([part for part in parts if part])
    told = (
        f"A slope of the effect over dose is shown in {said}, each on its own."
        if said
        else "No slope of the effect over dose can be estimated, within studies or between trials."
    )
    which = counted(len(analyses), "analysis", "analyses")
    signal = (
        f"MCP-Mod finds a dose–response signal in {len(signals)} of {which}."
        if analyses
        else "No trial and no route has enough doses for MCP-Mod."
    )
    return f"{told} {signal}"


def power_by_route(power: pd.DataFrame, ranges: Sequence[dict]) -> str:
    """How many controlled arms a range would take, by route, at the width and height that take the fewest."""
    simulated = estimated(rows_of(power))
    best = easiest(simulated)
    if best is None:
        overall = [row for row in rows_of(power) if row["stratum"] == ALL]
        return power_in_words(overall, _at_hand(ranges, ALL))
    settings = [row for row in simulated if row["at_hand"]]
    chosen = [row for row in settings if all(row[name] == best[name] for name in ("width", "height"))]
    told = [f"{route_name(row['stratum'])} {_needed(row, simulated)}" for row in chosen]
    there = [f"{_at_hand(ranges, row['stratum'])} {route_name(row['stratum'])}" for row in chosen]
    return (
        f"Simulated at the doses that were tried, a range of {number(best['width'])} log10 with a peak "
        f"effect of {number(best['height'])} SD, the easiest setting to see, takes for a power of "
        f"{percent(best['target'])} this many controlled arms, a study each: {listed(told)} (sizes and "
        f"heterogeneity as in the table of power). The largest groups of "
        f"comparable effects now hold: {listed(there)}."
    )


def _tests(ranges: Sequence[dict]) -> list[dict]:
    return [row for row in estimated(ranges) if row["question"] != "width"]


def _group_of(row: dict) -> tuple:
    return row["stratum"], row["measure"], row["outcome_domain"]


def _named(row: dict) -> str:
    return f"{row['stratum']} ({group(row)})"


def _named_p(row: dict) -> str:
    return f"{_named(row)} {said_p(row['p_value'])}"


def _no_peak(asked: Sequence[dict]) -> str:
    most = largest([row for row in asked if row["status"] != ESTIMATED])
    if most is None:
        return "No effect and no dose in particles is there to ask for a peak."
    if not most["studies"]:
        there = "no study reports a controlled effect on a primary efficacy outcome at a dose in particles"
    else:
        there = f"the largest group of comparable controlled effects ({group(most)}) has {counts_of(most)}"
    lacks = f"it would take {needs_in_words(most)}"
    return f"Whether the effect peaks at some dose can't be told for any route: {there}; {lacks}."


def _peaks_by_route(done: Sequence[dict]) -> str:
    shown = [row for row in done if significant(row)]
    told = (
        f"Of {counted(len(done), 'group')} of effects by route that could be tested, {len(shown) or 'none'} "
        f"{'supports' if len(shown) <= 1 else 'support'} a peak over flat and monotone curves"
    )
    if shown:
        told += f": {listed(list(map(_named_p, shown)))}"
    others = [row for row in done if not significant(row)]
    if others:
        few = sum(map(powerless, others))
        told += "; where none is shown, this is an absence of evidence"
        told += f", and {few} could not reject at their size" if few else ""
    return f"{told}."


def _by_route(asked: Sequence[dict]) -> str:
    tested = [row for row in estimated(asked) if row["stratum"] != ALL]
    told = [
        f"{row['stratum']} {said_p(row['p_value'])}"
        + (f" (none below {p_value(row['smallest_p'])} possible)" if powerless(row) else "")
        for row in tested
    ]
    return f"By route: {listed(told)}." if told else "No single route has enough trials for it."


def _of_slopes(found: Sequence[dict]) -> str:
    return f"{sum(map(significant, found))} of {counted(len(found), 'comparison')}"


def _at_hand(ranges: Sequence[dict], stratum: str) -> int:
    most = largest([row for row in ranges if row["question"] == "peak" and row["stratum"] == stratum])
    return most["arms"] if most else 0


def _needed(row: dict, simulated: Sequence[dict]) -> str:
    numbers = [other["arms"] for other in simulated if other["stratum"] == row["stratum"]]
    if row["arms_needed"] is None:
        return f"more than {max(numbers)}"
    return f"{'at most' if row['arms_needed'] <= min(numbers) else 'about'} {row['arms_needed']}"
