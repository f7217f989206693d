"""Data sets on which evdose and the R packages are compared: the reference sets, and 50 simulated ones.

Each kind of data is one table; the column ``set`` names the data set.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from evdose.modelling.estimators.effect_size import Counts, Sample, hedges_g, log_odds_ratio, log_risk_ratio
from evdose.randomness import generator

SEED = 20261122
SIMULATED = {"effects": 20, "tables": 8, "means": 4, "nested": 4, "trials": 8, "binary": 6}
_TAUS = (0.0, 0.1, 0.4, 1.0)


def data_sets(reference: Path | None) -> dict[str, pd.DataFrame]:
    """Tables by kind; ``reference`` is the folder of the reference sets, None where a machine lacks it.

    ``effects``: y, v, x of independent studies; ``tables``: 2 × 2 tables (ai of n1i, ci of n2i); ``means``:
    two arms; ``nested``: effects within inner within outer groups; ``trials``: responses at doses;
    ``binary``: outcomes y and covariates x1 to x4 (empty where a set has fewer), some of which separate.
    """
    simulated = {
        kind: [
            globals()[f"_{kind}"](generator(SEED, "peers", kind, str(i)), i).assign(
                set=f"simulated_{i + 1:02d}"
            )
            for i in range(count)
        ]
        for kind, count in SIMULATED.items()
    }
    known = _reference(reference) if reference else {}
    return {kind: pd.concat([*known.get(kind, []), *sets]) for kind, sets in simulated.items()}


def _effects(rng: np.random.Generator, i: int) -> pd.DataFrame:
    k = (3, 5, 8, 15, 40)[i % 5]
    v = rng.uniform(0.02, 0.5, k) * (10.0 if i >= 15 else 1.0)
    x = rng.normal(size=k)
    y = 0.3 + 0.2 * x + _TAUS[i % 4] * rng.normal(size=k) + np.sqrt(v) * rng.normal(size=k)
    return pd.DataFrame({"y": y, "v": v, "x": x})


def _tables(rng: np.random.Generator, i: int) -> pd.DataFrame:
    k, control = (4, 8)[i % 2], (0.02, 0.05, 0.2, 0.5)[i // 2]
    n1, n2 = rng.integers(10, 60, (2, k))
    odds = control / (1 - control) * np.exp(0.5 + _TAUS[i % 4] * rng.normal(size=k))
    return pd.DataFrame(
        {"ai": rng.binomial(n1, odds / (1 + odds)), "n1i": n1, "ci": rng.binomial(n2, control, k), "n2i": n2}
    )


def _means(rng: np.random.Generator, i: int) -> pd.DataFrame:
    k = 5
    n1, n2 = rng.integers(4, 50, (2, k))
    sd1, sd2 = rng.uniform(0.5, 3, (2, k))
    m1, m2 = rng.normal(size=(2, k)) * (i + 1)
    return pd.DataFrame({"m1i": m1, "sd1i": sd1, "n1i": n1, "m2i": m2, "sd2i": sd2, "n2i": n2})


def _nested(rng: np.random.Generator, i: int) -> pd.DataFrame:
    outer = np.repeat(np.arange(6 + 2 * i), rng.integers(1, 6, 6 + 2 * i))
    v = rng.uniform(0.01, 0.2, len(outer))
    between, within = _TAUS[i], _TAUS[-1 - i]
    y = between * rng.normal(size=outer.max() + 1)[outer] + rng.normal(size=len(v)) * np.sqrt(v + within**2)
    return pd.DataFrame({"outer": outer, "inner": np.arange(len(v)), "y": y, "v": v})


def _trials(rng: np.random.Generator, i: int) -> pd.DataFrame:
    levels = np.r_[0, np.sort(rng.choice(np.arange(1, 20), 2 + i % 4, replace=False)) * 5.0]
    dose = np.repeat(levels, rng.integers(8, 40, len(levels)))
    half, height = levels[1], (0.0, 0.4, 0.8, 1.5)[i // 2]
    return pd.DataFrame({"dose": dose, "resp": height * dose / (half + dose) + rng.normal(size=len(dose))})


def _binary(rng: np.random.Generator, i: int) -> pd.DataFrame:
    n = (20, 60)[i % 2]
    x = pd.DataFrame(rng.normal(size=(n, 1 + i % 3)), columns=[f"x{j + 1}" for j in range(1 + i % 3)])
    noise = (0.0, 0.3, 1.0)[i // 2]  # none: the first covariate separates the outcomes
    return x.assign(y=(x["x1"] + noise * rng.normal(size=n) > 0.2).astype(int))


def _reference(folder: Path) -> dict[str, list[pd.DataFrame]]:
    def read(name: str) -> pd.DataFrame:
        return pd.read_csv(folder / f"{name}.csv")

    def effects(name: str, y: np.ndarray, v: np.ndarray, x: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame({"set": name, "y": y, "v": v, "x": x}).dropna()

    def counts(name: str, ai: pd.Series, n1i: pd.Series, ci: pd.Series, n2i: pd.Series) -> pd.DataFrame:
        return pd.DataFrame({"set": name, "ai": ai, "n1i": n1i, "ci": ci, "n2i": n2i})

    bcg, egger, fine = (read(f"dat_{name}") for name in ("bcg", "egger2001", "fine1993"))
    normand, kacker = read("dat_normand1999"), read("kacker2004")
    schools = read("dat_konstantopoulos2011")
    tables = [
        counts("dat_bcg", bcg["tpos"], bcg["tpos"] + bcg["tneg"], bcg["cpos"], bcg["cpos"] + bcg["cneg"]),
        counts("dat_egger2001", *(egger[name] for name in ("ai", "n1i", "ci", "n2i"))),
        counts("dat_fine1993", *(fine[name] for name in ("e2i", "nei", "c2i", "nci"))).dropna(),
    ]
    arms = [(Counts(table["ai"], table["n1i"]), Counts(table["ci"], table["n2i"])) for table in tables]
    odds = [log_odds_ratio(*pair) for pair in arms]
    risk = log_risk_ratio(*arms[0])
    g = hedges_g(*(Sample(normand[f"m{arm}i"], normand[f"sd{arm}i"], normand[f"n{arm}i"]) for arm in "12"))
    return {
        "tables": tables,
        "means": [normand[["m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"]].assign(set="dat_normand1999")],
        "effects": [
            effects("dat_bcg:OR", odds[0].estimate, odds[0].variance, bcg["ablat"]),
            effects("dat_bcg:RR", risk.estimate, risk.variance, bcg["ablat"]),
            effects("dat_egger2001:OR", odds[1].estimate, odds[1].variance, np.log(egger["n1i"])),
            effects("dat_fine1993:OR", odds[2].estimate, odds[2].variance, np.arange(len(tables[2]))),
            effects("dat_normand1999:SMD", g.estimate, g.variance, np.log(normand["n1i"])),
            effects("kacker2004", kacker["yi"], kacker["vi"], np.arange(len(kacker))),
        ],
        "nested": [
            schools.rename(columns={"district": "outer", "school": "inner", "yi": "y", "vi": "v"})[
                ["outer", "inner", "y", "v"]
            ].assign(set="dat_konstantopoulos2011")
        ],
        "trials": [
            read("biom").assign(set="biom"),
            read("IBScovars")[["dose", "resp"]].assign(set="IBScovars"),
        ],
        "binary": [
            read("endometrial")
            .rename(columns={"HG": "y", "NV": "x1", "PI": "x2", "EH": "x3"})
            .assign(set="endometrial"),
            read("synthetic_separation").rename(columns={"dose": "x1"}).assign(set="synthetic_separation"),
            read("firth_separation_seed42").assign(set="firth_separation_seed42"),
        ],
    }
