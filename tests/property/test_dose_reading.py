"""Generated dose texts: what is written is read, noise changes nothing, no text crashes or takes long."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdose.dosing.reading.dose import read_doses
from evdose.dosing.reading.lexicon import read_lexicon
from evdose.dosing.reading.reader import prepare
from evdose.dosing.terms import PER, SUBSTANCES, UNITS
from places import PROJECT

LEXICON = read_lexicon(PROJECT / "config/units.txt", PROJECT / "config/wording.yaml")
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")

mantissas = st.integers(1, 999).map(lambda tenths: tenths / 10)
exponents = st.integers(6, 12)
NOTATIONS = {
    "caret": lambda m, e: f"{m}×10^{e}",
    "caret with spaces": lambda m, e: f"{m} x 10 ^ {e}",
    "star": lambda m, e: f"{m}*10^{e}",
    "two stars": lambda m, e: f"{m} x 10**{e}",
    "superscript": lambda m, e: f"{m} × 10{str(e).translate(SUPERSCRIPTS)}",
    "html": lambda m, e: f"{m} &times; 10<sup>{e}</sup>",
    "markdown": lambda m, e: f"{m} x 10\\^{e}",
    "brackets": lambda m, e: f"{m} x 10({e})",
    "scientific": lambda m, e: f"{m}E{e}" if m not in (10, 100, 1000) else f"{m}×10^{e}",
    "comma": lambda m, e: f"{str(m).replace('.', ',')}×10^{e}",
    "full width": lambda m, e: f"{m}×10^{e}".translate(FULL_WIDTH),
    "lost superscript": lambda m, e: f"{m} x 10{e}",
    "E after ten": lambda m, e: f"{m} x 10E{e}",
    "Cyrillic x": lambda m, e: f"{m}х10^{e}",
    "read as Latin-1": lambda m, e: f"{m}Ã—10^{e}",
    "billion": lambda m, e: f"{m * 10.0**e / 1e9:.12g} billion",
    "thousands": lambda m, e: f"{round(m * 10.0**e):,}",
    "Chinese": lambda m, e: f"{m * 10.0**e / 1e8:.12g}亿",
}
notations = st.sampled_from(sorted(NOTATIONS))
nouns = st.sampled_from(
    ["particles", "nano vesicles", "EVs", "exosomes", "MSC-derived exosome particles", "颗粒"]
)
masses = st.sampled_from([("ng", 1e-3), ("µg", 1), ("mcg", 1), ("mg", 1e3), ("milligrams", 1e3), ("g", 1e6)])
spaces = st.text(" \t\n\u00a0\u2009", max_size=3)
noise = st.sampled_from(
    ["patients will receive", "on the ward,", "under supervision", "(as planned)", "followed up;", ""]
)


def values(text):
    doses = read_doses(prepare(text).tokens, LEXICON)
    return [(dose.low, dose.high, dose.unit, dose.per) for dose in doses if dose.role == "dose"]


def particles(*ends, per="administration"):
    return [(pytest.approx(low), pytest.approx(high), "particle", per) for low, high in ends]


@given(notations, mantissas, exponents, nouns)
def test_a_dose_in_any_notation_reads_back(notation, mantissa, exponent, noun):
    value = mantissa * 10.0**exponent
    assert values(f"{NOTATIONS[notation](mantissa, exponent)} {noun}") == particles((value, value))


@given(st.integers(1, 9999).map(lambda hundredths: hundredths / 100), masses)
def test_a_mass_in_any_unit_reads_back(amount, mass):
    unit, factor = mass
    low, high, read_unit, per = values(f"{amount} {unit} of exosomes")[0]
    assert (low, read_unit, per) == (pytest.approx(amount * factor), "ug", "administration")
    assert low == high


@given(mantissas, mantissas, exponents, st.sampled_from(["-", "–", " to ", "~", " - "]))
def test_a_range_shares_its_power(one, other, exponent, to):
    low, high = sorted((one, other))
    read = values(f"{low}{to}{high}×10^{exponent} particles")
    assert read == particles((low * 10.0**exponent, high * 10.0**exponent))


@given(
    st.lists(st.integers(1, 99), min_size=2, max_size=5, unique=True),
    exponents,
    st.sampled_from([", ", " / ", " or ", ", and "]),
)
def test_a_list_shares_its_power_and_unit(levels, exponent, separator):
    read = values(f"{separator.join(map(str, levels))} × 10^{exponent} particles/kg")
    ends = [(level * 10.0**exponent,) * 2 for level in levels]
    assert read == particles(*ends, per="kg")


@given(
    mantissas,
    exponents,
    st.sampled_from(
        [("/kg", "kg"), (" per kg body weight", "kg"), (" per eye", "eye"), ("/cm²", "cm2"), ("/day", "day"),
         ("/joint", "site"), ("/3 mL", "administration"), ("/m²", "none")]
    ),
)  # fmt: skip
def test_a_denominator_is_kept(mantissa, exponent, per):
    assert [dose[3] for dose in values(f"{mantissa}×10^{exponent} particles{per[0]}")] == [per[1]]


@given(mantissas, exponents, spaces, noise, noise)
def test_noise_and_space_change_nothing(mantissa, exponent, space, before, after):
    plain = f"{mantissa}×10^{exponent} particles"
    noisy = f"{before} {mantissa}{space}×{space}10^{exponent} {space}particles {after}"
    assert values(noisy) == values(plain)


@given(mantissas, exponents)
def test_encodings_change_nothing(mantissa, exponent):
    plain = values(f"{mantissa} × 10^{exponent} particles/kg")
    for encoded in (
        f"{mantissa} &amp;times; 10^{exponent} particles&#47;kg",
        f"{mantissa} &#215; 10\\^{exponent} <b>particles</b>/kg",
        f"{mantissa}\u00a0×\u200910^{exponent}\u200b particles/ｋｇ".translate(FULL_WIDTH),
    ):
        assert values(encoded) == plain


@given(mantissas, exponents, st.integers(1, 3))
def test_scaling_the_number_scales_the_dose(mantissa, exponent, by):
    [one] = values(f"{mantissa}×10^{exponent} particles/kg")
    [other] = values(f"{mantissa}×10^{exponent + by} particles/kg")
    assert other[0] == pytest.approx(one[0] * 10**by)


@given(mantissas, exponents, st.integers(1, 50))
def test_a_concentration_times_a_volume_is_their_product(mantissa, exponent, volume):
    read = values(f"{volume} mL of {mantissa}×10^{exponent} particles/mL")
    assert read == particles((volume * mantissa * 10.0**exponent,) * 2)


PIECES = """
    1 10 108 1010 2.5 x × ^ e E8 10^8 10^ million particles cells mL µg mg/kg /kg per each - to , and or ( ) ±
    in of total daily days every saline placebo blood < > up max tablets 2x 1) 0.5. 10E7 万 Day 1-5 ng/mL
    (50-)
"""
hostile = st.one_of(
    st.text(max_size=200),
    st.binary(max_size=200).map(lambda data: data.decode("utf-8", "replace")),
    st.text("0123456789.,^*xXeE×-–~/()±% mgkLcµu亿万²⁸\\&;<>'", max_size=120),
    st.lists(st.sampled_from(PIECES.split()), max_size=30).map(" ".join),
)


@settings(max_examples=400)
@given(hostile)
def test_no_text_crashes_or_gives_an_impossible_dose(text):
    prepared = prepare(text)
    for dose in read_doses(prepared.tokens, LEXICON):
        assert 0 <= dose.low <= dose.high < math.inf
        assert dose.high > 0
        assert dose.unit in UNITS
        assert dose.substance in SUBSTANCES
        assert dose.per in PER
        assert prepared.cleaned.fragment(dose.start, dose.end) in text


HOSTILE_PARTS = [
    "1", "1,111,", "1.", "10 x ", "1 x 1) x ", "1 x 5 10^6 ", "\u200b", "&amp;", "<sup>", "10^8 (", "5 mg/",
    "a-", "per ", "3000 g ", "5 mg/mL 5 mL ",
]  # fmt: skip


@pytest.mark.parametrize("part", HOSTILE_PARTS)
def test_time_is_linear_in_length(part):
    def seconds(length):
        text = part * (length // len(part))
        start = time.process_time()
        read_doses(prepare(text).tokens, LEXICON)
        return time.process_time() - start

    seconds(1_000)
    # A quadratic reader would take a hundred times as long for ten times the text.
    assert seconds(1_000_000) < 25 * seconds(100_000) + 0.5
