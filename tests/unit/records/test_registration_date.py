"""Registration dates: stated, or inferred from the number with an interval that keeps its promise."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from evdose.errors import InputError
from evdose.records.registration_date import (
    fit_anchors,
    interval,
    leave_one_out_check,
    read_anchors,
    registration_date,
)
from places import PROJECT

NO_DOUBT = frozenset()


@pytest.fixture(scope="module")
def anchors():
    return read_anchors(PROJECT / "seeds/registration_date_anchors.csv")


@pytest.fixture
def even():
    """A number every hour, an anchor every ten days."""
    days = date(2020, 1, 1).toordinal() + np.arange(0.0, 800.0, 10.0)
    return fit_anchors((days * 24).astype(int), days)


def test_an_exact_date_stays_exact(anchors):
    found = registration_date("NCT05000001", "2021-08-11", NO_DOUBT, anchors)
    assert (found.day, found.low, found.high, found.status) == ("2021-08-11",) * 3 + ("exact",)


@pytest.mark.parametrize(
    ("stated", "low", "high", "status"),
    [
        ("2021-02", "2021-02-01", "2021-02-28", "month"),
        ("2024-02", "2024-02-01", "2024-02-29", "month"),
        ("2021", "2021-01-01", "2021-12-31", "year"),
    ],
)
def test_a_coarse_date_is_its_interval(anchors, stated, low, high, status):
    found = registration_date("MY-TRIAL", stated, NO_DOUBT, anchors)
    assert (found.low, found.high, found.status) == (low, high, status)
    assert low < found.day < high


def test_a_publication_year_is_inferred(anchors):
    assert registration_date("MY-TRIAL", "2016", frozenset({"inferred"}), anchors).status == "inferred"


def test_what_neither_says_is_unknown(anchors):
    found = registration_date("IRCT20200413047063N2", None, NO_DOUBT, anchors)
    assert (found.day, found.status) == (None, "unknown")


def test_an_anchor_gives_its_own_date(anchors):
    assert anchors.infer(1760837).day == "2013-01-04"
    assert anchors.infer(7423117).day == "2026-02-20"


def test_between_even_anchors_the_date_is_known(even):
    day = date(2020, 7, 9)
    assert even.infer(day.toordinal() * 24).day == day.isoformat()


def test_a_number_between_two_anchors_lies_between_their_dates(even):
    found = even.infer(date(2020, 1, 5).toordinal() * 24)
    assert "2020-01-01" <= found.low <= found.day <= found.high <= "2020-01-11"


def test_beyond_the_last_anchor_the_note_says_so_and_the_interval_widens(anchors):
    near, far = anchors.infer(7430000), anchors.infer(7600000)
    assert "beyond the last anchor of 2026-02-20" in near.note

    def width(found):
        return (date.fromisoformat(found.high) - date.fromisoformat(found.low)).days

    assert width(far) > width(near)
    assert near.low >= "2026-02-20"


def test_before_the_first_anchor_nothing_is_inferred(anchors):
    assert anchors.infer(130).status == "unknown"


def test_a_registration_known_from_its_record_lies_in_its_interval(anchors):
    found = anchors.infer(7485751)  # first posted 2026-03-20, beyond the anchors
    assert found.low <= "2026-03-20" <= found.high


def test_the_year_is_read_from_a_chictr_number(anchors):
    found = registration_date("ChiCTR2300075466", None, NO_DOUBT, anchors)
    assert (found.low, found.high, found.status) == ("2023-01-01", "2023-12-31", "inferred")
    assert registration_date("ChiCTR-TRC-13003245", None, NO_DOUBT, anchors).status == "unknown"


def test_a_doubtful_date_yields_to_a_number_that_contradicts_it(anchors):
    found = registration_date("NCT06202547", "2023-12", frozenset({"second-hand"}), anchors)
    assert found.status == "inferred"
    assert found.day.startswith("2024-01")
    assert "stated as 2023-12" in found.note


def test_a_date_without_doubt_does_not_yield(anchors):
    found = registration_date("NCT06202547", "2023-12-05", NO_DOUBT, anchors)
    assert (found.day, found.status) == ("2023-12-05", "exact")


def test_a_doubtful_date_that_the_number_confirms_stays(anchors):
    day = anchors.infer(6202547).day
    assert registration_date("NCT06202547", day, frozenset({"second-hand"}), anchors).status == "exact"


@pytest.mark.parametrize("text", ["2021-02-30", "2021-13", "2021-00-01"])
def test_a_day_that_does_not_exist(text):
    with pytest.raises(ValueError, match=r"month|day"):
        interval(text)


def test_leave_one_out_by_hand():
    numbers = np.array([0, 10, 20, 30])
    days = 737_000 + np.array([0.0, 10.0, 24.0, 30.0])  # left out: 12 for 10, 20 for 24
    rows = leave_one_out_check(fit_anchors(numbers, days))
    total = rows[-1]
    assert (total["year"], total["n"], total["max_error_days"]) == ("all", 2, 4.0)
    assert total["median_error_days"] == pytest.approx(3.0)


def test_the_shipped_anchors_keep_their_promise(anchors):
    rows = {row["year"]: row for row in leave_one_out_check(anchors)}
    assert rows["all"]["n"] == 598
    assert rows["all"]["median_error_days"] < 1
    assert rows["all"]["covered"] >= 0.98
    assert rows["all"]["year_right"] > 0.99
    assert sum(row["n"] for year, row in rows.items() if year != "all") == 598


def anchor_file(tmp_path, *rows):
    path = tmp_path / "anchors.csv"
    path.write_text("\n".join(["nct_number,first_posted", *rows]) + "\n", encoding="utf-8")
    return path


GOOD = [f"NCT050000{i:02},2021-01-{i:02}" for i in range(1, 13)]


@pytest.mark.parametrize(
    ("rows", "line", "told"),
    [
        (["NCT5,2021-01-20"], 14, "not a number and a date"),
        (["NCT05000020,2021-02-30"], 14, "not a number and a date"),
        (["NCT05000012,2021-01-12"], 14, "stands twice"),
        (["NCT05000020,2020-01-01"], 14, "earlier than that of a smaller number"),
    ],
)
def test_a_bad_anchor_names_its_line(tmp_path, rows, line, told):
    with pytest.raises(InputError) as raised:
        read_anchors(anchor_file(tmp_path, *GOOD, *rows))
    (problem,) = raised.value.problems
    assert problem.line == line
    assert told in problem.what


def test_too_few_anchors_are_refused(tmp_path):
    with pytest.raises(InputError, match="too few"):
        read_anchors(anchor_file(tmp_path, *GOOD[:5]))


def test_another_table_is_refused(tmp_path):
    path = tmp_path / "anchors.csv"
    path.write_text("id,date\n")
    with pytest.raises(InputError, match="header"):
        read_anchors(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv"):
        read_anchors(tmp_path / "none.csv")
