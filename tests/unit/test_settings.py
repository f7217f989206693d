import copy
import datetime
import json
import os
import subprocess
import sys

import pytest
import yaml

from evdose.documents import read_yaml
from evdose.errors import InputError
from evdose.settings import check_config, files_of
from places import PROJECT

CONFIG = "config/config.yaml"


@pytest.fixture(autouse=True)
def in_project(monkeypatch):
    monkeypatch.chdir(PROJECT)


@pytest.fixture
def shipped():
    """The shipped config as Snakemake loads it: YAML 1.1, days as dates."""
    return yaml.safe_load((PROJECT / CONFIG).read_text(encoding="utf-8"))


@pytest.fixture
def config(shipped):
    """The shipped config with a release and an end of the data that these tests know."""
    end = datetime.date(2026, 11, 20)
    for scenario in shipped["scenarios"].values():
        scenario["registered_to"] = min(scenario["registered_to"], end)
    return shipped | {"data_to": end, "release": {"name": "2026.11", "date": datetime.date(2026, 11, 22)}}


def line_of(text):
    lines = (PROJECT / CONFIG).read_text(encoding="utf-8").splitlines()
    return next(i for i, line in enumerate(lines, 1) if text in line)


def refused(config, path=CONFIG):
    with pytest.raises(InputError) as error:
        check_config(config, path)
    return str(error.value)


def put(config, keys, value):
    *parents, last = keys.split("/")
    for key in parents:
        config = config[key]
    config[last] = value


def test_the_shipped_config_is_right_and_comes_back_with_days_as_text(shipped):
    before = copy.deepcopy(shipped)
    assert isinstance(shipped["data_to"], datetime.date)
    checked = check_config(shipped, CONFIG)
    assert checked == read_yaml(CONFIG).data
    assert checked["scenarios"]["review_scope"]["registered_from"] == "2014-01-01"
    json.dumps(checked)
    assert shipped == before


def test_a_value_set_on_the_command_line_counts(config):
    config["seed"] = 7
    assert check_config(config, CONFIG)["seed"] == 7


def test_a_config_without_its_file_can_be_checked(config):
    assert check_config(config, "elsewhere.yaml")["seed"] == config["seed"]
    put(config, "models/permutation", 5)
    assert "did you mean 'permutations'" in refused(config, "elsewhere.yaml")


@pytest.mark.parametrize(
    ("keys", "value", "near"),
    [
        ("sedd", 1, "seed"),
        ("models/confidenc", 0.9, "confidence"),
        ("sources/trials_cards", "x", "trial_cards"),
        ("scenarios/update/registered_form", "2020-01-01", "registered_from"),
        ("scenarios/update/switches/secretom", "include", "secretome"),
        ("figures/format", ["svg"], "formats"),
    ],
)
def test_an_unknown_key_names_the_nearest_known_one(config, keys, value, near):
    put(config, keys, value)
    said = refused(config)
    assert f"unknown key '{keys.split('/')[-1]}'" in said or f"unknown switch '{keys.split('/')[-1]}'" in said
    assert f"did you mean '{near}'" in said
    assert f"/{keys}" in said


def test_a_mistake_in_the_file_is_told_with_its_line(config, tmp_path):
    text = (PROJECT / CONFIG).read_text(encoding="utf-8").replace("  confidence: 0.95", "  confidenc: 0.95")
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    said = refused(yaml.safe_load(text), path)
    assert f"{path}:{line_of('  confidence: 0.95')} [/models/confidenc]" in said
    assert "the required field 'confidence' is missing" in said


@pytest.mark.parametrize(
    ("keys", "value", "said"),
    [
        ("data_to", "2026-02-30", "isn't a day of the calendar"),
        ("data_to", "20 November 2026", "a day, as 2024-12-31"),
        ("effective_rule/date", "2026-13-01", "isn't a day of the calendar"),
        ("release/name", 2026.11, "type string"),
        ("scenarios", {}, "one scenario or more"),
        ("scenarios/update/registered_from", datetime.date(2026, 11, 21), "before it begins"),
        ("scenarios/update/registered_to", datetime.date(2026, 11, 21), "the last day that the data cover"),
        ("data_to", datetime.date(2026, 11, 23), "is after the release"),
        ("scenarios/update/switches/secretome", "yes", "include, exclude"),
        ("scenarios/update/switches/secretome", True, "include, exclude"),
        ("scenarios/update/outcome_studies", "all", "did you mean 'all_msc_ev'"),
        ("figures/formats", ["png"], "svg"),
        ("models/permutations", 10, "from 99"),
        (
            "models/primary_outcome_hierarchy",
            ["mortality", "adverse event"],
            "isn't one of the allowed values",
        ),
        ("seed", "x", "type integer"),
        ("strict", "yes", "type boolean"),
        ("manual_decisions", [{"record": "NCT1", "decision": "drop", "reason": "r"}], "include, exclude"),
        ("manual_decisions", [{"record": "NCT1", "decision": "include"}], "required field 'reason'"),
        ("same_trial", [{"records": ["NCT1", "NCT1"], "same": True, "reason": "r"}], "two different records"),
        ("same_trial", [["NCT1", "NCT2", "r"]], "type object"),
        ("sources/trial_cards", "/data/*.yaml", "below the project folder"),
        ("vocabularies/eligibility", "config/absent.yaml", "no file config/absent.yaml"),
        ("vocabularies/routes", "config", "no file config"),
        ("sources/claims", "seeds/absent.yaml", "no file seeds/absent.yaml"),
    ],
)
def test_a_value_that_can_not_be_used_is_refused(config, keys, value, said):
    put(config, keys, value)
    assert said in refused(config)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "a b", "-rf", ".hidden", "ü", "a\n", "x" * 65, "a\\b", "$(x)"]
)
def test_a_release_is_named_as_a_folder_may_be(config, name):
    put(config, "release/name", name)
    assert "folder name" in refused(config)


@pytest.mark.parametrize(
    "name", ["a b", "../out", "Update", "records", "dosing", "data", "logs", "benchmarks", "x/y"]
)
def test_a_scenario_is_named_as_a_folder_that_is_free(config, name):
    config["scenarios"][name] = config["scenarios"]["update"]
    said = refused(config)
    assert name in said
    assert "folder name" in said


def test_a_switch_that_is_not_set_is_told(config):
    put(config, "scenarios/update/switches", {"secretome": "include"})
    assert "the switch 'withdrawn' of config/eligibility.yaml isn't set" in refused(config)


def test_another_field_of_medicine_brings_its_own_switches(config, tmp_path):
    path = tmp_path / "eligibility.yaml"
    path.write_text(
        "rules:\n- id: children\n  stage: assessment\n  reason: children\n  switch: children\n"
        "  when: {field: title, matches: 'child|pa?ediatric'}\n"
    )
    config["vocabularies"]["eligibility"] = os.path.relpath(path)
    for scenario in config["scenarios"].values():
        scenario["switches"] = {"children": "exclude"}
    assert check_config(config, CONFIG)["scenarios"]["update"]["switches"] == {"children": "exclude"}


def test_a_key_that_stands_twice_in_the_file_is_refused(config, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text((PROJECT / CONFIG).read_text(encoding="utf-8") + "seed: 1\n", encoding="utf-8")
    assert "the key stands twice" in refused(config, path)


def test_it_is_imported_without_the_libraries_of_the_analysis():
    heavy = "import sys, evdose.settings; print({'pandas', 'numpy', 'pandera', 'scipy'} & set(sys.modules))"
    run = [sys.executable, "-c", heavy]
    done = subprocess.run(run, cwd=PROJECT / "scripts", capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_manual_explains_every_key_and_vocabulary(config):
    manual = (PROJECT / "config/README.md").read_text(encoding="utf-8")

    def names(value):
        for key, inner in value.items() if isinstance(value, dict) else ():
            yield key
            yield from names(inner)

    missing = [name for name in names(config) if f"`{name}`" not in manual]
    files = [
        name for name in config["vocabularies"].values() if f"`{name.removeprefix('config/')}`" not in manual
    ]
    assert missing == []
    assert files == []


@pytest.fixture
def cards(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "seeds"
    folder.mkdir()
    for name in ("b.yaml", "a.yaml", "a b\nc.yaml", ".a.yaml", "README.md", "NCT.yaml.bak"):
        (folder / name).touch()
    return folder


def found(pattern="seeds/*.yaml", **options):
    return files_of({"sources": {"trial_cards": pattern}}, "trial_cards", **options)


def test_the_files_of_a_pattern_come_sorted(cards):
    assert found() == ["seeds/a b\nc.yaml", "seeds/a.yaml", "seeds/b.yaml"]
    assert found("seeds/none*.yaml") == []


@pytest.mark.parametrize("name", ["c.yml", "c.YAML", "a{b}.yaml"])
def test_a_file_that_would_be_passed_over_is_named(cards, name):
    (cards / name).touch()
    with pytest.raises(InputError, match=f"seeds/{name}"):
        found()


def test_what_is_no_file_is_named(cards):
    (cards / "folder.yaml").mkdir()
    (cards / "dangling.yaml").symlink_to("nowhere")
    with pytest.raises(InputError) as error:
        found()
    assert [p.file for p in error.value.problems] == ["seeds/dangling.yaml", "seeds/folder.yaml"]


def test_a_pattern_that_finds_nothing_is_told_where_something_is_needed(cards):
    with pytest.raises(InputError, match=r"config/config.yaml \[/sources/trial_cards\]"):
        found("sedes/*.yaml", at_least=1)
