"""The config: checked as a whole when the workflow is read, before anything runs."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from evdose.documents import Document, check_document, read_yaml
from evdose.errors import InputError, Problem

CONFIG = "config/config.yaml"
_YAML_ENDINGS = {".yaml", ".yml"}
_SCHEMAS = Path(__file__).parents[2] / "workflow" / "schemas"


def check_config(config: Mapping, path: str | Path) -> dict:
    """Check the config that Snakemake has loaded and return it as plain values, with dates as ISO text.

    ``path`` is the file that it came from; values set with ``--config`` may differ from it.

    Raises:
        InputError: a key is unknown, missing or of the wrong form, a date doesn't exist, a scenario's
            window is empty or ends after ``data_to``, or its switches aren't those of the eligibility file.
    """
    text = read_yaml(path).text if Path(path).is_file() else ""
    document = Document(str(path), _plain(config), text)
    check_document(document, published_schema("config"))
    problems = list(_calendar_problems(document)) or list(_order_problems(document))
    problems += _path_problems(document)
    if problems:
        raise InputError(*problems)
    eligibility = read_eligibility(document.data["vocabularies"]["eligibility"])
    problems = list(_switch_problems(document, eligibility))
    if problems:
        raise InputError(*problems)
    return document.data


def vocabularies_of(path: str | Path) -> dict[str, Path]:
    """The vocabularies that a config names, as paths from the folder that holds ``config/``.

    Raises:
        InputError: the config can't be read or breaks its schema.
    """
    document = read_yaml(path)
    check_document(document, published_schema("config"))
    folder = Path(path).resolve().parent.parent
    return {name: folder / place for name, place in document.data["vocabularies"].items()}


def files_of(config: Mapping, source: str, *, at_least: int = 0) -> list[str]:
    """Files that the pattern of a source of the config finds, sorted; hidden ones (of editors) aren't meant.

    Raises:
        InputError: there are fewer than ``at_least``, one can't be a file of the workflow, or one would be
            found but for its ending (``.yml``).
    """
    pattern = config["sources"][source]
    folder, ending = Path(pattern).parent, Path(pattern).suffix
    found = [path for path in sorted(Path().glob(pattern)) if not path.name.startswith(".")]
    problems = [
        Problem(str(path), "isn't a file that can be read", "put the file in its place, or remove it")
        for path in found
        if not path.is_file()
    ]
    problems += [
        Problem(str(path), "the name of a file can't hold braces", "give the file another name")
        for path in found
        if set("{}") & set(path.name)
    ]
    problems += [
        Problem(str(path), f"isn't read: {pattern} doesn't find it", f"let its name end in {ending}")
        for path in sorted(folder.glob("[!.]*.*"))
        if ending
        and path.suffix != ending
        and path.suffix.lower() in _YAML_ENDINGS
        and path.with_suffix(ending).match(pattern)
    ]
    if len(found) < at_least:
        remedy = "correct the pattern, or put the files in their place"
        problems.append(Problem(CONFIG, f"{pattern} finds no file", remedy, None, f"/sources/{source}"))
    if problems:
        raise InputError(*problems)
    return [str(path) for path in found]


def read_eligibility(path: str | Path) -> Document:
    """Read the eligibility rules.

    Raises:
        InputError: the file can't be read or breaks its schema.
    """
    document = read_yaml(path)
    check_document(document, published_schema("eligibility"))
    return document


def published_schema(name: str) -> dict:
    """The JSON Schema of this name among those that the project publishes."""
    return json.loads((_SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))


def _plain(value: Any) -> Any:
    """Snakemake reads YAML 1.1, in which an unquoted day is a date object."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _days(config: dict) -> dict[str, str]:
    """Every day of the config by its JSON pointer."""
    windows = {
        f"/scenarios/{name}/{edge}": scenario[edge]
        for name, scenario in config["scenarios"].items()
        for edge in ("registered_from", "registered_to")
    }
    rules = {f"/{rule}/date": config[rule]["date"] for rule in ("release", "effective_rule", "claim_rules")}
    return {"/data_to": config["data_to"], **rules, **windows}


def _calendar_problems(document: Document) -> Iterator[Problem]:
    for pointer, day in _days(document.data).items():
        try:
            date.fromisoformat(day)
        except ValueError:
            yield _problem(document, pointer, f"{day} isn't a day of the calendar", "write a day that exists")


def _path_problems(document: Document) -> Iterator[Problem]:
    """Snakemake itself would call a build up to date whose inputs are gone."""
    sources, vocabularies = document.data["sources"], document.data["vocabularies"]
    single = {f"/sources/{name}": sources[name] for name in ("claims", "registration_date_anchors")}
    for pointer, path in {
        **single,
        **{f"/vocabularies/{name}": p for name, p in vocabularies.items()},
    }.items():
        if not Path(path).is_file():
            yield _problem(
                document, pointer, f"there is no file {path}", "correct the path, or restore the file"
            )


def _order_problems(document: Document) -> Iterator[Problem]:
    config = document.data
    data_to = config["data_to"]
    if data_to > config["release"]["date"]:
        what = f"data_to ({data_to}) is after the release ({config['release']['date']})"
        yield _problem(
            document, "/data_to", what, "set data_to, or release.date, so that the data come first"
        )
    for name, scenario in config["scenarios"].items():
        first, last = scenario["registered_from"], scenario["registered_to"]
        pointer = f"/scenarios/{name}/registered_to"
        if first > last:
            what = f"the window ends ({last}) before it begins ({first})"
            yield _problem(document, pointer, what, "set registered_to to a day from registered_from on")
        if last > data_to:
            what = f"the window ends ({last}) after the last day that the data cover ({data_to})"
            yield _problem(document, pointer, what, "end it by data_to, or raise data_to")


def _switch_problems(document: Document, eligibility: Document) -> Iterator[Problem]:
    known = sorted({rule["switch"] for rule in eligibility.data["rules"] if "switch" in rule})
    for name, scenario in document.data["scenarios"].items():
        pointer = f"/scenarios/{name}/switches"
        for switch in sorted(set(scenario["switches"]) - set(known)):
            near = difflib.get_close_matches(switch, known, n=1, cutoff=0)
            remedy = f"did you mean '{near[0]}'? Known: {', '.join(known)}" if near else "remove it"
            what = f"unknown switch '{switch}': no rule of {eligibility.path} has it"
            yield _problem(document, f"{pointer}/{switch}", what, remedy)
        for switch in sorted(set(known) - set(scenario["switches"])):
            remedy = f"add '{switch}: include' or '{switch}: exclude'"
            what = f"the switch '{switch}' of {eligibility.path} isn't set"
            yield _problem(document, pointer, what, remedy)


def _problem(document: Document, pointer: str, what: str, remedy: str) -> Problem:
    return Problem(document.path, what, remedy, document.line(pointer), pointer)
