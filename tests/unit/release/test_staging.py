"""What goes into a release, its name, and what its describing files say."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from unit.release.workshop import SETTINGS, build_project, bytes_of, release_project

from evdose.errors import InputError
from evdose.release.manifest import content_hash, input_digests
from evdose.release.naming import release_paths


def read_json(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_same_inputs_give_the_same_name_and_bytes_anywhere(tmp_path, monkeypatch):
    made = []
    for name, umask in (("one", 0o022), ("an other, проект", 0o077)):
        folder = build_project(tmp_path / name)
        for path in sorted(folder.rglob("*"), reverse=name == "one"):
            moment = random.Random(f"{name}{path.name}").randrange(10**9)
            os.utime(path, (moment, moment))
        monkeypatch.chdir(folder)
        before = os.umask(umask)
        release = release_project().folder
        os.umask(before)
        made.append((release.name, bytes_of(release), Path("results/CHANGES.md").read_bytes()))
    assert made[0] == made[1]


def test_a_release_tells_nothing_of_the_machine(project_folder):
    folder = release_project().folder
    home = str(Path.home()).encode()
    for name, content in (bytes_of(folder) | {"run.json": (folder / "run.json").read_bytes()}).items():
        assert str(project_folder).encode() not in content, name
        assert home == b"/" or home not in content, name


def test_the_name_is_the_hash_of_the_files(project_folder):
    folder = release_project().folder
    lines = "".join(
        f"{name}\0{hashlib.sha256(content).hexdigest()}\n" for name, content in bytes_of(folder).items()
    )
    assert folder.name == f"2026.11-{hashlib.sha256(lines.encode()).hexdigest()[:8]}"


def test_the_hash_does_not_see_order_or_the_run_record():
    files = {f"data/{number}.csv": f"{number:064}" for number in range(20)}
    shuffled = dict(random.Random(1).sample(list(files.items()), len(files)))
    assert content_hash(files) == content_hash(shuffled | {"run.json": "0" * 64})
    assert content_hash(files) != content_hash(files | {"data/0.csv": "1" * 64})
    assert content_hash(files) != content_hash(files | {"data/more.csv": "1" * 64})


def test_a_path_in_the_release_is_that_below_build():
    built = [
        Path("build") / name for name in ("report.html", "data/x.csv", "a/tables/x.html", "a/figures/x.svg")
    ]
    assert list(release_paths(built, Path("build"))) == [
        "a/figures/x.svg",
        "a/tables/x.html",
        "data/x.csv",
        "report.html",
    ]


@pytest.mark.parametrize(
    "path",
    ["a b/tables/x.csv", "../tables/x.csv", "data/tables/x.csv", "a/x.csv", "manifest.json", "data/a/b"],
)
def test_an_odd_path_is_refused(path):
    with pytest.raises(InputError, match="can't be a path of a release"):
        release_paths([Path("build") / path], Path("build"))


def test_an_input_that_changed_during_the_run_stops_it(project_folder):
    (project_folder / "seeds/trials/NCT02.yaml").write_text("id: changed\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"seeds/trials/NCT02\.yaml: changed while evdose was running"):
        release_project()
    assert not (project_folder / "results").exists()


def test_the_manifest_holds_every_input_and_output(project_folder):
    folder = release_project().folder
    manifest = read_json(folder / "manifest.json")
    content = {name: data for name, data in bytes_of(folder).items() if name != "manifest.json"}
    assert {entry["path"]: entry["sha256"] for entry in manifest["outputs"]} == {
        name: hashlib.sha256(data).hexdigest() for name, data in content.items()
    }
    assert [(entry["path"], entry["kind"]) for entry in manifest["inputs"]] == [
        ("config/config.yaml", "settings"),
        ("config/routes.yaml", "config"),
        ("requirements.lock", "lock"),
        ("seeds/trials/NCT01.yaml", "data"),
        ("seeds/trials/NCT02.yaml", "data"),
        ("seeds/trials/NCT03.yaml", "data"),
    ]
    assert manifest["release"] == {"name": "2026.11", "date": "2026-11-22"}
    assert manifest["settings"]["models"] == {"permutations": 9999}
    assert "release" not in manifest["settings"]


def test_an_input_elsewhere_goes_by_its_bare_name(project_folder, tmp_path):
    (tmp_path / "card.yaml").write_text("x", encoding="utf-8")
    (entry,) = input_digests([tmp_path / "card.yaml"])
    assert entry["path"] == "outside/card.yaml"


def test_the_data_package_describes_every_column_of_every_table(project_folder):
    folder = release_project().folder
    package = read_json(folder / "datapackage.json")
    resources = {resource["path"]: resource for resource in package["resources"]}
    assert set(resources) == {name for name in bytes_of(folder) if name.endswith(".csv")}
    assert len({resource["name"] for resource in resources.values()}) == len(resources)
    for path, resource in resources.items():
        with (folder / path).open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == header
        assert all(field["description"] for field in fields)
    doses = {field["name"]: field for field in resources["data/doses.csv"]["schema"]["fields"]}
    assert resources["data/doses.csv"]["schema"]["primaryKey"] == ["trial_id", "arm", "level"]
    assert doses["low"]["type"] == "number"
    assert doses["low"]["constraints"] == {"minimum": 0}
    assert doses["curated"]["type"] == "boolean"
    assert doses["status"]["constraints"] == {
        "required": True,
        "enum": ["exact", "inferred", "ambiguous", "not_reported"],
    }
    trials = {field["name"]: field for field in resources["data/trials.csv"]["schema"]["fields"]}
    assert trials["enrollment"]["unit"] == "participants"


@pytest.mark.parametrize(("path", "header"), [("data/unheard.csv", "a"), ("data/arms.csv", "unheard")])
def test_a_table_without_a_contract_is_a_defect(project_folder, path, header):
    (project_folder / "build" / path).write_text(f"{header}\n", encoding="utf-8")
    with pytest.raises(LookupError, match=r"unheard.*tables\.py"):
        release_project()
    assert not (project_folder / "results").exists()


def test_the_crate_links_inputs_to_results(project_folder):
    folder = release_project().folder
    crate = read_json(folder / "ro-crate-metadata.json")
    graph = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(graph) == len(crate["@graph"])
    root, run = graph["./"], graph["#run"]
    assert root["datePublished"] == "2026-11-22"
    assert root["conformsTo"] == {"@id": "https://w3id.org/ro/wfrun/process/0.5"}
    assert root["mentions"] == {"@id": "#run"}
    files = {*bytes_of(folder), "run.json"} - {"ro-crate-metadata.json"}
    assert [part["@id"] for part in run["result"]] == sorted(files)
    assert {part["@id"] for part in root["hasPart"]} == files
    assert graph[run["instrument"]["@id"]]["@type"] == "SoftwareApplication"
    card = graph["#seeds/trials/NCT01.yaml"]
    assert card["sha256"] == hashlib.sha256(Path("seeds/trials/NCT01.yaml").read_bytes()).hexdigest()
    references = re.findall(r'\{"@id": "([^"]+)"\}', json.dumps(crate["@graph"]))
    assert {name for name in references if name != "https://w3id.org/ro/crate/1.1"} <= set(graph)


def test_the_readme_tells_the_counts(project_folder):
    text = (release_project().folder / "README.md").read_text(encoding="utf-8")
    assert "| update | 3 | 2 | 2 | 1 |" in text
    assert "| update | 1 | 0 | 0 | 0 | 1 |" in text
    assert SETTINGS["review"]["doi"] in text


def test_the_run_record_holds_times_host_and_libraries(project_folder):
    record = read_json(release_project().folder / "run.json")
    (job,) = record["jobs"]
    assert (job["job"], job["seconds"], job["peak_memory_mb"]) == ("ingest", 1.5, 120.5)
    assert record["started"] == job["started"] <= record["finished"]
    assert list(record["host"]["libraries"]) == ["pandas"]
    assert set(record["host"]) == {"cpu", "os", "python", "libraries"}
    assert record["git"] == {"commit": None, "dirty": None}


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not on this machine")
def test_the_run_record_holds_the_commit(project_folder):
    def git(*arguments):
        subprocess.run(
            ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments],
            check=True,
            capture_output=True,
        )

    (project_folder / ".gitignore").write_text("build/\n", encoding="utf-8")
    git("init")
    git("add", ".")
    git("commit", "-m", "first")
    folder = release_project().folder
    clean = read_json(folder / "run.json")["git"]
    (project_folder / "seeds/trials/NCT04.yaml").write_text("id: NCT04\n", encoding="utf-8")
    (folder / "run.json").unlink()
    release_with_card = release_project().folder
    dirty = read_json(release_with_card / "run.json")["git"]
    assert re.fullmatch("[0-9a-f]{40}", clean["commit"])
    assert clean["commit"] == dirty["commit"]
    assert (clean["dirty"], dirty["dirty"]) == (False, True)


def test_benchmarks_that_say_nothing_of_this_run_are_left_out(project_folder):
    (project_folder / "build/benchmarks/release.tsv").write_text("s\tmax_rss\n9\t9\n", encoding="utf-8")
    (project_folder / "build/benchmarks/screen.tsv").write_text("", encoding="utf-8")
    (project_folder / "build/benchmarks/render.tsv").write_text("s\tmax_rss\n0.2\t-\n", encoding="utf-8")
    record = read_json(release_project().folder / "run.json")
    assert [(job["job"], job["peak_memory_mb"]) for job in record["jobs"]] == [
        ("ingest", 120.5),
        ("render", None),
    ]
