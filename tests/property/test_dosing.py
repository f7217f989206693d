"""Generated schedules and routes: what is written is read, noise changes nothing, nothing crashes."""

from __future__ import annotations

import math
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdose.dosing.reading.reader import prepare, read_reader
from places import PROJECT

READER = read_reader(
    {
        "units": PROJECT / "config/units.txt",
        "wording": PROJECT / "config/wording.yaml",
        "routes": PROJECT / "config/routes.yaml",
    }
)
WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
COUNTED = [
    "doses",
    "infusions",
    "intravenous injections",
    "15 mL doses",
    "administrations of the product",
    "times",
]
ROUTES = {
    "intravenously": "intravenous",
    "intrathecal injection": "intrathecal",
    "intranasally": "nasal",
    "subcutaneous": "subcutaneous",
}
aside = st.sampled_from(
    ["", "patients will receive ", "given on the ward ", "intravenous infusion of 2x10^9 EVs, "]
)


def schedule_of(text):
    return READER.schedule(prepare(text))


def routes_of(text):
    return READER.routes(prepare(text))


@given(st.integers(1, 30), st.integers(1, 4), st.sampled_from(["day", "week", "month"]))
def test_a_frequency_over_its_own_unit_multiplies(periods, times, unit):
    schedule = schedule_of(f"{times} times a {unit} for {periods} {unit}s")
    assert (schedule.administrations, schedule.status) == (times * periods, "exact")


@given(st.integers(1, 12), st.integers(2, 12), aside)
def test_an_interval_over_a_duration_divides(every, times, before):
    schedule = schedule_of(f"{before}every {every} weeks for {every * times} weeks")
    assert (schedule.administrations, schedule.status) == (times, "exact")


@given(st.lists(st.integers(0, 90), min_size=2, max_size=8, unique=True), aside)
def test_listed_days_are_counted(days, before):
    assert schedule_of(f"{before}on days " + ", ".join(map(str, days))).administrations == len(days)
    assert schedule_of(before + ", ".join(f"Day {day}" for day in days)).administrations == len(days)


@given(st.integers(2, 12), st.sampled_from(COUNTED), aside)
def test_a_count_is_read_in_digits_and_in_words(number, counted, before):
    assert schedule_of(f"{before}{number} {counted}").administrations == number
    assert schedule_of(f"{before}{WORDS[number - 1]} {counted}").administrations == number
    assert schedule_of(f"{before}up to {number} {counted}").administrations is None


@given(st.lists(st.integers(1, 30), min_size=2, max_size=5, unique=True), st.sampled_from("×x"))
def test_multiples_of_a_dose_are_no_administrations(multiples, sign):
    levels = ", ".join(f"{sign}{multiple}" for multiple in multiples)
    assert schedule_of(f"2.0×10^8 {levels} particles").administrations is None


@given(st.integers(1, 20), st.integers(1, 20))
def test_phases_are_summed(first, second):
    schedule = schedule_of(f"once daily for {first} days, then once weekly for {second} weeks")
    assert schedule.administrations == first + second


@given(st.integers(2, 20), st.sampled_from(["visits", "follow-up visits", "blood samples"]))
def test_visits_change_nothing(days, visits):
    alone = schedule_of(f"once daily for {days} days")
    assert schedule_of(f"once daily for {days} days; {visits} on days 1, 7 and 28") == alone


@given(st.sampled_from(sorted(ROUTES)), st.sampled_from(["", "patients will receive ", "2x10^9 EVs, "]))
def test_a_route_is_read_among_other_words(written, before):
    for text in (f"{before}{written}", f"{before}{written} of the product", f"{before}{written.upper()}"):
        assert [route.route for route in routes_of(text)] == [ROUTES[written]]


PIECES = """
    1 10 108 2.5 x × ^ e E8 10^8 10^ million particles cells mL µg /kg per each - to , and or ( ) ± 5% in of
    total daily days every week q2w twice then until up single doses infusions day once for courses cycle
    baseline second later at interval apart / : ; . 每 日 次 第 between than more if
    twenty b . i d single hours
"""
hostile = st.one_of(
    st.text(max_size=200),
    st.binary(max_size=200).map(lambda data: data.decode("utf-8", "replace")),
    st.text("0123456789.,^*xXeE×-–~/()±% mgkLcµu亿万²⁸\\&;<>", max_size=120),
    st.lists(st.sampled_from(PIECES.split()), max_size=30).map(" ".join),
)


@settings(max_examples=300)
@given(hostile)
def test_no_text_crashes_or_gives_an_impossible_schedule(text):
    schedule = schedule_of(text)
    assert schedule.administrations is None or 0 < schedule.administrations <= 5000
    assert (schedule.administrations is None) == (schedule.status not in ("exact", "inferred"))
    assert schedule.a_day is None or 0 < schedule.a_day < math.inf


@given(hostile)
def test_every_route_is_a_part_of_the_text(text):
    routes = routes_of(text)
    assert routes
    assert all(route.fragment in text for route in routes)


def steps(text):
    """Lines of Python that reading a text runs: its time, but for what a busy machine adds."""
    count = 0

    def trace(_frame, event, _argument):
        nonlocal count
        count += event == "line"
        return trace

    prepared = prepare(text)
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        READER.schedule(prepared)
        READER.routes(prepared)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(
    "part",
    [
        "1", "1,111,", "1 ", "10 x ", "x", "&amp;", "2×10^8 particles, ", "once ", "1/", "a-", "single - ",
        "over 1 min to ", "day 1, ", "days 1-", "d1-d2-", "2 doses or ", "two 15 mL ", "baseline and ",
        "booster with a ", "second dose ", "infusion then ", "2 doses of x per ", "(day 1 ", "interval ",
        "第1、", "每2",
    ],
)  # fmt: skip
def test_the_work_is_linear_in_length(part):
    short, long = (steps(part * (length // len(part))) for length in (2_000, 8_000))
    # A quadratic reader would run sixteen times as many lines for four times the text.
    assert long < 5 * short + 2_000
