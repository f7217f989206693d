"""Copies of the project in which Snakemake is run for real."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from places import PROJECT

LEFT_OUT = shutil.ignore_patterns(
    ".git",
    ".venv",
    "build",
    ".snakemake",
    "__pycache__",
    "*.egg-info",
    ".hypothesis",
    ".pytest_cache",
    ".ruff_cache",
)
SMALL_CARDS = [
    "NCT03437759",
    "NCT03608631",
    "NCT03857841",
    "NCT04213248",
    "NCT04276987",
    "NCT04313647",
    "NCT04356300",
    "NCT04388982",
    "NCT04389385",
    "NCT04491240",
    "NCT04493242",
    "NCT04544215",
    "NCT04602104",
    "NCT04602442",
    "NCT05043181",
    "NCT05125562",
    "NCT05402748",
    "NCT05523011",
    "NCT05787288",
    "NCT06242379",
    "NCT07295067",
    "ChiCTR2300075466",
    "NCT04747574",
]
SMALL_STUDIES = (
    "Zhu2022",
    "Shi2021",
    "CTG_NCT04313647",
    "Xie2023",
    "Lightner2023",
    "Pak2023",
    "Chandran2025",
    "Li2025PF",
)


@dataclass(frozen=True)
class Ran:
    """A finished run of Snakemake: its exit status and everything that it printed."""

    status: int
    output: str


@dataclass(frozen=True)
class Workspace:
    """A copy of the project in which Snakemake can be run."""

    folder: Path

    def snakemake(self, *arguments: str, env: dict[str, str] | None = None, timeout: int = 300) -> Ran:
        """Run Snakemake as a user would; ``env`` is added to the environment."""
        done = subprocess.run(
            [sys.executable, "-m", "snakemake", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": "", **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Ran(done.returncode, done.stdout)

    def releases(self) -> list[Path]:
        """Release folders, oldest first."""
        folders = [
            p for p in (self.folder / "results").glob("*-????????") if p.is_dir() and not p.is_symlink()
        ]
        return sorted(folders, key=lambda path: path.stat().st_mtime_ns)

    def copy(self, target: Path) -> Workspace:
        """Another workspace in the same state, run or not."""
        shutil.copytree(self.folder, target, symlinks=True)
        return Workspace(target)

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a text that must be there."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} doesn't hold {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


def bytes_of(release: Path) -> dict[str, bytes]:
    """Every file of a release but ``run.json``, the one outside the guarantee."""
    files = (path for path in release.rglob("*") if path.is_file() and path.name != "run.json")
    return {str(path.relative_to(release)): path.read_bytes() for path in files}


def copy_project(folder: Path) -> Workspace:
    """The project as a clone would hold it, with the release that is committed."""
    shutil.copytree(PROJECT, folder, ignore=LEFT_OUT, symlinks=True)
    return Workspace(folder)


def make_small(folder: Path) -> Workspace:
    """The project with some 20 cards, one scenario and SVG figures only."""
    workspace = copy_project(folder)
    shutil.rmtree(folder / "results", ignore_errors=True)
    for card in (folder / "seeds/trials").glob("*.yaml"):
        if card.stem not in SMALL_CARDS:
            card.unlink()
    for study in (folder / "seeds/outcomes").glob("*.yaml"):
        if study.stem not in SMALL_STUDIES:
            study.unlink()
    config_file = folder / "config/config.yaml"
    config = yaml.safe_load(config_file.read_text(encoding="utf-8"))
    config["scenarios"] = {"update": config["scenarios"]["update"]}
    config["figures"]["formats"] = ["svg"]
    config["release"]["name"] = "small"
    config_file.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return workspace
