"""Score evdose and its peer on the labelled fragments, half by half.

Run `make evaluation`; it writes build/evaluation/ and docs/evaluation.md. Of the held-back half nothing but
scores leaves this program: who tunes the reader must not see what it misses there.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from evaluation import evdose_reader, peer
from evaluation.labelled import Case, read_halves
from evaluation.report import document
from evaluation.scores import EVDOSE, PEER, scores
from evaluation.scoring import SHARES, Reading
from evdose.errors import InputError
from places import PROJECT

BUILT = PROJECT / "build/evaluation"
_ROUNDS = 7


def seconds_a_fragment(readers: Mapping[str, Callable[[str], Reading]], texts: list[str]) -> dict[str, float]:
    """Seconds that each reader takes a text: the median over rounds in which they take turns."""
    taken: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(1 + _ROUNDS):
        for name, read in readers.items():
            start = time.perf_counter()
            for text in texts:
                read(text)
            taken[name].append((time.perf_counter() - start) / len(texts))
    return {name: statistics.median(seconds[1:]) for name, seconds in taken.items()}


def differences(cases: list[Case], read: Callable[[str], Reading]) -> Iterator[str]:
    """Each fragment that is read otherwise than labelled, with both readings."""
    for case in cases:
        label, found = case.label, read(case.text)
        if any(about(label) and not right(label, found) for about, right in SHARES.values()):
            yield f"{case.id}: {case.text}\n  labelled {_shown(label)}\n  read     {_shown(found)}\n"


def _shown(reading: Reading) -> str:
    doses = "; ".join(
        f"{dose.low:g}–{dose.high:g} {dose.unit} {dose.substance} per {dose.per}" for dose in reading.doses
    )
    routes = ", ".join(sorted(reading.routes)) or "no route"
    often = f"{reading.administrations} administrations ({reading.administrations_status})"
    return f"{doses or 'no dose'} | {often} | {routes}"


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)  # pretty ones may show the texts


@app.command()
def main(
    show_tuning_differences: Annotated[
        bool, typer.Option("--show-tuning-differences", help="Print the tuning fragments that are misread.")
    ] = False,
) -> None:
    """Score evdose and quantulum3 on the labelled fragments; of the held-back half only scores are shown."""
    halves = read_halves()
    readers = {EVDOSE: evdose_reader.evdose(), PEER: peer.quantulum3()}
    table = scores(halves, readers)
    times = seconds_a_fragment(readers, [case.text for case in halves["tuning"]])
    report = document(table, times, {half: len(cases) for half, cases in halves.items()})
    BUILT.mkdir(parents=True, exist_ok=True)
    (BUILT / "evaluation.md").write_text(report, encoding="utf-8")
    table.to_csv(BUILT / "evaluation.csv", index=False, float_format="%.4f", lineterminator="\n")
    print(report)
    if show_tuning_differences:
        print(*differences(halves["tuning"], readers[EVDOSE]), sep="\n")


if __name__ == "__main__":
    try:
        app()
    except InputError as error:
        raise SystemExit(str(error)) from None
