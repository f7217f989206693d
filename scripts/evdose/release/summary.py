"""The closing lines of a run: what was found, known and tested, and where the report is."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from evdose.modelling.tables import VERDICTS
from evdose.records.tables import REGISTRATION


@dataclass(frozen=True)
class Counts:
    """Counts of one scenario; ``verdicts`` holds the claims of each verdict that was given."""

    scenario: str
    identified: int
    included: int
    arms: int
    arms_with_particles: int
    verdicts: dict[str, list[str]]


def counts(
    scenario: str, screening: pd.DataFrame, arms: pd.DataFrame, doses: pd.DataFrame, claims: pd.DataFrame
) -> Counts:
    """Count a scenario.

    An arm counts where the product is given in an included trial; its particles are known where they were
    stated or converted from a dose that is exact or inferred.
    """
    included = set(screening.loc[screening.decision == "included", "record_id"])
    treated = arms[
        (arms.role == "experimental") & (arms.record_kind == REGISTRATION) & arms.trial_id.isin(included)
    ]
    known = doses[(doses.particles_via != "none") & doses.status.isin(["exact", "inferred"])]
    arm_ids = set(zip(treated.trial_id, treated.arm, strict=True))
    verdicts = {
        verdict: sorted(claims.loc[claims.verdict == verdict, "claim_id"])
        for verdict in VERDICTS
        if (claims.verdict == verdict).any()
    }
    return Counts(
        scenario,
        len(screening),
        len(included),
        len(arm_ids),
        len(arm_ids & set(zip(known.trial_id, known.arm, strict=True))),
        verdicts,
    )


def summary_lines(scenarios: list[Counts], report: str) -> list[str]:
    """Plain lines for a person; ``report`` is the path of the report."""
    lines = []
    for found in scenarios:
        lines += [
            f"{found.scenario}: {found.identified} records identified, {found.included} trials included; "
            f"particles per administration known in {found.arms_with_particles} of {found.arms} arms",
            f"  claims of the review: {_verdicts(found.verdicts)}",
        ]
    return [*lines, f"report: {report}"]


def _verdicts(verdicts: dict[str, list[str]]) -> str:
    told = [f"{len(claims)} {verdict} ({', '.join(claims)})" for verdict, claims in verdicts.items()]
    return "; ".join(told) or "none"
