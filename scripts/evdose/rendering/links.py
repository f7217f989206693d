"""Where words lead: registries, publications and other addresses outside the report."""

from __future__ import annotations

import re
from typing import NamedTuple

_REGISTRY_PAGES = {
    r"NCT\d{8}": "https://clinicaltrials.gov/study/{}",
    r"ISRCTN\d{8}": "https://www.isrctn.com/{}",
    r"ACTRN\d{14}p?": "https://www.anzctr.org.au/{}.aspx",
}
_PUBLICATION_PAGES = {
    r"\b(10\.\d{4,9}/[^\s;,]+)": "https://doi.org/{}",
    r"\bPMID:? ?(\d+)": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    r"\b(PMC\d+)": "https://pmc.ncbi.nlm.nih.gov/articles/{}/",
}


class Link(NamedTuple):
    """Words that may lead somewhere."""

    text: str
    href: str | None = None


def web_address(url: str) -> str | None:
    """``url`` where it is a plain http or https address, else None."""
    return url if re.fullmatch(r"https?://[^\s<>\"'\\]+", url) else None


def registry_page(record: str) -> str | None:
    """Address of a record in its registry, where its number alone tells it."""
    for form, page in _REGISTRY_PAGES.items():
        if re.fullmatch(form, record):
            return page.format(record)
    return None


def publication_link(citation: str) -> Link:
    """A publication as cited, leading to its DOI, PubMed or PubMed Central page where it names one."""
    for form, page in _PUBLICATION_PAGES.items():
        found = re.search(form, citation)
        if found:
            return Link(citation, web_address(page.format(found[1].rstrip(".)"))))
    return Link(citation, web_address(citation))


def source_links(sources: str) -> list[Link]:
    """The sources of a card, written ``what it gives <address>; what it gives <address>``."""
    found = re.finditer(r"(.+?) <(\S+?)>(?:; |$)|(.+)", sources, re.DOTALL)
    return [Link(part[1] or part[3], web_address(part[2]) if part[2] else None) for part in found]
