"""The review's claims: what each scenario finds, and the records that stand behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from evdose.records.tables import PUBLICATION, REGISTRATION
from evdose.rendering import notation
from evdose.rendering.links import Link
from evdose.rendering.table_view import anchor, records

Tables = Mapping[str, pd.DataFrame]
INHALED, INTRAVENOUS = "respiratory", "intravenous"


@dataclass(frozen=True)
class Finding:
    """What one scenario finds on a claim, and the records and studies that it rests on."""

    scenario: str
    verdict: str
    estimate: str
    why: str
    evidence: tuple[Link, ...]


@dataclass(frozen=True)
class ClaimView:
    """A claim and the finding of each scenario."""

    claim_id: str
    statement: str
    analysis: str
    findings: tuple[Finding, ...]


def claim_views(scenarios: Sequence[tuple[str, Tables]]) -> list[ClaimView]:
    """The claims in order; ``scenarios`` holds the title and the tables of each."""
    found: dict[str, tuple[dict, list[Finding]]] = {}
    for title, tables in scenarios:
        for row in records(tables["claims"]):
            finding = Finding(
                title,
                row["verdict"],
                notation.estimate(row["estimate"], row["low"], row["high"]),
                row["why"],
                tuple(_EVIDENCE.get(row["analysis"], _trials)(tables)),
            )
            found.setdefault(row["claim_id"], (row, []))[1].append(finding)
    return [
        ClaimView(claim, row["statement"], row["analysis"].replace("_", " "), tuple(findings))
        for claim, (row, findings) in found.items()
    ]


def _trials(tables: Tables) -> list[Link]:
    return _links(tables["trials"]["trial_id"], REGISTRATION)


def _doses_compared(tables: Tables) -> list[Link]:
    """Trials of the two routes with a dose in particles."""
    routes, doses = tables["routes"], tables["doses"]
    of_route = routes.loc[routes["arm_stratum"].isin([INHALED, INTRAVENOUS]), "trial_id"]
    known = doses["particles_log10"].notna() & (doses["record_kind"] == REGISTRATION)
    return _links(doses.loc[known & doses["trial_id"].isin(of_route), "trial_id"], REGISTRATION)


def _judged(tables: Tables) -> list[Link]:
    """Studies whose effect the rule could judge and whose dose is known in particles."""
    rows = tables["effect_direction"]
    judged = (rows["call"] != "not testable") & rows["particles_log10"].notna()
    return _links(rows.loc[judged, "study_id"], PUBLICATION)


def _inhaled(tables: Tables) -> list[Link]:
    """Studies of inhaled doses with an efficacy outcome."""
    rows = tables["effect_direction"]
    return _links(rows.loc[rows["stratum"] == INHALED, "study_id"], PUBLICATION)


def _links(names: pd.Series, kind: str) -> list[Link]:
    return [Link(name, f"#{anchor(name, kind)}") for name in sorted(set(names))]


# By analysis; all others rest on every trial included.
_EVIDENCE: dict[str, Callable[[Tables], list[Link]]] = {
    "inhaled_effective_dose": _inhaled,
    "route_shift": _doses_compared,
    "effective_range": _judged,
    "dose_response": _judged,
}
