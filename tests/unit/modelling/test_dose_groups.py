"""Groups for dose–response models: what may stand together, and with what covariance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dosed_studies import counted, effects_of, scored
from evdose.modelling.dose_groups import dose_groups
from evdose.modelling.shared_control import arm_covariance, participants
from evdose.modelling.tables import EFFECTS
from evdose.tables import empty


def named(groups):
    return {group.names: group for group in groups}


def test_a_group_is_a_route_a_measure_and_a_domain():
    groups = named(
        dose_groups(
            effects_of(
                scored("A", [9.0, 10.0], [6.0, 7.0]),
                scored("B", [9.5], [6.0], route="nasal"),
                scored("C", [9.5], [6.0], outcome="ache", outcome_domain="pain"),
                counted("D", [11.0], [4], control=9),
            )
        )
    )
    main = [names[:3] for names in groups if names[3] == "main"]
    assert main == [
        ("all", "hedges_g", "function score"),
        ("all", "hedges_g", "pain"),
        ("all", "log_odds_ratio", "mortality"),
        ("respiratory", "hedges_g", "function score"),
        ("respiratory", "hedges_g", "pain"),
        ("intravenous", "log_odds_ratio", "mortality"),
        ("nasal", "hedges_g", "function score"),
    ]
    of_all = groups["all", "hedges_g", "function score", "main"]
    assert of_all.counts() == {"studies": 2, "arms": 3, "dose_levels": 3, "outcomes": 1}
    assert of_all.counted() == "2 studies with 3 arms at 3 doses (1 outcome)"
    assert of_all.contrasts.x.tolist() == [9.0, 10.0, 9.5]
    assert of_all.contrasts.study.tolist() == [0, 0, 1]
    assert of_all.contrasts.y == pytest.approx(of_all.effects["estimate"].to_numpy())


def test_all_routes_together_are_confounded_by_route_too():
    confounding = {
        group.stratum: group.confounding() for group in dose_groups(effects_of(scored("A", [9.0], [6.0])))
    }
    assert confounding == {
        "all": "observational: confounded by route, condition and product",
        "respiratory": "observational: confounded by condition and product",
    }


def test_a_measured_g_comes_before_one_from_an_odds_ratio_whatever_they_are():
    """One outcome, reported as scores and as counts of those who improved."""
    improved = {"outcome": "score", "outcome_domain": "function score", "direction": "higher is better"}
    two_ways = [
        scored("A", [9.0], [9.0]),
        counted("A", [9.0], [10], control=9, route="respiratory", **improved).assign(
            locator="/outcomes/9", order=9
        ),
    ]
    effects = effects_of(*two_ways, counted("B", [10.0], [3], control=8))
    together = named(dose_groups(effects))["all", "hedges_g", "all", "all_domains"].effects
    assert effects["primary"].all()
    assert together["measure"].tolist() == ["hedges_g", "log_odds_ratio"]


def test_arms_that_share_a_control_share_its_variance():
    (group, *_) = dose_groups(
        effects_of(counted("A", [9.0, 10.0], [4, 6], control=11), scored("B", [9], [6.0]))
    )[1:]
    assert group.measure == "log_odds_ratio"
    assert group.contrasts.covariance[0, 1] == pytest.approx(1 / 11 + 1 / 9)
    g = effects_of(scored("A", [9.0, 10.0], [6.0, 7.0]))
    covariance = arm_covariance(g)
    assert participants(g) == 90
    assert covariance[0, 1] == pytest.approx(1 / 30 + g["estimate"].prod() / 180)
    assert np.diag(covariance) == pytest.approx(g["variance"].to_numpy())


def test_arms_with_different_controls_share_nothing():
    g = effects_of(scored("A", [9.0, 10.0], [6.0, 7.0])).assign(comparator_arm=[3, 4])
    assert arm_covariance(g)[0, 1] == 0
    assert arm_covariance(g.assign(comparator_arm=pd.NA))[0, 1] == 0


@pytest.mark.parametrize(
    "change",
    [
        {"particles_log10": np.nan},
        {"primary": False},
        {"effect_table": "change"},
        {"estimate": np.nan},
        {"measure": "risk_difference"},
    ],
)
def test_an_effect_that_is_not_usable_leaves_an_empty_group(change):
    effects = effects_of(scored("A", [9.0], [6.0])).assign(**change)
    groups = dose_groups(effects)
    assert [group.key for group in groups] == [
        {"stratum": stratum, "measure": None, "outcome_domain": None, "sensitivity": "main"}
        for stratum in ("all", "respiratory")
    ]
    for group in groups:
        assert set(group.counts().values()) == {0}
        assert group.counted().startswith("no study with a controlled effect")


def test_routes_that_were_tried_have_a_group_though_nothing_was_reported():
    tried = pd.DataFrame(
        {"stratum": ["nasal", "respiratory", "topical"], "per_administration": [9.0, 9.0, np.nan]}
    )
    groups = dose_groups(empty(EFFECTS), tried)
    assert [group.stratum for group in groups] == ["all", "respiratory", "nasal"]


def test_what_was_worked_back_or_estimated_stands_in_sensitivity_groups_only():
    groups = named(
        dose_groups(
            effects_of(
                counted("A", [9.0], [4], control=9),
                counted("B", [10.0], [5], control=9, derived=True),
            )
        )
    )
    assert groups["all", "log_odds_ratio", "mortality", "main"].effects["study_id"].tolist() == ["A"]
    wider = groups["all", "log_odds_ratio", "mortality", "derived_counts"]
    assert wider.effects["study_id"].tolist() == ["A", "B"]
    assert not [names for names in groups if names[3] in ("estimated_means", "all_domains")]
    effects = effects_of(scored("A", [9.0], [6.0]), scored("B", [10.0], [6.0]))
    effects = effects.assign(estimated_moments=effects["study_id"] == "B")
    groups = named(dose_groups(effects))
    assert groups["all", "hedges_g", "function score", "main"].effects["study_id"].tolist() == ["A"]
    assert len(groups["all", "hedges_g", "function score", "estimated_means"].effects) == 2


def test_a_route_with_worked_back_counts_only_has_an_empty_main_group():
    groups = named(dose_groups(effects_of(counted("B", [10.0], [5], control=9, derived=True))))
    assert len(groups["intravenous", "None", "None", "main"].effects) == 0
    assert len(groups["intravenous", "log_odds_ratio", "mortality", "derived_counts"].effects) == 1


def test_domains_come_together_on_the_scale_of_g():
    effects = effects_of(scored("A", [9.0], [6.0]), counted("B", [10.0, 11.0], [5, 4], control=9))
    together = named(dose_groups(effects))["all", "hedges_g", "all", "all_domains"]
    odds = effects[effects["measure"] == "log_odds_ratio"]
    assert together.contrasts.y[1:] == pytest.approx(odds["estimate"].to_numpy() * 3**0.5 / np.pi)
    expected = (1 / 9 + 1 / 11) * 3 / np.pi**2
    assert together.contrasts.covariance[1, 2] == pytest.approx(expected)
    assert together.contrasts.studies == 2


def test_one_domain_alone_is_no_sensitivity_analysis():
    assert {group.sensitivity for group in dose_groups(effects_of(counted("B", [10.0], [5], control=9)))} == {
        "main"
    }


def test_an_outcome_that_stands_twice_counts_once_as_printed():
    effects = effects_of(scored("A", [9.0], [6.0]))
    twice = pd.concat(
        [effects.assign(estimate=9.0, estimated_moments=True, effect_id="x", locator="/a"), effects]
    )
    (of_all, _) = dose_groups(twice)
    assert of_all.contrasts.y == pytest.approx(effects["estimate"].to_numpy())
