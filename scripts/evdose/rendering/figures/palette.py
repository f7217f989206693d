"""One fixed colour and marker a route stratum, through all figures; and the few other colours.

The eight main strata differ by at least 17 in CIELAB (CIE 1976) in normal sight and under full protanopia and
deuteranopia (Machado, Oliveira and Fernandes 2009), have a contrast of at least 3:1 with white (WCAG 2.2,
1.4.11), and neighbours in a stack differ in lightness; the other strata are greys. Markers tell all apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from evdose.dosing.tables import STRATA

INK = "#1A1A1A"
MUTED = "#595F69"
FAINT = "#DADDE1"
BAND = "#F4F5F7"
PLAIN = "#3F5B7A"  # bars of anything that is not a route


@dataclass(frozen=True)
class Look:
    """How one route stratum looks in every figure."""

    colour: str
    marker: str
    label: str


LOOKS: dict[str, Look] = {
    "respiratory": Look("#4A9BD9", "o", "Respiratory"),
    "intravenous": Look("#882255", "s", "Intravenous"),
    "nasal": Look("#D55E00", "^", "Nasal"),
    "intra-articular": Look("#332288", "D", "Intra-articular"),
    "local injection": Look("#009E73", "v", "Local injection"),
    "topical": Look("#6B3E00", "P", "Topical"),
    "ophthalmic": Look("#D1559B", "p", "Ophthalmic"),
    "CNS": Look("#117733", "X", "CNS"),
    "other": Look("#8A8F98", "h", "Other route"),
    "several": Look("#454B54", "<", "Several routes"),
    "unspecified injection": Look("#8C7B6B", ">", "Unspecified injection"),
    "unmapped": Look("#23262B", "d", "Route not mapped"),
    "not reported": Look("#6F7680", "*", "Route not reported"),
}


def look(stratum: str) -> Look:
    """The look of a stratum."""
    return LOOKS[stratum]


def in_order(strata: object) -> list[str]:
    """Distinct strata in the one order of all figures."""
    return sorted(set(strata), key=STRATA.index)
