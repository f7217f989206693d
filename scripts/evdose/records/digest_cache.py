"""What was read from a file, kept under the digest of its bytes: an unchanged file isn't parsed again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any


class DigestCache:
    """Values kept in one JSON file below ``folder``; ``salt`` names what they depend on beside the bytes.

    A cache that can't be read is ignored and made anew. Only what was used since it was opened is kept.
    """

    def __init__(self, folder: str | Path, salt: bytes) -> None:
        self._path = Path(folder) / "records.json"
        self._salt = salt
        self._kept = _read(self._path)
        self._used: dict[str, Any] = {}

    def get(self, content: bytes) -> Any:
        """The value kept for a file with these bytes, or None."""
        key = self._key(content)
        if key in self._kept:
            self._used[key] = self._kept[key]
        return self._used.get(key)

    def put(self, content: bytes, value: Any) -> None:
        """Keep a value of plain JSON types for a file with these bytes."""
        self._used[self._key(content)] = value

    def save(self) -> None:
        """Write the cache, whole or not at all; a folder that can't be written costs only time."""
        if self._used == self._kept:
            return
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", dir=self._path.parent, suffix=".partial", delete=False
            ) as partial:
                json.dump(self._used, partial, ensure_ascii=False, sort_keys=True)
            Path(partial.name).replace(self._path)

    def _key(self, content: bytes) -> str:
        return hashlib.sha256(self._salt + hashlib.sha256(content).digest()).hexdigest()


def _read(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}
