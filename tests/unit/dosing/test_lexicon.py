"""The wording file: what a word says, how an addition is read, and errors that name the file."""

from __future__ import annotations

import pytest

from evdose.dosing.reading.about import CARRIER, DOSE
from evdose.dosing.reading.dose import read_doses
from evdose.dosing.reading.lexicon import (
    CELLS,
    COMPARATOR,
    DILUENT,
    PLAIN,
    PRODUCT,
    SAMPLE,
    VIRUS,
    read_lexicon,
)
from evdose.dosing.reading.reader import prepare
from evdose.errors import InputError


@pytest.mark.parametrize(
    ("word", "sense"),
    [
        ("exosomes", PRODUCT),
        ("secretome", PRODUCT),
        ("hmscs", CELLS),
        ("regstem", CELLS),
        ("system", PLAIN),
        ("transplanted", CELLS),
        ("aav9", VIRUS),
        ("adenovirus", VIRUS),
        ("adenosine", None),
        ("saline", DILUENT),
        ("placebos", COMPARATOR),
        ("place", PLAIN),
        ("samples", SAMPLE),
        ("administered", PLAIN),
        ("valsartan", None),
    ],
)
def test_senses(word, sense, reader):
    assert reader.lexicon.sense(word) == sense


def wording(project, tmp_path, change):
    path = tmp_path / "wording.yaml"
    text = (project / "config/wording.yaml").read_text(encoding="utf-8")
    path.write_text(change(text), encoding="utf-8")
    return project / "config/units.txt", path


def test_a_new_word_is_read(project, tmp_path):
    files = wording(project, tmp_path, lambda text: text.replace("product: [", "product: [\n  nanoblob*,", 1))
    dose, carrier = read_doses(prepare("5 mL of nanoblobs in 100 mL").tokens, read_lexicon(*files))
    assert (dose.low, dose.substance, dose.role) == (5, "product_volume", DOSE)
    assert carrier.role == CARRIER


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("[placebo*, sham", "[Placebo*, sham", 1), "lower-case"),
        (lambda text: text.replace("[placebo*, sham", "[pla*cebo, sham", 1), "lower-case"),
        (lambda text: text.replace("[placebo*, sham", "[12, sham", 1), "comparator"),
        (lambda text: text.replace("comparator: [", "compared: [", 1), "compar"),
    ],
)
def test_a_broken_file_is_named(project, tmp_path, change, said):
    with pytest.raises(InputError, match=r"wording\.yaml") as error:
        read_lexicon(*wording(project, tmp_path, change))
    assert said in str(error.value)


def test_a_missing_file_is_named(project, tmp_path):
    with pytest.raises(InputError, match="none here"):
        read_lexicon(project / "config/units.txt", tmp_path / "none here")
