"""Conversions: sources that differ widen the interval, and none without a number is used."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from evdose.dosing.conversions import conversion_table, read_conversions
from evdose.errors import InputError


def test_differing_sources_widen_the_interval(conversions):
    exoflo = next(one for one in conversions if one.conversion_id == "exoflo_volume")
    assert 10**exoflo.log10 == pytest.approx(math.sqrt(7e10 * 8e10))
    assert exoflo.sd == pytest.approx((math.log10(8e10) - math.log10(7e10)) / math.sqrt(12))


def test_a_product_conversion_holds_for_its_product_only(conversions):
    exoflo = next(one for one in conversions if one.conversion_id == "exoflo_volume")
    assert exoflo.applies_to("mL", "product_volume", "15 mL of exoflo")
    assert not exoflo.applies_to("mL", "product_volume", "15 mL of Zofin")
    assert not exoflo.applies_to("ug", "protein", "ExoFlo")


def test_mass_is_for_sensitivity_analysis_only(conversions):
    of_mass = [one for one in conversions if {"protein", "mass_unspecified"} & set(one.substances)]
    assert of_mass and all(one.use == "sensitivity" for one in of_mass)


def test_what_is_used_has_a_number_and_a_source_and_the_rest_says_why(conversions):
    for conversion in conversions:
        if conversion.use == "none":
            assert conversion.why
        else:
            assert math.isfinite(conversion.log10) and conversion.source_url
        if conversion.use != "main":
            assert conversion.why


def test_every_conversion_is_in_the_table(conversions):
    table = conversion_table(conversions, Counter({"mass": 3}))
    assert len(table) == len(conversions)
    assert table.set_index("conversion_id").loc["mass", "n_doses"] == 3


ONE = """
conversions:
  - conversion_id: a
    from: mL
    to: particles
    use: main
    applies_to: {unit: mL, substances: [product_volume]}
    values: [{low: 1.0e+9, high: 2.0e+9, context: made up, source_url: null}]
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("low: 1.0e+9, high: 2.0e+9", "low: null, high: null", ["no number", "/conversions/0"]),
        ("unit: mL", "unit: parsec", ["parsec"]),
        ("use: main", "use: none", ["why"]),
        ("low: 1.0e+9", "low: -1", ["-1"]),
        ("conversion_id: a", "conversion_ID: a", ["conversion_ID", "conversion_id"]),
    ],
)
def test_a_broken_file_says_where(tmp_path, old, new, words):
    path = tmp_path / "conversions.yaml"
    path.write_text(ONE, encoding="utf-8")
    assert len(read_conversions(path)) == 1
    path.write_text(ONE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_conversions(path)
    assert all(word in str(error.value) for word in [str(path), *words])


def test_an_identifier_stands_once(tmp_path):
    path = tmp_path / "conversions.yaml"
    path.write_text(ONE + ONE.replace("\nconversions:\n", ""), encoding="utf-8")
    with pytest.raises(InputError, match="more than once"):
        read_conversions(path)
