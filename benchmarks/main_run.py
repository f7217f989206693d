"""Time the main job (clean, with nothing to do, with one card added) beside a floor measured in the same run.

The floor is Snakemake running as many jobs as the main run has, each importing pandas and Matplotlib only.
Run `make benchmark`; it writes benchmarks/main_run.csv.
"""

from __future__ import annotations

import csv
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "tests"))

from workspace import Workspace, copy_project  # noqa: E402

FLOOR = """
rule all:
    input: expand("{i}.done", i=range(JOBS))
rule job:
    output: "{i}.done"
    shell: "PYTHON -c 'import pandas, matplotlib.pyplot' && touch {output}"
"""
CARD = "seeds/trials/NCT04276987.yaml"


def seconds(workspace: Workspace, *arguments: str) -> float:
    """Wall time of one run of Snakemake that must succeed."""
    start = time.perf_counter()
    ran = workspace.snakemake(*arguments)
    if ran.status:
        raise SystemExit(ran.output)
    return time.perf_counter() - start


def add_card(workspace: Workspace) -> None:
    """A new trial: a copy of a real one under a made-up number."""
    text = (workspace.folder / CARD).read_text(encoding="utf-8").replace("NCT04276987", "NCT05999999")
    (workspace.folder / "seeds/trials/NCT05999999.yaml").write_text(text, encoding="utf-8")


def jobs(workspace: Workspace) -> list[dict]:
    """What each job of the last run took: rule, seconds, peak memory (from Snakemake's benchmark files)."""
    files = sorted((workspace.folder / "build/benchmarks").rglob("*.tsv"))
    rows = []
    for file in files:
        with file.open(encoding="utf-8") as lines:
            row = next(csv.DictReader(lines, delimiter="\t"))
        name = str(file.relative_to(workspace.folder / "build/benchmarks").with_suffix(""))
        rows.append({"what": name, "seconds": float(row["s"]), "peak_mib": float(row["max_rss"])})
    return rows


def floor(folder: Path, count: int) -> float:
    """Wall time of Snakemake with ``count`` jobs that import what ours import, and do nothing."""
    folder.mkdir()
    (folder / "Snakefile").write_text(FLOOR.replace("JOBS", str(count)).replace("PYTHON", sys.executable))
    start = time.perf_counter()
    command = [sys.executable, "-m", "snakemake", "--cores", "all", "--quiet", "all"]
    subprocess.run(command, cwd=folder, check=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure and write the table."""
    with tempfile.TemporaryDirectory() as temporary:
        workspace = copy_project(Path(temporary) / "project")
        clean = seconds(workspace)
        per_job = jobs(workspace)
        nothing = seconds(workspace)
        add_card(workspace)
        one_card = seconds(workspace)
        lowest = floor(Path(temporary) / "floor", len(per_job))
    runs = [("clean run", clean), ("nothing to do", nothing), ("one card added", one_card), ("floor", lowest)]
    rows = [{"what": what, "seconds": s, "times_floor": s / lowest} for what, s in runs] + per_job
    with (PROJECT / "benchmarks/main_run.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["what", "seconds", "times_floor", "peak_mib"], lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({key: f"{v:.2f}" if isinstance(v, float) else v for key, v in row.items()})
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}, {len(per_job)} jobs")
    print((PROJECT / "benchmarks/main_run.csv").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
