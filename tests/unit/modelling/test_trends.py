import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.optimize import brentq
from statsmodels.discrete.discrete_model import Poisson
from statsmodels.genmod.families import NegativeBinomial
from statsmodels.genmod.generalized_linear_model import GLM

from evdose.dosing.tables import DOSES
from evdose.modelling.trends import rate_ratio, registrations, trends, trial_groups, year_exposure
from evdose.tables import frame_of

MODELS = {"min_trials_trend": 10, "confidence": 0.95}
YEARS = np.arange(2014.0, 2025)
pytestmark = pytest.mark.filterwarnings("error")


def trials_of(dates, **columns):
    n = len(dates)
    known = {"condition_group": "other", "phase": "PHASE1", "countries": "Iran", "cell_source_group": "fat"}
    return pd.DataFrame(
        {"trial_id": [f"T{i}" for i in range(n)], "first_posted": dates} | known | columns
    ).astype("string")


def routes_of(trials, stratum="topical"):
    return pd.DataFrame({"trial_id": trials["trial_id"], "record_stratum": stratum})


def doses_of(*rows):
    """Doses from (trial, unit, log10 particles)."""
    table = frame_of(
        [
            {
                "trial_id": trial,
                "arm": arm,
                "level": 1,
                "record_kind": "registration",
                "unit": unit,
                "particles_log10": particles,
                "status": "not_reported" if unit is None else "exact",
                "particles_via": "none" if particles is None else "stated",
                "administrations_status": "not_reported",
                "curated": False,
                "source_id": "card.yaml",
                "locator": "/arms/0/dose",
            }
            for arm, (trial, unit, particles) in enumerate(rows, start=1)
        ],
        DOSES,
    )
    return table


NO_DOSES = doses_of()


def trend_of(counts, exposure=None, models=MODELS):
    exposure = pd.Series(1.0, YEARS[: len(counts)].astype(int)) if exposure is None else exposure
    rows = {"grouping": "all", "group": "all", "year": exposure.index, "n": counts}
    return trends(pd.DataFrame(rows), exposure, models).iloc[0]


def test_poisson_rate_ratio_is_that_of_the_closed_form_of_two_halves():
    # Same count in each year before and after: the slope is nil, and the p-value 1.
    ratio, low, high, p_value, model = rate_ratio(np.full(11, 4.0), YEARS, np.ones(11), 0.95)
    assert model == "Poisson"
    assert (ratio, p_value) == (pytest.approx(1), pytest.approx(1))
    # Information on the slope of a Poisson regression with mean 4: 4 Σ(year − mean)².
    half = 1.959964 / np.sqrt(4 * ((YEARS - YEARS.mean()) ** 2).sum())
    assert (low, high) == (pytest.approx(np.exp(-half)), pytest.approx(np.exp(half)))


def test_poisson_regression_equals_statsmodels_discrete():
    counts = np.array([1, 2, 2, 4, 3, 6, 7, 7, 10, 9, 6.0])
    exposure = np.r_[np.ones(10), 0.5]
    ratio, low, high, p_value, model = rate_ratio(counts, YEARS, exposure, 0.95)
    design = np.column_stack([np.ones(11), YEARS - 2019])
    peer = Poisson(counts, design, exposure=exposure).fit(disp=0)
    assert model == "Poisson"
    assert np.log([ratio, low, high]) == pytest.approx([peer.params[1], *peer.conf_int()[1]], rel=1e-6)
    assert p_value == pytest.approx(peer.pvalues[1], rel=1e-5)


def test_exact_growth_is_found_exactly():
    counts = 3 * 1.25 ** np.arange(11)
    assert rate_ratio(counts, YEARS, np.ones(11), 0.95)[0] == pytest.approx(1.25, rel=1e-6)


def test_a_burst_in_the_first_days_of_the_last_year_does_not_make_the_fit_diverge():
    counts = np.array([92.0, 38, 2, 5, 2, 148, 28, 0, 23, 3, 50])
    ratio, low, high, _, model = rate_ratio(counts, YEARS, np.r_[np.ones(10), 0.025], 0.95)
    assert model == "negative binomial"
    assert 0 < low < ratio < high < 3


def test_part_of_a_year_counts_by_its_length():
    counts, exposure = np.full(11, 8.0), np.ones(11)
    counts[-1], exposure[-1] = 4, 0.5
    assert rate_ratio(counts, YEARS, exposure, 0.95)[0] == pytest.approx(1, abs=1e-9)
    assert rate_ratio(counts, YEARS, np.ones(11), 0.95)[0] < 1


def test_over_dispersed_counts_get_the_negative_binomial_and_a_wider_interval():
    counts = np.array([0, 9, 0, 1, 14, 0, 2, 25, 1, 30, 3.0])
    ratio, low, high, _, model = rate_ratio(counts, YEARS, np.ones(11), 0.95)
    assert model == "negative binomial"
    poisson = Poisson(counts, np.column_stack([np.ones(11), YEARS - 2019])).fit(disp=0)
    assert low < np.exp(poisson.conf_int()[1, 0])
    assert high > np.exp(poisson.conf_int()[1, 1])
    assert low < ratio < high


def test_the_negative_binomial_interval_is_a_t_interval_at_the_moment_estimate_of_dispersion():
    counts = np.array([0, 9, 0, 1, 14, 0, 2, 25, 1, 30, 3.0])
    design = np.column_stack([np.ones(11), YEARS - 2019])

    def fit(alpha):
        return GLM(counts, design, family=NegativeBinomial(alpha=alpha)).fit(tol=1e-12)

    peer = fit(brentq(lambda alpha: fit(alpha).pearson_chi2 - 9, 0.01, 10))
    half = stats.t.ppf(0.975, 9) * peer.bse[1]
    ratio, low, high, p_value, _ = rate_ratio(counts, YEARS, np.ones(11), 0.95)
    expected = peer.params[1] + np.array([0, -half, half])
    assert np.log([ratio, low, high]) == pytest.approx(expected, rel=1e-6)
    assert p_value == pytest.approx(2 * stats.t.sf(peer.tvalues[1], 9), rel=1e-6)


def test_exposure_of_the_years_of_a_window():
    exposure = year_exposure("2014-07-01", "2026-11-20", pd.Series([2014, 2020]))
    assert list(exposure.index) == list(range(2014, 2027))
    assert exposure[2014] == pytest.approx(184 / 365)
    assert exposure[2015] == 1
    assert exposure[2026] == pytest.approx(324 / 365)


def test_years_before_the_first_trial_of_the_field_make_no_trend():
    assert year_exposure("2000-01-01", "2024-12-31", pd.Series([2017, 2015])).index[0] == 2015
    assert year_exposure("2014-01-01", "2024-12-31", pd.Series([2017])).index[0] == 2017
    assert list(year_exposure("2023-01-01", "2024-12-31", pd.Series([], dtype=int)).index) == [2023, 2024]


def test_years_without_trials_count_as_zeros():
    trials = trials_of(["2014-05-01", "2017-05-01", "2017-06-01"])
    table = registrations(
        trial_groups(trials, routes_of(trials), NO_DOSES),
        year_exposure("2014-01-01", "2018-12-31", pd.Series([2014])),
    )
    everything = table[table["grouping"] == "all"]
    assert everything["n"].tolist() == [1, 0, 0, 2, 0]


def test_a_trial_counts_once_by_route_and_once_in_each_of_its_countries():
    trials = trials_of(["2020-01-05"], countries="China; Iran")
    routes = pd.DataFrame({"trial_id": "T0", "record_stratum": ["several", "several"]})
    groups = trial_groups(trials, routes, NO_DOSES)
    assert list(groups.loc[groups["grouping"] == "route", "group"]) == ["several"]
    assert sorted(groups.loc[groups["grouping"] == "country", "group"]) == ["China", "Iran"]
    assert (groups["grouping"] == "all").sum() == 1


def test_missing_phase_or_country_is_a_group_and_an_undated_trial_is_not_counted():
    trials = trials_of(["2020-01-05", None], phase=None, countries=None)
    groups = trial_groups(trials, routes_of(trials), NO_DOSES)
    assert set(groups["trial_id"]) == {"T0"}
    assert set(groups.loc[groups["grouping"].isin(["phase", "country"]), "group"]) == {"not reported"}


@pytest.mark.parametrize("counts", [[0, 1, 2, 0, 3, 3], [0, 0, 0, 0, 0, 60], [0, 0, 0, 30, 0, 30]])
def test_too_little_for_a_trend_is_said(counts):
    row = trend_of(counts)
    assert row["status"] == "not_estimable"
    assert np.isnan(row["rate_ratio"])
    assert f"{sum(counts)} trials" in row["why"]
    assert "needs 10 trials" in row["why"]


def test_one_trial_is_said_in_the_singular():
    assert trend_of([1, 0, 0])["why"].startswith("1 trial in 1 of 3 years")


def test_order_of_trials_and_arms_changes_nothing():
    trials = trials_of([f"20{year}-03-0{day}" for year in (15, 17, 18) for day in range(1, 6)])
    exposure = year_exposure("2014-01-01", "2020-12-31", pd.Series([2015]))
    doses = doses_of(("T1", "particle", 8.0), ("T1", "ug", None), ("T3", None, None), ("T4", "mL", None))
    one = registrations(trial_groups(trials, routes_of(trials), doses), exposure)
    two = registrations(trial_groups(trials[::-1], routes_of(trials)[::-1], doses[::-1]), exposure)
    pd.testing.assert_frame_equal(one, two)
    pd.testing.assert_frame_equal(trends(one, exposure, MODELS), trends(two, exposure, MODELS))


def test_units_of_dose_and_doses_in_particles_are_counted_by_trial():
    trials = trials_of(["2020-01-05", "2021-01-05", "2022-01-05", "2023-01-05"])
    doses = doses_of(
        ("T0", "particle", 9.0),
        ("T0", "particle/mL", None),
        ("T0", "ug", None),
        ("T1", "cell", None),
        ("T2", None, None),
        ("T2", "pmol", None),
        ("T9", "mL", None),
    )
    groups = trial_groups(trials, routes_of(trials), doses).set_index("trial_id")
    units = groups.loc[groups["grouping"] == "dose unit", "group"]
    assert units.groupby("trial_id").agg(sorted).tolist() == [
        ["mass", "particles"],
        ["cells"],
        ["amount of lipid"],
        ["not reported"],
    ]
    known = groups.loc[groups["grouping"] == "dose in particles", "group"]
    assert known.tolist() == ["known", "not known", "not known", "not known"]


@pytest.mark.parametrize("dispersion", [0.0, 0.5])
def test_without_a_trend_the_test_rejects_no_more_often_than_it_says(dispersion):
    rng = np.random.default_rng(int(10 * dispersion))
    exposure, p_values = np.r_[np.ones(10), 0.5], []
    for _ in range(150):
        rate = rng.gamma(1 / dispersion, dispersion, 11) if dispersion else np.ones(11)
        p_values.append(rate_ratio(rng.poisson(6 * rate * exposure).astype(float), YEARS, exposure, 0.95)[3])
    assert np.mean(np.array(p_values) <= 0.05) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 150)
