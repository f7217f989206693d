"""What must hold for any synthesis: neither order, nor numbers of arms, nor how studies are filed matter."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evdose.modelling.effect_direction import effect_directions
from evdose.modelling.effects import find_effects
from evdose.modelling.estimators.hypergeometric_normal import common_odds_ratio, pool_odds_ratios, tables
from evdose.modelling.estimators.multilevel import fit_multilevel
from evdose.modelling.synthesis import synthesise
from published_studies import MODELS, RULE, evidence, several

table = st.tuples(st.integers(0, 8), st.integers(8, 40), st.integers(0, 8), st.integers(8, 40))
level = st.floats(-3, 3).map(lambda value: round(value, 2))
visits = st.lists(st.tuples(level, level, st.integers(5, 40)), min_size=1, max_size=2)


def study(name, trial):
    """A made-up study with one or two visits."""
    score = {"outcome": "score", "outcome_domain": "function score", "kind": "continuous", "sd": 1.5}
    rows = [
        {"arm": arm, "mean": mean, "n": n, "timepoint_days": 30.0 * (visit + 1)}
        for visit, (treated, control, n) in enumerate(trial)
        for arm, mean in ((1, treated), (2, control))
    ]
    return evidence(*rows, study=name, roles="ep", **score)


@settings(max_examples=6, deadline=None)
@given(st.lists(visits, min_size=5, max_size=6), st.randoms())
def test_neither_order_nor_numbers_of_arms_change_a_synthesis(trials, random):
    assume(any(len(trial) > 1 for trial in trials))
    found = several(*(study(f"S{i}", trial) for i, trial in enumerate(trials)))
    effects = find_effects(found, MODELS)
    directions = effect_directions(found, effects, MODELS, RULE)
    seed = random.randrange(1000)
    renumbered = effects.assign(arm=effects["arm"] + 4, comparator_arm=effects["comparator_arm"] - 1)
    one = synthesise(effects, directions, MODELS)
    other = synthesise(
        renumbered.sample(frac=1, random_state=seed), directions.sample(frac=1, random_state=seed), MODELS
    )
    assert "three_level" in set(one["analysis"])
    pd.testing.assert_frame_equal(one.drop(columns="why"), other.drop(columns="why"), rtol=1e-5, atol=1e-7)


@settings(max_examples=25, deadline=None)
@given(st.lists(table, min_size=2, max_size=6), st.randoms())
def test_tables_without_information_and_their_order_change_no_odds_ratio(trials, random):
    seen = tables(*np.array(trials).T)
    assume(len(seen.count) > 1 and np.isfinite(common_odds_ratio(seen).estimate))
    shuffled = [*random.sample(trials, len(trials)), (0, 9, 0, 7), (6, 6, 5, 5)]
    one, other = common_odds_ratio(seen), common_odds_ratio(tables(*np.array(shuffled).T))
    assert (one.estimate, one.low, one.high) == pytest.approx(
        (other.estimate, other.low, other.high), abs=1e-8
    )
    assert one.low < one.estimate < one.high
    try:
        pooled = pool_odds_ratios(seen)
    except ValueError:
        return
    again = pool_odds_ratios(tables(*np.array(shuffled).T))
    assert (again.estimate, again.tau2) == pytest.approx((pooled.estimate, pooled.tau2), rel=1e-4, abs=1e-4)
    assert pooled.low < pooled.estimate < pooled.high


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(level, st.floats(0.05, 1)), min_size=6, max_size=9), level, st.randoms())
def test_the_multilevel_model_moves_with_its_effects_and_forgets_their_order(found, shift, random):
    y, v = np.array(found).T
    assume(np.ptp(y) > 0.1)
    study, effect = np.arange(len(y)) // 2, np.arange(len(y))
    one = fit_multilevel(y, np.diag(v), {"study": study, "effect": effect})
    order = random.sample(range(len(y)), len(y))
    levels = {"study": study[order], "effect": effect[order]}
    other = fit_multilevel(y[order] + shift, np.diag(v[order]), levels)
    assert other.coefficients[0] == pytest.approx(one.coefficients[0] + shift, abs=1e-5)
    assert other.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-7)
    assert y.min() <= one.coefficients[0] <= y.max()
