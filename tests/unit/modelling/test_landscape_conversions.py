"""Who uses a conversion, and what moves without it: by hand, and whatever the doses."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from evdose.dosing.tables import CONVERSIONS, DOSE_SENSITIVITY, DOSES, ROUTES, STRATA
from evdose.modelling.landscape import tried_arms
from evdose.modelling.landscape_conversions import conversion_use, with_assumptions
from evdose.records.tables import ARMS, TRIALS
from evdose.screening.tables import STUDIES
from evdose.tables import empty, frame_of

KEY = {"record_kind": "registration", "source_id": "f", "locator": "/"}
USES = {"volume": "main", "idle": "main", "mass": "sensitivity", "weight": "sensitivity", "unused": "none"}


def conversions(**uses):
    fixed = {"convert_from": "a", "convert_to": "b", "context": "c", "n_doses": 0}
    return frame_of([fixed | {"conversion_id": name, "use": use} for name, use in uses.items()], CONVERSIONS)


def dose(trial, arm, log10=None, by=None, level=1, **more):
    """A dose in particles, converted where ``by`` names a conversion; without ``log10`` one in µg."""
    via = "none" if log10 is None else "stated" if by is None else "converted"
    values = {"particles_log10": log10, "particles_log10_sd": None if log10 is None else 0.1}
    known = {"status": "exact", "particles_via": via, "conversion_id": by, "curated": False}
    schedule = {"administrations_status": "exact", "administrations": 1.0}
    schedule["cumulative_particles_log10"] = log10
    return KEY | {"trial_id": trial, "arm": arm, "level": level} | values | known | schedule | more


def gained(trial, arm, log10, by, level=1, **more):
    read = {"low": 1.0, "high": 1.0, "unit": "ug", "substance": "protein", "per": "administration"}
    values = {"particles_log10": log10, "particles_log10_sd": 0.5, "assumption_id": by, "status": "exact"}
    return KEY | {"trial_id": trial, "arm": arm, "level": level} | read | values | more


def used(doses_given, assumed=(), strata=None, studies=(), included="ABC", **uses):
    """The table ``conversion_use`` by conversion: every trial in ``strata`` (intravenous), arms as given."""
    doses, gains = frame_of(list(doses_given), DOSES), frame_of(list(assumed), DOSE_SENSITIVITY)
    arms = doses[["trial_id", "arm", "record_kind"]].drop_duplicates().assign(role="experimental")
    stratum = arms["trial_id"].map(strata or {}).fillna("intravenous")
    routes = arms[["trial_id", "arm"]].assign(arm_stratum=stratum)
    trials = pd.DataFrame({"trial_id": list(included), "product_line": None}).astype("string")
    of_studies = pd.DataFrame({"study_id": list(studies), "used": True}).astype({"study_id": "string"})
    table = conversion_use(conversions(**(uses or USES)), doses, gains, (trials, arms, routes), of_studies)
    return table.set_index("conversion_id")


def test_a_main_conversion_says_who_uses_it_and_what_moves_without_it():
    table = used(
        [dose("A", 1, 12, "volume"), dose("A", 2, 12, "volume"), dose("B", 1, 9), dose("C", 1, 8)],
        strata={"C": "nasal"},
    )
    row = table.loc["volume"]
    assert (row["trials"], row["arms"], row["trial_ids"]) == (1, 2, "A")
    assert (row["arms_with"], row["arms_without"]) == (4, 2)
    assert (row["medians_with"], row["medians_without"]) == (
        "intravenous 12.00 (3 arms)",
        "intravenous 9.00 (1 arm)",
    )
    assert (row["largest_shift"], row["largest_shift_stratum"]) == (3, "intravenous")


def test_the_largest_shift_may_be_downwards_and_a_stratum_may_be_lost():
    table = used(
        [
            dose("A", 1, 7, "volume"),
            dose("A", 2, 9),
            dose("B", 1, 9, "volume"),
            dose("B", 2, 8.8),
            dose("C", 1, 10, "volume"),
        ],
        strata={"B": "nasal", "C": "topical"},
    )
    row = table.loc["volume"]
    assert (row["largest_shift"], row["largest_shift_stratum"]) == (-1, "intravenous")
    assert row["medians_without"] == "intravenous 9.00 (1 arm); nasal 8.80 (1 arm); topical no arm"


def test_where_every_arm_rests_on_it_there_is_no_shift_to_tell():
    row = used([dose("A", 1, 12, "volume")]).loc["volume"]
    assert pd.isna(row["largest_shift"]) and pd.isna(row["largest_shift_stratum"])
    assert (row["arms_with"], row["arms_without"]) == (1, 0)


def test_an_assumption_is_left_out_of_all_assumptions_together():
    table = used(
        [dose("A", 1, 9), dose("B", 1), dose("C", 1), dose("C", 2)],
        [gained("B", 1, 10, "mass"), gained("C", 1, 12, "weight; mass"), gained("C", 2, 11, "weight")],
    )
    assert list(table.loc[["mass", "weight"], "arms"]) == [2, 2]
    assert list(table.loc[["mass", "weight"], "arms_with"]) == [4, 4]
    assert list(table.loc[["mass", "weight"], "arms_without"]) == [2, 2]
    assert list(table.loc[["mass", "weight"], "largest_shift"]) == [0.5, 1]
    assert list(table.loc[["volume", "idle", "unused"], "arms_with"]) == [1, 1, 1]


def test_an_arm_that_is_known_in_particles_assumes_nothing():
    doses = frame_of([dose("A", 1, 9), dose("A", 1, level=2), dose("B", 1)], DOSES)
    gains = frame_of([gained("A", 1, 12, "mass", level=2), gained("B", 1, 12, "mass")], DOSE_SENSITIVITY)
    filled = with_assumptions(doses.assign(rests_on=doses["conversion_id"]), gains)
    assert filled["particles_log10"].fillna(0).tolist() == [9, 0, 12]
    assert filled["rests_on"].fillna("").tolist() == ["", "", "mass"]


def test_only_the_scenario_counts():
    study = {"record_kind": "publication"}
    table = used(
        [
            dose("A", 1, 9, "volume"),
            dose("A", 2, 9, "volume", status="ambiguous"),
            dose("X", 1, 9, "volume"),
            dose("S1", 1, 9, "volume", **study),
            dose("S2", 1, 9, "volume", **study),
        ],
        studies=["S1"],
    )
    row = table.loc["volume"]
    assert (row["trials"], row["arms"], row["trial_ids"], row["study_ids"]) == (1, 1, "A", "S1")


def test_every_conversion_has_a_row_even_where_there_is_nothing():
    scope = tuple(empty(schema) for schema in (TRIALS, ARMS, ROUTES))
    table = conversion_use(conversions(**USES), empty(DOSES), empty(DOSE_SENSITIVITY), scope, empty(STUDIES))
    assert table["conversion_id"].tolist() == list(USES)
    assert not table[["trials", "arms", "arms_with", "arms_without", "largest_shift"]].any(axis=None)


@st.composite
def landscapes(draw):
    """Doses of a few arms, stated, converted or gained by assumptions, and the strata of their trials."""
    doses, assumed = [], []
    for trial in "ABC":
        for arm in range(1, draw(st.integers(1, 4))):
            log10 = draw(st.integers(60, 130)) / 10
            by = draw(st.sampled_from([None, "volume", "mass", "weight", "weight; mass", "nothing"]))
            in_main = by in (None, "volume")
            doses.append(dose(trial, arm, log10 if in_main else None, by if in_main else None))
            if by is not None and not in_main and by != "nothing":
                assumed.append(gained(trial, arm, log10, by))
    strata = {trial: draw(st.sampled_from(STRATA[:3])) for trial in "ABC"}
    return doses, assumed, strata


@settings(deadline=None, max_examples=40)
@given(landscapes())
def test_no_arm_is_lost_or_made(landscape):
    given_doses, assumed, strata = landscape
    table = used(given_doses, assumed, strata)
    stated = sum(one["particles_log10"] is not None for one in given_doses)
    for name, row in table.iterrows():
        everything = stated + (len(assumed) if USES[name] == "sensitivity" else 0)
        assert (row["arms_with"], row["arms_without"]) == (everything, everything - row["arms"])
        assert (row["arms"] > 0) == (row["trials"] > 0) == pd.notna(row["trial_ids"])
    for idle in ("idle", "unused"):
        row = table.loc[idle]
        assert (row["arms"], row["largest_shift"]) == (0, 0)
        assert row[["trial_ids", "medians_with", "medians_without", "largest_shift_stratum"]].isna().all()


@settings(deadline=None, max_examples=25)
@given(landscapes(), st.integers(-30, 30).map(lambda tenths: tenths / 10))
def test_a_larger_factor_moves_the_landscape_with_it_and_not_without(landscape, by):
    given_doses, assumed, strata = landscape
    moved = [
        one | {"particles_log10": one["particles_log10"] + by} if one["conversion_id"] == "volume" else one
        for one in given_doses
    ]
    was, now = (used(some, assumed, strata).loc["volume"] for some in (given_doses, moved))
    kept = ["trials", "arms", "trial_ids", "arms_with", "arms_without", "medians_without"]
    pd.testing.assert_series_equal(was[kept], now[kept])


@settings(deadline=None, max_examples=25)
@given(landscapes())
def test_a_conversion_that_nobody_uses_can_be_taken_away(landscape):
    given_doses, assumed, strata = landscape
    fewer = {name: use for name, use in USES.items() if name not in ("idle", "unused")}
    pd.testing.assert_frame_equal(
        used(given_doses, assumed, strata).drop(index=["idle", "unused"]),
        used(given_doses, assumed, strata, **fewer),
    )


def test_the_main_landscape_is_the_one_of_the_main_analyses():
    given_doses = [dose("A", 1, 9), dose("A", 2, 12, "volume"), dose("B", 1)]
    doses = frame_of(given_doses, DOSES)
    arms = doses[["trial_id", "arm", "record_kind"]].assign(role="experimental")
    routes = arms[["trial_id", "arm"]].assign(arm_stratum="nasal")
    trials = pd.DataFrame({"trial_id": ["A", "B"], "product_line": None}).astype("string")
    tried = tried_arms(trials, arms, doses, routes)
    table = used(given_doses, [gained("B", 1, 10, "mass")], included="AB")
    assert table.loc["volume", "arms_with"] == tried["per_administration"].notna().sum() == 2
