"""What an amount is about: substance, role, level, and what the amounts of one text say of each other."""

from __future__ import annotations

import pytest

from evdose.dosing.reading import about, beside, dose
from evdose.dosing.reading.reader import prepare


@pytest.mark.parametrize(
    ("text", "substance"),
    [
        ("20 µg", "mass_unspecified"),
        ("20 µg of MSC exosomes", "mass_unspecified"),
        ("20 µg exosomal protein", "protein"),
        ("valsartan 20 mg", "other"),
        ("20 mg of valsartan", "other"),
        ("BL-1040, 20 mg", "other"),
        ("M5717 20 mg", "other"),
        ("Jiashen tablet, 2.82 g", "other"),
        ("dobutamine 5 mcg/kg/min ev", "other"),
        ("human insulin 10 mg", "other"),
        ("200 pmol phospholipid/kg", "phospholipid"),
        ("6 mmol of nitrate", "other"),
        ("5 mL of conditioned medium", "product_volume"),
        ("5 mL", "product_volume"),
        ("5 mL of IMP", "product_volume"),
        ("5 mL of PRP", "product_volume"),
        ("5 mL bone marrow aspirate concentrate", "product_volume"),
        ("0.5 mL of vaccine", "other"),
        ("5 mL of lidocaine", "other"),
        ("2×10^8 particles", "particles"),
        ("2×10^8 viral particles", "other"),
        ("2×10^11 vg/kg", "other"),
        ("2×10^8 MSCs", "cells"),
        ("exosomes from 2×10^8 MSCs", "cell_equivalents"),
        ("equivalent to 21 million stem cells", "cell_equivalents"),
        ("conditioned culture medium of 120 million MSCs", "cell_equivalents"),
        ("pre-conditioned, in the amount of 200 million cells", "cells"),
        ("infusion of MSCs (5×10^7)", "cells"),
    ],
)
def test_substances(text, substance, read):
    assert [found[3] for found in read(text)] == [substance]


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("5 mL of saline", about.OTHER_ARM),
        ("0.9% sodium chloride 5 mL", about.OTHER_ARM),
        ("lactated Ringer (LR) 20 mL/kg", about.OTHER_ARM),
        ("saline will be given in a 0.5 mL dose", about.OTHER_ARM),
        ("placebo 3 mg", about.OTHER_ARM),
        ("placebo (24/26 mg and 97/103 mg)", about.OTHER_ARM),
        ("3 mg of placebo", about.OTHER_ARM),
        ("100 mL of blood", about.SAMPLE_OR_ASSAY),
        ("blood samples (10 mL)", about.SAMPLE_OR_ASSAY),
        ("each sample (50 µg protein)", about.SAMPLE_OR_ASSAY),
        ("50 mg myocardial biopsies", about.SAMPLE_OR_ASSAY),
        ("cells derived from 30 mL of marrow", about.SAMPLE_OR_ASSAY),
        ("hemoglobin 10 g/dL", about.SAMPLE_OR_ASSAY),
        ("hemoglobin 10 grams per deciliter", about.SAMPLE_OR_ASSAY),
        ("level of 20 g L-1", about.SAMPLE_OR_ASSAY),
        ("0.1-0.75 ng/mL", about.SAMPLE_OR_ASSAY),
        ("urine output of 0.5 mL/kg/h", about.SAMPLE_OR_ASSAY),
        ("tidal volume of 8 mL/kg predicted body weight", about.SAMPLE_OR_ASSAY),
        ("flow of 300 mL/min", about.SAMPLE_OR_ASSAY),
        ("volume index of 34 mL/m2", about.SAMPLE_OR_ASSAY),
        ("mass index of 95 g/m2", about.SAMPLE_OR_ASSAY),
        ("weight increased to 150 g", about.SAMPLE_OR_ASSAY),
        ("centrifuged at 3000 g", about.SAMPLE_OR_ASSAY),
        ("a 27G needle", about.SAMPLE_OR_ASSAY),
        ("10^5 cells from third passage were harvested", about.SAMPLE_OR_ASSAY),
        ("culture at a density of 10^5 cells/cm2", about.SAMPLE_OR_ASSAY),
        ("a voided volume of 12 mL/sec", about.SAMPLE_OR_ASSAY),
        ("36.9 mL versus 62.5 mL, p < 0.001", about.SAMPLE_OR_ASSAY),
        ("a 10 mL syringe", about.CONTAINER),
        ("the 4-mL glass vial", about.CONTAINER),
        ("up to 10 mg", about.CAP),
        ("maximum dose 10 mg", about.CAP),
        ("prednisone > 10 mg", about.CAP),
        ("prednisone ≥10 mg/day", about.CAP),
        ("greater than or equal to 10 mg", about.CAP),
        ("10 mg or more", about.CAP),
        ("above 10 mg", about.CAP),
        ("increased by 10 mg", about.CHANGE),
        ("increments of 10 mg", about.CHANGE),
        ("piglets were given 10 mg/kg", about.OTHER_STUDY),
        ("have shown that esketamine (0.25 mg/kg)", about.OTHER_STUDY),
        ("a dose of 1×10^9", about.UNNAMED),
        ("10 million allogeneic", about.UNNAMED),
        ("10 million Americans", about.OTHER_THING),
        ("5 tablets", about.UNLISTED_UNIT),
    ],
)
def test_roles(text, role, reader):
    assert {amount.role for amount in reader.amounts(prepare(text))} == {role}


@pytest.mark.parametrize(
    "text",
    [
        "placebo, valsartan 5 mg",
        "placebo + valsartan 5 mg",
        "Placebo|DRUG: valsartan 5 mg",
        "valsartan 5 mg/placebo",
        "NK cells (>5×10^9)",
        "at least 5 mg",
        "maximum tumor diameter: 5×10^11 viral particles",
        "blood was drawn, 5 mg was injected",
        "5 mg for the lung",
        "placebo twice daily with 75 mg oseltamivir",
        "100 million MSCs. The cells are isolated from fat",
        "culture-expanded MSCs, 2×10^6 cells/kg",
        "cells suspended in saline, 5 mL injected",
    ],
)
def test_what_only_looks_like_another_role(text, read):
    assert len(read(text)) == 1


@pytest.mark.parametrize(
    ("text", "per"),
    [
        ("a total of 5×10^9 particles", "total"),
        ("a total of 5×10^9 particles per patient", "total"),
        ("a total of three doses of 5 mg", "administration"),
        ("total dose 5 mg", "total"),
        ("5 mg total", "total"),
        ("120 million cells divided on two boluses", "total"),
        ("three injections in total and 3 mL of PRP", "administration"),
        ("a daily dose of 5 mg", "day"),
        ("a 5 mg daily dose", "day"),
        ("a total daily dose of 5 mg", "day"),
        ("5 mg once daily", "administration"),
        ("each site will receive 1 mL", "site"),
        ("each eye: 1 mL", "eye"),
        ("each patient will receive 1 mL", "administration"),
        ("tablets of 5 mg", "none"),
        ("ampoules containing 5 mg of X and 10 mg of Y", "none"),
        ("5 mg tablets once daily", "administration"),
        ("two 5 mg tablets", "administration"),
    ],
)
def test_what_an_amount_is_per(text, per, read):
    assert {found[4] for found in read(text)} == {per}


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("2×10^8 particles in 100 mL and 15 mL of EVs", [about.DOSE, about.CARRIER, about.CARRIER]),
        ("1 million cells of Allo-ASC 0.5 mL", [about.DOSE, about.CARRIER]),
        ("2 mL secretome, 10 million MSCs and 2 mL secretome", [about.DOSE, about.DOSE, beside.REPEATED]),
        ("2×10^6 cells/kg, up to a maximum of 2×10^8 cells", [about.DOSE, about.CAP]),
        ("maximum 97/103 mg", [about.CAP, about.CAP]),
        ("10 million particles (1×10^7 particles)", [about.DOSE, beside.REPEATED]),
        ("a total of 2×10^8 (200 million) MSCs", [about.DOSE, beside.REPEATED]),
        ("40 billion particles a dose (total 400 billion particles)", [about.DOSE, beside.REPEATED]),
        ("600 mg (3 x 200 mg)", [about.DOSE, beside.REPEATED]),
        ("two 100 mg capsules (200 mg total)", [beside.STRENGTH, about.DOSE]),
        ("5 mg (5 mg per tablet)", [about.DOSE, beside.STRENGTH]),
        ("60 mL infused at 2 mL/min", [about.DOSE, about.RATE]),
        ("25 million cells, then 100 million", [about.DOSE, dose.CUT_OFF]),
        ("40 X 10^6 in 2 mL", [about.UNNAMED, about.CARRIER]),
        ("NK cells (5×10^9) and stem cells (5×10^9)", [about.DOSE, about.DOSE]),
        ("ketamine 1 mg/kg and propofol 1 mg/kg", [about.DOSE, about.DOSE]),
        ("ketamine 1 mg/kg, then ketamine 1 mg/kg", [about.DOSE, beside.REPEATED]),
        ("20 µg (2×10^9 particles)", [about.DOSE, about.DOSE]),
        ("2 mL (80 mg) of lidocaine", [about.CARRIER, about.DOSE]),
        ("5 mL of lidocaine and 25 µg fentanyl", [about.DOSE, about.DOSE]),
        ("200 mg twice a day (400 mg/day)", [about.DOSE, beside.REPEATED]),
        ("saline 5 mL and 10 mL of exosomes", [about.OTHER_ARM, about.DOSE]),
    ],
)
def test_amounts_beside_each_other(text, roles, reader):
    assert [amount.role for amount in reader.amounts(prepare(text))] == roles


@pytest.mark.parametrize(
    ("text", "value", "unit", "per"),
    [
        ("1e9/ml × 5 ml exosomes", 5e9, "particle", "administration"),
        ("5 mL of 1e9 particles/mL", 5e9, "particle", "administration"),
        ("1 mL containing 2 x 10^11 particles/mL per knee", 2e11, "particle", "site"),
        ("2 mL solution (150 mg/mL)", 3e5, "ug", "administration"),
        ("300 million cells (20 million cells/mL), 1 mL each", 3e8, "cell", "administration"),
    ],
)
def test_a_concentration_is_multiplied_by_its_volume(text, value, unit, per, read):
    assert [(found[0], found[2], found[4]) for found in read(text)] == [(pytest.approx(value), unit, per)]


def test_a_concentration_of_something_unnamed_multiplies_nothing(read):
    assert [found[:3] for found in read("1-2 mL of 4 x 10^6/mL")] == [(1, 2, "mL")]


def test_a_power_of_ten_before_a_volume_is_not_decided(reader):
    [found] = reader.doses(prepare("8 X 10^9 mL"))
    assert (found.unit, found.status) == ("particle/mL", "ambiguous")


def test_names_of_the_product_are_no_other_substance(reader):
    text = prepare("Vexosol 5 mL in 100 mL")
    assert reader.doses(text)[0].substance == "other"
    assert reader.doses(text, frozenset(["vexosol"]))[0].substance == "product_volume"


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("low dose: 1 mg, high dose: 2 mg", ["low", "high"]),
        ("low, medium and high dose groups: 1, 2 and 4 × 10^8 particles", ["low", "middle", "high"]),
        ("1, 2 and 4 × 10^8 particles for cohorts 1, 2 and 3", ["cohort 1", "cohort 2", "cohort 3"]),
        ("1 mg (cohort 1) or 2 mg (cohort 2)", ["cohort 1", "cohort 2"]),
        ("loading dose 4 mg, then 2 mg", ["loading", None]),
        ("low and high doses of 1, 2 and 4 mg", [None, None, None]),
        ("4 mg", [None]),
    ],
)
def test_levels(text, labels, reader):
    assert [found.label for found in reader.doses(prepare(text))] == labels


def test_text_order_is_kept(read):
    assert [found[0] for found in read("4 mg, 2 mg of valsartan, 3×10^8 particles")] == [4000, 2000, 3e8]
