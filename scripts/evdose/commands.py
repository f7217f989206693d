"""The command ``evdose``: how a text is read, one at a time for people or many for programs."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, TextIO

import typer

from evdose.errors import InputError, Problem

if TYPE_CHECKING:
    from evdose.dosing.reading.reader import Reader

app = typer.Typer(
    help="Doses, schedules and routes of clinical trials, read from the words of registries.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="CONFIG",
        help="configuration whose vocabularies are used; by default config/config.yaml of this folder, "
        "and where there is none, that of evdose",
    ),
]
_CONFIG = Path("config/config.yaml")
_PROJECT = Path(__file__).parents[2]
_MALFORMED, _UNUSABLE = 1, 2


# A text may begin with the "-" of a list.
@app.command(context_settings={"ignore_unknown_options": True})
def explain(
    text: Annotated[str | None, typer.Argument(help="dose, schedule or route as registries write it")] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="PAGE", help="saved page: a trial record is read, an article isn't"),
    ] = None,
    config: Config = None,
) -> None:
    """Print how a text is read, span by span, with what was rejected and why."""
    if (text is None) == (file is None):
        raise typer.BadParameter("give either a TEXT or --file PAGE")
    from evdose.dosing.explain import explanation  # noqa: PLC0415  (not paid for by --help)

    sys.stdout.reconfigure(errors="backslashreplace")
    with _told():
        if file is not None:
            text = _treatment(file)
        typer.echo(explanation(_reader(config), text))


@app.command()
def normalize(
    lines: Annotated[Path, typer.Argument(metavar="IN.jsonl", help="JSON lines (docs/normalize.md)")],
    answers: Annotated[Path, typer.Argument(metavar="OUT.jsonl", help="their answers, in the same order")],
    config: Config = None,
) -> None:
    """Read a batch of texts.

    Exit status 1 where a line was malformed (its answer names the problem), 2 where nothing was written.
    """
    from evdose.dosing.batch import normalise_lines  # noqa: PLC0415

    malformed: list[int] = []
    with _told():
        reader = _reader(config)
        with _opened(lines) as given, _whole(answers, given) as made:
            for number, (answer, well_formed) in enumerate(normalise_lines(reader, given), start=1):
                made.write(answer + "\n")
                if not well_formed:
                    malformed.append(number)
    if malformed:
        what = f"{len(malformed)} malformed line{'s' if len(malformed) > 1 else ''}, this the first"
        remedy = f"correct what their answers in {answers} name as problems"
        typer.echo(Problem(str(lines), what, remedy, malformed[0]), err=True)
        raise typer.Exit(_MALFORMED)


@contextmanager
def _told() -> Iterator[None]:
    """Input that can't be used ends the command with its message, and no traceback."""
    try:
        yield
    except InputError as error:
        typer.echo(error, err=True)
        raise typer.Exit(_UNUSABLE) from None


def _reader(config: Path | None) -> Reader:
    """The reader of the config given, of the one of this folder, or of the project's own."""
    from evdose.dosing.reading.reader import read_reader  # noqa: PLC0415
    from evdose.settings import vocabularies_of  # noqa: PLC0415

    if config is None and not _CONFIG.is_file():
        config = _PROJECT / _CONFIG
    try:
        return read_reader(vocabularies_of(config or _CONFIG))
    except InputError as error:
        remedy = "correct what is named above, or let --config name a configuration of evdose"
        raise InputError(*error.problems, Problem(str(config or _CONFIG), "can't be used", remedy)) from None


def _treatment(file: Path) -> str:
    """The sections of a trial page that say what is given.

    Raises:
        InputError: the file can't be read, or isn't plain text.
        typer.Exit: the page is no trial record, which is told; that is an answer, and no error.
    """
    from evdose.records.page import read_page  # noqa: PLC0415

    with _opened(file) as page:
        content = page.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(Problem(str(file), "isn't UTF-8 text", "save the page as UTF-8 text")) from None
    if text.lstrip()[:15].lower().startswith(("<!doctype html", "<html")):
        raise InputError(Problem(str(file), "is HTML", "save the page as text, as a browser shows it"))
    page = read_page(text)
    if page.trial_id is None:
        typer.echo(
            f"{file}: no trial record, so no dose of a trial is read from it\n"
            "    (a record has a registry number on a line of its own, and the headings of a registry)"
        )
        raise typer.Exit
    typer.echo(f"{file}: record of the trial {page.trial_id}; read are its sections on treatment")
    return page.treatment


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        remedy = "name a file that is there and can be read"
        raise InputError(Problem(str(path), f"can't be read ({error.strerror})", remedy)) from None


@contextmanager
def _whole(path: Path, given: BinaryIO) -> Iterator[TextIO]:
    """A file that takes the place of ``path`` once it is whole; a pipe or a device is written to directly.

    Raises:
        InputError: it can't be written, or is ``given``, the input.
    """
    partial = None
    for end in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(end, lambda number, _: sys.exit(128 + number))
    try:
        if path.is_file() and os.path.samestat(path.stat(), os.fstat(given.fileno())):
            raise InputError(Problem(str(path), "is the input too", "name another file for the answers"))
        if path.parent != Path("/dev") and (path.is_file() or not path.exists()):
            partial = path.resolve().with_name(f".evdose-{os.getpid()}.part")
        # /dev/stdout may be a file that is being added to.
        with (partial or path).open("w" if partial else "a", encoding="ascii", newline="\n") as made:
            yield made
        if partial is not None:
            partial.replace(path.resolve())
    except OSError as error:
        remedy = "name a place where there is room and that you may write to; what stood there is as it was"
        raise InputError(Problem(str(path), f"can't be written ({error.strerror})", remedy)) from None
    finally:
        if partial is not None:
            with suppress(OSError):
                partial.unlink()
