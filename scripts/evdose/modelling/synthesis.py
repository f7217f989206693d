"""Synthesis over studies: pooled effects, what dependence and rare events do to them, and a sign test.

A pooled effect rests on one effect a study, its primary outcome, within one group (``effect_groups``); the
three-level model takes all effects of a study. A group too small gets a row that says what it lacks.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from evdose.modelling.dependent_effects import several_effects, three_level_row
from evdose.modelling.effect_direction import DIRECTION_OF_AUTHORS
from evdose.modelling.effect_groups import EffectGroup, bounded, counts, effect_groups, number_of_studies
from evdose.modelling.effects import SIGN_TURNED
from evdose.modelling.estimators.binomial_normal import pool_proportions
from evdose.modelling.estimators.exact import clopper_pearson, sign_test
from evdose.modelling.estimators.pooling import pool, q_profile
from evdose.modelling.estimators.small_study_effects import egger_test
from evdose.modelling.evidence import strata_present
from evdose.modelling.rare_events import COUNTED, conditional_logistic_row, on_tau2
from evdose.modelling.shared_control import arm_covariance
from evdose.modelling.tables import ALL, ESTIMATED, MAIN, NOT_ESTIMABLE, SYNTHESIS
from evdose.tables import frame_of

_VOTES_NEEDED = 2
FEW_IN_A_CELL = 5  # participants below which a log ratio and its variance are visibly tied


def synthesise(effects: pd.DataFrame, effect_direction: pd.DataFrame, models: dict) -> pd.DataFrame:
    """Table SYNTHESIS of tables EFFECTS and EFFECT_DIRECTION; ``models`` as in config.yaml."""
    groups = effect_groups(effects)
    needed, confidence = max(2, models["min_studies_pooling"]), models["confidence"]
    pooled = [_pooled_row(group, needed, confidence) for group in groups]
    rows = list(pooled)
    rows += [
        conditional_logistic_row(group, needed, confidence) for group in groups if group.measure == COUNTED
    ]
    rows += [
        three_level_row(group, several, needed, confidence)
        for group in groups
        if group.sensitivity == MAIN and len(several := several_effects(group))
    ]
    rows += [
        _egger_row(group, models["min_studies_small_study_effects"], confidence)
        for group, row in zip(groups, pooled, strict=True)
        if group.sensitivity == MAIN and group.measure != "proportion" and row["status"] == ESTIMATED
    ]
    rows += [_sign_row(stratum, arms, confidence) for stratum, arms in _by_stratum(effect_direction)]
    return frame_of(rows, SYNTHESIS)


def combine_arms(effects: pd.DataFrame) -> tuple[float, float]:
    """Effect of one study and its variance, from its arms by generalised least squares.

    Weights are the inverse of their covariance (``shared_control.arm_covariance``).
    """
    y = effects["estimate"].to_numpy(float)
    weight = np.linalg.solve(arm_covariance(effects), np.ones(len(y)))
    return float(weight @ y / weight.sum()), float(1 / weight.sum())


def _pooled_row(group: EffectGroup, needed: int, confidence: float) -> dict:
    used = group.effects
    row = {**group.key, **counts(used), "analysis": "random_effects", "status": NOT_ESTIMABLE}
    if (studies := row["studies"]) < needed:
        more = number_of_studies(needed - studies, "more")
        return row | {
            "why": f"{number_of_studies(studies)}; pooling needs {needed}{group.left_out()}",
            "needs": f"{more} with such an effect of the primary outcome",
        }
    pooled = _pooled_proportion if group.measure == "proportion" else _pooled_effect
    return bounded(row | pooled(group, confidence))


def _pooled_effect(group: EffectGroup, confidence: float) -> dict:
    y, v = _one_a_study(group.effects)
    pooled = pool(y, v, confidence=confidence)
    tau2_low, tau2_high = q_profile(y, v, confidence)
    why = (
        f"REML, Knapp–Hartung interval that is never narrower than the effects' own variances allow; "
        f"τ² {tau2_low:.3g} to {tau2_high:.3g} (Q-profile){_caution(group)}"
    )
    same = ("estimate", "low", "high", "prediction_low", "prediction_high", "tau2", "i2", "q", "p_value")
    row = {name: getattr(pooled, name) for name in same}
    return row | {"df": len(y) - 1, "status": ESTIMATED, "why": why}


def _one_a_study(used: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    y, v = np.array([combine_arms(arms) for _, arms in used.groupby("study_id")]).T
    return y, v


def _pooled_proportion(group: EffectGroup, confidence: float) -> dict:
    of_study = group.effects.groupby("study_id")[["events_treated", "n_treated"]].sum()
    try:
        pooled = pool_proportions(*of_study.to_numpy(float).T, confidence)
    except ValueError as error:
        return {
            "why": f"the better outcome in {error}",
            "needs": "a study in which some participants, not all and not none, have the better outcome",
        }
    why = (
        "binomial model with a normal random intercept, maximum likelihood on the logit scale; t interval; "
        f"{on_tau2(pooled.tau2)}; no control: natural recovery is part of it{_caution(group)}"
    )
    same = ("estimate", "low", "high", "prediction_low", "prediction_high", "tau2", "df")
    return {name: getattr(pooled, name) for name in same} | {"status": ESTIMATED, "why": why}


def _egger_row(group: EffectGroup, needed: int, confidence: float) -> dict:
    """Egger's test; only where effects could be pooled."""
    y, v = _one_a_study(group.effects)
    row = {**group.key, **counts(group.effects), "analysis": "egger", "status": NOT_ESTIMABLE}
    if len(y) < needed:
        return row | {
            "why": f"{number_of_studies(len(y))}; below {needed} Egger's test can't tell chance from bias",
            "needs": f"{number_of_studies(needed - len(y), 'more')} with such an effect",
        }
    try:
        test = egger_test(y, v, min_studies=needed)
    except ValueError as error:
        return row | {"why": str(error), "needs": "studies of different sizes"}
    df = len(y) - 2
    half = -stdtrit(df, (1 - confidence) / 2) * test.slope_se
    return row | {
        "estimate": test.slope,
        "low": test.slope - half,
        "high": test.slope + half,
        "df": df,
        "p_value": test.p_value,
        "status": ESTIMATED,
        "why": "regression of effects on their standard errors; small-study effects have other reasons than "
        "missing studies, too; effects and their standard errors rest on the same numbers, so that it can "
        "reject too often",
    }


def _by_stratum(table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    yield ALL, table
    for stratum in strata_present(table["stratum"]):
        yield stratum, table[table["stratum"] == stratum]


def _sign_row(stratum: str, arms: pd.DataFrame, confidence: float) -> dict:
    """Sign test over controlled studies: a vote each, where all its arms here point the same way.

    Votes are directions of effect, whatever their size or p-value (Cochrane Handbook, section 12.2.1.3).
    """
    controlled = arms[arms["controlled"]]
    clear = controlled[controlled["direction"].isin(["benefit", "harm"])]
    # Known only because p was low enough for the authors to speak: such votes can't fall on harm.
    by_significance = clear["why"].str.contains(DIRECTION_OF_AUTHORS, regex=False).astype(bool)
    left_out = clear.loc[by_significance, "study_id"].nunique()
    clear = clear[~by_significance]
    agreed = clear.groupby("study_id")["direction"].transform("nunique") == 1
    voting = clear[agreed]
    votes = voting.drop_duplicates("study_id")["direction"]
    benefit, n = int(votes.eq("benefit").sum()), len(votes)
    row = {
        "analysis": "sign_test",
        "effect_table": "controlled",
        "measure": "direction",
        "stratum": stratum,
        "outcome_domain": ALL,
        "sensitivity": MAIN,
        "studies": n,
        "arms": len(voting),
        "participants": voting["n"].sum(),
        "outcomes": voting["outcome"].nunique(),
        "status": NOT_ESTIMABLE,
    }
    counted = (
        f"{number_of_studies(n)} with a clear direction, of {controlled['study_id'].nunique()} with a control"
    )
    if left_out:
        counted += f" ({left_out} left out: direction known only because p was low)"
    if n < _VOTES_NEEDED:
        more = number_of_studies(_VOTES_NEEDED - n, "more")
        return row | {
            "why": f"{counted}; the sign test needs {_VOTES_NEEDED}",
            "needs": f"{more} with a control whose numbers show a direction",
        }
    test = sign_test(benefit, n - benefit)
    low, high = clopper_pearson(benefit, n, confidence)
    limit = "; can't reject at this size" if test.smallest_p > 1 - confidence else ""
    return row | {
        "estimate": benefit / n,
        "low": low,
        "high": high,
        "p_value": test.p_value,
        "smallest_p": test.smallest_p,
        "status": ESTIMATED,
        "why": f"{counted}: {benefit} benefit, {n - benefit} harm; exact binomial test of directions, "
        f"which says nothing of the size of effects{limit}",
    }


def _caution(group: EffectGroup) -> str:
    used, names = group.effects, group.effects["outcome"].nunique()
    on_changes = used["equation"].str.contains("changes from baseline", regex=False)
    turned = used["equation"].str.contains(SIGN_TURNED, regex=False)
    from_odds = used["measure"].eq("log_odds_ratio").any()
    trials = used.drop_duplicates("study_id")["trial_id"].dropna()
    parts = [
        "2 studies tell nothing of heterogeneity; no prediction interval"
        if used["study_id"].nunique() == 2
        else "",
        "studies of one trial taken as independent" if trials.duplicated().any() else "",
        f"{names} outcomes of different names pooled as one" if names > 1 else "",
        "final values and changes together" if on_changes.nunique() > 1 else "",
        "risk ratios of the better and of the worse outcome together" if turned.nunique() > 1 else "",
        _few_in_cells(used),
        "log odds ratios turned into g (× √3/π)" if from_odds and group.measure == "hedges_g" else "",
    ]
    return "".join(f"; {part}" for part in parts if part)


def _few_in_cells(used: pd.DataFrame) -> str:
    """Warning of log ratios that rest on few participants; empty where there are none, or no counts."""
    smallest = _smallest_cell(used).where(used["measure"].str.startswith("log_"))
    corrected, few = (
        used.loc[smallest.lt(least).fillna(False), "study_id"].nunique() for least in (1, FEW_IN_A_CELL)
    )
    if not few:
        return ""
    studies = number_of_studies(few)
    cause = f"fewer than {FEW_IN_A_CELL} participants in a cell of {studies}: ratio and variance are tied"
    if corrected:
        cause += (
            f", and 0.5 added to the empty cells of {number_of_studies(corrected)} pulls ratios towards 1"
        )
    return (
        f"{cause}; where studies are many or differ the interval may hold the truth less often than it says; "
        "conditional_logistic uses the counts themselves"
    )


def _smallest_cell(used: pd.DataFrame) -> pd.Series:
    """Fewest participants of an effect with, or without, the event in one of the arms."""
    cells = [used[f"events_{arm}"] for arm in ("treated", "control")]
    cells += [used[f"n_{arm}"] - used[f"events_{arm}"] for arm in ("treated", "control")]
    return pd.concat(cells, axis=1).astype("Float64").min(axis=1)
