"""Routes of administration: registry wording to the vocabulary of config/routes.yaml, or openly unmapped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from evdose.documents import Document, check_document, read_yaml
from evdose.dosing.reading.phrase import Match, Pattern, PatternError, PhraseIndex, parse
from evdose.dosing.reading.route_owner import Connectives, Others
from evdose.dosing.reading.text import CleanText
from evdose.dosing.reading.tokens import Tokens
from evdose.errors import InputError, Problem
from evdose.settings import published_schema

MAPPED, INFERRED, UNSPECIFIED, UNMAPPED, NOT_REPORTED = (
    "mapped",
    "inferred",
    "unspecified",
    "unmapped",
    "not_reported",
)
_GENERAL = "general"
_TIERS = {"named": MAPPED, "inferred": INFERRED, _GENERAL: UNSPECIFIED}
_NO_ROUTE, _COMPARATOR, _ADJUNCT, _SITE, _DEVICE = "no_route", "comparators", "adjuncts", "sites", "devices"


@dataclass(slots=True)
class Route:
    """One route read: name, code and stratum, how it is known, and the original characters that say so.

    ``span`` is the place of those characters in the original text.
    """

    route: str | None
    ncit_code: str | None
    stratum: str
    status: str
    pattern_id: str | None
    fragment: str
    site: str | None = None
    device: str | None = None
    span: tuple[int, int] = (0, 0)


class Meaning(NamedTuple):
    """What a pattern says: its ``kind`` (a tier of routes or another list of the file) and what it names."""

    kind: str
    name: str | None = None
    ncit_code: str | None = None
    stratum: str = "unmapped"
    pattern_id: str | None = None


@dataclass(frozen=True)
class Vocabulary:
    """config/routes.yaml: its patterns, what each name of a route means by itself, and the connectives."""

    phrases: PhraseIndex
    names: dict[str, Meaning]
    connectives: Connectives


def read_vocabulary(path: str | Path) -> Vocabulary:
    """Read config/routes.yaml.

    Raises:
        InputError: the file breaks its schema, a route or pattern stands in it twice, or a pattern isn't one.
    """
    document = read_yaml(path)
    check_document(document, published_schema("routes"))
    data, problems = document.data, []
    patterns = list(_parsed(document, problems))
    names = {}
    for place, entry in enumerate(data["routes"]):
        if names.setdefault(entry["route"], meaning := _name(entry)) is not meaning:
            what = f"the route {entry['route']!r} stands there twice"
            problems.append(_problem(document, f"/routes/{place}/route", what, "join the two"))
    if problems:
        raise InputError(*problems)
    connectives = Connectives(frozenset(data["between"]), frozenset(data["sharing"]))
    return Vocabulary(PhraseIndex(patterns), names, connectives)


def read_routes(tokens: Tokens, cleaned: CleanText, vocabulary: Vocabulary) -> list[Route]:
    """Every route that a text names, in its order; one unmapped route where it names none that is known."""
    found = vocabulary.phrases.find(tokens)
    site, device = _first(found, _SITE), _first(found, _DEVICE)
    meaning = vocabulary.names.get(cleaned.text.strip())
    if meaning is not None and meaning.kind != _GENERAL:
        return [_route(meaning, 0, len(cleaned.text), cleaned, site, device)]
    if not found:
        return [_unmapped(cleaned, site, device)]
    first_of_each: dict[str, Match] = {}
    for match in _read(found, tokens, vocabulary.connectives):
        first_of_each.setdefault(match.meaning.name, match)
    return [
        _route(match.meaning, tokens.start[match.first], tokens.end[match.end - 1], cleaned, site, device)
        for match in first_of_each.values()
    ] or [_unmapped(cleaned, site, device)]


def _unmapped(cleaned: CleanText, site: str | None, device: str | None) -> Route:
    text = cleaned.original
    return Route(None, None, "unmapped", UNMAPPED, None, text, site, device, (0, len(text)))


def _name(entry: dict) -> Meaning:
    """What the name of a route says by itself: it is as sure as the surest of the route's patterns."""
    tier, name = next(tier for tier in _TIERS if tier in entry), entry["route"]
    return Meaning(tier, name, entry["ncit_code"], entry["stratum"], f"name: {name}")


def _parsed(document: Document, problems: list[Problem]) -> Iterator[tuple[Pattern, Meaning]]:
    """The patterns with what they mean; what is wrong with one is added to ``problems``."""
    seen: dict[tuple, str] = {}
    for pointer, pattern, meaning in _patterns(document.data):
        first = seen.setdefault(
            (meaning.kind if meaning.kind in (_SITE, _DEVICE) else None, pattern), pointer
        )
        if first != pointer:
            what = f"{pattern!r} stands in line {document.line(first)} already"
            problems.append(_problem(document, pointer, what, "keep one of the two"))
            continue
        try:
            yield parse(pattern), meaning
        except PatternError as error:
            problems.append(_problem(document, pointer, error.what, error.remedy))


def _problem(document: Document, pointer: str, what: str, remedy: str) -> Problem:
    return Problem(document.path, what, remedy, document.line(pointer), pointer)


def _patterns(data: dict) -> Iterator[tuple[str, str, Meaning]]:
    """Every pattern in the order of trying, with its place in the file and what it means."""
    for kind in (_NO_ROUTE, _COMPARATOR, _ADJUNCT):
        for number, pattern in enumerate(data[kind]):
            yield f"/{kind}/{number}", pattern, Meaning(kind)
    for tier in _TIERS:
        for place, entry in enumerate(data["routes"]):
            name, code, stratum = entry["route"], entry["ncit_code"], entry["stratum"]
            for number, pattern in enumerate(entry.get(tier, ())):
                meaning = Meaning(tier, name, code, stratum, f"{tier}: {name}, {number + 1}")
                yield f"/routes/{place}/{tier}/{number}", pattern, meaning
    for kind in (_SITE, _DEVICE):
        for name, patterns in data[kind].items():
            for number, pattern in enumerate(patterns):
                yield f"/{kind}/{name}/{number}", pattern, Meaning(kind, name)


def _read(found: list[Match], tokens: Tokens, connectives: Connectives) -> list[Match]:
    """The routes of the surest tier that has any; what one pattern has read is not read again."""
    by_kind: dict[str, list[Match]] = {kind: [] for kind in (*_TIERS, _NO_ROUTE, _COMPARATOR, _ADJUNCT)}
    taken = bytearray(tokens.size)
    for match in found:
        of_kind = by_kind.get(match.meaning.kind)
        if of_kind is not None and not any(taken[match.first : match.end]):
            taken[match.first : match.end] = b"\1" * (match.end - match.first)
            of_kind.append(match)
    others = Others(*(sorted(by_kind[kind], key=_place) for kind in (_COMPARATOR, _ADJUNCT)))
    for tier in _TIERS:
        if routes := [route for route in by_kind[tier] if not others.own(route, tokens, connectives)]:
            return sorted(routes, key=_place)
    return []


def _place(match: Match) -> int:
    return match.first


def _first(found: list[Match], kind: str) -> str | None:
    """Name of the first site or device of a text; of two that begin together, the longer one."""
    named = [match for match in found if match.meaning.kind == kind]
    return min(named, key=lambda match: (match.first, -match.end)).meaning.name if named else None


def _route(
    meaning: Meaning, start: int, end: int, cleaned: CleanText, site: str | None, device: str | None
) -> Route:
    span = cleaned.span(start, end)
    kind, name, code, stratum, pattern_id = meaning
    return Route(
        name, code, stratum, _TIERS[kind], pattern_id, cleaned.original[slice(*span)], site, device, span
    )
