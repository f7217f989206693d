"""The decision on every record identified: duplicate, excluded, included or quarantined, with one reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import pandas as pd

from evdose.errors import InputError, Problem
from evdose.screening.duplicates import unknown_record
from evdose.screening.eligibility import Rule
from evdose.screening.tables import ELIGIBILITY_SWITCHES, SCREENING
from evdose.settings import CONFIG
from evdose.tables import check_table, frame_of

_DECIDED = {"include": "included", "exclude": "excluded"}


@dataclass(frozen=True)
class Criteria:
    """What a scenario includes: ordered rules, the scenario (window, switches), and a person's decisions."""

    rules: Sequence[Rule]
    scenario: dict
    manual_decisions: Sequence[dict] = ()

    def with_switch(self, switch: str, setting: str) -> Criteria:
        """The same criteria with one switch set to ``include`` or ``exclude``."""
        switches = {**self.scenario["switches"], switch: setting}
        return replace(self, scenario={**self.scenario, "switches": switches})


def unreadable_records(quarantine: pd.DataFrame, trial_cards: str) -> list[str]:
    """Quarantined records of trials by file and place; ``trial_cards`` is the pattern of their files."""
    files_and_places = zip(quarantine["file"], quarantine["place"].fillna(""), strict=True)
    return sorted(
        {f"{file} {place}".strip() for file, place in files_and_places if fnmatchcase(file, trial_cards)}
    )


def screen(
    trials: pd.DataFrame, unreadable: Sequence[str], duplicates: pd.DataFrame, criteria: Criteria
) -> pd.DataFrame:
    """Decide on every record, sorted by id; ``unreadable`` are those in quarantine.

    A record that another stands for is a duplicate. Otherwise a person's decision wins over the rules; of
    these the first that applies excludes.

    Raises:
        InputError: a decision names an unknown or duplicate record, or a record for the second time.
    """
    problems = list(_manual_problems(trials, duplicates, criteria.manual_decisions))
    if problems:
        raise InputError(*problems)
    table = _by_rules(trials, criteria)
    for manual in criteria.manual_decisions:
        verdict = [_DECIDED[manual["decision"]], manual["reason"], "manual decision"]
        table.loc[manual["record"], ["decision", "reason", "rule"]] = verdict
    merged = duplicates.set_index("record_id").assign(decision="duplicate")
    table.loc[merged.index, merged.columns] = merged
    quarantined = {"decision": "quarantined", "reason": "can't be read", "rule": "quarantine"}
    rows = [{"record_id": record, **quarantined} for record in unreadable]
    table = pd.concat([table.reset_index(), frame_of(rows, SCREENING)])
    return check_table(table.sort_values("record_id"), SCREENING)


def idle_decisions(trials: pd.DataFrame, criteria: Criteria) -> list[str]:
    """Warnings of manual decisions that decide as the rules do."""
    table = _by_rules(trials, criteria)
    return [
        f"the manual decision to {manual['decision']} {manual['record']} changes nothing: so do the rules"
        f" ({table.loc[manual['record'], 'reason']})"
        for manual in criteria.manual_decisions
        if table.loc[manual["record"], "decision"] == _DECIDED[manual["decision"]]
    ]


def eligibility_switches(
    trials: pd.DataFrame, duplicates: pd.DataFrame, criteria: Criteria, n_review: int
) -> pd.DataFrame:
    """How many trials each setting of each switch includes, the other switches as configured.

    ``n_review`` is the number of trials that the review counted.
    """

    def n_included(varied: Criteria) -> int:
        return int(screen(trials, [], duplicates, varied)["decision"].eq("included").sum())

    configured = n_included(criteria)
    settings = [("as configured", "as configured", True, configured)]
    for switch in dict.fromkeys(rule.switch for rule in criteria.rules if rule.switch):
        for setting in ("include", "exclude"):
            own = criteria.scenario["switches"][switch] == setting
            n = configured if own else n_included(criteria.with_switch(switch, setting))
            settings.append((switch, setting, own, n))
    table = pd.DataFrame(settings, columns=["switch", "setting", "configured", "n_included"])
    table = table.assign(change=table["n_included"] - configured, n_review=n_review)
    return check_table(table, ELIGIBILITY_SWITCHES)


def _by_rules(trials: pd.DataFrame, criteria: Criteria) -> pd.DataFrame:
    """What the rules alone decide: the screening table indexed by record."""
    eligible = {"decision": "included", "reason": "meets every criterion", "rule": "eligible"}
    index = pd.Index(trials["trial_id"], name="record_id")
    table = pd.DataFrame({**eligible, "duplicate_of": pd.NA}, index=index, dtype="string")
    for rule in reversed(criteria.rules):
        verdict = ["excluded", rule.reason_in(criteria.scenario), rule.id]
        table.loc[rule.excludes(trials, criteria.scenario), ["decision", "reason", "rule"]] = verdict
    return table


def _manual_problems(
    trials: pd.DataFrame, duplicates: pd.DataFrame, manual_decisions: Sequence[dict]
) -> Iterator[Problem]:
    records = list(trials["trial_id"])
    stands_for = dict(zip(duplicates["record_id"], duplicates["duplicate_of"], strict=True))
    times = Counter(manual["record"] for manual in manual_decisions)
    for i, manual in enumerate(manual_decisions):
        record, place = manual["record"], f"manual_decisions/{i}"
        if record not in records:
            yield unknown_record(record, records, place)
        elif record in stands_for:
            what = f"{record} is a duplicate of {stands_for[record]}"
            remedy = f"decide on {stands_for[record]}, or say under same_trial that they are different"
            yield Problem(CONFIG, what, remedy, place=place)
        elif times[record] > 1:
            yield Problem(CONFIG, f"{record} is decided {times[record]} times", "keep one", place=place)
