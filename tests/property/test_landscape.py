"""What must not move an answer about doses and routes, and what must move it by a known amount."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdose.dosing.tables import DOSES
from evdose.modelling.concentration import concentration_rows, concentration_test
from evdose.modelling.estimators.rank_based import hodges_lehmann, median, rank_sum_test
from evdose.modelling.landscape import ARM_DOSES, arm_particles
from evdose.modelling.route_shift import route_shifts
from evdose.modelling.tables import EFFECTIVE_RANGE
from evdose.modelling.uncertain_doses import uncertain_doses
from evdose.randomness import generator
from evdose.tables import empty, frame_of

MODELS = {
    "min_trials_route_shift": 2,
    "min_trials_effective_range": 2,
    "confidence": 0.95,
    "permutations": 999,
    "bootstrap_samples": 99,
    "imputations": 5,
}
# Hundredths of a log10: sums of them tie, or don't, as exactly as registered doses do.
DOSE = st.integers(400, 1200).map(lambda hundredths: hundredths / 100)
PATIENT = settings(deadline=None, max_examples=30)
SMALL_GROUP = st.lists(DOSE, min_size=2, max_size=6).map(np.array)
GROUP = st.lists(DOSE, min_size=2, max_size=9).map(np.array)
DRAWS = 400  # data sets of a simulation
SHIFT = st.integers(-300, 300).map(lambda hundredths: hundredths / 100)


@PATIENT
@given(GROUP, GROUP, SHIFT)
def test_shifting_one_group_shifts_the_answer(a, b, c):
    assert hodges_lehmann(a + c, b, 0.9) == pytest.approx(
        np.array(hodges_lehmann(a, b, 0.9)) + c, nan_ok=True
    )


@PATIENT
@given(SMALL_GROUP, SMALL_GROUP)
def test_swapping_the_groups_turns_the_sign(a, b):
    shift, low, high = hodges_lehmann(a, b, 0.9)
    assert hodges_lehmann(b, a, 0.9) == pytest.approx((-shift, -high, -low), nan_ok=True)
    one, two = (rank_sum_test(*pair, 999, generator(1))[0] for pair in ((a, b), (b, a)))
    assert one == pytest.approx(two)


@PATIENT
@given(SMALL_GROUP, SMALL_GROUP)
def test_an_interval_that_leaves_out_no_shift_goes_with_a_small_p(a, b):
    _, low, high = hodges_lehmann(a, b, 0.9)
    if low > 0 or high < 0:
        assert rank_sum_test(a, b, 999, generator(1))[0] <= 0.1


@PATIENT
@given(GROUP, GROUP)
def test_the_order_of_doses_is_all_that_the_test_sees(a, b):
    p_values = {
        rank_sum_test(f(a), f(b), 99, generator(1)) for f in (np.asarray, lambda x: x + 3, lambda x: 7 * x)
    }
    assert len(p_values) == 1


@PATIENT
@given(GROUP, GROUP)
def test_no_p_value_is_below_the_smallest_attainable(a, b):
    p_value, smallest, _ = rank_sum_test(a, b, 999, generator(1))
    assert 0 < smallest <= p_value <= 1


@PATIENT
@given(GROUP, GROUP, SHIFT, st.randoms(use_true_random=False))
def test_neither_unit_nor_order_moves_the_concentration_test(effective, others, c, random):
    doses = np.concatenate([effective, others])
    labels = np.arange(len(doses)) < len(effective)
    order = list(range(len(doses)))
    random.shuffle(order)
    answers = [
        concentration_test(doses[None], labels, 199, generator(1)),
        concentration_test((doses + c)[None, order], labels[order], 199, generator(1)),
    ]
    assert answers[0][0] == pytest.approx(answers[1][0])
    assert answers[0][1:] == answers[1][1:]
    assert answers[0][1] <= answers[0][0]


@st.composite
def arms(draw):
    size = draw(st.integers(4, 14))
    column = lambda values: draw(st.lists(values, min_size=size, max_size=size))  # noqa: E731
    rows = {
        "trial_id": column(st.sampled_from("ABCDEFGHIJ")),
        "arm": range(1, size + 1),
        "stratum": column(st.sampled_from(["respiratory", "intravenous", "nasal"])),
        "product_line": column(st.sampled_from([None, "one", "two"])),
        "per_administration": column(DOSE | st.just(np.nan)),
        "per_day": column(DOSE | st.just(np.nan)),
        "cumulative": column(DOSE | st.just(np.nan)),
        "sd": 0.0,
        "conversion": None,
        "conversion_sd": 0.0,
    }
    return pd.DataFrame(rows)[ARM_DOSES]


@st.composite
def uncertain_arms(draw):
    """Arms of which some have a range, some rest on a conversion, and some are certain."""
    given_arms = draw(arms())
    size = len(given_arms)
    column = lambda values: draw(st.lists(values, min_size=size, max_size=size))  # noqa: E731
    ranges = np.array(column(st.sampled_from([0.0, 0.1, 0.5])))
    names = column(st.sampled_from([None, "mass", "volume"]))
    of_conversion = np.array([0.0 if name is None else 0.3 for name in names])
    return given_arms.assign(
        sd=np.hypot(ranges, of_conversion), conversion=names, conversion_sd=of_conversion
    )


def answers_of(given_arms):
    """Tables that stand on the arms alone; every second trial effective."""
    judged = given_arms.assign(outcome="pain", effective=given_arms["trial_id"].isin(list("ACEGI")))
    return [
        route_shifts({"all": given_arms}, MODELS, 1),
        frame_of(concentration_rows(judged, MODELS, 1), EFFECTIVE_RANGE),
        uncertain_doses(given_arms, [], empty(DOSES), MODELS, 1),
    ]


@settings(PATIENT, max_examples=8)
@given(arms(), st.randoms(use_true_random=False))
def test_names_and_order_of_trials_and_arms_change_no_row(given_arms, random):
    names = dict(zip("ABCDEFGHIJ", random.sample("QRSTUVWXYZ", 10), strict=True))
    renamed = given_arms.assign(trial_id=given_arms["trial_id"].map(names), arm=range(len(given_arms), 0, -1))
    shuffled = renamed.sample(frac=1, random_state=random.randrange(2**32))
    tables = [route_shifts({"all": frame}, MODELS, 1) for frame in (given_arms, shuffled)]
    pd.testing.assert_frame_equal(*tables)


@settings(PATIENT, max_examples=8)
@given(uncertain_arms(), st.randoms(use_true_random=False))
def test_order_and_labels_of_arms_change_no_row_when_doses_are_uncertain(given_arms, random):
    relabelled = given_arms.assign(arm=random.sample(range(100), len(given_arms)))
    shuffled = relabelled.sample(frac=1, random_state=random.randrange(2**32))
    for one, other in zip(answers_of(given_arms), answers_of(shuffled), strict=True):
        pd.testing.assert_frame_equal(one, other)


@settings(PATIENT, max_examples=8)
@given(uncertain_arms())
def test_counting_in_billions_moves_medians_by_nine_and_nothing_else(given_arms):
    axes = ["per_administration", "per_day", "cumulative"]
    billions = given_arms.assign(**{axis: given_arms[axis] - 9 for axis in axes})
    for one, other in zip(answers_of(given_arms), answers_of(billions), strict=True):
        if "analysis" in one:
            medians = one["analysis"] == "median_dose"
            for name in ("estimate_at_middle", "estimate", "low", "high"):
                other[name] = other[name] + np.where(medians, 9, 0)
        pd.testing.assert_frame_equal(one, other, rtol=1e-7, atol=1e-9)


@PATIENT
@given(GROUP, SHIFT)
def test_a_median_and_its_error_go_with_the_unit(values, c):
    one, other = median(values), median(c + 2 * values[::-1])
    assert other == pytest.approx((c + 2 * one.estimate, 2 * one.se))


@PATIENT
@given(st.lists(st.tuples(DOSE, DOSE), min_size=1, max_size=5), SHIFT)
def test_a_unit_shifts_every_dose_of_an_arm_and_no_spread(levels, c):
    def doses(by):
        return pd.DataFrame(
            {
                "trial_id": "T",
                "arm": 1,
                "status": "exact",
                "particles_via": "stated",
                "particles_log10": [level + by for level, _ in levels],
                "particles_log10_sd": 0.1,
                "administrations": 3.0,
                "administrations_status": "exact",
                "cumulative_particles_log10": [level + by for _, level in levels],
                "conversion_id": None,
                "low": 1.0,
                "high": 1.0,
                "per_administration_low": 1.0,
                "per_day_low": 2.0,
            }
        )

    plain, scaled = arm_particles(doses(0)).iloc[0], arm_particles(doses(c)).iloc[0]
    assert scaled["per_administration"] == pytest.approx(plain["per_administration"] + c)
    assert scaled["cumulative"] == pytest.approx(plain["cumulative"] + c)
    assert scaled["per_day"] == pytest.approx(plain["per_day"] + c)
    assert scaled["sd"] == pytest.approx(plain["sd"])


def rejected(test, draws=DRAWS):
    """Share of data sets without any effect for which ``test`` gives p at or below 0.05."""
    return np.mean([test(np.random.default_rng([7, draw])) <= 0.05 for draw in range(draws)])


@pytest.mark.parametrize("sizes", [(4, 4), (5, 7), (3, 12)])
def test_without_a_shift_the_test_rejects_no_more_often_than_it_says(sizes):
    def test(rng):
        doses = rng.normal(9, 1, sum(sizes)).round(rng.integers(0, 3))
        return rank_sum_test(doses[: sizes[0]], doses[sizes[0] :], 999, rng)[0]

    assert rejected(test) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / DRAWS)


def test_with_uncertain_doses_and_no_shift_the_test_rejects_no_more_often_than_it_says():
    def test(rng):
        middle, sd = rng.normal(9, 1, 9), rng.choice([0, 0.5, 2], 9)
        drawn = middle + sd * rng.normal(size=(50, 9))
        return rank_sum_test(drawn[:, :4], drawn[:, 4:], 999, rng)[0]

    assert rejected(test) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / DRAWS)


def test_without_concentration_the_test_rejects_as_often_as_it_says():
    def test(rng):
        labels = rng.permutation(np.arange(12) < 6)
        return concentration_test(rng.uniform(6, 12, (1, 12)), labels, 999, rng)[0]

    assert rejected(test) == pytest.approx(0.05, abs=2 * np.sqrt(0.05 * 0.95 / DRAWS))


def test_a_planted_concentration_is_found_with_enough_trials():
    def test(rng):
        doses = np.concatenate([rng.normal(8, 0.3, 8), rng.uniform(6, 12, 10)])
        return concentration_test(doses[None], np.arange(18) < 8, 999, rng)[0]

    assert rejected(test, 60) > 0.9
