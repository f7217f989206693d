"""What a curator set against what the parser reads: each override, and whether it changes anything."""

from __future__ import annotations

import pandas as pd

from evdose.dosing.tables import OVERRIDES
from evdose.tables import frame_of

_NOTHING = "nothing"
_FIELDS = {  # field of a card: its column in arms, and the columns of doses or routes that it decides
    "dose": ("curated_low", ["low", "high", "unit", "substance", "per"]),
    "administrations": ("curated_administrations", ["administrations"]),
    "route": ("curated_route", ["route"]),
}


def without_curator(arms: pd.DataFrame) -> pd.DataFrame:
    """The overridden rows of ``arms`` as if no curator had set a value."""
    curated = [name for name in arms.columns if name.startswith("curated_")]
    return arms[arms["curated_reason"].notna()].assign(**dict.fromkeys(curated)).astype(arms.dtypes)


def overrides(
    arms: pd.DataFrame,
    used: tuple[pd.DataFrame, pd.DataFrame],
    parsed: tuple[pd.DataFrame, pd.DataFrame],
) -> pd.DataFrame:
    """The table overrides: a row an arm and field set by a curator.

    ``used``: tables doses and routes; ``parsed``: the same of :func:`without_curator`.
    """
    rows = []
    for arm in arms[arms["curated_reason"].notna()].to_dict("records"):
        for field, (column, columns) in _FIELDS.items():
            if not pd.isna(arm[column]):
                table = int(field == "route")
                value, reading = (_words(tables[table], arm, columns) for tables in (used, parsed))
                rows.append(
                    {name: arm[name] for name in ("trial_id", "arm", "record_kind", "source_id")}
                    | {"field": field, "value": value, "parsed": reading, "changes": value != reading}
                    | {"reason": arm["curated_reason"], "locator": f"{arm['locator']}/curated"}
                )
    return frame_of(rows, OVERRIDES)


def _words(table: pd.DataFrame, arm: dict, columns: list[str]) -> str:
    """What a table says of an arm, its rows separated by '; '."""
    of_arm = table[(table["trial_id"] == arm["trial_id"]) & (table["arm"] == arm["arm"])]
    values = of_arm[columns].drop_duplicates().itertuples(index=False)
    said = [" ".join(_word(value) for value in row if not pd.isna(value)) for row in values]
    return "; ".join(filter(None, said)) or _NOTHING


def _word(value: float | str) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
