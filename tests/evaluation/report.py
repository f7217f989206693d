"""The scores as tables in Markdown, which can be read as they are."""

from __future__ import annotations

import platform

import pandas as pd

from evaluation.peer import NAME as PEER_NAME
from evaluation.scores import ALL, EVDOSE, PEER, RARE

_HALVES = {"tuning": "tuning", "held_back": "held back"}
_MEASURES = {
    "doses": "doses: the list (low, high, unit, substance, per) is exact",
    "amounts_and_units": "amounts and units: the list (low, high, unit) is exact",
    "no_false_dose": "no false dose, where there is no dose",
    "administrations": "administrations: the number, or that there is none",
    "administrations_number": "… where there is a number",
    "administrations_null": "… where there is none",
    "administrations_status": "administrations: how they are known",
    "routes": "routes: the set is exact",
}
_ENTRIES = {
    "doses": "doses in full",
    "amount": "amount (low, high)",
    "unit": "unit",
    "substance": "substance",
    "per": "per",
    "routes": "routes",
}
_INTRODUCTION = """\
# How well dose texts are read

Made by `make evaluation`; not to be edited. Fragments of registry text (`tests/labelled/`), labelled by
the conventions of [labelling.md](labelling.md): {tuning} to tune the reader by, and {held_back} of other
trials held back, of which this evaluation shows nothing but scores. Each fragment is read from its own
words alone, as `evdose normalize` reads a `dose_text`. Numbers agree to a relative 1e-9.

In brackets: 95 % intervals (Wilson), as if fragments were independent; those of one trial are not quite.
{peer} is a general reader of quantities. It doesn't know what an amount is of, nor whether
it is given: masses are taken for unspecified ones, volumes for product, bare numbers for particles or
cells where the next words name them. It reads no schedules and no routes; the line "amounts and units"
is the one fairest to it. Its classifier of ambiguous units is left out: scikit-learn 1.9 can't load the
model it comes with.
"""


def document(table: pd.DataFrame, times: dict[str, float], sizes: dict[str, int]) -> str:
    """The whole report; ``times`` are seconds a fragment of each reader, ``sizes`` fragments of each half."""
    introduction = _INTRODUCTION.format(peer=PEER_NAME, **sizes)
    return "\n".join([introduction, score_tables(table), _times(times)])


def score_tables(table: pd.DataFrame) -> str:
    """The tables of scores: fragments, entries, kinds."""
    parts = {
        "Fragments read right": _fragments(table),
        "Entries": _entries(table),
        "Doses by kind of difficulty": _kinds(table),
    }
    return "\n".join(f"## {heading}\n\n{part}" for heading, part in parts.items())


def _fragments(table: pd.DataFrame) -> str:
    cells = _cells(table, _MEASURES, with_count=True)
    return _markdown(cells.rename(index=_MEASURES), "share of fragments (interval) of how many")


def _entries(table: pd.DataFrame) -> str:
    names = {
        f"{what} {measure}": f"{name}: {measure}"
        for what, name in _ENTRIES.items()
        for measure in ("precision", "recall", "F1")
    }
    aligned = (
        "A dose read is set against the labelled dose that it shares most with: all of it, or most fields"
        " (amount or unit among them). A field is right where the two agree in it.\n\n"
    )
    return aligned + _markdown(_cells(table, names, with_count=False).rename(index=names), "of entries")


def _cells(table: pd.DataFrame, measures: dict[str, str], *, with_count: bool) -> pd.DataFrame:
    """A row a measure and a column a reader and half, evdose first."""
    chosen = table[(table["kind"] == ALL) & table["measure"].isin(measures)]
    shown = chosen.assign(
        column=[f"{row.reader}, {_HALVES[row.half]}" for row in chosen.itertuples()],
        cell=[_cell(row, with_count=with_count) for row in chosen.itertuples()],
    ).pivot(index="measure", columns="column", values="cell")
    columns = [f"{reader}, {half}" for reader in (EVDOSE, PEER) for half in _HALVES.values()]
    return shown.reindex(index=list(measures), columns=[name for name in columns if name in shown]).fillna("")


def _cell(row: tuple, *, with_count: bool) -> str:
    value = _share(row.value)
    interval = "" if pd.isna(row.low) else f" ({row.low:.3f}–{row.high:.3f})"
    return f"{value}{interval}{f' of {row.n}' if with_count else ''}"


def _share(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.3f}"


def _kinds(table: pd.DataFrame) -> str:
    rows = table[table["kind"] != ALL]
    columns = {}
    for reader in (reader for reader in (EVDOSE, PEER) if reader in set(rows["reader"])):
        for half, name in _HALVES.items():
            chosen = rows[rows["half"].eq(half) & rows["reader"].eq(reader)]
            exact = chosen[chosen["measure"] == "doses"].set_index("kind")
            if reader == EVDOSE:
                columns[f"{name}: n"] = exact["n"].map(str)
            columns[f"{reader} exact, {name}"] = exact["value"].map(_share)
            f1 = chosen[chosen["measure"] == "doses F1"].set_index("kind")
            columns[f"{reader} F1, {name}"] = f1["value"].map(_share)
    order = [*(kind for kind in dict.fromkeys(rows["kind"]) if kind != RARE), RARE]
    cells = pd.DataFrame(columns).reindex(order).dropna(how="all").fillna("")
    note = "A fragment may be of several kinds. Kinds of fewer than five of a half are put together.\n\n"
    return note + _markdown(cells, "kind")


def _times(times: dict[str, float]) -> str:
    """Microseconds a fragment, and how many times evdose's."""
    rows = {
        reader: {"µs a fragment": f"{seconds * 1e6:.0f}", "times evdose": f"{seconds / times[EVDOSE]:.1f}"}
        for reader, seconds in times.items()
    }
    machine = f"{platform.machine()}, one core, Python {platform.python_version()}"
    note = (
        "## Time\n\nMedian of seven rounds over the tuning half, after a first one"
        f" ({machine}); evdose reads doses, administrations and routes, {PEER_NAME} quantities.\n\n"
    )
    return note + _markdown(pd.DataFrame(rows).T, "reader")


def _markdown(cells: pd.DataFrame, corner: str) -> str:
    table = cells.rename_axis(corner).reset_index()
    return table.to_markdown(index=False, disable_numparse=True) + "\n"
