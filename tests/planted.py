"""Made-up trials, as cards and published results, whose true dose–response is known."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

SHARE = 0.9  # of the peak effect, which bounds the range


@dataclass(frozen=True)
class Arm:
    """An arm's dose (log10 particles; None: placebo) and the mean and SD of its participants' scores."""

    dose: float | None
    mean: float
    sd: float


@dataclass(frozen=True)
class Trial:
    """A placebo-controlled trial with one score, where more is better."""

    number: int
    participants: int  # an arm
    arms: tuple[Arm, ...]

    @property
    def trial_id(self) -> str:
        """Registry number."""
        return f"NCT0{8000000 + self.number}"

    @property
    def study_id(self) -> str:
        """The publication of its results."""
        return f"Planted{self.number}"


def peak(height: float, width: float, middle: float = 10.0) -> Callable[[float], float]:
    """A Gaussian peak over log10 particles; within ``width`` the effect is at least 90 % of ``height``."""
    sd = width / (2 * np.sqrt(2 * np.log(1 / SHARE)))
    return lambda dose: height * np.exp(-((dose - middle) ** 2) / (2 * sd**2))


def rising(height: float, half: float = 9.5) -> Callable[[float], float]:
    """An effect that rises with the dose towards ``height``; half of it at ``half``."""
    return lambda dose: height / (1 + 10 ** (half - dose))


def nothing(dose: float) -> float:
    """No effect at any dose."""
    return 0.0


def plant(
    effect: Callable[[float], float],
    trials: int,
    seed: int,
    *,
    participants: int = 40,
    heterogeneity: float = 0.1,
    lowest: float = 8.0,
    highest: float = 12.0,
) -> list[Trial]:
    """Trials of three doses and a placebo each, doses spread evenly; effects in standard deviations.

    Means and SDs are drawn as those of normal scores; a trial's deviation from ``effect`` shifts all its
    treated arms alike.
    """
    rng = np.random.default_rng(seed)
    doses = np.linspace(lowest, highest, 3 * trials).reshape(3, trials)
    planted = []
    for number in range(trials):
        shift = rng.normal(0, heterogeneity)
        true = [0.0] + [effect(dose) + shift for dose in doses[:, number]]
        arms = []
        for dose, mean in zip([None, *doses[:, number]], true, strict=True):
            scores = rng.normal(50 + 10 * mean, 10, participants)
            written = None if dose is None else round(float(dose), 3)
            arms.append(Arm(written, round(float(scores.mean()), 3), round(float(scores.std(ddof=1)), 3)))
        planted.append(Trial(number, participants, tuple(arms)))
    return planted


def particles(dose: float) -> str:
    """A dose as a registry writes it."""
    exponent = int(dose)
    return f"{10 ** (dose - exponent):.6g}×10^{exponent} particles"


def billions(dose: float) -> str:
    """The same dose in other words."""
    return f"{10 ** (dose - 9):.6g} billion particles"


def label(arm: Arm) -> str:
    """What an arm is called."""
    return "placebo" if arm.dose is None else f"dose {arm.dose:g}"


def write(
    trials: Iterable[Trial],
    folder: Path,
    in_words: Callable[[float], str] = particles,
    called: Callable[[Arm], str] = label,
    order: random.Random | None = None,
) -> None:
    """Write a card and a publication of each trial below ``folder`` in place of all others.

    ``order`` shuffles the results within each publication.
    """
    for kind in ("trials", "outcomes"):
        for old in (folder / "seeds" / kind).glob("*.yaml"):
            old.unlink()
    for trial in trials:
        card, publication = _card(trial), _publication(trial)
        for told in (card, publication):
            told["arms"] = [_arm(arm, trial.participants, in_words, called) for arm in trial.arms]
        results = [_result(arm, trial.participants, called) for arm in trial.arms]
        publication["outcomes"] = order.sample(results, len(results)) if order else results
        _write(card, folder / f"seeds/trials/{trial.trial_id}.yaml")
        _write(publication, folder / f"seeds/outcomes/{trial.study_id}.yaml")


def _write(told: dict, path: Path) -> None:
    path.write_text(yaml.safe_dump(told, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _card(trial: Trial) -> dict:
    return {
        "schema_version": 1,
        "id": trial.trial_id,
        "registry": "ClinicalTrials.gov",
        "registered": True,
        "title": f"Inhaled MSC exosomes, a made-up trial, number {trial.number}",
        "first_posted": f"2022-{trial.number % 12 + 1:02d}-15",
        "status": "COMPLETED",
        "phase": "PHASE2",
        "study_type": "INTERVENTIONAL",
        "enrollment": trial.participants * len(trial.arms),
        "conditions": ["Acute respiratory distress syndrome"],
        "countries": ["France"],
        "product": {"name": "made-up exosomes", "ev_kind": "exosome"} | _PRODUCT,
        "sources": [{"url": f"https://example.org/{trial.trial_id}", "gives": "everything"}],
    }


def _publication(trial: Trial) -> dict:
    return {
        "schema_version": 1,
        "study_id": trial.study_id,
        "year": 2024,
        "trial_id": trial.trial_id,
        "condition": "acute respiratory distress syndrome",
        "design": "placebo-controlled RCT",
        "product": _PRODUCT,
        "source_url": f"https://example.org/{trial.study_id}",
    }


def _arm(arm: Arm, participants: int, in_words: Callable[[float], str], called: Callable[[Arm], str]) -> dict:
    told = {"label": called(arm), "role": "placebo", "n": participants}
    if arm.dose is None:
        return told
    given = {"route": "nebulised inhalation", "dose": in_words(arm.dose), "schedule": "single dose"}
    return told | {"role": "experimental"} | given


def _result(arm: Arm, participants: int, called: Callable[[Arm], str]) -> dict:
    return {
        "arm": called(arm),
        "n": participants,
        "outcome": "score",
        "domain": "function score",
        "kind": "continuous",
        "timepoint_days": 28,
        "mean": arm.mean,
        "sd": arm.sd,
        "direction": "higher is better",
    }


_PRODUCT = {"ev_class": "extracellular_vesicle", "msc_derived": "yes"}
