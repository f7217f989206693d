"""A release is whole or not there, and never changed, whatever happens on the way."""

from __future__ import annotations

import errno
import json
import os
import random
import re
import shutil
import signal
import time
from pathlib import Path

import pytest
from unit.release.workshop import SETTINGS, build_project, bytes_of, pooled, release_project

from evdose.errors import InputError

STEPS = [
    (os, "rename"),
    (os, "replace"),
    (os, "symlink"),
    (os, "mkdir"),
    (os, "fsync"),
    (shutil, "copyfile"),
    (Path, "write_text"),
]


@pytest.fixture
def whole(tmp_path, monkeypatch) -> tuple[str, dict[str, bytes]]:
    """Name and bytes of the release that an undisturbed run makes."""
    monkeypatch.chdir(build_project(tmp_path / "undisturbed"))
    folder = release_project().folder
    return folder.name, bytes_of(folder)


def assert_nothing_or_whole(results: Path, name: str, content: dict[str, bytes]) -> bool:
    """Whether the release is there; fails where it is there in part, or anything lies about."""
    if not results.exists():
        return False
    assert {path.name for path in results.iterdir()} <= {name, "latest", "CHANGES.md"}
    if (results / "latest").is_symlink():
        assert (results / "latest").readlink() == Path(name)
        assert (results / "latest").is_dir()
    if not (results / name).exists():
        return False
    assert bytes_of(results / name) == content
    assert (results / name / "run.json").exists()
    return True


def stages_left() -> list[str]:
    return [path.name for path in Path("build/stage").iterdir() if path.name != ".lock"]


def test_a_release_is_made_then_verified(project_folder):
    first = release_project()
    before = bytes_of(first.folder), (first.folder / "run.json").read_bytes(), first.folder.stat().st_mtime_ns

    second = release_project()

    assert (first.made, second.made, second.restored) == (True, False, [])
    assert first.folder == second.folder
    after = bytes_of(first.folder), (first.folder / "run.json").read_bytes(), first.folder.stat().st_mtime_ns
    assert after == before


def test_the_stamp_names_the_release(project_folder):
    folder = release_project().folder
    assert json.loads(Path("build/release.json").read_text(encoding="utf-8")) == {
        "name": "2026.11",
        "folder": folder.name,
        "hash": folder.name[-8:],
        "date": "2026-11-22",
        "report": f"results/{folder.name}/report.html",
    }


def test_latest_is_a_relative_link_that_moves_with_the_project(project_folder, tmp_path):
    folder = release_project().folder
    assert Path("results/latest").readlink() == Path(folder.name)
    shutil.move(project_folder, tmp_path / "moved")
    assert (tmp_path / "moved/results/latest/report.html").is_file()


def test_other_tables_give_another_folder_and_leave_the_old_one(project_folder):
    old = release_project().folder
    before = bytes_of(old)
    build_project(project_folder, {"update/tables/synthesis": [pooled(0.5)]})

    new = release_project().folder

    assert new != old
    assert bytes_of(old) == before
    assert Path("results/latest").readlink() == Path(new.name)


@pytest.mark.parametrize(
    "file", ["data/doses.csv", "manifest.json", "update/figures/forest.pdf", "README.md"]
)
def test_a_flipped_byte_is_found_and_left_alone(project_folder, file):
    folder = release_project().folder
    content = bytearray((folder / file).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / file).write_bytes(content)

    with pytest.raises(InputError) as error:
        release_project()

    (problem,) = error.value.problems
    assert problem.file == f"{folder}/{file}"
    assert "altered" in problem.what
    assert "restore" in problem.remedy and "remove" in problem.remedy
    assert (folder / file).read_bytes() == content
    assert stages_left() == []


def test_every_lost_altered_and_added_file_is_named(project_folder):
    folder = release_project().folder
    (folder / "data/trials.csv").unlink()
    (folder / "update/figures/forest.pdf").unlink()
    (folder / "report.html").write_text("mine", encoding="utf-8")
    (folder / "data/my notes.txt").write_text("mine", encoding="utf-8")

    with pytest.raises(InputError) as error:
        release_project()

    told = {problem.file.removeprefix(f"{folder}/"): problem.what for problem in error.value.problems}
    assert told == {
        "report.html": "is altered",
        "data/trials.csv": "is missing",
        "data/my notes.txt": "is no part of the release",
    }
    assert not (folder / "update/figures/forest.pdf").exists()  # nothing is put back into an altered release


def test_a_lost_file_alone_is_found(project_folder):
    folder = release_project().folder
    (folder / "update/tables/claims.csv").unlink()
    with pytest.raises(InputError, match=r"update/tables/claims\.csv: is missing"):
        release_project()
    assert not (folder / "update/tables/claims.csv").exists()


def test_an_added_file_alone_is_found_and_kept(project_folder):
    folder = release_project().folder
    (folder / "data/more.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"data/more\.csv: is no part of the release"):
        release_project()
    assert (folder / "data/more.csv").exists()


def test_what_git_leaves_out_is_put_back(project_folder):
    folder = release_project().folder
    before = bytes_of(folder)
    for file in ("update/figures/forest.pdf", "data/trials.parquet", "run.json"):
        (folder / file).unlink()

    again = release_project()

    assert sorted(again.restored) == ["data/trials.parquet", "run.json", "update/figures/forest.pdf"]
    assert bytes_of(folder) == before
    assert (folder / "run.json").is_file()


def test_hidden_droppings_of_desktops_do_not_matter(project_folder):
    folder = release_project().folder
    (folder / "data/.~lock.trials.csv#").write_text("open in an office program", encoding="utf-8")
    assert not release_project().made


def test_the_leftovers_of_a_dead_run_are_removed(project_folder):
    (project_folder / "build/stage/4711/release/data").mkdir(parents=True)
    (project_folder / "build/stage/stray").write_text("", encoding="utf-8")
    release_project()
    assert stages_left() == []


def disturb(monkeypatch, at: int, failure: BaseException) -> list[str]:
    """Let step ``at`` (from 0) of those that touch the disk fail; returns the names of the steps done."""
    done: list[str] = []

    def watched(name, real):
        def step(*args, **kwargs):
            done.append(name)
            if len(done) == at + 1:
                if name == "write_text":  # a write that fails has written some of it
                    real(args[0], args[1][: len(args[1]) // 2], **kwargs)
                raise failure
            return real(*args, **kwargs)

        return step

    for owner, name in STEPS:
        monkeypatch.setattr(owner, name, watched(name, getattr(owner, name)))
    return done


def count_steps(project_folder: Path, monkeypatch) -> int:
    with monkeypatch.context() as patch:
        done = disturb(patch, -1, RuntimeError())
        release_project()
    shutil.rmtree("results")
    assert {name for _, name in STEPS} <= set(done)
    return len(done)


def disturbed_run(monkeypatch, at: int, failure: BaseException) -> BaseException | None:
    """Run with one step failing; returns what came of it. None: the failing step was not needed."""
    with monkeypatch.context() as patch:
        disturb(patch, at, failure)
        try:
            release_project()
        except (InputError, KeyboardInterrupt) as error:
            return error
    return None


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_at_any_step_leaves_nothing_or_the_whole(whole, project_folder, monkeypatch, failure):
    left = []
    for at in range(count_steps(project_folder, monkeypatch)):
        error = disturbed_run(monkeypatch, at, failure)

        left.append(assert_nothing_or_whole(Path("results"), *whole))
        assert stages_left() == []
        if isinstance(error, InputError):
            assert "No space left on device" in str(error)
            assert "free some disk space" in str(error)
        else:
            assert error is failure or left[-1]
        shutil.rmtree("results", ignore_errors=True)
    assert {True, False} == set(left)


def test_link_page_and_stamp_are_whole_at_any_moment(project_folder, monkeypatch):
    release_project()
    files = (Path("results/CHANGES.md"), Path("build/release.json"))
    before = [file.read_bytes() for file in files]
    build_project(project_folder, {"update/tables/synthesis": [pooled(0.5)]})
    link, error = Path("results/latest").readlink(), KeyboardInterrupt()
    seen = []
    while disturbed_run(monkeypatch, len(seen), error) is error:
        seen.append([file.read_bytes() for file in files])
        assert (Path("results/latest") / "report.html").is_file()
    after = [file.read_bytes() for file in files]
    assert all(
        content in (old, new)
        for found in seen
        for content, old, new in zip(found, before, after, strict=True)
    )
    assert before != after
    assert Path("results/latest").readlink() != link


def test_a_failure_while_putting_back_changes_no_other_file(project_folder, monkeypatch):
    folder = release_project().folder
    content = bytes_of(folder)
    for at in range(0, 300, 3):
        (folder / "update/figures/forest.pdf").unlink(missing_ok=True)
        (folder / "data/trials.parquet").unlink(missing_ok=True)
        with monkeypatch.context() as patch:
            done = disturb(patch, at, OSError(errno.EIO, "Input/output error"))
            try:
                release_project()
            except InputError:
                assert bytes_of(folder).items() <= content.items()
        if len(done) <= at:
            break
    assert len(done) < 300
    assert bytes_of(folder) == content


def in_a_child() -> int:
    """Release in a process of its own; returns its number."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            release_project()
            status = 0
        finally:
            os._exit(status)
    return child


def test_killed_at_random_moments_it_leaves_nothing_or_the_whole(whole, project_folder):
    started = time.perf_counter()
    os.waitpid(in_a_child(), 0)
    duration = time.perf_counter() - started
    rng = random.Random(20261122)
    for _ in range(25):
        shutil.rmtree("results", ignore_errors=True)
        child = in_a_child()
        time.sleep(rng.uniform(0, duration))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert_nothing_or_whole(Path("results"), *whole)
        release_project()
        assert assert_nothing_or_whole(Path("results"), *whole)
        assert stages_left() == []


def test_runs_at_once_do_not_disturb_one_another(whole, project_folder):
    children = [in_a_child() for _ in range(4)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0, 0]
    assert assert_nothing_or_whole(Path("results"), *whole)
    history = Path("results/CHANGES.md").read_text(encoding="utf-8")
    assert len(re.findall("^## ", history, re.MULTILINE)) == 1


@pytest.mark.parametrize(
    ("code", "remedy"),
    [(errno.EXDEV, "one file system"), (errno.EACCES, "permission"), (errno.EROFS, "written to")],
)
def test_what_the_file_system_refuses_is_told_with_its_remedy(project_folder, monkeypatch, code, remedy):
    def refuse(source, target, **_):
        raise OSError(code, os.strerror(code), source, None, target)

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(InputError, match=remedy):
        release_project()


def test_a_folder_in_place_of_the_link_is_not_replaced(project_folder):
    (project_folder / "results/latest").mkdir(parents=True)
    (project_folder / "results/latest/mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="results/latest"):
        release_project()
    assert (project_folder / "results/latest/mine.txt").exists()


def test_settings_of_the_release_alone_name_it(project_folder):
    other = SETTINGS | {"release": {"name": "2026.12", "date": "2026-12-01"}}
    assert release_project(other).folder.name.startswith("2026.12-")
