import numpy as np
import pandas as pd
import pytest

from evdose.dosing.tables import DOSE_SENSITIVITY, DOSES
from evdose.modelling.landscape import tried_arms
from evdose.modelling.multiverse import multiverse, survives
from evdose.modelling.route_shift import route_shifts
from evdose.modelling.tables import EFFECTS, MULTIVERSE
from evdose.tables import empty, frame_of

MODELS = {
    "confidence": 0.95,
    "min_trials_route_shift": 2,
    "pre_post_correlation": 0.5,
    "alternative_correlations": [0.3, 0.7],
    "permutations": 999,
    "bootstrap_samples": 99,
}
NO_EFFECTS = empty(EFFECTS)
NO_ASSUMPTIONS = empty(DOSE_SENSITIVITY)


def dose(trial, particles, **columns):
    """A dose given ten times, twice a day."""
    known = {
        "trial_id": trial,
        "arm": 1,
        "level": 1,
        "record_kind": "registration",
        "status": "exact",
        "particles_via": "stated",
        "low": 10**particles,
        "high": 10**particles,
        "unit": "particle",
        "substance": "particles",
        "per": "administration",
        "administrations": 10.0,
        "administrations_status": "exact",
        "per_administration_low": 10**particles,
        "per_administration_high": 10**particles,
        "per_day_low": 2 * 10**particles,
        "per_day_high": 2 * 10**particles,
        "particles_log10": particles,
        "particles_log10_sd": 0.0,
        "cumulative_particles_log10": particles + 1,
        "curated": False,
        "source_id": "card.yaml",
        "locator": "/arms/0/dose",
    }
    return known | columns


def landscape_of(inhaled, intravenous, product=None):
    """Included trials, arms, doses and routes, from doses as of :func:`dose`; ``product`` by trial."""
    doses = frame_of([*inhaled, *intravenous], DOSES)
    arms = doses[["trial_id", "arm", "record_kind"]].drop_duplicates().assign(role="experimental")
    routes = arms[["trial_id", "arm"]].assign(
        arm_stratum=["respiratory"] * len(inhaled) + ["intravenous"] * len(intravenous)
    )
    included = pd.DataFrame({"trial_id": arms["trial_id"], "product_line": None}).astype("string")
    included["product_line"] = included["trial_id"].map(product or {}).astype("string")
    return included, arms, doses, routes


def apart(n=5, **columns):
    inhaled = [dose(f"I{i}", 8 + i / 10, **columns) for i in range(n)]
    return inhaled, [dose(f"V{i}", 10 + i / 10) for i in range(n)]


def effects_of(doses, slope=0.5, measure="hedges_g", table="controlled", domain="pain", noise=0.01):
    rng = np.random.default_rng(7)
    rows = [
        {
            "effect_id": f"E{i}",
            "effect_table": table,
            "measure": measure,
            "study_id": f"S{i}",
            "trial_id": f"T{i}",
            "arm": 1,
            "label": "EV",
            "comparator_arm": 2 if table == "controlled" else None,
            "outcome": "VAS",
            "outcome_domain": domain,
            "primary": True,
            "stratum": "intra-articular",
            "particles_log10": x,
            "estimate": slope * x + noise * rng.normal(),
            "variance": 0.05,
            "control_variance": 0.02,
            "n_treated": 40,
            "n_control": 40,
            "numbers": "x",
            "equation": "x",
            "derived": False,
            "estimated_moments": False,
            "source_id": "s.yaml",
            "locator": "/outcomes/0",
        }
        for i, x in enumerate(doses)
    ]
    return frame_of(rows, EFFECTS)


def published(doses):
    return [dose(f"S{i}", x, record_kind="publication") for i, x in enumerate(doses)]


def specifications(landscape, assumed=NO_ASSUMPTIONS, effects=NO_EFFECTS, question="route_shift"):
    table = multiverse(*landscape, assumed, effects, MODELS)
    return table[table["question"] == question]


def pick(table, axis="per_administration", doses="converted", arms="inferred", without="none"):
    chosen = (table["axis"] == axis) & (table["doses"] == doses) & (table["arms"] == arms)
    return table[chosen & (table["without_product"] == without)].iloc[0]


def test_the_main_specification_is_the_row_of_the_main_analysis():
    included, arms, doses, routes = landscape_of(*apart())
    table = specifications((included, arms, doses, routes))
    main = table[table["main"]]
    shifts = route_shifts({"all": tried_arms(included, arms, doses, routes)}, MODELS, 1)
    main_row = shifts[shifts["without_product"].eq("none") & shifts["stratum_a"].eq("respiratory")].iloc[0]
    assert len(main) == 1
    numbers = ["low", "high"]
    assert main[["estimate", *numbers]].iloc[0].tolist() == main_row[["shift", *numbers]].tolist()


def test_every_choice_is_a_row():
    table = specifications(landscape_of(*apart()))
    assert len(table) == 27
    assert (table["status"] == "estimated").all()
    assert table["estimate"].to_numpy() == pytest.approx(-2)
    assert table.loc[table["main"], "surviving"].tolist() == [1.0]
    assert table.loc[~table["main"], "surviving"].isna().all()


def test_each_choice_drops_or_adds_its_own_doses():
    inhaled, intravenous = apart(3)
    inhaled += [
        dose("converted", 7, particles_via="converted", conversion_id="mass"),
        dose("inferred", 6, status="inferred"),
        dose("ambiguous", 5, status="ambiguous"),
        dose("assumed", np.nan, particles_via="none", cumulative_particles_log10=np.nan),
    ]
    gained = {name: value for name, value in inhaled[-1].items() if name in DOSE_SENSITIVITY.columns}
    gained |= {"low": 1.0, "high": 1.0, "unit": "ug", "particles_log10": 4.0, "particles_log10_sd": 0.4}
    inhaled[-1] |= {"low": 1.0, "high": 1.0, "per_administration_low": 1.0, "per_administration_high": 1.0}
    inhaled[-1] |= {"per_day_low": 2.0, "per_day_high": 2.0, "unit": "ug", "substance": "mass_unspecified"}
    assumed = frame_of(
        [gained | {"substance": "mass_unspecified", "assumption_id": "mass"}], DOSE_SENSITIVITY
    )
    table = specifications(landscape_of(inhaled, intravenous), assumed)
    sizes = {
        (doses, arms): pick(table, doses=doses, arms=arms)["studies"] - 3
        for doses in ("stated", "converted", "assumed")
        for arms in ("exact", "inferred", "ambiguous")
    }
    assert list(sizes.values()) == [3, 4, 5, 4, 5, 6, 5, 6, 7]
    assert pick(table, doses="assumed")["estimate"] < pick(table)["estimate"] < -2
    # The assumed dose is given ten times, twice a day: it counts on each axis.
    for axis in ("per_day", "cumulative"):
        assert pick(table, axis, "assumed")["studies"] == pick(table, axis)["studies"] + 1


def test_a_product_is_left_out_where_it_has_arms():
    landscape = landscape_of(*apart(), product={"I0": "Exo", "I1": "Exo"})
    table = specifications(landscape)
    assert set(table["without_product"]) == {"none", "Exo"}
    assert pick(table, without="Exo")["studies"] == pick(table)["studies"] - 2


def test_a_choice_that_leaves_too_little_says_so():
    inhaled, intravenous = apart(4, status="inferred")
    row = pick(specifications(landscape_of(inhaled, intravenous)), arms="exact")
    assert row["status"] == "not_estimable"
    assert "0 respiratory and 4 intravenous trials; a shift needs 2 of each" in row["why"]


def test_too_small_for_an_interval_is_said_and_survives_nothing():
    table = specifications(landscape_of(*apart(2)))
    assert table["low"].isna().all()
    assert table.loc[table["main"], "surviving"].tolist() == [0.0]
    assert "0 of 27 estimable specifications excludes 0 on this side (27 have none)" in pick(table)["why"]
    assert table["why"].str.contains("no 95% interval exists at this size").all()


# --- slopes


DOSES_TRIED = [8.0, 8.5, 9, 9.5, 10, 10.5, 11]


def slopes(doses=DOSES_TRIED, **options):
    landscape = landscape_of(*apart(2))
    of_published = pd.concat([landscape[2], frame_of(published(doses), DOSES)], ignore_index=True)
    included = pd.concat(
        [landscape[0], pd.DataFrame({"trial_id": ["T0", "T1"], "product_line": "Exo"}).astype("string")]
    )
    changed = included, landscape[1], of_published, landscape[3]
    return specifications(changed, effects=effects_of(doses, **options), question="dose_slope")


def test_a_planted_slope_is_found_under_every_choice():
    table = slopes()
    assert (table["status"] == "estimated").all()
    assert len(table) == 2 * 27
    assert table["estimate"].to_numpy() == pytest.approx(0.5, abs=0.02)
    assert table["why"].str.contains("confounded by route, condition and product").all()
    main = table[table["main"]]
    assert len(main) == 1
    assert main["surviving"].iloc[0] == np.mean(table["low"] > 0)
    assert main["low"].iloc[0] < 0.5 < main["high"].iloc[0]


def test_correlations_move_the_variance_of_changes_and_nothing_else():
    table = slopes(measure="standardised_mean_change", table="change")
    base = table[table["without_product"].eq("none") & table["axis"].eq("per_administration")]
    widths = base.groupby("correlation")["high"].max() - base.groupby("correlation")["low"].max()
    assert list(widths.index) == [0.3, 0.5, 0.7]
    assert widths.is_monotonic_decreasing
    assert table["estimate"].to_numpy() == pytest.approx(0.5, abs=0.02)
    # Becker: 2 (1 - r) / n is a part of the variance; n = 40 and 0.05 at r = 0.5.
    assert widths[0.3] / widths[0.5] == pytest.approx(np.sqrt(0.06 / 0.05), rel=1e-3)
    assert table["main"].sum() == 1


def test_a_slope_that_no_choice_makes_estimable_has_one_row_of_the_main_choices():
    table = slopes([8.0, 9.0])
    assert len(table) == 1
    row = table.iloc[0]
    assert row["main"]
    assert np.isnan(row["surviving"])
    assert row["why"] == "2 studies with 2 arms at 2 doses; a slope needs 5 studies and 3 doses"


def test_no_effects_at_all_are_said_in_one_row():
    table = specifications(landscape_of(*apart(2)), question="dose_slope")
    assert table["status"].tolist() == ["not_estimable"]
    assert "no study with a primary effect" in table["why"].iloc[0]


def test_nothing_at_all_is_no_failure():
    nothing = landscape_of([], [])
    table = multiverse(*nothing, NO_ASSUMPTIONS, NO_EFFECTS, MODELS)
    assert set(table["status"]) == {"not_estimable"}
    assert set(table["question"]) == {"route_shift", "dose_slope"}


# --- survival


def curve(*rows):
    """Specifications from (estimate, low, high), the first is the main one; None: not estimable."""
    made = [
        {"main": i == 0, "estimate": row[0], "low": row[1], "high": row[2], "status": "estimated"}
        if row
        else {"main": i == 0, "status": "not_estimable"}
        for i, row in enumerate(rows)
    ]
    return pd.DataFrame(made, columns=["main", "estimate", "low", "high", "status"])


@pytest.mark.parametrize(
    ("rows", "share"),
    [
        ([(1, 0.5, 2)], 1),
        ([(1, 0.5, 2), (1, -0.1, 2)], 0.5),
        ([(1, 0.5, 2), (-1, -2, -0.5)], 0.5),
        ([(-1, -2, -0.5), (-3, -4, -2), (1, 0.5, 2)], 2 / 3),
        ([(1, 0.5, 2), None, None, (2, 1, 3)], 1),
        ([(1, 0.5, 2), (2, np.nan, np.nan)], 0.5),
        ([(1, -0.5, 2), (1, 0.5, 2)], 0.5),
    ],
)
def test_survival_by_hand(rows, share):
    assert survives(curve(*rows)) == pytest.approx(share)


@pytest.mark.parametrize("rows", [[None, (1, 0.5, 2)], [(0, -1, 1), (1, 0.5, 2)]])
def test_without_a_main_finding_nothing_can_survive(rows):
    assert np.isnan(survives(curve(*rows)))


def test_survival_needs_one_main_specification():
    with pytest.raises(ValueError, match="there are 0"):
        survives(curve((1, 0.5, 2)).assign(main=False))
    with pytest.raises(ValueError, match="there are 2"):
        survives(curve((1, 0.5, 2), (1, 0.5, 2)).assign(main=True))


def test_order_of_all_tables_changes_nothing():
    included, arms, doses, routes = landscape_of(*apart(3), product={"I0": "Exo"})
    doses = pd.concat([doses, frame_of(published(DOSES_TRIED), DOSES)], ignore_index=True)
    effects = effects_of(DOSES_TRIED)
    one = multiverse(included, arms, doses, routes, NO_ASSUMPTIONS, effects, MODELS)
    other = multiverse(
        *(frame.sample(frac=1, random_state=3) for frame in (included, arms, doses, routes)),
        NO_ASSUMPTIONS,
        effects.sample(frac=1, random_state=4),
        MODELS,
    )
    assert list(one.columns) == list(MULTIVERSE.columns)
    pd.testing.assert_frame_equal(one, other)
