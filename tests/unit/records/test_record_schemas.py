"""The published contracts of cards, outcomes and claims: strict, explained, and of one mind."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest

from evdose.documents import check_document, read_yaml
from evdose.dosing.tables import PER, SUBSTANCES, UNITS
from evdose.records.tables import EV_CLASSES, OUTCOME_DOMAINS, P_VALUE_AGAINST, ROLES
from places import PROJECT

NAMES = ["trial", "outcomes", "claims"]


def schema(name):
    return json.loads((PROJECT / f"workflow/schemas/{name}.schema.json").read_text(encoding="utf-8"))


def nodes(node, place=""):
    """Every subschema with its place."""
    yield place, node
    for key in ("properties", "$defs"):
        for name, child in node.get(key, {}).items():
            yield from nodes(child, f"{place}/{name}")
    if "items" in node:
        yield from nodes(node["items"], f"{place}/[]")


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_schema(name):
    jsonschema.Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", NAMES)
def test_no_unknown_key_passes(name):
    for place, node in nodes(schema(name)):
        if node.get("type") == "object":
            assert node["additionalProperties"] is False, place


@pytest.mark.parametrize("name", NAMES)
def test_every_field_says_what_would_be_right(name):
    for place, node in nodes(schema(name)):
        assert "$ref" in node or node.get("description"), place


def test_an_arm_is_the_same_in_both():
    trial, outcomes = schema("trial")["$defs"], schema("outcomes")["$defs"]
    assert {name: outcomes[name] for name in trial} == trial


def test_choices_are_those_of_the_tables():
    curated = schema("trial")["$defs"]["curated"]["properties"]
    assert curated["unit"]["enum"] == list(UNITS)
    assert curated["substance"]["enum"] == list(SUBSTANCES)
    assert curated["per"]["enum"] == list(PER)
    assert schema("trial")["$defs"]["arm"]["properties"]["role"]["enum"] == list(ROLES)
    outcome = schema("outcomes")["$defs"]["outcome"]["properties"]
    assert outcome["domain"]["enum"] == list(OUTCOME_DOMAINS)
    assert outcome["p_value_against"]["enum"] == list(P_VALUE_AGAINST)
    for name in ("trial", "outcomes"):
        product = schema(name)["properties"]["product"]["properties"]
        assert product["ev_class"]["enum"] == list(EV_CLASSES)


def test_the_examples_of_the_manual_are_valid(tmp_path):
    manual = (PROJECT / "seeds/README.md").read_text(encoding="utf-8")
    trial, curated, outcomes = re.findall(r"```yaml\n(.*?)```", manual, re.DOTALL)
    trial = trial.replace("    schedule: once daily for 5 days\n", curated)
    for name, text in (("trial", trial), ("outcomes", outcomes)):
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        check_document(read_yaml(path), schema(name))
