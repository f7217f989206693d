"""When a trial was registered: as stated, or inferred from its number.

ClinicalTrials.gov gives out its numbers in the order of time, so a date lies between those of the nearest
numbers whose date is known (anchors). ChiCTR writes the year into its numbers.
"""

from __future__ import annotations

import calendar
import csv
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np

from evdose.errors import InputError, Problem

_NCT = re.compile(r"NCT(\d{8})")
_CHICTR_YEAR = re.compile(r"ChiCTR(\d\d)\d{8}")
_COVERAGE = 0.99
_FEWEST_ANCHORS = 10
_YEAR = 365  # days of anchors that give the rate of numbers beyond the last one


@dataclass(frozen=True)
class RegistrationDate:
    """A registration date as ISO texts with its interval; ``status`` as in trials.first_posted_status."""

    day: str | None
    low: str | None
    high: str | None
    status: str
    note: str | None = None


UNKNOWN = RegistrationDate(None, None, None, "unknown")


@dataclass(frozen=True)
class Anchors:
    """Numbers with known dates (days as ordinals), and the errors that inference from them makes (days)."""

    numbers: np.ndarray
    days: np.ndarray
    error: float
    drift: float

    def infer(self, number: int) -> RegistrationDate:
        """Date of a ClinicalTrials.gov number, by linear interpolation between its neighbours.

        The interval is the 99th percentile of the leave-one-out error to either side, within the dates of
        the neighbours. Beyond the last anchor the rate of the last year goes on and the interval widens with
        the distance, as much as such forecasts from earlier anchors erred. Before the first anchor nothing
        is inferred.
        """
        if number < self.numbers[0]:
            return UNKNOWN
        if number > self.numbers[-1]:
            ahead = _forecast(self.numbers, self.days, len(self.days) - 1, number) - self.days[-1]
            margin = self.error + self.drift * ahead
            middle = self.days[-1] + ahead
            low, high = max(middle - margin, self.days[-1]), middle + margin
            note = f"from the registration number, beyond the last anchor of {_iso(self.days[-1])}"
            return RegistrationDate(_iso(middle), _iso(low), _iso(high), "inferred", note)
        middle = float(np.interp(number, self.numbers, self.days))
        right = int(np.searchsorted(self.numbers, number))
        left = right if self.numbers[right] == number else right - 1
        low, high = (
            float(bound)
            for bound in np.clip(
                [middle - self.error, middle + self.error], self.days[left], self.days[right]
            )
        )
        return RegistrationDate(
            _iso(middle), _iso(low), _iso(high), "inferred", "from the registration number"
        )


def read_anchors(path: str | Path) -> Anchors:
    """Read numbers with known registration dates (columns nct_number and first_posted).

    Raises:
        InputError: the file can't be read, a row isn't a number and a date, a number repeats, or dates fall
            while numbers rise.
    """
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Problem(str(path), f"can't be read ({error})", "check the path in config")) from None
    if not rows or rows[0] != ["nct_number", "first_posted"]:
        remedy = "write 'nct_number,first_posted' as the first line"
        raise InputError(Problem(str(path), "the header isn't that of registration date anchors", remedy, 1))
    parsed = [(_anchor(row), line) for line, row in enumerate(rows[1:], 2)]
    problems = [
        Problem(str(path), "not a number and a date", "write a row as NCT04276987,2020-02-19", line)
        for anchor, line in parsed
        if anchor is None
    ]
    anchors = sorted((*anchor, line) for anchor, line in parsed if anchor is not None)
    for (number, day, _), (next_number, next_day, line) in pairwise(anchors):
        if number == next_number:
            problems.append(Problem(str(path), "the number stands twice", "keep one row a number", line))
        elif day > next_day:
            what = "the date is earlier than that of a smaller number"
            problems.append(Problem(str(path), what, "numbers rise with time: correct or drop the row", line))
    if len(anchors) < _FEWEST_ANCHORS:
        what = f"{len(anchors)} anchors are too few to infer dates from"
        problems.append(Problem(str(path), what, f"give at least {_FEWEST_ANCHORS}"))
    if problems:
        raise InputError(*problems)
    return fit_anchors(
        np.array([anchor[0] for anchor in anchors]), np.array([float(anchor[1]) for anchor in anchors])
    )


def fit_anchors(numbers: np.ndarray, days: np.ndarray) -> Anchors:
    """Anchors with their errors; ``numbers`` rise strictly, ``days`` don't fall."""
    error = float(np.quantile(np.abs(_leave_one_out(numbers, days) - days[1:-1]), _COVERAGE))
    return Anchors(numbers, days, error, _drift(numbers, days, error))


def leave_one_out_check(anchors: Anchors) -> list[dict]:
    """Rows of the table registration_date_check: how good inference is for anchors left out one at a time."""
    truth, inferred = anchors.days[1:-1], _leave_one_out(anchors.numbers, anchors.days)
    bounds = (anchors.days[:-2], anchors.days[2:])
    low, high = (np.clip(inferred + sign * anchors.error, *bounds) for sign in (-1, 1))
    dates = [date.fromordinal(int(day)) for day in truth]
    guesses = [date.fromordinal(round(day)) for day in inferred]
    years = np.array([day.year for day in dates])
    right_year = np.array([day.year == guess.year for day, guess in zip(dates, guesses, strict=True)])
    right_month = right_year & np.array(
        [day.month == guess.month for day, guess in zip(dates, guesses, strict=True)]
    )
    # a date is a whole day and the bounds are moments, so they count as the days in which they fall
    covered = (truth >= np.floor(low)) & (truth <= np.ceil(high))
    error = np.abs(inferred - truth)
    groups = [*((str(year), years == year) for year in sorted(set(years))), ("all", years > 0)]
    return [
        {
            "year": name,
            "n": int(chosen.sum()),
            "median_error_days": float(np.median(error[chosen])),
            "p95_error_days": float(np.quantile(error[chosen], 0.95)),
            "max_error_days": float(error[chosen].max()),
            "covered": float(covered[chosen].mean()),
            "month_right": float(right_month[chosen].mean()),
            "year_right": float(right_year[chosen].mean()),
        }
        for name, chosen in groups
    ]


def registration_date(
    trial_id: str, stated: str | None, doubts: frozenset[str], anchors: Anchors
) -> RegistrationDate:
    """The date that a trial counts as registered on.

    ``stated`` is as precise as the source (YYYY, YYYY-MM or YYYY-MM-DD), ``doubts`` are the flags on it. A
    date in doubt yields to the number unless it lies within the interval that the number allows; a date
    flagged as inferred stays inferred.
    """
    by_number = _from_number(trial_id, anchors)
    if stated is None:
        return by_number
    low, high = interval(stated)
    if doubts and by_number.day is not None and not by_number.low <= low <= high <= by_number.high:
        return replace(by_number, note=f"{by_number.note}; stated as {stated}")
    status = "inferred" if "inferred" in doubts else {10: "exact", 7: "month", 4: "year"}[len(stated)]
    middle = (date.fromisoformat(low).toordinal() + date.fromisoformat(high).toordinal()) // 2
    return RegistrationDate(date.fromordinal(middle).isoformat(), low, high, status)


def interval(text: str) -> tuple[str, str]:
    """First and last day of a date as precise as its source: YYYY, YYYY-MM or YYYY-MM-DD.

    Raises:
        ValueError: there is no such day.
    """
    parts = [int(part) for part in text.split("-")]
    first = date(*[*parts, 1, 1][:3])
    month = first.month if len(parts) > 1 else 12
    day = first.day if len(parts) > 2 else calendar.monthrange(first.year, month)[1]
    return first.isoformat(), date(first.year, month, day).isoformat()


def _from_number(trial_id: str, anchors: Anchors) -> RegistrationDate:
    if match := _NCT.fullmatch(trial_id):
        return anchors.infer(int(match[1]))
    if match := _CHICTR_YEAR.fullmatch(trial_id):
        low, high = interval(f"20{match[1]}")
        return RegistrationDate(f"20{match[1]}-07-01", low, high, "inferred", "year in the ChiCTR number")
    return UNKNOWN


def _leave_one_out(numbers: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Days of all anchors but the first and last, each inferred from its neighbours."""
    weight = (numbers[1:-1] - numbers[:-2]) / (numbers[2:] - numbers[:-2])
    return days[:-2] + weight * (days[2:] - days[:-2])


def _forecast(numbers: np.ndarray, days: np.ndarray, last: int, number: np.ndarray | int) -> np.ndarray:
    """Days of numbers beyond anchor ``last``, at the rate of the year before it."""
    first = min(int(np.searchsorted(days, days[last] - _YEAR)), last - 1)
    rate = (days[last] - days[first]) / (numbers[last] - numbers[first])
    return days[last] + rate * (number - numbers[last])


def _drift(numbers: np.ndarray, days: np.ndarray, error: float) -> float:
    """Error of a forecast a day ahead: 99th percentile over half a year from each anchor."""
    excess = [0.0]
    for last in range(1, len(days) - 1):
        ahead = (days > days[last]) & (days <= days[last] + _YEAR / 2)
        if days[last] - days[0] >= _YEAR and ahead.any():
            missed = np.abs(_forecast(numbers, days, last, numbers[ahead]) - days[ahead])
            excess.extend(np.maximum(missed - error, 0) / (days[ahead] - days[last]))
    return float(np.quantile(excess, _COVERAGE))


def _anchor(row: list[str]) -> tuple[int, int] | None:
    match = _NCT.fullmatch(row[0]) if len(row) == 2 else None
    if match is None:
        return None
    try:
        return int(match[1]), date.fromisoformat(row[1]).toordinal()
    except ValueError:
        return None


def _iso(day: float) -> str:
    return (date.fromordinal(1) + timedelta(days=round(float(day)) - 1)).isoformat()
