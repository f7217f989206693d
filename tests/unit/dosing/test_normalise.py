"""Whole arms: nothing is dropped, the curator wins, flags lower the status, and every fragment leads back."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from evdose.dosing import reasons
from evdose.dosing.normalise import normalise, summary


@pytest.fixture
def run(trials_of, arms_of, reader, conversions):
    def of(*arms, trial=()):
        return normalise(trials_of(*trial), arms_of(*arms), reader, conversions)

    return of


def only(frame):
    assert len(frame) == 1
    return frame.iloc[0]


def test_every_experimental_arm_has_a_dose_row_and_a_route_row(run):
    doses, routes, *_ = run(
        {"dose_text": "2×10^8 particles", "route_text": "nebulised"},
        {"label": "nothing known"},
        {"role": "placebo", "dose_text": "2 mL of saline"},
    )
    assert list(doses["arm"]) == list(routes["arm"]) == [1, 2]
    assert list(doses["status"]) == ["exact", "not_reported"]
    assert list(routes["status"]) == ["mapped", "not_reported"]
    assert list(doses["why"].fillna("")) == ["", reasons.NO_TEXT]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("exosomes", reasons.NO_AMOUNT),
        ("at the lowest dose level", reasons.LEVEL_ONLY),
        ("MTD/day", reasons.LEVEL_ONLY),
        ("10% PEP", reasons.UNREAD),
    ],
)
def test_a_missing_dose_says_why_and_shows_the_text(run, text, why):
    row = only(run({"dose_text": text})[0])
    assert (row["status"], row["particles_via"], row["why"]) == ("not_reported", "none", why)
    assert (row["locator"], row["fragment"]) == ("/arms/0/dose", text)


def test_two_measures_of_one_dose_are_two_levels(run):
    doses, *_ = run({"dose_text": "1×10^11 particles or 250-300 micrograms of exosomes"})
    assert list(doses["level"]) == [1, 2]
    assert list(doses["substance"]) == ["particles", "mass_unspecified"]


def test_the_label_chooses_among_the_levels_of_all_arms(run):
    doses, *_ = run(
        {"label": "arm [50 μg level]", "dose_text": "50μg or 20μg MSC-Exo"},
        {"label": "arm [20 μg level]", "dose_text": "50μg or 20μg MSC-Exo"},
        {"label": "50 μg or 20 μg, pooled", "dose_text": "50μg or 20μg MSC-Exo"},
    )
    assert list(zip(doses["arm"], doses["low"], strict=True)) == [(1, 50), (2, 20), (3, 50), (3, 20)]
    assert doses["why"].iloc[0].startswith(reasons.LEVEL_FROM_LABEL)


def test_the_dose_may_stand_in_another_field(run):
    row = only(run({"route_text": "10ug eye drops"})[0])
    assert (row["low"], row["locator"], row["fragment"]) == (10, "/arms/0/route", "10ug")


def test_the_curator_wins(run):
    row = only(
        run(
            {
                "dose_text": "2 x 108 particles",
                "curated_low": 4e8,
                "curated_unit": "particle",
                "curated_substance": "particles",
                "curated_per": "administration",
                "curated_administrations": 3,
                "curated_reason": "the paper says so; doi; 2026-11",
            }
        )[0]
    )
    assert (row["low"], row["high"], row["curated"], row["status"]) == (4e8, 4e8, True, "exact")
    assert (row["administrations"], row["schedule_rule"]) == (3, "curated")
    assert (row["locator"], row["fragment"]) == ("/arms/0/curated/reason", "the paper says so")
    assert row["cumulative_particles_log10"] == pytest.approx(math.log10(1.2e9))


@pytest.mark.parametrize(
    ("flag", "curated", "status"),
    [
        ("inferred", False, "inferred"),
        ("second-hand", False, "inferred"),
        ("conflicting", False, "ambiguous"),
        ("unverified", False, "not_reported"),
        ("conflicting", True, "inferred"),
    ],
)
def test_a_flag_lowers_the_status(run, flag, curated, status):
    values = (
        {"curated_low": 1e9, "curated_unit": "particle", "curated_substance": "particles"} if curated else {}
    )
    row = only(run({"dose_text": "1×10^9 particles", "dose_flag": flag, **values})[0])
    assert row["status"] == status
    assert reasons.FLAGS[flag] in row["why"]
    assert pd.isna(row["low"]) == (flag == "unverified")


def test_a_lost_superscript_is_inferred_and_keeps_the_other_reading(run):
    row = only(run({"dose_text": "8.0*108 nano vesicles/3 ml"})[0])
    assert (row["status"], row["low"], row["why"]) == ("inferred", 8e8, reasons.LOST_SUPERSCRIPT)
    assert row["other_low"] == pytest.approx(864)


def test_a_daily_volume_over_days(run):
    row = only(run({"dose_text": "0.5 ml/day (Secretomes)", "schedule_text": "for 30 days"})[0])
    assert (row["administrations"], row["administrations_status"]) == (30, "inferred")
    assert (row["per_administration_low"], row["cumulative_low"]) == (0.5, 15)
    assert row["status"] == "inferred"
    assert reasons.SCHEDULE_GUESSED in row["why"]


@pytest.mark.parametrize(
    ("dose", "flag", "status"),
    [
        ("a total of 6×10^8 particles", "conflicting", "ambiguous"),
        ("a total of 6×10^8 particles", "second-hand", "inferred"),
        ("a total of 6×10^8 particles", None, "exact"),
        ("6×10^8 particles", "conflicting", "exact"),
    ],
)
def test_a_divided_dose_is_as_sure_as_its_schedule(run, dose, flag, status):
    arm = {"dose_text": dose, "schedule_text": "3 doses", "schedule_flag": flag}
    assert only(run(arm)[0])["status"] == status


def test_n_times_an_amount_says_how_often(run):
    row = only(run({"dose_text": "2 x 10cc secretome"})[0])
    assert (row["low"], row["administrations"], row["administrations_status"]) == (10, 2, "exact")


def test_the_product_line_of_the_trial_brings_its_conversion(run):
    arm = {"dose_text": "10 mL of vesicles"}
    doses, _, conversions, _ = run(arm, trial=({"product_line": "ExoFlo"},))
    assert only(doses)["conversion_id"] == "exoflo_volume"
    assert conversions.set_index("conversion_id").loc["exoflo_volume", "n_doses"] == 1
    assert only(run(arm)[0])["particles_via"] == "none"


def test_conversions_count_what_they_convert_in_whichever_analyses(run):
    _, _, conversions, _ = run(
        {"dose_text": "10 µg"},
        {"dose_text": "10 µg/kg"},
        {"dose_text": "1e9 particles"},
        {"dose_text": "1 µg"},
    )
    counts = conversions.set_index("conversion_id")["n_doses"]
    assert (counts["mass"], counts["body_weight"], counts["exoflo_volume"]) == (3, 1, 0)


def test_what_is_assumed_stands_in_a_table_of_its_own(run):
    doses, _, _, assumed = run(
        {"dose_text": "1e9 particles"},
        {"dose_text": "2×10^9 particles/kg", "dose_flag": "second-hand"},
        {"dose_text": "10 µg of protein"},
        {"label": "nothing known"},
    )
    assert list(doses["particles_via"]) == ["stated", "none", "none", "none"]
    assert list(assumed["arm"]) == [2, 3]
    assert list(assumed["assumption_id"]) == ["body_weight", "mass"]
    assert list(assumed["status"]) == ["inferred", "exact"]
    assert list(assumed["locator"]) == ["/arms/1/dose", "/arms/2/dose"]


def test_body_weight_is_in_no_main_table(trials_of, arms_of, reader, conversions):
    arms = arms_of({"dose_text": "2×10^9 particles/kg"}, {"dose_text": "10 µg/kg"}, {"dose_text": "1e9 EVs"})
    heavier = [replace(one, log10=one.log10 + 1) if one.per == "kg" else one for one in conversions]
    light, heavy = (normalise(trials_of(), arms, reader, given) for given in (conversions, heavier))
    pd.testing.assert_frame_equal(light[0], heavy[0])
    pd.testing.assert_series_equal(light[3]["particles_log10"] + 1, heavy[3]["particles_log10"])


def test_a_total_keeps_its_particles_and_a_dose_a_day_its_amount(run):
    total = only(run({"dose_text": "a total of 6×10^8 particles"})[0])
    assert (total["status"], total["particles_via"], total["why"]) == ("exact", "none", reasons.PER_TOTAL)
    assert total["cumulative_particles_log10"] == pytest.approx(math.log10(6e8))
    assert pd.isna(total["per_administration_low"])
    twice = only(run({"dose_text": "2-3×10^8 particles", "schedule_text": "BID x 10 days"})[0])
    assert (twice["per_day_low"], twice["per_day_high"]) == (4e8, 6e8)
    assert only(run({"dose_text": "10 µg/kg"})[0])["per_kg_low"] == 10


def test_several_routes_are_kept_and_their_stratum_is_several(run):
    _, routes, *_ = run({"route_text": "Intravenous and intra-arterial"})
    assert list(routes["route"]) == ["intravenous", "intra-arterial"]
    assert list(routes["number"]) == [1, 2]
    assert set(routes["arm_stratum"]) == {"several"}


@pytest.mark.parametrize(
    ("texts", "stratum"),
    [
        (["intravenous", "i.v. drip", "injection"], "intravenous"),
        (["intravenous", "nasal spray"], "several"),
        (["injection", None], "unspecified injection"),
        ([None, "by carrier pigeon"], "unmapped"),
        ([None, None], "not reported"),
    ],
)
def test_a_record_stands_in_one_stratum(run, texts, stratum):
    _, routes, *_ = run(*({"route_text": text} for text in texts))
    assert set(routes["record_stratum"]) == {stratum}


def test_the_route_may_stand_in_the_label_but_not_against_the_route_field(run):
    _, routes, *_ = run(
        {"label": "Intranasal exosomes"},
        {"label": "intra-articular vesicles", "route_text": "injection"},
        {"label": "Intranasal exosomes", "route_text": "intravenous"},
    )
    assert list(routes["route"]) == ["nasal", "intra-articular", "intravenous"]
    assert list(routes["locator"]) == ["/arms/0/label", "/arms/1/label", "/arms/2/route"]


def test_a_blank_route_field_is_no_route(run):
    _, routes, *_ = run({"label": "exosomes", "route_text": " "})
    assert only(routes)["status"] == "not_reported"


@pytest.mark.parametrize(
    ("flag", "status"),
    [("inferred", "inferred"), ("conflicting", "inferred"), ("unverified", "not_reported")],
)
def test_a_flagged_route(run, flag, status):
    assert only(run({"route_text": "intravenous", "route_flag": flag})[1])["status"] == status


def test_a_curated_route_wins(run):
    row = only(run({"route_text": "10ug/drop", "curated_route": "ophthalmic"})[1])
    assert (row["route"], row["stratum"], row["locator"]) == (
        "ophthalmic",
        "ophthalmic",
        "/arms/0/curated/route",
    )


def test_reasons_come_from_the_closed_list(run):
    doses, *_ = run(
        {"dose_text": "2 x 108 particles/kg", "dose_flag": "second-hand"},
        {"dose_text": "10 µg/drop"},
        {"dose_text": "15 mL of exosomes"},
        {"dose_text": "8 X 10^9 mL"},
        {},
    )
    said = {reason for why in doses["why"] for reason in why.split("; ")}
    assert said <= set(reasons.REASONS)
    assert len(said) >= 7


def test_the_order_of_arms_does_not_matter(trials_of, arms_of, reader, conversions):
    arms = arms_of({"dose_text": "1e9 particles"}, {"dose_text": "10 mg"}, {"route_text": "oral"})
    tables = [normalise(trials_of(), given, reader, conversions) for given in (arms, arms.iloc[::-1])]
    for one, other in zip(*tables, strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_the_summary_counts_arms(run):
    doses, routes, *_ = run({"dose_text": "1e9 particles", "route_text": "by drone"}, {})
    text = summary(doses, routes)
    assert text.startswith("2 experimental arms: 1 with particles")
    assert "1 without a dose; 1 routes unmapped" in text
