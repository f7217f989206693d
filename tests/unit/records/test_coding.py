"""Free text goes into the group that a reader of the review would expect."""

from __future__ import annotations

import pytest

from evdose.errors import InputError
from evdose.records.coding import cell_source_group, condition_group, read_groups
from places import PROJECT


@pytest.fixture(scope="module")
def conditions():
    return read_groups(PROJECT / "config/conditions.yaml")


@pytest.fixture(scope="module")
def cell_sources():
    return read_groups(PROJECT / "config/cell_sources.yaml")


@pytest.fixture(scope="module")
def products():
    return read_groups(PROJECT / "config/products.yaml")


@pytest.mark.parametrize(
    ("texts", "group"),
    [
        (["Covid19", "ARDS"], "respiratory"),
        (["Bronchopulmonary Dysplasia"], "respiratory"),
        (["COVID-19 severe respiratory distress, hypercytokinemia"], "respiratory"),
        (["Retinitis Pigmentosa"], "ophthalmic"),
        (["Dry Eye"], "ophthalmic"),
        (["Endophthalmitis", "Eye Infections"], "ophthalmic"),
        (["Osteoarthritis, Knee"], "musculoskeletal"),
        (["Segmental Fracture - Bone Loss"], "musculoskeletal"),
        (["Alveolar bone defect after third molar extraction"], "oral and dental"),
        (["Diabetic foot ulcer"], "dermatological and wounds"),
        (["Diabetes Mellitus Type 1"], "metabolic"),
        (["Ulcerative Colitis"], "gastrointestinal and hepatic"),
        (["Perianal Fistula in Patients With Crohn's Disease"], "gastrointestinal and hepatic"),
        (["Acute-on-chronic liver failure", "Liver transplantation"], "gastrointestinal and hepatic"),
        (["Allograft rejection (intestinal, liver, multivisceral)", "GVHD"], "immune and transplant"),
        (["Amyotrophic Lateral Sclerosis"], "neurological and psychiatric"),
        (["Premature Birth", "Preterm Intraventricular Hemorrhage"], "neurological and psychiatric"),
        (["Myocardial infarction"], "cardiovascular"),
        (["Premature ovarian failure"], "renal, urogenital and reproductive"),
        (["CKD stage III-IV (eGFR 15-60)"], "renal, urogenital and reproductive"),
        (["KRAS NP_004976.2:p.G12D", "Metastatic Pancreatic Adenocarcinoma"], "oncological"),
        (["Androgenetic Alopecia"], "dermatological and wounds"),
        (["Healthy"], "healthy volunteers"),
        (["Healthy", "Asthma"], "respiratory"),
        (["Wound healing (healthy volunteers)"], "dermatological and wounds"),
        (["Lower limb edema"], "other"),
        ([], "unknown"),
    ],
)
def test_conditions(conditions, texts, group):
    assert condition_group(texts, "A study of vesicles", conditions) == group


def test_a_title_speaks_where_the_condition_does_not(conditions):
    title = "Exosome nebuliser for the treatment of pulmonary infection"
    assert condition_group(["Drug-resistant"], title, conditions) == "respiratory"


def test_the_first_condition_decides(conditions):
    assert condition_group(["Psoriasis", "Asthma"], "t", conditions) == "dermatological and wounds"


@pytest.mark.parametrize(
    ("text", "msc", "group"),
    [
        ("Wharton's jelly MSC", "yes", "umbilical cord, cord blood, Wharton's jelly"),
        ("umbilical cord and placenta MSC", "yes", "umbilical cord, cord blood, Wharton's jelly"),
        ("allogenic adipose MSC", "yes", "adipose tissue"),
        ("menstrual blood stem cells (MenSC)", "yes", "menstrual blood, endometrium"),
        ("dental follicle MSC", "yes", "dental tissue"),
        ("synovial fluid MSC (autologous)", "yes", "synovial tissue or fluid"),
        ("foreskin MSC", "yes", "other MSC"),
        ("pluripotent stem cell-derived MSC", "yes", "other MSC"),
        ("MSC (umbilical cord MSC arm; exosome source not stated)", "yes", "MSC source not stated"),
        ("MSC", "yes", "MSC source not stated"),
        (None, "yes", "MSC source not stated"),
        ("adipose MSC (cells)", "no", "not MSC"),
        ("umbilical cord (MSC not stated)", "unknown", "unknown"),
    ],
)
def test_cell_sources(cell_sources, text, msc, group):
    assert cell_source_group(text, msc, cell_sources) == group


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("ExoFlo (DB-001) | Direct Biologics, LLC", "ExoFlo"),
        ("haMPC-Exos | Ruijin Hospital", "haMSC-Exos (Ruijin)"),
        ("UCMSC-Exo | Wuhan Union Hospital", None),
        ("PT-MSC exosome injection | Third Affiliated Hospital, Sun Yat-Sen University", None),
        (None, None),
    ],
)
def test_product_lines(products, text, line):
    assert products.code(text) == line


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("- 1", "wrong type"),
        ("groups: []", "non-empty"),
        ("{}", "'groups' is missing"),
        ("groups: [{name: a}]", "'patterns' is missing"),
        ("groups: [{name: a, patterns: b}]", "wrong type"),
        ("groups: [{name: 3, patterns: [b]}]", "wrong type"),
        ("groups: [{name: a, patterns: [[b]]}]", "wrong type"),
        ("groups: [{name: a, patterns: ['(']}]", "isn't a regular expression"),
        ("groups: [{name: a, patterns: [b]}, {name: a, patterns: [c]}]", "stands twice"),
    ],
)
def test_a_bad_vocabulary_names_its_line(tmp_path, text, told):
    path = tmp_path / "groups.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_groups(path)
    (problem,) = raised.value.problems
    assert told in problem.what
    assert problem.line == 1
