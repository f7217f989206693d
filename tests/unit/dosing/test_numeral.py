"""Numbers: every notation of registries, the other reading of a guess, and what is no number."""

from __future__ import annotations

import pytest

from evdose.dosing.reading.numeral import read_number
from evdose.dosing.reading.reader import prepare
from evdose.dosing.reading.tokens import NUMERAL, SIGN, WORD, Tokens, numeral


def number_of(text):
    return read_number(prepare(text).tokens, 0)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("12.5", 12.5),
        ("12,5", 12.5),
        ("0,25", 0.25),
        (".5", 0.5),
        ("0·5", 0.5),
        ("1,000", 1000),
        ("1,250,000", 1_250_000),
        ("1.250.000", 1_250_000),
        ("30 000 000", 30_000_000),
        ("1½", 1.5),
        ("２５", 25),
        ("2.0×10^8", 2e8),
        ("2 x 10**8", 2e8),
        ("2*10^8", 2e8),
        ("2·10^8", 2e8),
        ("2х10^8", 2e8),
        ("2 Ã— 10^8", 2e8),
        ("2 x 10⁸", 2e8),
        ("2 x 10<sup>8</sup>", 2e8),
        ("2 x 10\\^8", 2e8),
        ("2 x 10ˆ8", 2e8),
        ("2 x 10'8", 2e8),
        ("2 x 10exp8", 2e8),
        ("2 x 10^{8}", 2e8),
        ("2 x 10(8)", 2e8),
        ("2 x 10 8", 2e8),
        ("2. 10^8", 2e8),
        ("2.10^8", 2e8),
        ("2 times 10^8", 2e8),
        ("1.5 10^8", 1.5e8),
        ("2 x 100,000,000", 2e8),
        ("10^8", 1e8),
        ("2E8", 2e8),
        ("2e+08", 2e8),
        ("800 billion", 8e11),
        ("1.2 trillion", 1.2e12),
        ("150M", 1.5e8),
        ("one hundred million", 1e8),
        ("2亿", 2e8),
        ("5000万", 5e7),
        ("9 ± 1", 9),
        ("100 (±10%)", 100),
        ("5 +/- 2", 5),
    ],
)
def test_notations(text, value):
    assert number_of(text).value == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "literal", "power"),
    [
        ("108", 108, 1e8),
        ("1010", 1010, 1e10),
        ("1.106", 1.106, 1e6),
        ("2 x 108", 216, 2e8),
        ("1×1011", 1011, 1e11),
        ("2 times 106", None, 2e6),
        ("10x6", 60, 1e6),
    ],
)
def test_a_lost_superscript_is_a_second_reading(text, literal, power):
    number = number_of(text)
    assert number.lost.value == pytest.approx(power)
    if literal is not None:
        assert number.value * (number.repeats or 1) == pytest.approx(literal)


@pytest.mark.parametrize(
    ("text", "first", "other"),
    [("5 x 10E7", 5e7, 5e8), ("10E10", 1e11, 1e10), ("100e10", 1e12, 1e10), ("2.0*10E8", 2e8, 2e9)],
)
def test_an_e_after_ten_has_two_readings(text, first, other):
    number = number_of(text)
    assert (number.value, number.other) == (pytest.approx(first), pytest.approx(other))
    assert number.reason


@pytest.mark.parametrize("text", ["1000", "1002", "1020", "10", "1.5", "110", "205"])
def test_what_looks_like_no_lost_superscript(text):
    assert number_of(text).lost is None


@pytest.mark.parametrize("text", ["7 × 10^", "x 10^6", "mg", "^8", ""])
def test_what_is_cut_off_is_no_number(text):
    assert number_of(text) is None


def test_n_times_an_amount_is_told_from_a_product():
    number = number_of("3 x 5")
    assert (number.value, number.repeats) == (5, 3)
    number = number_of("3 x 2 x 10^6")
    assert (number.value, number.repeats) == (2e6, 3)


def test_the_end_stands_behind_what_was_read():
    text = "2 x 10^8 (±10%) cells"
    tokens = prepare(text).tokens
    assert tokens.word[read_number(tokens, 0).end] == "cells"


def test_tokens_know_their_place():
    tokens = Tokens("2.5 mg/kg of cd34+ 外泌体")
    assert tokens.word[: tokens.size] == ["2.5", "mg", "/", "kg", "of", "cd", "34", "+", "外", "泌", "体"]
    assert tokens.kind[:4] == [NUMERAL, WORD, SIGN, WORD]
    assert [tokens.text[s:e] for s, e in zip(tokens.start, tokens.end, strict=True)] == tokens.word
    assert [tokens.glued(place) for place in range(4)] == [False, False, True, True]
    assert [tokens.word[place] for place in tokens.numerals] == ["2.5", "34"]


def test_a_numeral_that_nobody_writes_is_a_sign():
    assert numeral("1" * 25) is None
    assert Tokens("1" * 25).kind[0] == SIGN


@pytest.mark.parametrize(
    ("text", "word"),
    [("six weeks.1×10^9", "1"), ("0,0.5, and 1", "0"), ("1,2 and 3", "1"), ("10.5.2021", "10.5")],
)
def test_a_mark_between_two_numbers_joins_nothing(text, word):
    tokens = Tokens(text)
    assert tokens.word[tokens.numerals[0]] == word
