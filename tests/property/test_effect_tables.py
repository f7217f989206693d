"""What must change no effect: the order of rows, the names of arms, the unit of a score."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdose.modelling.effect_direction import effect_directions
from evdose.modelling.effects import find_effects
from evdose.modelling.estimators.dispersion import sd_from_interval, sd_from_p_value, sd_from_t
from evdose.modelling.estimators.effect_size import (
    Counts,
    EffectSize,
    g_to_log_odds_ratio,
    log_odds_ratio_to_g,
    logit_proportion,
)
from evdose.modelling.estimators.medians import Quantiles, mean_and_sd
from evdose.modelling.evidence import SAFETY_DOMAINS
from evdose.modelling.safety import safety_by_dose
from published_studies import MODELS, RULE, evidence, several

SCORE = {"outcome": "score", "outcome_domain": "function score", "kind": "continuous"}
LOCATIONS = ("mean", "ci_low", "ci_high", "median", "q1", "q3", "minimum", "maximum", "baseline_mean")
SPREADS = ("sd", "se", "baseline_sd")
MIRRORED = {"ci_low": "ci_high", "q1": "q3", "minimum": "maximum"}
FEW = settings(max_examples=8, deadline=None)


def printed(mean: float, sd: float, n: int, how: str) -> dict:
    """One arm with its mean and SD as a source may print them; quantiles are those of a normal sample."""
    quartile, extreme, half = 0.67 * sd, 1.9 * sd, 2.1 * sd / n**0.5
    return {"n": n} | {
        "sd": {"mean": mean, "sd": sd},
        "se": {"mean": mean, "se": sd / n**0.5},
        "interval": {"mean": mean, "ci_low": mean - half, "ci_high": mean + half},
        "quartiles": {"median": mean, "q1": mean - quartile, "q3": mean + quartile},
        "range": {"median": mean, "minimum": mean - extreme, "maximum": mean + extreme},
        "change": {"mean": mean, "baseline_mean": mean - 1, "baseline_sd": sd},
    }[how]


arms = st.builds(
    printed,
    st.floats(-20, 20),
    st.floats(0.5, 10),
    st.integers(5, 60),
    st.sampled_from(["sd", "se", "interval", "quartiles", "range", "change"]),
)
counts = st.integers(1, 40).flatmap(
    lambda n: st.fixed_dictionaries({"events": st.integers(0, n), "n": st.just(n)})
)
trials = st.lists(st.tuples(arms, arms, counts, counts, counts), min_size=1, max_size=3)


def study(name: str, trial: tuple) -> pd.DataFrame:
    """Three arms (two doses and a placebo): a score of two of them, and deaths and harm of all."""
    treated, control, *died = trial
    rows = [SCORE | treated, SCORE | control | {"arm": 3}]
    rows += [{"arm": arm} | numbers for arm, numbers in enumerate(died, 1)]
    rows += [row | {"outcome": "any", "outcome_domain": SAFETY_DOMAINS[0]} for row in rows[2:]]
    return evidence(*rows, study=name, roles="eep", arms={"doses": (8.0, 9.5)})


def tables(rows: pd.DataFrame) -> tuple[pd.DataFrame, ...]:
    efficacy = rows[~rows["outcome_domain"].isin(SAFETY_DOMAINS)]
    effects = find_effects(efficacy, MODELS)
    return effects, effect_directions(efficacy, effects, MODELS, RULE), safety_by_dose(rows, 0.95)


@FEW
@given(trials, st.randoms())
def test_the_order_of_rows_changes_nothing(found, random):
    rows = several(*(study(f"S{i}", trial) for i, trial in enumerate(found)))
    shuffled = rows.iloc[random.sample(range(len(rows)), len(rows))]
    effects, directions, safety = tables(rows)
    again = tables(shuffled)
    pd.testing.assert_frame_equal(effects, again[0])
    pd.testing.assert_frame_equal(directions, again[1])
    key = ["kind", "study_id", "outcome", "arm"]
    same = [table.drop(columns=["source_id", "locator"]) for table in (safety, again[2])]
    pd.testing.assert_frame_equal(*(table.sort_values(key, ignore_index=True) for table in same))


@FEW
@given(trials)
def test_the_names_of_arms_change_nothing_but_names(found):
    names = {"arm 1": "zeta", "arm 2": "alpha", "arm 3": "control of another name"}
    rows = several(*(study(f"S{i}", trial) for i, trial in enumerate(found)))
    one, other = tables(rows), tables(rows.assign(label=rows["label"].replace(names)))
    for before, after in zip(one, other, strict=True):
        said = [name for name in ("label", "comparator", "why") if name in before]
        pd.testing.assert_frame_equal(before.drop(columns=said), after.drop(columns=said))


@FEW
@given(arms, arms, st.floats(0.01, 100), st.floats(-50, 50), st.booleans())
def test_the_unit_of_a_score_and_its_sign_change_no_effect(treated, control, scale, shift, mirror):
    def moved(numbers: dict) -> dict:
        sign = -1 if mirror else 1
        out = {name: sign * scale * numbers[name] + shift for name in LOCATIONS if name in numbers}
        if mirror:
            for low, high in MIRRORED.items():
                if low in out:
                    out[low], out[high] = out[high], out[low]
        return numbers | out | {name: scale * numbers[name] for name in SPREADS if name in numbers}

    better = ["higher is better", "lower is better"]
    before, after = (
        find_effects(
            evidence(SCORE | pair[0], SCORE | pair[1] | {"arm": 2}, roles="ep", direction=direction), MODELS
        )
        for pair, direction in (
            ((treated, control), better[0]),
            ((moved(treated), moved(control)), better[mirror]),
        )
    )
    assert before["measure"].tolist() == after["measure"].tolist()
    for column in ("estimate", "variance", "low", "high", "control_variance"):
        ours, theirs = before[column].to_numpy(float), after[column].to_numpy(float)
        assert np.allclose(ours, theirs, rtol=1e-6, atol=1e-7, equal_nan=True)


@FEW
@given(arms, arms)
def test_what_is_better_decides_the_sign_and_nothing_else(treated, control):
    rows = SCORE | treated, SCORE | control | {"arm": 2}
    up, down = (
        find_effects(evidence(*rows, roles="ep", direction=f"{which} is better"), MODELS)
        for which in ("higher", "lower")
    )
    assert np.allclose(up["estimate"], -down["estimate"])
    assert np.allclose(up["variance"], down["variance"])
    assert up["primary"].tolist() == down["primary"].tolist()


@given(st.floats(-5, 5), st.floats(1e-6, 10), st.floats(0, 1))
def test_odds_ratios_and_standardised_differences_turn_into_each_other(estimate, variance, share):
    effect = EffectSize(estimate, variance, share * variance)
    there = log_odds_ratio_to_g(effect)
    assert tuple(g_to_log_odds_ratio(there)) == pytest.approx(tuple(effect))
    # The same number of standard errors from none, so that no p-value moves.
    assert there.estimate / there.variance**0.5 == pytest.approx(estimate / variance**0.5)


@given(counts)
def test_the_logit_of_the_opposite_is_the_opposite(arm):
    one = logit_proportion(Counts(arm["events"], arm["n"]))
    other = logit_proportion(Counts(arm["n"] - arm["events"], arm["n"]))
    assert one.estimate == pytest.approx(-other.estimate)
    assert one.variance == pytest.approx(other.variance)
    assert np.isfinite(one.estimate) and one.variance > 0


@given(
    st.floats(0.1, 20), st.floats(1e-4, 0.999), st.integers(2, 80), st.integers(2, 80), st.floats(0.01, 100)
)
def test_a_worked_back_sd_scales_with_its_score(difference, p_value, n_treated, n_control, scale):
    sizes = n_treated, n_control
    one = sd_from_p_value(difference, p_value, *sizes)
    assert sd_from_p_value(scale * difference, p_value, *sizes) == pytest.approx(scale * one)
    assert sd_from_t(-difference, 2.0, *sizes) == pytest.approx(sd_from_t(difference, -2.0, *sizes))
    width = sd_from_interval(5.0, 5 - difference, 5 + difference, n_treated)
    wide = sd_from_interval(5 * scale, scale * (5 - difference), scale * (5 + difference), n_treated)
    assert wide == pytest.approx(scale * width)


@given(
    st.lists(st.integers(-1000, 1000), min_size=5, max_size=5, unique=True),
    st.integers(5, 500),
    st.floats(0.01, 100),
    st.floats(-100, 100),
)
def test_a_mean_from_quantiles_lies_among_them_and_moves_with_them(five, n, scale, shift):
    low, q1, median, q3, high = sorted(map(float, five))
    try:
        found = mean_and_sd(Quantiles(n, median, q1, q3, low, high))
    except ValueError as error:
        assert "skewed" in str(error)
        return
    assert low <= found.mean <= high
    assert found.sd > 0
    moved = mean_and_sd(Quantiles(n, *(scale * x + shift for x in (median, q1, q3, low, high))))
    assert (moved.mean, moved.sd) == pytest.approx((scale * found.mean + shift, scale * found.sd), abs=1e-6)
