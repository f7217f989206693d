"""The tables of one scenario, worded for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from evdose.modelling.tables import ESTIMATED
from evdose.rendering.layouts import LAYOUTS
from evdose.rendering.scope import with_arm_texts
from evdose.rendering.table_view import Layout, TableView, view, whole
from evdose.rendering.trust_layouts import TRUST_LAYOUTS

_RECORD = {"doses": "trial_id", "routes": "trial_id", "outcomes": "study_id"}


def scenario_view(name: str, tables: Mapping[str, pd.DataFrame], arms: pd.DataFrame) -> TableView:
    """The table ``name`` of a scenario; rows that only number an arm get its label from ``arms``."""
    frame, layout = tables[name], (LAYOUTS | TRUST_LAYOUTS)[name]
    if name in _RECORD:
        frame = with_arm_texts(frame, arms, _RECORD[name])
    if name == "registrations":
        frame, layout = _a_column_a_year(frame, layout)
    if name == "power":
        frame = _with_the_arms_at_hand(frame)
    return view(name, layout, frame)


def _with_the_arms_at_hand(power: pd.DataFrame) -> pd.DataFrame:
    """Power with as many arms as there are; a route that can't be simulated stands once."""
    now = power[power["at_hand"].astype(bool)]
    simulated = now["status"] == ESTIMATED
    once = now[~simulated].drop_duplicates("stratum").assign(width=None, height=None)
    return pd.concat([now[simulated], once.astype(now.dtypes)])


def _a_column_a_year(frame: pd.DataFrame, layout: Layout) -> tuple[pd.DataFrame, Layout]:
    """Registrations with one row a group, in the order of the table, and one column a year."""
    wide = frame.pivot(index=["grouping", "group"], columns="year", values="n")
    wide = wide.reindex(pd.MultiIndex.from_frame(frame[["grouping", "group"]].drop_duplicates()))
    wide.columns = [str(year) for year in wide.columns]
    fields = (*layout.fields, *(whole(year, year) for year in wide.columns))
    return wide.reset_index(), replace(layout, fields=fields)
