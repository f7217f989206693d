"""Time the reading of doses, beside floors measured in the same run.

The floors are the same records through ``json.loads`` and ``json.dumps``, and a Python that does nothing.
Run `make benchmark-reading`; it writes benchmarks/dose_reading.csv.
"""

from __future__ import annotations

import csv
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "tests"))

from evaluation.evdose_reader import project_reader  # noqa: E402
from evaluation.labelled import read_half  # noqa: E402
from evdose.dosing.batch import read_record  # noqa: E402
from evdose.dosing.reading.reader import Reader, prepare  # noqa: E402

TABLE = PROJECT / "benchmarks/dose_reading.csv"
COLUMNS = ("what", "seconds", "times_floor", "per_second", "growth")
ROUNDS = 7
REPEATS = 5
SIZES = (1_000, 10_000, 100_000, 1_000_000)
HOSTILE = {
    "digits": "9",
    "spaces": " ",
    "x 10": "x 10",
    "1/": "1/",
    "(": "(",
    "words": "exosomes are given once daily with saline ",
}


def medians(*jobs: Callable[[], object]) -> list[float]:
    """Seconds of each job: the median over rounds in which they take turns, after one that isn't counted."""
    taken: list[list[float]] = [[] for _ in jobs]
    for _ in range(1 + ROUNDS):
        for job, seconds in zip(jobs, taken, strict=True):
            start = time.perf_counter()
            job()
            seconds.append(time.perf_counter() - start)
    return [statistics.median(seconds[1:]) for seconds in taken]


def row(what: str, seconds: float, floor: float, **more: float) -> dict:
    """A line of the table."""
    return {"what": what, "seconds": seconds, "times_floor": seconds / floor, **more}


def fragments(reader: Reader) -> Iterator[dict]:
    """A fragment on average: its doses, everything in it, and the floor."""
    # Each repeat ends in spaces of its own, so that nothing is remembered from the one before.
    texts = [case.text + " " * repeat for repeat in range(REPEATS) for case in read_half("tuning")]
    records = [{"id": str(number), "dose_text": text} for number, text in enumerate(texts)]
    lines = [json.dumps(record) for record in records]
    doses, everything, floor = (
        seconds / len(texts)
        for seconds in medians(
            lambda: [reader.doses(prepare(text)) for text in texts],
            lambda: [read_record(reader, record) for record in records],
            lambda: [json.dumps(json.loads(line)) for line in lines],
        )
    )
    yield row("fragment: doses", doses, floor, per_second=1 / doses)
    yield row("fragment: doses, schedule, routes", everything, floor, per_second=1 / everything)
    yield row("fragment: floor (json)", floor, floor, per_second=1 / floor)


def start_up() -> Iterator[dict]:
    """Starting the command, and a Python that does nothing."""
    command = [str(Path(sys.executable).with_name("evdose")), "explain", "x"]
    ours, floor = medians(
        lambda: subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL),
        lambda: subprocess.run([sys.executable, "-c", "pass"], check=True),
    )
    yield row("start-up: evdose explain x", ours, floor)
    yield row("start-up: floor (python -c pass)", floor, floor)


def hostile(reader: Reader) -> Iterator[dict]:
    """Texts made to be slow at growing lengths; ``growth`` is times the one a tenth as long (linear: 10)."""
    for name, unit in HOSTILE.items():
        before = None
        for size in SIZES:
            record = {"id": name, "dose_text": (unit * (size // len(unit) + 1))[:size]}
            line = json.dumps(record)
            ours, floor = medians(
                lambda record=record: read_record(reader, record),
                lambda line=line: json.dumps(json.loads(line)),
            )
            growth = {} if before is None else {"growth": ours / before}
            yield row(f"hostile: {name!r}, {size // 1000} kB", ours, floor, **growth)
            before = ours


def main() -> None:
    """Measure and write the table."""
    reader = project_reader()
    rows = [*fragments(reader), *start_up(), *hostile(reader)]
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for line in rows:
            writer.writerow({key: f"{v:.4g}" if isinstance(v, float) else v for key, v in line.items()})
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(TABLE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
