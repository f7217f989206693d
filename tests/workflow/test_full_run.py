"""The one full run of the suite: the whole project as cloned, with the committed release beside it."""

from __future__ import annotations

import csv
import json

import pytest

from evdose.release.compare import differences
from workspace import bytes_of, copy_project

SHARED = [
    "sources",
    "trials",
    "arms",
    "doses",
    "routes",
    "dose_sensitivity",
    "outcomes",
    "conflicts",
    "quarantine",
]
FIGURES = [
    "prisma",
    "registrations",
    "route_by_condition",
    "phase_and_country",
    "cell_source_by_year",
    "dose_landscape",
    "effect_direction",
    "albatross",
    "dose_safety",
    "forest",
    "dose_outcome",
    "effective_range",
    "specification_curve",
    "power_curves",
]
TABLES = [
    "prisma",
    "screening",
    "eligibility_switches",
    "trials",
    "doses",
    "outcomes",
    "effects",
    "safety",
    "effect_direction",
    "synthesis",
    "route_shift",
    "trends",
    "conversion_use",
    "effective_range",
    "claims",
]


@pytest.fixture(scope="module")
def full_run(tmp_path_factory):
    workspace = copy_project(tmp_path_factory.mktemp("full") / "project")
    committed = bytes_of((workspace.folder / "results/latest").resolve())
    ran = workspace.snakemake()
    assert ran.status == 0, ran.output
    return workspace, ran, committed


@pytest.fixture(scope="module")
def release(full_run):
    workspace, _, _ = full_run
    stamp = json.loads((workspace.folder / "build/release.json").read_text(encoding="utf-8"))
    return workspace.folder / "results" / stamp["folder"]


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_release_holds_what_it_promises(release):
    expected = [
        "README.md",
        "report.html",
        "manifest.json",
        "run.json",
        "ro-crate-metadata.json",
        "datapackage.json",
    ]
    expected += [f"data/{name}.{kind}" for name in SHARED for kind in ("csv", "parquet")]
    for scenario in ("review_scope", "update"):
        expected += [
            f"{scenario}/figures/{name}.{kind}" for name in FIGURES for kind in ("svg", "pdf", "png")
        ]
        expected += [
            f"{scenario}/tables/{name}.{kind}" for name in TABLES for kind in ("csv", "parquet", "html")
        ]
    missing = [name for name in expected if not (release / name).is_file()]
    assert not missing


def test_release_and_report_keep_their_size(release):
    assert sum(path.stat().st_size for path in release.rglob("*") if path.is_file()) <= 12e6
    assert (release / "report.html").stat().st_size <= 4e6


def test_latest_points_at_it(release):
    assert (release.parent / "latest").resolve() == release.resolve()


@pytest.mark.parametrize("scenario", ["review_scope", "update"])
def test_no_record_is_lost(release, scenario):
    trials = rows(release / "data/trials.csv")
    screening = rows(release / scenario / "tables/screening.csv")
    assert {row["record_id"] for row in screening} >= {row["trial_id"] for row in trials}
    flow = {
        (row["box"], row["line"]): int(row["n"]) for row in rows(release / scenario / "tables/prisma.csv")
    }
    included = sum(row["decision"] == "included" for row in screening)
    assert included in {n for (box, _), n in flow.items() if box == "included"}
    assert len(screening) in {n for (box, _), n in flow.items() if box == "identified"}


def test_no_arm_is_lost(release):
    experimental = {
        (row["trial_id"], row["arm"])
        for row in rows(release / "data/arms.csv")
        if row["role"] == "experimental"
    }
    assert {(row["trial_id"], row["arm"]) for row in rows(release / "data/doses.csv")} == experimental
    assert {(row["trial_id"], row["arm"]) for row in rows(release / "data/routes.csv")} == experimental


def test_it_says_what_it_did(full_run):
    _, ran, _ = full_run
    for word in ("ingest:", "screen update:", "normalize:", "effects review_scope:", "included", "report:"):
        assert word in ran.output


def test_nothing_is_left_to_do(full_run):
    workspace, _, _ = full_run
    ran = workspace.snakemake("--workflow-profile", "none", "--cores", "1")
    assert ran.status == 0, ran.output
    assert "Nothing to be done" in ran.output


def test_the_code_still_makes_the_committed_tables(full_run, release, tmp_path):
    _, _, committed = full_run
    before = tmp_path / "committed"
    for name, content in committed.items():
        path = before / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert not differences(before, release)
