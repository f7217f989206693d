"""Scores against answers counted by hand."""

from __future__ import annotations

import math

import pytest

from evaluation.scoring import Dose, Reading, Retrieval, Share, align, doses_agree, retrievals, shares

PARTICLES = Dose(2e8, 2e8, "particle", "particles", "administration")
PER_KG = PARTICLES._replace(per="kg")
PROTEIN = Dose(20, 50, "ug", "protein", "administration")
UNSPECIFIED = PROTEIN._replace(substance="mass_unspecified")
CARRIER = Dose(3, 3, "mL", "product_volume", "administration")
PAIRS = [
    (
        Reading((PARTICLES,), 5, "exact", frozenset({"nasal"})),
        Reading((PARTICLES,), 5, "exact", frozenset({"nasal"})),
    ),
    (Reading((PARTICLES, PROTEIN)), Reading((UNSPECIFIED, PARTICLES), 1, "exact")),
    (Reading((PER_KG,), 3, "exact"), Reading((PARTICLES, CARRIER), 3, "inferred", frozenset({"oral"}))),
    (Reading(), Reading((CARRIER,))),
    (Reading(routes=frozenset({"oral", "nasal"})), Reading(routes=frozenset({"nasal"}))),
]


def test_shares_are_counted_over_the_fragments_that_they_are_about():
    found = {measure: (share.hits, share.of) for measure, share in shares(PAIRS).items()}
    assert found == {
        "doses": (2, 5),
        "amounts_and_units": (2, 5),
        "no_false_dose": (1, 2),
        "administrations": (4, 5),
        "administrations_number": (2, 2),
        "administrations_null": (2, 3),
        "administrations_status": (3, 5),
        "routes": (3, 5),
    }


def test_entries_are_counted_over_all_fragments():
    assert retrievals(PAIRS) == {
        "doses": Retrieval(2, 6, 4),
        "amount": Retrieval(4, 6, 4),
        "unit": Retrieval(4, 6, 4),
        "substance": Retrieval(3, 6, 4),
        "per": Retrieval(3, 6, 4),
        "routes": Retrieval(2, 3, 3),
    }


def test_precision_recall_and_f1():
    found = Retrieval(matched=2, read=6, labelled=4)
    assert (found.precision.value, found.recall.value, found.f1) == (2 / 6, 2 / 4, 4 / 10)


def test_without_entries_there_is_no_f1():
    assert math.isnan(Retrieval(0, 3, 0).f1)
    assert math.isnan(Share(0, 0).value)


def test_interval_is_wilson_s():
    # (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n) with p = 0.8, n = 10, z = 1.959964
    assert Share(8, 10).interval == pytest.approx((0.4901625, 0.9433178), abs=1e-6)


@pytest.mark.parametrize(
    ("read", "agree"),
    [
        ((PARTICLES, PROTEIN), True),
        ((PROTEIN, PARTICLES), False),
        ((PARTICLES,), False),
        ((PARTICLES, PROTEIN, PROTEIN), False),
        ((PARTICLES._replace(low=2e8 * (1 + 1e-10)), PROTEIN), True),
        ((PARTICLES._replace(high=2e8 * (1 + 1e-8)), PROTEIN), False),
        *[((PARTICLES._replace(**{field: "x"}), PROTEIN), False) for field in ("unit", "substance", "per")],
    ],
)
def test_doses_agree_as_lists_to_a_relative_1e_9(read, agree):
    assert doses_agree(Reading((PARTICLES, PROTEIN)), Reading(read)) is agree


def test_no_number_of_administrations_is_not_zero():
    pairs = [(Reading(administrations=None), Reading(administrations=0))]
    assert shares(pairs)["administrations"].hits == 0


def test_a_dose_that_is_right_in_full_is_aligned_before_two_that_are_right_in_part():
    cells, fewer = PARTICLES._replace(unit="cell"), PARTICLES._replace(low=1e8)
    assert align((PARTICLES, cells), (fewer, PARTICLES)) == [(PARTICLES, PARTICLES)]


def test_equal_doses_are_aligned_in_order_and_each_once():
    assert align((PARTICLES, PARTICLES), (PARTICLES,)) == [(PARTICLES, PARTICLES)]


def test_doses_that_share_neither_amount_nor_unit_are_not_aligned():
    assert align((PARTICLES,), (CARRIER,)) == []
