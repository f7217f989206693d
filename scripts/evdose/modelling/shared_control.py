"""What effects of one study share: their control, and with it a part of their variance."""

from __future__ import annotations

import numpy as np
import pandas as pd


def arm_covariance(effects: pd.DataFrame) -> np.ndarray:
    """Sampling covariance (arms × arms) of one study's effects: rows of table EFFECTS of one measure.

    The variances stand on the diagonal. Two arms with the same control share its part of the variance
    (``control_variance``); Hedges' g adds g1 g2 / (2 N), N the participants of these arms and their controls
    (Gleser and Olkin 2009, eq. 19.19). Arms without a control, or with different ones, are independent.
    """
    control = effects["comparator_arm"].to_numpy(float, na_value=np.nan)
    of_control = effects["control_variance"].fillna(0).to_numpy(float)
    shared = np.minimum.outer(of_control, of_control)
    if effects["measure"].iloc[0] == "hedges_g":
        y = effects["estimate"].to_numpy(float)
        shared = shared + np.outer(y, y) / (2 * participants(effects))
    covariance = np.where(np.equal.outer(control, control), shared, 0.0)
    np.fill_diagonal(covariance, effects["variance"])
    return covariance


def participants(effects: pd.DataFrame) -> int:
    """Treated and control participants of effects of table EFFECTS, each control arm once."""
    controls = effects.drop_duplicates(["study_id", "comparator_arm"])
    return int(effects["n_treated"].sum() + controls["n_control"].fillna(0).sum())
