"""What quantulum3 finds is carried over fairly: right where it is right, and nothing added."""

from __future__ import annotations

import pytest

from evaluation.peer import quantulum3
from evaluation.scoring import Dose, Reading, doses_agree


@pytest.fixture(scope="module")
def read():
    return quantulum3()


@pytest.mark.parametrize(
    ("text", "dose"),
    [
        ("4 mg elamipretide", (4000, 4000, "ug", "mass_unspecified", "administration")),
        ("0.295 mg/kg", (295, 295, "ug", "mass_unspecified", "kg")),
        ("100 mg/day", (1e5, 1e5, "ug", "mass_unspecified", "day")),
        ("500 mg/m²", (5e5, 5e5, "ug", "mass_unspecified", "none")),
        ("20-50 mg", (20000, 50000, "ug", "mass_unspecified", "administration")),
        ("9 ± 1 mL", (9, 9, "mL", "product_volume", "administration")),
        ("5 mg/ml", (5000, 5000, "ug/mL", "mass_unspecified", "none")),
        ("2 drops", (2, 2, "drop", "product_volume", "administration")),
        ("4×10^9 particles", (4e9, 4e9, "particle", "particles", "administration")),
        ("20 million cells", (2e7, 2e7, "cell", "cells", "administration")),
        ("150 million allogeneic cells", (1.5e8, 1.5e8, "cell", "cells", "administration")),
    ],
)
def test_a_quantity_becomes_the_dose_that_it_is(read, text, dose):
    (found,) = read(text).doses
    assert doses_agree(Reading((Dose(*dose),)), Reading((found,))), found


@pytest.mark.parametrize("text", ["for 7 days", "30 patients", "18 years", "day 1", "200 m", "exosomes"])
def test_what_is_in_no_unit_of_doses_is_none(read, text):
    assert read(text) == Reading()
