"""YAML documents whose every value has a line, checked against a published JSON Schema."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from evdose.errors import InputError, Problem

_YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MOST_DIGITS = 18
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


class _Loader(_YAML_LOADER):
    """YAML as its version 1.2 reads it: no dates, no ``yes``/``no``, no base 60, and 2e8 is a number."""

    yaml_implicit_resolvers = {}  # noqa: RUF012


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", "~nN\0"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^$"), [""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile("^<<$"), ["<"])


def _whole_number(loader: _Loader, node: yaml.ScalarNode) -> int:
    """012 is twelve (PyYAML would read it as octal); no table holds more than 64 bits."""
    text = loader.construct_scalar(node)
    if len(text) > _MOST_DIGITS:
        raise yaml.constructor.ConstructorError(
            None, None, "a whole number is too large to be true", node.start_mark
        )
    return int(text)


_Loader.add_constructor("tag:yaml.org,2002:int", _whole_number)


@dataclass(frozen=True)
class Document:
    """A YAML file that was read: ``data`` as plain Python values, ``path`` as the user typed it."""

    path: str
    data: Any
    text: str

    def line(self, pointer: str) -> int | None:
        """Line (from 1) of the value at a JSON pointer, or of its nearest parent in the file."""
        node, line = yaml.compose(self.text, Loader=_Loader), None
        for part in ["", *_parts(pointer)]:
            node = node if part == "" and line is None else _child(node, part)
            if node is None:
                break
            line = node.start_mark.line + 1
        return line


def read_yaml(path: str | Path) -> Document:
    """Read one YAML document.

    Raises:
        InputError: the file can't be read, isn't UTF-8 or isn't YAML, a mapping repeats a key, or a text
            holds a control character.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
        root = yaml.compose(text, Loader=_Loader)
        problems = [] if root is None else list(_unusable_nodes(str(path), root))
        data = yaml.load(text, Loader=_Loader)
    except OSError as error:
        raise InputError(
            Problem(str(path), f"can't be read ({error.strerror})", "check the path in config")
        ) from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(Problem(str(path), "isn't UTF-8", "save the file as UTF-8", line)) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(_syntax_problem(str(path), text, error)) from None
    if problems:
        raise InputError(*problems)
    return Document(str(path), data, text)


def _whole_pattern(
    _: object, pattern: str, instance: Any, __: object
) -> Iterator[jsonschema.ValidationError]:
    """In JSON Schema ``$`` is the end of the text; to Python it also stands before a last line break."""
    if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


_Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": _whole_pattern})


def check_document(document: Document, schema: dict) -> None:
    """Check a document against a JSON Schema (draft 2020-12).

    Raises:
        InputError: one problem for each breach: file, line, field, what is wrong and what would be right.
    """
    if document.data is None:
        remedy = f"write in it: {schema.get('description', 'what its schema asks for')}"
        raise InputError(Problem(document.path, "the file is empty", remedy, 1))
    validator = _Validator(schema)
    errors = sorted(
        validator.iter_errors(document.data), key=lambda error: [str(part) for part in error.absolute_path]
    )
    problems = [problem for error in errors for problem in _breaches(document, error)]
    if problems:
        raise InputError(*problems)


def resolve(data: Any, pointer: str) -> Any:
    """The value at a JSON pointer (RFC 6901).

    Raises:
        KeyError: the pointer leads nowhere.
    """
    for part in _parts(pointer):
        try:
            data = data[int(part)] if isinstance(data, list) else data[part]
        except (KeyError, IndexError, TypeError, ValueError):
            raise KeyError(pointer) from None
    return data


def _parts(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _child(node: yaml.Node, part: str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
        return node.value[int(part)]
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    return None


def _unusable_nodes(path: str, root: yaml.Node) -> Iterator[Problem]:
    pending, seen_nodes = [root], set()
    while pending:
        node = pending.pop()
        if id(node) in seen_nodes:
            continue
        seen_nodes.add(id(node))
        if isinstance(node, yaml.ScalarNode) and (found := _CONTROL.search(node.value)):
            what = f"a text holds the control character U+{ord(found[0]):04X}"
            yield Problem(path, what, "remove it, or write what it stands for", node.start_mark.line + 1)
        elif isinstance(node, yaml.SequenceNode):
            pending.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            seen: dict[str, int] = {}
            for key, value in node.value:
                line = key.start_mark.line + 1
                if str(key.value) in seen:
                    what = f"the key stands twice (first in line {seen[str(key.value)]})"
                    yield Problem(path, what, "keep one of the two", line, str(key.value))
                seen.setdefault(str(key.value), line)
                pending.append(value)


def _syntax_problem(path: str, text: str, error: Exception) -> Problem:
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return Problem(path, "a control character stands in the text", "remove it", line)
    mark = getattr(error, "problem_mark", None)
    told = (getattr(error, "context", None), getattr(error, "problem", None))
    what = ", ".join(filter(None, told)) or str(error) or "it is nested too deeply"
    remedy = "correct the YAML at this line (indentation, quotes and colons are the usual causes)"
    if "another document" in what:
        remedy = "keep one record a file, and no second line '---'"
    return Problem(path, f"isn't readable YAML: {what}", remedy, mark.line + 1 if mark else None)


def _breaches(document: Document, error: jsonschema.ValidationError) -> Iterator[Problem]:
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in error.absolute_path)
    line = document.line(pointer)
    field = pointer or "/"
    described = error.schema.get("description", "") if isinstance(error.schema, dict) else ""
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = list(error.schema.get("properties", {}))
        for key in sorted(set(error.instance) - set(known), key=str):
            near = difflib.get_close_matches(str(key), known, n=1, cutoff=0)
            remedy = f"did you mean '{near[0]}'? Known here: {', '.join(known)}" if near else "remove it"
            yield Problem(
                document.path,
                f"unknown key '{key}'",
                remedy,
                document.line(f"{pointer}/{key}"),
                f"{pointer}/{key}",
            )
    elif error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        yield from _missing(document, error, missing, pointer, line)
    elif error.validator == "enum":
        choices = [str(choice) for choice in error.validator_value]
        near = difflib.get_close_matches(str(error.instance), choices, n=1, cutoff=0)
        remedy = f"did you mean '{near[0]}'? Allowed: {', '.join(choices)}"
        yield Problem(
            document.path, f"{error.instance!r} isn't one of the allowed values", remedy, line, field
        )
    elif error.validator == "type":
        wanted = (
            error.validator_value
            if isinstance(error.validator_value, str)
            else " or ".join(error.validator_value)
        )
        remedy = f"write a value of type {wanted}{f' ({described})' if described else ''}"
        yield Problem(document.path, f"{_shown(error.instance)} is of the wrong type", remedy, line, field)
    else:
        remedy = (
            f"it should be: {described}"
            if described
            else f"keep the rule '{error.validator}: {error.validator_value}'"
        )
        yield Problem(document.path, _shown_message(error), remedy, line, field)


def _missing(
    document: Document, error: jsonschema.ValidationError, missing: list[str], pointer: str, line: int | None
) -> Iterator[Problem]:
    """One problem for the missing key this error is about (jsonschema reports each on its own)."""
    key = next((key for key in missing if repr(key) in error.message), missing[0])
    properties = error.schema.get("properties", {})
    described = properties.get(key, {}).get("description", "")
    near = difflib.get_close_matches(key, [str(k) for k in error.instance if k not in properties], n=1)
    hint = f"'{near[0]}' may be a slip for it; " if near else ""
    remedy = f"{hint}add '{key}:'{f' ({described})' if described else ''}"
    yield Problem(document.path, f"the required field '{key}' is missing", remedy, line, f"{pointer}/{key}")


def _shown(value: Any, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}…"


def _shown_message(error: jsonschema.ValidationError, limit: int = 200) -> str:
    return error.message if len(error.message) <= limit else f"{error.message[:limit]}…"
