"""Generated text: what is written is read, noise changes nothing, nothing crashes."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdose.dosing.attribution import attribute, read_doses
from evdose.dosing.route import read_routes, read_vocabulary
from evdose.dosing.schedule import read_schedule
from evdose.dosing.units import read_units
from places import PROJECT

UNITS = read_units(PROJECT / "config/units.txt")
ROUTES = read_vocabulary(PROJECT / "config/routes.yaml")
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")

mantissas = st.integers(1, 999).map(lambda tenths: tenths / 10)
exponents = st.integers(6, 12)
NOTATIONS = {
    "caret": lambda m, e: f"{m}×10^{e}",
    "star": lambda m, e: f"{m}*10^{e}",
    "superscript": lambda m, e: f"{m} × 10{str(e).translate(SUPERSCRIPTS)}",
    "html": lambda m, e: f"{m} &times; 10<sup>{e}</sup>",
    "markdown": lambda m, e: f"{m} x 10\\^{e}",
    "scientific": lambda m, e: f"{m}E{e}" if m not in (10, 100, 1000) else f"{m}×10^{e}",
    "comma": lambda m, e: f"{str(m).replace('.', ',')}×10^{e}",
    "full width": lambda m, e: f"{m}×10^{e}".translate(FULL_WIDTH),
    "lost superscript": lambda m, e: f"{m} x 10{e}",
    "E after ten": lambda m, e: f"{m} x 10E{e}",
    "Cyrillic x": lambda m, e: f"{m}х10^{e}",
    "billion": lambda m, e: f"{m * 10.0**e / 1e9:.12g} billion",
    "Chinese": lambda m, e: f"{m * 10.0**e / 1e8:.12g}亿",
}
notations = st.sampled_from(sorted(NOTATIONS))
nouns = st.sampled_from(["particles", "nano vesicles", "EVs", "exosomes", "MSC-derived exosome particles"])
spaces = st.text(" \t\n\u00a0\u2009", max_size=3)
noise = st.sampled_from(
    ["patients will receive", "on the ward,", "under supervision", "(as planned)", "followed up;"]
)


def values(text):
    return [(dose.low, dose.high, dose.unit, dose.per) for dose in read_doses(text, UNITS)[0]]


@given(notations, mantissas, exponents, nouns)
def test_a_dose_in_any_notation_reads_back(notation, mantissa, exponent, noun):
    value = mantissa * 10.0**exponent
    assert values(f"{NOTATIONS[notation](mantissa, exponent)} {noun}") == [
        (pytest.approx(value), pytest.approx(value), "particle", "administration")
    ]


@given(mantissas, mantissas, exponents, st.sampled_from(["-", "–", " to ", "~", " - "]))
def test_a_range_shares_its_power(one, other, exponent, to):
    low, high = sorted((one, other))
    read = values(f"{low}{to}{high}×10^{exponent} particles")
    assert read == [
        (
            pytest.approx(low * 10.0**exponent),
            pytest.approx(high * 10.0**exponent),
            "particle",
            "administration",
        )
    ]


@given(
    mantissas,
    exponents,
    st.sampled_from([("/kg", "kg"), (" per eye", "eye"), ("/cm²", "cm2"), ("/day", "day")]),
)
def test_a_denominator_is_kept(mantissa, exponent, per):
    assert [dose[3] for dose in values(f"{mantissa}×10^{exponent} particles{per[0]}")] == [per[1]]


@given(mantissas, exponents, spaces, noise, noise)
def test_noise_and_space_change_nothing(mantissa, exponent, space, before, after):
    plain = f"{mantissa}×10^{exponent} particles"
    noisy = f"{before} {mantissa}{space}×{space}10^{exponent} {space}particles {after}"
    assert values(noisy) == values(plain)


@given(mantissas, exponents, st.integers(1, 3))
def test_scaling_the_number_scales_the_dose(mantissa, exponent, by):
    [one] = values(f"{mantissa}×10^{exponent} particles/kg")
    [other] = values(f"{mantissa}×10^{exponent + by} particles/kg")
    assert other[0] == pytest.approx(one[0] * 10**by)


@given(st.integers(1, 30), st.integers(1, 4), st.sampled_from(["day", "week", "month"]))
def test_a_frequency_over_its_own_unit_multiplies(periods, times, unit):
    schedule = read_schedule(f"{times} times a {unit} for {periods} {unit}s")
    assert (schedule.administrations, schedule.status) == (times * periods, "exact")


@given(st.lists(st.integers(0, 90), min_size=1, max_size=8, unique=True))
def test_listed_days_are_counted(days):
    assert read_schedule("on days " + ", ".join(map(str, days))).administrations == len(days)


PIECES = """
    1 10 108 2.5 x × ^ e E8 10^8 10^ million particles cells mL µg /kg per each - to , and or ( ) ± 5% in of
    total daily days every week q2w twice then until up single
"""
hostile = st.one_of(
    st.text(max_size=200),
    st.binary(max_size=200).map(lambda data: data.decode("utf-8", "replace")),
    st.text("0123456789.,^*xXeE×-–~/()±% mgkLcµu亿万²⁸\\&;<>", max_size=120),
    st.lists(st.sampled_from(PIECES.split()), max_size=30).map(" ".join),
)


@settings(max_examples=300)
@given(hostile)
def test_no_text_crashes_or_gives_an_impossible_dose(text):
    for dose in attribute(text, UNITS)[0]:
        assert 0 <= dose.low <= dose.high < math.inf
        assert dose.high > 0
    schedule = read_schedule(text)
    assert schedule.administrations is None or 0 < schedule.administrations < math.inf
    assert read_routes(text, ROUTES)


@given(hostile)
def test_a_fragment_is_a_part_of_the_text(text):
    doses, cleaned = read_doses(text, UNITS)
    assert all(cleaned.fragment(dose.start, dose.end) in text for dose in doses)


@pytest.mark.parametrize(
    "part",
    [
        "1",
        "1,111,",
        "1 ",
        "10 x ",
        "x",
        "\u200b",
        "&amp;",
        "2×10^8 particles, ",
        "once ",
        "1/",
        "over 1 min to ",
        "a-",
    ],
)
def test_time_is_linear_in_length(part):
    def seconds(n):
        text = part * (n // len(part))
        start = time.perf_counter()
        read_doses(text, UNITS)
        read_schedule(text)
        read_routes(text, ROUTES)
        return time.perf_counter() - start

    seconds(1_000)
    # A quadratic reader would take sixteen times as long for four times the text.
    assert min(seconds(20_000) for _ in range(2)) < 10 * min(seconds(5_000) for _ in range(2)) + 0.2
