"""The shipped seeds are whole, and say what the evidence says."""

from __future__ import annotations

import csv
import json
import re

import pandas as pd
import pytest

from evdose.documents import read_yaml, resolve
from evdose.records.ingest import Inputs, ingest
from places import PROJECT

SEEDS = PROJECT / "seeds"
TEXTS = {"dose_text": "dose", "schedule_text": "schedule", "route_text": "route"}
# Remarks on a text, not the source's own words.
REMARK = r" \((?:not confirmed in excerpt|paraphrased from Portuguese|values not seen)\)$"
ORIGIN_NOT_STATED = {"IRCT20190101042197N2", "ChiCTR2500108441"}  # of the stem cells, of the exosomes


@pytest.fixture(scope="module")
def tables():
    files = {
        "cards": sorted(map(str, (SEEDS / "trials").glob("*.yaml"))),
        "studies": sorted(map(str, (SEEDS / "outcomes").glob("*.yaml"))),
        "claims": str(SEEDS / "claims.yaml"),
        "anchors": str(SEEDS / "registration_date_anchors.csv"),
        "schemas": sorted(map(str, (PROJECT / "workflow/schemas").glob("*.json"))),
    }
    config = {
        name: str(PROJECT / f"config/{name}.yaml") for name in ("conditions", "cell_sources", "products")
    }
    return ingest(Inputs(**files, **config), strict=True, cache_folder=None)


@pytest.fixture(scope="module")
def documents():
    return {str(path): read_yaml(path).data for path in SEEDS.rglob("*.yaml")}


@pytest.fixture(scope="module")
def evidence(reference):
    def load(name):
        return [json.loads(line) for line in (reference / "evidence" / name).read_text("utf-8").splitlines()]

    return load


def test_every_record_has_its_card(tables):
    assert len(tables["trials"]) >= 251
    assert {"NCT07295067", "NCT07131683", "NCT04276987"} <= set(tables["trials"]["trial_id"])
    assert len(tables["claims"]) == 13


def test_a_card_is_named_after_its_id_and_asks_the_editor_to_check_it(documents):
    for folder, key in (("trials", "id"), ("outcomes", "study_id")):
        for path in (SEEDS / folder).glob("*.yaml"):
            assert path.stem == re.sub(r"[^A-Za-z0-9._-]", "_", documents[str(path)][key])
            schema = "trial" if folder == "trials" else "outcomes"
            first = path.read_text(encoding="utf-8").splitlines()[0]
            assert first == f"# yaml-language-server: $schema=../../workflow/schemas/{schema}.schema.json"


def test_every_text_is_found_again_at_its_locator(tables, documents):
    for row in tables["arms"].itertuples():
        arm = resolve(documents[row.source_id], row.locator)
        assert arm["label"] == row.label
        for column, field in TEXTS.items():
            value = getattr(row, column)
            assert arm.get(field) == (None if pd.isna(value) else value)


def test_every_outcome_is_found_again_at_its_locator(tables, documents):
    for row in tables["outcomes"].itertuples():
        outcome = resolve(documents[row.source_id], row.locator)
        assert outcome["outcome"] == row.outcome
        for field in ("n", "events", "mean", "sd", "median", "p_value", "baseline_mean"):
            value = getattr(row, field)
            assert outcome.get(field) == (None if pd.isna(value) else value)
        arms = documents[row.source_id]["arms"]
        assert arms[row.arm - 1]["label"] == outcome["arm"]


def test_every_conflict_and_claim_is_found_again(tables, documents):
    for row in tables["conflicts"].itertuples():
        found = resolve(documents[row.source_id], row.locator)
        other = found if isinstance(found, str) else found["other_value"]
        assert other == row.other_value
    for row in tables["claims"].itertuples():
        assert resolve(documents[row.source_id], row.locator)["statement"] == row.statement


def test_nothing_is_lost(tables):
    sources = tables["sources"]
    assert (
        sources["scanned"] == sources["selected"] + sources["not_selected"] + sources["quarantined"]
    ).all()
    cards = sources[sources["format"] == "trial card"]
    assert cards["scanned"].sum() == len(tables["trials"])
    assert sources["file"].is_unique


def test_counts_can_be(tables):
    outcomes = tables["outcomes"]
    known = outcomes.dropna(subset=["events", "n"])
    assert (known["events"] <= known["n"]).all()
    binary = outcomes[outcomes["kind"] == "binary"]
    assert binary[["mean", "sd", "median"]].isna().all(axis=None)


def test_derived_counts_are_marked(tables):
    derived = tables["outcomes"].query("derived")
    assert set(derived["study_id"]) == {"Lightner2023"}
    assert len(derived) == 6


def test_a_study_that_repeats_another_points_at_the_one_with_counts(tables):
    outcomes = tables["outcomes"]
    repeated = outcomes.dropna(subset=["same_data_as"])
    pairs = set(zip(repeated["study_id"], repeated["same_data_as"], strict=True))
    assert {("Shi2021", "CTG_NCT04313647"), ("Samara2020_NCT04491240", "CTG_NCT04491240")} <= pairs
    for study, used in pairs:
        assert (outcomes["study_id"] == used).sum() >= (outcomes["study_id"] == study).sum()


def test_a_bound_on_p_is_told_apart_from_a_p_value(tables):
    outcomes = tables["outcomes"].set_index(["study_id", "outcome"]).sort_index()
    assert outcomes.loc[("Sengupta2020", "CRP % change"), "p_value_is_bound"].iloc[0]
    assert outcomes.loc[("Sengupta2020", "CRP % change"), "p_value_against"].iloc[0] == "baseline"
    deaths = outcomes.loc[("Zamanian2024", "in-hospital mortality")]
    assert deaths["p_value_is_bound"].isna().all()
    assert set(deaths["p_value_against"]) == {"control"}
    within = tables["outcomes"].query("study_id == 'CTG_NCT04491240' and p_value.notna()")
    assert set(within["p_value_against"]) == {"baseline"}


def test_a_mass_is_unspecified_unless_the_text_says_protein(tables):
    curated = tables["arms"].dropna(subset=["curated_unit"])
    mass = curated[curated["curated_unit"] == "ug"]
    assert len(mass)
    assert set(mass["curated_substance"]) == {"mass_unspecified"}


def test_curated_values_fill_gaps_only(tables):
    arms = tables["arms"]
    doses = arms.dropna(subset=["curated_low"])
    with_text = doses.dropna(subset=["dose_text"])
    # the registry writes a volume, a table the mass; the text doesn't say that its volume is for one joint
    assert set(with_text["trial_id"]) <= {"NCT06242379", "NCT05514639"}
    assert arms.dropna(subset=["curated_administrations"])["schedule_text"].isna().all()


def test_dates_are_inferred_only_where_none_is_stated_or_it_is_in_doubt(tables, documents):
    for row in tables["trials"].itertuples():
        data = documents[row.source_id]
        doubt = any(flag["field"] == "first_posted" for flag in data.get("flags", []))
        if row.first_posted_status == "inferred":
            assert "first_posted" not in data or doubt
        if row.first_posted_status == "exact":
            assert row.first_posted == data["first_posted"]


def test_texts_equal_the_evidence_byte_for_byte(evidence, tables):
    arms = tables["arms"].set_index(["trial_id", "label"])
    trials = evidence("trials.jsonl")
    assert len(trials) == 251
    for trial in trials:
        for arm in trial["arms"]:
            row = arms.loc[(trial["trial_id"], arm["label"])]
            for column, field in TEXTS.items():
                value = row[column]
                written = arm[f"{field}_as_written"]
                expected = written and re.sub(REMARK, "", written)
                assert (None if pd.isna(value) else value) == expected, trial["trial_id"]
            assert row["role"] == arm["role"]


def test_what_the_evidence_says_of_a_trial_is_in_its_card(evidence, tables):
    trials = tables["trials"].set_index("trial_id")
    says = {True: "yes", False: "no", None: "unknown"}
    for trial in evidence("trials.jsonl"):
        row = trials.loc[trial["trial_id"]]
        unstated = trial["trial_id"] in ORIGIN_NOT_STATED
        assert row["msc_derived"] == ("unknown" if unstated else says[trial["msc_derived"]])
        assert row["registered"] == trial["registered"]
        if not re.search("paraphrased|cut|not shown", trial["title"]):
            assert row["title"] == trial["title"]
        if trial["first_posted"] is None:
            assert row["first_posted_status"] in {"inferred", "unknown"}
        estimate = trial["first_posted_estimate"]
        if estimate is not None and estimate < "2026-03":  # beyond it both extrapolate, in their own ways
            assert row["first_posted_low"][:7] <= estimate <= row["first_posted_high"][:7]


def test_every_doubt_of_the_evidence_has_come_along(evidence, tables):
    trials = tables["trials"].set_index("trial_id")
    notes = tables["arms"].groupby("trial_id")["flag_note"].agg(lambda texts: " ".join(texts.dropna()))
    for trial in evidence("trials.jsonl"):
        flags = [
            flag for flag in trial["value_flags"] if flag["field"] not in {"first_posted_estimate", "notes"}
        ]
        told = f"{trials.loc[trial['trial_id'], 'flags']} {notes.get(trial['trial_id'], '')}"
        if flags:
            assert re.search("inferred|conflicting|second-hand|unverified|superscript lost", told), trial[
                "trial_id"
            ]
        for part, word in (("dose", "dose"), ("route", "route"), ("administrations", "schedule")):
            if any(flag["field"] == f"arms.{part}" for flag in flags):
                assert word in told, trial["trial_id"]


def test_outcome_counts_equal_the_evidence(evidence, tables):
    rows = [row for row in evidence("outcomes.jsonl") if row["events"] is not None and row["n"] is not None]
    ours = tables["outcomes"].dropna(subset=["events", "n"])
    assert len(ours) == len(rows)
    assert int(ours["events"].sum()) == sum(row["events"] for row in rows)
    assert int(ours["n"].sum()) == sum(row["n"] for row in rows)


def test_anchors_equal_the_evidence(reference):
    def read(path):
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    assert read(SEEDS / "registration_date_anchors.csv") == read(reference / "evidence/nct_date_anchors.csv")
