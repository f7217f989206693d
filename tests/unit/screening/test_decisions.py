import pandas as pd
import pytest
from screening_records import SCENARIO, trial, trials_of

from evdose.errors import InputError
from evdose.records.tables import QUARANTINE
from evdose.screening.decisions import (
    Criteria,
    eligibility_switches,
    idle_decisions,
    screen,
    unreadable_records,
)
from evdose.screening.duplicates import find_duplicates
from evdose.screening.eligibility import Rule
from evdose.tables import frame_of

RULES = [
    Rule("no_registration", "screening", "no registration", {"field": "registered", "equals": False}),
    Rule("late", "screening", "after {registered_to}", {"field": "first_posted", "after": "registered_to"}),
    Rule("secretome", "assessment", "secretome", {"field": "ev_class", "equals": "secretome"}, "secretome"),
    Rule("withdrawn", "assessment", "withdrawn", {"field": "status", "equals": "WITHDRAWN"}, "withdrawn"),
]
TRIALS = trials_of(
    trial("NCT00000001"),
    trial("NCT00000002", "2026-01-01", ev_class="secretome"),
    trial("NCT00000003", ev_class="secretome"),
    trial("NCT00000004", status="WITHDRAWN"),
    trial("ChiCTR2100000001", registry="ChiCTR", secondary_ids="NCT00000001"),
    trial("PUB-1", registered=False, registry=None),
)
DUPLICATES = find_duplicates(TRIALS, [])


def manual(record, decision, reason="read by a person"):
    return {"record": record, "decision": decision, "reason": reason}


def screened(*decisions, unreadable=(), rules=RULES):
    table = screen(TRIALS, unreadable, DUPLICATES, Criteria(rules, SCENARIO, decisions))
    return table.set_index("record_id")


def test_every_record_has_one_decision_reason_and_rule():
    table = screened(unreadable=["seeds/trials/broken.yaml"])
    assert table["decision"].to_dict() == {
        "ChiCTR2100000001": "duplicate",
        "NCT00000001": "included",
        "NCT00000002": "excluded",
        "NCT00000003": "excluded",
        "NCT00000004": "included",
        "PUB-1": "excluded",
        "seeds/trials/broken.yaml": "quarantined",
    }
    assert table["rule"].to_dict() | {"NCT00000001": ""} == {
        "ChiCTR2100000001": "shared_identifier",
        "NCT00000001": "",
        "NCT00000002": "late",
        "NCT00000003": "secretome",
        "NCT00000004": "eligible",
        "PUB-1": "no_registration",
        "seeds/trials/broken.yaml": "quarantine",
    }
    assert table.loc["NCT00000002", "reason"] == "after 2024-12-31"
    assert table["duplicate_of"].dropna().to_dict() == {"ChiCTR2100000001": "NCT00000001"}


def test_the_order_of_the_rules_decides_the_reason():
    late, secretome = RULES[1], RULES[2]
    assert screened(rules=[secretome, late]).loc["NCT00000002", "rule"] == "secretome"


def test_a_persons_decision_wins_over_the_rules():
    table = screened(manual("NCT00000001", "exclude", "gives cells"), manual("PUB-1", "include", "seen"))
    assert table.loc["NCT00000001"].tolist()[:3] == ["excluded", "gives cells", "manual decision"]
    assert table.loc["PUB-1"].tolist()[:3] == ["included", "seen", "manual decision"]
    assert table.loc["NCT00000003", "rule"] == "secretome"


def test_a_decision_that_changes_nothing_is_told():
    decisions = [
        manual("NCT00000001", "include"),
        manual("PUB-1", "exclude"),
        manual("NCT00000003", "include"),
    ]
    warnings = idle_decisions(TRIALS, Criteria(RULES, SCENARIO, decisions))
    assert len(warnings) == 2
    assert "include NCT00000001 changes nothing" in warnings[0]
    assert "exclude PUB-1 changes nothing" in warnings[1]
    assert "no registration" in warnings[1]


@pytest.mark.parametrize(
    ("decisions", "said"),
    [
        ([manual("NCT0000003", "include")], "did you mean 'NCT00000003'"),
        ([manual("ChiCTR2100000001", "include")], "duplicate of NCT00000001"),
        ([manual("PUB-1", "include"), manual("PUB-1", "exclude")], "decided 2 times"),
    ],
)
def test_a_decision_that_can_not_be_followed_is_refused(decisions, said):
    with pytest.raises(InputError) as error:
        screened(*decisions)
    assert said in str(error.value)
    assert "manual_decisions/0" in str(error.value)


def test_switches_one_at_a_time_beside_the_review():
    criteria = Criteria(RULES, SCENARIO, [])
    table = eligibility_switches(TRIALS, DUPLICATES, criteria, n_review=66)
    assert list(table.itertuples(index=False, name=None)) == [
        ("as configured", "as configured", True, 2, 0, 66),
        ("secretome", "include", False, 3, 1, 66),
        ("secretome", "exclude", True, 2, 0, 66),
        ("withdrawn", "include", True, 2, 0, 66),
        ("withdrawn", "exclude", False, 1, -1, 66),
    ]


def test_switches_keep_a_persons_decisions():
    criteria = Criteria(RULES, SCENARIO, [manual("NCT00000003", "include")])
    table = eligibility_switches(TRIALS, DUPLICATES, criteria, n_review=66)
    assert table.set_index(["switch", "setting"])["n_included"].to_dict() == {
        ("as configured", "as configured"): 3,
        ("secretome", "include"): 3,
        ("secretome", "exclude"): 3,
        ("withdrawn", "include"): 3,
        ("withdrawn", "exclude"): 2,
    }


def test_quarantined_trial_cards_are_records_and_other_files_are_not():
    rows = [
        ("seeds/trials/b.yaml", "/arms/0/dose"),
        ("seeds/trials/b.yaml", "/arms/0/dose"),
        ("seeds/trials/a.yaml", None),
        ("seeds/outcomes/c.yaml", "/rows/1"),
    ]
    quarantine = frame_of([{"file": f, "place": p, "what": "w", "remedy": "r"} for f, p in rows], QUARANTINE)
    assert unreadable_records(quarantine, "seeds/trials/*.yaml") == [
        "seeds/trials/a.yaml",
        "seeds/trials/b.yaml /arms/0/dose",
    ]
    assert unreadable_records(frame_of([], QUARANTINE), "seeds/trials/*.yaml") == []


def test_no_records_at_all():
    trials = trials_of()
    criteria = Criteria(RULES, SCENARIO, [])
    none = find_duplicates(trials, [])
    assert screen(trials, [], none, criteria).empty
    assert eligibility_switches(trials, none, criteria, 66)["n_included"].eq(0).all()


def test_the_order_of_the_records_does_not_matter():
    shuffled = TRIALS.sample(frac=1, random_state=3)
    table = screen(shuffled, [], find_duplicates(shuffled, []), Criteria(RULES, SCENARIO, []))
    pd.testing.assert_frame_equal(table.set_index("record_id"), screened())
