"""MCP-Mod of each trial with several doses, and generalised MCP-Mod across the arms of a route.

Within a trial participants were allocated to doses; across the arms of a route nobody was: doses differ as
their trials do, by condition and product.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evdose.modelling.dose_groups import USABLE, DoseGroup, number_of
from evdose.modelling.estimators.dose_estimates import DoseEstimates
from evdose.modelling.estimators.dose_models import SHAPES, guesses
from evdose.modelling.estimators.mcp_mod import Candidate, McpMod, TargetDose, smallest_p_value
from evdose.modelling.estimators.mcp_mod import mcp_mod as test_and_model
from evdose.modelling.estimators.placebo_adjusted import placebo_adjusted
from evdose.modelling.tables import ALL, ESTIMATED, MAIN, MCP_MOD, NOT_ESTIMABLE
from evdose.modelling.trial_dose_arms import MIN_LEVELS, DoseArms, dose_arms
from evdose.randomness import generator
from evdose.tables import frame_of


def mcp_mod(evidence: pd.DataFrame, groups: Sequence[DoseGroup], models: dict, seed: int) -> pd.DataFrame:
    """Table MCP_MOD of efficacy rows (``evidence.efficacy_rows``) and groups; ``models`` as in config.yaml.

    A row a candidate, and one (``candidate`` 'all') for all together: the largest statistic, the smallest
    adjusted p-value and the target dose averaged over the models. Where there is too little, only that row.
    """
    rows = []
    for trial in dose_arms(evidence, models["primary_outcome_hierarchy"]):
        rows += _trial_rows(trial, models, seed)
    main = [group for group in groups if group.sensitivity == MAIN]
    for stratum in dict.fromkeys(group.stratum for group in main):
        of_stratum = [group for group in main if group.stratum == stratum]
        found = [_route_rows(group, models, seed) for group in of_stratum if _suffices(group, models)]
        rows += [row for rows_of in found for row in rows_of] or [_too_small(of_stratum, models)]
    return frame_of(rows, MCP_MOD)


def candidates(settings: Sequence[dict]) -> list[Candidate]:
    """Candidates of config.yaml, whose guesses are shares of the largest dose."""
    made = []
    for setting in settings:
        given = {name: value for name, value in setting.items() if name != "shape"}
        words = ", ".join(f"{name} {value:g}" for name, value in given.items())
        name = f"{setting['shape']} ({words})" if words else setting["shape"]
        made.append(Candidate(name, SHAPES[setting["shape"]], guesses(setting["shape"], **given)))
    return made


def _trial_rows(trial: DoseArms, models: dict, seed: int) -> list[dict]:
    row = trial.named() | trial.counts()
    if trial.levels < MIN_LEVELS:
        control = "a control" if np.isneginf(trial.doses).any() else "no control"
        known = number_of(row["dose_levels"], "dose") + f" in particles and {control}"
        why = f"{number_of(trial.treated, 'treated arm')} by this route; with numbers on one outcome: {known}"
        if trial.worked_back:
            why += "; counts that were worked back are not used"
        needs = (
            f"{MIN_LEVELS} dose levels, a control's zero among them, with mean, SD and n or with counts of "
            f"one outcome; there {'is' if trial.levels == 1 else 'are'} {trial.levels}"
        )
        return [_refused(row, why, needs)]
    data, largest = trial.estimates()
    participants = int(trial.arms["n"].sum())
    about = f"{number_of(len(trial.arms), 'arm')}, {participants} participants"
    if row["measure"] == "logit":
        events = int(trial.arms["events"].sum())
        about += f", {events} events; Firth logits, normal: an approximation that small arms strain"
        chosen, alpha = candidates(models["mcp_mod"]["candidates"]), models["mcp_mod"]["alpha"]
        smallest = smallest_p_value(trial.arms["n"].to_numpy(int), data.dose, chosen)
        if smallest is not None and smallest > alpha:
            about += f"; can't reject at this size: the smallest p is {smallest:.2g}"
    else:
        about += f"; means with one residual variance, t with {data.df:g} degrees of freedom"
    if not np.isneginf(trial.doses).any():
        about += "; no arm at dose zero, so that effects over it are extrapolated"
    return _rows(row, data, largest, about, models, seed)


def _suffices(group: DoseGroup, models: dict) -> bool:
    counts = group.counts()
    return counts["studies"] >= models["min_studies_pooling"] and counts["dose_levels"] >= MIN_LEVELS


def _route_rows(group: DoseGroup, models: dict, seed: int) -> list[dict]:
    data, tau2 = placebo_adjusted(group.contrasts)
    about = (
        f"{group.confounding()}; effects over control of {group.counted()}, τ² {tau2:.3g} between studies, "
        f"t with {data.df:g} degrees of freedom"
    )
    largest = float(group.contrasts.x.max())
    return _rows(_of_route(group), data, largest, about, models, seed)


def _too_small(groups: list[DoseGroup], models: dict) -> dict:
    """One row for a stratum in which no group of effects suffices, with the counts of the largest."""
    largest = max(groups, key=lambda group: (group.counts()["studies"], group.counts()["dose_levels"]))
    needs = (
        f"{models['min_studies_pooling']} studies and {MIN_LEVELS} doses above zero with {USABLE}, on one "
        "measure and outcome domain"
    )
    several = f"; the largest of {len(groups)} groups of effects" if len(groups) > 1 else ""
    return _refused(_of_route(largest), largest.counted() + several, needs)


def _of_route(group: DoseGroup) -> dict:
    named = {name: value for name, value in group.key.items() if name != "sensitivity"}
    return {"across": "route"} | named | group.counts()


def _refused(row: dict, why: str, needs: str) -> dict:
    return row | {"candidate": ALL, "status": NOT_ESTIMABLE, "why": why, "needs": needs}


def _rows(row: dict, data: DoseEstimates, largest: float, about: str, models: dict, seed: int) -> list[dict]:
    """A row a candidate and one for all; ``largest``: log10 of the largest dose."""
    settings = models["mcp_mod"]
    chosen = candidates(settings["candidates"])
    key = ("across", "study_id", "stratum", "measure", "outcome", "outcome_domain")
    result = test_and_model(
        data,
        chosen,
        alpha=settings["alpha"],
        target_share=settings["target_share"],
        confidence=models["confidence"],
        samples=models["bootstrap_samples"],
        rng=generator(seed, "mcp_mod", *(str(row.get(name)) for name in key)),
    )
    test = result.test
    same = row | {"critical_value": test.critical_value, "status": ESTIMATED}
    rows, seen = [], set()
    for i in np.argsort(-test.statistic, kind="stable"):
        shape = chosen[i].shape.name
        own = {"candidate": chosen[i].name, "statistic": test.statistic[i], "p_value": test.p_value[i]}
        own["why"] = f"{about}; {_finding(result, i, shape, shape in seen, settings['alpha'])}"
        if result.signal[i] and shape in result.fits and shape not in seen:
            own |= {"weight": result.weights[shape]} | _log10(result.targets[shape], largest)
            seen.add(shape)
        rows.append(same | own)
    best = {"candidate": ALL, "statistic": test.statistic.max(), "p_value": test.p_value.min()}
    best["why"] = f"{about}; {_summary(result, settings)}"
    return [*rows, same | best | (_log10(result.average, largest) if result.average else {})]


def _finding(result: McpMod, i: int, shape: str, told: bool, alpha: float) -> str:
    if not result.signal[i]:
        return f"no signal at {alpha:g}, one-sided"
    if shape not in result.fits:
        return "a signal; its model has more parameters than there are doses, and isn't fitted"
    if told:
        return f"a signal; its model ({shape}) is in another row"
    return f"a signal; {_interval_note(result.targets[shape])}"


def _summary(result: McpMod, settings: dict) -> str:
    if not result.signal.any():
        return f"no dose–response signal at {settings['alpha']:g}, one-sided: no model is fitted"
    if result.average is None:
        return "a dose–response signal; no model has so few parameters that these doses could fit it"
    models = number_of(len(result.fits), "model")
    return f"a dose–response signal; target dose averaged over {models}; {_interval_note(result.average)}"


def _interval_note(target: TargetDose) -> str:
    if np.isnan(target.estimate):
        return "the fitted curve has no effect above zero, so no target dose"
    if np.isnan(target.low):
        return "no interval: too many bootstrap replicates have no effect above zero"
    return (
        "interval by parametric bootstrap, inside the doses tried, the choice of shapes taken as given; it "
        "may miss the target dose more often than it says, mostly if the effect peaks below the largest "
        "dose, doses are few or the outcome is a count of events"
    )


def _log10(target: TargetDose, largest: float) -> dict:
    """Columns of a target dose that is a share of the largest dose, whose log10 is given."""
    values = {"target_dose_log10": target.estimate, "low": target.low, "high": target.high}
    return {name: largest + float(np.log10(value)) for name, value in values.items()}
