"""The dose landscape: which doses in particles were tried, by which route, and which of them were tested."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evdose.modelling.tables import TRIED_ARMS
from evdose.records.tables import REGISTRATION

AXES = ("per_administration", "per_day", "cumulative")
ARM_DOSES = list(TRIED_ARMS.columns)
JUDGED_ARMS = [*ARM_DOSES, "outcome", "effective"]
KNOWN = ("exact", "inferred")
_IN_PARTICLES = ("stated", "converted")
_WITHOUT_A_NUMBER = ("not_reported", "open-ended")  # of administrations: one a day is a dose a day
_OF_ARM = [name for name in ARM_DOSES if name not in ("stratum", "product_line")]


def included_trials(trials: pd.DataFrame, screening: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``trials`` that the scenario includes, in the order of their identifiers."""
    included = screening.loc[screening["decision"] == "included", "record_id"]
    return trials[trials["trial_id"].isin(included)].sort_values("trial_id").reset_index(drop=True)


def tried_arms(
    included: pd.DataFrame,
    arms: pd.DataFrame,
    doses: pd.DataFrame,
    routes: pd.DataFrame,
    known: Sequence[str] = KNOWN,
) -> pd.DataFrame:
    """One row an experimental arm of an included trial, columns ``ARM_DOSES``; an unknown dose is NaN."""
    given = arms[(arms["role"] == "experimental") & (arms["record_kind"] == REGISTRATION)]
    strata = routes.drop_duplicates(["trial_id", "arm"])[["trial_id", "arm", "arm_stratum"]]
    return (
        given[["trial_id", "arm"]]
        .merge(included[["trial_id", "product_line"]], on="trial_id")
        .merge(strata.rename(columns={"arm_stratum": "stratum"}), on=["trial_id", "arm"])
        .merge(arm_particles(doses, known), on=["trial_id", "arm"], how="left")
        .sort_values(["trial_id", "arm"], ignore_index=True)[ARM_DOSES]
    )


def judged_arms(effect_direction: pd.DataFrame, trials: pd.DataFrame, doses: pd.DataFrame) -> pd.DataFrame:
    """One row a published arm whose effect the rule could judge: columns ``JUDGED_ARMS``.

    ``trial_id`` is the study where no trial is known; two studies of one trial count as one trial.
    """
    judged = effect_direction[effect_direction["call"] != "not testable"]
    product = trials.set_index("trial_id")["product_line"]
    of_arm = arm_particles(doses).drop(columns="per_administration")
    return (
        judged.merge(of_arm.rename(columns={"trial_id": "study_id"}), on=["study_id", "arm"], how="left")
        .assign(
            product_line=lambda rows: rows["trial_id"].map(product),
            trial_id=lambda rows: rows["trial_id"].fillna(rows["study_id"]),
            effective=lambda rows: rows["call"].eq("effective").astype(bool),
        )
        .rename(columns={"particles_log10": "per_administration"})
        .sort_values(["trial_id", "study_id", "arm"], ignore_index=True)[JUDGED_ARMS]
    )


def arm_particles(doses: pd.DataFrame, known: Sequence[str] = KNOWN) -> pd.DataFrame:
    """Dose of every arm in log10 particles: trial_id, arm, the three axes, and what they leave open.

    Only doses (and, over all administrations, numbers of them) whose status is in ``known``, in particles as
    stated or converted. An arm with several levels stands with the middle of its lowest and highest; ``sd``
    is that of a log-uniform dose between them, together with what the levels themselves leave open, and
    ``conversion_sd`` the part of it that the arm shares with all arms that rest on the same ``conversion``.
    Conflicting numbers of administrations give no dose a day and no cumulative one, unless the latter is the
    one that is stated: then per_administration may be NaN.
    """
    chosen = doses[doses["status"].isin(known)]
    one, every = chosen["particles_log10"], chosen["cumulative_particles_log10"]
    in_particles = chosen["particles_via"].isin(_IN_PARTICLES)
    settled = in_particles & chosen["administrations_status"].isin(known)
    a_day = in_particles & chosen["administrations_status"].isin([*known, *_WITHOUT_A_NUMBER])
    chosen = chosen.assign(
        one=one.where(in_particles),
        day=one.where(a_day) + np.log10(_times_a_day(chosen)),
        every=every.where(settled | one.isna()),
        conversion_sd=_conversion_sd(chosen),
    )
    levels = chosen.dropna(subset=["one", "every"], how="all").groupby(["trial_id", "arm"])
    axes = levels[["one", "day", "every"]]
    lowest, highest = axes.min(), axes.max()
    middle, range_ = (lowest + highest) / 2, highest - lowest
    within = levels[["particles_log10_sd", "conversion_sd"]].max().fillna(0)
    converted = chosen.dropna(subset="conversion_id").groupby(["trial_id", "arm"])["conversion_id"]
    return pd.DataFrame(
        {
            "per_administration": middle["one"],
            "per_day": middle["day"],
            "cumulative": middle["every"],
            "sd": np.sqrt(
                range_["one"].fillna(range_["every"]) ** 2 / 12 + within["particles_log10_sd"] ** 2
            ),
            "conversion": converted.min().reindex(middle.index),
            "conversion_sd": within["conversion_sd"],
        }
    ).reset_index()[_OF_ARM]


def _times_a_day(doses: pd.DataFrame) -> pd.Series:
    """Administrations on a day on which any is given; NaN where the text does not say. A single one is 1."""
    a_day = doses["per_day_low"] / doses["per_administration_low"].where(lambda amount: amount > 0)
    return a_day.mask(doses["administrations"] == 1, 1.0)


def _conversion_sd(doses: pd.DataFrame) -> pd.Series:
    """What a conversion adds to the spread of a dose, beside the range that the text gives."""
    log_range = np.log10(doses["high"] / doses["low"].where(lambda amount: amount > 0)).fillna(0)
    rest = doses["particles_log10_sd"] ** 2 - log_range**2 / 12
    return np.sqrt(rest.clip(lower=0)).where(doses["conversion_id"].notna(), 0.0)
