"""Routes of administration: registry wording to the vocabulary of config/routes.yaml, or openly unmapped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from evdose.documents import Document, check_document, read_yaml
from evdose.dosing.tables import STRATA
from evdose.dosing.text import clean
from evdose.errors import InputError, Problem

MAPPED, INFERRED, UNSPECIFIED, UNMAPPED, NOT_REPORTED = (
    "mapped",
    "inferred",
    "unspecified",
    "unmapped",
    "not_reported",
)

_TIERS = {"named": MAPPED, "inferred": INFERRED, "general": UNSPECIFIED}
_PATTERNS = {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}}
_ROUTE = {
    "type": "object",
    "required": ["route", "ncit_code", "stratum", "patterns"],
    "additionalProperties": False,
    "properties": {
        "route": {"type": "string", "description": "name of the route"},
        "ncit_code": {"type": ["string", "null"], "pattern": r"^C\d+$", "description": "NCI Thesaurus code"},
        "stratum": {"enum": list(STRATA), "description": "stratum of the analyses"},
        "patterns": {**_PATTERNS, "description": "regular expressions"},
    },
}
_NAMED_PATTERNS = {"type": "object", "additionalProperties": {"type": "string"}}
SCHEMA = {
    "description": "routes of administration: named, inferred and general patterns",
    "type": "object",
    "required": [*_TIERS, "sites", "devices"],
    "additionalProperties": False,
    "properties": {
        **{tier: {"type": "array", "items": _ROUTE} for tier in _TIERS},
        "sites": _NAMED_PATTERNS,
        "devices": _NAMED_PATTERNS,
    },
}


@dataclass(frozen=True, slots=True)
class Route:
    """One route read: name, code and stratum, how it is known, and the original characters that say so."""

    route: str | None
    ncit_code: str | None
    stratum: str
    status: str
    pattern_id: str | None
    fragment: str
    site: str | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class _Pattern:
    pattern: re.Pattern[str]
    pattern_id: str
    route: str
    ncit_code: str | None
    stratum: str
    status: str


@dataclass(frozen=True)
class Vocabulary:
    """Patterns of routes, tier by tier from sure to general, and patterns of sites and devices."""

    tiers: tuple[tuple[_Pattern, ...], ...]
    sites: tuple[tuple[str, re.Pattern[str]], ...]
    devices: tuple[tuple[str, re.Pattern[str]], ...]


def read_vocabulary(path: str | Path) -> Vocabulary:
    """Read config/routes.yaml.

    Raises:
        InputError: the file breaks its schema or holds a pattern that is no regular expression.
    """
    document = read_yaml(path)
    check_document(document, SCHEMA)
    data = document.data
    return Vocabulary(
        tuple(tuple(_patterns(document, tier)) for tier in _TIERS),
        tuple((name, _compiled(document, f"/sites/{name}", text)) for name, text in data["sites"].items()),
        tuple(
            (name, _compiled(document, f"/devices/{name}", text)) for name, text in data["devices"].items()
        ),
    )


def read_routes(text: str, vocabulary: Vocabulary) -> list[Route]:
    """Every route that a text names, in its order; one unmapped route where it names none that is known."""
    cleaned = clean(text)
    site, device = _first(cleaned.text, vocabulary.sites), _first(cleaned.text, vocabulary.devices)
    found = next(filter(None, (_matches(cleaned.text, tier) for tier in vocabulary.tiers)), [])
    if not found:
        return [Route(None, None, "unmapped", UNMAPPED, None, text, site, device)]
    routes: dict[str, Route] = {}
    for start, end, entry in sorted(found, key=lambda match: match[:2]):
        fragment = cleaned.fragment(start, end)
        route = Route(
            entry.route,
            entry.ncit_code,
            entry.stratum,
            entry.status,
            entry.pattern_id,
            fragment,
            site,
            device,
        )
        routes.setdefault(entry.route, route)
    return list(routes.values())


def _matches(text: str, patterns: tuple[_Pattern, ...]) -> list[tuple[int, int, _Pattern]]:
    found = []
    for entry in patterns:
        spans = [match.span() for match in entry.pattern.finditer(text)]
        if spans:
            found += [(start, end, entry) for start, end in spans]
            text = entry.pattern.sub(lambda match: " " * len(match.group()), text)
    return found


def _first(text: str, named: tuple[tuple[str, re.Pattern[str]], ...]) -> str | None:
    found = [
        (match.start(), -len(match.group()), name)
        for name, pattern in named
        if (match := pattern.search(text))
    ]
    return min(found)[2] if found else None


def _patterns(document: Document, tier: str) -> list[_Pattern]:
    return [
        _Pattern(
            _compiled(document, f"/{tier}/{place}/patterns/{number}", text),
            f"{tier}: {entry['route']}, {number + 1}",
            entry["route"],
            entry["ncit_code"],
            entry["stratum"],
            _TIERS[tier],
        )
        for place, entry in enumerate(document.data[tier])
        for number, text in enumerate(entry["patterns"])
    ]


def _compiled(document: Document, pointer: str, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        problem = Problem(
            document.path,
            f"{text!r} isn't a regular expression ({error})",
            "correct the pattern; in YAML it stands in single quotes",
            document.line(pointer),
            pointer,
        )
        raise InputError(problem) from None
