"""Synthesis: what is pooled, what is refused, and the sign test."""

from __future__ import annotations

import numpy as np
import pytest
from published_studies import MODELS, RULE, evidence, several

from evdose.modelling.binomial_normal import pool_proportions
from evdose.modelling.effect_direction import effect_directions
from evdose.modelling.effect_size import Counts, log_odds_ratio
from evdose.modelling.effects import find_effects
from evdose.modelling.pooling import pool
from evdose.modelling.synthesis import combine_arms, synthesise

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
    for name, value in where.items():
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
    pooled = table[table["analysis"] == "random_effects"]
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
        "all of 20 participants: the model has no finite estimate",
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


def test_every_stratum_has_its_rows_and_all_comes_first():
    table = synthesis(controlled("A"), controlled("B", stratum="topical"))
    for _, rows in table.groupby("analysis"):
        assert rows["stratum"].drop_duplicates().tolist() == ["all", "intravenous", "topical"]


def test_no_evidence_still_says_so():
    table = synthesis(controlled("A").head(0))
    assert table["analysis"].tolist() == ["sign_test"]
    assert table["why"].item().startswith("0 studies")
