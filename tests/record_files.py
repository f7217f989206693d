"""Small, valid record files that a test can break in one place."""

from __future__ import annotations

import copy
from pathlib import Path

import yaml

from evdose.records.ingest import Inputs
from places import PROJECT

CARD = {
    "schema_version": 1,
    "id": "NCT05000001",
    "registry": "ClinicalTrials.gov",
    "registered": True,
    "title": "Inhaled MSC exosomes in pneumonia",
    "first_posted": "2021-08-11",
    "conditions": ["Pneumonia"],
    "product": {
        "name": "ExoFlo",
        "ev_class": "extracellular_vesicle",
        "cell_source": "bone marrow MSC",
        "msc_derived": "yes",
    },
    "arms": [
        {
            "label": "low",
            "role": "experimental",
            "route": "inhalation",
            "dose": "2×10⁸ particles",
            "schedule": "daily",
        },
        {"label": "placebo", "role": "placebo", "dose": "saline"},
    ],
    "sources": [{"url": "https://clinicaltrials.gov/study/NCT05000001", "gives": "registry record"}],
}
STUDY = {
    "schema_version": 1,
    "study_id": "Doe2023",
    "year": 2023,
    "trial_id": "NCT05000001",
    "product": {"ev_class": "extracellular_vesicle", "msc_derived": "yes"},
    "source_url": "https://doi.org/10.1000/doe",
    "arms": [
        {"label": "EV", "role": "experimental", "n": 10, "route": "inhalation", "dose": "2e8 particles"},
        {"label": "saline", "role": "placebo", "n": 10},
    ],
    "outcomes": [
        {
            "arm": "EV",
            "n": 10,
            "outcome": "death",
            "domain": "mortality",
            "kind": "binary",
            "events": 1,
            "direction": "lower is better",
        },
        {
            "arm": "saline",
            "n": 10,
            "outcome": "death",
            "domain": "mortality",
            "kind": "binary",
            "events": 3,
            "direction": "lower is better",
        },
    ],
}


def card(**changes) -> dict:
    """A valid card with some fields changed."""
    return copy.deepcopy(CARD) | changes


def study(**changes) -> dict:
    """A valid study with some fields changed."""
    return copy.deepcopy(STUDY) | changes


def write(path: Path, data: dict) -> str:
    """Write a YAML file and return its path as text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return str(path)


def inputs(folder: Path, cards: list[dict], studies: list[dict] = ()) -> Inputs:
    """Inputs of ingest: these cards and studies, and everything else as the project ships it."""
    return Inputs(
        cards=[write(folder / f"trials/{i}_{data['id']}.yaml", data) for i, data in enumerate(cards)],
        studies=[write(folder / f"outcomes/{data['study_id']}.yaml", data) for data in studies],
        claims=str(PROJECT / "seeds/claims.yaml"),
        anchors=str(PROJECT / "seeds/registration_date_anchors.csv"),
        conditions=str(PROJECT / "config/conditions.yaml"),
        cell_sources=str(PROJECT / "config/cell_sources.yaml"),
        products=str(PROJECT / "config/products.yaml"),
        schemas=sorted(map(str, (PROJECT / "workflow/schemas").glob("*.json"))),
    )
