"""A tiny project whose build is done, to release again and again."""

from __future__ import annotations

from pathlib import Path

from evdose.dosing.tables import DOSES
from evdose.modelling.tables import CLAIM_VERDICTS, EFFECTIVE_RANGE, SAFETY, SYNTHESIS
from evdose.records.tables import SOURCES, TRIALS
from evdose.release.history import write_history
from evdose.release.manifest import digest
from evdose.release.naming import Release
from evdose.release.publish import Published, point_latest, publish, write_stamp
from evdose.release.staging import stage_release, staging_room
from evdose.release.summary import Counts
from evdose.screening.tables import SCREENING
from evdose.tables import frame_of

SETTINGS = {
    "release": {"name": "2026.11", "date": "2026-11-22"},
    "models": {"permutations": 9999},
    "review": {"citation": "Wang Y, et al. Front Med 2025;12:1625787", "doi": "10.3389/fmed.2025.1625787"},
}
COUNTS = [Counts("update", 3, 2, 2, 1, {"reproduced": ["W01"], "not testable": ["W02"]})]
CARDS = ("NCT01", "NCT02", "NCT03")


def trial(name: str) -> dict:
    return {
        "trial_id": name,
        "registry": "ClinicalTrials.gov",
        "registered": True,
        "title": f"A trial, called {name}",
        "first_posted_status": "exact",
        "condition_group": "Other",
        "ev_class": "extracellular_vesicle",
        "cell_source_group": "not stated",
        "msc_derived": "yes",
        "source_id": f"seeds/trials/{name}.yaml",
    }


def dose(name: str, low: float, arm: int = 1, **other: object) -> dict:
    return {
        "trial_id": name,
        "arm": arm,
        "level": 1,
        "record_kind": "registration",
        "low": low,
        "high": low,
        "unit": "particle",
        "substance": "particles",
        "per": "administration",
        "administrations": 3,
        "administrations_status": "exact",
        "status": "exact",
        "particles_via": "stated",
        "curated": False,
        "source_id": f"seeds/trials/{name}.yaml",
        "locator": "/arms/0",
        **other,
    }


def screened(name: str, decision: str = "included") -> dict:
    return {"record_id": name, "decision": decision, "reason": "a reason", "rule": "a rule"}


def pooled(estimate: float, stratum: str = "respiratory") -> dict:
    return {
        "analysis": "random_effects",
        "effect_table": "controlled",
        "measure": "hedges_g",
        "stratum": stratum,
        "outcome_domain": "pain",
        "studies": 3,
        "arms": 3,
        "participants": 60,
        "outcomes": 1,
        "sensitivity": "main",
        "estimate": estimate,
        "status": "estimated",
        "why": "REML",
    }


def answered(question: str, **found: float) -> dict:
    return {
        "question": question,
        "stratum": "nasal",
        "measure": "hedges_g",
        "outcome_domain": "pain",
        "sensitivity": "main",
        "studies": 6,
        "arms": 6,
        "dose_levels": 4,
        "outcomes": 1,
        "status": "estimated",
        "why": "bootstrap",
        **found,
    }


def events(study: str, number: int) -> dict:
    return {
        "kind": "arm",
        "study_id": study,
        "arm": 1,
        "stratum": "nasal",
        "outcome": "any adverse event",
        "outcome_domain": "adverse event",
        "dose_limiting": False,
        "events": number,
        "n": 10,
        "status": "estimated",
        "source_id": f"seeds/outcomes/{study}.yaml",
        "locator": "/outcomes/0",
    }


def verdict(claim: str, found: str) -> dict:
    told = {"claim_id": claim, "statement": "a claim", "analysis": "count"}
    return {**told, "verdict": found, "why": "so it is"}


def tables() -> dict[str, tuple]:
    """Path below build, rows and contract of every table."""
    return {
        "data/trials": ([trial(name) for name in CARDS], TRIALS),
        "data/doses": ([dose("NCT01", 2e8), dose("NCT02", 4e9)], DOSES),
        "update/tables/screening": (
            [screened("NCT01"), screened("NCT02"), screened("NCT03", "excluded")],
            SCREENING,
        ),
        "update/tables/synthesis": ([pooled(0.41)], SYNTHESIS),
        "update/tables/effective_range": (
            [answered("peak", estimate=7.1, p_value=0.01), answered("width", estimate=0.8)],
            EFFECTIVE_RANGE,
        ),
        "update/tables/safety": ([events("B2020", 1), events("C2021", 2)], SAFETY),
        "update/tables/claims": (
            [verdict("W01", "reproduced"), verdict("W02", "not testable")],
            CLAIM_VERDICTS,
        ),
    }


def build_project(folder: Path, changed: dict[str, list[dict]] | None = None) -> Path:
    """Write seeds, config and the built files of a project into ``folder``; returns it.

    ``changed`` gives other rows to some of the tables.
    """
    for name in CARDS:
        _write(folder / f"seeds/trials/{name}.yaml", f"id: {name}\n")
    _write(folder / "config/config.yaml", "release: ...\n")
    _write(folder / "config/routes.yaml", "routes: []\n")
    _write(folder / "requirements.lock", "pandas==2.3.0\nno-such-package==1.0 ; sys_platform == 'win32'\n")
    for path, (rows, contract) in tables().items():
        _write_table(folder / "build" / f"{path}.csv", (changed or {}).get(path, rows), contract)
    sources = [_source(folder, f"seeds/trials/{name}.yaml") for name in CARDS]
    _write_table(folder / "build/data/sources.csv", sources, SOURCES)
    for name in ("update/figures/forest.svg", "update/figures/forest.pdf", "report.html"):
        _write(folder / "build" / name, f"made-up bytes of {name}\n")
    _write(folder / "build/data/trials.parquet", "made-up parquet\n")
    _write(folder / "build/benchmarks/ingest.tsv", "s\th:m:s\tmax_rss\n1.5\t0:00:01\t120.5\n")
    return folder


def release_project(settings: dict = SETTINGS) -> Published:
    """Release what is built in the current folder, as the script of the rule does."""
    build, results = Path("build"), Path("results")
    release = Release(**settings["release"])
    kinds = ("data/*", "*/figures/*", "*/tables/*", "report.html")
    with staging_room(build) as room:
        stage = stage_release(
            room,
            release,
            built=[path for kind in kinds for path in build.glob(kind)],
            sources=[path for kind in ("seeds/*/*", "config/*", "*.lock") for path in Path().glob(kind)],
            settings=settings,
            scenarios=COUNTS,
        )
        published = publish(stage, results)
        write_history(results, published.folder, room)
        point_latest(results, published.folder, room)
        write_stamp(build / "release.json", release, published.folder, room)
    return published


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file below ``folder`` but the run record."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "run.json"
    }


def _source(folder: Path, name: str) -> dict:
    counted = {"scanned": 1, "selected": 1, "not_selected": 0, "quarantined": 0}
    return {"file": name, "format": "card", "sha256": digest(folder / name), **counted}


def _write_table(path: Path, rows: list[dict], contract) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame_of(rows, contract).to_csv(path, index=False, lineterminator="\n")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
