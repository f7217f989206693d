import numpy as np
import pandas as pd
import pytest

from dosed_studies import effects_of, scored
from evdose.modelling.dose_groups import dose_groups
from evdose.modelling.effective_range import effective_ranges
from evdose.modelling.tables import EFFECTS
from evdose.tables import empty

MODELS = {"confidence": 0.95, "bootstrap_samples": 99, "range_share_of_peak": 0.9}


def studies(mean_at, count=18, seed=1):
    """Studies of an inhaled dose each, 8 to 10 in log10, whose control has a mean score of 5."""
    rng = np.random.default_rng(seed)
    doses = np.resize(np.linspace(8, 10, 7), count)
    means = 5 + mean_at(doses) + rng.normal(0, 0.1, count)
    return effects_of(
        *(scored(f"S{i:02}", [dose], [mean]) for i, (dose, mean) in enumerate(zip(doses, means, strict=True)))
    )


def ranges(effects, concentration=(), **models):
    return effective_ranges(dose_groups(effects), list(concentration), MODELS | models, 7)


def row_of(table, question, stratum="respiratory"):
    return table[(table["question"] == question) & (table["stratum"] == stratum)].iloc[0]


def peaked(doses):
    return 6 * np.exp(-0.5 * ((doses - 9) / 0.4) ** 2)


def test_a_planted_range_is_found():
    table = ranges(studies(peaked))
    peak, width = row_of(table, "peak"), row_of(table, "width")
    assert (peak["status"], width["status"]) == ("estimated", "estimated")
    assert peak["p_value"] <= 0.05
    assert "a peak is better supported" in peak["why"]
    assert "observational: confounded by condition and product" in peak["why"]
    assert peak["smallest_p"] == pytest.approx(0.01)
    true = 0.4 * 2 * np.sqrt(2 * np.log(1 / 0.9))
    assert width["low"] < true < width["high"]
    assert width["low"] <= width["estimate"] <= width["high"]
    assert width["peak_low"] < 9 < width["peak_high"]
    assert pd.isna(width["p_value"])


def test_a_monotone_effect_is_no_range():
    peak = row_of(ranges(studies(lambda doses: 4 * (doses - 8))), "peak")
    assert peak["p_value"] > 0.05
    assert "a peak is not better supported" in peak["why"]


def test_without_benefit_a_range_has_no_width():
    width = row_of(ranges(studies(lambda doses: 0 * doses - 3)), "width")
    assert width["status"] == "not_estimable"
    assert "no benefit is shown at any dose" in width["why"]
    assert np.isnan(width[["estimate", "low", "high"]].astype(float)).all()


@pytest.mark.parametrize(
    ("count", "needs"),
    [
        (1, "5 more studies with a controlled effect on a primary efficacy outcome at a dose in particles"),
        (5, "1 more study with a controlled effect"),
    ],
)
def test_too_few_studies_say_how_many_more(count, needs):
    table = ranges(studies(peaked, count))
    for question in ("peak", "width"):
        row = row_of(table, question)
        assert row["status"] == "not_estimable"
        assert row["needs"].startswith(needs)
        assert "(function score, hedges_g) by route respiratory" in row["needs"]
        assert row["studies"] == count
    assert ("3 further doses" in row_of(table, "peak")["needs"]) == (count == 1)


def test_too_few_doses_say_how_many_more():
    effects = effects_of(*(scored(f"S{i}", [8 + i % 3], [6.0 + i]) for i in range(9)))
    needs = row_of(ranges(effects), "peak")["needs"]
    assert needs.endswith("by route respiratory at 1 further dose")


def test_a_stratum_without_effects_has_its_rows():
    table = ranges(empty(EFFECTS))
    assert table["question"].tolist() == ["peak", "width"]
    assert table["needs"].str.startswith("6 studies with").all()
    assert table["needs"].str.endswith("by any route, at 4 different doses or more").all()


def test_rows_of_the_concentration_stand_behind():
    row = {
        "question": "concentration",
        "stratum": "all",
        "sensitivity": "main",
        "status": "not_estimable",
        "why": "none",
        **dict.fromkeys(("studies", "arms", "dose_levels", "outcomes"), 0),
    }
    table = ranges(empty(EFFECTS), [row])
    assert table["question"].tolist() == ["peak", "width", "concentration"]


def test_the_order_of_effects_does_not_matter():
    effects = studies(peaked, 8)
    shuffled = effects.sample(frac=1, random_state=2)
    pd.testing.assert_frame_equal(ranges(effects), ranges(shuffled))
