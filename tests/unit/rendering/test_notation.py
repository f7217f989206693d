"""Numbers as people read them."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdose.rendering import notation


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.5, "0.5"),
        (-1.234567, "−1.23"),
        (12.345, "12.3"),
        (999.7, "1,000"),
        (54321.0, "54,321"),
        (2e8, "2×10⁸"),
        (1e8, "10⁸"),
        (-1e8, "−10⁸"),
        (1.25e12, "1.25×10¹²"),
        (0.00012, "1.2×10⁻⁴"),
        (math.nan, "–"),
        (None, "–"),
    ],
)
def test_number(value, text):
    assert notation.number(value) == text


@pytest.mark.parametrize(
    ("log10", "text"), [(8.30103, "2×10⁸"), (9.0, "10⁹"), (10.09, "1.2×10¹⁰"), (None, "–")]
)
def test_power(log10, text):
    assert notation.power(log10) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0%"), (1.0, "100%"), (0.004, "< 1%"), (0.998, "> 99%"), (0.125, "12%"), (None, "–")],
)
def test_percent_never_makes_some_look_like_none_or_all(share, text):
    assert notation.percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0004, "< 0.001"), (0.0314, "0.031"), (0.0996, "0.10"), (1.0, "1.00")],
)
def test_p_value(value, text):
    assert notation.p_value(value) == text


def test_intervals_and_estimates_say_what_is_open():
    assert notation.interval(0.1, 2.5) == "0.1 to 2.5"
    assert notation.interval(None, 2.5) == "up to 2.5"
    assert notation.interval(0.1, None) == "from 0.1"
    assert notation.estimate(0.59, -1, 0.7) == "0.590 (−1.00 to 0.700)"
    assert notation.estimate(0.4, None, None) == "0.400"
    assert notation.estimate(0.5, 0.1, 0.998, notation.percent) == "50% (10% to > 99%)"
    assert notation.estimate(None, 0.1, 0.7) == "–"


@pytest.mark.parametrize(
    ("dose", "text"),
    [
        ((2e8, 2e8, "particle", "administration"), "2×10⁸ particles per administration"),
        ((20.0, 50.0, "ug", "kg"), "20 to 50 µg per kg"),
        ((5.0, None, "mL", "none"), "5 mL"),
        ((1e7, 1e7, "particle", "cm2"), "10⁷ particles per cm²"),
        ((3.0, 3.0, "drop", "total"), "3 drops in total"),
        ((None, None, None, None), "–"),
    ],
)
def test_dose(dose, text):
    assert notation.dose(*dose) == text


@pytest.mark.parametrize(
    ("words", "html"),
    [
        ("around 10^8 particles", "around 10<sup>8</sup> particles"),
        ("10^9.4 (10^8.3 to 10^-1)", "10<sup>9.4</sup> (10<sup>8.3</sup> to 10<sup>−1</sup>)"),
        ("exact p 5.3e-08)", "exact p 5.3×10<sup>−8</sup>)"),
        ("shift -2.32 (-3.15 to -1.00)", "shift −2.32 (−3.15 to −1.00)"),
        ("in 2014-2024, haMSC-Exos, CD9-1, NCT04276987", "in 2014-2024, haMSC-Exos, CD9-1, NCT04276987"),
        ("<b>10^8</b> & more", "&lt;b&gt;10<sup>8</sup>&lt;/b&gt; &amp; more"),
    ],
)
def test_numbers_in_a_sentence_are_set_as_html(words, html):
    assert notation.typeset(words) == html


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("not_reported", "not reported"),
        ("unknown_msc_origin", "unknown MSC origin"),
        ("cells_with_ev", "cells with EV"),
        ("NOT_YET_RECRUITING", "not yet recruiting"),
        (None, "–"),
    ],
)
def test_codes_are_read_as_words(code, text):
    assert notation.decoded(code) == text


def test_codes_in_a_sentence_are_read_as_words():
    assert notation.spelled_out("5 more (pain, hedges_g) by log_odds_ratio") == (
        "5 more (pain, Hedges' g) by log odds ratio"
    )
    assert notation.spelled_out(None) == "–"
    assert notation.spelled_out("nothing to change: A_B, 10_2") == "nothing to change: A_B, 10_2"


def test_phases_are_read_as_words():
    assert notation.phase("PHASE1/PHASE2") == "Phase 1/2"
    assert notation.phase("0") == "0"
    assert notation.phase(None) == "–"


def test_sentences_count_and_list():
    assert notation.counted(0, "trial") == "no trial"
    assert notation.counted(1, "study", "studies") == "1 study"
    assert notation.counted(1200, "study", "studies") == "1,200 studies"
    assert notation.listed([]) == ""
    assert notation.listed(["a", "b", "c"]) == "a, b and c"


SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


@given(st.floats(-1e30, 1e30))
def test_a_number_reads_back_within_its_digits(value):
    plain = notation.number(value).replace(",", "").replace("−", "-")
    in_e = re.sub(r"×?10([⁰¹²³⁴-⁹⁻]+)", lambda power: "e" + power[1].translate(SUPERSCRIPT), plain)
    assert float(re.sub(r"^(-?)e", r"\g<1>1e", in_e)) == pytest.approx(value, rel=5.1e-3, abs=1e-300)
