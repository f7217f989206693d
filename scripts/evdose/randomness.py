"""Random numbers: one seed in config, split by name, so that adding a figure never moves a p-value."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(seed: int, *names: str) -> np.random.Generator:
    """A generator of its own for ``names`` (analysis, stratum …), the same on every machine."""
    digest = hashlib.sha256("\x1f".join(names).encode()).digest()
    return np.random.default_rng([seed, *np.frombuffer(digest[:16], dtype="<u4").tolist()])
