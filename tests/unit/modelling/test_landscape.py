import numpy as np
import pandas as pd
import pytest

from evdose.dosing.tables import DOSES, ROUTES
from evdose.modelling.concentration import concentration_rows
from evdose.modelling.landscape import arm_particles, included_trials, judged_arms, tried_arms
from evdose.modelling.route_shift import route_shifts
from evdose.modelling.tables import EFFECT_DIRECTION
from evdose.modelling.trends import registrations, trends, trial_groups, year_exposure
from evdose.records.tables import ARMS, TRIALS
from evdose.screening.tables import SCREENING
from evdose.tables import empty

TABLES = {
    "trials": TRIALS,
    "arms": ARMS,
    "doses": DOSES,
    "routes": ROUTES,
    "screening": SCREENING,
    "direction": EFFECT_DIRECTION,
}

SD_OF_A_DECADE = 1 / np.sqrt(12)


def doses_of(*levels, **fixed):
    """Doses from (trial, arm, log10 particles, log10 cumulative particles)."""
    known = {"status": "exact", "particles_via": "stated", "particles_log10_sd": 0.0, "conversion_id": None}
    known |= {"administrations": 10.0, "administrations_status": "exact", "low": 1.0, "high": 1.0}
    known |= {"per_administration_low": 1.0, "per_day_low": np.nan} | fixed
    columns = ["trial_id", "arm", "particles_log10", "cumulative_particles_log10"]
    return pd.DataFrame(list(levels), columns=columns).assign(**known)


def screening_of(included, excluded=(), duplicates=()):
    rows = [(record, "included", None) for record in included]
    rows += [(record, "excluded", None) for record in excluded]
    rows += [(record, "duplicate", kept) for record, kept in duplicates]
    return pd.DataFrame(rows, columns=["record_id", "decision", "duplicate_of"]).astype("string")


def trials_of(*names, product=None):
    return pd.DataFrame({"trial_id": list(names), "product_line": product}).astype("string")


def routes_of(*rows):
    return pd.DataFrame(rows, columns=["trial_id", "arm", "number", "stratum", "arm_stratum"])


def arms_of(*rows):
    columns = ["trial_id", "arm", "role", "record_kind"]
    return pd.DataFrame(rows, columns=columns)


def directions_of(*rows):
    columns = ["study_id", "trial_id", "arm", "stratum", "particles_log10", "call"]
    return (
        pd.DataFrame(rows, columns=columns)
        .assign(outcome="pain")
        .astype({"study_id": "string", "trial_id": "string"})
    )


def test_an_arm_with_levels_stands_with_the_middle_of_the_lowest_and_highest():
    arm = arm_particles(doses_of(("T", 1, 8, 9), ("T", 1, 8.1, 9.1), ("T", 1, 9, 10))).iloc[0]
    assert (arm["per_administration"], arm["cumulative"]) == (8.5, 9.5)
    assert arm["sd"] == pytest.approx(SD_OF_A_DECADE)


def test_what_a_level_itself_leaves_open_adds_to_the_spread():
    arm = arm_particles(doses_of(("T", 1, 8, 9), ("T", 1, 9, 10), particles_log10_sd=0.4)).iloc[0]
    assert arm["sd"] == pytest.approx(np.hypot(SD_OF_A_DECADE, 0.4))


@pytest.mark.parametrize(
    "fixed", [{"status": "ambiguous"}, {"status": "not_reported"}, {"particles_via": "none"}]
)
def test_doses_that_are_not_known_in_particles_are_out(fixed):
    assert arm_particles(doses_of(("T", 1, 8, 9), **fixed)).empty


@pytest.mark.parametrize("fixed", [{"status": "inferred"}, {"particles_via": "converted"}])
def test_inferred_and_converted_doses_are_in(fixed):
    assert len(arm_particles(doses_of(("T", 1, 8, 9), **fixed))) == 1


@pytest.mark.parametrize(("status", "known"), [("inferred", True), ("ambiguous", False)])
def test_conflicting_numbers_of_administrations_give_no_cumulative_dose(status, known):
    arm = arm_particles(doses_of(("T", 1, 8, 9), administrations_status=status)).iloc[0]
    assert arm["per_administration"] == 8
    assert pd.notna(arm["cumulative"]) == known


@pytest.mark.parametrize("status", ["not_reported", "exact"])
def test_a_stated_total_is_a_cumulative_dose_without_one_per_administration(status):
    levels = [("T", 1, np.nan, 9), ("T", 1, np.nan, 10)]
    total = doses_of(*levels, particles_via="none", administrations_status=status)
    arm = arm_particles(total).iloc[0]
    assert pd.isna(arm["per_administration"])
    assert (arm["cumulative"], arm["sd"]) == (9.5, pytest.approx(SD_OF_A_DECADE))


def test_a_dose_a_day_is_as_many_times_the_dose_as_it_is_given_on_a_day():
    arm = arm_particles(doses_of(("T", 1, 8, 9), per_administration_low=3.0, per_day_low=6.0)).iloc[0]
    assert arm["per_day"] == pytest.approx(8 + np.log10(2))


def test_a_dose_a_day_counts_particles_whatever_the_unit():
    # 2 mL twice a day, converted to 10^8 particles each time.
    fixed = {"particles_via": "converted", "conversion_id": "volume", "particles_log10_sd": 0.1}
    arm = arm_particles(doses_of(("T", 1, 8, 9), per_administration_low=2.0, per_day_low=4.0, **fixed)).iloc[
        0
    ]
    assert arm["per_day"] == pytest.approx(8 + np.log10(2))


def test_times_a_day_that_are_not_stated_give_no_dose_a_day_but_a_single_administration_is_the_days():
    assert np.isnan(arm_particles(doses_of(("T", 1, 8, 9)))["per_day"].iloc[0])
    assert arm_particles(doses_of(("T", 1, 8, 8), administrations=1.0))["per_day"].tolist() == [8]
    conflicting = {"administrations": 1.0, "administrations_status": "ambiguous"}
    assert np.isnan(arm_particles(doses_of(("T", 1, 8, 8), **conflicting))["per_day"].iloc[0])


def test_the_spread_of_a_conversion_is_told_from_that_of_the_range():
    sd = np.hypot(SD_OF_A_DECADE, 0.3)
    fixed = {"low": 1.0, "high": 10.0, "particles_log10_sd": sd}
    converted = doses_of(("T", 1, 8, 9), particles_via="converted", conversion_id="mass", **fixed)
    arm = arm_particles(converted).iloc[0]
    assert (arm["sd"], arm["conversion_sd"]) == (pytest.approx(sd), pytest.approx(0.3))
    assert arm["conversion"] == "mass"
    stated = arm_particles(doses_of(("T", 1, 8, 9), low=1.0, high=10.0, particles_log10_sd=SD_OF_A_DECADE))
    assert stated["conversion_sd"].tolist() == [0]


@pytest.mark.parametrize(
    ("known", "trials"),
    [(["exact"], "A"), (["exact", "inferred"], "AB"), (["exact", "inferred", "ambiguous"], "ABC")],
)
def test_which_doses_count_can_be_chosen(known, trials):
    doses = pd.concat(
        doses_of((trial, 1, 8, 9), status=status)
        for trial, status in zip("ABC", ["exact", "inferred", "ambiguous"], strict=True)
    )
    assert arm_particles(doses, known)["trial_id"].tolist() == list(trials)


def test_only_included_records_are_trials_of_the_scenario():
    screening = screening_of(["B", "A"], excluded=["C"], duplicates=[("D", "A")])
    assert included_trials(trials_of("D", "C", "B", "A"), screening)["trial_id"].tolist() == ["A", "B"]


def test_every_experimental_arm_of_an_included_trial_has_one_row_dose_or_not():
    arms = arms_of(
        ("A", 1, "experimental", "registration"),
        ("A", 2, "placebo", "registration"),
        ("A", 3, "experimental", "registration"),
        ("X", 1, "experimental", "registration"),
        ("S", 1, "experimental", "publication"),
    )
    routes = routes_of(
        ("A", 1, 1, "respiratory", "several"),
        ("A", 1, 2, "intravenous", "several"),
        ("A", 3, 1, "topical", "topical"),
        ("X", 1, 1, "nasal", "nasal"),
        ("S", 1, 1, "nasal", "nasal"),
    )
    tried = tried_arms(trials_of("A"), arms, doses_of(("A", 1, 8, 9), ("X", 1, 8, 9)), routes)
    assert tried[["trial_id", "arm", "stratum"]].to_numpy().tolist() == [
        ["A", 1, "several"],
        ["A", 3, "topical"],
    ]
    assert tried["per_administration"].tolist() == [8, pytest.approx(np.nan, nan_ok=True)]


def test_two_studies_of_a_trial_are_one_trial_and_a_study_without_one_is_its_own():
    direction = directions_of(
        ("S1", "A", 1, "nasal", 8.0, "effective"),
        ("S2", "A", 1, "nasal", 9.0, "not shown"),
        ("S3", None, 1, "topical", 9.5, "harmful"),
        ("S4", "A", 1, "nasal", 9.0, "not testable"),
    )
    judged = judged_arms(direction, trials_of("A", product="Exo"), doses_of(("S1", 1, 8, 8.7)))
    assert judged["trial_id"].tolist() == ["A", "A", "S3"]
    assert judged["effective"].tolist() == [True, False, False]
    assert judged["product_line"].tolist()[:2] == ["Exo", "Exo"]
    assert judged["per_administration"].tolist() == [8.0, 9.0, 9.5]
    assert judged["cumulative"].tolist()[0] == 8.7


def test_a_scenario_without_trials_or_studies_has_empty_series_and_rows_that_say_so():
    nothing = {name: empty(schema) for name, schema in TABLES.items()}
    included = included_trials(nothing["trials"], nothing["screening"])
    tried = tried_arms(included, nothing["arms"], nothing["doses"], nothing["routes"])
    judged = judged_arms(nothing["direction"], nothing["trials"], nothing["doses"])
    groups = trial_groups(included, nothing["routes"], nothing["doses"])
    exposure = year_exposure("2014-01-01", "2024-12-31", groups["year"])
    registered = registrations(groups, exposure)
    models = {"min_trials_route_shift": 2, "min_trials_effective_range": 5}
    assert registered.empty
    assert trends(registered, exposure, models).empty
    shifts = route_shifts({"all": tried, "effective": judged[judged["effective"]]}, models, 1)
    concentration = concentration_rows(judged, models, 1)
    assert {*shifts["status"], *(row["status"] for row in concentration)} == {"not_estimable"}
