"""Tables for people: which columns a reader sees, how they are worded, and where a cell leads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import urlsplit

import pandas as pd

from evdose.records.tables import PUBLICATION, REGISTRATION
from evdose.rendering import notation
from evdose.rendering.links import web_address
from evdose.rendering.notation import MISSING, missing


class Cell(NamedTuple):
    """What a reader sees, the number it sorts by (text sorts as it reads), and the address it leads to."""

    text: str
    sort: float | None = None
    href: str | None = None


@dataclass(frozen=True)
class Field:
    """A column for people, made from one or more columns of a table.

    ``show`` takes the values of ``sources`` in a row; ``by`` is the source that a column of numbers sorts by,
    which then stands to the right, unless it holds words as well (``wordy``);
    ``leads_to`` takes the same values and gives the cell's address, unless the first value is missing;
    ``note`` is a footnote.
    """

    label: str
    sources: tuple[str, ...]
    show: Callable[..., str]
    by: str | None = None
    leads_to: Callable[..., str | None] | None = None
    note: str | None = None
    wordy: bool = False

    @property
    def on_the_right(self) -> bool:
        """Whether the column is set flush right."""
        return self.by is not None and not self.wordy


@dataclass(frozen=True)
class Layout:
    """How one table is shown: its title, what it says, its columns and what is said beneath it."""

    title: str
    subtitle: str
    fields: tuple[Field, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableView:
    """A table ready to be drawn: every cell is worded."""

    name: str
    layout: Layout
    rows: tuple[tuple[Cell, ...], ...]


def records(frame: pd.DataFrame) -> list[dict]:
    """Rows as plain dicts in which every missing value is None."""
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def view(name: str, layout: Layout, frame: pd.DataFrame) -> TableView:
    """Word every row of ``frame`` as ``layout`` says."""
    return view_rows(name, layout, records(frame))


def view_rows(name: str, layout: Layout, rows: Iterable[dict]) -> TableView:
    """Word ``rows``, in which a missing value is None, as ``layout`` says."""
    worded = (tuple(_cell(field, row) for field in layout.fields) for row in rows)
    return TableView(name, layout, tuple(worded))


def without_empty_columns(table: TableView) -> TableView:
    """The same table less the columns in which no row has anything."""
    fields = table.layout.fields
    kept = [i for i in range(len(fields)) if any(row[i].text != MISSING for row in table.rows)]
    layout = replace(table.layout, fields=tuple(fields[i] for i in kept))
    return TableView(table.name, layout, tuple(tuple(row[i] for i in kept) for row in table.rows))


def text(label: str, source: str, *, note: str | None = None) -> Field:
    """A column of words."""
    return Field(label, (source,), _text, note=note)


def code(label: str, source: str, *, note: str | None = None) -> Field:
    """A column of codes (``not_reported``, ``COMPLETED``), shown as words."""
    return Field(label, (source,), notation.decoded, note=note)


def trial(label: str, source: str = "trial_id") -> Field:
    """A column of trial records, each leading to its section of the audit."""
    return Field(label, (source,), _text, leads_to=lambda record: f"#{anchor(record)}")


def study(label: str, source: str = "study_id") -> Field:
    """A column of published studies, each leading to its section of the audit."""
    return Field(label, (source,), _text, leads_to=lambda record: f"#{anchor(record, PUBLICATION)}")


def either(label: str) -> Field:
    """A column of ``trial_id`` that holds trial records and studies, as ``record_kind`` says."""
    return Field(
        label,
        ("trial_id", "record_kind"),
        lambda record, _: record,
        leads_to=lambda record, kind: f"#{anchor(record, kind)}",
    )


def address(label: str, source: str) -> Field:
    """A column of web addresses, of which the host is shown; only http and https lead anywhere."""
    return Field(label, (source,), _host, leads_to=web_address)


def flag(label: str, source: str, *, note: str | None = None) -> Field:
    """A column of yes and no."""
    return Field(
        label, (source,), lambda value: MISSING if value is None else "yes" if value else "no", note=note
    )


def whole(label: str, source: str) -> Field:
    """A column of counts."""
    return Field(label, (source,), notation.count, by=source)


def year(label: str, source: str) -> Field:
    """A column of calendar years."""
    return Field(label, (source,), _text, by=source)


def sentence(label: str, source: str) -> Field:
    """A column of sentences of evdose's own, whose numbers are set as HTML."""
    return Field(label, (source,), lambda words: MISSING if missing(words) else notation.typeset(words))


def real(label: str, source: str, *, note: str | None = None) -> Field:
    """A column of real numbers."""
    return Field(label, (source,), notation.number, by=source, note=note)


def computed(label: str, source: str) -> Field:
    """A column of computed numbers, all to three significant digits."""
    return Field(label, (source,), notation.padded, by=source)


def share(label: str, source: str) -> Field:
    """A column of shares of one, in percent."""
    return Field(label, (source,), notation.percent, by=source)


def p_value(label: str, source: str, *, note: str | None = None) -> Field:
    """A column of p-values."""
    return Field(label, (source,), notation.p_value, by=source, note=note)


def power(label: str, source: str, *, note: str | None = None) -> Field:
    """A column of log10 quantities, shown as powers of ten."""
    return Field(label, (source,), notation.power, by=source, note=note)


def estimate(label: str, *, note: str | None = None) -> Field:
    """A column of estimates with their intervals, from ``estimate``, ``low`` and ``high``."""
    return Field(label, ("estimate", "low", "high"), notation.estimate, by="estimate", note=note)


def anchor(record: str, kind: str = REGISTRATION) -> str:
    """The identifier of a record's section in the audit; different records never share one."""
    plain = re.sub(r"[^A-Za-z0-9-]", lambda character: f"_{ord(character[0]):x}_", record)
    return f"{'study' if kind == PUBLICATION else 'trial'}-{plain}"


def anchors(shared: Mapping[str, pd.DataFrame], screening: pd.DataFrame) -> set[str]:
    """The sections of the audit: of every record, read or in quarantine, and of every published study."""
    trials = {anchor(record) for record in {*shared["trials"]["trial_id"], *screening["record_id"]}}
    return trials | {anchor(study_id, PUBLICATION) for study_id in shared["outcomes"]["study_id"]}


def _text(value: object) -> str:
    return MISSING if missing(value) else str(value)


def _host(url: str | None) -> str:
    return urlsplit(url).hostname or url if url and web_address(url) else _text(url)


def _cell(field: Field, row: dict) -> Cell:
    values = [row[source] for source in field.sources]
    return Cell(
        field.show(*values),
        None if field.by is None else row[field.by],
        None if field.leads_to is None or missing(values[0]) else field.leads_to(*values),
    )
