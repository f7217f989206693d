"""The route vocabulary: its codes, its order, its false friends, and its refusal to guess."""

from __future__ import annotations

import csv

import pytest

from evdose.documents import read_yaml
from evdose.dosing.reading.reader import prepare
from evdose.dosing.reading.route import read_vocabulary
from evdose.dosing.tables import STRATA
from evdose.errors import InputError
from evdose.settings import published_schema

# Published synonyms that name no route in any text but a field for it.
SAY_TOO_LITTLE = {
    "other": "anything",
    "unknown": "anything",
    "id": "identity",
    "ia": "intra-articular or intra-arterial",
    "ip": "investigational product",
    "pulp": "where most cells of teeth come from",
    "bone defect": "a condition",
    "suprachoroidal (different: C128997)": "a route of its own",
    "transtympanic (different: C38309)": "another route",
    "hepatic artery (use intra-arterial)": "intra-arterial, as it says",
}


@pytest.fixture(scope="session")
def published(reference):
    with (reference / "evidence/route_vocabulary.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture
def names(reader):
    return lambda text: [route.route for route in reader.routes(prepare(text)) if route.route]


def test_every_published_route_is_there_with_its_code(published, reader):
    ours = {name: meaning.ncit_code for name, meaning in reader.vocabulary.names.items()}
    theirs = {row["route"]: row["ncit_code"] or None for row in published}
    assert len(theirs) >= 65
    assert {name: ours.get(name, "missing") for name in theirs} == theirs


def test_no_two_routes_share_a_code(reader):
    codes = [meaning.ncit_code for meaning in reader.vocabulary.names.values() if meaning.ncit_code]
    # Surgical implantation is parenteral, and has no code of its own.
    assert sorted(code for code in codes if codes.count(code) > 1) == ["C38291", "C38291"]


def test_published_synonyms_are_read(published, names):
    read = {
        synonym: names(synonym)
        for row in published
        for synonym in (row["route"], *row["synonyms_pipe_separated"].split("|"))
        if synonym
    }
    expected = {
        synonym: [row["route"]]
        for row in published
        for synonym in (*row["synonyms_pipe_separated"].split("|"), row["route"])
        if synonym
    }
    differing = {synonym for synonym in expected if expected[synonym] != read[synonym]}
    assert differing == SAY_TOO_LITTLE.keys()


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("5 mg PO twice daily", "oral"),
        ("by mouth", "oral"),
        ("one capsule a day", "oral"),
        ("tablets of 50 mg", "oral"),
        ("granule 5.5g os once a day", "oral"),
        ("a patch a week", "transdermal"),
        ("IV", "intravenous"),
        ("i.v.", "intravenous"),
        ("I.V. infusion", "intravenous"),
        ("ＩＶ", "intravenous"),
        ("10 mcg/kg/min ev", "intravenous"),
        ("via a central venous catheter", "intravenous"),
        ("intravenös", "intravenous"),
        ("two IV boli", "intravenous bolus"),
        ("intravenous (IV) bolus", "intravenous bolus"),
        ("静脉滴注", "intravenous drip"),
        ("静脉注射", "intravenous"),
        ("IM", "intramuscular"),
        ("injected into the deltoid muscle", "intramuscular"),
        ("SC once weekly", "subcutaneous"),
        ("subQ", "subcutaneous"),
        ("SQ", "subcutaneous"),
        ("IA injection into the knee", "intra-articular"),
        ("IA infusion into the brachial artery", "intra-arterial"),
        ("a knee injection", "intra-articular"),
        ("injection with Conditioned Medium 2 cc/knee", "intra-articular"),
        ("关节腔注射", "intra-articular"),
        ("IT injection", "intrathecal"),
        ("via lumbar puncture", "intrathecal"),
        ("鞘内注射", "intrathecal"),
        ("IP injection", "intraperitoneal"),
        ("transendocardial injection", "intramyocardial"),
        ("trans-endocardially", "intramyocardial"),
        ("submucosal injection", "submucosal"),
        ("intracameral", "intracameral"),
        ("nebulised", "respiratory (inhalation)"),
        ("nasal inhalation", "respiratory (inhalation)"),
        ("雾化吸入", "respiratory (inhalation)"),
        ("1 mL per nostril", "nasal"),
        ("滴鼻", "nasal"),
        ("by nasogastric tube", "nasogastric"),
        ("enteral route", "enteral"),
        ("gingival injection", "intragingival"),
        ("intra-osseous", "intraosseous"),
        ("bladder instillation", "intravesical"),
        ("retrobulbar", "retrobulbar"),
        ("sub-Tenon", "subtenon"),
        ("eye drops", "ophthalmic"),
        ("2 drops/eye", "ophthalmic"),
        ("dripped into vitreous", "intravitreal"),
        ("ointment on the wound", "topical"),
        ("applied to the participants' ulcers", "topical"),
        ("外用", "topical"),
        ("through the portal vein", "intraportal"),
        ("cord blood infusion", "parenteral (unspecified)"),
        ("MSC product infusion", "parenteral (unspecified)"),
    ],
)
def test_what_registries_write(text, route, names):
    assert names(text) == [route]


@pytest.mark.parametrize(
    "text",
    [
        "oral examination",
        "nasal swab",
        "oral glucose tolerance test",
        "intravenous immunoglobulin-naive",
        "venous blood",
        "peripheral vein blood samples",
        "topical anaesthesia",
        "peribulbar or retrobulbar anesthesia",
        "injection of local anaesthetic",
        "bupivacaine infiltration",
        "injection of contrast medium",
        "squamous cell carcinoma of oral cavity",
        "inhaled corticosteroids",
        "oxygen inhalation",
        "spinal cord injury",
        "intracerebral hemorrhage",
        "eye disease",
        "joint pain",
        "osteoarthritis of the knee joint",
        "endomyocardial biopsy",
        "endotracheal intubation",
        "subcutaneous adipose tissue",
        "pulmonary vein isolation",
        "stem cell transplantation",
        "pacemaker implantation",
        "NYHA class II-IV",
        "grade III and IV",
        "stage IV melanoma",
        "III/IV",
        "pO2 of 60 mmHg",
        "the investigational product (IP)",
        "IA",
        "injection site reactions",
        "capsule endoscopy",
        "collagen gel",
        "静脉血",
        "腹腔镜",
        "perforated",
        "",
        "   ",
        "2×10^8",
    ],
)
def test_false_friends_are_no_routes(text, names):
    assert names(text) == []


@pytest.mark.parametrize(
    ("text", "routes"),
    [
        ("placebo tablet, 2.82 g, oral, once a day", []),
        ("oral placebo", []),
        ("matching placebo s.c. injection(s) once weekly", []),
        ("intravenous saline", []),
        ("infusion of 100 mL normal saline", []),
        ("0.9% NaCl 100 ml intravenously", []),
        ("sham injection", []),
        ("the control group will receive oral iron", []),
        ("UC-MSCs in 100 mL saline, intravenously", ["intravenous"]),
        ("exosomes or placebo, intravenously", ["intravenous"]),
        ("IV infusions of either placebo or HB-adMSCs", ["intravenous"]),
        ("placebo-controlled trial of intravenous exosomes", ["intravenous"]),
        ("SQ MANP (5 ug/kg) + oral placebo", ["subcutaneous"]),
        ("Intravenous saline, then inhaled exosomes", ["respiratory (inhalation)"]),
        ("Arm A: placebo. Arm B: exosomes IV", ["intravenous"]),
    ],
)
def test_the_route_of_something_else_is_not_read(text, routes, names):
    assert names(text) == routes


def test_routes_stand_in_the_order_of_the_text_and_once(names):
    assert names("nasal or IV, then intravenously, i.m. and nasally") == [
        "nasal",
        "intravenous",
        "intramuscular",
    ]


def test_a_named_route_wins_over_what_a_site_or_form_suggests(names):
    assert names("intradermal injection into the scalp") == ["intradermal"]
    assert names("injection into the scalp") == ["soft tissue"]
    assert names("sublingual tablet") == ["sublingual"]


def test_injection_alone_is_unspecified(reader):
    [route] = reader.routes(prepare("injection"))
    assert (route.stratum, route.status, route.ncit_code) == (
        "unspecified injection",
        "unspecified",
        "C38291",
    )


def test_unknown_wording_keeps_the_whole_text(reader):
    [route] = reader.routes(prepare("by drone"))
    assert (route.route, route.status, route.fragment, route.span) == (None, "unmapped", "by drone", (0, 8))


def test_the_name_of_a_route_is_that_route(reader):
    for name, meaning in reader.vocabulary.names.items():
        [route] = reader.routes(prepare(f" {name.upper()} "))
        # "Other" and "unknown" by themselves may be said of anything.
        assert route.route == (None if name in ("other", "unknown") else name)
        assert route.ncit_code == (None if route.route is None else meaning.ncit_code)


def test_site_and_device_stand_apart_from_the_route(reader):
    [route] = reader.routes(prepare("topical gel on the wound after laser, with microneedles"))
    assert (route.route, route.site, route.device) == ("topical", "wound", "gel")
    [route] = reader.routes(prepare("via jet nebulizer"))
    assert (route.route, route.site, route.device) == ("respiratory (inhalation)", None, "nebuliser")


@pytest.mark.parametrize(
    ("text", "fragments"),
    [
        ("2 &times; 10<sup>8</sup> EVs, I.V., daily", ["I.V."]),
        ("½ dose: Intra‑nasal drops; ｏｒａｌ", ["Intra‑nasal drops", "ｏｒａｌ"]),
    ],
)
def test_a_span_leads_to_the_original(text, fragments, reader):
    found = reader.routes(prepare(text))
    assert [route.fragment for route in found] == fragments
    assert [text[slice(*route.span)] for route in found] == fragments


def test_every_pattern_is_read_in_the_text_that_it_describes(project, reader):
    """A pattern that can't be met (a slip of the pen, a word that tokens split) would go unseen for ever."""
    data = read_yaml(project / "config/routes.yaml").data
    in_order = [pattern for kind in ("no_route", "comparators", "adjuncts") for pattern in data[kind]]
    for tier in ("named", "inferred", "general"):
        in_order += [pattern for entry in data["routes"] for pattern in entry.get(tier, ())]
    for kind in ("sites", "devices"):
        in_order += [pattern for patterns in data[kind].values() for pattern in patterns]
    assert len(in_order) > 400
    for rank, pattern in enumerate(in_order):
        for choice in (0, -1):
            tokens = prepare(simplest(pattern, choice)).tokens
            assert rank in {match.rank for match in reader.vocabulary.phrases.find(tokens)}, pattern


def simplest(pattern, choice):
    """A text with one choice of each step of a pattern."""
    steps = ["of" if step == "..." else step.removesuffix("?") for step in pattern.split()]
    return " ".join(step.split("|")[choice].rstrip("*") for step in steps)


def test_strata_are_those_of_the_tables():
    listed = published_schema("routes")["$defs"]["route"]["properties"]["stratum"]["enum"]
    assert set(STRATA) - set(listed) == {"several", "unmapped", "not reported"}
    assert set(listed) < set(STRATA)


GOOD = """
no_route: [nasal swab]
comparators: [placebo]
adjuncts: []
between: [of]
sharing: [or]
routes:
  - route: nasal
    ncit_code: C38284
    stratum: nasal
    named:
      - nasal
      - nostril*
sites: {}
devices: {}
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("nostril*", "nostr(il", ["routes.yaml:13", "/routes/0/named/1", "'nostr(il' is no word", "->"]),
        ("nostril*", "no*", ["routes.yaml:13", "four letters"]),
        ("nostril*", "nasal swab", ["routes.yaml:13", "line 2 already"]),
        ("stratum: nasal", "stratum: nosal", ["routes.yaml:10", "did you mean 'nasal'"]),
        ("C38284", "38284", ["ncit_code"]),
        ("- route:", "- rout:", ["rout"]),
        ("    named:\n      - nasal\n      - nostril*\n", "", ["/routes/0", "named, inferred and general"]),
        (
            "sites: {}",
            "  - {route: nasal, ncit_code: null, stratum: nasal, named: [nose]}\nsites: {}",
            ["twice"],
        ),
    ],
)
def test_a_broken_vocabulary_says_where(tmp_path, old, new, words):
    path = tmp_path / "routes.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert list(read_vocabulary(path).names) == ["nasal"]
    assert old in GOOD
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_vocabulary(path)
    assert [word for word in (str(path), *words) if word not in str(error.value)] == []
