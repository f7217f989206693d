"""The house keeps its plan: stages import from earlier stages' table contracts only, scripts stay recipes.

The command line is the outermost layer: it may use every stage, and nothing may use it.
"""

from __future__ import annotations

import ast

import pytest

from places import PROJECT

PACKAGE = PROJECT / "scripts/evdose"
COMMANDS = PACKAGE / "commands.py"
STAGES = ["records", "dosing", "screening", "modelling", "rendering", "release"]
MODULES = sorted(PACKAGE.rglob("*.py"))
SCRIPTS = sorted((PROJECT / "scripts").glob("*.py"))


def imported(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(
    "file",
    [file for file in MODULES if file != COMMANDS],
    ids=lambda file: str(file.relative_to(PACKAGE)),
)
def test_a_stage_imports_no_later_stage_and_only_tables_of_earlier_ones(file):
    own = file.relative_to(PACKAGE).parts[0]
    for name in imported(file):
        parts = name.split(".")
        if parts[0] != "evdose" or len(parts) < 3 or parts[1] not in STAGES or parts[1] == own:
            continue
        assert own in STAGES, f"{file.name} is shared by all stages, so it may import none ({name})"
        assert STAGES.index(parts[1]) < STAGES.index(own), f"{own} imports the later stage {parts[1]}"
        assert parts[2] == "tables", f"{own} reaches into {name}; only table contracts are shared"


def test_nothing_imports_the_command_line():
    assert COMMANDS in MODULES
    users = [file for file in MODULES + SCRIPTS if "evdose.commands" in set(imported(file))]
    assert users == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_a_script_is_a_recipe(script):
    tree = ast.parse(script.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "its docstring is the documentation of its rule"
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    assert len(script.read_text(encoding="utf-8").splitlines()) <= 80


def test_no_module_is_a_drawer_of_odds_and_ends():
    assert not [file for file in MODULES if file.stem in {"utils", "util", "helpers", "common", "misc"}]
