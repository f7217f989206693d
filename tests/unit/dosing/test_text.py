"""Cleaning keeps the way back to every original character."""

from __future__ import annotations

import pytest

from evdose.dosing.reading.text import clean


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("10⁻³ cm² 10²", "10^-3 cm2 10^2"),
        ("10<sup>8</sup>/cm<sup>2</sup>", "10^8/cm2"),
        ("5&nbsp;&micro;g &amp;times; 3", "5 ug x 3"),
        ("10\\^6 \\[a\\]", "10^6 [a]"),
        ("½ mL, 1½ mL", "0.5 ml, 1.5 ml"),
        ("5㎖～10㎖", "5ml~10ml"),
        ("a\u200bb\ufeff", "ab"),
        ("A – B — C", "a - b - c"),
        ("<5 & >3", "<5 & >3"),
        ("\\>5, ⩾5, ≦5", ">5, ≥5, ≤5"),
        ("5 Ã— 10 Âµg", "5 x 10 ug"),
        ("10ˆ7, 10´7", "10^7, 10'7"),
    ],
)
def test_what_the_grammars_read(text, plain):
    assert clean(text).text == plain


def test_plain_text_is_only_lowered():
    assert clean("2 x 10^8 EVs").changes == ()
    assert clean("2 x 10^8 EVs").text == "2 x 10^8 evs"


@pytest.mark.parametrize("part", ["10¹⁰ particles", "&times;", "ｍｌ", "½", "Ã—", "end"])
def test_a_span_leads_back(part):
    text = "２.5 &times; 10¹⁰ particles, ５ｍｌ ½ 3 Ã— 4 end"
    cleaned = clean(text)
    start = len(clean(text[: text.index(part)]).text)
    end = len(clean(text[: text.index(part) + len(part)]).text)
    assert cleaned.fragment(start, end) == part
