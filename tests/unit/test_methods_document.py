"""docs/methods.md leaves out no estimator, no table and no minimum, and names none that isn't there."""

import re

import pandera.pandas as pa
import pytest
import yaml

from evdose.modelling import tables
from places import PROJECT

DOCUMENT = (PROJECT / "docs/methods.md").read_text(encoding="utf-8")
MODELLING = PROJECT / "scripts/evdose/modelling"
MODELS = yaml.safe_load((PROJECT / "config/config.yaml").read_text(encoding="utf-8"))["models"]
CODE = {path.relative_to(MODELLING).as_posix() for path in MODELLING.rglob("*.py")}
ESTIMATORS = {name for name in CODE if name.startswith("estimators/") and not name.endswith("__init__.py")}
SCHEMAS = [table for table in vars(tables).values() if isinstance(table, pa.DataFrameSchema)]


def test_every_estimator_is_named():
    assert [name for name in sorted(ESTIMATORS) if f"`{name}`" not in DOCUMENT] == []


def test_no_code_is_named_that_is_gone():
    named = set(re.findall(r"`((?:\w+/)?\w+\.py)`", DOCUMENT))
    assert named - CODE == set()


@pytest.mark.parametrize("table", SCHEMAS, ids=lambda table: table.name)
def test_every_table_is_named(table):
    assert f"`{table.name}`" in DOCUMENT


def test_every_setting_is_named():
    assert [key for key in MODELS if f"`{key}`" not in DOCUMENT] == []


def test_values_are_the_shipped_ones_and_every_minimum_has_one():
    stated = {key: float(value) for key, value in re.findall(r"`(\w+)` \(([\d.]+)\)", DOCUMENT)}
    assert {key for key in MODELS if key.startswith("min_")} <= set(stated)
    assert stated == {key: MODELS[key] for key in stated}


def test_links_within_the_document_lead_somewhere():
    headings = re.findall(r"^#+ (.+)$", DOCUMENT, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", DOCUMENT)) - anchors == set()
