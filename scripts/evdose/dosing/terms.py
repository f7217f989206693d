"""Terms of the dose tables, apart from them: reading a text needs no pandas."""

from __future__ import annotations

UNITS = ("particle", "ug", "pmol", "cell", "mL", "drop", "particle/mL", "ug/mL", "ug/g", "cell/mL")
SUBSTANCES = (
    "particles",
    "protein",
    "mass_unspecified",
    "phospholipid",
    "cell_equivalents",
    "product_volume",
    "cells",
    "other",
)
PER = ("administration", "kg", "day", "eye", "site", "cm2", "total", "none")
STATUS = ("exact", "inferred", "ambiguous", "not_reported")
