"""The table of scores: one row a half, reader, kind of difficulty and measure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

import pandas as pd

from evaluation.labelled import KINDS, Case
from evaluation.scoring import Pairs, Reading, Retrieval, Share, retrievals, shares

EVDOSE, PEER = "evdose", "quantulum3"
ALL, RARE = "all", "rarer kinds"
COLUMNS = ("half", "reader", "kind", "measure", "value", "low", "high", "n")
_FEWEST = 5  # of a rarer kind, a share would tell how a single fragment was read
# What quantulum3 can be asked; evdose reads everything.
_DOSE_MEASURES = ("doses", "amounts_and_units", "no_false_dose", "amount", "unit", "substance", "per")
_ASKED = {PEER: _DOSE_MEASURES}

Read = Callable[[str], Reading]


def scores(halves: Mapping[str, list[Case]], readers: Mapping[str, Read]) -> pd.DataFrame:
    """Scores of each reader on each half."""
    rows: list[tuple] = []
    for reader, read in readers.items():
        for half, cases in halves.items():
            pairs = read_cases(cases, read, half)
            rows += [(half, reader, ALL, *row) for row in _all_measures(pairs, reader)]
            for kind, chosen in _by_kind(cases, pairs):
                rows += [(half, reader, kind, *row) for row in _kind_measures(chosen)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def read_cases(cases: list[Case], read: Read, half: str) -> Pairs:
    """Each label with what was read.

    Raises:
        RuntimeError: the reader failed; the message doesn't say on which text.
    """
    try:
        return [(case.label, read(case.text)) for case in cases]
    except Exception as error:
        raise RuntimeError(f"a reader raised {type(error).__name__} on a fragment of {half}") from None


def _all_measures(pairs: Pairs, reader: str) -> Iterator[tuple]:
    yield from _share_rows(pairs, reader)
    for what, found in retrievals(pairs).items():
        if what in _ASKED.get(reader, (what,)):
            yield from _retrieval_rows(what, found)


def _share_rows(pairs: Pairs, reader: str) -> Iterator[tuple]:
    for measure, share in shares(pairs).items():
        if measure in _ASKED.get(reader, (measure,)):
            yield _share_row(measure, share)


def _share_row(measure: str, share: Share) -> tuple:
    return measure, share.value, *share.interval, share.of


def _retrieval_rows(what: str, found: Retrieval) -> Iterator[tuple]:
    yield _share_row(f"{what} precision", found.precision)
    yield _share_row(f"{what} recall", found.recall)
    yield f"{what} F1", found.f1, math.nan, math.nan, found.labelled


def _kind_measures(pairs: Pairs) -> Iterator[tuple]:
    yield _share_row("doses", shares(pairs)["doses"])
    found = retrievals(pairs)["doses"]
    yield "doses F1", found.f1, math.nan, math.nan, found.labelled


def _by_kind(cases: list[Case], pairs: Pairs) -> Iterator[tuple[str, Pairs]]:
    """Each kind with its fragments; kinds of few fragments together, each fragment once."""
    counts = {kind: sum(kind in case.kinds for case in cases) for kind in KINDS}
    for kind in (kind for kind, count in counts.items() if count >= _FEWEST):
        yield kind, [pair for case, pair in zip(cases, pairs, strict=True) if kind in case.kinds]
    rare = {kind for kind, count in counts.items() if 0 < count < _FEWEST}
    chosen = [pair for case, pair in zip(cases, pairs, strict=True) if rare.intersection(case.kinds)]
    if len(chosen) >= _FEWEST:
        yield RARE, chosen
