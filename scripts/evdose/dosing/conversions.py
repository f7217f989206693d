"""Conversions between dose units (config/conversions.yaml), each with factor, spread, context and source."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from evdose.documents import check_document, read_yaml
from evdose.dosing.tables import CONVERSIONS, SUBSTANCES, UNITS
from evdose.errors import InputError, Problem
from evdose.tables import frame_of

MAIN, SENSITIVITY, UNUSED = "main", "sensitivity", "none"

_BOUND = {"type": ["number", "null"], "exclusiveMinimum": 0, "description": "a positive number, or null"}
_VALUE = {
    "type": "object",
    "required": ["low", "high", "context", "source_url"],
    "additionalProperties": False,
    "properties": {
        "low": _BOUND,
        "high": _BOUND,
        "context": {"type": "string", "description": "what was measured"},
        "source_url": {"type": ["string", "null"], "description": "where the number was read"},
    },
}
_APPLIES_TO = {
    "type": "object",
    "required": ["unit", "substances"],
    "additionalProperties": False,
    "properties": {
        "unit": {"enum": list(UNITS), "description": "doses.unit"},
        "substances": {"type": "array", "minItems": 1, "items": {"enum": list(SUBSTANCES)}},
        "product": {"type": "array", "items": {"type": "string", "minLength": 1}, "description": "its names"},
    },
}
SCHEMA = {
    "description": "conversions: a list of conversions between dose units, each with its source",
    "type": "object",
    "required": ["conversions"],
    "additionalProperties": False,
    "properties": {
        "conversions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["conversion_id", "from", "to", "use", "values"],
                "additionalProperties": False,
                "properties": {
                    "conversion_id": {"type": "string", "minLength": 1},
                    "from": {"type": "string", "minLength": 1},
                    "to": {"type": "string", "minLength": 1},
                    "use": {"enum": [MAIN, SENSITIVITY, UNUSED]},
                    "why": {
                        "type": "string",
                        "description": "why it isn't used, or not in the main analyses",
                    },
                    "applies_to": _APPLIES_TO,
                    "values": {"type": "array", "minItems": 1, "items": _VALUE},
                },
                "if": {"properties": {"use": {"const": MAIN}}},
                "then": {"required": ["applies_to"]},
                "else": {"required": ["why"]},
            },
        }
    },
}


@dataclass(frozen=True, slots=True)
class Conversion:
    """One conversion: ``log10`` of its factor and the ``sd`` of that, and the doses that it applies to."""

    conversion_id: str
    convert_from: str
    convert_to: str
    use: str
    why: str | None
    log10: float
    sd: float
    unit: str | None
    substances: tuple[str, ...]
    product: tuple[str, ...]
    context: str
    source_url: str | None

    def applies_to(self, unit: str, substance: str, names: str) -> bool:
        """Whether it holds for a dose; ``names`` is the text in which a product may be named."""
        named = not self.product or any(name.lower() in names.lower() for name in self.product)
        return unit == self.unit and substance in self.substances and named


def read_conversions(path: str | Path) -> tuple[Conversion, ...]:
    """Read config/conversions.yaml.

    Raises:
        InputError: the file breaks its schema, repeats an identifier, or uses a conversion without a number.
    """
    document = read_yaml(path)
    check_document(document, SCHEMA)
    entries = document.data["conversions"]
    conversions = tuple(_conversion(entry) for entry in entries)
    counts = Counter(conversion.conversion_id for conversion in conversions)
    problems = []
    for place, conversion in enumerate(conversions):
        what = None
        if counts[conversion.conversion_id] > 1:
            what = f"the identifier {conversion.conversion_id!r} stands more than once"
        elif conversion.use != UNUSED and math.isnan(conversion.log10):
            what = f"{conversion.conversion_id!r} is used, and has no number"
        if what is not None:
            pointer = f"/conversions/{place}"
            remedy = "give each conversion its own identifier, and a sourced number or use: none"
            problems.append(Problem(str(path), what, remedy, document.line(pointer), pointer))
    if problems:
        raise InputError(*problems)
    return conversions


def _conversion(entry: dict) -> Conversion:
    bounds = [
        math.log10(value[end])
        for value in entry["values"]
        for end in ("low", "high")
        if value[end] is not None
    ]
    applies_to = entry.get("applies_to", {})
    urls = dict.fromkeys(value["source_url"] for value in entry["values"] if value["source_url"])
    return Conversion(
        conversion_id=entry["conversion_id"],
        convert_from=entry["from"],
        convert_to=entry["to"],
        use=entry["use"],
        why=entry.get("why"),
        log10=(min(bounds) + max(bounds)) / 2 if bounds else math.nan,
        sd=uniform_sd(min(bounds), max(bounds)) if bounds else math.nan,
        unit=applies_to.get("unit"),
        substances=tuple(applies_to.get("substances", ())),
        product=tuple(applies_to.get("product", ())),
        context="; ".join(value["context"] for value in entry["values"]),
        source_url="; ".join(urls) or None,
    )


def uniform_sd(low: float, high: float) -> float:
    """Standard deviation of a uniform distribution from ``low`` to ``high``."""
    return (high - low) / math.sqrt(12)


def conversion_table(conversions: tuple[Conversion, ...], n_doses: Counter[str]) -> pd.DataFrame:
    """The table ``conversions``; ``n_doses`` counts what each converts, or would in sensitivity analysis."""
    rows = [
        {
            "conversion_id": conversion.conversion_id,
            "convert_from": conversion.convert_from,
            "convert_to": conversion.convert_to,
            "log10_factor": conversion.log10,
            "log10_sd": conversion.sd,
            "product_line": "; ".join(conversion.product) or None,
            "use": conversion.use,
            "why": conversion.why,
            "context": conversion.context,
            "source_url": conversion.source_url,
            "n_doses": n_doses[conversion.conversion_id],
        }
        for conversion in conversions
    ]
    return frame_of(rows, CONVERSIONS)
