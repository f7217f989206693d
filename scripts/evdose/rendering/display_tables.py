"""Tables as pages of their own, drawn by great-tables."""

from __future__ import annotations

import re
from collections.abc import Collection

import pandas as pd
from great_tables import GT, loc, style
from markupsafe import Markup, escape

from evdose.rendering.pages import fill
from evdose.rendering.table_view import Cell, TableView

_INK, _LINE, _QUIET = "#1b2530", "#c9d1d9", "#4d5a67"
_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
REPORT = "../../report.html"
# Every cell names its column again, though the columns' heads have a scope, and its classes, though most look
# alike: half of the page.
_HEADERS = re.compile(r'\n *(<td) headers="[^"]*"')
_CLASSES = {
    '<td class="gt_row gt_left">': "<td>",
    '<td class="gt_row gt_right">': '<td class="gt_right">',
    " .gt_row {": " .gt_table_body td {",
}
_EMPTY = "No row: nothing of this kind in this scenario."


def table_page(table: TableView, context: str, sections: Collection[str]) -> str:
    """A page with one table; ``context`` (the scenario) goes into its title.

    Records lead to their sections in the report, which stands two folders above; one that is not among
    ``sections`` (their anchors) stays words.
    """
    title = f"{table.layout.title}: {context}"
    drawn = _HEADERS.sub(r"\1", _drawn(table, title, sections).as_raw_html())
    for written, short in _CLASSES.items():
        drawn = drawn.replace(written, short)
    return fill("table.html.jinja", title=title, table=Markup(drawn))


def _cell(cell: Cell, sections: Collection[str]) -> Markup:
    inside = bool(cell.href) and cell.href.startswith("#")
    if not cell.href or (inside and cell.href[1:] not in sections):
        return escape(cell.text)
    return Markup('<a href="{}">{}</a>').format(f"{REPORT if inside else ''}{cell.href}", cell.text)


def _drawn(table: TableView, title: str, sections: Collection[str]) -> GT:
    fields = table.layout.fields
    names = [f"c{position}" for position in range(1, len(fields) + 1)]
    cells = pd.DataFrame(
        [[_cell(cell, sections) for cell in row] for row in table.rows], columns=names, dtype=object
    )
    numeric = [name for name, field in zip(names, fields, strict=True) if field.on_the_right]
    drawn = (
        GT(cells, id=table.name.replace("_", "-"))
        .tab_header(title, table.layout.subtitle)
        .cols_label({name: field.label for name, field in zip(names, fields, strict=True)})
        .cols_align("left")
        .fmt(str)  # cells are HTML already
        .tab_options(
            heading_align="left",
            table_font_names=_FONTS,
            table_font_color=_INK,
            table_font_size="14px",
            column_labels_font_weight="bold",
            column_labels_border_bottom_color=_INK,
            table_body_hlines_color=_LINE,
            data_row_padding="5px",
            source_notes_font_size="12px",
            footnotes_marks="letters",
            table_margin_left="0",
        )
    )
    if numeric:
        drawn = drawn.cols_align("right", numeric)
    for name, field in zip(names, fields, strict=True):
        if field.note:
            drawn = drawn.tab_footnote(field.note, loc.column_labels(name))
    for note in (*table.layout.notes, *([] if table.rows else [_EMPTY])):
        drawn = drawn.tab_source_note(note)
    return drawn.tab_style(style.text(color=_QUIET), loc.subtitle())
