import pytest
from screening_records import SCENARIO, trial, trials_of

from evdose.errors import InputError
from evdose.screening.eligibility import holds, read_rules
from places import PROJECT

SHIPPED = PROJECT / "config/eligibility.yaml"


@pytest.fixture(scope="module")
def rules():
    return read_rules(SHIPPED)


def first_rule(rules, record, **switches):
    trials = trials_of(record)
    scenario = {**SCENARIO, "switches": {**SCENARIO["switches"], **switches}}
    return next((rule.id for rule in rules if rule.excludes(trials, scenario)[0]), None)


INTERVAL_AT_START = {"first_posted_low": "2013-12-25", "first_posted_high": "2014-01-06"}
INTERVAL_AT_END = {"first_posted_low": "2024-12-25", "first_posted_high": "2025-01-06"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"registered": False, "registry": None}, "no_registration"),
        ({"posted": "2014-01-01"}, None),
        ({"posted": "2013-12-31"}, "registered_before_window"),
        ({"posted": "2024-12-31"}, None),
        ({"posted": "2025-01-01"}, "registered_after_window"),
        ({"posted": "2013-12-31", **INTERVAL_AT_START}, "registered_before_window_inferred"),
        ({"posted": "2014-01-01", **INTERVAL_AT_START}, None),
        ({"posted": "2025-01-01", **INTERVAL_AT_END}, "registered_after_window_inferred"),
        ({"posted": "2024-12-31", **INTERVAL_AT_END}, None),
        ({"posted": None, "first_posted_status": "unknown"}, "registration_date_unknown"),
        ({"ev_class": "not_administered"}, "ev_not_administered"),
        ({"msc_derived": "no"}, "not_msc_derived"),
        ({"msc_derived": "unknown"}, "msc_origin_unknown"),
        ({"ev_class": "secretome"}, "secretome"),
        ({"ev_class": "cells_with_ev"}, "cells_with_ev"),
        ({"ev_class": "engineered_ev"}, None),
        ({"study_type": "OBSERVATIONAL"}, "observational"),
        ({"study_type": "EXPANDED_ACCESS"}, "expanded_access"),
        ({"study_type": None}, "study_type_unknown"),
        ({"status": "WITHDRAWN"}, None),
        ({"registered": False, "posted": "1999-01-01", "msc_derived": "no"}, "no_registration"),
        ({"msc_derived": "no", "study_type": "OBSERVATIONAL"}, "not_msc_derived"),
    ],
)
def test_shipped_rules_give_the_first_reason(rules, changes, expected):
    assert first_rule(rules, trial("NCT00000001", **changes)) == expected


@pytest.mark.parametrize(
    ("switch", "changes", "rule"),
    [
        ("secretome", {"ev_class": "secretome"}, "secretome"),
        ("engineered_ev", {"ev_class": "engineered_ev"}, "engineered_ev"),
        ("cells_with_ev", {"ev_class": "cells_with_ev"}, "cells_with_ev"),
        ("observational", {"study_type": "OBSERVATIONAL"}, "observational"),
        ("expanded_access", {"study_type": "EXPANDED_ACCESS"}, "expanded_access"),
        ("withdrawn", {"status": "WITHDRAWN"}, "withdrawn"),
        ("unknown_msc_origin", {"msc_derived": "unknown"}, "msc_origin_unknown"),
        ("unknown_study_type", {"study_type": None}, "study_type_unknown"),
        ("unknown_registration_date", {"posted": None}, "registration_date_unknown"),
    ],
)
def test_a_switch_decides_its_rule_and_no_other(rules, switch, changes, rule):
    record = trial("NCT00000001", **changes)
    assert first_rule(rules, record, **{switch: "exclude"}) == rule
    assert first_rule(rules, record, **{switch: "include"}) is None
    assert first_rule(rules, trial("NCT00000001"), **{switch: "exclude"}) is None


def test_rules_of_screening_come_first_whatever_their_place(tmp_path):
    path = tmp_path / "eligibility.yaml"
    path.write_text(
        "rules:\n"
        "- {id: late, stage: assessment, reason: late, when: {field: status, missing: true}}\n"
        "- {id: early, stage: screening, reason: early, when: {field: status, missing: true}}\n"
        "- {id: early_too, stage: screening, reason: early too, when: {field: status, missing: true}}\n"
    )
    assert [rule.id for rule in read_rules(path)] == ["early", "early_too", "late"]


def test_reason_names_the_window(rules):
    reasons = {rule.id: rule.reason_in(SCENARIO) for rule in rules}
    assert reasons["registered_before_window"] == "registered before 2014-01-01"
    assert "2024-12-31" in reasons["registered_after_window_inferred"]
    assert not any("{" in reason for reason in reasons.values())


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"field": "status", "equals": "A"}, [True, False, False]),
        ({"field": "status", "in": ["A", "B"]}, [True, True, False]),
        ({"field": "status", "not_in": ["A"]}, [False, True, False]),
        ({"field": "status", "missing": True}, [False, False, True]),
        ({"field": "status", "missing": False}, [True, True, False]),
        ({"field": "enrollment", "equals": 12}, [True, False, False]),
        ({"field": "has_results", "equals": False}, [False, True, False]),
        ({"field": "conditions", "matches": "psoria"}, [True, False, False]),
        ({"field": "conditions", "matches": "^asthma$"}, [False, False, False]),
        ({"field": "start_date", "before": "2020-03-31"}, [False, False, True]),
        ({"field": "start_date", "before": "2020-04-01"}, [True, False, True]),
        ({"field": "start_date", "after": "2020-02-29"}, [True, False, True]),
        ({"field": "start_date", "after": "2020-03-01"}, [False, False, True]),
        ({"field": "first_posted", "after": "registered_to"}, [False, True, False]),
        (
            {"all": [{"field": "status", "missing": False}, {"field": "enrollment", "equals": 12}]},
            [True, False, False],
        ),
        (
            {"any": [{"field": "status", "missing": True}, {"field": "enrollment", "equals": 12}]},
            [True, False, True],
        ),
        (
            {"any": [{"all": [{"field": "status", "in": ["A", "B"]}, {"field": "enrollment", "equals": 3}]}]},
            [False, True, False],
        ),
    ],
)
def test_conditions(condition, expected):
    trials = trials_of(
        trial(
            "A1",
            status="A",
            enrollment=12,
            has_results=True,
            conditions="Asthma; PSORIASIS",
            start_date="2020-03",
        ),
        trial("A2", "2026-01-01", status="B", enrollment=3, has_results=False, start_date="2020"),
        trial("A3", start_date="2020-03-30"),
    )
    assert holds(condition, trials, SCENARIO).tolist() == expected


def test_conditions_on_no_records():
    assert holds({"all": [{"field": "status", "equals": "A"}]}, trials_of(), SCENARIO).tolist() == []


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("{field: msc_derivd, equals: 'yes'}", "did you mean 'msc_derived'"),
        ("{field: msc_derived, equals: maybe}", "one of yes, no, unknown"),
        ("{field: ev_class, in: [secretome, secretum]}", "never is 'secretum'"),
        ("{field: registered, equals: 'true'}", "type bool"),
        ("{field: enrollment, equals: twelve}", "type int"),
        ("{field: enrollment, equals: true}", "type int"),
        ("{field: enrollment, before: 2020-01-01}", "can't test enrollment"),
        ("{field: title, matches: '(open'}", "regular expression"),
        ("{field: first_posted, before: 2020-02-30}", "isn't a day"),
        ("{field: first_posted, before: soon}", "YYYY-MM-DD"),
        ("{field: status, equls: A}", "did you mean 'equals'"),
        ("{field: status}", "exactly one of equals"),
        ("{field: status, equals: A, missing: true}", "exactly one of equals"),
        ("{equals: A}", "field"),
        ("{all: []}", "list of conditions"),
        ("{all: [{field: status, missing: true}], any: [{field: status, missing: true}]}", "all"),
        ("{all: [{field: statsu, missing: true}]}", "did you mean 'status'"),
    ],
)
def test_a_condition_that_can_not_be_tested_is_refused(tmp_path, when, said):
    path = tmp_path / "eligibility.yaml"
    path.write_text(f"rules:\n- id: a_rule\n  stage: screening\n  reason: a reason\n  when: {when}\n")
    with pytest.raises(InputError) as error:
        read_rules(path)
    assert said in str(error.value)
    assert f"{path}:5" in str(error.value)


def test_an_id_that_stands_twice_is_refused(tmp_path):
    rule = "- {id: twin, stage: screening, reason: a reason, when: {field: status, missing: true}}\n"
    path = tmp_path / "eligibility.yaml"
    path.write_text(f"rules:\n{rule}{rule}")
    with pytest.raises(InputError, match=r":3 .*'twin' stands twice"):
        read_rules(path)
