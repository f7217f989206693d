"""Duplicate records: connected components of those that share an identifier or are stated to be one trial."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from evdose.errors import InputError, Problem
from evdose.settings import CONFIG

# Rule that merges a record, and its words for the flow diagram; the first that fits a record is given.
RULES = {
    "same_trial": "duplicate: stated in the config",
    "shared_identifier": "duplicate: shares a registration number",
    "same_trial_as": "duplicate: stated on its card",
}

# Registration numbers as registries form them: ClinicalTrials.gov, the primary registries of WHO's ICTRP, EU
# CTR and CTIS, WHO's universal trial number, China's medical research registry. Grant, protocol and ethics
# numbers aren't among them: unrelated trials share those.
_REGISTRATION_NUMBER = re.compile(
    r"""(?<![A-Z0-9]) (?:
        NCT\s?\d{8} | ISRCTN\s?\d{8} | ACTRN\s?\d{14} | DRKS\s?\d{8} | KCT\d{7} | RPCEC\d{8} | TCTR\d{11}
      | CHICTR[A-Z-]*\d{8,10} | ITMCTR\d{10} | IRCT\d{11,14}N\d+ | CTRI/\d{4}/\d{2,3}/\d{6} | PACTR\d{15,16}
      | UMIN\d{9} | JRCTS?\d{9,10} | SLCTR/\d{4}/\d{3} | LBCTR\d{10} | RBR-[A-Z0-9]{6,7} | PER-\d{3}-\d{2}
      | U1111-\d{4}-\d{4} | MR-\d{2}-\d{2}-\d{6}
    ) (?![A-Z0-9]) | (?<![0-9-]) 20\d{2}-\d{6}-\d{2} (?![0-9])""",
    re.VERBOSE,
)


def registration_numbers(text: str) -> set[str]:
    """Registration numbers in a text: capitals, no blanks, an EU number without prefix and version."""
    return {re.sub(r"\s", "", number) for number in _REGISTRATION_NUMBER.findall(text.upper())}


def find_duplicates(trials: pd.DataFrame, same_trial: Sequence[dict]) -> pd.DataFrame:
    """A row a record that another stands for: record_id, duplicate_of, rule, reason.

    Kept is the record that ``same_trial`` names first, then a registration before a publication, then
    ClinicalTrials.gov, then the record with most fields filled, then the first by id.

    Raises:
        InputError: a pair names an unknown record, pairs contradict each other, or identifiers join two
            registrations of one registry, which a person must decide.
    """
    _check_pairs(trials, same_trial)
    links = _links(trials, same_trial)
    groups = _components(sorted(trials["trial_id"]), links)
    problems = [*_denied_problems(groups, same_trial), *_join_problems(trials, groups, links)]
    if problems:
        raise InputError(*problems)
    order = _preference(trials, same_trial)
    linked = {rule: frozenset().union(*links[rule]) for rule in RULES}
    rows = [
        {"record_id": record, "duplicate_of": kept, "rule": rule, "reason": RULES[rule]}
        for group in groups
        for kept, *others in [sorted(group, key=order.__getitem__)]
        for record in others
        for rule in [next(name for name in RULES if record in linked[name])]
    ]
    return pd.DataFrame(rows, columns=["record_id", "duplicate_of", "rule", "reason"], dtype="string")


def _links(trials: pd.DataFrame, same_trial: Sequence[dict]) -> dict[str, set[frozenset[str]]]:
    """Pairs of records by the rule that links them, without those that a person says are different."""
    records = set(trials["trial_id"])
    denied = {frozenset(pair["records"]) for pair in same_trial if not pair["same"]}
    holders: dict[str, set[str]] = defaultdict(set)
    stated = set()
    for trial in trials[["trial_id", "secondary_ids", "same_trial_as"]].to_dict("records"):
        record, listed = trial["trial_id"], _split(trial["secondary_ids"])
        for identifier in {record, *listed} & records | registration_numbers("; ".join([record, *listed])):
            holders[identifier.upper()].add(record)
        others = set(_split(trial["same_trial_as"])) & records - {record}
        stated |= {frozenset((record, other)) for other in others}
    shared = {frozenset(pair) for group in holders.values() for pair in combinations(sorted(group), 2)}
    said = {frozenset(pair["records"]) for pair in same_trial if pair["same"]}
    return {"same_trial": said, "shared_identifier": shared - denied, "same_trial_as": stated - denied}


def _components(records: Sequence[str], links: dict[str, set[frozenset[str]]]) -> list[list[str]]:
    """Groups of two records or more that links join, each sorted."""
    position = {record: i for i, record in enumerate(records)}
    pairs = [sorted(pair) for pair in sorted(set().union(*links.values()), key=sorted)]
    rows, columns = ([position[pair[side]] for pair in pairs] for side in (0, 1))
    graph = coo_matrix(([1] * len(pairs), (rows, columns)), shape=(len(records), len(records)))
    labels = connected_components(graph, directed=False)[1]
    groups = pd.Series(records, dtype=object).groupby(labels).apply(list)
    return [group for group in groups if len(group) > 1]


def _preference(trials: pd.DataFrame, same_trial: Sequence[dict]) -> dict[str, tuple]:
    """Sort key of each record: the smallest of a group is kept."""
    merged = {pair["records"][1] for pair in same_trial if pair["same"]}
    filled = trials.notna().sum(axis=1)
    return {
        record: (record in merged, not registered, registry != "ClinicalTrials.gov", -int(n), record)
        for record, registered, registry, n in zip(
            trials["trial_id"], trials["registered"], trials["registry"].fillna(""), filled, strict=True
        )
    }


def _check_pairs(trials: pd.DataFrame, same_trial: Sequence[dict]) -> None:
    records = list(trials["trial_id"])
    problems = [
        unknown_record(record, records, f"same_trial/{i}")
        for i, pair in enumerate(same_trial)
        for record in pair["records"]
        if record not in records
    ]
    if problems:
        raise InputError(*problems)


def unknown_record(record: str, records: Sequence[str], place: str) -> Problem:
    """The problem of a config that names a record which isn't there."""
    near = difflib.get_close_matches(record, records, n=1, cutoff=0)
    remedy = f"did you mean '{near[0]}'?" if near else "remove it"
    return Problem(CONFIG, f"no record has the id '{record}'", remedy, place=place)


def _denied_problems(groups: Sequence[list[str]], same_trial: Sequence[dict]) -> Iterator[Problem]:
    for i, pair in enumerate(same_trial):
        group = next((group for group in groups if set(pair["records"]) <= set(group)), None)
        if group and not pair["same"]:
            what = f"{' and '.join(pair['records'])} are called different, yet links join {', '.join(group)}"
            remedy = "say of the other pairs of this group as well which are different"
            yield Problem(CONFIG, what, remedy, place=f"same_trial/{i}")


def _join_problems(
    trials: pd.DataFrame, groups: Sequence[list[str]], links: dict[str, set[frozenset[str]]]
) -> Iterator[Problem]:
    """Two numbers of one registry: the identifier that joins them may be that of a related trial."""
    registry = dict(zip(trials["trial_id"], trials["registry"].fillna(""), strict=True))
    stated = links["same_trial"] | links["same_trial_as"]
    for group in groups:
        for one, other in combinations(group, 2):
            two_numbers = registry[one] == registry[other] != "" and _own_number(one) != _own_number(other)
            if two_numbers and frozenset((one, other)) not in stated:
                what = f"identifiers join {one} and {other}, two registrations of {registry[one]}"
                decision = f"{{records: [{one}, {other}], same: true or false, reason: …}}"
                yield Problem(CONFIG, what, f"decide: add under same_trial {decision}", place="same_trial")


def _own_number(record: str) -> set[str]:
    return registration_numbers(record) or {record}


def _split(text: str | None) -> list[str]:
    return [] if pd.isna(text) else [part.strip() for part in text.split(";") if part.strip()]
