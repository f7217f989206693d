"""Put a release together under ``build/stage``, whole and on disk, before anything shows in ``results``."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from evdose.errors import InputError, refused
from evdose.release.crate import crate
from evdose.release.datapackage import datapackage
from evdose.release.manifest import (
    check_unchanged,
    content_hash,
    digest,
    digests,
    input_digests,
    manifest,
    stable_json,
)
from evdose.release.naming import RUN_RECORD, Release, release_paths
from evdose.release.readme import readme
from evdose.release.run_record import run_record
from evdose.release.summary import Counts


@contextmanager
def staging_room(build: Path) -> Iterator[Path]:
    """An empty folder below ``build`` for one release; it is gone afterwards.

    A lock lets one run at a time in. The system drops the lock of a run that dies, so whatever lies beside it
    is left over from a dead run and is removed.

    Raises:
        InputError: in place of an ``OSError`` inside that a user can mend: the disk is full, and the like.
    """
    rooms = build / "stage"
    room = rooms / str(os.getpid())
    try:
        rooms.mkdir(parents=True, exist_ok=True)
        with (rooms / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                for leftover in [path for path in rooms.iterdir() if path.name != ".lock"]:
                    shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
                room.mkdir()
                yield room
            finally:
                shutil.rmtree(room, ignore_errors=True)
    except OSError as error:
        problem = refused(error, build)
        if problem is None:
            raise
        raise InputError(problem) from error


def stage_release(
    room: Path,
    release: Release,
    *,
    built: list[Path],
    sources: list[Path],
    settings: dict,
    scenarios: list[Counts],
) -> Path:
    """Copy the built files into a new folder in ``room`` and write the files that describe them.

    Returns the folder, under the name that it will have in ``results``; every byte of it is on disk.
    ``built`` lie below the build folder that holds ``room``; ``sources`` are all input files; ``settings`` is
    the whole of config.yaml.

    Raises:
        InputError: a path can't be one of a release, or an input changed since it was read.
    """
    build = room.parent.parent
    stage = room / "release"
    stage.mkdir()
    for name, path in release_paths(built, build).items():
        (stage / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, stage / name)
    review = settings["review"]
    inputs = input_digests(sources)
    check_unchanged(inputs, stage / "data" / "sources.csv")
    _write(stage / "README.md", readme(release, review, scenarios))
    _write(stage / "datapackage.json", stable_json(datapackage(release, stage, list(digests(stage)))))
    described = [*digests(stage), "manifest.json", RUN_RECORD]
    _write(stage / "ro-crate-metadata.json", stable_json(crate(release, review, inputs, described)))
    outputs = digests(stage)
    _write(stage / "manifest.json", stable_json(manifest(release, settings, inputs, outputs)))
    lock = next((path for path in sources if path.name == "requirements.lock"), None)
    _write(stage / RUN_RECORD, stable_json(run_record(build / "benchmarks", lock)))
    files = {**outputs, "manifest.json": digest(stage / "manifest.json")}
    named = stage.rename(room / release.folder(content_hash(files)))
    sync(named)
    return named


def write_whole(path: Path, text: str, room: Path) -> None:
    """Write a text file whole or not at all; ``room`` is a folder on the same file system."""
    partial = room / path.name
    _write(partial, text)
    sync(partial)
    partial.replace(path)
    sync(path.parent, deep=False)


def sync(path: Path, *, deep: bool = True) -> None:
    """Have the system put a file, or a folder with all it holds (``deep``), on disk."""
    below = sorted(path.rglob("*")) if deep else []
    with ThreadPoolExecutor() as pool:  # a journal takes many requests in one go
        list(pool.map(_sync_one, [*below, path]))


def _sync_one(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
