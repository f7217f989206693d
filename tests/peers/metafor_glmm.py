"""metafor's conditional logistic model (``rma.glmm``, model CM.EL) run in R on counts given to it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from io import StringIO

import numpy as np
import pandas as pd

from evdose.modelling.estimators.hypergeometric_normal import log_likelihood, pool_odds_ratios, tables

COLUMNS = ("events_treated", "n_treated", "events_control", "n_control")
_PACKAGES = "quit(status = as.integer(!all(sapply(c('metafor', 'lme4'), requireNamespace, quietly = TRUE))))"
# lme4 is asked for by rma.glmm whatever the model; 'dnoncenhypergeom' is metafor's own density.
_SCRIPT = """
suppressMessages(library(metafor))
given <- read.csv(file("stdin"))
found <- lapply(split(given, given$data_set), function(d) {
  seconds <- system.time(fit <- tryCatch(suppressWarnings(rma.glmm(
    measure = "OR", ai = events_treated, n1i = n_treated, ci = events_control, n2i = n_control, data = d,
    model = "CM.EL", control = list(dnchgcalc = "dnoncenhypergeom"))), error = function(e) NULL))[["elapsed"]]
  numbers <- if (is.null(fit)) rep(NA, 4) else c(fit$beta[1], fit$se, fit$tau2, as.numeric(logLik(fit)))
  data.frame(data_set = d$data_set[1], estimate = numbers[1], se = numbers[2], tau2 = numbers[3],
             log_likelihood = numbers[4], seconds = seconds)
})
write.csv(format(do.call(rbind, found), digits = 15), row.names = FALSE, quote = FALSE)
"""


@cache
def runs_here() -> bool:
    """Whether R, metafor and lme4 are there."""
    if shutil.which("Rscript") is None:
        return False
    return subprocess.run(["Rscript", "-e", _PACKAGES], check=False, capture_output=True).returncode == 0


def metafor_glmm(data_sets: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One row a data set: estimate, se, tau2, log_likelihood (empty where it doesn't converge), seconds.

    It often doesn't where τ² is 0. A data set has ``COLUMNS`` and a row a study.
    """
    together = pd.concat([data[list(COLUMNS)].assign(data_set=i) for i, data in enumerate(data_sets)])
    ran = subprocess.run(
        ["Rscript", "-e", _SCRIPT],
        input=together.to_csv(index=False),
        capture_output=True,
        text=True,
        check=True,
    )
    return pd.read_csv(StringIO(ran.stdout)).sort_values("data_set", ignore_index=True)


def evdose_glmm(data: pd.DataFrame) -> dict[str, float]:
    """The same numbers of evdose."""
    pooled = pool_odds_ratios(tables(*(data[name] for name in COLUMNS)))
    return {name: getattr(pooled, name) for name in ("estimate", "se", "tau2", "log_likelihood")}


def evdose_log_likelihood(data: pd.DataFrame, estimate: float, tau2: float) -> float:
    """evdose's log likelihood at given values."""
    return log_likelihood(estimate, np.sqrt(tau2), tables(*(data[name] for name in COLUMNS)))


def simulated(seed: int, studies: int = 6, tau: float = 0.8) -> pd.DataFrame:
    """Small studies of a rare event: some 5 % of the controls have it."""
    random = np.random.default_rng(seed)
    n_treated, n_control = random.integers(20, 60, (2, studies))
    logit = np.log(0.05 / 0.95) + random.normal(0, 0.5, studies)
    effect = -0.5 + tau * random.normal(0, 1, studies)
    events = [
        random.binomial(n, 1 / (1 + np.exp(-at)))
        for n, at in ((n_treated, logit + effect), (n_control, logit))
    ]
    return pd.DataFrame(dict(zip(COLUMNS, (events[0], n_treated, events[1], n_control), strict=True)))
