"""Several effects of one study pooled as dependent: three-level model with cluster-robust errors.

All effects of a measure and domain enter, not the primary outcome alone: arms, outcomes and time points of a
study. What they share within the study goes into the sampling covariance as far as it is known; the
correlation between outcomes of the same participants, which no study prints, is assumed, and CR2 errors hold
also where that is wrong (Pustejovsky and Tipton 2022).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.linalg import block_diag

from evdose.modelling.effect_groups import EffectGroup, bounded, counts, number_of_studies
from evdose.modelling.estimators.cluster_robust import cluster_robust
from evdose.modelling.estimators.multilevel import fit_multilevel
from evdose.modelling.shared_control import participants
from evdose.modelling.tables import ESTIMATED, NOT_ESTIMABLE

CORRELATION = 0.6  # assumed between two outcomes, or time points, of the same participants
_SIZES = ["study_id", "comparator_arm", "n_treated", "n_control"]
_PARAMETERS = 3  # mean, variance between studies, variance within
_FEWEST_DF = 4  # below which a test with CR2 errors isn't reliable (Tipton 2015)


def several_effects(group: EffectGroup) -> pd.DataFrame:
    """The group's effects with a variance on numbers as printed, where some study has several; else none."""
    printed = group.candidates[
        ~group.candidates["derived"]
        & ~group.candidates["estimated_moments"]
        & group.candidates["variance"].gt(0).fillna(False)
    ]
    one_each = ["study_id", "arm", "outcome", "timepoint_days"]
    found = printed.drop_duplicates(one_each).sort_values([*one_each, "locator"], ignore_index=True)
    return found if found["study_id"].duplicated().any() else found.iloc[:0]


def three_level_row(group: EffectGroup, effects: pd.DataFrame, needed: int, confidence: float) -> dict:
    """Row of table SYNTHESIS for ``effects`` (:func:`several_effects`) of ``group``.

    Needs ``needed`` studies, and two more than the model has parameters.
    """
    needed = max(needed, _PARAMETERS + 2)
    studies = effects["study_id"].nunique()
    row = {**group.key, **counts(effects), "analysis": "three_level", "status": NOT_ESTIMABLE}
    counted = f"{len(effects)} effects of {number_of_studies(studies)}"
    if studies < needed:
        return row | {
            "why": f"{counted}; the three-level model needs {needed} studies",
            "needs": f"{number_of_studies(needed - studies, 'more')} with such an effect",
        }
    blocks = [within_study_covariance(of_study) for _, of_study in effects.groupby("study_id", sort=False)]
    y, study = effects["estimate"].to_numpy(float), pd.factorize(effects["study_id"])[0]
    levels = {"study": study, "effect": np.arange(len(y))}
    model = fit_multilevel(y, block_diag(*blocks), levels, confidence=confidence)
    robust = cluster_robust(y, model.covariance, study, confidence=confidence)
    df = float(robust.df[0])
    caution = (
        f"; fewer than {_FEWEST_DF} degrees of freedom: interval and p-value aren't reliable (Tipton 2015)"
    )
    row |= {
        "estimate": float(robust.coefficients[0]),
        "low": float(robust.low[0]),
        "high": float(robust.high[0]),
        "p_value": float(robust.p_values[0]),
        "df": df,
        "tau2": model.variances["study"],
        "tau2_within": model.variances["effect"],
        "status": ESTIMATED,
        "why": f"{counted}; three-level model, REML, correlation {CORRELATION:g} assumed between outcomes "
        f"of the same participants; CR2 errors by study, Satterthwaite degrees of freedom {df:.1f}"
        + (caution if df < _FEWEST_DF else ""),
    }
    return bounded(row)


def within_study_covariance(effects: pd.DataFrame) -> np.ndarray:
    """Sampling covariance (effects × effects) of one study's effects of one measure; positive definite.

    The variance has three parts: of the treated arm, of the control, and, in Hedges' g, of the common SD
    (g² / (2 N), Gleser and Olkin 2009). Effects share a part where they share the arm or the control; between
    different outcomes or time points what they share is multiplied by ``CORRELATION``.
    """
    arm, outcome = effects["arm"].to_numpy(), effects["outcome"].to_numpy()
    time = effects["timepoint_days"].fillna(-1).to_numpy(float)
    control = effects["comparator_arm"].to_numpy(float, na_value=np.nan)
    of_control = effects["control_variance"].fillna(0).to_numpy(float)
    y = effects["estimate"].to_numpy(float)
    # Of the outcome with most: with fewer than an effect has, the parts would exceed its variance.
    total = effects.groupby(["outcome", "timepoint_days"], dropna=False)[_SIZES].apply(participants).max()
    of_sd = y / np.sqrt(2 * total) if effects["measure"].iloc[0] == "hedges_g" else np.zeros(len(y))
    of_arm = effects["variance"].to_numpy(float) - of_control - of_sd**2
    shared = np.equal.outer(arm, arm) * np.sqrt(np.outer(of_arm, of_arm))
    same_control = np.equal.outer(control, control)
    shared = shared + same_control * (np.sqrt(np.outer(of_control, of_control)) + np.outer(of_sd, of_sd))
    alike = np.equal.outer(outcome, outcome) & np.equal.outer(time, time)
    covariance = shared * np.where(alike, 1.0, CORRELATION)
    np.fill_diagonal(covariance, effects["variance"])
    return covariance
