"""Conversions: sources that differ widen the interval, and none without a number and a source is used."""

from __future__ import annotations

import json
import math
from collections import Counter

import jsonschema
import pytest

from evdose.dosing.conversions import BODY_WEIGHT, conversion_table, read_conversions
from evdose.dosing.tables import SUBSTANCES, UNITS
from evdose.errors import InputError
from places import PROJECT

SCHEMA = json.loads((PROJECT / "workflow/schemas/conversions.schema.json").read_text(encoding="utf-8"))
# What the sources say: lowest and highest factor of each conversion.
SOURCED = {
    "exoflo_volume": (7e10, 8e10),
    "mass": (4e7, 1.5e9),
    "mass_purity_benchmark": (3e10, 3e10),
    "zofin_volume": (2e11, 5.24e11),
    "ardoxo_volume": (2e9, 8e9),
    "hamsc_exos_fill": (6.67e7, 5.33e8),
    "samara_fill": (1.67e9, 6.67e9),
    "ptd2021p_strength": (100, 100),
    "microvesicles_per_cell": (1e5, 1e5),
    "flask_yield": (1.2e6, 6.6e6),
    "medium_cell_factory": (1.36e9, 5.96e9),
    "medium_quantum": (1.04e10, 1.04e10),
    "medium_microcarriers": (1e11, 1e11),
    "medium_fibercell": (5.5e10, 5.5e10),
    "vertical_wheel_batch": (1.8e11, 5.8e11),
    "label_tolerance": (0.8, 1.2),
    "between_laboratories": (0.475, 1.525),
}


def by_id(conversions):
    return {one.conversion_id: one for one in conversions}


def test_the_factor_is_the_middle_of_what_the_sources_span(conversions):
    numbered = {name: one for name, one in by_id(conversions).items() if not math.isnan(one.log10)}
    assert numbered.keys() == SOURCED.keys() | {BODY_WEIGHT}
    for name, (low, high) in SOURCED.items():
        assert 10 ** numbered[name].log10 == pytest.approx(math.sqrt(low * high)), name
        assert numbered[name].sd == pytest.approx((math.log10(high) - math.log10(low)) / math.sqrt(12)), name


def test_body_weight_is_log_normal_with_its_mean_and_sd(conversions):
    weight = by_id(conversions)[BODY_WEIGHT]
    mu, sigma = (value * math.log(10) for value in (weight.log10, weight.sd))
    mean = math.exp(mu + sigma**2 / 2)
    assert mean == pytest.approx(70)
    assert mean * math.sqrt(math.exp(sigma**2) - 1) == pytest.approx(15)
    assert weight.use == "sensitivity"
    assert "assum" in weight.why and "assumed" in weight.context


def test_a_product_conversion_holds_for_its_product_only(conversions):
    exoflo = by_id(conversions)["exoflo_volume"]
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
    table = conversion_table(conversions, Counter({"mass": 3})).set_index("conversion_id")
    assert len(table) == len(conversions)
    assert list(table.loc[["mass", BODY_WEIGHT], "n_doses"]) == [3, 0]


ONE = """
body_weight: {mean: 70, sd: 15, why: an assumption, context: made up, source_url: null}
conversions:
  - conversion_id: a
    from: mL
    to: particles
    use: main
    applies_to: {unit: mL, substances: [product_volume]}
    values: [{low: 1.0e+9, high: 2.0e+9, context: made up, source_url: "https://example.org"}]
"""


@pytest.fixture
def read(tmp_path):
    def of(text):
        path = tmp_path / "conversions.yaml"
        path.write_text(text, encoding="utf-8")
        return read_conversions(path)

    return of


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("low: 1.0e+9, high: 2.0e+9", "low: null, high: null", ["no number", "/conversions/0"]),
        ("https://example.org", "", ["/conversions/0/values/0/source_url", "where the number was read"]),
        ('"https://example.org"', "null", ["no source", "/conversions/0"]),
        ("unit: mL", "unit: parsec", ["parsec"]),
        ("use: main", "use: none", ["why"]),
        ("use: main", "use: sensitivity", ["why"]),
        ("    applies_to: {unit: mL, substances: [product_volume]}\n", "", ["applies_to"]),
        ("low: 1.0e+9", "low: -1", ["-1"]),
        ("conversion_id: a", "conversion_ID: a", ["conversion_ID", "conversion_id"]),
        ("conversion_id: a", f"conversion_id: {BODY_WEIGHT}", ["more than once", BODY_WEIGHT]),
        ("mean: 70", "mean: 0", ["/body_weight/mean"]),
        ("sd: 15, ", "", ["/body_weight/sd", "kg"]),
    ],
)
def test_a_broken_file_says_where(tmp_path, read, old, new, words):
    assert old in ONE
    assert len(read(ONE)) == 2
    with pytest.raises(InputError) as error:
        read(ONE.replace(old, new, 1))
    assert all(word in str(error.value) for word in [str(tmp_path / "conversions.yaml"), *words])


def test_an_identifier_stands_once(read):
    _, one = ONE.split("conversions:\n")
    with pytest.raises(InputError, match="more than once"):
        read(ONE + one)


def test_one_bound_alone_still_widens_the_interval(read):
    bound = "{low: null, high: 8.0e+9, context: an upper bound, source_url: https://example.org}"
    one, _ = read(ONE.replace("values: [", f"values: [{bound}, "))
    assert 10**one.log10 == pytest.approx(math.sqrt(1e9 * 8e9))


def nodes(node, place=""):
    yield place, node
    for key in ("properties", "$defs"):
        for name, child in node.get(key, {}).items():
            yield from nodes(child, f"{place}/{name}")
    if "items" in node:
        yield from nodes(node["items"], f"{place}/[]")


def test_the_schema_is_strict_and_explains_itself():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for place, node in nodes(SCHEMA):
        assert "$ref" in node or node.get("description"), place
        assert node.get("type") != "object" or node["additionalProperties"] is False, place


def test_the_choices_of_the_schema_are_those_of_the_tables():
    applies_to = SCHEMA["$defs"]["applies_to"]["properties"]
    assert applies_to["unit"]["enum"] == list(UNITS)
    assert applies_to["substances"]["items"]["enum"] == list(SUBSTANCES)


def test_an_editor_finds_the_schema_of_the_file():
    first = (PROJECT / "config/conversions.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../workflow/schemas/conversions.schema.json"
