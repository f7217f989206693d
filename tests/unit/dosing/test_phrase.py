"""The pattern language of the routes: what a pattern stands for, and what breaks it."""

from __future__ import annotations

import re

import pytest

from evdose.dosing.reading.phrase import PatternError, PhraseIndex, parse
from evdose.dosing.reading.reader import prepare


def found(pattern, text, *others):
    """The stretches of a text that a pattern reads, beside others of an index."""
    prepared = prepare(text)
    index = PhraseIndex([(parse(one), one) for one in (pattern, *others)])
    tokens = prepared.tokens
    return [
        prepared.cleaned.text[tokens.start[match.first] : tokens.end[match.end - 1]]
        for match in index.find(tokens)
        if match.meaning == pattern
    ]


@pytest.mark.parametrize(
    "text", ["intra-venous", "intravenous", "intra venous", "Intra‑Venous", "intra - venous"]
)
def test_parts_of_a_compound_may_be_written_in_any_way(text):
    assert found("intra-venous", text) == [prepare(text).cleaned.text]


@pytest.mark.parametrize(
    "text", ["intra. venous", "intra and venous", "venous", "intravenously", "xintravenous"]
)
def test_a_compound_is_no_more_than_its_parts(text):
    assert found("intra-venous", text) == []


def test_a_compound_of_three_parts_is_not_stopped_by_one_of_two():
    patterns = "intra-cerebral", "intra-cerebro-ventricular*"
    assert found(*reversed(patterns), patterns[0]) == []
    assert found(patterns[1], "intra-cerebro ventricularly", patterns[0]) == ["intra-cerebro ventricularly"]
    assert found(patterns[0], "intra cerebral", patterns[1]) == ["intra cerebral"]


def test_any_ending_is_any_ending():
    assert found("inject*", "Injections were injected by the injector, not ejected") == [
        "injections",
        "injected",
        "injector",
    ]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("injected into the knee", True),
        ("injected one two three four knee", True),
        ("injected one two three four five knee", False),
        ("injected 3 mL (1.5 mL) slowly into knee", True),
        ("injected, then the knee", False),
        ("injected. The knee", False),
        ("injected patients with a bad knee", False),
        ("knee injected", False),
    ],
)
@pytest.mark.parametrize("other", ["inject* at home", "knee at home"], ids=["from the end", "from the start"])
def test_a_gap_holds_up_to_four_words_of_a_clause(text, read, other):
    # The other pattern makes one of the two words the commoner one: the search starts at the other.
    assert bool(found("inject* ... knee", text, other)) is read


def test_a_step_may_be_missing_and_the_longest_reading_comes_first():
    assert found("vein infusion?", "by vein infusion and vein") == ["vein infusion", "vein", "vein"]


def test_a_gap_reaches_over_a_missing_step():
    assert found("inject* ... facet? joint", "injected into the joint") == ["injected into the joint"]
    assert "injected into a facet joint" in found("inject* ... facet? joint", "injected into a facet joint")


def test_initials_have_points_and_words_have_none():
    assert found("i.v.", "i.v. and iv and i.v") == ["i.v.", "i.v"]
    assert found("iv", "i.v. and iv") == ["iv"]


def test_an_abbreviation_with_a_number_on_it_is_another():
    assert found("po", "po2 of 60, 5 mg po 2 times") == ["po"]


def test_characters_need_no_spaces():
    assert found("静脉|静脈 注射", "经静脉注射, 静脈 注射") == ["静脉注射", "静脈 注射"]


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("", "begins and ends with a word"),
        ("... knee", "begins and ends with a word"),
        ("knee ...", "begins and ends with a word"),
        ("knee ... joint?", "begins and ends with a word"),
        ("knee?", "begins and ends with a word"),
        ("knee ... ... joint", "two gaps"),
        ("in*", "begins too many words"),
        ("Knee", "'Knee' is no word"),
        ("kn(ee)", "'kn(ee)' is no word"),
        ("knee|", "'' is no word"),
        ("*scopy", "is no word"),
        ("intra-", "is no word"),
    ],
)
def test_a_broken_pattern_says_what_is_wrong_and_what_to_do(pattern, words):
    with pytest.raises(PatternError) as error:
        parse(pattern)
    assert words in error.value.what
    assert error.value.remedy


def test_the_manual_reads_what_it_says(project):
    rows = re.findall(
        r"^\| `(.+?)` \|.*\| (.+?) \|$", (project / "docs/routes.md").read_text("utf-8"), re.MULTILINE
    )
    examples = [(row[0].replace("\\|", "|"), text) for row in rows for text in re.findall('"(.+?)"', row[1])]
    assert len(examples) >= 15
    assert [(pattern, text) for pattern, text in examples if not found(pattern, text)] == []
