"""What a curator set, beside what the parser reads without."""

from __future__ import annotations

import pytest

from evdose.dosing.normalise import normalise
from evdose.dosing.overrides import overrides, without_curator

BILLION = {
    "curated_low": 1e9,
    "curated_high": 1e9,
    "curated_unit": "particle",
    "curated_per": "administration",
}
BILLION |= {"curated_substance": "particles", "curated_reason": "the paper says so"}


@pytest.fixture
def overridden(arms_of, trials_of, reader, conversions):
    def run(*arms: dict):
        table, known = arms_of(*arms), (reader, conversions)
        used, parsed = (normalise(trials_of(), some, *known)[:2] for some in (table, without_curator(table)))
        return overrides(table, used, parsed).set_index(["arm", "field"])

    return run


def test_an_override_tells_both_readings(overridden):
    row = overridden(BILLION | {"dose_text": "2×10^9 particles"}).loc[1, "dose"]
    assert (row["value"], row["parsed"]) == (
        "1e+09 1e+09 particle particles administration",
        "2e+09 2e+09 particle particles administration",
    )
    assert row["changes"]
    assert row["reason"] == "the paper says so"


def test_an_override_of_a_silent_text(overridden):
    row = overridden(BILLION).loc[1, "dose"]
    assert (row["parsed"], row["changes"]) == ("nothing", True)


def test_an_override_that_changes_nothing_is_told(overridden):
    needless = {"curated_administrations": 5, "curated_route": "nasal", "curated_reason": "so"}
    found = overridden(
        {
            "dose_text": "1×10^9 particles",
            "schedule_text": "once daily for 5 days",
            "route_text": "nasal drops",
        }
        | needless
    )
    assert found["changes"].to_dict() == {(1, "administrations"): False, (1, "route"): False}


def test_arms_without_a_curator_have_no_row(overridden):
    found = overridden({"dose_text": "1×10^9 particles"}, BILLION)
    assert list(found.index) == [(2, "dose")]
