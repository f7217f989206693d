"""The same trials, told otherwise, give the same estimates: from cards to dose–response models."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import planted
from recipes import run_recipes

TRIALS = planted.plant(planted.peak(1.0, 1.0), trials=7, seed=5)
KEYS = {
    "effects": ["study_id", "particles_log10", "measure"],
    "synthesis": ["analysis", "effect_table", "measure", "stratum", "outcome_domain", "sensitivity"],
    "dose_response": ["basis", "stratum", "measure", "outcome_domain", "sensitivity", "shape"],
    "mcp_mod": ["across", "study_id", "stratum", "candidate"],
    "effective_range": ["question", "stratum", "measure", "outcome_domain", "sensitivity"],
    "multiverse": ["question", "specification"],
    "uncertain_doses": ["analysis", "axis", "stratum", "measure", "outcome_domain"],
}
NAMES_AND_PLACES = ["arm", "comparator_arm"]  # which arm is the first is part of how the trial is told


def estimates(trials: list[planted.Trial], in_words=planted.particles, called=None, shuffled=None):
    """Numbers of every table of estimates, in the order of its key."""
    with TemporaryDirectory() as folder:
        for kind in ("trials", "outcomes"):
            (Path(folder) / "seeds" / kind).mkdir(parents=True)
        planted.write(trials, Path(folder), in_words, called or planted.label, shuffled)
        tables = run_recipes(Path(folder))
    return {
        name: tables[name]
        .assign(**{key: tables[name][key].round(6) for key in keys if key == "particles_log10"})
        .sort_values(keys)
        .set_index(keys)
        .select_dtypes("number")
        .drop(columns=NAMES_AND_PLACES, errors="ignore")
        .astype(float)
        for name, keys in KEYS.items()
    }


@pytest.fixture(scope="module")
def as_told_first():
    return estimates(TRIALS)


@given(
    order=st.randoms(use_true_random=False),
    in_words=st.sampled_from([planted.particles, planted.billions]),
    prefix=st.sampled_from(["dose", "Группа", "9 - cohort"]),
)
@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.generate],  # an example takes seconds: shrinking one would take minutes
    suppress_health_check=[HealthCheck.too_slow],
)
def test_order_names_and_units_change_no_estimate(as_told_first, order, in_words, prefix):
    told = [replace(trial, arms=shuffled(trial.arms, order)) for trial in shuffled(TRIALS, order)]

    def called(arm: planted.Arm) -> str:
        return f"{prefix} {planted.label(arm)}"

    for name, table in estimates(told, in_words, called, order).items():
        pd.testing.assert_frame_equal(table, as_told_first[name], rtol=1e-6, atol=1e-9, obj=name)


def shuffled(values, order: random.Random) -> tuple:
    """The values in another order."""
    return tuple(order.sample(list(values), len(values)))
