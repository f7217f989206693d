"""The route vocabulary: its codes, its order, and its refusal to guess."""

from __future__ import annotations

import csv

import pytest

from evdose.dosing.route import read_routes, read_vocabulary
from evdose.errors import InputError


def test_codes_are_those_of_the_published_lists(reference, vocabulary):
    path = reference / "evidence/route_vocabulary.csv"
    with path.open(encoding="utf-8") as lines:
        published = {row["route"]: row["ncit_code"] or None for row in csv.DictReader(lines)}
    ours = {entry.route: entry.ncit_code for tier in vocabulary.tiers for entry in tier}
    assert len(ours) >= 50
    shared = ours.keys() & published.keys()
    assert len(shared) >= len(ours) - 3
    assert {route: ours[route] for route in shared} == {route: published[route] for route in shared}


def test_site_and_device_stand_apart_from_the_route(vocabulary):
    [route] = read_routes("topical gel on the wound after laser, with microneedles", vocabulary)
    assert (route.route, route.site, route.device) == ("topical", "wound", "gel")


def test_a_named_route_wins_over_what_a_site_suggests(vocabulary):
    assert [route.route for route in read_routes("intradermal injection into the scalp", vocabulary)] == [
        "intradermal"
    ]


def test_injection_alone_is_unspecified(vocabulary):
    [route] = read_routes("injection", vocabulary)
    assert (route.stratum, route.status, route.ncit_code) == (
        "unspecified injection",
        "unspecified",
        "C38291",
    )


def test_unknown_wording_keeps_the_whole_text(vocabulary):
    [route] = read_routes("by drone", vocabulary)
    assert (route.route, route.status, route.fragment) == (None, "unmapped", "by drone")


GOOD = """
named:
  - {route: nasal, ncit_code: C38284, stratum: nasal, patterns: ['nasal']}
inferred: []
general: []
sites: {}
devices: {}
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("'nasal'", "'nas(al'", ["regular expression", "/named/0/patterns/0"]),
        ("stratum: nasal", "stratum: nosal", ["stratum", "nasal"]),
        ("C38284", "38284", ["ncit_code"]),
        ("route:", "rout:", ["rout"]),
    ],
)
def test_a_broken_vocabulary_says_where(tmp_path, old, new, words):
    path = tmp_path / "routes.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert read_vocabulary(path).tiers[0][0].route == "nasal"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_vocabulary(path)
    assert str(path) in str(error.value)
    assert all(word in str(error.value) for word in words)
