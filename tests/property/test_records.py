"""Properties of records: what goes in comes out, in whatever order and with whatever characters."""

from __future__ import annotations

import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_files import card, inputs, study

from evdose.documents import read_yaml, resolve
from evdose.records.ingest import Inputs, ingest
from evdose.records.registration_date import fit_anchors, interval, leave_one_out_check, read_anchors
from places import PROJECT

ANCHORS = read_anchors(PROJECT / "seeds/registration_date_anchors.csv")
NUMBERS = st.integers(int(ANCHORS.numbers[0]), int(ANCHORS.numbers[-1]) + 400_000)
# what registries write: any printable character, full-width digits and superscripts among them
TEXTS = st.text(
    st.characters(categories=["L", "N", "P", "S", "Zs"], include_characters="\t"), min_size=1, max_size=60
).filter(str.strip)
SLOW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(given: Inputs) -> dict[str, pd.DataFrame]:
    return ingest(given, strict=True, cache_folder=None)


@SLOW
@given(TEXTS, TEXTS, TEXTS)
def test_texts_come_out_as_they_went_in_and_are_found_again(dose, schedule, route):
    arm = {"label": "a", "role": "experimental", "dose": dose, "schedule": schedule, "route": route}
    with tempfile.TemporaryDirectory() as folder:
        row = read(inputs(Path(folder), [card(arms=[arm])]))["arms"].iloc[0]
        found = resolve(read_yaml(row["source_id"]).data, row["locator"])
    assert (row["dose_text"], row["schedule_text"], row["route_text"]) == (dose, schedule, route)
    assert (found["dose"], found["schedule"], found["route"]) == (dose, schedule, route)


@SLOW
@given(st.integers(0, 500), st.data())
def test_counts_come_out_as_they_went_in(n, data):
    events = data.draw(st.integers(0, n))
    outcome = {**study()["outcomes"][0], "n": n, "events": events}
    with tempfile.TemporaryDirectory() as folder:
        row = read(inputs(Path(folder), [card()], [study(outcomes=[outcome])]))["outcomes"].iloc[0]
    assert (row["n"], row["events"]) == (n, events)


@SLOW
@given(st.lists(st.integers(2_000_000, 7_000_000), min_size=2, max_size=5, unique=True), st.randoms())
def test_the_order_of_files_changes_nothing(numbers, random):
    cards = [card(id=f"NCT{number:08}", title=str(number)) for number in numbers]
    with tempfile.TemporaryDirectory() as folder:
        one = inputs(Path(folder), cards, [study()])
        shuffled = random.sample(one.cards, len(one.cards))
        first, second = read(one), read(Inputs(**{**vars(one), "cards": shuffled}))
    for name, frame in first.items():
        pd.testing.assert_frame_equal(frame, second[name])


@given(NUMBERS, NUMBERS)
def test_a_later_number_is_never_registered_earlier(one, other):
    earlier, later = sorted((one, other))
    assert ANCHORS.infer(earlier).day <= ANCHORS.infer(later).day


@given(NUMBERS)
def test_an_inferred_date_lies_in_its_interval(number):
    found = ANCHORS.infer(number)
    assert found.low <= found.day <= found.high


@given(NUMBERS)
def test_a_number_lies_between_the_dates_of_its_neighbours(number):
    found = ANCHORS.infer(number)
    right = int(np.searchsorted(ANCHORS.numbers, number))
    if right < len(ANCHORS.numbers):
        before, after = (
            date.fromordinal(int(day)).isoformat()
            for day in (ANCHORS.days[max(right - 1, 0)], ANCHORS.days[right])
        )
        assert before <= found.low
        assert found.high <= after


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 40)), min_size=3, max_size=60))
def test_any_anchors_that_rise_give_finite_errors_and_shares(steps):
    numbers = 1_000_000 + np.cumsum([step for step, _ in steps])
    days = date(2020, 1, 1).toordinal() + np.cumsum([float(days) for _, days in steps])
    anchors = fit_anchors(numbers, days)
    assert anchors.error >= 0
    assert np.isfinite(anchors.drift)
    rows = leave_one_out_check(anchors)
    assert sum(row["n"] for row in rows[:-1]) == rows[-1]["n"] == len(steps) - 2
    for row in rows:
        assert 0 <= row["median_error_days"] <= row["p95_error_days"] <= row["max_error_days"]
        assert all(0 <= row[share] <= 1 for share in ("covered", "month_right", "year_right"))


@given(st.dates(date(1000, 1, 1)))
def test_the_interval_of_a_date_as_precise_as_its_text(day):
    text = day.isoformat()
    assert interval(text) == (text, text)
    for coarse in (text[:7], text[:4]):
        low, high = interval(coarse)
        assert low <= text <= high
        assert low[: len(coarse)] == high[: len(coarse)] == coarse


@given(st.from_regex(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", fullmatch=True))
def test_a_text_that_is_no_day_is_an_error_and_never_a_guess(text):
    try:
        low, high = interval(text)
    except ValueError:
        return
    assert low.startswith(text)
    assert high.startswith(text)


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Adak"])
def test_the_time_zone_changes_nothing(zone, monkeypatch):
    before = ANCHORS.infer(7_000_000)
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    assert ANCHORS.infer(7_000_000) == before
    monkeypatch.undo()
    time.tzset()
