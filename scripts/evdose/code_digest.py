"""Digest of the code that a script runs, so that Snakemake reruns a rule whose modules changed.

Snakemake sees a changed script but not a changed module; so each rule carries this digest as a parameter.
"""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

_PACKAGE = "evdose"


def code_digest(script: Path, lock: Path) -> str:
    """SHA-256 (12 hex digits) over a script, every evdose module that it imports and the locked libraries.

    Files beside an imported module that aren't Python (templates, styles) count as part of it.
    """
    digest = hashlib.sha256()
    for file in [lock, script, *sorted(imported_files(script))]:
        digest.update(f"{file.name}\0".encode())
        digest.update(_content(file))
    return digest.hexdigest()[:12]


def imported_files(script: Path) -> set[Path]:
    """Files of the package beside ``script`` that it imports, directly or through other modules."""
    found: set[Path] = set()
    pending = [script]
    while pending:
        modules = _imports(pending.pop(), script.parent) - found
        found |= modules
        pending.extend(modules)
    return found | {file for module in found for file in _data_beside(module.parent)}


@cache
def _imports(file: Path, root: Path) -> frozenset[Path]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(_content(file))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(path for name in names for path in _files_of(name, root))


def _files_of(name: str, root: Path) -> list[Path]:
    """The files that importing a dotted name runs: each package's ``__init__`` and the module itself."""
    parts = name.split(".")
    if parts[0] != _PACKAGE:
        return []
    paths = [root.joinpath(*parts[: i + 1]) for i in range(len(parts))]
    candidates = [path / "__init__.py" for path in paths] + [path.with_suffix(".py") for path in paths]
    return [path for path in candidates if path.is_file()]


@cache
def _data_beside(folder: Path) -> list[Path]:
    """Files of a package that aren't Python, in its folder and below, other packages apart."""
    found = []
    for path in folder.iterdir():
        if path.is_dir() and not (path / "__init__.py").is_file():
            found.extend(_data_beside(path))
        elif path.is_file() and path.suffix not in {".py", ".pyc"}:
            found.append(path)
    return found


@cache
def _content(file: Path) -> bytes:
    return file.read_bytes()
