import re

import numpy as np
import pandas as pd
import pytest
from scipy.stats import contingency, fisher_exact

from evdose.errors import InputError
from evdose.modelling.claims.finding import Evidence, share
from evdose.modelling.claims.judge import ANALYSES, judge
from evdose.modelling.concentration import concentration_rows
from evdose.modelling.effective_range import effective_ranges
from evdose.modelling.landscape import JUDGED_ARMS
from evdose.modelling.route_shift import route_shifts
from evdose.modelling.tables import DOSE_RESPONSE, EFFECTIVE_RANGE, MCP_MOD
from evdose.tables import empty, frame_of

MODELS = {
    "min_trials_route_shift": 2,
    "min_trials_effective_range": 5,
    "confidence": 0.95,
    "permutations": 9999,
}
RULES = {
    "count_tolerance": 0.1,
    "top_routes": 2,
    "dose_tolerance_log10": 0.5,
    "narrow_width_log10": 1,
    "harmonised_share": 0.8,
}
VALUES = {
    "trials_included": "10",
    "registries": "ClinicalTrials.gov; Chinese Clinical Trial Registry (ChiCTR)",
    "registration_window": "2014-2024",
    "inhaled_effective_dose": "1e8",
}
NO_ARMS = pd.DataFrame(columns=JUDGED_ARMS).astype({"effective": bool})


def claims_of(*analyses):
    rows = [
        {
            "claim_id": f"W{number:02d}",
            "statement": "a claim",
            "analysis": analysis,
            "value": VALUES.get(analysis),
            "source_id": "seeds/claims.yaml",
            "locator": f"/claims/{number}",
        }
        for number, analysis in enumerate(analyses)
    ]
    return pd.DataFrame(rows).astype("string")


def trials_of(n, **columns):
    known = {"first_posted": "2020-05-01", "registry": "ClinicalTrials.gov", "condition_group": "respiratory"}
    known |= {"ev_kind": "exosome", "product_line": None, "isolation": None, "characterisation": None}
    return pd.DataFrame({"trial_id": [f"T{i}" for i in range(n)]} | known | columns).astype("string")


def arms_of(trials, stratum, doses, effective=False):
    """An arm a trial; ``doses`` in log10 particles per administration."""
    columns = {"trial_id": list(trials), "arm": 1, "stratum": stratum, "product_line": None}
    columns |= {
        "per_administration": np.array(doses, float),
        "per_day": np.array(doses, float),
        "cumulative": np.array(doses, float) + 1,
        "sd": 0.0,
        "conversion": None,
        "conversion_sd": np.nan,
        "outcome": "score",
    }
    return pd.DataFrame(columns | {"effective": effective})


def routes_of(**trials_a_stratum):
    pairs = [(trial, stratum) for stratum, trials in trials_a_stratum.items() for trial in trials]
    return pd.DataFrame(pairs, columns=["trial_id", "stratum"])


def evidence_of(analysis, trials=None, arms=NO_ARMS, judged=NO_ARMS, **others):
    given = {"all": arms, "effective": judged[judged["effective"]]}
    tables = {
        "claims": claims_of(*dict.fromkeys((analysis, "registration_window"))),
        "trials": trials_of(10) if trials is None else trials,
        "arms": arms,
        "judged": judged,
        "routes": routes_of(),
        "doses": pd.DataFrame(columns=["trial_id", "arm", "unit", "substance", "per"]),
        "switches": pd.DataFrame({"n_included": [10, 14]}),
        "effect_direction": pd.DataFrame(columns=["study_id", "stratum", "authors_call"]),
        "route_shift": route_shifts(given, MODELS, 1),
        "effective_range": effective_ranges([], concentration_rows(judged, MODELS, 1), MODELS, 1),
        "dose_response": empty(DOSE_RESPONSE),
        "mcp_mod": empty(MCP_MOD),
        "rules": RULES,
        "scenario": {"registered_from": "2014-01-01", "registered_to": "2024-12-31"},
        "confidence": 0.95,
    }
    return Evidence(**tables | others)


def finding_of(analysis, *args, **kwargs):
    return judge(evidence_of(analysis, *args, **kwargs)).set_index("analysis").loc[analysis]


# --- all of them


@pytest.mark.parametrize("n", [0, 1])
def test_every_analysis_has_a_sentence_for_hardly_any_data(n):
    trials = trials_of(n, first_posted=None, registry=None, ev_kind=None)
    nothing = evidence_of("scope", trials, claims=claims_of(*ANALYSES))
    verdicts = judge(nothing)
    assert len(verdicts) == len(ANALYSES)
    assert not set(verdicts["verdict"]) & {"reproduced", "in part", "contradicted"}
    assert not verdicts["why"].str.contains("nan|NaT|<NA>", regex=True).any()


def test_an_unknown_analysis_is_named_with_its_place_and_the_nearest():
    with pytest.raises(InputError) as error:
        judge(evidence_of("scope", claims=claims_of("registration_windw")))
    assert "seeds/claims.yaml [/claims/0/analysis]" in str(error.value)
    assert "'registration_window'" in str(error.value)


def test_share_is_clopper_pearson():
    # 0 of n: upper limit 1 − (α/2)^(1/n).
    assert share(0, 10, 0.95) == (0, 0, pytest.approx(1 - 0.025**0.1))
    assert all(np.isnan(value) for value in share(0, 0, 0.95))


# --- counts of trials


@pytest.mark.parametrize(
    ("n", "switches", "verdict"),
    [
        (11, [11], "reproduced"),
        (9, [9], "reproduced"),
        (12, [12, 13], "not reproduced"),
        (12, [9, 12], "in part"),
        (8, [8, 9], "not reproduced"),
    ],
)
def test_a_count_is_reproduced_within_its_tolerance(n, switches, verdict):
    row = finding_of("trials_included", trials_of(n), switches=pd.DataFrame({"n_included": switches}))
    assert row["verdict"] == verdict
    assert row["estimate"] == n
    assert f"{n - 10:+d} against the review's 10" in row["why"]


def test_trials_outside_the_reviews_years_do_not_count_for_its_number():
    dates = ["2020-05-01"] * 10 + ["2025-01-01"] * 7 + [None]
    row = finding_of("trials_included", trials_of(18, first_posted=dates))
    assert (row["estimate"], row["verdict"]) == (10, "reproduced")
    assert "switches" not in row["why"]


@pytest.mark.parametrize(
    ("registries", "verdict"),
    [(["ChiCTR"] * 4, "reproduced"), (["ChiCTR", "IRCT"] * 2, "in part"), (["IRCT"] * 4, "not reproduced")],
)
def test_registries(registries, verdict):
    row = finding_of("registries", trials_of(4, registry=registries))
    assert row["verdict"] == verdict
    assert row["estimate"] == np.mean([registry == "ChiCTR" for registry in registries])


def test_a_window_that_was_taken_from_the_review_tests_nothing():
    assert finding_of("registration_window")["verdict"] == "not testable"


@pytest.mark.parametrize(
    ("first", "verdict"), [("2014-06-01", "reproduced"), ("2013-06-01", "not reproduced")]
)
def test_a_wider_window_tests_the_reviews_first_year(first, verdict):
    scenario = {"registered_from": "2000-01-01", "registered_to": "2026-11-20"}
    trials = trials_of(3, first_posted=[first, "2020-01-01", "2026-01-01"])
    row = finding_of("registration_window", trials, scenario=scenario)
    assert row["verdict"] == verdict
    assert row["estimate"] == int(first[:4])


# --- routes


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ({"intravenous": 5, "respiratory": 4, "topical": 3}, "reproduced"),
        ({"intravenous": 5, "respiratory": 2, "topical": 3}, "in part"),
        ({"intravenous": 1, "respiratory": 2, "topical": 4, "nasal": 3}, "not reproduced"),
        ({"intravenous": 5, "respiratory": 4, "other": 6}, "reproduced"),
        ({"intravenous": 5, "respiratory": 4, "not reported": 9, "unspecified injection": 9}, "reproduced"),
    ],
)
def test_top_routes(counts, verdict):
    trials = {stratum: [f"{stratum}{i}" for i in range(n)] for stratum, n in counts.items()}
    assert finding_of("top_routes", routes=routes_of(**trials))["verdict"] == verdict


def test_a_trial_by_both_routes_counts_in_each_but_once_in_the_share():
    row = finding_of("top_routes", routes=routes_of(intravenous=["A"], respiratory=["A"], topical=["B"]))
    assert row["estimate"] == 0.5


def routes_by_condition(a, b, c, d):
    """a of a + b respiratory trials and c of c + d others are intravenous."""
    trials = trials_of(a + b + c + d, condition_group=["respiratory"] * (a + b) + ["skin"] * (c + d))
    names = trials["trial_id"].tolist()
    routes = routes_of(
        intravenous=names[:a] + names[a + b : a + b + c], topical=names[a : a + b] + names[a + b + c :]
    )
    return finding_of("route_by_condition", trials, routes=routes)


def test_odds_ratio_is_fishers():
    row = routes_by_condition(8, 2, 3, 9)
    peer = contingency.odds_ratio([[8, 2], [3, 9]])
    assert row["estimate"] == pytest.approx(peer.statistic)
    assert (row["low"], row["high"]) == pytest.approx(tuple(peer.confidence_interval(0.95)))
    assert f"exact p {fisher_exact([[8, 2], [3, 9]]).pvalue:.2g}" in row["why"]
    assert row["verdict"] == "reproduced"


@pytest.mark.parametrize(
    ("table", "verdict"),
    [((3, 2, 4, 4), "in part"), ((2, 8, 9, 3), "contradicted"), ((2, 3, 5, 4), "not reproduced")],
)
def test_route_by_condition_is_judged_by_the_interval(table, verdict):
    assert routes_by_condition(*table)["verdict"] == verdict


def test_an_odds_ratio_without_upper_bound_says_so():
    row = routes_by_condition(9, 0, 3, 9)
    assert row["verdict"] == "reproduced"
    assert np.isnan(row["estimate"])
    assert row["low"] > 1
    assert "without upper bound" in row["why"]


def test_no_respiratory_trials_no_odds_ratio():
    assert routes_by_condition(0, 0, 3, 9)["verdict"] == "not testable"


# --- doses


def doses_of(*ways):
    rows = [(f"T{i}", 1, *way) for i, way in enumerate(ways)]
    return pd.DataFrame(rows, columns=["trial_id", "arm", "unit", "substance", "per"])


PARTICLES, MASS = ("particle", "particles", "administration"), ("ug", "mass_unspecified", "kg")


@pytest.mark.parametrize(
    ("ways", "verdict"),
    [
        ([PARTICLES] * 10 + [MASS] * 10, "in part"),
        ([PARTICLES] * 60 + [MASS], "contradicted"),
        ([PARTICLES] * 9 + [MASS], "not reproduced"),
    ],
)
def test_units_are_heterogeneous_unless_most_trials_use_one(ways, verdict):
    doses = doses_of(*ways)
    arms = arms_of(doses["trial_id"], "topical", np.full(len(doses), np.nan))
    row = finding_of("unit_heterogeneity", arms=arms, doses=doses)
    assert row["verdict"] == verdict
    assert row["estimate"] == pytest.approx(ways.count(PARTICLES) / len(ways))


def test_arms_without_a_dose_are_told():
    doses = doses_of(PARTICLES, (None, None, None), (None, None, None))
    row = finding_of("unit_heterogeneity", arms=arms_of(doses["trial_id"], "topical", [8, 8, 8]), doses=doses)
    assert "2 of 3 arms of included trials state no dose" in row["why"]


def test_inhaled_doses_that_were_only_tried_do_not_test_the_claim():
    row = finding_of("inhaled_effective_dose", arms=arms_of("ABC", "respiratory", [8, 9, 10]))
    assert row["verdict"] == "not testable"
    assert np.isnan(row["estimate"])
    assert "median 10^9.0 an administration" in row["why"]


@pytest.mark.parametrize(
    ("doses", "verdict"), [([7.6, 8.4], "reproduced"), ([8, 9.5], "in part"), ([9, 10], "not reproduced")]
)
def test_effective_inhaled_doses_are_compared_with_the_reviews(doses, verdict):
    row = finding_of("inhaled_effective_dose", judged=arms_of("AB", "respiratory", doses, True))
    assert row["verdict"] == verdict
    assert row["estimate"] == pytest.approx(np.median(doses))


def by_route(inhaled, intravenous):
    names = [f"T{i}" for i in range(inhaled.size + intravenous.size)]
    strata = ["respiratory"] * inhaled.size + ["intravenous"] * intravenous.size
    return arms_of(names, strata, np.r_[inhaled, intravenous], True)


STEPS = np.arange(6) / 10


@pytest.mark.parametrize(
    ("inhaled", "intravenous", "verdict"),
    [
        (8 + STEPS, 10 + STEPS, "reproduced"),
        (10 + STEPS, 8 + STEPS, "contradicted"),
        (8 + STEPS, 8.15 + STEPS, "in part"),
        (8.15 + STEPS, 8 + STEPS, "not reproduced"),
        (8 + STEPS[:3], 10 + STEPS[:3], "not testable"),
    ],
)
def test_route_shift_is_judged_on_effective_doses(inhaled, intravenous, verdict):
    row = finding_of("route_shift", judged=by_route(inhaled, intravenous))
    assert row["verdict"] == verdict
    assert np.isnan(row["estimate"]) == (verdict == "not testable")


def test_doses_merely_tried_never_decide_on_doses_needed():
    row = finding_of("route_shift", arms=by_route(8 + STEPS, 10 + STEPS))
    assert row["verdict"] == "not testable"
    assert re.search(r"doses tried: inhaled minus intravenous -2\.00 log10", row["why"])


def test_the_product_that_carries_a_shift_is_named():
    arms = by_route(8 + STEPS, 10 + STEPS).astype({"product_line": "string"})
    arms.loc[arms["stratum"] == "intravenous", "product_line"] = "Exo"
    arms.loc[0, "product_line"] = "Other"
    why = finding_of("route_shift", arms=arms)["why"]
    assert "a difference that is lost without Exo;" in why


def judged_route(stratum, effective, others):
    names = [f"{stratum}{i}" for i in range(len(effective) + len(others))]
    flags = np.arange(len(names)) < len(effective)
    return arms_of(names, stratum, [*effective, *others], flags)


CLOSE, WIDE = 8 + np.arange(6) / 100, np.array([5, 6, 7, 9.5, 11, 12])
COUNTS = {
    "studies": 20,
    "arms": 40,
    "dose_levels": 30,
    "outcomes": 1,
    "why": "a method",
    "sensitivity": "main",
}


@pytest.mark.parametrize(
    ("judged", "verdict"),
    [
        (judged_route("respiratory", CLOSE, WIDE), "in part"),
        (judged_route("intravenous", WIDE, CLOSE), "not reproduced"),
        (judged_route("intravenous", CLOSE[:4], WIDE), "not testable"),
        (judged_route("intravenous", [8] * 6, [8] * 6), "not testable"),
        (pd.concat([judged_route("nasal", CLOSE, []), judged_route("topical", [], WIDE)]), "in part"),
    ],
)
def test_concentration_alone_is_no_more_than_a_part(judged, verdict):
    assert finding_of("effective_range", judged=judged)["verdict"] == verdict


def answers(stratum, p_value, low, high, sensitivity="main"):
    """Rows of a group whose peak was tested, and the width of its range where ``low`` isn't None."""
    group = COUNTS | {"stratum": stratum, "measure": "hedges_g", "outcome_domain": "pain"}
    group |= {"status": "estimated", "sensitivity": sensitivity}
    rows = [group | {"question": "peak", "estimate": 9.0, "p_value": p_value, "smallest_p": 0.001}]
    width = group | {"question": "width", "estimate": 0.7, "low": low, "high": high}
    return rows + ([] if low is None else [width])


@pytest.mark.parametrize(
    ("rows", "verdict", "estimate"),
    [
        (answers("nasal", 0.01, 0.4, 0.9), "reproduced", 0.7),
        (answers("nasal", 0.01, 0.4, 1.2), "in part", 0.7),
        (answers("nasal", 0.01, 0.4, None), "in part", 0.7),
        (answers("nasal", 0.01, 1.1, 3.0), "contradicted", 0.7),
        (answers("nasal", 0.01, None, None), "in part", None),
        (answers("nasal", 0.2, 0.4, 0.9), "not reproduced", None),
        (answers("nasal", 0.01, 0.4, 0.9) + answers("topical", 0.01, 1.1, 3.0), "in part", None),
        (answers("nasal", 0.01, 0.4, 0.9) + answers("topical", 0.2, None, None), "reproduced", 0.7),
        (answers("all", 0.01, 0.4, 0.9), "in part", None),
        (answers("nasal", 0.01, 0.4, 0.9, "all_domains"), "not testable", None),
    ],
)
def test_effective_range_is_judged_by_peak_and_width_within_routes(rows, verdict, estimate):
    row = finding_of("effective_range", effective_range=frame_of(rows, EFFECTIVE_RANGE))
    assert row["verdict"] == verdict
    assert row["estimate"] == estimate or (estimate is None and np.isnan(row["estimate"]))


def slope(basis, p_value, **others):
    row = COUNTS | {"basis": basis, "stratum": "nasal", "measure": "hedges_g", "outcome_domain": "pain"}
    row |= {"shape": "linear", "status": "estimated", "slope": 1.0, "p_value": p_value}
    return frame_of([row | others], DOSE_RESPONSE)


def test_only_doses_compared_within_trials_reproduce_a_dose_response():
    within, between = slope("within_trials", 0.01), slope("between_trials", 0.01)
    assert finding_of("dose_response", dose_response=within)["verdict"] == "reproduced"
    assert finding_of("dose_response", dose_response=between)["verdict"] == "in part"
    nothing = pd.concat([slope("within_trials", 0.2), slope("between_trials", 0.3)])
    assert finding_of("dose_response", dose_response=nothing)["verdict"] == "not reproduced"


def test_mcp_mod_of_a_trial_counts_where_its_statistic_passes_the_critical_value():
    counts = {name: value for name, value in COUNTS.items() if name != "sensitivity"}
    trial = counts | {"across": "trial", "study_id": "S1", "stratum": "nasal", "status": "estimated"}
    trial |= {"outcome": "score", "outcome_domain": "pain", "candidate": "linear"}
    for statistic, verdict in ((2.2, "reproduced"), (1.9, "not reproduced")):
        tests = frame_of([trial | {"statistic": statistic, "critical_value": 2.1}], MCP_MOD)
        assert finding_of("dose_response", mcp_mod=tests)["verdict"] == verdict


def test_without_any_dose_response_model_what_is_lacking_is_told():
    lacking = slope("between_trials", None, status="not_estimable", studies=1, needs="4 more studies")
    row = finding_of("dose_response", dose_response=lacking)
    assert row["verdict"] == "not testable"
    assert "at most 1 studies" not in row["why"] and "at most 1 study" in row["why"]
    assert "4 more studies" in row["why"]


def test_scope_and_standardisation_are_no_findings():
    trials = trials_of(3, ev_kind=["exosome", "Exosomes (small EV)", "extracellular vesicle"])
    assert "2 of 3 included trials call their product exosomes" in finding_of("scope", trials)["why"]
    described = trials_of(3, isolation=["ultracentrifugation", None, "TFF"])
    row = finding_of("ev_standardisation", described)
    assert row["verdict"] == "not testable"
    assert "2 records state how the vesicles are isolated and 0 how they are characterised" in row["why"]
