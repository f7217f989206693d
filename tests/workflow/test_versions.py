"""A change gives a new release and leaves the old one alone; an unchanged input gives the same bytes."""

from __future__ import annotations

import csv
import hashlib
import json

import pytest

from workspace import bytes_of, make_small

NEW_CARD = """\
# yaml-language-server: $schema=../../workflow/schemas/trial.schema.json
schema_version: 1
id: NCT05999999
registry: ClinicalTrials.gov
registered: true
title: A made-up trial of inhaled MSC exosomes
first_posted: "2023-08-15"
status: RECRUITING
phase: PHASE1
study_type: INTERVENTIONAL
enrollment: 12
conditions: [Acute respiratory distress syndrome]
countries: [France]
product:
  name: made-up exosomes
  ev_kind: exosome
  ev_class: extracellular_vesicle
  cell_source: umbilical cord MSC
  msc_derived: "yes"
arms:
  - label: Exosome
    role: experimental
    route: nebulised inhalation
    dose: 3.0×10^8 particles
    schedule: once daily for 5 days
sources:
  - url: https://example.org/NCT05999999
    gives: everything
"""


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_new_card_gives_a_new_release_and_leaves_the_old_one(small_copy):
    workspace = small_copy()
    (old,) = workspace.releases()
    before = bytes_of(old)
    (workspace.folder / "seeds/trials/NCT05999999.yaml").write_text(NEW_CARD, encoding="utf-8")

    ran = workspace.snakemake()

    assert ran.status == 0, ran.output
    assert bytes_of(old) == before
    new = next(path for path in workspace.releases() if path != old)
    assert (workspace.folder / "results/latest").resolve() == new.resolve()
    identified = [
        [int(r["n"]) for r in rows(p / "update/tables/prisma.csv") if r["box"] == "identified"]
        for p in (old, new)
    ]
    assert max(identified[1]) == max(identified[0]) + 1
    screening = {row["record_id"]: row["decision"] for row in rows(new / "update/tables/screening.csv")}
    assert screening["NCT05999999"] == "included"
    (dose,) = [row for row in rows(new / "data/doses.csv") if row["trial_id"] == "NCT05999999"]
    assert (float(dose["low"]), dose["unit"], float(dose["administrations"])) == (3e8, "particle", 5)
    assert "NCT05999999" in (new / "update/figures/dose_landscape.svg").read_text(encoding="utf-8")
    assert "NCT05999999" in (new / "report.html").read_text(encoding="utf-8")
    assert "NCT05999999" in (workspace.folder / "results/CHANGES.md").read_text(encoding="utf-8")


def test_a_lost_release_is_made_again(small_copy):
    workspace = small_copy()
    (release,) = workspace.releases()
    before = bytes_of(release)
    release.rename(workspace.folder / "taken away")

    assert workspace.snakemake().status == 0
    assert bytes_of(workspace.releases()[0]) == before


def test_a_run_that_was_killed_locks_nobody_out(small_copy):
    workspace = small_copy()
    (workspace.folder / "build/release.json").unlink()
    locks = workspace.folder / ".snakemake/locks"
    locks.mkdir(exist_ok=True)
    for kind in ("input", "output"):
        (locks / f"0.{kind}.lock").write_text("build/release.json\nbuild/report.html\n", encoding="utf-8")

    ran = workspace.snakemake()

    assert ran.status == 0, ran.output
    assert "was there and is the same to the byte" in ran.output


def test_part_of_the_work_ends_without_the_summary_of_an_earlier_run(small_copy):
    workspace = small_copy()
    (workspace.folder / "build/data/trials.csv").unlink()

    ran = workspace.snakemake("build/data/trials.csv")

    assert ran.status == 0, ran.output
    assert (workspace.folder / "build/data/trials.csv").is_file()
    assert "records identified" not in ran.output


def test_an_altered_release_is_named_and_not_overwritten(small_copy):
    workspace = small_copy()
    (release,) = workspace.releases()
    altered = release / "data/trials.csv"
    altered.write_text(altered.read_text(encoding="utf-8") + "tampered\n", encoding="utf-8")
    (workspace.folder / "build/release.json").unlink()

    ran = workspace.snakemake()

    assert ran.status != 0
    assert "data/trials.csv" in ran.output
    assert altered.read_text(encoding="utf-8").endswith("tampered\n")


def test_same_inputs_give_the_same_bytes_anywhere(small_run, tmp_path):
    other = make_small(tmp_path / "an other folder" / "проект")
    env = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "7", "OPENBLAS_NUM_THREADS": "2"}

    ran = other.snakemake("--cores", "1", env=env)

    assert ran.status == 0, ran.output
    (first,), (second,) = small_run.releases(), other.releases()
    assert first.name == second.name
    assert bytes_of(first) == bytes_of(second)


@pytest.mark.parametrize(
    ("module", "reruns"),
    [
        (
            "modelling/trends.py",
            {"landscape", "dose_response", "multiverse", "power", "claims", "render", "report", "release"},
        ),
        ("modelling/power.py", {"power", "render", "report", "release"}),
        ("modelling/claims/on_doses.py", {"claims", "render", "report", "release"}),
        ("release/publish.py", {"release"}),
    ],
)
def test_a_changed_module_reruns_the_rules_that_depend_on_it(small_copy, module, reruns):
    workspace = small_copy()
    path = workspace.folder / "scripts/evdose" / module
    path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")

    assert planned(workspace) == reruns


def test_an_untouched_project_plans_nothing(small_copy):
    assert planned(small_copy()) == set()


def planned(workspace) -> set[str]:
    """Rules that a dry run would run, ``all`` apart."""
    ran = workspace.snakemake("--dry-run", "--workflow-profile", "none", "--cores", "1")
    assert ran.status == 0, ran.output
    return {line.split()[1].rstrip(":") for line in ran.output.splitlines() if line.startswith("rule ")} - {
        "all"
    }


def test_manifest_names_every_file_with_its_digest(small_run):
    (release,) = small_run.releases()
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    outputs = {entry["path"]: entry["sha256"] for entry in manifest["outputs"]}
    content = {name: data for name, data in bytes_of(release).items() if name != "manifest.json"}
    assert outputs == {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}
    assert any(entry["path"] == "seeds/trials/NCT04276987.yaml" for entry in manifest["inputs"])


def test_scripts_run_the_code_beside_them(small_copy):
    workspace = small_copy()
    workspace.edit("scripts/evdose/release/readme.py", "## How to read it", "## How to read this copy")

    assert workspace.snakemake().status == 0
    newest = (workspace.folder / "results/latest").resolve()
    assert "How to read this copy" in (newest / "README.md").read_text(encoding="utf-8")
