"""Laws of screening that hold for any records, any rules and any scenario."""

from collections import Counter

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from screening_records import trial, trials_of

from evdose.screening.decisions import Criteria, eligibility_switches, screen
from evdose.screening.duplicates import find_duplicates
from evdose.screening.eligibility import Rule
from evdose.screening.flow import assert_conservation, prisma_flow

SWITCHES = ["one", "two"]
EV_CLASSES = ["extracellular_vesicle", "secretome", "not_administered"]
MSC = ["yes", "no", "unknown"]
DAYS = st.dates(min_value=pd.Timestamp("2012-01-01").date(), max_value=pd.Timestamp("2026-12-31").date()).map(
    str
)

leaves = st.one_of(
    st.sampled_from(EV_CLASSES).map(lambda value: {"field": "ev_class", "equals": value}),
    st.lists(st.sampled_from(MSC), min_size=1).map(lambda values: {"field": "msc_derived", "in": values}),
    st.lists(st.sampled_from(MSC), min_size=1).map(lambda values: {"field": "msc_derived", "not_in": values}),
    st.booleans().map(lambda value: {"field": "registered", "equals": value}),
    st.booleans().map(lambda value: {"field": "status", "missing": value}),
    st.sampled_from(["A", "b", "."]).map(lambda value: {"field": "status", "matches": value}),
    DAYS.map(lambda day: {"field": "first_posted", "before": day}),
    st.sampled_from(["registered_from", "registered_to"]).map(
        lambda e: {"field": "first_posted", "after": e}
    ),
)
conditions = st.recursive(
    leaves,
    lambda parts: st.builds(
        lambda how, several: {how: several},
        st.sampled_from(["all", "any"]),
        st.lists(parts, min_size=1, max_size=3),
    ),
    max_leaves=5,
)
rule_sets = st.lists(
    st.tuples(
        st.sampled_from(["screening", "assessment"]),
        st.sampled_from(["reason a", "reason b {registered_from}", "reason c"]),
        conditions,
        st.sampled_from([None, *SWITCHES]),
    ),
    max_size=6,
).map(lambda rules: [Rule(f"rule_{i}", *rule) for i, rule in enumerate(rules)])


@st.composite
def records(draw):
    """Records of any kind, each of a registry of its own; some share a number or list another record."""
    n = draw(st.integers(0, 8))
    ids = [f"RECORD-{i}" for i in range(n)]
    shared = st.sampled_from([None, "U1111-0000-0001", "U1111-0000-0002", "grant 7", *ids])
    return [
        trial(
            record,
            draw(st.one_of(st.none(), DAYS)),
            registry=f"Registry {i}",
            registered=draw(st.booleans()),
            ev_class=draw(st.sampled_from(EV_CLASSES)),
            msc_derived=draw(st.sampled_from(MSC)),
            status=draw(st.sampled_from([None, "A", "B"])),
            secondary_ids=draw(shared),
        )
        for i, record in enumerate(ids)
    ]


@st.composite
def screenings(draw):
    """Trials, unreadable records, duplicates and criteria."""
    trials = trials_of(*draw(records()))
    duplicates = find_duplicates(trials, [])
    window = sorted([draw(DAYS), draw(DAYS)])
    scenario = {
        "registered_from": window[0],
        "registered_to": window[1],
        "switches": {switch: draw(st.sampled_from(["include", "exclude"])) for switch in SWITCHES},
    }
    free = sorted(set(trials["trial_id"]) - set(duplicates["record_id"]))
    decided = draw(st.lists(st.sampled_from(free), unique=True, max_size=2)) if free else []
    manual = [
        {
            "record": r,
            "decision": draw(st.sampled_from(["include", "exclude"])),
            "reason": "a person's reason",
        }
        for r in decided
    ]
    unreadable = draw(
        st.sampled_from([[], ["seeds/trials/x.yaml"], ["seeds/trials/x.yaml", "seeds/trials/y.yaml"]])
    )
    return trials, unreadable, duplicates, Criteria(draw(rule_sets), scenario, manual)


def oracle(condition, record, scenario):
    """The truth of a condition for one record, spelt out."""
    [(test, value)] = [(key, value) for key, value in condition.items() if key != "field"]
    if test in {"all", "any"}:
        return {"all": all, "any": any}[test](oracle(part, record, scenario) for part in value)
    cell = record[condition["field"]]
    if test == "missing" or pd.isna(cell):
        return test == "missing" and pd.isna(cell) is value
    truth = {
        "equals": lambda: bool(cell == value),
        "in": lambda: cell in value,
        "not_in": lambda: cell not in value,
        "matches": lambda: value == "." or value.lower() in cell.lower(),
        "before": lambda: cell < value,
        "after": lambda: cell > scenario[value],
    }
    return truth[test]()


@settings(max_examples=35, deadline=None)
@given(screenings())
def test_no_record_is_lost_and_every_box_adds_up(case):
    trials, unreadable, duplicates, criteria = case
    screening = screen(*case)
    flow = prisma_flow(screening, trials, criteria.rules)
    assert_conservation(screening, flow, [*trials["trial_id"], *unreadable])
    n = Counter(screening["decision"])
    assert len(trials) + len(unreadable) == sum(n.values())
    assert n["duplicate"] == len(duplicates)
    assert n["quarantined"] == len(unreadable)
    boxes = flow[flow["line"] == "total"].set_index("box")["n"]
    assert boxes["included"] == n["included"]
    assert boxes["excluded_at_screening"] + boxes["excluded_at_assessment"] == n["excluded"]
    assert boxes["identified"] == boxes["removed_before_screening"] + boxes["screened"]
    assert boxes["screened"] == boxes["excluded_at_screening"] + boxes["assessed"]
    assert boxes["assessed"] == boxes["excluded_at_assessment"] + boxes["included"]


@settings(max_examples=35, deadline=None)
@given(screenings())
def test_the_first_rule_that_applies_gives_the_reason(case):
    trials, _, duplicates, criteria = case
    scenario = criteria.scenario
    rules_of = screen(*case).set_index("record_id")["rule"]
    settled = {*duplicates["record_id"], *(decision["record"] for decision in criteria.manual_decisions)}
    for record in trials.to_dict("records"):
        applying = [
            rule.id
            for rule in criteria.rules
            if (rule.switch is None or scenario["switches"][rule.switch] == "exclude")
            and oracle(rule.when, record, scenario)
        ]
        if record["trial_id"] not in settled:
            assert rules_of[record["trial_id"]] == next(iter(applying), "eligible")


@settings(max_examples=20, deadline=None)
@given(screenings(), st.randoms(use_true_random=False))
def test_the_order_of_the_records_does_not_matter(case, random):
    trials, unreadable, _, criteria = case
    order = list(range(len(trials)))
    random.shuffle(order)
    shuffled = trials.iloc[order]
    again = screen(shuffled, unreadable[::-1], find_duplicates(shuffled, []), criteria)
    pd.testing.assert_frame_equal(again, screen(*case))


@settings(max_examples=20, deadline=None)
@given(screenings())
def test_a_switch_set_to_include_never_loses_a_trial(case):
    trials, _, duplicates, criteria = case
    table = eligibility_switches(trials, duplicates, criteria, n_review=66)
    n = table.set_index(["switch", "setting"])["n_included"]
    used = {rule.switch for rule in criteria.rules if rule.switch}
    assert len(table) == 1 + 2 * len(used)
    for switch in used:
        assert n[switch, "include"] >= n[switch, "exclude"]
    own = table[table["configured"]]
    assert own["change"].eq(0).all()
    assert own["n_included"].eq(screen(*case)["decision"].eq("included").sum()).all()


@settings(max_examples=35, deadline=None)
@given(records())
def test_merging_is_one_step_to_a_kept_record_and_changes_nothing_the_second_time(made):
    trials = trials_of(*made)
    duplicates = find_duplicates(trials, [])
    kept = set(trials["trial_id"]) - set(duplicates["record_id"])
    assert set(duplicates["duplicate_of"]) <= kept
    assert duplicates["record_id"].is_unique
    remaining = trials[trials["trial_id"].isin(kept)]
    links = {*zip(duplicates["record_id"], duplicates["duplicate_of"], strict=True)}
    registered = trials.set_index("trial_id")["registered"]
    assert all(registered[standing] or not registered[record] for record, standing in links)
    assert find_duplicates(remaining, []).empty
