"""Trials whose true dose–response is known, run as cards through the rules: the right answer, or none."""

from __future__ import annotations

import pandas as pd
import pytest

import planted
from recipes import run_recipes
from workspace import make_small

PEAKS = {width: planted.peak(1.2, width) for width in (0.5, 1.0, 2.0)}
TABLES = ("effective_range", "dose_response", "claims")
ENOUGH, TOO_FEW = 20, 4


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Run the pipeline on planted trials; gives tables by name, main analyses only."""
    workspace = make_small(tmp_path_factory.mktemp("planted") / "evdose")
    targets = [f"build/update/modelling/{name}.parquet" for name in TABLES]

    def run(effect, trials: int) -> dict[str, pd.DataFrame]:
        planted.write(planted.plant(effect, trials, seed=3), workspace.folder)
        ran = workspace.snakemake(*targets)
        assert ran.status == 0, ran.output
        tables = {
            name: pd.read_parquet(workspace.folder / target)
            for name, target in zip(TABLES, targets, strict=True)
        }
        return main_analyses(tables)

    return run


def main_analyses(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables without sensitivity analyses."""
    return {
        name: table[table["sensitivity"] == "main"] if "sensitivity" in table else table
        for name, table in tables.items()
    }


def answer(tables: dict[str, pd.DataFrame], question: str) -> pd.Series:
    """The inhaled trials' answer to a question."""
    rows = tables["effective_range"].query("question == @question and stratum == 'respiratory'")
    assert len(rows) == 1
    return rows.iloc[0]


def verdict(tables: dict[str, pd.DataFrame], analysis: str) -> str:
    """What is said of the review's claims that this analysis tests."""
    (said,) = set(tables["claims"].query("analysis == @analysis")["verdict"])
    return said


@pytest.mark.parametrize("width", PEAKS)
def test_a_planted_range_is_found_with_its_place_and_width(answers, width):
    tables = answers(PEAKS[width], ENOUGH)

    found, extent = answer(tables, "peak"), answer(tables, "width")
    assert found["status"] == "estimated"
    assert found["p_value"] <= 0.05
    assert extent["low"] <= width <= extent["high"]
    assert extent["peak_low"] <= 10 <= extent["peak_high"]
    assert (
        verdict(tables, "effective_range")
        in {
            0.5: {"reproduced"},
            1.0: {"reproduced", "in part"},
            2.0: {"contradicted", "in part"},
        }[width]
    )


def test_a_rising_effect_is_no_range_but_a_dose_response(answers):
    tables = answers(planted.rising(1.2), ENOUGH)

    assert answer(tables, "peak")["p_value"] > 0.05
    assert "not better supported" in answer(tables, "width")["why"]
    slope = tables["dose_response"].query("basis == 'within_trials' and stratum == 'respiratory'").iloc[0]
    assert slope["low"] > 0
    assert verdict(tables, "effective_range") == "not reproduced"
    assert verdict(tables, "dose_response") == "reproduced"


def test_no_effect_is_neither(answers):
    tables = answers(planted.nothing, ENOUGH)

    assert answer(tables, "peak")["p_value"] > 0.05
    assert answer(tables, "width")["status"] == "not_estimable"
    slope = tables["dose_response"].query("basis == 'within_trials' and stratum == 'respiratory'").iloc[0]
    assert slope["low"] < 0 < slope["high"]
    assert verdict(tables, "effective_range") == "not reproduced"


@pytest.mark.parametrize(
    "effect", [PEAKS[1.0], planted.rising(1.2), planted.nothing], ids=["peak", "rising", "none"]
)
def test_too_few_trials_say_so_and_what_they_lack(effect, tmp_path):
    for kind in ("trials", "outcomes"):
        (tmp_path / "seeds" / kind).mkdir(parents=True)
    planted.write(planted.plant(effect, TOO_FEW, seed=3), tmp_path)
    tables = main_analyses(run_recipes(tmp_path))

    for question in ("peak", "width", "concentration"):
        row = answer(tables, question)
        assert row["status"] == "not_estimable"
        assert row["needs"]
    assert answer(tables, "peak")["studies"] == TOO_FEW
