"""Sentences of captions, put together from the run's numbers."""

from __future__ import annotations

from evdose.rendering.figures.canvas import partial_year


def prose(*sentences: str) -> str:
    """Join sentences; each begins with a capital and ends with a full stop; empty ones are left out."""
    return " ".join(f"{capitalised(text).rstrip('.')}." for text in sentences if text)


def covered(data_to: str) -> str:
    """Until when registrations are covered, and that the bars of a last year that is not over are hatched."""
    hatched = "" if partial_year(data_to) is None else f"; {data_to[:4]} is a part of a year (hatched)"
    return f"Registrations are covered to {data_to}{hatched}"


def capitalised(text: str) -> str:
    """``text`` with its first letter a capital, and no other letter changed."""
    return text[:1].upper() + text[1:]
