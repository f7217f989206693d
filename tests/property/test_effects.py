"""What must hold for any effects: mirrors, shifts, scales and orders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evdose.modelling.effect_direction import effect_directions
from evdose.modelling.effects import find_effects
from evdose.modelling.estimators.binomial_normal import pool_proportions
from evdose.modelling.estimators.effect_size import (
    Counts,
    Sample,
    hedges_g,
    log_odds_ratio,
    log_risk_ratio,
    risk_difference,
)
from evdose.modelling.estimators.exact import clopper_pearson, trend_test
from evdose.modelling.synthesis import synthesise
from published_studies import MODELS, RULE, evidence, several

counts = st.integers(1, 60).flatmap(lambda n: st.builds(Counts, st.integers(0, n), st.just(n)))
samples = st.builds(Sample, st.floats(-50, 50), st.floats(0.1, 20), st.integers(2, 200))
TWO_ARMS = evidence({}, {"arm": 2}, roles="ep")
arms = st.lists(st.tuples(counts, st.floats(5, 13)), min_size=2, max_size=4)


@given(counts, counts, st.sampled_from([log_odds_ratio, log_risk_ratio, risk_difference]))
def test_swapping_the_arms_turns_the_sign(treated, control, formula):
    there, back = formula(treated, control), formula(control, treated)
    assert np.allclose([there.estimate, there.variance], [-back.estimate, back.variance], equal_nan=True)
    assert np.isnan(there.variance) or 0 <= there.control_variance <= there.variance


@given(counts, counts)
def test_the_odds_ratio_of_the_opposite_is_the_inverse(treated, control):
    opposite = [Counts(arm.n - arm.events, arm.n) for arm in (treated, control)]
    odds = log_odds_ratio(treated, control).estimate
    assert np.isclose(odds, -log_odds_ratio(*opposite).estimate, equal_nan=True)


@given(samples, samples, st.floats(-100, 100), st.floats(0.01, 100))
def test_the_unit_of_a_score_does_not_matter_to_hedges_g(treated, control, shift, scale):
    moved = [Sample(scale * (a.mean + shift), scale * a.sd, a.n) for a in (treated, control)]
    before, after = hedges_g(treated, control), hedges_g(*moved)
    assert before.estimate == pytest.approx(after.estimate, rel=1e-6, abs=1e-8)
    assert before.variance == pytest.approx(after.variance, rel=1e-6)


@given(counts)
def test_an_exact_interval_holds_the_share_and_mirrors(arm):
    low, high = clopper_pearson(arm.events, arm.n, 0.95)
    assert 0 <= low <= arm.events / arm.n <= high <= 1
    other_low, other_high = clopper_pearson(arm.n - arm.events, arm.n, 0.95)
    assert (low, high) == pytest.approx((1 - other_high, 1 - other_low))


@settings(max_examples=50, deadline=None)
@given(arms, st.floats(-5, 5), st.floats(0.1, 10), st.randoms())
def test_a_trend_depends_on_the_spacing_of_doses_only(trial, shift, scale, random):
    assume(len({round(score, 3) for _, score in trial}) == len(trial))
    events, n, scores = [a.events for a, _ in trial], [a.n for a, _ in trial], [s for _, s in trial]
    test = trend_test(events, n, scores)
    assert 0 < test.smallest_p <= test.p_value + 1e-12 <= 1 + 1e-12
    moved = trend_test(events, n, [scale * score + shift for score in scores])
    assert tuple(moved) == pytest.approx(tuple(test), rel=1e-6)
    order = random.sample(range(len(trial)), len(trial))
    shuffled = trend_test(*([values[i] for i in order] for values in (events, n, scores)))
    assert tuple(shuffled) == pytest.approx(tuple(test), rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.lists(counts, min_size=2, max_size=8))
def test_pooled_shares_are_shares(studies):
    events, n = np.array([a.events for a in studies]), np.array([a.n for a in studies])
    try:
        pooled = pool_proportions(events, n)
    except ValueError:
        return
    assert 0 <= pooled.low <= pooled.estimate <= pooled.high <= 1
    assert pooled.tau2 >= 0


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(counts, counts), min_size=2, max_size=4), st.randoms())
def test_the_order_of_cards_and_the_names_of_arms_change_no_estimate(trials, random):
    def synthesis(order, label):
        found = several(
            *(
                TWO_ARMS.assign(study_id=f"S{i}", label=label, events=events, n=n)
                for i in order
                for events, n in [zip(*trials[i], strict=True)]
            )
        )
        found = found.astype({"events": "Int64", "n": "Int64"})
        of_studies = find_effects(found, MODELS)
        return synthesise(of_studies, effect_directions(found, of_studies, MODELS, RULE), MODELS)

    order = list(range(len(trials)))
    one, other = synthesis(order, "arm"), synthesis(random.sample(order, len(order)), "another name")
    assert one["status"].tolist() == other["status"].tolist()
    assert np.allclose(one["estimate"], other["estimate"], equal_nan=True, rtol=1e-6, atol=1e-8)
