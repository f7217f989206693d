"""MCP-Mod of made-up trials and routes: which outcome, which sign, what is said where there is too little."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evdose.modelling.dose_groups import DoseGroup, dose_groups
from evdose.modelling.effects import find_effects
from evdose.modelling.estimators.dose_contrasts import DoseContrasts
from evdose.modelling.mcp_mod_trials import candidates, mcp_mod
from evdose.modelling.tables import ESTIMATED, NOT_ESTIMABLE
from published_studies import MODELS, evidence, several

SCORE = {"outcome": "score", "outcome_domain": "function score", "kind": "continuous", "sd": 1.0, "n": 20}
DOSES = {"doses": [8.0, 9.0, 9.5]}
HIGHER = "higher is better"


def scores(*means, **changed):
    """Rows of a control (arm 4) and three treated arms."""
    return [
        SCORE | {"arm": arm, "mean": mean} | changed for arm, mean in zip((4, 1, 2, 3), means, strict=True)
    ]


def trial(*rows, direction=HIGHER, roles="eeec", study="Study2020", arms=DOSES, **of_study):
    return evidence(*rows, roles=roles, study=study, arms=arms, direction=direction, **of_study)


def of_trials(found, groups=(), models=MODELS, seed=1):
    return mcp_mod(found, list(groups), models, seed).set_index("candidate")


def test_a_trial_with_a_clear_dose_response_is_modelled():
    found = of_trials(trial(*scores(0.0, 0.5, 1.5, 2.0)))
    assert set(found["status"]) == {ESTIMATED}
    assert len(found) == 1 + len(MODELS["mcp_mod"]["candidates"])
    summary = found.loc["all"]
    assert (summary["studies"], summary["arms"], summary["dose_levels"], summary["outcomes"]) == (1, 3, 3, 1)
    assert summary["p_value"] == found["p_value"].min() < 1e-6
    assert summary["measure"] == "mean"
    assert 8 < summary["low"] <= summary["target_dose_log10"] <= summary["high"] <= 9.5
    assert found["weight"].sum() == pytest.approx(1)
    assert "4 arms, 80 participants" in summary["why"]
    assert "76 degrees of freedom" in summary["why"]
    assert found["needs"].isna().all()


def test_an_interval_of_a_target_dose_says_that_a_peak_may_escape_it():
    warning = "may miss the target dose more often than it says"
    found = of_trials(trial(*scores(0.0, 0.5, 1.5, 2.0)))
    assert found["low"].notna().all()
    assert found["why"].str.contains(warning, regex=False).all()
    without = of_trials(trial(*scores(0.0, 0.1, -0.1, 0.05)))
    assert not without["why"].str.contains(warning, regex=False).any()


def test_no_signal_means_no_model():
    found = of_trials(trial(*scores(0.0, 0.1, -0.1, 0.05)))
    assert found[["weight", "target_dose_log10", "low", "high"]].isna().all(axis=None)
    assert found["why"].str.contains("no (?:dose–response )?signal").all()
    assert found["p_value"].between(0.1, 1).all()


def test_benefit_is_positive_whatever_the_direction():
    up = of_trials(trial(*scores(0.0, 0.5, 1.5, 2.0)))
    down = of_trials(trial(*scores(0.0, -0.5, -1.5, -2.0), direction="lower is better"))
    pd.testing.assert_frame_equal(up, down)
    harm = of_trials(trial(*scores(0.0, -0.5, -1.5, -2.0)))
    assert harm.at["all", "p_value"] > 0.9


def test_counts_are_logits_and_an_empty_arm_is_no_trouble():
    rows = [{"arm": arm, "events": events, "n": 20} for arm, events in ((4, 18), (1, 12), (2, 4), (3, 0))]
    found = of_trials(trial(*rows, direction="lower is better"))
    assert found.at["all", "measure"] == "logit"
    assert found.at["all", "p_value"] < 0.001
    assert "34 events; Firth logits" in found.at["all", "why"]
    assert "can't reject" not in found.at["all", "why"]


def test_arms_too_small_to_reject_say_so():
    rows = [{"arm": arm, "events": events, "n": 2} for arm, events in ((4, 2), (1, 1), (2, 0), (3, 0))]
    found = of_trials(trial(*rows, direction="lower is better"))
    assert "can't reject at this size: the smallest p is" in found.at["all", "why"]


@pytest.mark.parametrize(
    ("arms", "roles", "why", "levels"),
    [
        ({"doses": [8.0, 8.0]}, "eec", "1 dose in particles and a control", "there are 2"),
        ({"doses": []}, "eec", "0 doses in particles and no control", "there are 0"),
        ({"doses": [8.0, 9.0]}, "eee", "2 doses in particles and no control", "there are 2"),
    ],
)
def test_too_few_doses_are_refused_with_what_is_lacking(arms, roles, why, levels):
    rows = [SCORE | {"arm": arm, "mean": 1.0} for arm in (1, 2, 3)]
    found = of_trials(trial(*rows, roles=roles, arms=arms))
    assert found.index.tolist() == ["all"]
    row = found.loc["all"]
    assert row["status"] == NOT_ESTIMABLE
    assert why in row["why"]
    assert levels in row["needs"]
    assert np.isnan(row["statistic"])


def test_three_doses_without_a_control_are_tested_with_a_caution():
    rows = [SCORE | {"arm": arm, "mean": mean} for arm, mean in ((1, 0.0), (2, 1.0), (3, 2.0))]
    found = of_trials(trial(*rows, roles="eee"))
    assert "no arm at dose zero" in found.at["all", "why"]


def test_one_treated_arm_gives_no_row():
    assert mcp_mod(trial(SCORE | {"mean": 1.0}, roles="ec"), [], MODELS, 1).empty


def test_counts_worked_back_are_not_used():
    rows = [{"arm": arm, "events": 5, "n": 20, "derived": True} for arm in (1, 2, 3, 4)]
    found = of_trials(trial(*rows))
    assert found.at["all", "status"] == NOT_ESTIMABLE
    assert "worked back" in found.at["all", "why"]


def test_the_outcome_is_chosen_by_the_hierarchy_not_by_its_result():
    deaths = [{"arm": arm, "events": events, "n": 20} for arm, events in ((4, 5), (1, 4), (2, 5), (3, 6))]
    found = of_trials(trial(*deaths, *scores(0.0, 0.5, 1.5, 2.0)))
    assert set(found["outcome"]) == {"death"}
    nobody = [row | {"events": 0} for row in deaths]
    found = of_trials(trial(*nobody, *scores(0.0, 0.5, 1.5, 2.0)))
    assert set(found["outcome"]) == {"score"}
    assert found.at["all", "outcomes"] == 2


def test_the_latest_time_point_with_enough_doses_is_taken():
    early, late = (scores(0.0, 0.5, 1.5, 2.0, timepoint_days=day) for day in (7.0, 28.0))
    late[3]["sd"] = None
    found = of_trials(trial(*early, *late[:2]))
    assert found.at["all", "arms"] == 3


def test_both_treatments_on_one_person_are_no_arms():
    found = of_trials(trial(*scores(0.0, 0.5, 1.5, 2.0), design="split-face RCT"))
    assert found.at["all", "status"] == NOT_ESTIMABLE


def group(x, y, studies, variance=0.02, stratum="intravenous"):
    n = len(x)
    data = DoseContrasts(np.array(x, float), np.array(y, float), np.eye(n) * variance, np.array(studies))
    effects = pd.DataFrame({"outcome": ["score"] * n})
    return DoseGroup(stratum, "hedges_g", "function score", "main", data, effects)


X = [7, 8, 8.5, 9, 9.5, 10, 10.2, 10.4]
NOTHING = trial(SCORE | {"mean": 1.0}, roles="ec")


def test_a_route_with_a_clear_dose_response_is_modelled_as_observational():
    found = of_trials(NOTHING, [group(X, [0.0, 0.05, 0.05, 0.2, 0.5, 0.9, 1.1, 1.4], range(8))])
    summary = found.loc["all"]
    assert (summary["across"], summary["status"]) == ("route", ESTIMATED)
    assert summary["p_value"] < 0.025
    assert found["why"].str.startswith("observational: confounded by condition and product").all()
    assert summary["low"] <= summary["target_dose_log10"] <= summary["high"] <= 10.4
    assert pd.isna(summary["study_id"])


def test_a_route_too_small_has_one_row_with_its_counts():
    small, smaller = group(X[:2], [0.1, 0.2], [0, 1]), group(X[:1], [0.1], [0])
    found = of_trials(NOTHING, [smaller, small])
    assert found.index.tolist() == ["all"]
    row = found.loc["all"]
    assert (row["status"], row["studies"], row["dose_levels"]) == (NOT_ESTIMABLE, 2, 2)
    assert "2 studies with 2 arms at 2 doses" in row["why"]
    assert "3 doses" in row["needs"]


def test_sensitivity_groups_have_no_rows():
    data = replace(group(X, range(8), range(8)), sensitivity="derived_counts")
    assert mcp_mod(NOTHING, [data], MODELS, 1).empty


def test_groups_of_real_effects_are_taken():
    found = several(*(trial(*scores(0.0, 0.5, 1.5, 2.0), study=f"S{i}") for i in range(4)))
    table = mcp_mod(found, dose_groups(find_effects(found, MODELS)), MODELS, 1)
    assert table.groupby("across")["status"].first().to_dict() == {"route": ESTIMATED, "trial": ESTIMATED}
    assert set(table.loc[table["across"] == "route", "stratum"]) == {"all", "intravenous"}


def test_a_candidate_is_named_with_its_guesses():
    settings = [{"shape": "linear"}, {"shape": "sigmoid_emax", "ed50": 0.3, "hill": 4}]
    assert [c.name for c in candidates(settings)] == ["linear", "sigmoid_emax (ed50 0.3, hill 4)"]
