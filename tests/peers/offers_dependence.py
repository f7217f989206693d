"""Dependent effects: three-level model and cluster-robust errors beside metafor's and clubSandwich's."""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import pandas as pd

from evdose.modelling.estimators.cluster_robust import cluster_robust
from evdose.modelling.estimators.effect_size import Counts, log_risk_ratio
from evdose.modelling.estimators.multilevel import Multilevel, fit_multilevel
from evdose.modelling.estimators.multivariate_meta import Study, multivariate_meta
from evdose.modelling.estimators.pooling import pool
from places import REFERENCE


@cache
def _table(name: str) -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "reference" / f"{name}.csv")


def _schools(method: str) -> Multilevel:
    """Schools in districts."""
    table = _table("dat_konstantopoulos2011")
    levels = {"district": table["district"], "school": table["study"]}
    return fit_multilevel(table["yi"], np.diag(table["vi"]), levels, method=method)


def _three_level(method: str) -> dict[str, float]:
    fit = _schools(method)
    variances = {f"sigma2_{level}": variance for level, variance in fit.variances.items()}
    return {"beta": fit.coefficients[0], "se": fit.se[0]} | variances


def _robust(correction: str) -> dict[str, float]:
    """Log risk ratios with REML weights, each trial a cluster."""
    bcg = _table("dat_bcg")
    arms = (Counts(bcg[f"{arm}pos"], bcg[f"{arm}pos"] + bcg[f"{arm}neg"]) for arm in "tc")
    effect = log_risk_ratio(*arms)
    total = np.diag(effect.variance + pool(effect.estimate, effect.variance).tau2)
    fit = cluster_robust(effect.estimate, total, bcg["trial"], correction=correction)
    return {
        "var[mu]": fit.covariance[0, 0],
        "se": fit.se[0],
        "df": fit.df[0],
        "t": fit.coefficients[0] / fit.se[0],
        "pval": fit.p_values[0],
    }


def _both_arms() -> dict[str, float]:
    """Log odds of control and vaccinated arms as two outcomes, their covariance between trials free."""
    bcg = _table("dat_bcg")
    odds = np.log(np.column_stack([bcg[f"{arm}pos"] / bcg[f"{arm}neg"] for arm in "ct"]))
    variance = np.column_stack([1 / bcg[f"{arm}pos"] + 1 / bcg[f"{arm}neg"] for arm in "ct"])
    studies = [Study(y, np.eye(2), np.diag(v)) for y, v in zip(odds, variance, strict=True)]
    fit = multivariate_meta(studies, method="ml")
    control, treated = np.diag(fit.psi)
    return {
        "mu[CON]": fit.coefficients[0],
        "mu[EXP]": fit.coefficients[1],
        "tau2[CON]": control,
        "tau2[EXP]": treated,
        "rho": fit.psi[0, 1] / np.sqrt(control * treated),
        "tau2_logOR": control + treated - 2 * fit.psi[0, 1],
    }


ANALYSES = {
    ("dat_konstantopoulos2011", "three_level_ML"): partial(_three_level, "ML"),
    ("dat_konstantopoulos2011", "three_level_REML"): partial(_three_level, "REML"),
    ("dat_bcg:RR", "robust_CR1_REML"): partial(_robust, "CR1"),
    ("dat_bcg:RR", "rma.mv_robust_CR1_by_trial"): partial(_robust, "CR1"),
    ("dat_bcg:RR", "rma.mv_robust_clubSandwich_CR2_by_trial"): partial(_robust, "CR2"),
    ("dat_bcg:OR", "bivariate_UN_ML_logodds"): _both_arms,
}
