"""Per administration, per day, per kg, cumulative, particles: what the text says, and never more."""

from __future__ import annotations

import math
from dataclasses import astuple, replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdose.dosing import reasons
from evdose.dosing.conversions import BODY_WEIGHT, read_conversions
from evdose.dosing.derive import assumed_particles, derive
from evdose.dosing.reading.dose import Dose
from evdose.dosing.reading.schedule import NOTHING, Schedule
from places import PROJECT

CONVERSIONS = {one.conversion_id: one for one in read_conversions(PROJECT / "config/conversions.yaml")}
EXOFLO, MASS, WEIGHT = (CONVERSIONS[name] for name in ("exoflo_volume", "mass", BODY_WEIGHT))
AMOUNTS = ("per_administration", "per_day", "per_kg", "cumulative")


def dose(low, high=None, unit="particle", substance="particles", per="administration", why=()):
    high = low if high is None else high
    return Dose(low, high, unit, substance, per, "dose", why, 0, 0)


def given_times(administrations=None, a_day=None, days=None):
    return Schedule(administrations, "exact", "rule", a_day, days)


def derived(of, schedule=NOTHING, names=""):
    return derive(of, schedule, list(CONVERSIONS.values()), names)


def assumed(of, schedule=NOTHING, names=""):
    """What the row of ``doses`` that this dose makes would gain by assumptions."""
    made = derived(of, schedule, names)
    ends = {
        f"{name}_{end}": getattr(made, name)[place]
        for name in AMOUNTS
        for place, end in enumerate(("low", "high"))
    }
    row = SimpleNamespace(
        unit=of.unit, substance=of.substance, per=of.per, particles_via=made.particles_via, **ends
    )
    return assumed_particles(row, list(CONVERSIONS.values()), names)


def near(expected):
    return pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)


def test_particles_stated():
    of = derived(dose(2e8), given_times(20, a_day=2))
    assert of.per_administration == (2e8, 2e8)
    assert of.per_day == (4e8, 4e8)
    assert of.cumulative == (4e9, 4e9)
    assert of.particles_via == "stated"
    assert (of.particles_log10, of.particles_sd) == (pytest.approx(math.log10(2e8)), 0)
    assert of.cumulative_log10 == pytest.approx(math.log10(4e9))


def test_a_range_is_log_uniform():
    of = derived(dose(1e9, 1e11))
    assert of.particles_log10 == pytest.approx(10)
    assert of.particles_sd == pytest.approx(2 / math.sqrt(12))
    assert math.isnan(of.cumulative[0])


def test_a_volume_of_a_known_product_is_converted():
    of = derived(dose(15, unit="mL", substance="product_volume"), given_times(2), "15 mL of ExoFlo")
    assert (of.particles_via, of.conversion_id) == ("converted", "exoflo_volume")
    assert of.particles_log10 == pytest.approx(math.log10(15) + EXOFLO.log10)
    assert of.particles_sd == pytest.approx(EXOFLO.sd)
    assert of.cumulative == (30, 30)


def test_a_volume_of_an_unknown_product_is_not():
    of = derived(dose(15, unit="mL", substance="product_volume"))
    assert (of.particles_via, of.conversion_id, of.why) == ("none", None, (reasons.NO_CONVERSION,))


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (dose(5e8, per="kg"), reasons.PER_KG),
        (dose(5e8, per="site"), reasons.PER_SITE),
        (dose(5e8, per="eye"), reasons.PER_EYE),
        (dose(5e8, per="cm2"), reasons.PER_AREA),
        (dose(5e8, unit="particle/mL", per="none"), reasons.PER_VOLUME),
        (dose(5e8, per="day"), reasons.PER_DAY),
        (dose(5e8, per="total"), reasons.PER_TOTAL),
        (dose(5e8, per="none", why=(reasons.PER_DROP,)), reasons.PER_DROP),
    ],
)
def test_an_unknown_share_gives_no_particles_and_says_why(of, why):
    made = derived(of, given_times(days=10))
    assert made.particles_via == "none"
    assert why in made.why
    assert math.isnan(made.per_administration[0]) and math.isnan(made.particles_log10)


def test_a_range_from_zero_has_no_middle_and_says_so():
    of = derived(dose(0, 2e10), given_times(3))
    assert (of.particles_via, of.why) == ("none", (reasons.RANGE_FROM_ZERO,))
    assert (of.per_administration, of.cumulative) == ((0, 2e10), (0, 6e10))
    assert math.isnan(of.cumulative_log10) and math.isnan(of.particles_sd)


def test_a_dose_a_day_stands_as_written_whatever_the_schedule():
    of = derived(dose(6e8, 9e8, per="day"))
    assert of.per_day == (6e8, 9e8)
    assert math.isnan(of.per_administration[0])


def test_without_a_number_a_day_there_is_no_dose_a_day():
    assert math.isnan(derived(dose(2e8), given_times(4)).per_day[0])


def test_a_dose_per_kg_stands_as_written_and_weighs_nobody():
    of = derived(dose(1e9, 2e9, per="kg"), given_times(3, a_day=1))
    assert of.per_kg == (1e9, 2e9)
    assert all(math.isnan(end) for name in AMOUNTS if name != "per_kg" for end in getattr(of, name))
    assert math.isnan(derived(dose(1e9)).per_kg[0])


def test_a_stated_total_is_known_in_particles_whatever_the_number_of_administrations():
    of = derived(dose(1e10, 1e12, per="total"))
    assert of.cumulative == (1e10, 1e12)
    assert (of.cumulative_log10, of.particles_sd) == (pytest.approx(11), pytest.approx(2 / math.sqrt(12)))
    assert (of.particles_via, of.why) == ("none", (reasons.PER_TOTAL,))
    assert math.isnan(of.particles_log10)


def test_a_total_of_a_known_product_names_its_conversion():
    of = derived(dose(30, unit="mL", substance="product_volume", per="total"), names="ExoFlo")
    assert of.cumulative_log10 == pytest.approx(math.log10(30) + EXOFLO.log10)
    assert (of.particles_via, of.conversion_id) == ("none", "exoflo_volume")


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (dose(10, unit="ug", substance="mass_unspecified"), reasons.UNSPECIFIED_MASS),
        (dose(10, unit="ug", substance="protein"), reasons.PROTEIN_MASS),
        (dose(1e8, unit="cell", substance="cell_equivalents"), reasons.NO_CONVERSION),
        (dose(20, unit="pmol", substance="phospholipid"), reasons.NO_CONVERSION),
        (dose(1e7, unit="cell", substance="cells"), reasons.NOT_VESICLES),
    ],
)
def test_other_measures_stay_in_their_unit(of, why):
    made = derived(of)
    assert (made.particles_via, made.why) == ("none", (why,))
    assert made.per_administration[0] > 0


def test_body_weight_is_assumed_for_a_dose_per_kg():
    middle, sd, rests_on = assumed(dose(1e9, per="kg"))
    assert middle == pytest.approx(9 + WEIGHT.log10)
    assert sd == pytest.approx(WEIGHT.sd)
    assert rests_on == (WEIGHT,)


def test_mass_is_assumed_to_hold_particles():
    middle, sd, rests_on = assumed(dose(10, 1000, unit="ug", substance="protein"))
    assert middle == pytest.approx(2 + MASS.log10)
    assert sd == pytest.approx(math.hypot(2 / math.sqrt(12), MASS.sd))
    assert rests_on == (MASS,)


def test_assumptions_add_up():
    middle, sd, rests_on = assumed(dose(100, unit="ug", substance="mass_unspecified", per="kg"))
    assert middle == pytest.approx(2 + MASS.log10 + WEIGHT.log10)
    assert sd == pytest.approx(math.hypot(MASS.sd, WEIGHT.sd))
    assert rests_on == (WEIGHT, MASS)


def test_a_known_product_per_kg_needs_its_conversion_and_a_weight():
    of = dose(0.2, unit="mL", substance="product_volume", per="kg")
    assert assumed(of, names="ExoFlo")[2] == (WEIGHT, EXOFLO)
    assert assumed(of) is None


def test_a_main_conversion_goes_before_an_assumption_wherever_it_stands():
    of = SimpleNamespace(unit="mL", substance="product_volume", per="kg", particles_via="none")
    of.per_administration_low = of.per_administration_high = math.nan
    of.per_kg_low = of.per_kg_high = 1.0
    guess = replace(EXOFLO, conversion_id="guess", use="sensitivity")
    for given_order in ([guess, EXOFLO, WEIGHT], [WEIGHT, EXOFLO, guess]):
        assert assumed_particles(of, given_order, "ExoFlo")[2] == (WEIGHT, EXOFLO)


@pytest.mark.parametrize(
    "of",
    [
        dose(1e9),
        dose(0, 1e9, per="kg"),
        dose(1e9, per="eye"),
        dose(1e9, per="total"),
        dose(10, unit="ug", substance="protein", per="site"),
        dose(1e7, unit="cell", substance="cells"),
        dose(20, unit="pmol", substance="phospholipid", per="kg"),
    ],
)
def test_nothing_else_is_assumed(of):
    assert assumed(of) is None


low_ends = st.floats(1e-3, 1e13)
widths = st.floats(1, 1e3)
numbers = st.integers(1, 400)
pers = st.sampled_from(["administration", "day", "total", "kg", "eye", "site", "cm2"])
kinds = st.sampled_from(
    [
        ("particle", "particles", ""),
        ("mL", "product_volume", "ExoFlo"),
        ("ug", "protein", ""),
        ("cell", "cells", ""),
    ]
)
schedules = st.builds(
    given_times, st.none() | numbers.map(float), st.none() | st.integers(1, 6).map(float), st.none()
)


@given(low_ends, widths, kinds, numbers, st.integers(1, 6))
def test_all_administrations_hold_their_number_times_one(low, width, kind, number, a_day):
    unit, substance, names = kind
    of = derived(dose(low, low * width, unit, substance), given_times(float(number), float(a_day)), names)
    assert of.cumulative == pytest.approx([end * number for end in of.per_administration])
    assert of.per_day == pytest.approx([end * a_day for end in of.per_administration])
    if of.particles_via != "none":
        assert of.cumulative_log10 == near(of.particles_log10 + math.log10(number))


@given(low_ends, widths, kinds, numbers, st.integers(1, 6))
def test_a_total_a_day_and_one_dose_are_ways_to_say_the_same(low, width, kind, number, a_day):
    unit, substance, names = kind
    schedule = given_times(float(number), float(a_day))
    said = [
        derived(dose(low * times, low * width * times, unit, substance, per), schedule, names)
        for per, times in (("administration", 1), ("day", a_day), ("total", number))
    ]
    for name in (*AMOUNTS, "particles_log10", "particles_sd", "cumulative_log10"):
        first, *others = (getattr(one, name) for one in said)
        assert all(other == near(first) for other in others), name
    assert len({(one.particles_via, one.conversion_id, one.why) for one in said}) == 1


@given(low_ends, widths, kinds, pers, schedules, st.floats(1e-3, 1e3))
def test_a_larger_dose_is_larger_by_as_much_everywhere(low, width, kind, per, schedule, factor):
    unit, substance, names = kind
    plain, scaled = (dose(low * by, low * width * by, unit, substance, per) for by in (1, factor))
    was, now = derived(plain, schedule, names), derived(scaled, schedule, names)
    for name in AMOUNTS:
        grown = [end * factor for end in getattr(was, name)]
        assert getattr(now, name) == near(grown), name
    for name in ("particles_log10", "cumulative_log10"):
        moved = getattr(was, name) + math.log10(factor)
        assert getattr(now, name) == near(moved), name
    assert now.particles_sd == near(was.particles_sd)
    assert (now.particles_via, now.conversion_id, now.why) == (was.particles_via, was.conversion_id, was.why)


@given(low_ends, widths, kinds, pers, schedules)
def test_an_interval_has_its_ends_in_order_and_nothing_is_infinite(low, width, kind, per, schedule):
    unit, substance, names = kind
    of = derived(dose(low, low * width, unit, substance, per), schedule, names)
    assert all(math.isnan(low) == math.isnan(high) and not low > high for low, high in astuple(of)[:4])
    numbers = [end for ends in astuple(of)[:4] for end in ends] + [of.particles_log10, of.cumulative_log10]
    assert not any(map(math.isinf, numbers))
    assert (of.particles_via == "none") == math.isnan(of.particles_log10)
    unknown = math.isnan(of.particles_log10) and math.isnan(of.cumulative_log10)
    assert math.isnan(of.particles_sd) == unknown
    assert of.conversion_id is None or not unknown


@given(low_ends, widths, kinds, pers, schedules)
def test_a_dose_in_particles_gains_nothing_by_assumptions(low, width, kind, per, schedule):
    unit, substance, names = kind
    of = dose(low, low * width, unit, substance, per)
    gained = assumed(of, schedule, names)
    if not math.isnan(derived(of, schedule, names).particles_log10):
        assert gained is None
    if gained is not None:
        assert any(one.use == "sensitivity" for one in gained[2])
        assert (WEIGHT in gained[2]) == (per == "kg")
