"""MCP-Mod, dose–response fits and multivariate t probabilities, as DoseFinding and mvtnorm give them."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from evdose.modelling.estimators.dose_estimates import DoseEstimates, dose_responses
from evdose.modelling.estimators.dose_model_fit import DoseFit, fit_dose_model
from evdose.modelling.estimators.dose_models import SHAPES
from evdose.modelling.estimators.mcp_mod import Candidate, contrast_test, optimal_contrasts
from evdose.modelling.estimators.multivariate_t import LargestOf
from places import REFERENCE

DATA = REFERENCE / "reference"
THEIR_NAMES = {
    "linear": "linear",
    "linear_log": "linlog",
    "quadratic": "quadratic",
    "emax": "emax",
    "exponential": "exponential",
    "logistic": "logistic",
    "sigmoid_emax": "sigEmax",
    "beta": "betaMod",
}


def _biom() -> DoseEstimates:
    data = pd.read_csv(DATA / "biom.csv")
    return dose_responses(data["dose"].to_numpy(), data["resp"].to_numpy())


def _ibs(adjusted: bool) -> DoseEstimates:
    data = pd.read_csv(DATA / "IBScovars.csv")
    gender = (data["gender"] == 2).to_numpy(float)[:, None]
    return dose_responses(data["dose"].to_numpy(), data["resp"].to_numpy(), gender if adjusted else None)


def _glycobrom() -> DoseEstimates:
    data = pd.read_csv(DATA / "glycobrom.csv")
    return DoseEstimates(data["dose"], data["fev1"], np.diag(data["sdev"] ** 2))


def _means(largest: float, dose: np.ndarray, **candidates: tuple) -> dict[str, np.ndarray]:
    """Means of candidates by name; a list of numbers stands for means at the active doses."""
    named = {}
    for name, (shape, *guesses) in candidates.items():
        fixed = shape == "means"
        named[name] = (
            np.r_[0.0, guesses] if fixed else Candidate(name, SHAPES[shape], guesses).mean(dose, largest)
        )
    return named


def _labels(dose: np.ndarray) -> list[str]:
    return [f"{level:g}" for level in dose]


def _contrast_rows(contrasts: np.ndarray, names: list[str], dose: np.ndarray) -> dict[str, float]:
    return {
        f"contrast[{name},dose={level}]": contrasts[j, i]
        for j, name in enumerate(names)
        for i, level in enumerate(_labels(dose))
    }


def _mct(data: DoseEstimates, contrasts: np.ndarray, names: list[str]) -> dict[str, float]:
    test = contrast_test(data, contrasts, alpha=0.025)
    rows = _contrast_rows(contrasts, names, data.dose)
    for i, name in enumerate(names):
        rows[f"tstat[{name}]"], rows[f"adjp[{name}]"] = test.statistic[i], test.p_value[i]
        rows |= {f"corr[{name},{other}]": test.correlation[i, j] for j, other in enumerate(names[:i])}
    return rows | {"critVal": test.critical_value}


def _shapes_test(read, candidates: dict[str, tuple]) -> dict[str, float]:
    data = read()
    k = len(data.dose)
    means = _means(data.largest, data.dose, **candidates)
    contrasts = optimal_contrasts(np.stack(list(means.values())), data.covariance[:k, :k])
    return _mct(data, contrasts, list(means))


def _dunnett() -> dict[str, float]:
    data = _biom()
    return _mct(
        data, np.hstack([-np.ones((4, 1)), np.eye(4)]), [f"D{level}" for level in _labels(data.dose)[1:]]
    )


_GLYCOBROM_CANDIDATES = {
    "emax1": ("emax", 2.6),
    "emax2": ("emax", 12.5),
    "sigEmax": ("sigmoid_emax", 30.5, 3.5),
    "quadratic": ("quadratic", -0.00776),
}


def _vignette_contrasts() -> dict[str, float]:
    dose = _glycobrom().dose
    means = _means(100.0, dose, **_GLYCOBROM_CANDIDATES)
    return _contrast_rows(optimal_contrasts(np.stack(list(means.values())), np.eye(5)), list(means), dose)


def _fit_rows(fit: DoseFit, delta: float, names: dict[str, str], criterion: str) -> dict[str, float]:
    rows = {criterion: fit.aic, f"TD[Delta={delta}]": fit.target_dose(delta)}
    rows |= {f"ED{share:.0f}": fit.effective_dose(share / 100) for share in (50, 90)}
    for name, value, se in zip(fit.names, fit.coefficients, fit.se, strict=True):
        rows |= {f"coef[{names.get(name, name)}]": value, f"se[{names.get(name, name)}]": se}
    return rows | ({"RSS": fit.criterion, "df": fit.df} if criterion == "AIC" else {})


def _fitted(
    read, shape: str, delta: float, bounds=None, names=None, criterion: str = "AIC"
) -> dict[str, float]:
    return _fit_rows(fit_dose_model(read(), SHAPES[shape], bounds), delta, names or {}, criterion)


def _compared() -> tuple[dict[str, float], dict[str, float]]:
    fits = {name: fit_dose_model(_biom(), SHAPES[name]) for name in ("linear", "emax")}
    aic = {f"AIC[{name}]": fit.aic for name, fit in fits.items()}
    return aic, {f"TD[{name}]": fit.target_dose(0.5) for name, fit in fits.items()}


def _probability(correlation: np.ndarray, df: float, bound: float) -> dict[str, float]:
    return {"P(all<=upper)": LargestOf(correlation, df).all_below(bound)}


_README = np.array([[1, 0.768, 0.843], [0.768, 1, 0.948], [0.843, 0.948, 1]])
_EQUAL = np.full((5, 5), 0.5) + 0.5 * np.eye(5)

ANALYSES = {
    ("biom", "MCTtest:man_MCPMod_models"): partial(
        _shapes_test,
        _biom,
        {
            "linear": ("linear",),
            "emax1": ("emax", 0.05),
            "emax2": ("emax", 0.2),
            "linInt": ("means", 1, 1, 1, 1),
        },
    ),
    ("biom", "MCTtest:man_MCTtest_modlist"): partial(
        _shapes_test,
        _biom,
        {
            "emax": ("emax", 0.05),
            "linear": ("linear",),
            "logistic": ("logistic", 0.5, 0.1),
            "linInt": ("means", 0, 1, 1, 1),
        },
    ),
    ("biom", "MCTtest:six_shapes"): partial(
        _shapes_test,
        _biom,
        {
            "emax": ("emax", 0.2),
            "linear": ("linear",),
            "exponential": ("exponential", 0.28),
            "quadratic": ("quadratic", -0.85),
            "logistic": ("logistic", 0.4, 0.09),
            "betaMod": ("beta", 0.33, 2.31),
        },
    ),
    ("biom", "MCTtest:dunnett"): _dunnett,
    ("IBScovars", "MCTtest:README"): partial(
        _shapes_test,
        partial(_ibs, adjusted=True),
        {"linear": ("linear",), "emax": ("emax", 0.2), "quadratic": ("quadratic", -0.17)},
    ),
    ("glycobrom", "optContr:vignette_w1"): _vignette_contrasts,
    ("glycobrom", "MCTtest:general_S=diag(sdev^2)_df=Inf"): partial(
        _shapes_test, _glycobrom, _GLYCOBROM_CANDIDATES
    ),
    **{
        ("biom", f"fitMod:{theirs}"): partial(_fitted, _biom, ours, 0.4)
        for ours, theirs in THEIR_NAMES.items()
    },
    ("IBScovars", "fitMod:emax_bnds(0.01,4)"): partial(
        _fitted, partial(_ibs, adjusted=False), "emax", 0.2, bounds=[0.01, 4]
    ),
    ("IBScovars", "fitMod:emax_gender_bnds(0.01,4)"): partial(
        _fitted,
        partial(_ibs, adjusted=True),
        "emax",
        0.2,
        bounds=[0.01, 4],
        names={"covariate1": "gender2"},
    ),
    ("glycobrom", "fitMod:emax_general"): partial(_fitted, _glycobrom, "emax", 0.1, criterion="gAIC"),
    ("biom", "MCPMod:man_example_AIC"): lambda: _compared()[0],
    ("biom", "MCPMod:man_example_TD"): lambda: _compared()[1],
    ("mvt", "README_corr_df364_upper3.208"): partial(_probability, _README, 364, 3.208),
    ("mvt", "README_corr_df5_upper2"): partial(_probability, _README, 5, 2),
    ("mvt", "README_corr_df30_upper2.2"): partial(_probability, _README, 30, 2.2),
    ("mvt", "equicorr0.5_dim5_df95_upper2.2"): partial(_probability, _EQUAL, 95, 2.2),
    ("mvt", "equicorr0.5_dim5_df10_upper2.7"): partial(_probability, _EQUAL, 10, 2.7),
    ("mvt", "equicorr0.5_dim5_normal_upper2.2"): partial(_probability, _EQUAL, np.inf, 2.2),
    ("mvt", "dunnett_equicorr0.5_dim4_df95_onesided5pct"): lambda: {
        "critical_value": LargestOf(_EQUAL[:4, :4], 95).critical_value(0.05)
    },
}
