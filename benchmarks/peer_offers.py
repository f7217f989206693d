"""What evdose says of the data sets of peer_data.py, under the names of the R functions, and its times."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from evdose.modelling.estimators import effect_size
from evdose.modelling.estimators.arm_counts import firth_logistic
from evdose.modelling.estimators.dose_estimates import dose_responses
from evdose.modelling.estimators.dose_model_fit import DoseFit, fit_dose_model
from evdose.modelling.estimators.dose_models import SHAPES
from evdose.modelling.estimators.hypergeometric_normal import pool_odds_ratios, tables
from evdose.modelling.estimators.mcp_mod import Candidate, contrast_test, optimal_contrasts
from evdose.modelling.estimators.meta_regression import MetaRegression, regress
from evdose.modelling.estimators.multilevel import fit_multilevel
from evdose.modelling.estimators.pooling import q_profile

Numbers = dict[str, float]
Call = Callable[[], object]
TESTS = {"z": "z", "knha": "knha", "adhoc": "guarded"}
THEIR_SHAPES = {
    "linear": "linear",
    "quadratic": "quadratic",
    "emax": "emax",
    "exponential": "exponential",
    "logistic": "logistic",
    "sigEmax": "sigmoid_emax",
    "betaMod": "beta",
}
MEASURES = {
    "OR": effect_size.log_odds_ratio,
    "RR": effect_size.log_risk_ratio,
    "RD": effect_size.risk_difference,
    "MD": effect_size.mean_difference,
    "SMD": effect_size.hedges_g,
}


def _listed(prefix: str, values: np.ndarray) -> Numbers:
    return {f"{prefix}[{i + 1}]": value for i, value in enumerate(values) if np.isfinite(value)}


def _of_fit(fit: MetaRegression, test: str) -> Numbers:
    columns = {"beta": fit.coefficients, "se": fit.se, "p": fit.p_value, "low": fit.low, "high": fit.high}
    numbers = {f"{test}:{name}{i + 1}": x for name, xs in columns.items() for i, x in enumerate(xs)}
    return numbers | {f"{test}:tau2": fit.tau2, f"{test}:Q": fit.q, f"{test}:Q_p": fit.q_p_value}


def _pooling(data: pd.DataFrame) -> dict[str, tuple[Call, Callable]]:
    y, v, x = (data[name].to_numpy() for name in ("y", "v", "x"))
    ones = np.ones((len(y), 1))
    design = np.column_stack([ones, x])

    def fits(design: np.ndarray, method: str, tests: tuple[str, ...]) -> dict[str, MetaRegression]:
        return {test: regress(y, v, design, method=method, test=TESTS[test]) for test in tests}

    def numbers(found: dict[str, MetaRegression]) -> Numbers:
        return {name: x for test, fit in found.items() for name, x in _of_fit(fit, test).items()}

    def with_moderator(found: dict[str, MetaRegression]) -> Numbers:
        return numbers(found) | {"QM": found["z"].qm, "QM_p": found["z"].qm_p_value}

    offers = {
        f"rma {method}": (lambda method=method: fits(ones, method, tuple(TESTS)), numbers)
        for method in ("EE", "DL", "PM", "ML", "REML")
    }
    if len(y) > 3:
        offers["rma REML with moderator"] = (lambda: fits(design, "REML", ("z", "knha")), with_moderator)
    return offers | {
        "Q-profile interval of tau2": (
            lambda: q_profile(y, v),
            lambda ends: dict(zip(("low", "high"), ends, strict=True)),
        )
    }


def _of_effects(effects: effect_size.EffectSize) -> Numbers:
    return _listed("y", np.asarray(effects.estimate)) | _listed("v", np.asarray(effects.variance))


def _counts(data: pd.DataFrame) -> dict[str, tuple[Call, Callable]]:
    a, n1, c, n2 = (data[name].to_numpy() for name in ("ai", "n1i", "ci", "n2i"))
    arms = effect_size.Counts(a, n1), effect_size.Counts(c, n2)
    offers = {f"escalc {m}": (lambda m=m: MEASURES[m](*arms), _of_effects) for m in ("OR", "RR", "RD")}
    return offers | {
        "rma.glmm CM.EL": (
            lambda: pool_odds_ratios(tables(a, n1, c, n2)),
            lambda fit: {"beta": fit.estimate, "tau2": fit.tau2, "se": fit.se},
        )
    }


def _means(data: pd.DataFrame) -> dict[str, tuple[Call, Callable]]:
    arms = [
        effect_size.Sample(*(data[f"{name}{arm}i"].to_numpy() for name in ("m", "sd", "n"))) for arm in "12"
    ]
    return {f"escalc {m}": (lambda m=m: MEASURES[m](*arms), _of_effects) for m in ("MD", "SMD")}


def _nested(data: pd.DataFrame) -> dict[str, tuple[Call, Callable]]:
    y, v, outer, inner = (data[name].to_numpy() for name in ("y", "v", "outer", "inner"))
    levels = {"outer": outer, "inner": [f"{o}/{i}" for o, i in zip(outer, inner, strict=True)]}
    return {
        "rma.mv three levels": (
            lambda: fit_multilevel(y, np.diag(v), levels),
            lambda fit: {
                "beta": fit.coefficients[0],
                "se": fit.se[0],
                **fit.variances,
                "log_likelihood": fit.log_likelihood,
            },
        )
    }


def _trials(data: pd.DataFrame) -> dict[str, tuple[Call, Callable]]:
    dose, response = data["dose"].to_numpy(), data["resp"].to_numpy()
    top = dose.max()
    guesses = {
        "linear": (),
        "emax": (0.2 * top,),
        "quadratic": (-0.85 / top,),
        "logistic": (0.4 * top, 0.09 * top),
    }

    def test() -> object:
        estimates = dose_responses(dose, response)
        candidates = [Candidate(name, SHAPES[name], guess) for name, guess in guesses.items()]
        means = np.stack([candidate.mean(estimates.dose, estimates.largest) for candidate in candidates])
        return contrast_test(estimates, optimal_contrasts(means, estimates.covariance), alpha=0.025)

    def curve(fit: DoseFit) -> Numbers:
        return _listed("effect", fit.effect(np.unique(dose))) | {"RSS": fit.criterion}

    offers = {
        "MCTtest: statistics": (test, lambda found: _listed("t", found.statistic)),
        "MCTtest: critical value": (test, lambda found: {"critical": found.critical_value}),
        "MCTtest: adjusted p": (test, lambda found: _listed("p", found.p_value)),
    }
    for theirs, ours in THEIR_SHAPES.items():
        if len(SHAPES[ours].parameters) <= len(np.unique(dose)):
            call = lambda ours=ours: fit_dose_model(dose_responses(dose, response), SHAPES[ours])  # noqa: E731
            offers[f"fitMod {theirs}: curve"] = (call, curve)
            offers[f"fitMod {theirs}: coefficients"] = (call, lambda fit: _listed("coef", fit.coefficients))
    return offers


def _binary(data: pd.DataFrame) -> dict[str, tuple[Call, Callable]]:
    x = data.filter(regex=r"^x\d$").dropna(axis=1)
    names = [*x.columns, "(Intercept)"]

    def numbers(fit: object) -> Numbers:
        values = zip(names, fit.coefficients, fit.se, strict=True)
        return {key: number for name, b, se in values for key, number in ((name, b), (f"se {name}", se))}

    return {"brglmFit": (lambda: firth_logistic(x.to_numpy(), data["y"].to_numpy()), numbers)}


OURS = {
    "effects": _pooling,
    "tables": _counts,
    "means": _means,
    "nested": _nested,
    "trials": _trials,
    "binary": _binary,
}


def ours(data: dict[str, pd.DataFrame], rounds: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """evdose's numbers (method, set, quantity, value) and its median times (method, set, seconds)."""
    numbers, seconds = [], []
    for kind, offers in OURS.items():
        for name, table in data[kind].groupby("set", sort=False):
            for method, (call, read) in offers(table).items():
                try:
                    found = read(call())
                except ValueError:
                    continue  # refused
                numbers += [(method, name, quantity, value) for quantity, value in found.items()]
                seconds.append((method, name, statistics.median(_seconds(call) for _ in range(rounds))))
    return (
        pd.DataFrame(numbers, columns=["method", "set", "quantity", "value"]),
        pd.DataFrame(seconds, columns=["method", "set", "seconds"]),
    )


def _seconds(call: Call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
