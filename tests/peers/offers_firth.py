"""Firth's logistic regression: brglm2 and logistf on public data that separate."""

from __future__ import annotations

import pandas as pd

from evdose.modelling.estimators.arm_counts import FirthFit, firth_logistic
from places import REFERENCE


def _fit(name: str, y: str) -> tuple[list[str], FirthFit]:
    data = pd.read_csv(REFERENCE / "reference" / f"{name}.csv")
    x = data.drop(columns=y)
    return list(x.columns), firth_logistic(x.to_numpy(float), data[y].to_numpy())


def _brglm2(name: str, y: str) -> dict[str, float]:
    names, fit = _fit(name, y)
    names = [*names, "(Intercept)"]
    found = {f"coef[{n}]": value for n, value in zip(names, fit.coefficients, strict=True)}
    found |= {f"se[{n}]": value for n, value in zip(names, fit.se, strict=True)}
    return found | {"penalised_loglik": fit.log_likelihood}


def _logistf() -> dict[str, float]:
    names, fit = _fit("firth_separation_seed42", "y")
    columns = {
        "coef": fit.coefficients,
        "lrt_p": fit.p_value,
        "profile_lb": fit.low,
        "profile_ub": fit.high,
    }
    names = [*names, "Intercept"]
    return {f"{c}[{n}]": v for c, values in columns.items() for n, v in zip(names, values, strict=True)}


ANALYSES = {
    ("endometrial", "firth_HG~NV+PI+EH"): lambda: _brglm2("endometrial", "HG"),
    ("synthetic_separation", "firth_y~dose"): lambda: _brglm2("synthetic_separation", "y"),
    ("firth_separation_seed42", "logistf"): _logistf,
}
