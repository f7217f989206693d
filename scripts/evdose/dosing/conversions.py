"""Conversions between dose units (config/conversions.yaml), each with factor, spread, context and source."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from evdose.documents import check_document, read_yaml
from evdose.dosing.tables import CONVERSIONS
from evdose.errors import InputError, Problem
from evdose.settings import published_schema
from evdose.tables import frame_of

MAIN, SENSITIVITY, UNUSED = "main", "sensitivity", "none"
BODY_WEIGHT = "body_weight"


@dataclass(frozen=True, slots=True)
class Conversion:
    """One conversion: ``log10`` of its factor and the ``sd`` of that, and the doses that it applies to.

    It leads from ``unit`` and ``substances`` to particles, or takes the denominator ``per`` away.
    """

    conversion_id: str
    convert_from: str
    convert_to: str
    use: str
    why: str | None
    log10: float
    sd: float
    context: str
    source_url: str | None
    unit: str | None = None
    substances: tuple[str, ...] = ()
    product: tuple[str, ...] = ()
    per: str | None = None

    def applies_to(self, unit: str, substance: str, names: str) -> bool:
        """Whether it makes particles of a dose; ``names`` is the text in which a product may be named."""
        named = not self.product or any(name.lower() in names.lower() for name in self.product)
        return unit == self.unit and substance in self.substances and named


def read_conversions(path: str | Path) -> tuple[Conversion, ...]:
    """Read config/conversions.yaml; the body weight that it assumes is the last of its conversions.

    Raises:
        InputError: the file breaks its schema, repeats an identifier, or uses a conversion that lacks a
            number or a source.
    """
    document = read_yaml(path)
    check_document(document, published_schema("conversions"))
    entries = document.data["conversions"]
    conversions = (*map(_conversion, entries), _body_weight(document.data["body_weight"]))
    counts = Counter(conversion.conversion_id for conversion in conversions)
    problems = []
    for place, (entry, conversion) in enumerate(zip(entries, conversions, strict=False)):
        what = _breach(entry, conversion, counts)
        if what is not None:
            pointer = f"/conversions/{place}"
            remedy = "give each conversion its own identifier, and a sourced number or use: none"
            problems.append(Problem(str(path), what, remedy, document.line(pointer), pointer))
    if problems:
        raise InputError(*problems)
    return conversions


def _breach(entry: dict, conversion: Conversion, counts: Counter[str]) -> str | None:
    if counts[conversion.conversion_id] > 1:
        return f"the identifier {conversion.conversion_id!r} stands more than once"
    if conversion.use == UNUSED:
        return None
    if math.isnan(conversion.log10):
        return f"{conversion.conversion_id!r} is used, and has no number"
    if not all(value["source_url"] for value in entry["values"]):
        return f"{conversion.conversion_id!r} is used, and a number of it has no source"
    return None


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
        context="; ".join(value["context"] for value in entry["values"]),
        source_url="; ".join(urls) or None,
        unit=applies_to.get("unit"),
        substances=tuple(applies_to.get("substances", ())),
        product=tuple(applies_to.get("product", ())),
    )


def _body_weight(entry: dict) -> Conversion:
    """Body weight as what it does to a dose per kg: log-normal with the mean and SD (kg) of ``entry``."""
    variance = math.log1p((entry["sd"] / entry["mean"]) ** 2)  # of its natural logarithm
    return Conversion(
        conversion_id=BODY_WEIGHT,
        convert_from="dose per kg of body weight",
        convert_to="dose per administration",
        use=SENSITIVITY,
        why=entry["why"],
        log10=(math.log(entry["mean"]) - variance / 2) / math.log(10),
        sd=math.sqrt(variance) / math.log(10),
        context=entry["context"],
        source_url=entry["source_url"],
        per="kg",
    )


def uniform_sd(low: float, high: float) -> float:
    """Standard deviation of a uniform distribution from ``low`` to ``high``."""
    return (high - low) / math.sqrt(12)


def conversion_table(conversions: Sequence[Conversion], n_doses: Counter[str]) -> pd.DataFrame:
    """The table ``conversions``; ``n_doses`` counts what each converts, in whichever analyses."""
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
