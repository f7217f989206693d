"""Amounts: the notations of registries, and what is no amount."""

from __future__ import annotations

import pytest

from evdose.dosing.attribution import attribute, read_doses

PARTICLES = ("particle", "particles", "administration")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2.0×10^8 particles", 2e8),
        ("2 x 10**8 EVs", 2e8),
        ("2×10<sup>8</sup> exosomes", 2e8),
        ("2 &times; 10^8 exosomes", 2e8),
        ("60×10\\^6 particles", 6e7),
        ("2.5×10¹⁰ nanoparticles", 2.5e10),
        ("2E8 vesicles", 2e8),
        ("1e+08 particles", 1e8),
        ("800 billion particles", 8e11),
        ("1.2 trillion EVs", 1.2e12),
        ("one hundred million exosomes", 1e8),
        ("０.５×１０^１０ particles", 5e9),
        ("2亿 particles", 2e8),
        ("5000万 particles", 5e7),
        ("2,5×10^10 particles", 2.5e10),
        ("400,000,000 particles", 4e8),
        ("400 000 000 particles", 4e8),
        ("2·10^8 particles", 2e8),
        ("2х10^8 particles", 2e8),
        ("2.0 x 10^{8} particles", 2e8),
        ("2×10^8个外泌体", 2e8),
    ],
)
def test_notations_of_one_number(text, value, read):
    expected = [] if value is None else [(pytest.approx(value), pytest.approx(value), *PARTICLES)]
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "first", "other"),
    [
        ("2 x 108 particles", 2e8, 216),
        ("1×1011particles", 1e11, 1011),
        ("1010 exosome particles", 1e10, 1010),
        ("5 x 10E7 particles", 5e7, 5e8),
        ("10E10 particles", 1e11, 1e10),
        ("100e10 particles", 1e12, 1e10),
    ],
)
def test_a_guess_keeps_both_readings(text, first, other, units):
    [dose], _ = read_doses(text, units)
    assert dose.low == pytest.approx(first)
    assert dose.other_low == pytest.approx(other)
    assert dose.why


def test_a_lost_superscript_needs_something_counted(read):
    assert read("2 x 108 mg") == [(108_000, 108_000, "ug", "mass_unspecified", "administration")]


@pytest.mark.parametrize(
    ("text", "doses"),
    [
        ("0.5–2×10^10 particles", [(5e9, 2e10)]),
        ("from 1×10^9 to 5×10^9 particles", [(1e9, 5e9)]),
        ("between 5 and 10 billion particles", [(5e9, 1e10)]),
        ("2×10^8, 4×10^8 and 8×10^8 particles", [(2e8, 2e8), (4e8, 4e8), (8e8, 8e8)]),
        ("2, 4 and 8 ×10^8 particles", [(2e8, 2e8), (4e8, 4e8), (8e8, 8e8)]),
        ("100×10e6 (±10%) particles", [(1e8, 1e8)]),
        ("500 µg to 2 mg", [(500, 2000)]),
        ("5 mg - 10 mL of exosomes", [(5000, 5000)]),
    ],
)
def test_ranges_and_lists(text, doses, read):
    assert [dose[:2] for dose in read(text)] == [pytest.approx(dose) for dose in doses]


@pytest.mark.parametrize(
    ("text", "dose"),
    [
        ("20-50 µg", (20, 50, "ug", "mass_unspecified", "administration")),
        ("200 µg of protein", (200, 200, "ug", "protein", "administration")),
        ("20/kg", None),
        ("5 x 10^8 particles/kg", (5e8, 5e8, "particle", "particles", "kg")),
        ("2 mg/kg/day", (2000, 2000, "ug", "mass_unspecified", "kg")),
        ("100 mg/day", (1e5, 1e5, "ug", "mass_unspecified", "day")),
        ("1e9/ml × 5 ml", (5e9, 5e9, "particle", "particles", "administration")),
        ("exosomes from 1×10^8 MSCs", (1e8, 1e8, "cell", "cell_equivalents", "administration")),
        ("100 µg/g ointment", (100, 100, "ug/g", "mass_unspecified", "none")),
        ("10 µg/mL eye drops", (10, 10, "ug/mL", "mass_unspecified", "none")),
        ("2 drops/eye", (2, 2, "drop", "product_volume", "eye")),
        ("1×10^9 particles in each eye", (1e9, 1e9, "particle", "particles", "eye")),
        ("a total of 5×10^9 particles", (5e9, 5e9, "particle", "particles", "total")),
        ("1 × 10^7 EV particles per cm^2", (1e7, 1e7, "particle", "particles", "cm2")),
        ("0.5 ml/joint", (0.5, 0.5, "mL", "product_volume", "site")),
        ("3 litres of conditioned medium", (3000, 3000, "mL", "product_volume", "administration")),
    ],
)
def test_units_and_denominators(text, dose, read):
    assert read(text) == ([dose] if dose else [])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7 × 10^",
        "x 10^6 cells",
        "3 exosome infusions",
        "day 10 to day 12, EV-101",
        "CD24 exosomes",
        "CD90+, CD73+ and CD105+",
        "n=108",
        "1010",
        "0 mg",
        "1e99 particles",
        "5 mL of saline",
        "placebo 3 mL",
        "100 mL of blood",
        "n = 24, aged 18-65 years",
    ],
)
def test_no_dose(text, read):
    assert read(text) == []


def test_a_carrier_is_no_dose_beside_an_amount_of_product(units):
    every, _ = attribute("2×10^8 particles in 100 mL saline and 15 mL of EVs", units)
    assert [(dose.unit, dose.role) for dose in every] == [
        ("particle", "dose"),
        ("mL", "diluent, placebo or comparator"),
        ("mL", "carrier volume"),
    ]


def test_a_cap_is_no_dose_beside_the_dose_that_it_caps(read):
    assert read("2×10^6 cells/kg, up to a maximum of 2×10^8 cells") == [(2e6, 2e6, "cell", "cells", "kg")]


def test_a_restatement_is_one_dose(read):
    assert read("10 million particles (1×10^7 particles)") == [(1e7, 1e7, *PARTICLES)]


def test_a_power_of_ten_before_a_volume_is_not_decided(units):
    [dose], _ = read_doses("8 X 10^9 mL", units)
    assert (dose.unit, dose.undecided) == ("particle/mL", True)


def test_the_fragment_is_the_original_text(units):
    text = "Dose：２．５×10¹⁰&nbsp;particles/kg, weekly"
    [dose], cleaned = read_doses(text, units)
    assert cleaned.fragment(dose.start, dose.end) == "２．５×10¹⁰&nbsp;particles/kg"
