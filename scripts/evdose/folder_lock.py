"""Which run works in a folder: Snakemake's own lock outlives a run that was killed, the system's doesn't."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import TextIO


def take_over(folder: Path) -> TextIO | None:
    """Hold the system's lock of ``folder`` (``.snakemake``), and remove the lock that a dead run left there.

    Returns the lock, held until it is closed or the process ends; or None, with nothing removed, where
    another run holds it or the file system has no locks: Snakemake's own lock then decides.
    """
    try:
        folder.mkdir(exist_ok=True)
        held = (folder / "evdose.lock").open("w")
    except OSError:
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for left in (folder / "locks").glob("*.lock"):
            left.unlink(missing_ok=True)
    except OSError:
        held.close()
        return None
    return held
