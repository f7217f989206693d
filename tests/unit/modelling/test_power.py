import numpy as np
import pandas as pd
import pytest

from evdose.modelling.power import power_table

MODELS = {
    "confidence": 0.95,
    "range_share_of_peak": 0.9,
    "power": {
        "widths": [0.5],
        "heights": [0.8],
        "participants_per_arm": 20,
        "heterogeneity": 0.2,
        "arms": [10, 80],
        "target": 0.8,
        "simulations": 100,
    },
}


def tried(**doses):
    rows = [(stratum, dose) for stratum, known in doses.items() for dose in known]
    return pd.DataFrame(rows, columns=["stratum", "per_administration"]).assign(trial_id="t", arm=1)


MANY = np.linspace(8, 11, 12)


def test_a_row_for_each_number_of_arms_and_that_at_hand():
    table = power_table(tried(respiratory=[*MANY, np.nan]), MODELS, 1)
    inhaled = table[table["stratum"] == "respiratory"]
    assert inhaled["arms"].tolist() == [10, 12, 80]
    assert inhaled.loc[inhaled["at_hand"], "arms"].tolist() == [12]
    assert (inhaled["status"] == "estimated").all()
    assert inhaled["power"].iloc[-1] > 0.8
    assert inhaled["arms_needed"].nunique() == 1
    assert 12 < inhaled["arms_needed"].iloc[0] <= 80
    assert f"about {inhaled['arms_needed'].iloc[0]} arms have power 0.8" in inhaled["why"].iloc[0]


def test_power_out_of_reach_is_said():
    weak = {**MODELS, "power": MODELS["power"] | {"heights": [0.1]}}
    table = power_table(tried(nasal=MANY), weak, 1)
    assert table["arms_needed"].isna().all()
    assert table["why"].str.contains(r"no number simulated \(up to 80 arms\) has power 0.8").all()


@pytest.mark.parametrize(
    ("doses", "counted"),
    [
        ([8, 9, 10], "3 arms at 3 doses"),
        ([8, 9, 10] * 4, "12 arms at 3 doses"),
        ([np.nan], "0 arms at 0 doses"),
    ],
)
def test_too_few_arms_or_doses(doses, counted):
    row = power_table(tried(topical=doses), MODELS, 1).set_index("stratum").loc["topical"]
    assert row["status"] == "not_estimable"
    assert np.isnan(row["power"])
    assert counted in row["why"]
    assert "6 arms at 4 different doses" in row["needs"]


def test_order_of_rows_and_names_of_arms_do_not_matter():
    arms = tried(respiratory=MANY, nasal=[9, 10])
    shuffled = arms.sample(frac=1, random_state=3).assign(trial_id="other", arm=2)
    pd.testing.assert_frame_equal(power_table(arms, MODELS, 1), power_table(shuffled, MODELS, 1))
