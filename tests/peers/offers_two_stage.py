"""Two-stage dose–response meta-analysis: evdose's numbers beside those of dosresmeta and its papers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import numpy as np
import pandas as pd
from scipy.special import ndtri

from evdose.modelling.estimators.greenland_longnecker import greenland_longnecker, hamling
from evdose.modelling.estimators.mean_differences import mean_differences, standardised_mean_differences
from evdose.modelling.estimators.multivariate_meta import METHODS, MultivariateMeta
from evdose.modelling.estimators.two_stage import (
    Basis,
    DoseStudy,
    linear,
    one_stage,
    predict,
    quadratic,
    restricted_cubic_spline,
    trend,
    two_stage,
)
from places import REFERENCE


@cache
def _table(name: str) -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "reference" / f"{name}.csv")


def _variance(study: pd.DataFrame) -> np.ndarray:
    if "se" in study:
        return study["se"].to_numpy() ** 2
    return ((np.log(study["ub"]) - np.log(study["lb"])) / (2 * ndtri(0.975))).to_numpy() ** 2


def _counts(study: pd.DataFrame) -> tuple[np.ndarray, ...]:
    cases = study["case" if "case" in study else "cases"]
    n = study["peryears" if "peryears" in study else "n"]
    return study["logrr"].to_numpy(), _variance(study), cases.to_numpy(), n.to_numpy()


def _relative_risks(study: pd.DataFrame, design: str) -> DoseStudy:
    counts = _counts(study)
    return DoseStudy(study["dose"].to_numpy(), counts[0][1:], greenland_longnecker(*counts, design))


def _means(study: pd.DataFrame, difference: Callable) -> DoseStudy:
    effects = difference(*(study[name].to_numpy() for name in ("y", "sd", "n")))
    return DoseStudy(study["dose"].to_numpy(), *effects)


def _studies(name: str) -> list[DoseStudy]:
    return [_relative_risks(study, study["type"].iloc[0]) for _, study in _table(name).groupby("id")]


def _trials(difference: Callable) -> list[DoseStudy]:
    return [_means(study, difference) for _, study in _table("ari").groupby("id")]


def _matrix(name: str, matrix: np.ndarray, *, diagonal: bool = True, letter: str = "") -> dict[str, float]:
    rows, columns = np.tril_indices(len(matrix), 0 if diagonal else -1)
    return {
        f"{name}[{letter}{i + 1},{letter}{j + 1}]": matrix[i, j] for i, j in zip(rows, columns, strict=True)
    }


def _fitted(fit: MultivariateMeta) -> dict[str, float]:
    numbers = {f"coef[b{i + 1}]": value for i, value in enumerate(fit.coefficients)}
    numbers |= {f"se[b{i + 1}]": value for i, value in enumerate(fit.se)}
    numbers |= _matrix("vcov", fit.covariance, diagonal=False, letter="b")
    if fit.psi is not None:
        numbers |= _matrix("Psi", fit.psi)
    if fit.log_likelihood is not None:
        numbers["logLik"] = fit.log_likelihood
    return numbers | {"Q": fit.q, "Q_df": fit.q_df, "Q_pval": fit.q_p_value}


def _predicted(
    fit: MultivariateMeta, basis: Basis, doses: list[int], name: str, scale: Callable = np.exp
) -> dict[str, float]:
    names = (name, f"{name}_lb", f"{name}_ub")
    curve = predict(fit, basis, np.array(doses))
    return {
        f"{label}[dose={dose}]": scale(value)
        for label, values in zip(names, curve, strict=True)
        for dose, value in zip(doses, values, strict=True)
    }


def _per(fit: MultivariateMeta, delta: int) -> dict[str, float]:
    curve = predict(fit, linear, np.array([delta]))
    names = ("", "_lb", "_ub")
    return {f"RR_delta{delta}{end}": np.exp(v[0]) for end, v in zip(names, curve, strict=True)}


def _knots(name: str, shares: list[float]) -> np.ndarray:
    return np.quantile(_table(name)["dose"], shares)


def _one_study(name: str) -> dict[str, float]:
    fit = trend(_relative_risks(_table(name), name[:2]), linear)
    return _fitted(fit) | (_per(fit, 11) if name == "cc_ex" else {})


def _case_control(method: Callable) -> dict[str, float]:
    return _matrix("S", method(*_counts(_table("cc_ex"))))


def _pooled(name: str, basis: Basis, method: str) -> dict[str, float]:
    fit = two_stage(_studies(name), basis, method)
    numbers = _fitted(fit)
    if (name, basis, method) == ("alcohol_crc", linear, "reml"):
        numbers |= _per(fit, 12)
    if (name, basis, method) == ("alcohol_cvd", quadratic, "reml"):
        numbers |= _predicted(fit, basis, [0, 12, 24, 36, 45], "RR")
    return numbers


def _one_stage() -> dict[str, float]:
    studies = _studies("alcohol_cvd")
    fit = one_stage(studies, linear)
    squares = sum(np.sum((study.dose - study.dose[0]) ** 2) for study in studies)
    # mixmeta leaves REML's constant ½ log|Σ XᵀX| out here, though not in a two-stage analysis.
    return _fitted(fit) | {"logLik": fit.log_likelihood - np.log(squares) / 2}


def _each_study() -> dict[str, float]:
    numbers = {}
    for i, study in enumerate(_studies("alcohol_cvd"), start=1):
        fit = trend(study, linear)
        numbers |= {f"coef[id={i}]": fit.coefficients[0], f"se[id={i}]": fit.se[0]}
    return numbers


def _spline_of_relative_risks() -> dict[str, float]:
    knots = _knots("alcohol_crc", [0.05, 0.35, 0.65, 0.95])
    basis = restricted_cubic_spline(knots)
    fit = two_stage(_studies("alcohol_crc"), basis)
    bend = fit.wald([1, 2])
    return (
        {f"knot{i + 1}": knot for i, knot in enumerate(knots)}
        | _fitted(fit)
        | {"wald_nonlinearity_X2": bend.statistic, "wald_nonlinearity_p": bend.p_value}
        | _predicted(fit, basis, list(range(0, 61, 12)), "RR")
    )


def _spline_of_mean_differences() -> dict[str, float]:
    knots = _knots("ari", [0.1, 0.5, 0.9])
    basis = restricted_cubic_spline(knots)
    fit = two_stage(_trials(mean_differences), basis)
    doses = np.linspace(0, 30, 5000)  # the peer takes the peak and the ED from this grid
    effect = predict(fit, basis, doses).effect
    peak = effect.argmax()
    rising = effect[:peak]
    return (
        {f"knot{i + 1}": knot for i, knot in enumerate(knots)}
        | _fitted(fit)
        | _predicted(fit, basis, list(range(0, 31, 5)), "MD", float)
        | {"dose_of_max_effect": doses[peak], "max_effect": effect[peak]}
        | {f"ED{s}": doses[np.abs(rising - s / 100 * effect[peak]).argmin()] for s in (50, 80)}
    )


def _cutler() -> pd.DataFrame:
    return _table("ari").query("author == 'Cutler 2006'")


def _cutler_differences() -> dict[str, float]:
    study = _cutler()
    difference = mean_differences(*(study[name].to_numpy() for name in ("y", "sd", "n")))
    values = {"md": difference.estimate, "v": np.diag(difference.covariance)}
    return _matrix("S", difference.covariance) | {
        f"{name}[{i + 1}]": value for name, v in values.items() for i, value in enumerate([0.0, *v])
    }


def _cutler_spline() -> dict[str, float]:
    basis = restricted_cubic_spline(_knots("ari", [0.1, 0.5, 0.9]))
    return _fitted(trend(_means(_cutler(), mean_differences), basis))


def _without(quantities: tuple[str, ...], offer: Callable[[], dict[str, float]]) -> dict[str, float]:
    """The numbers but those that can't agree; not_offered.csv says why, one by one."""
    return {name: value for name, value in offer().items() if name not in quantities}


_OF_PSI = ("Psi[2,1]", "Psi[2,2]", "Psi[3,1]", "Psi[3,2]", "Psi[3,3]")
_UNLIKE = {
    ("alcohol_crc", "linear_gl_2stage_reml"): ("Q",),
    ("alcohol_crc", "rcs4_gl_2stage_reml"): ("Q", "logLik", "wald_nonlinearity_p", *_OF_PSI),
    ("alcohol_crc", "linear_gl_2stage_mm"): ("se[b1]",),
    ("alcohol_cvd", "linear_gl_1stage_reml"): ("se[b1]",),
    ("alcohol_cvd", "quadratic_gl_2stage_mm"): (
        *("coef[b1]", "coef[b2]", "se[b1]", "se[b2]", "vcov[b2,b1]", "Psi[1,1]", "Psi[2,1]", "Psi[2,2]"),
    ),
}
ANALYSES = {
    ("cc_ex", "covar_gl"): partial(_case_control, partial(greenland_longnecker, design="cc")),
    ("cc_ex", "covar_hamling"): partial(_case_control, hamling),
    **{(name, "linear_gl"): partial(_one_study, name) for name in ("cc_ex", "ci_ex", "ir_ex")},
    **{
        (name, f"{basis.__name__}_gl_2stage_{method}"): partial(_pooled, name, basis, method)
        for name, basis in (("alcohol_cvd", linear), ("alcohol_cvd", quadratic), ("alcohol_crc", linear))
        for method in METHODS
    },
    ("alcohol_cvd", "linear_gl_1stage_reml"): _one_stage,
    ("alcohol_cvd", "linear_gl_study_specific"): _each_study,
    ("alcohol_crc", "rcs4_gl_2stage_reml"): _spline_of_relative_risks,
    ("ari", "cutler_md"): _cutler_differences,
    ("ari", "cutler_rcs3_md"): _cutler_spline,
    ("ari", "rcs3_md_2stage_reml"): _spline_of_mean_differences,
    ("ari", "quadratic_smd_2stage_reml"): lambda: _fitted(
        two_stage(_trials(standardised_mean_differences), quadratic)
    ),
}
ANALYSES |= {name: partial(_without, quantities, ANALYSES[name]) for name, quantities in _UNLIKE.items()}
