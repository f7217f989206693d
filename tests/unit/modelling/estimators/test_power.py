import numpy as np
import pytest

from evdose.modelling.estimators.power import Scene, arms_needed, simulated_power, warp_speed_p
from evdose.modelling.estimators.range_test import spread_of_width
from evdose.randomness import generator

TRIED = np.linspace(8, 11, 13)
SCENE = Scene(place=9.5, spread=spread_of_width(0.5, 0.9), height=0.8, participants=20, heterogeneity=0.2)


def power(scene=SCENE, arms=20, simulations=200, tried=TRIED):
    return simulated_power(scene, tried, arms, simulations, 0.95, generator(1, str(arms)))


def test_power_rises_with_arms_and_height():
    few, many = power(arms=10), power(arms=80)
    higher = power(Scene(9.5, SCENE.spread, 1.6, 20, 0.2), arms=10)
    assert few.power < higher.power
    assert few.power + 0.2 < many.power
    assert many.power > 0.9
    assert few.low < few.power < few.high


@pytest.mark.parametrize("spread", [SCENE.spread, 300.0])
def test_without_a_peak_the_test_rejects_no_more_than_its_level(spread):
    nothing = Scene(9.5, spread, 0.0 if spread < 1 else 0.5, 20, 0.2)
    found = power(nothing, arms=20, simulations=400)
    assert found.power <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


def test_doses_that_cannot_be_asked_at_have_no_power():
    assert power(tried=np.array([8.0, 9, 10])).power == 0
    assert power(arms=5).power == 0


def test_the_order_of_tried_doses_does_not_matter():
    assert power(simulations=50, tried=TRIED[::-1]) == power(simulations=50)


@pytest.mark.parametrize("wrong", [{"spread": 0}, {"participants": 0}, {"heterogeneity": -0.1}])
def test_a_scene_that_cannot_be(wrong):
    with pytest.raises(ValueError, match="can't be"):
        Scene(**{**vars(SCENE), **wrong})


def test_warp_speed_p_is_the_largest_over_the_nulls():
    observed = np.array([0.5, 2.5, 9.0])
    drawn = np.array([[0.0, 1, 2], [1.0, 2, 3]])
    assert warp_speed_p(observed, drawn) == pytest.approx([1.0, 0.5, 0.25])


def test_arms_needed():
    arms, shares = np.array([10, 40, 160]), np.array([0.2, 0.6, 1.0])
    assert arms_needed(arms, shares, 0.8) == 80  # half way on the logarithm
    assert arms_needed(arms[::-1], shares[::-1], 0.8) == 80
    assert arms_needed(arms, shares, 0.6) == 40
    assert arms_needed(arms, shares, 0.1) == 10
    assert arms_needed(arms, shares / 2, 0.8) is None
    assert arms_needed(arms, np.array([0.9, 0.6, 1.0]), 0.74) == 10  # 0.75, 0.75, 1 when made monotone
