"""What every script of a rule shares: a log, lines that a person reads, and errors without tracebacks."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from evdose.errors import InputError, refused


class Run:
    """One run of a script: what it says goes to the log of its rule and to the terminal."""

    def __init__(self, name: str, log: TextIO) -> None:
        self._name = name
        self._log = log

    def say(self, message: str) -> None:
        """Write one line that tells a person what was done."""
        print(message, file=self._log, flush=True)
        print(f"{self._name}: {message}", file=sys.stderr, flush=True)


@contextmanager
def running(snakemake: object) -> Iterator[Run]:
    """Run the body of a script as its rule: log open, input errors told without a traceback.

    Raises:
        SystemExit: with status 1 when the input can't be used; the log then holds the message.
    """
    path = Path(snakemake.log[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as log:
        try:
            yield Run(" ".join([snakemake.rule, *snakemake.wildcards]), log)
        except InputError as error:
            message = f"evdose can't use its input:\n{error}"
        except Exception as error:
            problem = refused(error, path.parent) if isinstance(error, OSError) else None
            if problem is None:
                traceback.print_exc(file=log)
                defect = "a defect of evdose, not of your data"
                message = f"evdose failed in rule {snakemake.rule}; {defect}. See {path}"
            else:
                message = f"evdose can't write its files:\n{problem}"
        else:
            return
        print(message, file=log)  # Snakemake shows the log of a rule that failed
        raise SystemExit(1)
