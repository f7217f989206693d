"""The command ``evdose`` as a person or a program meets it: messages, exit status, files."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evdose.commands import app
from places import PROJECT

LINE = '{"id": 1, "dose_text": "2 x 10^8 particles IV weekly for 3 weeks"}\n'
RECORD = """Vesicles
NCT01234567
Conditions
Knees
Enrollment
30
Sex
All
Ages
18 to 65
Interventions
2 x 10^8 particles into the knee, once
Locations
3 sites, 5e9 cells
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder that is no project, in which every command runs."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture
def run():
    """Run ``evdose`` with arguments: exit status, output, errors."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}

    def of(*arguments):
        ran = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
        return ran.exit_code, ran.stdout, ran.stderr

    yield of
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def given(folder):
    """Write ``in.jsonl``."""

    def of(content):
        path = folder / "in.jsonl"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return of


def process(*arguments, code="app()", environment=(), **options):
    """``evdose`` as a process of its own, as its entry point starts it."""
    start = f"import sys; from evdose.commands import app; sys.argv[0] = 'evdose'\n{code}"
    return subprocess.Popen(
        [sys.executable, "-c", start, *arguments],
        env={**os.environ, "PYTHONPATH": str(PROJECT / "scripts"), **dict(environment)},
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8", **options},
    )


def test_a_batch_of_good_lines(run, given, folder):
    given(LINE * 3)
    assert run("normalize", "in.jsonl", "out.jsonl") == (0, "", "")
    made = (folder / "out.jsonl").read_text().splitlines()
    assert len(made) == 3
    assert json.loads(made[2])["administrations"] == 3
    assert sorted(path.name for path in folder.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_a_malformed_line_is_told_and_the_batch_goes_on(run, given, folder):
    given(f"{LINE}nonsense\n{LINE}{{}}\n")
    status, _, told = run("normalize", "in.jsonl", "out.jsonl")
    assert status == 1
    assert told.startswith("in.jsonl:2: 2 malformed lines")
    made = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
    assert [answer["id"] for answer in made] == [1, None, 1, None]
    assert [bool(answer["problems"]) for answer in made] == [False, True, False, True]


def test_no_lines_have_no_answers(run, given, folder):
    given("")
    assert run("normalize", "in.jsonl", "out.jsonl") == (0, "", "")
    assert (folder / "out.jsonl").read_bytes() == b""


def test_what_stood_there_is_replaced_and_a_link_is_kept(run, given, folder):
    given(LINE)
    (folder / "real.jsonl").write_text("old\n" * 100)
    (folder / "out.jsonl").symlink_to("real.jsonl")
    assert run("normalize", "in.jsonl", "out.jsonl")[0] == 0
    assert (folder / "out.jsonl").is_symlink()
    assert len((folder / "real.jsonl").read_text().splitlines()) == 1


def test_a_missing_input(run, folder):
    (folder / "out.jsonl").write_text("old")
    status, _, told = run("normalize", "in.jsonl", "out.jsonl")
    assert (status, told.splitlines()) == (
        2,
        [
            "in.jsonl: can't be read (No such file or directory)",
            "    -> name a file that is there and can be read",
        ],
    )
    assert (folder / "out.jsonl").read_text() == "old"


def test_an_input_that_is_a_folder(run):
    assert run("normalize", ".", "out.jsonl")[2].startswith(".: can't be read (Is a directory)")


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("nowhere/out.jsonl", "No such file or directory"),
        (".", "Is a directory"),
        ("in.jsonl/out.jsonl", "Not a directory"),
        ("x" * 300, "File name too long"),
        pytest.param(
            "/dev/full",
            "No space left on device",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="Linux"),
        ),
    ],
)
def test_an_output_that_cannot_be_written(place, why, run, given, folder):
    given(LINE)
    status, _, told = run("normalize", "in.jsonl", place)
    assert status == 2
    assert told.startswith(f"{place}: can't be written ({why})\n    -> ")
    assert [path.name for path in folder.iterdir()] == ["in.jsonl"]


@pytest.mark.parametrize("link", [None, "symlink_to", "hardlink_to"])
def test_an_output_that_is_the_input(link, run, given, folder):
    path, other = given(LINE), folder / "other.jsonl"
    if link:
        getattr(other, link)(path)
    status, _, told = run("normalize", "in.jsonl", other.name if link else path)
    assert status == 2
    assert "is the input too\n    -> name another file" in told
    assert path.read_text() == LINE


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_stopped_leaves_what_stood_there(stop, folder):
    os.mkfifo(folder / "in.jsonl")
    (folder / "out.jsonl").write_text("old")
    heed = {
        "preexec_fn": lambda: signal.signal(stop, signal.SIG_DFL)
    }  # a test run in the background ignores some
    running = process("normalize", "in.jsonl", "out.jsonl", **heed)
    with (folder / "in.jsonl").open("w") as lines:  # opens when it is read
        lines.write(LINE * 10_000)
        lines.flush()
        assert len(list(folder.iterdir())) == 3, "a run writes beside the file that it is to replace"
        running.send_signal(stop)
        _, told = running.communicate(timeout=60)
    assert running.returncode == 128 + stop
    assert "Traceback" not in told
    assert {path.name for path in folder.iterdir()} == {"in.jsonl", "out.jsonl"}
    assert (folder / "out.jsonl").read_text() == "old"


def test_pipes(given):
    given(LINE)
    with Path("in.jsonl").open() as lines:
        out, told = process("normalize", "/dev/stdin", "/dev/stdout", stdin=lines).communicate(timeout=60)
    assert json.loads(out)["id"] == 1
    assert told == ""


def test_the_standard_output_may_be_a_file_that_is_added_to(given, folder):
    given(LINE)
    (folder / "all.jsonl").write_text("before\n")
    with (folder / "all.jsonl").open("a") as added:
        assert process("normalize", "in.jsonl", "/dev/stdout", stdout=added).wait(timeout=60) == 0
    assert [line[:6] for line in (folder / "all.jsonl").read_text().splitlines()] == ["before", '{"id":']


def test_explain_a_text(run):
    status, told, errors = run("explain", "2 x 10^8 particles IV weekly for 3 weeks")
    assert (status, errors) == (0, "")
    assert "2e8 particles per administration: exact" in told
    assert "3 administrations: exact" in told
    assert "intravenous (C38276)" in told


def test_a_text_may_begin_as_the_item_of_a_list_does(run):
    assert "2e8 particles" in run("explain", "- 2e8 particles")[1]
    assert "2e8 particles" in run("explain", "-2e8 particles")[1]


def test_explain_a_trial_page(run, folder):
    (folder / "page.txt").write_text(RECORD)
    status, told, _ = run("explain", "--file", "page.txt")
    assert status == 0
    assert told.startswith("page.txt: record of the trial NCT01234567;")
    assert "'2 x 10^8 particles' line 12 [0:18]" in told
    assert "1 administration: exact" in told
    assert "intra-articular" in told
    assert "5e9" not in told


def test_explain_an_article(run, folder):
    (folder / "page.txt").write_text("Abstract\nIn NCT01234567, 2e8 particles were given.\nReferences\n")
    status, told, _ = run("explain", "--file", "page.txt")
    assert status == 0
    assert told.startswith("page.txt: no trial record, so no dose of a trial is read from it")
    assert "2e8" not in told


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\xff\xfeN\x00", "isn't UTF-8 text"),
        (b"\n<!DOCTYPE html><html><body>NCT01234567", "is HTML"),
        (b'<html lang="en">', "is HTML"),
    ],
)
def test_a_page_that_is_no_plain_text(content, what, run, folder):
    (folder / "page.txt").write_bytes(content)
    status, _, told = run("explain", "--file", "page.txt")
    assert status == 2
    assert re.match(rf"page.txt: {what}\n    -> save the page as ", told)


def test_a_page_that_is_missing(run):
    status, _, told = run("explain", "--file", "page.txt")
    assert status == 2
    assert told.startswith("page.txt: can't be read (No such file or directory)\n    -> name a file")


@pytest.mark.parametrize("arguments", [(), ("2e8 particles", "--file", "page.txt")])
def test_either_a_text_or_a_page(arguments, run):
    status, _, told = run("explain", *arguments)
    assert status == 2
    assert "give either a TEXT or --file PAGE" in told


def test_the_explanation_suits_a_terminal_of_few_characters():
    running = process("explain", "2亿 exosomes", environment={"PYTHONIOENCODING": "latin-1"})
    out, told = running.communicate(timeout=60)
    assert (running.returncode, told) == (0, "")
    assert "2\\u4ebf exosomes" in out and "2e8 particles" in out


@pytest.fixture
def other_project(tmp_path):
    """A project whose routes call one by another name."""
    folder = tmp_path / "other"
    (folder / "config").mkdir(parents=True)
    for path in (PROJECT / "config").glob("*.*"):
        content = path.read_text(encoding="utf-8").replace("route: intravenous\n", "route: into a vein\n")
        (folder / "config" / path.name).write_text(content, encoding="utf-8")
    return folder


def test_the_config_of_the_folder_wins_over_that_of_evdose(run, other_project, monkeypatch):
    assert "intravenous (C38276)" in run("explain", "IV")[1]
    monkeypatch.chdir(other_project)
    assert "into a vein (C38276)" in run("explain", "IV")[1]


def test_a_config_that_is_named_wins_over_that_of_the_folder(run, other_project, monkeypatch):
    assert "into a vein (C38276)" in run("explain", "--config", other_project / "config/config.yaml", "IV")[1]
    monkeypatch.chdir(other_project)
    assert "intravenous (C38276)" in run("explain", "--config", PROJECT / "config/config.yaml", "IV")[1]


def test_the_folder_makes_no_difference(run, given, folder, monkeypatch):
    lines = given(LINE)
    for place in (folder, PROJECT, PROJECT / "docs"):
        monkeypatch.chdir(place)
        assert run("normalize", lines, folder / "out.jsonl") == (0, "", "")
        (folder / "out.jsonl").rename(folder / f"{place.name}.jsonl")
    assert len({(folder / f"{name}.jsonl").read_bytes() for name in (folder.name, PROJECT.name, "docs")}) == 1


@pytest.mark.parametrize(
    ("command", "arguments"), [("explain", ["IV"]), ("normalize", ["in.jsonl", "out.jsonl"])]
)
def test_a_config_that_is_none_of_evdose(command, arguments, run, given, folder):
    given(LINE)
    (folder / "config").mkdir()
    (folder / "config/config.yaml").write_text("samples: samples.tsv\n")
    status, _, told = run(command, *arguments)
    assert status == 2
    assert told.startswith("config/config.yaml:1 [/samples]: unknown key 'samples'")
    assert "--config name" in told.splitlines()[-1]
    assert not (folder / "out.jsonl").exists()


def test_a_config_that_is_missing(run):
    status, _, told = run("explain", "--config", "none.yaml", "IV")
    assert status == 2
    assert told.startswith("none.yaml: can't be read (No such file or directory)")


def test_it_starts_without_the_libraries_of_the_analysis():
    heavy = "{'pandas', 'pandera', 'matplotlib', 'snakemake', 'rich'}"
    code = f"try: app()\nfinally: print(sorted({heavy} & set(sys.modules)))"
    out, told = process("explain", "2 x 10^8 particles IV once", code=code).communicate(timeout=60)
    assert told == ""
    assert out.splitlines()[-1] == "[]"


def test_help_names_both_commands(run):
    status, told, _ = run("--help")
    assert status == 0
    assert re.search(r"^  explain  .*^  normalize  ", told, re.MULTILINE | re.DOTALL)
