"""The review's claims: what each scenario finds, and the records that stand behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd
from markupsafe import Markup

from evdose.records.tables import PUBLICATION, REGISTRATION
from evdose.rendering import notation
from evdose.rendering.links import Link
from evdose.rendering.table_view import anchor, records

Tables = Mapping[str, pd.DataFrame]
INHALED, INTRAVENOUS = "respiratory", "intravenous"
_SHARE = partial(notation.estimate, show=notation.percent)
_DOSE = partial(notation.estimate, show=notation.power)
# By analysis: what its estimate is of, and how that is written.
_QUANTITIES: dict[str, tuple[str, Callable[[float, float, float], str]]] = {
    "trials_included": ("trials included", partial(notation.estimate, show=notation.count)),
    "registries": ("share of trials in the registries that the review names", _SHARE),
    "registration_window": ("first year of registration", lambda year, *_: f"{year:.0f}"),
    "top_routes": ("share of trials that give intravenously or by inhalation", _SHARE),
    "route_by_condition": ("odds ratio, respiratory against other conditions", notation.estimate),
    "inhaled_effective_dose": ("median effective inhaled dose, particles per administration", _DOSE),
    "route_shift": ("inhaled minus intravenous effective dose, log10 particles", notation.estimate),
    "effective_range": ("width of the effective range, log10 particles", notation.estimate),
    "unit_heterogeneity": ("share of trials that state their dose in the commonest way", _SHARE),
}


@dataclass(frozen=True)
class Finding:
    """What one scenario finds on a claim, and the records and studies that it rests on."""

    scenario: str
    verdict: str
    estimate: str
    why: Markup
    evidence: tuple[Link, ...]


@dataclass(frozen=True)
class ClaimView:
    """A claim and the finding of each scenario."""

    claim_id: str
    statement: Markup
    findings: tuple[Finding, ...]


def claim_views(scenarios: Sequence[tuple[str, Tables]]) -> list[ClaimView]:
    """The claims in order; ``scenarios`` holds the title and the tables of each."""
    found: dict[str, tuple[dict, list[Finding]]] = {}
    for title, tables in scenarios:
        for row in records(tables["claims"]):
            finding = Finding(
                title,
                row["verdict"],
                quantity(row["analysis"], row["estimate"], row["low"], row["high"]),
                notation.typeset(row["why"]),
                tuple(_EVIDENCE.get(row["analysis"], _trials)(tables)),
            )
            found.setdefault(row["claim_id"], (row, []))[1].append(finding)
    return [
        ClaimView(claim, notation.typeset(row["statement"]), tuple(findings))
        for claim, (row, findings) in found.items()
    ]


def quantity(analysis: str, value: float, low: float, high: float) -> str:
    """What an analysis of a claim estimates, with the estimate and its interval."""
    if notation.missing(value):
        return notation.MISSING
    words, show = _QUANTITIES.get(analysis, (analysis.replace("_", " "), notation.estimate))
    return f"{words}: {show(value, low, high)}"


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


def _in_range_groups(tables: Tables) -> list[Link]:
    """These, and studies with a controlled primary effect at a dose in particles."""
    effects = tables["effects"]
    entered = (effects["effect_table"] == "controlled") & effects["primary"]
    known = effects["particles_log10"].notna() & effects["estimate"].notna()
    judged = {link.text for link in _judged(tables)}
    return _links([*judged, *effects.loc[entered & known, "study_id"]], PUBLICATION)


def _inhaled(tables: Tables) -> list[Link]:
    """Studies of inhaled doses with an efficacy outcome."""
    rows = tables["effect_direction"]
    return _links(rows.loc[rows["stratum"] == INHALED, "study_id"], PUBLICATION)


def _links(names: Iterable[str], kind: str) -> list[Link]:
    return [Link(name, f"#{anchor(name, kind)}") for name in sorted(set(names))]


# By analysis; all others rest on every trial included.
_EVIDENCE: dict[str, Callable[[Tables], list[Link]]] = {
    "inhaled_effective_dose": _inhaled,
    "route_shift": _doses_compared,
    "effective_range": _in_range_groups,
    "dose_response": _in_range_groups,
}
