"""Rows of the calibration table, and what all simulations share."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml

PROJECT = Path(__file__).resolve().parents[1]
MODELS = yaml.safe_load((PROJECT / "config/config.yaml").read_text(encoding="utf-8"))["models"]
SEED = 20261122
ALPHA = 0.05
LEAST_COVERAGE = 0.92
SIZES = (3, 5, 10, 20)
TAUS = (0.0, 0.3, 0.6)
WHAT = {
    "range test": "type I error",
    "MCP-Mod across a route": "type I error",
    "MCP-Mod of a trial": "type I error",
    "route test": "type I error",
    "pooled effect": "coverage",
    "pooled proportion": "coverage",
    "conditional odds ratio": "coverage",
    "odds ratio with 0.5 added": "coverage",
    "three-level model": "coverage",
    "target dose of a trial": "coverage",
    "averaged curve": "coverage",
    "width of the range": "coverage",
    "dose of the peak": "coverage",
}


class Row(NamedTuple):
    """A line of the table. ``share`` rejects (tests) or covers (intervals), with Monte-Carlo ``error``."""

    method: str
    quantity: str
    truth: str
    studies: int
    heterogeneity: float
    simulations: int
    nominal: float
    share: float
    error: float
    verdict: str


def tested(method: str, truth: str, studies: int, tau: float, rejected: np.ndarray, nominal: float) -> Row:
    """A test's type I error, held against its level and two Monte-Carlo errors."""
    error = math.sqrt(nominal * (1 - nominal) / len(rejected))
    share = float(np.mean(rejected))
    verdict = "<= nominal + 2 MC errors" if share <= nominal + 2 * error else "ABOVE nominal + 2 MC errors"
    return Row(method, WHAT[method], truth, studies, tau, len(rejected), nominal, share, error, verdict)


def silent(method: str, truth: str, studies: int, tau: float, verdict: str) -> Row:
    """A test that can't be asked, or can't reject, at this size."""
    return Row(method, WHAT[method], truth, studies, tau, 0, ALPHA, math.nan, math.nan, verdict)


def covered(method: str, truth: str, studies: int, tau: float, inside: np.ndarray, note: str = "") -> Row:
    """Coverage of an interval."""
    share = float(np.mean(inside))
    error = math.sqrt(share * (1 - share) / len(inside))
    verdict = (f">= {LEAST_COVERAGE}" if share >= LEAST_COVERAGE else f"BELOW {LEAST_COVERAGE}") + note
    return Row(method, WHAT[method], truth, studies, tau, len(inside), 1 - ALPHA, share, error, verdict)
