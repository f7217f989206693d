"""Pooling, meta-regression, small-study effects, influence: metafor, meta and statsmodels on public data."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from evdose.modelling.estimators.effect_size import Counts, log_odds_ratio
from evdose.modelling.estimators.influence import leave_one_out
from evdose.modelling.estimators.meta_regression import MetaRegression, regress
from evdose.modelling.estimators.pooling import pool
from evdose.modelling.estimators.small_study_effects import begg_test, egger_test
from peers.offers_effect_size import effects_of
from places import REFERENCE

# By the names of the grid. The empirical Bayes estimator, like the iterated ones of DerSimonian and Laird and
# of Sidik and Jonkman, solves the equation of Paule and Mandel.
_METHODS = {name: name for name in ("EE", "DL", "PM", "ML", "REML")} | {"EB": "PM"}
_RR, _EGGER = "dat_bcg:RR", "dat_egger2001:OR"
_TESTS = {"": "z", "knha": "knha", "adhoc": "guarded"}


# Numbers of the grid from fits that stopped at metafor's default threshold: one by one in not_offered.csv.
_NOT_CONVERGED = {
    ("dat_bcg:OR", "ML"): ("tau2_qprofile_lb",),
    ("dat_bcg:OR", "metareg_ablat_ML"): ("se[intrcpt]", "R2_percent"),
    (_EGGER, "REML"): (
        *("se[mu]", "pval[mu]", "ci_lb[mu]", "tau2", "se_tau2"),
        *("I2_percent", "H2", "pi_lb_default", "pi_ub_default"),
    ),
    (_EGGER, "egger_rma_REML_sei"): ("z",),
    (_RR, "cumul_row_order_REML"): ("mu[4]", "mu[5]", "mu[10]"),
}


def _frame(name: str) -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "reference" / f"{name}.csv")


def studies(dataset: str) -> tuple[np.ndarray, np.ndarray]:
    """Effects and variances of a data set of the grid."""
    if dataset in ("kacker2004", "dat_konstantopoulos2011"):
        frame = _frame(dataset)
        return frame["yi"].to_numpy(float), frame["vi"].to_numpy(float)
    if dataset == "dat_egger2001:OR":
        frame = _frame("dat_egger2001")
        effect = log_odds_ratio(Counts(frame["ai"], frame["n1i"]), Counts(frame["ci"], frame["n2i"]))
    else:
        effect = effects_of(dataset)
    known = np.isfinite(effect.estimate)
    return np.asarray(effect.estimate)[known], np.asarray(effect.variance)[known]


def fit_of(dataset: str, analysis: str, covariates: tuple[str, ...] = ()) -> MetaRegression:
    method, _, test = analysis.partition("+")
    y, v = studies(dataset)
    frame = _frame(dataset.partition(":")[0])
    design = np.column_stack([np.ones(len(y)), *(frame[name] for name in covariates)])
    return regress(y, v, design, method=_METHODS[method], test=_TESTS[test])


def _numbers(fit: MetaRegression, names: tuple[str, ...]) -> dict[str, float]:
    of_coefficient = {
        "beta": fit.coefficients,
        "se": fit.se,
        "stat": fit.statistic,
        "pval": fit.p_value,
        "ci_lb": fit.low,
        "ci_ub": fit.high,
    }
    found = {
        f"{key}[{name}]": x for key, xs in of_coefficient.items() for name, x in zip(names, xs, strict=True)
    }
    return found | {
        "k": len(fit.effects.y),
        "tau2": fit.tau2,
        "se_tau2": fit.tau2_se,
        "I2_percent": fit.i2,
        "H2": fit.h2,
        "Q": fit.q,
        "Q_pval": fit.q_p_value,
    }


def _pooled(dataset: str, analysis: str) -> dict[str, float]:
    fit = fit_of(dataset, analysis)
    # metafor's default: the distribution of the confidence interval.
    predicted = fit.predict(np.ones((1, 1)), prediction_df=fit.df)
    interval = fit.tau2_interval()
    return _numbers(fit, ("mu",)) | {
        "pi_lb_default": predicted.prediction_low[0],
        "pi_ub_default": predicted.prediction_high[0],
        "tau2_qprofile_lb": interval.tau2_low,
        "tau2_qprofile_ub": interval.tau2_high,
        "I2_qprofile_lb": interval.i2_low,
        "I2_qprofile_ub": interval.i2_high,
    }


def _regressed(dataset: str, covariates: tuple[str, ...], analysis: str) -> dict[str, float]:
    fit = fit_of(dataset, analysis, covariates)
    return _numbers(fit, ("intrcpt", *covariates)) | {
        "R2_percent": fit.r2,
        "QM": fit.qm,
        "QM_pval": fit.qm_p_value,
    }


def _odds_ratio_scale(dataset: str) -> dict[str, float]:
    pooled = pool(*studies(dataset), method="ML", test="z")
    return dict(
        zip(("OR", "OR_lb", "OR_ub"), np.exp([pooled.estimate, pooled.low, pooled.high]), strict=True)
    )


def _two_level(dataset: str) -> dict[str, float]:
    fit = fit_of(dataset, "REML")
    return {"beta": fit.coefficients[0], "se": fit.se[0], "tau2": fit.tau2, "se_tau2": fit.tau2_se}


def _metabin() -> dict[str, float]:
    """On statsmodels' copy of the table, which has 18 and 22 events where metadat has 11 and 18."""
    frame = _frame("dat_fine1993")
    frame.loc[[0, 1], "e2i"] = [18, 22]
    y, v, _ = log_odds_ratio(*(Counts(frame[f"{arm}2i"], frame[f"n{arm}i"]) for arm in "ec"))
    common, pooled = pool(y, v, method="EE", test="z"), pool(y, v, method="DL", test="knha")
    return {
        "TE_fixed": common.estimate,
        "seTE_fixed": common.se,
        "TE_random": pooled.estimate,
        "seTE_random": pooled.se,
        "lower_random": pooled.low,
        "upper_random": pooled.high,
        "lower_predict": pooled.prediction_low,
        "upper_predict": pooled.prediction_high,
        "Q": pooled.q,
        "pval_Q": pooled.q_p_value,
        "tau2": pooled.tau2,
        "I2": pooled.i2 / 100,
        "H": np.sqrt(pooled.q / (len(y) - 1)),
    }


def _kacker_table(dataset: str) -> dict[str, float]:
    return {"tau[PM]": np.sqrt(fit_of(dataset, "PM").tau2)}


def _egger(dataset: str, method: str, test: str) -> dict[str, float]:
    found = egger_test(*studies(dataset), method=method, test=test)
    named = "z" if test == "z" else "t"
    return {named: found.statistic, "pval": found.p_value, "limit_est": found.limit}


def _on_size(dataset: str) -> dict[str, float]:
    y, v = studies(dataset)
    sizes = _frame("dat_egger2001")[["n1i", "n2i"]].sum(axis=1)
    fit = regress(y, v, np.column_stack([np.ones(len(y)), 1 / np.sqrt(sizes)]), method="EE", test="knha")
    return {"t": fit.statistic[1]}


def _begg(dataset: str) -> dict[str, float]:
    found = begg_test(*studies(dataset))
    return {"kendall_tau": found.tau, "pval": found.p_value}


def _left_out(dataset: str) -> dict[str, float]:
    found = leave_one_out(*studies(dataset), test="z")
    columns = {"mu": found.estimate, "tau2": found.tau2}
    return {f"{name}[-{i}]": x for name, xs in columns.items() for i, x in enumerate(xs, 1)}


def _influence(dataset: str) -> dict[str, float]:
    found = leave_one_out(*studies(dataset), test="z")
    columns = {"rstudent": found.deleted_residual, "cook_d": found.cook_distance, "hat": found.weight}
    return {f"{name}[{i}]": x for name, xs in columns.items() for i, x in enumerate(xs, 1)}


def _cumulative(dataset: str) -> dict[str, float]:
    (y, v), order = studies(dataset), _frame("dat_bcg")["year"].argsort(kind="stable")
    return {f"mu[{i}]": pool(y[order[:i]], v[order[:i]]).estimate for i in range(2, len(y) + 1)}


def _iterated_moments(dataset: str) -> dict[str, float]:
    return {"tau2": fit_of(dataset, "PM").tau2}


_BCG = (
    "EE",
    *(f"{method}{test}" for method in ("DL", "REML", "PM") for test in ("", "+knha", "+adhoc")),
    "ML",
    "EB",
)
_POOLED = {
    **{f"dat_bcg:{measure}": _BCG for measure in ("OR", "RR", "RD")},
    **{f"dat_normand1999:{measure}": ("EE", "DL", "REML", "REML+knha") for measure in ("MD", "SMD")},
    **{f"synthetic_proportions:{measure}": ("REML",) for measure in ("PR", "PLO")},
    "dat_egger2001:OR": ("REML",),
    "dat_fine1993:OR_year2": ("DL", "DL+knha"),
    "kacker2004": ("PM", "DL", "DL+knha", "EE", "EE+knha", "REML"),
}
_ALL: dict[tuple[str, str], Callable[[], dict[str, float]]] = {
    (dataset, analysis): partial(_pooled, dataset, analysis)
    for dataset, analyses in _POOLED.items()
    for analysis in analyses
} | {
    (_RR, "metareg_ablat_REML"): partial(_regressed, _RR, ("ablat",), "REML"),
    (_RR, "metareg_ablat_DL"): partial(_regressed, _RR, ("ablat",), "DL"),
    (_RR, "metareg_ablat_REML+knha"): partial(_regressed, _RR, ("ablat",), "REML+knha"),
    (_RR, "metareg_ablat+year_REML"): partial(_regressed, _RR, ("ablat", "year"), "REML"),
    ("dat_bcg:OR", "metareg_ablat_ML"): partial(_regressed, "dat_bcg:OR", ("ablat",), "ML"),
    ("dat_bcg:OR", "ML_exp_scale"): partial(_odds_ratio_scale, "dat_bcg:OR"),
    (_RR, "DLIT/SJIT"): partial(_iterated_moments, _RR),
    ("dat_konstantopoulos2011", "two_level_REML"): partial(_two_level, "dat_konstantopoulos2011"),
    ("dat_fine1993:OR_year2", "meta::metabin_DL_HK"): _metabin,
    ("kacker2004", "tau_table1"): partial(_kacker_table, "kacker2004"),
    (_RR, "egger_rma_REML_sei"): partial(_egger, _RR, "REML", "z"),
    (_RR, "egger_lm_sei"): partial(_egger, _RR, "EE", "knha"),
    (_EGGER, "egger_rma_REML_sei"): partial(_egger, _EGGER, "REML", "z"),
    (_EGGER, "regtest_lm_sqrtninv"): partial(_on_size, _EGGER),
    (_RR, "begg_ranktest"): partial(_begg, _RR),
    (_EGGER, "begg_ranktest"): partial(_begg, _EGGER),
    (_RR, "leave1out_REML"): partial(_left_out, _RR),
    (_RR, "influence_REML"): partial(_influence, _RR),
    (_RR, "cumul_by_year_REML"): partial(_cumulative, _RR),
    # By year too, whatever its name: the study that its last step adds is the eighth, of 1980.
    (_RR, "cumul_row_order_REML"): partial(_cumulative, _RR),
}


def _converged(key: tuple[str, str]) -> dict[str, float]:
    left_out = _NOT_CONVERGED.get(key, ())
    return {quantity: value for quantity, value in _ALL[key]().items() if quantity not in left_out}


ANALYSES = {key: partial(_converged, key) for key in _ALL}
