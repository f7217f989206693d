"""Per administration, cumulative, particles: with what the text says, and never more."""

from __future__ import annotations

import math

import pytest

from evdose.dosing import reasons
from evdose.dosing.attribution import read_doses
from evdose.dosing.derive import derive
from evdose.dosing.schedule import read_schedule


@pytest.fixture
def derived(units, conversions):
    def of(dose_text, schedule_text="", names=""):
        [dose], _ = read_doses(dose_text, units)
        return derive(dose, read_schedule(schedule_text), conversions, names)

    return of


def test_particles_stated(derived):
    of = derived("2×10^8 particles", "BID x 10 days")
    assert of.per_administration == (2e8, 2e8)
    assert of.cumulative == (4e9, 4e9)
    assert of.particles_via == "stated"
    assert (of.particles_log10, of.particles_sd) == (pytest.approx(math.log10(2e8)), 0)
    assert of.cumulative_log10 == pytest.approx(math.log10(4e9))


def test_a_range_is_log_uniform(derived):
    of = derived("1×10^9 to 1×10^11 particles")
    assert of.particles_log10 == pytest.approx(10)
    assert of.particles_sd == pytest.approx(2 / math.sqrt(12))
    assert math.isnan(of.cumulative[0])


def test_a_volume_of_a_known_product_is_converted(derived, conversions):
    exoflo = next(one for one in conversions if one.conversion_id == "exoflo_volume")
    of = derived("15 mL of ExoFlo", "day 1 and day 4", "ExoFlo")
    assert (of.particles_via, of.conversion_id) == ("converted", "exoflo_volume")
    assert of.particles_log10 == pytest.approx(math.log10(15) + exoflo.log10)
    assert of.particles_sd == pytest.approx(exoflo.sd)
    assert of.cumulative == (30, 30)


def test_a_volume_of_an_unknown_product_is_not(derived):
    of = derived("15 mL of exosomes")
    assert (of.particles_via, of.why) == ("none", (reasons.NO_CONVERSION,))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("5×10^8 particles/kg", reasons.PER_KG),
        ("5×10^8 particles per site", reasons.PER_SITE),
        ("5×10^8 particles per eye", reasons.PER_EYE),
        ("5×10^8 particles/cm2", reasons.PER_AREA),
        ("5×10^8 particles/mL", reasons.PER_VOLUME),
        ("5×10^8 particles/day", reasons.PER_DAY),
        ("a total of 5×10^8 particles", reasons.PER_TOTAL),
        ("10 ug/drop", reasons.PER_DROP),
    ],
)
def test_an_unknown_share_gives_no_particles_and_says_why(derived, text, why):
    of = derived(text)
    assert of.particles_via == "none"
    assert why in of.why
    assert math.isnan(of.per_administration[0]) and math.isnan(of.particles_log10)


def test_a_range_from_zero_has_no_middle_and_says_so(derived):
    of = derived("0-2×10^10 particles")
    assert (of.particles_via, of.why) == ("none", (reasons.RANGE_FROM_ZERO,))
    assert of.per_administration == (0, 2e10)


def test_the_schedule_completes_a_daily_dose_and_a_total(derived):
    daily = derived("6×10^8 particles/day", "three times a day for 2 days")
    assert daily.per_administration == (pytest.approx(2e8), pytest.approx(2e8))
    assert daily.cumulative == (pytest.approx(1.2e9), pytest.approx(1.2e9))
    total = derived("a total of 6×10^8 particles", "3 doses")
    assert total.per_administration == (pytest.approx(2e8), pytest.approx(2e8))
    assert total.cumulative == (6e8, 6e8)
    assert total.cumulative_log10 == pytest.approx(math.log10(6e8))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("10 µg of exosomes", reasons.UNSPECIFIED_MASS),
        ("10 µg of protein", reasons.PROTEIN_MASS),
        ("exosomes from 1×10^8 MSCs", reasons.NO_CONVERSION),
        ("20 pmol phospholipid", reasons.NO_CONVERSION),
        ("10 million MSCs", reasons.NOT_VESICLES),
    ],
)
def test_other_measures_stay_in_their_unit(derived, text, why):
    of = derived(text)
    assert (of.particles_via, of.why) == ("none", (why,))
    assert of.per_administration[0] > 0
