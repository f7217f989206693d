"""A saved web page as plain text: the record of one trial, or anything else, which gives no trial's dose.

A page is a trial record when a registry number stands on a line of its own (or behind "NCT ID:") beside the
headings of a registry, and no heading of an article does: a number that an article cites makes it no record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_IDENTIFIER = re.compile(
    r"""
    (?: [\w. ]{0,40} (?:id|identifier|number|no)\b \.? \s* :? \s* )?
    ( NCT\d{8} | ChiCTR(?:-[A-Z]+-)?\d{8,10} | ISRCTN\d{8} | IRCT\d+N\d+ | jRCTs?\d{9,10} | UMIN\d{9}
    | ACTRN\d{14} | CTRI/\d{4}/\d+/\d+ | DRKS\d{8} | EUCTR\d{4}-\d{6}-\d\d(?:-\w+)? | KCT\d{7} | PACTR\d{15}
    | RBR-\w{6,8} | RPCEC\d{8} | TCTR\d{11} )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TREATMENT = """
    about | brief summary | detailed description | full description | study groups | arms and interventions
    | interventions | intervention / treatment | trial design | arms | arm groups | treatments
"""
_OTHER = """
    conditions | keywords | study design | eligibility criteria | eligibility | inclusion criteria
    | exclusion criteria | inclusion and exclusion criteria | sponsors | locations | central contacts
    | references | other identifiers | enrollment | total enrollment | sex | ages | volunteers | study type
    | funder types | identifiers | recruitment status | status and phase | clinical phase
    | study classification | study results | basic information | outcome measures
    | primary outcome measures | primary outcomes | secondary outcomes | trial contacts and locations
    | details and patient eligibility | responsible party | study start date | study completion date
"""
_ARTICLE = "abstract | introduction | discussion | conclusion | conclusions"
_FEWEST_HEADINGS = 5


def _headings(names: str) -> frozenset[str]:
    return frozenset(" ".join(name.split()) for name in names.split("|"))


_TREATMENT_HEADINGS, _OTHER_HEADINGS = _headings(_TREATMENT), _headings(_OTHER)
_ARTICLE_HEADINGS = _headings(_ARTICLE)


@dataclass(frozen=True, slots=True)
class Page:
    """``trial_id`` is None for what is no trial record.

    ``treatment`` holds the lines of the sections that say what is given, each where it stands in the page:
    the other lines are empty, so that line numbers are those of the page.
    """

    trial_id: str | None
    treatment: str


def read_page(text: str) -> Page:
    """Read a saved page as plain text."""
    lines = text.splitlines()
    headings = [line.strip().lower().rstrip(":") for line in lines]
    trial_id = next((found[1] for line in lines if (found := _IDENTIFIER.fullmatch(line.strip()))), None)
    of_a_registry = (_TREATMENT_HEADINGS | _OTHER_HEADINGS).intersection(headings)
    of_an_article = _ARTICLE_HEADINGS.intersection(headings)
    if trial_id is None or of_an_article or len(of_a_registry) < _FEWEST_HEADINGS:
        return Page(None, "")
    treatment, within = [], False
    for line, heading in zip(lines, headings, strict=True):
        is_heading = heading in of_a_registry
        within = heading in _TREATMENT_HEADINGS if is_heading else within
        treatment.append(line if within and not is_heading else "")
    return Page(trial_id, "\n".join(treatment))
