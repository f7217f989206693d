"""The scripts of the rules up to the models, one after the other in this process: quick enough to repeat."""

from __future__ import annotations

import contextlib
import os
import runpy
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from evdose.documents import read_yaml
from evdose.settings import check_config
from places import PROJECT

_SCENARIO = "update"
_RULES = {
    "ingest": (
        *("sources", "trials", "arms", "outcomes", "conflicts", "quarantine", "claims"),
        "registration_date_check",
    ),
    "normalize": ("doses", "routes", "conversions", "dose_sensitivity", "overrides"),
    "screen": ("screening", "prisma", "studies", "eligibility_switches"),
    "effects": ("effects", "safety", "effect_direction", "synthesis"),
    "landscape": ("tried_arms", "route_shift", "registrations", "trends", "conversion_use"),
    "dose_response": ("dose_response", "dose_response_curve", "mcp_mod", "effective_range"),
    "multiverse": ("multiverse", "uncertain_doses"),
}


class _Files(SimpleNamespace):
    """Files by name, as Snakemake hands them to a script."""

    def __getitem__(self, name: str) -> object:
        return getattr(self, name)

    def get(self, name: str) -> object:
        """The file of that name."""
        return getattr(self, name)


def run_recipes(folder: Path) -> dict[str, pd.DataFrame]:
    """Every table that the rules up to the models write for ``folder/seeds`` (scenario ``update``)."""
    config = check_config(read_yaml(PROJECT / "config/config.yaml").data, "config/config.yaml")
    scenario = config["scenarios"][_SCENARIO]
    params = SimpleNamespace(
        **{name: config[name] for name in ("strict", "manual_decisions", "same_trial", "review", "models")},
        **{name: config[name] for name in ("effective_rule", "seed", "data_to")},
        scenario=scenario,
        trial_cards=config["sources"]["trial_cards"],
    )
    with contextlib.chdir(folder), _quiet():
        known: dict[str, object] = {
            "cards": sorted(map(str, Path("seeds/trials").glob("*.yaml"))),
            "studies": sorted(map(str, Path("seeds/outcomes").glob("*.yaml"))),
            "claims": str(PROJECT / config["sources"]["claims"]),
            "anchors": str(PROJECT / config["sources"]["registration_date_anchors"]),
            "schemas": sorted(map(str, (PROJECT / "workflow/schemas").glob("*.json"))),
        } | {name: str(PROJECT / file) for name, file in config["vocabularies"].items()}
        vocabulary = known["routes"]
        for rule, made in _RULES.items():
            output = _Files(**{name: f"build/{rule}/{name}.parquet" for name in made})
            snakemake = SimpleNamespace(
                input=_Files(**known),
                output=output,
                params=params,
                log=[f"build/logs/{rule}.log"],
                rule=rule,
                wildcards=[_SCENARIO],
            )
            runpy.run_path(str(PROJECT / f"scripts/{rule}.py"), {"snakemake": snakemake})
            known |= vars(output)
            if rule == "ingest":
                known["routes"] = vocabulary
        return {name: pd.read_parquet(known[name]) for made in _RULES.values() for name in made}


@contextlib.contextmanager
def _quiet():
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
        yield
