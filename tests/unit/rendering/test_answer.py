"""The answer to the title's question: every sentence says what its numbers say, and no more."""

from __future__ import annotations

import pandas as pd
import pytest
from unit.rendering import made_up
from unit.rendering.made_up import power_row, range_row

from evdose.modelling.tables import (
    CLAIM_VERDICTS,
    DOSE_RESPONSE,
    EFFECTIVE_RANGE,
    MCP_MOD,
    MULTIVERSE,
    POWER,
    ROUTE_SHIFT,
    SAFETY,
    SYNTHESIS,
    TRIED_ARMS,
    UNCERTAIN_DOSES,
)
from evdose.rendering.answer import answer, counts
from evdose.rendering.by_route import answer_by_route
from evdose.rendering.catalogue import MODELLED
from evdose.rendering.range_sentences import multiplicity, outcome, peaks
from evdose.rendering.range_words import needs_in_brief, power_in_words, rows_of, width_in_words
from evdose.tables import empty, frame_of

SHARED = made_up.shared_tables()
TABLES = made_up.scenario_tables(SHARED)
DONE = {"status": "estimated", "studies": 8, "arms": 10, "dose_levels": 6, "why": "bootstrap", "needs": None}
PEAK = DONE | {"estimate": 7.1, "p_value": 0.012, "smallest_p": 0.001}
WIDTH = DONE | {"estimate": 0.8, "low": 0.3, "high": 1.4, "peak_log10": 9.0, "peak_low": 8.5}
CLUSTERED = DONE | {"effective": 6, "not_effective": 7, "estimate": 0.5, "spread_tried": 1.2}
CLUSTERED |= {"p_value": 0.02, "smallest_p": 0.001}


def ranges(*rows):
    return frame_of(list(rows), EFFECTIVE_RANGE)


def with_rows(**tables):
    return TABLES | {name: frame_of(rows, MODELLED[name]) for name, rows in tables.items()}


def answered(*rows, **tables):
    every = with_rows(effective_range=list(rows), **tables)
    return answer(every, counts(every, SHARED["arms"]))


def full(*rows, **tables):
    return " ".join(answered(*rows, **tables).full)


def claim(verdict):
    row = {"claim_id": "W08", "statement": "a narrow range", "analysis": "effective_range", "why": "so"}
    return [row | {"verdict": verdict}]


def outcome_of(*rows, verdict=None):
    claims = frame_of(claim(verdict) if verdict else [], CLAIM_VERDICTS)
    return outcome(rows_of(ranges(*rows)), claims)


PEAKED = (range_row("peak", "nasal", **PEAK), range_row("width", "nasal", **WIDTH))
FLAT = range_row("peak", "nasal", **PEAK | {"p_value": 0.4})
MIXED = range_row("peak", "all", **PEAK)


@pytest.mark.parametrize(
    ("rows", "verdict", "found"),
    [
        (PEAKED, "reproduced", "narrow"),
        (PEAKED, "contradicted", "wide"),
        (PEAKED, "in part", "width open"),
        (PEAKED, None, "width open"),
        ((FLAT, range_row("concentration", "all", **CLUSTERED)), "in part", "concentrated"),
        ((FLAT, MIXED), "not reproduced", "mixed"),
        ((MIXED,), "not reproduced", "mixed"),
        ((FLAT,), "not reproduced", "not shown"),
        ((range_row("concentration", "all", **CLUSTERED | {"p_value": 0.4}),), None, "not shown"),
        (
            (range_row("concentration", "all", **CLUSTERED | {"p_value": 0.2, "smallest_p": 0.1}),),
            None,
            "too few",
        ),
        ((range_row("peak", "all"), range_row("concentration", "all")), "not testable", "not testable"),
        ((), None, "not testable"),
    ],
)
def test_the_outcome_follows_the_tests(rows, verdict, found):
    assert outcome_of(*rows, verdict=verdict) == found
    assert answered(*rows, claims=claim(verdict) if verdict else []).outcome == found


def test_every_outcome_has_a_headline_and_none_of_a_peak_hides_that_it_is_observational():
    for verdict in ("reproduced", "contradicted", "in part"):
        said = answered(*PEAKED, claims=claim(verdict))
        assert "observational" in said.headline
        assert "a peak may be one of conditions or products" in " ".join(said.brief)
    assert answered(*PEAKED, claims=claim("reproduced")).headline.startswith("Perhaps")


def test_a_sensitivity_analysis_is_no_finding_of_its_own():
    row = range_row("peak", "nasal", **PEAK, sensitivity="derived_counts")
    said = answered(range_row("peak", "nasal"), row)
    assert said.outcome == "not testable"
    assert "Of 1 sensitivity analysis by route, 1 supports a peak." in said.full
    assert not any("sensitivity analys" in sentence for sentence in answered(*PEAKED).full)


def test_a_peak_is_told_with_its_route_group_p_value_and_width():
    said = full(*PEAKED, range_row("peak", "respiratory", **PEAK | {"p_value": 0.3}))
    assert (
        "Of 2 groups of effects by route that could be tested, 1 supports a peak over flat and monotone "
        "curves: nasal (pain, Hedges' g) p = 0.012; where none is shown, this is an absence of evidence."
    ) in said
    assert (
        "nasal (pain, Hedges' g): 0.8 log10 particles (95% confidence set 0.3 to 1.4), "
        "around 10⁹ (from 3.2×10⁸)."
    ) in said


def test_a_peak_of_mixed_routes_is_no_peak_of_a_route():
    said = answered(range_row("peak", "nasal"), MIXED)
    words = " ".join(said.full)
    assert said.headline.startswith("For no route")
    assert "can't be told for any route" in words
    assert "A peak with all routes mixed: pain, Hedges' g, better supported than flat and monotone" in words
    assert "Whether a peak hangs on one product line was not tested." in words
    assert "product line" not in " ".join(peaks(rows_of(ranges(FLAT))).split())
    assert "Width of the range" not in words


def test_a_width_without_upper_end_is_said_to_be_open():
    peak = range_row("peak", "nasal", **PEAK)
    (row,) = rows_of(ranges(range_row("width", "nasal", **WIDTH | {"high": None})))
    said = width_in_words(row, peak)
    assert "from 0.3, without upper end: how wide can't be told" in said
    assert "1.4" not in said


def test_a_width_where_no_peak_is_supported_is_conditional():
    (row,) = rows_of(ranges(range_row("width", "nasal", **WIDTH | {"peak_low": None})))
    said = width_in_words(row, FLAT)
    assert said.startswith("if there is a peak: ")
    assert said.endswith("around 10⁹ (a peak at any dose can't be excluded)")


def test_a_width_that_a_tested_group_can_not_give_says_why():
    row = range_row("width", "nasal", why="no benefit is shown at any dose; 8 studies")
    assert width_in_words(row, FLAT) == "can't be told: no benefit is shown at any dose"
    assert width_in_words(row, range_row("peak", "nasal")) == "can't be told"


def test_where_nothing_can_be_tested_the_answer_says_what_there_is_and_what_it_would_take():
    said = answered(range_row("peak", "all"), range_row("concentration", "all"))
    words = " ".join(said.full)
    assert (
        "the largest group of comparable controlled effects (pain, Hedges' g) has 1 study with 1 arm" in words
    )
    assert "it would take 5 more studies (pain, Hedges' g)." in words
    assert "the test needs 5 of each" in words
    assert "p =" not in words
    assert "observational" not in said.headline
    none = answered(
        range_row("peak", "all", studies=0, arms=0, dose_levels=0, measure=None, outcome_domain=None)
    )
    assert "no study reports a controlled effect on a primary efficacy outcome" in " ".join(none.full)
    assert "No effect and no dose in particles is there to ask for a peak." in answered().full


def test_concentration_says_its_limits():
    def told(**values):
        return full(range_row("concentration", "all", **CLUSTERED | values))

    assert (
        "not how wide an effective range would be, and a difference between routes counts as well" in told()
    )
    assert "not evidence that no range exists" in told(p_value=0.4)
    assert "where 0.10 is the smallest that so few trials could give" in told(p_value=0.2, smallest_p=0.1)
    assert "No single route has enough trials for it." in told()
    nasal = range_row("concentration", "nasal", **CLUSTERED | {"p_value": 0.2, "smallest_p": 0.1})
    both = full(range_row("concentration", "all", **CLUSTERED), nasal)
    assert "By route: nasal p = 0.20 (none below 0.10 possible)." in both
    assert "No trial could be put to the test of concentration." in full()


@pytest.mark.parametrize(
    ("p_values", "said"),
    [
        ([], ""),
        ([0.01], ""),
        ([0.3, 0.4], "These are 2 tests, each on its own."),
        ([0.01, 0.4], "stands a Bonferroni correction"),
        ([0.03, 0.4], "doesn't stand a Bonferroni correction"),
    ],
)
def test_multiplicity_is_said(p_values, said):
    rows = [range_row("concentration", "all", **CLUSTERED | {"p_value": p}) for p in p_values]
    assert said in multiplicity(rows)
    assert bool(multiplicity(rows)) == bool(said)


SLOPE = {"basis": "between_trials", "stratum": "nasal", "measure": "hedges_g", "outcome_domain": "pain"}
SLOPE |= {"sensitivity": "main", "shape": "linear", "outcomes": 1, "slope": 0.2, "low": -0.1, "high": 0.5}
SLOPE |= DONE | {"p_value": 0.2}


def test_slopes_within_and_between_trials_are_kept_apart():
    said = full(
        dose_response=[
            SLOPE,
            SLOPE | {"basis": "within_trials", "p_value": 0.01},
            SLOPE | {"basis": "arm_counts"},
            SLOPE | {"shape": "flat", "slope": None, "p_value": None},
            SLOPE | {"stratum": "all", "sensitivity": "derived_counts", "p_value": 0.001},
        ]
    )
    assert (
        "A slope of the effect over dose is shown in 1 of 2 comparisons within studies and 0 of 1 comparison "
        "between trials, which is observational, each on its own."
    ) in said
    assert "No slope of the effect over dose can be estimated" in full()


def test_mcp_mod_signals_are_counted_by_analysis_not_by_candidate():
    row = {"across": "trial", "study_id": "A", "stratum": "nasal", "measure": "mean", "outcome": "pain"}
    row |= {"outcome_domain": "pain", "outcomes": 1, "statistic": 2.5, "critical_value": 2.1} | DONE
    rows = [
        row | {"candidate": "linear"},
        row | {"candidate": "emax"},
        row | {"candidate": "linear", "study_id": "B", "statistic": 1.0},
    ]
    assert "MCP-Mod finds a dose–response signal in 1 of 2 analyses." in full(mcp_mod=rows)
    assert "No trial and no route has enough doses for MCP-Mod." in full(mcp_mod=[])


def simulated(stratum, needed, **values):
    return [
        power_row(stratum, arms=arms, at_hand=arms == 17, arms_needed=needed, **values)
        for arms in (10, 17, 160)
    ]


def test_power_tells_how_many_arms_it_would_take_and_how_many_there_are():
    rows = simulated("nasal", 39) + simulated("nasal", None, width=2.0)
    said = power_in_words(rows, 2)
    assert said.startswith("About 39 controlled arms at the doses tried would show a range of 0.5 log10")
    assert "power of 80% (1 of 2 simulated settings take more than 160)" in said
    assert "the largest group of comparable effects has 2 arms" in said
    assert power_in_words(simulated("nasal", 10), 0).startswith("At most 10 controlled arms")
    never = power_in_words(simulated("nasal", None), 0)
    assert "None of 1 simulated width and height has a power of 80% with up to 160" in never
    unable = power_row("nasal", status="not_estimable", why="1 arm at 1 dose; the range test needs 6")
    assert power_in_words([unable], 0) == "Power can't be simulated: 1 arm at 1 dose; the range test needs 6."
    assert power_in_words([], 0) == ""


def test_power_is_told_by_route_at_the_easiest_setting():
    rows = simulated("all", 27) + simulated("nasal", None) + simulated("all", 80, width=2.0)
    said = full(range_row("peak", "all"), power=rows)
    assert "a range of 0.5 log10 with a peak effect of 0.8 SD, the easiest setting to see" in said
    assert "all routes mixed about 27 and nasal more than 160" in said
    assert "now hold: 1 all routes mixed and 0 nasal" in said
    assert "None of 1 simulated width and height" in full(power=simulated("all", None))


MAIN = {"axis": "per_administration", "doses": "converted", "arms": "inferred", "without_product": "none"}
SHIFT = MAIN | {"question": "route_shift", "specification": "main", "main": True, "studies": 15}
SHIFT |= {"estimate": -2.35, "low": -3.1, "high": -1.9, "surviving": 0.5, "status": "estimated", "why": "HL"}
ROUTES = {"axis": "per_administration", "arms": "all", "stratum_a": "respiratory", "stratum_b": "intravenous"}
ROUTES |= {"without_product": "none", "trials_a": 8, "trials_b": 7, "arms_a": 17, "arms_b": 12}
ROUTES |= {"shift": -2.35, "p_value": 0.0009, "status": "estimated", "why": "permutation"}
IMPUTED = {"analysis": "route_shift", "axis": "per_administration", "stratum": "respiratory v intravenous"}
IMPUTED |= {"studies": 15, "arms": 29, "uncertain_arms": 9, "imputations": 20, "estimate": -2.3, "low": -2.9}
IMPUTED |= {"high": -1.7, "missing_information": 0.12, "status": "estimated", "why": "Rubin"}


def without(product, **values):
    return SHIFT | {"without_product": product, "main": False, "surviving": None} | values


def shifted(*others, **values):
    return full(multiverse=[SHIFT | values, *others], route_shift=[ROUTES], uncertain_doses=[IMPUTED])


def test_doses_tried_are_never_called_doses_that_work():
    said = shifted(
        without("A"), without("B", high=0.1), without("C", status="not_estimable", low=None, high=None)
    )
    assert (
        "differ by −2.35 log10 particles per administration (95% interval −3.1 to −1.9; p < 0.001; "
        "8 and 7 trials)" in said
    )
    assert "this says what was tried, not what works" in said
    assert (
        "The interval excludes 0 on this side under 50% of 3 choices that can be estimated, of 4 in all"
        in said
    )
    assert "it is lost without B; it holds without A, one at a time; without C it can't be estimated." in said
    assert "With 9 of 29 doses drawn from their ranges" in said
    assert "12% of the information on it is missing" in said


def test_a_difference_that_only_shows_without_a_product_is_said_so():
    said = shifted(without("A"), high=0.2, surviving=0.0)
    assert "by the main choices it includes 0; it excludes 0 only without A." in said


def test_a_shift_without_an_interval_or_products_or_imputation():
    said = full(multiverse=[SHIFT | {"low": None, "high": None}], route_shift=[ROUTES], uncertain_doses=[])
    assert "no product line could be left out" in said
    assert "What uncertain doses do to it can't be told." in said
    assert "no interval exists; it excludes 0 only without A" in shifted(without("A"), low=None, high=None)


def test_routes_that_can_not_be_compared_are_passed_over():
    assert "The doses tried" not in full()
    assert "The doses tried" not in shifted(status="not_estimable", estimate=None)


def test_a_slope_of_the_multiverse_is_told_with_what_moves_it():
    slope = SHIFT | {
        "question": "dose_slope",
        "measure": "hedges_g",
        "outcome_domain": "pain",
        "estimate": 0.3,
    }
    slope |= {"low": 0.1, "high": 0.5, "studies": 6}
    imputed = IMPUTED | {"analysis": "dose_slope", "stratum": "all", "measure": "hedges_g"}
    imputed |= {"outcome_domain": "pain", "estimate": 0.29, "low": 0.05, "high": 0.5}
    said = full(multiverse=[slope], uncertain_doses=[imputed])
    assert (
        "The slope between trials of all routes (pain, Hedges' g; 6 studies) is 0.3 per tenfold dose" in said
    )
    assert "it is 0.29 (0.05 to 0.5)" in said


TREND = {"kind": "trend", "study_id": "A", "stratum": "nasal", "outcome": "fever", "status": "estimated"}
TREND |= {"outcome_domain": "adverse event", "dose_limiting": False, "p_value": 0.5, "smallest_p": 0.01}
TREND |= {"source_id": "a", "locator": "/"}


def test_safety_counts_what_could_be_tested():
    rows = [
        TREND,
        TREND | {"p_value": 0.3, "smallest_p": 0.2},
        TREND | {"status": "not_estimable", "p_value": None},
    ]
    said = full(safety=rows)
    assert (
        "of 3 trends of an adverse outcome over the doses of a study, 2 can be tested and none has p ≤ 0.05"
        in said
    )
    assert "(each on its own; 1 could not at its size)" in said
    assert "no outcome is named a dose-limiting toxicity" in said
    assert "no trend of an adverse outcome over the doses of a study can be tested" in full(safety=[])
    arm = TREND | {"kind": "arm", "arm": 1, "dose_limiting": True, "events": 2, "n": 6, "p_value": None}
    said = full(safety=[arm, arm | {"arm": 2, "events": 0}, TREND | {"status": "not_estimable"}])
    assert "none of 1 trend of an adverse outcome over the doses of a study can be tested" in said
    assert "dose-limiting toxicity is reported for 2 arms, with events in 1." in said


def test_pooled_groups_are_those_of_the_main_analysis():
    row = {
        "analysis": "random_effects",
        "effect_table": "controlled",
        "measure": "hedges_g",
        "stratum": "nasal",
    }
    row |= {"outcome_domain": "pain", "arms": 3, "participants": 60, "outcomes": 1, "studies": 3}
    row |= {"status": "estimated", "why": "REML"}
    other = row | {"stratum": "all", "status": "not_estimable"}
    rows = [
        row | {"sensitivity": "main"},
        other | {"sensitivity": "main"},
        row | {"sensitivity": "derived_counts"},
    ]
    said = " ".join(answered(synthesis=rows).brief)
    assert "Of 2 groups of effects (by route, outcome domain and measure), 1 could be pooled" in said


def test_the_answer_counts_the_verdicts():
    assert "Of the review's 2 claims, 1 is not reproduced and 1 not testable." in answered().brief
    none = TABLES | {"claims": empty(CLAIM_VERDICTS)}
    assert answer(none, counts(none, SHARED["arms"])).brief


def test_a_route_says_what_was_tried_what_is_there_and_what_it_would_take():
    all_routes, route = answer_by_route(TABLES)
    assert (all_routes["route"], route["route"]) == ("all routes mixed", "respiratory")
    assert route["tried"] == "1 of 2; 1 dose, 2×10⁸"
    assert route["effects"] == "pain, Hedges' g: 1 study with 1 arm at 1 dose"
    assert {route[name] for name in ("peak", "width")} == {"can't be told"}
    assert route["slope"] == "–"
    assert route["concentration"] == "can't be told (0 effective, 1 not)"
    assert route["needs"] == (
        "To test a peak: 5 more studies (pain, Hedges' g). To test clusters: 5 more effective trials."
    )


def test_a_route_needs_no_more_words_than_the_notes_of_its_table_leave():
    usable = "with a controlled effect on a primary efficacy outcome at a dose in particles"
    peak = f"6 studies {usable} (one outcome domain and measure) by route nasal, at 4 different doses or more"
    assert needs_in_brief({"stratum": "nasal", "needs": peak}) == "6 studies, at 4 different doses or more"
    mixed = {"stratum": "all", "needs": f"5 more studies {usable} (pain, hedges_g) by any route"}
    assert needs_in_brief(mixed) == "5 more studies (pain, Hedges' g)"


def test_a_route_that_could_be_tested_tells_each_group():
    powerless = PEAK | {"p_value": 0.2, "smallest_p": 0.1, "outcome_domain": "lab"}
    rows = [
        range_row("peak", "respiratory", **PEAK),
        range_row("width", "respiratory", **WIDTH),
        range_row("peak", "respiratory", **powerless),
        range_row("width", "respiratory", **WIDTH | {"outcome_domain": "lab"}),
        range_row("peak", "respiratory", **PEAK | {"p_value": 0.5}, sensitivity="derived_counts"),
        range_row("concentration", "respiratory", **CLUSTERED),
    ]
    slopes = [SLOPE | {"stratum": "respiratory"}, SLOPE | {"stratum": "respiratory", "basis": "two_stage"}]
    _, route = answer_by_route(with_rows(effective_range=rows, dose_response=slopes))
    assert "pain, Hedges' g: better supported than flat and monotone curves (p = 0.012)" in route["peak"]
    assert (
        "lab, Hedges' g: can't be told: at this size no p below 0.10 was possible (p = 0.20)" in route["peak"]
    )
    assert "pain, Hedges' g; sensitivity, derived counts: not shown (p = 0.50)" in route["peak"]
    assert "lab, Hedges' g: if there is a peak: 0.8 log10 particles" in route["width"]
    assert route["concentration"] == "yes (p = 0.020; 6 effective, 7 not)"
    assert "0.2 (−0.1 to 0.5; p = 0.20), between trials" in route["slope"]
    assert "per 10¹⁰ particles, within studies, through the control" in route["slope"]
    assert route["needs"] == "–", "a peak is shown and everything was tested"


def test_a_route_without_a_shown_peak_tells_the_power():
    tables = with_rows(
        effective_range=[range_row("peak", "nasal", **PEAK | {"p_value": 0.4})], power=simulated("nasal", 39)
    )
    tables["tried_arms"] = tables["tried_arms"].assign(stratum=pd.array(["nasal", "nasal"], dtype="string"))
    nasal = next(row for row in answer_by_route(tables) if row["route"] == "nasal")
    assert nasal["needs"].startswith("About 39 controlled arms")


def test_without_an_arm_or_an_effect_there_is_no_route():
    assert answer_by_route(TABLES | {"tried_arms": empty(TRIED_ARMS), "effects": TABLES["effects"][:0]}) == []


def test_a_scenario_without_any_row_is_answered_too():
    schemas = (EFFECTIVE_RANGE, DOSE_RESPONSE, MCP_MOD, POWER, MULTIVERSE, UNCERTAIN_DOSES, ROUTE_SHIFT)
    none = TABLES | {schema.name: empty(schema) for schema in (*schemas, SAFETY, SYNTHESIS, TRIED_ARMS)}
    said = answer(none, counts(none, SHARED["arms"]))
    assert said.outcome == "not testable"
    assert all(sentence.strip().endswith(".") for sentence in (*said.brief, *said.full))
