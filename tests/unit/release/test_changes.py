"""What changed between releases: known answers, and the page that keeps them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from unit.release.workshop import CARDS, SETTINGS, answered, dose, pooled, screened, trial, verdict

from evdose import __version__
from evdose.errors import InputError
from evdose.release.changes import causes, changes
from evdose.release.history import updated

LATER = SETTINGS | {"release": {"name": "2026.12", "date": "2026-12-01"}}
LATEST = SETTINGS | {"release": {"name": "2027.01", "date": "2027-01-01"}}


def told(before: Path, after: Path) -> dict[str, list[str]]:
    return {change.title: change.items for change in changes(before, after)}


def sections(results: Path) -> dict[str, str]:
    text = (results / "CHANGES.md").read_text(encoding="utf-8")
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in text.split("\n## ")[1:]}


def test_a_release_and_itself(released):
    release = released()
    assert changes(release, release) == []


def test_trials_that_came_and_went(released):
    before = released()
    after = released(
        {
            "data/trials": [trial(name) for name in ("NCT01", "NCT03", "NCT04")],
            "update/tables/screening": [screened(name) for name in ("NCT01", "NCT03", "NCT04")],
        }
    )
    assert told(before, after) == {
        "Records added": ["NCT04"],
        "Records removed": ["NCT02"],
        "update: trials added": ["NCT03", "NCT04"],
        "update: trials removed": ["NCT02"],
    }


def test_doses_read_differently(released):
    before = released({"data/doses": [dose("NCT01", 2e8), dose("NCT02", 4e9), dose("NCT03", 1e9)]})
    after = released(
        {
            "data/doses": [
                dose("NCT01", 2e8, fragment="2×10^8"),
                dose("NCT02", 4e8, status="inferred"),
                dose("NCT03", 1e9),
                dose("NCT03", 2e9, level=2),
                dose("NCT04", 5e9),
            ]
        }
    )
    assert told(before, after) == {
        "Doses read differently": [
            "NCT02 arm 1: 4000000000.0 particle (particles) per administration x 3.0, exact"
            " -> 400000000.0 particle (particles) per administration x 3.0, inferred",
            "NCT03 arm 1: 1000000000.0 particle (particles) per administration x 3.0, exact"
            " -> 1000000000.0 particle (particles) per administration x 3.0, exact"
            " + 2000000000.0 particle (particles) per administration x 3.0, exact",
        ]
    }


def test_estimates_that_moved_came_or_went(released):
    before = released({"update/tables/synthesis": [pooled(0.41), pooled(0.2, "nasal")]})
    after = released({"update/tables/synthesis": [pooled(0.43), pooled(0.1, "topical")]})
    found = told(before, after)
    (moved,) = found["update: synthesis moved (estimate)"]
    assert "stratum=respiratory" in moved and moved.endswith(": 0.41 -> 0.43")
    assert "stratum=topical" in found["update: rows of synthesis added"][0]
    assert "stratum=nasal" in found["update: rows of synthesis removed"][0]


def test_an_estimate_that_moved_by_rounding_is_no_change(released):
    before, after = (released({"update/tables/synthesis": [pooled(value)]}) for value in (0.41, 0.4100001))
    assert changes(before, after) == []


def test_an_answer_is_compared_by_its_question_and_group(released):
    before = released()
    width = answered("width", estimate=1.4)
    after = released({"update/tables/effective_range": [answered("peak", estimate=7.1, p_value=0.04), width]})
    group = "stratum=nasal measure=hedges_g outcome_domain=pain sensitivity=main"
    assert told(before, after) == {
        "update: effective_range moved (estimate)": [f"question=width {group}: 0.8 -> 1.4"],
        "update: effective_range moved (p_value)": [f"question=peak {group}: 0.01 -> 0.04"],
    }
    gone = released({"update/tables/effective_range": [width]})
    assert told(after, gone) == {"update: rows of effective_range removed": [f"question=peak {group}"]}


def test_verdicts_that_changed(released):
    before = released()
    after = released(
        {"update/tables/claims": [verdict("W01", "contradicted"), verdict("W02", "not testable")]}
    )
    assert told(before, after) == {"update: verdicts changed": ["claim_id=W01: reproduced -> contradicted"]}


def test_what_has_no_line_of_its_own_is_named_by_table(released):
    before = released()
    after = released({"data/trials": [trial(name) | {"title": "another"} for name in CARDS]})
    assert told(before, after) == {"Other tables that differ": ["data/trials.csv"]}


def test_long_lists_are_cut_and_counted(released):
    before = released()
    after = released({"data/trials": [trial(name) for name in (*CARDS, *(f"NCT1{n:02}" for n in range(20)))]})
    (change,) = changes(before, after)
    assert str(change).startswith("Records added (20): NCT100; NCT101;")
    assert str(change).endswith("NCT111; and 8 more")


def test_the_cause_is_read_from_the_manifests(released):
    before = released()
    settings = LATER | {"models": {"permutations": 99, "new": [1]}}
    after = released({"update/tables/synthesis": [pooled(0.5)]}, settings)
    assert causes(before, after) == ["config (2): models.new none -> [1]; models.permutations 9999 -> 99"]
    manifest = after / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["settings"] = {name: value for name, value in SETTINGS.items() if name != "release"}
    manifest.write_text(json.dumps(content), encoding="utf-8")
    assert causes(before, after) == ["code, or another type of processor: no input differs"]
    content["inputs"] = [entry for entry in content["inputs"] if entry["path"] != "seeds/trials/NCT02.yaml"]
    content["inputs"][1]["sha256"] = "0" * 64
    content["evdose"] = "9.9.9"
    manifest.write_text(json.dumps(content), encoding="utf-8")
    assert causes(before, after) == [
        "data (1): seeds/trials/NCT02.yaml",
        "vocabularies (1): config/routes.yaml",
        f"code (evdose {__version__} -> 9.9.9)",
    ]


def test_a_new_release_name_is_no_cause(released):
    assert causes(released(), released(None, LATER)) == [
        "code, or another type of processor: no input differs"
    ]


def test_the_page_has_a_section_a_release_the_newest_first(released):
    first = released()
    second = released({"update/tables/synthesis": [pooled(0.5)]}, LATER)
    third = released({"update/tables/synthesis": [pooled(0.5)]}, LATEST)
    found = sections(first.parent)
    assert list(found) == [third.name, second.name, first.name]
    assert "first release" in found[first.name]
    assert f"compared with {first.name}" in found[second.name]
    assert "0.41 -> 0.5" in found[second.name]
    assert "Why: code" in found[second.name]
    assert f"compared with {second.name}" in found[third.name]
    assert "No table differs" in found[third.name]


def test_the_page_is_the_same_after_another_run(released):
    results = released().parent
    released({"update/tables/synthesis": [pooled(0.5)]}, LATER)
    before = (results / "CHANGES.md").read_bytes()
    released({"update/tables/synthesis": [pooled(0.5)]}, LATER)
    released()
    assert (results / "CHANGES.md").read_bytes() == before


def test_sections_outlive_their_releases(released):
    first = released()
    second = released({"update/tables/synthesis": [pooled(0.5)]}, LATER)
    before = sections(first.parent)
    shutil.rmtree(first)

    released({"update/tables/synthesis": [pooled(0.5)]}, LATER)
    assert sections(first.parent) == before

    third = released(None, LATEST)
    assert list(sections(first.parent)) == [third.name, second.name, first.name]
    assert {name: sections(first.parent)[name] for name in before} == before


def test_a_release_whose_predecessor_is_gone_says_so(released):
    first = released()
    shutil.rmtree(first)
    second = released(None, LATER)
    assert f"the release before ({first.name}) is no longer here" in sections(first.parent)[second.name]


def test_a_draft_that_nobody_kept_leaves_no_section(released):
    draft = released({"update/tables/synthesis": [pooled(0.3)]})
    final = released()
    assert f"compared with {draft.name}" in sections(draft.parent)[final.name]
    shutil.rmtree(draft)
    released()
    assert list(sections(draft.parent)) == [final.name]
    assert "first release" in sections(draft.parent)[final.name]


def test_of_two_releases_of_one_day_the_one_made_first_comes_before(released):
    first = released()
    second = released({"update/tables/synthesis": [pooled(0.5)]})
    found = sections(first.parent)
    assert "first release" in found[first.name]
    assert f"compared with {first.name}" in found[second.name]


def test_hostile_text_stays_in_its_line(released):
    name = "NCT01\n## injected\n"
    released()
    release = released({"data/trials": [trial(name)]}, LATER)
    text = (release.parent / "CHANGES.md").read_text(encoding="utf-8")
    assert len(re.findall("^## ", text, re.MULTILINE)) == 2


def test_a_broken_release_beside_is_named(released):
    first = released()
    (first / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=rf"{first.name}/manifest\.json"):
        released(None, LATER)


def test_other_folders_in_results_do_not_matter(released):
    release = released()
    (release.parent / "my-notes").mkdir()
    (release.parent / "copy of 2026.11-00000000").mkdir()
    assert "first release" in updated("", release.parent, release)
