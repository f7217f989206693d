"""Synthesis over studies: random-effects pooling of effects, and a sign test of their directions.

One effect a study, its primary outcome; a model stays within one table, measure, outcome domain and route
stratum (or all routes). Effects that rest on derived counts are left out. A group too small gets a row that
says what it lacks.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from evdose.modelling.binomial_normal import pool_proportions
from evdose.modelling.evidence import strata_present
from evdose.modelling.exact import clopper_pearson, sign_test
from evdose.modelling.pooling import pool, q_profile
from evdose.modelling.tables import ESTIMATED, NOT_ESTIMABLE, SYNTHESIS
from evdose.tables import frame_of

ALL = "all"


def synthesise(effects: pd.DataFrame, effect_direction: pd.DataFrame, models: dict) -> pd.DataFrame:
    """Table SYNTHESIS of tables EFFECTS and EFFECT_DIRECTION; ``models`` as in config.yaml."""
    rows = [
        _pooled_row(stratum, group, models)
        for stratum, of_stratum in _by_stratum(effects)
        for _, group in of_stratum.groupby(["effect_table", "measure", "outcome_domain"])
    ]
    rows += [_sign_row(stratum, arms, models) for stratum, arms in _by_stratum(effect_direction)]
    return frame_of(rows, SYNTHESIS)


def combine_arms(effects: pd.DataFrame) -> tuple[float, float]:
    """Effect of one study and its variance, from its arms by generalised least squares.

    Arms that share a control share its part of the variance; Hedges' g adds g1 g2 / (2 N), N the participants
    of the study (Gleser and Olkin 2009). Arms without a control are independent.
    """
    y, shared = effects["estimate"].to_numpy(float), effects["control_variance"].fillna(0).to_numpy(float)
    covariance = np.minimum.outer(shared, shared)
    if effects["measure"].iloc[0] == "hedges_g":
        covariance = covariance + np.outer(y, y) / (2 * _participants(effects))
    np.fill_diagonal(covariance, effects["variance"])
    weight = np.linalg.solve(covariance, np.ones(len(y)))
    return float(weight @ y / weight.sum()), float(1 / weight.sum())


def _by_stratum(table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    yield ALL, table
    for stratum in strata_present(table["stratum"]):
        yield stratum, table[table["stratum"] == stratum]


def _pooled_row(stratum: str, group: pd.DataFrame, models: dict) -> dict:
    used = group[group["primary"] & ~group["derived"]]
    studies, needed = used["study_id"].nunique(), models["min_studies_pooling"]
    row = {name: group[name].iloc[0] for name in ("effect_table", "measure", "outcome_domain")} | {
        "analysis": "random_effects",
        "stratum": stratum,
        "studies": studies,
        "arms": len(used),
        "participants": _participants(used),
        "status": NOT_ESTIMABLE,
    }
    if studies < max(2, needed):
        return row | {"why": f"{_studies(studies)}; pooling needs {max(2, needed)}{_left_out(group, used)}"}
    if row["measure"] == "proportion":
        return row | _pooled_proportion(used, models["confidence"])
    return row | _pooled_effect(used, models["confidence"])


def _pooled_effect(used: pd.DataFrame, confidence: float) -> dict:
    y, v = np.array([combine_arms(arms) for _, arms in used.groupby("study_id")]).T
    pooled = pool(y, v, confidence=confidence)
    tau2_low, tau2_high = q_profile(y, v, confidence)
    why = (
        f"REML, Knapp–Hartung interval that is never narrower than the effects' own variances allow; "
        f"τ² {tau2_low:.3g} to {tau2_high:.3g} (Q-profile){_caution(used)}"
    )
    same = ("estimate", "low", "high", "prediction_low", "prediction_high", "tau2", "i2", "q", "p_value")
    row = {name: getattr(pooled, name) for name in same} | {"status": ESTIMATED, "why": why}
    if used["measure"].iloc[0] == "risk_difference":
        row |= {name: float(np.clip(row[name], -1, 1)) for name in same[1:5]}
    return row


def _pooled_proportion(used: pd.DataFrame, confidence: float) -> dict:
    counts = used.assign(events=(used["estimate"] * used["n_treated"]).round())
    of_study = counts.groupby("study_id")[["events", "n_treated"]].sum()
    events, n = of_study["events"].to_numpy(float), of_study["n_treated"].to_numpy(float)
    try:
        pooled = pool_proportions(events, n, confidence)
    except ValueError as error:
        return {"why": str(error)}
    why = (
        "binomial model with a normal random intercept, maximum likelihood; τ² on the logit scale, too small "
        f"on average where studies are few; no control: natural recovery is part of it{_caution(used)}"
    )
    same = ("estimate", "low", "high", "prediction_low", "prediction_high", "tau2")
    return {name: getattr(pooled, name) for name in same} | {"status": ESTIMATED, "why": why}


def _sign_row(stratum: str, arms: pd.DataFrame, models: dict) -> dict:
    """Sign test over controlled studies: a vote each, where all its arms here point the same way."""
    controlled = arms[arms["controlled"]]
    clear = controlled[controlled["direction"].isin(["benefit", "harm"])]
    agreed = clear.groupby("study_id")["direction"].transform("nunique") == 1
    voting = clear[agreed]
    votes = voting.drop_duplicates("study_id")["direction"]
    benefit, n = int(votes.eq("benefit").sum()), len(votes)
    row = {
        "analysis": "sign_test",
        "effect_table": "controlled",
        "measure": "direction",
        "outcome_domain": ALL,
        "stratum": stratum,
        "studies": n,
        "arms": len(voting),
        "participants": voting["n"].sum(),
        "status": NOT_ESTIMABLE,
    }
    counted = f"{_studies(n)} with a clear direction, of {controlled['study_id'].nunique()} with a control"
    if n < 2:
        return row | {"why": f"{counted}; the sign test needs 2"}
    test = sign_test(benefit, n - benefit)
    low, high = clopper_pearson(benefit, n, models["confidence"])
    limit = "; can't reject at this size" if test.smallest_p > 1 - models["confidence"] else ""
    return row | {
        "estimate": benefit / n,
        "low": low,
        "high": high,
        "p_value": test.p_value,
        "smallest_p": test.smallest_p,
        "status": ESTIMATED,
        "why": f"{counted}: {benefit} benefit, {n - benefit} harm; exact binomial test{limit}",
    }


def _participants(effects: pd.DataFrame) -> int:
    """Treated and control participants, each control arm once."""
    controls = effects.drop_duplicates(["study_id", "comparator_arm"])
    return int(effects["n_treated"].sum() + controls["n_control"].fillna(0).sum())


def _studies(n: int) -> str:
    return f"{n} {'study' if n == 1 else 'studies'}"


def _left_out(group: pd.DataFrame, used: pd.DataFrame) -> str:
    """How many studies of the group are not used, and why."""
    unused = group[~group["study_id"].isin(used["study_id"])]
    derived = unused.loc[unused["derived"], "study_id"].nunique()
    secondary = unused.loc[~unused["derived"], "study_id"].nunique()
    parts = [
        f"{_studies(derived)} left out: counts worked back" if derived else "",
        f"{_studies(secondary)} left out: not the primary outcome" if secondary else "",
    ]
    return "".join(f"; {part}" for part in parts if part)


def _caution(used: pd.DataFrame) -> str:
    names = used["outcome"].nunique()
    parts = [
        "2 studies tell nothing of heterogeneity; no prediction interval"
        if used["study_id"].nunique() == 2
        else "",
        f"{names} outcomes of different names pooled as one" if names > 1 else "",
        "final values and changes together" if used["equation"].nunique() > 1 else "",
    ]
    return "".join(f"; {part}" for part in parts if part)
