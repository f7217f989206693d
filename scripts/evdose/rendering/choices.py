"""What choices and uncertain doses move, and what safety by dose says, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from evdose.modelling.tables import ALL, ESTIMATED
from evdose.rendering import notation
from evdose.rendering.notation import counted, missing, number, percent
from evdose.rendering.range_words import LEVEL, group, powerless, rows_of, said_p, significant

Tables = Mapping[str, pd.DataFrame]
_AXIS = "per_administration"
_EVERY_PRODUCT = "none"
_CHOICES = ("axis", "doses", "arms", "correlation")


def tried_doses(tables: Tables) -> str:
    """How doses tried differ between two routes, and what choices and uncertain doses make of it."""
    specifications = rows_of(tables["multiverse"], question="route_shift")
    main = next((row for row in specifications if row["main"]), None)
    shifts = rows_of(tables["route_shift"], axis=_AXIS, arms="all", without_product=_EVERY_PRODUCT)
    if main is None or main["status"] != ESTIMATED or not shifts:
        return ""
    first = shifts[0]
    a, b = first["stratum_a"], first["stratum_b"]
    trials = f"{first['trials_a']} and {first['trials_b']} trials"
    p = "" if missing(first["p_value"]) else f"{said_p(first['p_value'])}; "
    return (
        f"The doses tried, {a} minus {b}, differ by {number(main['estimate'])} log10 particles per "
        f"administration (95% interval {_interval(main)}; {p}{trials}): this says what was tried, not what "
        f"works. {_moved(main, specifications)}{_uncertain(tables, f'{a} v {b}', main)}"
    )


def moved_slopes(tables: Tables) -> list[str]:
    """What choices and uncertain doses make of each slope between trials that could be estimated."""
    specifications = rows_of(tables["multiverse"], question="dose_slope")
    told = []
    for main in specifications:
        if main["main"] and main["status"] == ESTIMATED:
            same = ("measure", "outcome_domain")
            of_group = [row for row in specifications if all(row[name] == main[name] for name in same)]
            studies = counted(main["studies"], "study", "studies")
            told.append(
                f"The slope between trials of all routes ({group(main)}; {studies}) is "
                f"{number(main['estimate'])} per tenfold dose (95% interval {_interval(main)}). "
                f"{_moved(main, of_group)}{_uncertain(tables, ALL, main)}"
            )
    return told


def safety(table: pd.DataFrame) -> str:
    """What safety by dose says, in a sentence."""
    trends = rows_of(table, kind="trend")
    done = [row for row in trends if row["status"] == ESTIMATED]
    arms = rows_of(table, kind="arm")
    limiting = [row for row in arms if row["dose_limiting"]]
    told = []
    which = f"{counted(len(trends), 'trend')} of an adverse outcome over the doses of a study"
    if done:
        rejecting, unable = sum(map(significant, done)), sum(map(powerless, done))
        size = f"; {unable} could not at {'its' if unable == 1 else 'their'} size" if unable else ""
        told.append(
            f"of {which}, {len(done)} can be tested and {rejecting or 'none'} "
            f"{'has' if rejecting <= 1 else 'have'} p ≤ {LEVEL} (each on its own{size})"
        )
    else:
        told.append(f"{'none of ' if trends else ''}{which} can be tested")
    if limiting:
        whose = {(row["study_id"], row["arm"]) for row in limiting}
        hit = {(row["study_id"], row["arm"]) for row in limiting if row["events"]}
        told.append(
            f"dose-limiting toxicity is reported for {counted(len(whose), 'arm')}, with events in {len(hit)}"
        )
    else:
        told.append("no outcome is named a dose-limiting toxicity")
    return f"Safety by dose: {'; '.join(told)}."


def _interval(row: dict) -> str:
    return notation.interval(row["low"], row["high"])


def _beyond(row: dict, side: float) -> bool:
    """Whether the row's interval excludes 0 on the side of ``side``."""
    bound = row["low"] if side > 0 else row["high"]
    return not missing(bound) and bound * side > 0


def _moved(main: dict, specifications: Sequence[dict]) -> str:
    """How many choices keep the finding, and whether it hangs on a product line."""
    done = [row for row in specifications if row["status"] == ESTIMATED]
    if missing(main["surviving"]):
        return f"As to products, {_products(main, specifications)}. "
    return (
        f"The interval excludes 0 on this side under {percent(main['surviving'])} of "
        f"{counted(len(done), 'choice')} that can be estimated, of {len(specifications)} in all, "
        "which share their data; "
        f"{_products(main, specifications)}. "
    )


def _products(main: dict, specifications: Sequence[dict]) -> str:
    """Whether a finding hangs on one product line; other choices as in the main analysis."""
    without = {
        row["without_product"]: row
        for row in specifications
        if row["without_product"] != _EVERY_PRODUCT and all(row[name] == main[name] for name in _CHOICES)
    }
    if not without:
        return "no product line could be left out"
    gone = [name for name, row in without.items() if row["status"] != ESTIMATED]
    kept = [name for name, row in without.items() if _beyond(row, main["estimate"])]
    parts = []
    if _beyond(main, main["estimate"]):
        lost = [name for name in without if name not in {*gone, *kept}]
        parts += [f"it is lost without {' or without '.join(lost)}"] if lost else []
        parts += [f"it holds without {' and without '.join(kept)}, one at a time"] if kept else []
    else:
        parts.append("no interval exists" if missing(main["low"]) else "by the main choices it includes 0")
        parts += [f"it excludes 0 only without {' or without '.join(kept)}"] if kept else []
    parts += [f"without {' or without '.join(gone)} it can't be estimated"] if gone else []
    return "; ".join(parts)


def _uncertain(tables: Tables, stratum: str, main: dict) -> str:
    """What the imputation of uncertain doses makes of it."""
    of_group = {name: main[name] for name in ("measure", "outcome_domain")}
    asked = {"analysis": main["question"], "axis": _AXIS, "stratum": stratum, "status": ESTIMATED}
    rows = rows_of(tables["uncertain_doses"], **asked, **of_group)
    if not rows:
        return "What uncertain doses do to it can't be told."
    row = rows[0]
    return (
        f"With {row['uncertain_arms']} of {counted(row['arms'], 'dose')} drawn from their ranges, levels or "
        f"conversions (a doubtful reading stands as it was read) it is {number(row['estimate'])} "
        f"({_interval(row)}); {percent(row['missing_information'])} of the information on it is missing for "
        "that reason."
    )
