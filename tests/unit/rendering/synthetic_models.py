"""Made-up tables of dose and response: curves, the effective range, power, and what choices move."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from evdose.dosing.tables import STRATA
from evdose.modelling.landscape import included_trials, tried_arms
from evdose.modelling.tables import (
    ALL,
    DOSE_RESPONSE,
    DOSE_RESPONSE_CURVE,
    EFFECTIVE_RANGE,
    ESTIMATED,
    MAIN,
    MCP_MOD,
    MULTIVERSE,
    NOT_ESTIMABLE,
    POWER,
    TRIED_ARMS,
    UNCERTAIN_DOSES,
)
from evdose.tables import frame_of

PRODUCTS = ("EXO-1 / EXO-2 (a maker with a long name)", "ExoFlo", None)
TARGET = 0.8
_GROUP = ["stratum", "measure", "outcome_domain"]
_FEW = {"status": NOT_ESTIMABLE, "why": "too few studies", "needs": "5 more studies, at 3 further doses"}
_DONE = {"status": ESTIMATED, "why": "observational"}


def models_of(size: int, frames: dict[str, pd.DataFrame], seed: int = 1) -> dict[str, pd.DataFrame]:
    """Tables of the dose–response models of a scenario with these records and effects."""
    rng = np.random.default_rng([seed, size, 2])
    tried = _tried(frames)
    effects = frames["effects"]
    known = effects[effects["particles_log10"].notna()]
    groups = [(*key, rows) for key, rows in known.groupby(_GROUP)]
    groups += [(ALL, *key, rows) for key, rows in known.groupby(_GROUP[1:])]
    made = {
        "tried_arms": (tried, TRIED_ARMS),
        "dose_response": (_responses(groups), DOSE_RESPONSE),
        "dose_response_curve": (_curves(groups), DOSE_RESPONSE_CURVE),
        "mcp_mod": (_contrasts(groups), MCP_MOD),
        "effective_range": (_ranges(rng, groups, tried), EFFECTIVE_RANGE),
        "power": (_powers(rng, tried), POWER),
        "multiverse": (_multiverse(rng, size), MULTIVERSE),
        "uncertain_doses": (_uncertain(size), UNCERTAIN_DOSES),
    }
    return {name: frame_of(rows, schema) for name, (rows, schema) in made.items()}


def _tried(frames: dict[str, pd.DataFrame]) -> list[dict]:
    trials, screening = frames["trials"], frames["screening"]
    records = (frames[name] for name in ("arms", "doses", "routes"))
    return tried_arms(included_trials(trials, screening), *records).to_dict("records")


def _key(stratum: str, measure: str | None, domain: str | None) -> dict:
    return {"stratum": stratum, "measure": measure, "outcome_domain": domain, "sensitivity": MAIN}


def _counts(rows: pd.DataFrame) -> dict:
    counts = {"studies": rows["study_id"].nunique(), "arms": len(rows), "outcomes": 1}
    return counts | {"dose_levels": rows["particles_log10"].nunique()}


def _responses(groups: list[tuple]) -> list[dict]:
    rows = []
    for stratum, measure, domain, effects in groups:
        row = _key(stratum, measure, domain) | _counts(effects)
        row |= {"basis": "between_trials", "shape": "linear"}
        slope = {"slope": 0.1, "low": -0.2, "high": 0.4, "p_value": 0.5, "weight": 0.6}
        rows.append(row | (slope | _DONE if row["studies"] >= 5 else _FEW))
    return rows


def _curves(groups: list[tuple]) -> list[dict]:
    rows = []
    for stratum, measure, domain, effects in groups:
        doses = effects["particles_log10"].to_numpy(float)
        if effects["study_id"].nunique() < 5:
            continue
        for dose in np.linspace(doses.min(), doses.max(), 31):
            height = 0.7 * np.exp(-0.5 * (dose - 9.5) ** 2)
            curve = {"particles_log10": dose, "estimate": height, "low": height - 0.3, "high": height + 0.3}
            rows.append(_key(stratum, measure, domain) | curve)
    return rows


def _contrasts(groups: list[tuple]) -> list[dict]:
    rows = []
    for stratum, measure, domain, effects in groups:
        row = _key(stratum, measure, domain) | _counts(effects)
        row.pop("sensitivity")
        rows.append(row | {"across": "route", "candidate": "linear"} | _FEW)
    return rows


def _ranges(rng: np.random.Generator, groups: list[tuple], tried: list[dict]) -> list[dict]:
    rows = []
    for place, (stratum, measure, domain, effects) in enumerate(groups):
        row = _key(stratum, measure, domain) | _counts(effects)
        if row["studies"] < 6:
            rows += [row | {"question": question} | _FEW for question in ("peak", "width")]
            continue
        p = float(rng.choice([0.0005, 0.03, 0.4]))
        tested = {"estimate": 4.2, "p_value": p, "smallest_p": 0.001}
        rows.append(row | {"question": "peak"} | tested | _DONE)
        width = {"estimate": 1.2, "low": 0.4, "peak_log10": 9.5, "peak_low": 9.0, "peak_high": 10.1}
        width["high"] = (2.5, None, 6.0)[place % 3]
        rows.append(row | {"question": "width"} | (width | _DONE if place % 4 != 3 else _FEW))
    doses = pd.Series(dict.fromkeys(STRATA, 0), dtype=int).add(
        pd.Series([arm["stratum"] for arm in tried if arm["per_administration"] > 0], dtype=object)
        .value_counts(),
        fill_value=0,
    )  # fmt: skip
    shown = {stratum for stratum, *_ in groups}
    bare = [
        stratum for stratum in (ALL, *STRATA) if stratum not in shown and (stratum == ALL or doses[stratum])
    ]
    nothing = {"studies": 0, "arms": 0, "dose_levels": 0, "outcomes": 0}
    for stratum, question in product(bare, ("peak", "width")):
        rows.append(_key(stratum, None, None) | nothing | {"question": question} | _FEW)
    for stratum in (ALL, *STRATA):
        trials = int(doses.sum() if stratum == ALL else doses[stratum]) // 3
        row = _key(stratum, None, None) | nothing | {"question": "concentration", "studies": trials}
        row |= {"arms": trials, "effective": trials // 2, "not_effective": trials - trials // 2}
        spread = {"estimate": 0.6, "spread_tried": 1.1, "p_value": 0.08, "smallest_p": 0.06}
        rows.append(row | (spread | _DONE if trials >= 10 else _FEW))
    return rows


def _powers(rng: np.random.Generator, tried: list[dict]) -> list[dict]:
    rows = []
    known = [arm["stratum"] for arm in tried if arm["per_administration"] > 0]
    for stratum in (ALL, *STRATA):
        if not any(stratum in (ALL, arm["stratum"]) for arm in tried):
            continue
        here = sum(stratum in (ALL, name) for name in known)
        for width, height in product((0.5, 1.0, 2.0), (0.5, 0.8)):
            key = {"stratum": stratum, "width": width, "height": height, "target": TARGET}
            if here < 6:
                rows.append(key | {"arms": here, "at_hand": True, "simulations": 0} | _FEW)
                continue
            reached = 160 if width < 1 else None
            for arms in sorted({10, 20, 40, 80, 160, here}):
                power = float(np.clip(height * np.log10(arms) / 2 / width + rng.normal(0, 0.02), 0.01, 0.99))
                found = {"power": power, "low": max(power - 0.04, 0), "high": min(power + 0.04, 1)}
                row = {"arms": arms, "at_hand": arms == here, "simulations": 400, "arms_needed": reached}
                rows.append(key | found | row | _DONE)
    return rows


def _multiverse(rng: np.random.Generator, size: int) -> list[dict]:
    axes, doses = ("per_administration", "per_day", "cumulative"), ("stated", "converted", "assumed")
    left_out = ["none", *(name for name in PRODUCTS if name and size)]
    rows = []
    for axis, some, arms, without in product(axes, doses, ("exact", "inferred", "ambiguous"), left_out):
        choices = {"axis": axis, "doses": some, "arms": arms, "without_product": without}
        main = (axis, some, arms, without) == ("per_administration", "converted", "inferred", "none")
        row = choices | {"question": "route_shift", "specification": "; ".join(choices.values())}
        row |= {"main": main, "studies": size // 3, "why": "Hodges–Lehmann shift"}
        if size < 10 or (axis == "per_day" and some == "stated"):
            rows.append(row | {"status": NOT_ESTIMABLE})
            continue
        shift = float(rng.normal(-1.5, 1))
        ends = {} if arms == "exact" and some == "stated" else {"low": shift - 0.9, "high": shift + 1.1}
        rows.append(row | {"estimate": shift, "status": ESTIMATED} | ends)
    done = [row for row in rows if row["status"] == ESTIMATED]
    for row in (row for row in done if row["main"]):
        row["surviving"] = sum(_same_side(each, row["estimate"]) for each in done) / len(done)
    slope = {"question": "dose_slope", "specification": "main", "main": True, "studies": 0}
    slope |= {"axis": axes[0], "doses": "converted", "arms": "inferred", "without_product": "none"}
    return [*rows, slope | {"status": NOT_ESTIMABLE, "why": "no study with an effect"}]


def _same_side(row: dict, main: float) -> bool:
    if "low" not in row:
        return False
    return row["low"] > 0 if main > 0 else row["high"] < 0


def _uncertain(size: int) -> list[dict]:
    row = {"analysis": "median_dose", "axis": "per_administration", "stratum": ALL, "studies": size}
    row |= {"arms": 2 * size, "uncertain_arms": size, "imputations": 20 if size else 0}
    found = {"estimate_at_middle": 9.5, "estimate": 9.5, "low": 9.2, "high": 9.8, "variance_share": 0.1}
    return [row | (found | {"status": ESTIMATED} if size else {"status": NOT_ESTIMABLE}) | {"why": "Rubin"}]
