"""Synthesis: what is pooled, what is refused, and the sign test."""

from __future__ import annotations

import numpy as np
import pytest

from evdose.modelling.dependent_effects import CORRELATION, within_study_covariance
from evdose.modelling.effect_direction import effect_directions
from evdose.modelling.effects import find_effects
from evdose.modelling.estimators.binomial_normal import pool_proportions
from evdose.modelling.estimators.effect_size import Counts, log_odds_ratio
from evdose.modelling.estimators.hypergeometric_normal import pool_odds_ratios, tables
from evdose.modelling.estimators.pooling import pool
from evdose.modelling.estimators.small_study_effects import egger_test
from evdose.modelling.shared_control import arm_covariance
from evdose.modelling.synthesis import combine_arms, synthesise
from published_studies import MODELS, RULE, evidence, several

COUNTS = {"A": ((4, 21), (13, 24)), "B": ((2, 30), (9, 30)), "C": ((6, 15), (7, 16))}


def controlled(study, stratum="intravenous", **of_study):
    treated, control = ({"events": x, "n": n} for x, n in COUNTS[study])
    return evidence(
        treated, control | {"arm": 2}, study=study, roles="ep", arms={"stratum": stratum}, **of_study
    )


def synthesis(*studies, models=MODELS):
    found = several(*studies)
    effects = find_effects(found, models)
    return synthesise(effects, effect_directions(found, effects, models, RULE), models)


def row(table, **where):
    for name, value in ({"analysis": "random_effects", "sensitivity": "main"} | where).items():
        table = table[table[name] == value]
    (found,) = table.to_dict("records")
    return found


def test_log_odds_ratios_are_pooled_by_reml():
    found = row(synthesis(*map(controlled, COUNTS)), measure="log_odds_ratio", stratum="all")
    effects = [log_odds_ratio(Counts(*treated), Counts(*control)) for treated, control in COUNTS.values()]
    expected = pool(
        np.array([-float(e.estimate) for e in effects]), np.array([float(e.variance) for e in effects])
    )
    assert found["estimate"] == pytest.approx(expected.estimate)
    assert (found["low"], found["high"]) == pytest.approx((expected.low, expected.high))
    assert (found["tau2"], found["i2"], found["q"]) == pytest.approx(
        (expected.tau2, expected.i2, expected.q), abs=1e-9
    )
    assert (found["studies"], found["arms"], found["participants"]) == (3, 3, 21 + 24 + 60 + 31)
    assert found["status"] == "estimated"


def test_a_stratum_too_small_says_what_it_lacks():
    table = synthesis(controlled("A"), controlled("B"), controlled("C", stratum="topical"))
    topical = row(table, measure="log_odds_ratio", stratum="topical")
    assert (topical["status"], topical["why"]) == ("not_estimable", "1 study; pooling needs 2")
    assert topical["needs"] == "1 more study with such an effect of the primary outcome"
    assert np.isnan(topical["estimate"])
    two = row(table, measure="log_odds_ratio", stratum="intravenous")
    assert two["status"] == "estimated"
    assert "2 studies tell nothing of heterogeneity" in two["why"]
    assert np.isnan(two["prediction_low"])


def test_the_number_of_studies_needed_is_the_configs():
    table = synthesis(*map(controlled, COUNTS), models=MODELS | {"min_studies_pooling": 4})
    found = row(table, measure="log_odds_ratio", stratum="all")
    assert found["why"] == "3 studies; pooling needs 4"
    assert found["studies"] == 3


def test_domains_and_measures_are_never_mixed():
    table = synthesis(controlled("A"), controlled("B", outcome="walked", outcome_domain="pain"))
    pooled = table[(table["analysis"] == "random_effects") & (table["sensitivity"] == "main")]
    assert set(pooled["outcome_domain"]) == {"mortality", "pain"}
    assert (pooled["status"] == "not_estimable").all()


def test_derived_counts_are_left_out_and_counted():
    table = synthesis(controlled("A"), controlled("B", derived=True))
    found = row(table, measure="log_odds_ratio", stratum="all")
    assert found["studies"] == 1
    assert found["why"] == "1 study; pooling needs 2; 1 study left out: counts worked back"


def test_other_outcomes_of_a_study_are_not_pooled():
    both = evidence(
        {"events": 3, "n": 9}, {"events": 5, "n": 9, "outcome": "pain", "outcome_domain": "pain"}, study="D"
    )
    found = row(synthesis(both), outcome_domain="pain", stratum="all")
    assert found["why"] == "0 studies; pooling needs 2; 1 study left out: not the primary outcome"


def test_a_study_that_is_left_out_is_counted_once():
    """Printed changes and estimated values of a domain that isn't the one of its primary outcome."""
    score = {"outcome_domain": "lab", "kind": "continuous", "n": 20, "outcome": "level"}
    quantiles = {"median": 5.0, "q1": 4.0, "q3": 6.0}
    changes = {"mean": 1.0, "sd": 2.0, "change_from_baseline": True}
    both = evidence(
        {"events": 4, "n": 20},
        {"events": 9, "n": 20, "arm": 2},
        *(score | numbers | {"arm": arm} for numbers in (quantiles, changes) for arm in (1, 2)),
        roles="ep",
    )
    found = row(synthesis(both), outcome_domain="lab", stratum="all")
    assert found["why"] == "0 studies; pooling needs 2; 1 study left out: not the primary outcome"


def test_risk_ratios_of_the_better_and_of_the_worse_outcome_carry_a_warning():
    healed = {"outcome": "healed", "outcome_domain": "pain", "direction": "higher is better"}
    ill = healed | {"outcome": "not healed", "direction": "lower is better"}
    better, worse, also_worse = (
        controlled(name, **of) for name, of in (("A", healed), ("B", ill), ("C", ill))
    )
    warning = "risk ratios of the better and of the worse outcome together"
    mixed, alike = synthesis(better, worse), synthesis(worse, also_worse)
    assert warning in row(mixed, measure="log_risk_ratio", stratum="all")["why"]
    assert warning not in row(mixed, measure="log_odds_ratio", stratum="all")["why"]
    assert warning not in row(alike, measure="log_risk_ratio", stratum="all")["why"]


def test_studies_of_one_trial_carry_a_warning():
    def why(*trials):
        studies = (controlled(name, trial_id=trial) for name, trial in zip("AB", trials, strict=True))
        return row(synthesis(*studies), measure="log_odds_ratio", stratum="all")["why"]

    assert "studies of one trial taken as independent" in why("NCT1", "NCT1")
    assert "one trial" not in why("NCT1", "NCT2")
    assert "one trial" not in why(None, None)


def test_shares_are_pooled_on_counts():
    studies = [evidence({"events": x, "n": n}, study=name) for name, x, n in (("A", 1, 9), ("B", 4, 11))]
    found = row(synthesis(*studies), measure="proportion", stratum="all")
    expected = pool_proportions(np.array([8, 7]), np.array([9, 11]))
    assert found["estimate"] == pytest.approx(expected.estimate)
    assert (found["low"], found["high"]) == pytest.approx((expected.low, expected.high))


def test_shares_without_a_finite_estimate_are_refused():
    studies = [evidence({"events": 0, "n": n}, study=name) for name, n in (("A", 9), ("B", 11))]
    found = row(synthesis(*studies), measure="proportion", stratum="all")
    assert (found["status"], found["why"]) == (
        "not_estimable",
        "the better outcome in all of 20 participants: the model has no finite estimate",
    )


def test_arms_that_share_a_control_count_as_one_study_with_its_covariance():
    three = evidence(
        *({"arm": arm, "events": x, "n": 20} for arm, x in ((1, 4), (2, 6), (3, 11))), study="T", roles="eep"
    )
    effects = find_effects(three, MODELS)
    odds = effects[effects["measure"] == "log_odds_ratio"]
    y, v = combine_arms(odds)
    shared = 1 / 11 + 1 / 9
    covariance = np.array([[odds["variance"].iloc[0], shared], [shared, odds["variance"].iloc[1]]])
    weight = np.linalg.inv(covariance).sum(axis=0)
    assert y == pytest.approx(weight @ odds["estimate"] / weight.sum())
    assert v == pytest.approx(1 / weight.sum())
    assert v > 1 / (1 / odds["variance"]).sum()  # less is known than from two independent studies
    found = row(synthesis(three, controlled("A")), measure="log_odds_ratio", stratum="all")
    assert (found["studies"], found["arms"], found["participants"]) == (2, 3, 60 + 45)


def test_arms_that_share_a_control_share_the_spread_of_it_and_of_the_pooled_sd():
    rows = [{"mean": mean, "n": n} for mean, n in ((5.0, 12), (7.0, 8), (9.0, 10))]
    score = {"outcome": "score", "outcome_domain": "function score", "kind": "continuous", "sd": 2.0}
    three = evidence(*(r | {"arm": i} for i, r in enumerate(rows, 1)), roles="eep", **score)
    g = find_effects(three, MODELS)
    shared = 1 / 10 + g["estimate"].prod() / (2 * 30)  # Gleser and Olkin 2009
    covariance = np.diag(g["variance"] - shared) + shared
    weight = np.linalg.inv(covariance).sum(axis=0)
    expected = weight @ g["estimate"] / weight.sum(), 1 / weight.sum()
    assert combine_arms(g) == pytest.approx(expected)


def test_two_halves_of_an_arm_say_nearly_what_the_whole_arm_says():
    score = {"outcome": "score", "outcome_domain": "function score", "kind": "continuous", "sd": 2.0}
    halves = [{"arm": 1, "mean": 8.0, "n": 200}, {"arm": 2, "mean": 8.0, "n": 200}]
    control = {"mean": 9.0, "n": 400}
    split = find_effects(evidence(*halves, control | {"arm": 3}, roles="eep", **score), MODELS)
    whole = find_effects(evidence({"mean": 8.0, "n": 400}, control | {"arm": 2}, roles="ep", **score), MODELS)
    estimate, variance = combine_arms(split)
    assert estimate == pytest.approx(whole["estimate"].item(), rel=2e-3)
    assert variance == pytest.approx(whole["variance"].item(), rel=1e-2)


def test_a_pooled_risk_difference_stays_between_minus_one_and_one():
    studies = [
        evidence({"events": 2, "n": 2}, {"arm": 2, "events": 0, "n": 2}, study=s, roles="ep") for s in "AB"
    ]
    found = row(synthesis(*studies), measure="risk_difference", stratum="all")
    assert found["low"] == -1
    assert found["high"] <= 1


def test_the_sign_test_gives_each_controlled_study_one_vote():
    split = evidence(
        *({"arm": arm, "events": x, "n": 20} for arm, x in ((1, 4), (2, 14), (3, 11))), study="S", roles="eep"
    )
    agreed = evidence(
        *({"arm": arm, "events": x, "n": 20} for arm, x in ((1, 4), (2, 6), (3, 11))), study="T", roles="eep"
    )
    alone = evidence({"outcome": "x", "events": 1, "n": 9}, study="U")
    found = row(
        synthesis(split, agreed, alone, *map(controlled, COUNTS)), analysis="sign_test", stratum="all"
    )
    assert (found["studies"], found["arms"]) == (4, 5)
    assert found["estimate"] == 1
    assert found["p_value"] == found["smallest_p"] == pytest.approx(0.125)
    assert "4 studies with a clear direction, of 5 with a control: 4 benefit, 0 harm" in found["why"]
    assert "can't reject at this size" in found["why"]


def test_one_vote_is_no_test():
    found = row(synthesis(controlled("A")), analysis="sign_test", stratum="all")
    assert found["status"] == "not_estimable"
    assert "the sign test needs 2" in found["why"]


def test_a_direction_known_by_its_p_value_alone_has_no_vote():
    """Such studies can vote for benefit only: nobody prints a low p-value and leaves the harm unsaid."""
    p = {"p_value": 0.005, "p_value_against": "control", "authors_call_effective": "yes"}
    silent = evidence(
        {"outcome": "scar", "outcome_domain": "function score", "kind": "continuous", **p},
        study="P",
        design="RCT",
    )
    found = row(synthesis(silent, *map(controlled, COUNTS)), analysis="sign_test", stratum="all")
    assert found["studies"] == 3
    assert "(1 left out: direction known only because p was low)" in found["why"]


def test_sensitivity_analyses_stand_only_where_they_add_effects():
    table = synthesis(controlled("A"), controlled("B", derived=True), controlled("C", derived=True))
    odds = table[(table["measure"] == "log_odds_ratio") & (table["stratum"] == "all")]
    assert odds["sensitivity"].tolist() == ["main", "derived_counts"] * 2  # pooled; conditional logistic
    wider = row(table, measure="log_odds_ratio", stratum="all", sensitivity="derived_counts")
    assert (wider["status"], wider["studies"]) == ("estimated", 3)
    assert row(table, measure="log_odds_ratio", stratum="all")["status"] == "not_estimable"


def test_domains_come_together_on_the_scale_of_g_in_a_sensitivity_analysis_only():
    score = {"outcome": "score", "outcome_domain": "function score", "kind": "continuous", "sd": 2.0}
    means = evidence({"mean": 5.0, "n": 12}, {"arm": 2, "mean": 7.0, "n": 9}, study="G", roles="ep", **score)
    table = synthesis(means, controlled("A"))
    found = row(table, sensitivity="all_domains", stratum="all")
    assert (found["measure"], found["outcome_domain"], found["studies"]) == ("hedges_g", "all", 2)
    effects = find_effects(several(means, controlled("A")), MODELS).set_index("measure")
    g, odds = effects.loc["hedges_g"], effects.loc["log_odds_ratio"]
    factor = 3**0.5 / np.pi
    expected = pool(
        np.array([g["estimate"], factor * odds["estimate"]]),
        np.array([g["variance"], factor**2 * odds["variance"]]),
    )
    assert found["estimate"] == pytest.approx(expected.estimate)
    assert "log odds ratios turned into g" in found["why"]
    assert "final values and changes together" not in found["why"]
    assert (table["sensitivity"] == "all_domains").sum() == 2  # all routes, intravenous


def test_odds_ratios_of_rare_events_come_from_the_counts():
    counted = {
        "A": ((0, 20), (3, 21)),
        "B": ((1, 25), (4, 24)),
        "C": ((0, 30), (0, 30)),
        "D": ((2, 40), (4, 41)),
    }
    studies = [
        evidence(
            *({"arm": i, "events": x, "n": n} for i, (x, n) in enumerate(arms, 1)), study=name, roles="ep"
        )
        for name, arms in counted.items()
    ]
    found = row(synthesis(*studies), analysis="conditional_logistic", stratum="all")
    treated, control = (
        [[n - x for x, n in arms], [n for _, n in arms]] for arms in zip(*counted.values(), strict=True)
    )
    expected = pool_odds_ratios(tables(*treated, *control))
    assert found["measure"] == "log_odds_ratio"
    assert found["estimate"] == pytest.approx(expected.estimate)
    assert found["estimate"] > 0  # fewer deaths are a benefit
    assert (found["low"], found["high"]) == pytest.approx((expected.low, expected.high))
    assert (found["studies"], found["df"]) == (4, 2)
    assert "1 study in which nobody or everybody had the event: no information" in found["why"]


def test_a_half_in_empty_cells_carries_a_warning():
    empty = evidence(
        {"events": 0, "n": 20},
        {"arm": 2, "events": 3, "n": 21},
        study="E",
        roles="ep",
        arms={"stratum": "topical"},
    )
    table = synthesis(empty, controlled("A"), controlled("B"), controlled("C", stratum="topical"))
    warning = "0.5 added to the empty cells of 1 study"
    for measure in ("log_odds_ratio", "log_risk_ratio"):
        assert warning in row(table, measure=measure, stratum="all")["why"]
        assert warning in row(table, measure=measure, stratum="topical")["why"]
        assert "0.5 added" not in row(table, measure=measure, stratum="intravenous")["why"]
    assert warning not in row(table, measure="risk_difference", stratum="all")["why"]  # estimate as counted


def test_few_participants_in_a_cell_carry_a_warning():
    """The smaller of events and others decides, in either arm; 5 are enough."""

    def why(treated, control, measure="log_odds_ratio"):
        found = synthesis(
            *(
                evidence(
                    *({"arm": i, "events": x, "n": 40} for i, x in enumerate(events, 1)), study=s, roles="ep"
                )
                for s, events in (("A", (treated, control)), ("B", (12, 15)), ("C", (11, 17)))
            )
        )
        return row(found, measure=measure, stratum="all")["why"]

    warning = "fewer than 5 participants in a cell of 1 study: ratio and variance are tied"
    for few in ((4, 12), (12, 4), (36, 20), (20, 36)):
        assert warning in why(*few)
        assert warning in why(*few, measure="log_risk_ratio")
        assert "0.5 added" not in why(*few)
    assert "tied" not in why(5, 35)
    assert "tied" not in why(4, 12, measure="risk_difference")


def test_odds_ratios_that_differ_where_events_are_rare_carry_a_warning():
    """Both ways: where the event is rare, and where its absence is."""

    def why(*arms):
        studies = [
            evidence(
                *({"arm": i, "events": x, "n": 200} for i, x in enumerate(events, 1)), study=name, roles="ep"
            )
            for name, events in zip("ABCDE", arms, strict=True)
        ]
        return row(synthesis(*studies), analysis="conditional_logistic", stratum="all")["why"]

    differing = ((2, 14), (20, 9), (3, 16), (18, 7), (5, 9))
    warning = "the estimate is drawn towards studies in which more of the treated had it"
    assert warning in why(*differing)
    assert warning in why(*((200 - a, 200 - b) for a, b in differing))
    assert warning not in why(*((60 + 2 * a, 60 + 2 * b) for a, b in differing))  # differ, but common
    alike = why(*[(8, 12)] * 5)
    assert "τ² 0" in alike
    assert warning not in alike  # rare, but alike


def test_an_odds_ratio_without_a_finite_estimate_says_what_is_sure():
    studies = [
        evidence({"events": 0, "n": 20}, {"arm": 2, "events": 3, "n": 20}, study=s, roles="ep") for s in "AB"
    ]
    found = row(synthesis(*studies), analysis="conditional_logistic", stratum="all")
    assert found["status"] == "not_estimable"
    assert "the exact interval of an odds ratio common to all begins at 1." in found["why"]
    assert np.isnan(found["estimate"])


def test_what_effects_share_never_exceeds_their_variance():
    """Large effects, and outcomes seen in very different numbers of participants."""
    score = {"outcome_domain": "function score", "kind": "continuous", "direction": "higher is better"}
    study = evidence(
        *(
            score | {"outcome": outcome, "arm": arm, "mean": mean, "sd": 1.0, "n": n}
            for outcome, n in (("few", 10), ("many", 40))
            for arm, mean in ((1, 6.0), (2, 6.0), (3, 0.0))
        ),
        roles="eep",
    )
    covariance = within_study_covariance(find_effects(study, MODELS))
    assert np.linalg.eigvalsh(covariance).min() > 0


def several_effects_a_study(names, times=(30.0, 90.0), seed=1):
    random = np.random.default_rng(seed)
    score = {"outcome": "score", "outcome_domain": "function score", "kind": "continuous", "sd": 2.0, "n": 20}
    return [
        evidence(
            *(
                {"arm": arm, "mean": 5.0 + arm + random.normal(), "timepoint_days": time}
                for time in times
                for arm in (1, 2)
            ),
            study=name,
            roles="ep",
            **score,
        )
        for name in names
    ]


def test_all_effects_of_a_study_are_pooled_as_dependent():
    found = row(synthesis(*several_effects_a_study("ABCDEFG")), analysis="three_level", stratum="all")
    assert (found["status"], found["studies"], found["arms"]) == ("estimated", 7, 7)
    assert found["why"].startswith("14 effects of 7 studies; three-level model, REML")
    assert found["participants"] == 7 * 40
    assert found["df"] == pytest.approx(6, abs=0.5)
    assert found["low"] < found["estimate"] < found["high"]


def test_the_three_level_model_needs_two_studies_more_than_parameters():
    found = row(synthesis(*several_effects_a_study("ABC")), analysis="three_level", stratum="all")
    assert (found["status"], found["needs"]) == ("not_estimable", "2 more studies with such an effect")
    assert found["why"] == "6 effects of 3 studies; the three-level model needs 5 studies"


def test_few_degrees_of_freedom_carry_a_warning():
    found = row(
        synthesis(*several_effects_a_study("ABCD"), *several_effects_a_study("E", times=(1.0, 2.0, 3.0))),
        analysis="three_level",
        stratum="all",
    )
    assert (found["df"] < 4) == ("aren't reliable (Tipton 2015)" in found["why"])
    assert found["df"] < 4


def test_one_effect_a_study_has_no_three_level_row():
    assert "three_level" not in set(synthesis(*map(controlled, COUNTS))["analysis"])


def test_what_effects_of_a_study_share_is_in_their_covariance():
    rows = [
        {"arm": a, "mean": 5.0 + a, "n": 10 * a, "timepoint_days": t} for t in (1.0, 2.0) for a in (1, 2, 3)
    ]
    score = {"outcome": "score", "outcome_domain": "function score", "kind": "continuous", "sd": 2.0}
    effects = find_effects(evidence(*rows, roles="eep", **score), MODELS)
    effects = effects.sort_values(["timepoint_days", "arm"], ignore_index=True)
    covariance = within_study_covariance(effects)
    now, later = covariance[:2, :2], covariance[:2, 2:]
    assert now == pytest.approx(arm_covariance(effects[:2]))
    assert np.diag(covariance) == pytest.approx(effects["variance"])
    assert later[0, 1] == pytest.approx(CORRELATION * now[0, 1], rel=1e-6)
    assert later[0, 0] == pytest.approx(CORRELATION * now[0, 0], rel=1e-6)
    assert np.linalg.eigvalsh(covariance).min() > 0


def test_small_study_effects_are_tested_from_the_configured_number_up():
    names = "ABCDEFGHIJ"
    counted = [((i + 1, 20 + 5 * i), (2 * i + 3, 22 + 5 * i)) for i in range(len(names))]
    studies = [
        evidence(
            *({"arm": i, "events": x, "n": n} for i, (x, n) in enumerate(arms, 1)), study=name, roles="ep"
        )
        for name, arms in zip(names, counted, strict=True)
    ]
    found = row(synthesis(*studies), analysis="egger", measure="log_odds_ratio", stratum="all")
    odds = find_effects(several(*studies), MODELS).query("measure == 'log_odds_ratio'")
    expected = egger_test(odds["estimate"].to_numpy(), odds["variance"].to_numpy())
    assert (found["estimate"], found["p_value"]) == pytest.approx((expected.slope, expected.p_value))
    assert (found["low"] < 0 < found["high"]) == (found["p_value"] > 0.05)
    fewer = row(synthesis(*studies[:9]), analysis="egger", measure="log_odds_ratio", stratum="all")
    assert (fewer["status"], fewer["needs"]) == ("not_estimable", "1 more study with such an effect")
    table = synthesis(controlled("A"))
    assert "egger" not in set(table["analysis"])  # nothing is pooled: nothing to test


def test_every_stratum_has_its_rows_and_all_comes_first():
    table = synthesis(controlled("A"), controlled("B", stratum="topical"))
    for analysis in ("random_effects", "conditional_logistic", "sign_test"):
        rows = table[(table["analysis"] == analysis) & (table["sensitivity"] == "main")]
        assert rows["stratum"].drop_duplicates().tolist() == ["all", "intravenous", "topical"]


def test_no_evidence_still_says_so():
    table = synthesis(controlled("A").head(0))
    assert table["analysis"].tolist() == ["sign_test"]
    assert table["why"].item().startswith("0 studies")
