"""The PRISMA 2020 flow of a screening (Page et al., BMJ 2021;372:n71), and the law that no record is lost."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from evdose.screening.eligibility import Rule
from evdose.screening.tables import PRISMA
from evdose.tables import frame_of

TOTAL = "total"
_NO_REGISTRY = "no registry (publications, web pages)"
_UNREADABLE = "files that can't be read"


def prisma_flow(screening: pd.DataFrame, trials: pd.DataFrame, rules: Sequence[Rule]) -> pd.DataFrame:
    """Count the records of each box and of its lines (source, or reason in the order of the rules).

    Each box ends with its total. A person's exclusion counts at assessment.
    """
    position = {rule.id: i for i, rule in enumerate(rules)}
    records = screening.sort_values(
        "rule", key=lambda ids: ids.map(position).fillna(len(rules)), kind="stable"
    )
    decision, reason = records["decision"], records["reason"]
    removed = decision.isin(["duplicate", "quarantined"])
    excluded = decision.eq("excluded")
    early = excluded & records["rule"].isin([rule.id for rule in rules if rule.stage == "screening"])
    registry = dict(zip(trials["trial_id"], trials["registry"].fillna(_NO_REGISTRY), strict=True))
    sources = records["record_id"].map(registry).fillna(_UNREADABLE).sort_values()
    rows = [
        *_box("identified", sources),
        *_box("removed_before_screening", reason[removed]),
        _total("screened", ~removed),
        *_box("excluded_at_screening", reason[early]),
        _total("assessed", ~removed & ~early),
        *_box("excluded_at_assessment", reason[excluded & ~early]),
        _total("included", decision.eq("included")),
    ]
    return frame_of(rows, PRISMA)


def assert_conservation(screening: pd.DataFrame, flow: pd.DataFrame, identified: Sequence[str]) -> None:
    """Assert that each record has one decision, and each box is the one before less its exits.

    Raises:
        AssertionError: with the counts that don't add up.
    """
    decided = screening["record_id"].tolist()
    if sorted(decided) != sorted(identified):
        lost, made = sorted({*identified} - {*decided}), sorted({*decided} - {*identified})
        counts = f"{len(identified)} records identified, {len(decided)} decided"
        raise AssertionError(f"{counts}; without a decision: {lost}; decided but not identified: {made}")
    n = dict(flow[flow["line"] == TOTAL].set_index("box")["n"])
    counts = screening["decision"].value_counts()
    laws = {
        "identified": len(identified),
        "removed_before_screening": counts.get("duplicate", 0) + counts.get("quarantined", 0),
        "screened": n["identified"] - n["removed_before_screening"],
        "assessed": n["screened"] - n["excluded_at_screening"],
        "included": n["assessed"] - n["excluded_at_assessment"],
    }
    broken = [f"{box} is {n[box]}, should be {right}" for box, right in laws.items() if n[box] != right]
    lines = flow[flow["line"] != TOTAL].groupby("box")["n"].sum()
    broken += [
        f"the lines of {box} add up to {total}, not {n[box]}"
        for box, total in lines.items()
        if total != n[box]
    ]
    if counts.get("included", 0) != n["included"]:
        broken.append(f"{counts.get('included', 0)} records are included, the flow says {n['included']}")
    stands = screening.set_index("record_id")["duplicate_of"]
    kept = set(screening.loc[screening["decision"].isin(["included", "excluded"]), "record_id"])
    astray = sorted(set(stands.dropna()) - kept)
    if astray or stands.notna().sum() != counts.get("duplicate", 0):
        broken.append(f"duplicates don't each lead to one record that was screened: {astray}")
    if broken:
        raise AssertionError("; ".join(broken))


def summary(flow: pd.DataFrame) -> str:
    """The flow in one line."""
    n = dict(flow[flow["line"] == TOTAL].set_index("box")["n"])
    out = n["excluded_at_screening"] + n["excluded_at_assessment"]
    removed = n["removed_before_screening"]
    counts = f"{n['identified']} records identified, {removed} removed, {out} excluded"
    return f"{counts}, {n['included']} trials included"


def _box(box: str, lines: pd.Series) -> list[dict]:
    counts = lines.value_counts(sort=False)
    return [{"box": box, "line": line, "n": n} for line, n in counts.items()] + [_total(box, lines.notna())]


def _total(box: str, records: pd.Series) -> dict:
    return {"box": box, "line": TOTAL, "n": int(records.sum())}
