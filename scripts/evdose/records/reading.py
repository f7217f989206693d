"""Reading many YAML files of one kind: each checked against its schema, all problems told in one go."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evdose import documents
from evdose.documents import check_document, read_yaml
from evdose.errors import InputError, Problem
from evdose.records.digest_cache import DigestCache


@dataclass(frozen=True)
class Record:
    """A file that keeps its schema: ``file`` as given, ``data`` as plain values, ``sha256`` of its bytes."""

    file: str
    data: dict
    sha256: str

    def problem(self, what: str, remedy: str, pointer: str) -> Problem:
        """A problem at a JSON pointer of this file, with its line."""
        return Problem(self.file, what, remedy, read_yaml(self.file).line(pointer), pointer)


@dataclass
class Batch:
    """Files of one kind: those that can be used, and the problems of those that can't."""

    kind: str
    usable: list[Record] = field(default_factory=list)
    unusable: dict[str, list[Problem]] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    def reject(self, problems: Iterable[tuple[Record, Problem]]) -> None:
        """Take records with problems out of the usable ones."""
        for record, problem in problems:
            self.unusable.setdefault(record.file, []).append(problem)
        self.usable = [record for record in self.usable if record.file not in self.unusable]


def read_schema(path: str | Path) -> dict:
    """Read a JSON Schema.

    Raises:
        InputError: the file can't be read or isn't JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        remedy = "restore this file of the project"
        raise InputError(Problem(str(path), f"not a readable JSON Schema ({error})", remedy)) from None


def read_records(kind: str, paths: Sequence[str], schema: dict, cache_folder: str | Path | None) -> Batch:
    """Read and check YAML files in the order of their names; a file with problems becomes unusable.

    Files whose bytes, schema and reader are unchanged come from the cache below ``cache_folder``.
    """
    batch = Batch(kind)
    cache = None if cache_folder is None else DigestCache(cache_folder, _salt(schema))
    for path in sorted(map(str, paths)):
        try:
            data = _read(path, schema, cache, batch)
        except InputError as error:
            batch.unusable[path] = list(error.problems)
        else:
            batch.usable.append(Record(path, data, batch.digests[path]))
    if cache is not None:
        cache.save()
    return batch


def _read(path: str, schema: dict, cache: DigestCache | None, batch: Batch) -> Any:
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        batch.digests[path] = hashlib.sha256(b"").hexdigest()
        problem = Problem(path, f"can't be read ({error.strerror})", "check the path in config")
        raise InputError(problem) from None
    batch.digests[path] = hashlib.sha256(content).hexdigest()
    data = None if cache is None else cache.get(content)
    if data is None:
        document = read_yaml(path)
        check_document(document, schema)
        data = document.data
        if cache is not None:
            cache.put(content, data)
    return data


def _salt(schema: dict) -> bytes:
    """What a value read depends on beside the bytes of its file: the schema and the reader."""
    reader = Path(documents.__file__).read_bytes() + Path(__file__).read_bytes()
    return hashlib.sha256(json.dumps(schema, sort_keys=True).encode() + reader).digest()
