"""What a claim is put to: the run's tables, and what an analysis gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evdose.modelling.estimators.exact import clopper_pearson
from evdose.modelling.tables import VERDICTS

REPRODUCED, IN_PART, NOT_REPRODUCED, CONTRADICTED, NOT_TESTABLE = VERDICTS

Claim = Mapping[str, Any]


@dataclass(frozen=True)
class Evidence:
    """Tables of one scenario.

    ``trials``: rows of the included trials; ``arms``: their experimental arms (``landscape.tried_arms``);
    ``routes`` and ``doses``: the rows of these arms in the tables of that name; ``judged``: published arms
    whose effect could be judged (``landscape.judged_arms``); the rest are tables as they stand.
    """

    claims: pd.DataFrame
    trials: pd.DataFrame
    arms: pd.DataFrame
    routes: pd.DataFrame
    doses: pd.DataFrame
    judged: pd.DataFrame
    switches: pd.DataFrame
    effect_direction: pd.DataFrame
    route_shift: pd.DataFrame
    effective_range: pd.DataFrame
    dose_response: pd.DataFrame
    mcp_mod: pd.DataFrame
    rules: dict
    scenario: dict
    confidence: float


@dataclass(frozen=True)
class Finding:
    """What an analysis finds: verdict, one sentence and, if any, an estimate of the claim's own quantity."""

    verdict: str
    why: str
    estimate: float = np.nan
    low: float = np.nan
    high: float = np.nan


def share(part: int, whole: int, confidence: float) -> tuple[float, float, float]:
    """Share and its exact (Clopper–Pearson) interval; NaN where ``whole`` is 0."""
    if not whole:
        return np.nan, np.nan, np.nan
    return part / whole, *clopper_pearson(part, whole, confidence)


def counts_in_words(counts: pd.Series) -> str:
    """'intravenous 21, respiratory 14': the most frequent first, equals by name."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    return ", ".join(f"{name} {n}" for name, n in ordered)
