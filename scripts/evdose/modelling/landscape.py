"""The dose landscape: which doses in particles were tried, by which route, and which of them were tested."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evdose.records.tables import REGISTRATION

ARM_DOSES = ["trial_id", "arm", "stratum", "product_line", "per_administration", "cumulative", "sd"]
KNOWN = ("exact", "inferred")
_IN_PARTICLES = ("stated", "converted")


def included_trials(trials: pd.DataFrame, screening: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``trials`` that the scenario includes, in the order of their identifiers."""
    included = screening.loc[screening["decision"] == "included", "record_id"]
    return trials[trials["trial_id"].isin(included)].sort_values("trial_id").reset_index(drop=True)


def tried_arms(
    included: pd.DataFrame, arms: pd.DataFrame, doses: pd.DataFrame, routes: pd.DataFrame
) -> pd.DataFrame:
    """One row an experimental arm of an included trial, columns ``ARM_DOSES``; an unknown dose is NaN."""
    given = arms[(arms["role"] == "experimental") & (arms["record_kind"] == REGISTRATION)]
    strata = routes.drop_duplicates(["trial_id", "arm"])[["trial_id", "arm", "arm_stratum"]]
    return (
        given[["trial_id", "arm"]]
        .merge(included[["trial_id", "product_line"]], on="trial_id")
        .merge(strata.rename(columns={"arm_stratum": "stratum"}), on=["trial_id", "arm"])
        .merge(arm_particles(doses), on=["trial_id", "arm"], how="left")
        .sort_values(["trial_id", "arm"], ignore_index=True)[ARM_DOSES]
    )


def judged_arms(effect_direction: pd.DataFrame, trials: pd.DataFrame, doses: pd.DataFrame) -> pd.DataFrame:
    """One row a published arm whose effect the rule could judge: columns ``ARM_DOSES`` and ``effective``.

    ``trial_id`` is the study where no trial is known; two studies of one trial count as one trial.
    """
    judged = effect_direction[effect_direction["call"] != "not testable"]
    product = trials.set_index("trial_id")["product_line"]
    of_arm = arm_particles(doses)[["trial_id", "arm", "cumulative", "sd"]]
    return (
        judged.merge(of_arm.rename(columns={"trial_id": "study_id"}), on=["study_id", "arm"], how="left")
        .assign(
            product_line=lambda rows: rows["trial_id"].map(product),
            trial_id=lambda rows: rows["trial_id"].fillna(rows["study_id"]),
            effective=lambda rows: rows["call"].eq("effective").astype(bool),
        )
        .rename(columns={"particles_log10": "per_administration"})
        .sort_values(["trial_id", "study_id", "arm"], ignore_index=True)[[*ARM_DOSES, "effective"]]
    )


def arm_particles(doses: pd.DataFrame) -> pd.DataFrame:
    """Dose of every arm in log10 particles: trial_id, arm, per_administration, cumulative, sd.

    Only doses that are exact or inferred, in particles as stated or converted. An arm with several levels
    stands with the middle of its lowest and highest; ``sd`` is that of a log-uniform dose between them,
    together with what the levels themselves leave open. Conflicting numbers of administrations give no
    cumulative dose, unless it is the one that is stated: then per_administration may be NaN.
    """
    known = doses[doses["status"].isin(KNOWN)]
    one, every = known["particles_log10"], known["cumulative_particles_log10"]
    in_particles = known["particles_via"].isin(_IN_PARTICLES)
    settled = in_particles & known["administrations_status"].isin(KNOWN)
    known = known.assign(one=one.where(in_particles), every=every.where(settled | one.isna()))
    levels = known.dropna(subset=["one", "every"], how="all").groupby(["trial_id", "arm"])
    lowest, highest = levels[["one", "every"]].min(), levels[["one", "every"]].max()
    middle, range_ = (lowest + highest) / 2, highest - lowest
    within = levels["particles_log10_sd"].max().fillna(0)
    return pd.DataFrame(
        {
            "per_administration": middle["one"],
            "cumulative": middle["every"],
            "sd": np.sqrt(range_["one"].fillna(range_["every"]) ** 2 / 12 + within**2),
        }
    ).reset_index()
