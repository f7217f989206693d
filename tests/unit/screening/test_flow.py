import pytest
from screening_records import SCENARIO, trial, trials_of

from evdose.screening.decisions import Criteria, screen
from evdose.screening.duplicates import find_duplicates
from evdose.screening.eligibility import Rule
from evdose.screening.flow import assert_conservation, prisma_flow, summary

RULES = [
    Rule("no_registration", "screening", "no registration", {"field": "registered", "equals": False}),
    Rule("late", "screening", "too late", {"field": "first_posted", "after": "registered_to"}),
    Rule("much_later", "screening", "too late", {"field": "title", "matches": "later"}),
    Rule("secretome", "assessment", "secretome", {"field": "ev_class", "equals": "secretome"}),
]
TRIALS = trials_of(
    trial("NCT00000001"),
    trial("NCT00000002", "2026-01-01"),
    trial("NCT00000003", ev_class="secretome"),
    trial("NCT00000004"),
    trial("NCT00000005", title="much later"),
    trial("ChiCTR2100000001", registry="ChiCTR", secondary_ids="NCT00000001"),
    trial("PUB-1", registered=False, registry=None),
)
UNREADABLE = ["seeds/trials/broken.yaml"]
IDENTIFIED = [*TRIALS["trial_id"], *UNREADABLE]


@pytest.fixture
def screening():
    decisions = [{"record": "NCT00000004", "decision": "exclude", "reason": "not about vesicles"}]
    return screen(TRIALS, UNREADABLE, find_duplicates(TRIALS, []), Criteria(RULES, SCENARIO, decisions))


@pytest.fixture
def flow(screening):
    return prisma_flow(screening, TRIALS, RULES)


def test_the_boxes_in_order(flow):
    assert list(flow.itertuples(index=False, name=None)) == [
        ("identified", "ChiCTR", 1),
        ("identified", "ClinicalTrials.gov", 5),
        ("identified", "files that can't be read", 1),
        ("identified", "no registry (publications, web pages)", 1),
        ("identified", "total", 8),
        ("removed_before_screening", "duplicate: shares a registration number", 1),
        ("removed_before_screening", "can't be read", 1),
        ("removed_before_screening", "total", 2),
        ("screened", "total", 6),
        ("excluded_at_screening", "no registration", 1),
        ("excluded_at_screening", "too late", 2),
        ("excluded_at_screening", "total", 3),
        ("assessed", "total", 3),
        ("excluded_at_assessment", "secretome", 1),
        ("excluded_at_assessment", "not about vesicles", 1),
        ("excluded_at_assessment", "total", 2),
        ("included", "total", 1),
    ]


def test_the_flow_in_one_line(flow):
    assert summary(flow) == "8 records identified, 2 removed, 5 excluded, 1 trials included"


def test_nothing_is_lost(screening, flow):
    assert_conservation(screening, flow, IDENTIFIED)


def test_a_lost_record_is_named(screening, flow):
    with pytest.raises(AssertionError, match=r"8 records identified, 7 decided(.|\n)*NCT00000001"):
        assert_conservation(screening[screening["record_id"] != "NCT00000001"], flow, IDENTIFIED)


def test_a_record_decided_twice_is_noticed(screening, flow):
    with pytest.raises(AssertionError, match="9 decided"):
        assert_conservation(screening.loc[[0, *screening.index]], flow, IDENTIFIED)


@pytest.mark.parametrize("row", range(17))
def test_a_number_that_does_not_add_up_is_noticed(screening, flow, row):
    flow.loc[row, "n"] += 1
    with pytest.raises(AssertionError, match=str(flow.loc[row, "box"])):
        assert_conservation(screening, flow, IDENTIFIED)


def test_a_duplicate_must_lead_to_a_screened_record(screening, flow):
    duplicate = screening["decision"].eq("duplicate")
    screening.loc[duplicate, "duplicate_of"] = "ChiCTR2100000001"
    with pytest.raises(AssertionError, match="ChiCTR2100000001"):
        assert_conservation(screening, flow, IDENTIFIED)


def test_no_records():
    trials = trials_of()
    empty = screen(trials, [], find_duplicates(trials, []), Criteria(RULES, SCENARIO, []))
    flow = prisma_flow(empty, trials, RULES)
    assert flow["n"].eq(0).all()
    assert flow["line"].eq("total").all()
    assert len(flow) == 7
    assert_conservation(empty, flow, [])
