"""Amounts: numbers with their units, denominators, ranges and lists, and what is no amount."""

from __future__ import annotations

import pytest

from evdose.dosing.reading.reader import prepare

PARTICLES = ("particle", "particles", "administration")


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
def test_a_guess_keeps_both_readings(text, first, other, reader):
    [dose] = reader.doses(prepare(text))
    assert dose.low == pytest.approx(first)
    assert dose.other_low == pytest.approx(other)
    assert dose.status == "inferred"


def test_a_lost_superscript_needs_something_counted(read):
    assert read("2 x 108 mg") == [(108_000, 108_000, "ug", "mass_unspecified", "administration")]


@pytest.mark.parametrize(
    ("text", "doses"),
    [
        ("0.5–2×10^10 particles", [(5e9, 2e10)]),
        ("from 1×10^9 to 5×10^9 particles", [(1e9, 5e9)]),
        ("between 5 and 10 billion particles", [(5e9, 1e10)]),
        ("(1.2-1.5) × 10^6 particles", [(1.2e6, 1.5e6)]),
        ("1,5-3,0 10E6 particles", [(1.5e6, 3e6)]),
        ("(50-)100(-200) mg", [(5e4, 2e5)]),
        ("1 mg/kg to 2 mg/kg", [(1000, 2000)]),
        ("500 µg to 2 mg", [(500, 2000)]),
        ("2×10^8, 4×10^8 and 8×10^8 particles", [(2e8, 2e8), (4e8, 4e8), (8e8, 8e8)]),
        ("2, 4 and 8 ×10^8 particles", [(2e8, 2e8), (4e8, 4e8), (8e8, 8e8)]),
        ("2:4:8 ×10^8 particles", [(2e8, 2e8), (4e8, 4e8), (8e8, 8e8)]),
        ("2.0×10^8 ×1, ×2, ×4 particles", [(2e8, 2e8), (4e8, 4e8), (8e8, 8e8)]),
        ("50-100-200 mg", [(5e4, 5e4), (1e5, 1e5), (2e5, 2e5)]),
        ("97/103 mg", [(9.7e4, 9.7e4), (1.03e5, 1.03e5)]),
        ("100×10e6 (±10%) particles", [(1e8, 1e8)]),
        ("1x1,000,000 particles", [(1e6, 1e6)]),
        ("5 mg - 10 mL of exosomes", [(5000, 5000)]),
        ("dose 2 - 10^10 particles", [(1e10, 1e10)]),
        ("day 1-5 mg", [(5000, 5000)]),
        ("days 1-3: 500 mg", [(5e5, 5e5)]),
        ("cohort -1: 3×10^5 cells", [(3e5, 3e5)]),
        ("pressure above 100, 1.25 mg", [(1250, 1250)]),
    ],
)
def test_ranges_and_lists(text, doses, read):
    assert [dose[:2] for dose in read(text)] == [pytest.approx(dose) for dose in doses]


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("300 million allogeneic, bone marrow-derived human mesenchymal stromal cells", "cell", 3e8),
        ("1 x 108 transduced KK-LC-1 TCR T cells", "cell", 1e8),
        ("10^6 CD133+ cells", "cell", 1e6),
        ("10^6 CAR-20/19-T cells", "cell", 1e6),
        ("10^6 adipose stem/stromal cells", "cell", 1e6),
        ("two hundred million MSCs", "cell", 2e8),
        ("1×10^6/kg umbilical cord MSCs", "cell", 1e6),
        ("2×10^8个外泌体", "particle", 2e8),
        ("3E13 vg", "particle", 3e13),
        ("12,500 cells", "cell", 12_500),
    ],
)
def test_what_is_counted_may_stand_at_the_end_of_its_phrase(text, unit, value, read):
    [dose] = read(text)
    assert (dose[0], dose[2]) == (pytest.approx(value), unit)


@pytest.mark.parametrize(
    ("text", "unit", "per"),
    [
        ("5 x 10^8 particles/kg", "particle", "kg"),
        ("5 x 10^8 particles per kg body weight", "particle", "kg"),
        ("1 million MSC's/kg", "cell", "kg"),
        ("1 million cells per body-weight kilogram", "cell", "kg"),
        ("2 x 10^6 cells per/kg", "cell", "kg"),
        ("2 mg/kg/day", "ug", "kg"),
        ("10 μg.kg-1", "ug", "kg"),
        ("0.1 µg/kg/min", "ug", "kg"),
        ("100 mg/day", "ug", "day"),
        ("100 mg a day", "ug", "day"),
        ("0.5 mg/24h", "ug", "day"),
        ("50 mg three times/day", "ug", "administration"),
        ("50 mg once a day", "ug", "administration"),
        ("2 drops/eye", "drop", "eye"),
        ("1×10^9 particles in each eye", "particle", "eye"),
        ("0.5 ml/joint", "mL", "site"),
        ("1 mL per affected knee", "mL", "site"),
        ("1 × 10^7 EV particles per cm^2", "particle", "cm2"),
        ("2 million cells/cm of tract", "cell", "none"),
        ("2 million cells/cm3", "cell", "none"),
        ("25 mg/sq m", "ug", "none"),
        ("25 mg/m²", "ug", "none"),
        ("25 mcg/h", "ug", "none"),
        ("2×10^8 particles/3 mL", "particle", "administration"),
        ("2×10^8 particles/patient", "particle", "administration"),
        ("2×10^8 particles per mL", "particle/mL", "none"),
        ("100 µg/g ointment", "ug/g", "none"),
        ("X1234 25 mg QD/ X1234 50 mg BID", "ug", "administration"),
    ],
)
def test_denominators(text, unit, per, read):
    assert read(text)[0][2::2] == (unit, per)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7 × 10^",
        "x 10^6 cells",
        "3 exosome infusions",
        "day 10 to day 12, EV-101",
        "CD24 exosomes",
        "CAP-1002 cells",
        "CD90+, CD73+ and CD105+",
        "JK07.1.01",
        "n=108",
        "1010",
        "0 mg",
        "1e99 particles",
        "two gram-negative bacteria",
        "mL/100 g/min",
        "n = 24, aged 18-65 years",
        "nano vesicle / 3 mL",
        "5 IU, 10 tablets, 3 MBq, 2 x 10^8 CFU, 10^7 TCID50",
    ],
)
def test_no_dose(text, read):
    assert read(text) == []


def test_the_fragment_is_the_original_text(reader):
    text = "Dose：２．５×10¹⁰&nbsp;particles/kg, weekly"
    prepared = prepare(text)
    [dose] = reader.doses(prepared)
    assert prepared.cleaned.fragment(dose.start, dose.end) == "２．５×10¹⁰&nbsp;particles/kg"
