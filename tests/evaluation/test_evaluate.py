"""The evaluation: it shows no held-back fragment, and the reader keeps its floors."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from evaluation import evaluate, evdose_reader, peer
from evaluation.labelled import FLOORED, HALVES, Case, read_floors, read_halves
from evaluation.report import score_tables
from evaluation.scores import EVDOSE, PEER, RARE, read_cases, scores
from evaluation.scoring import Dose, Reading
from places import PROJECT

ONE_DOSE = Reading((Dose(5, 5, "mL", "product_volume", "administration"),), routes=frozenset({"nasal"}))
SEEN = [Case("T1-1", "T1", "a seen text", ("plain",), ONE_DOSE)]
UNSEEN = [Case("T2-1", "T2", "a sealed text", ("cap",), ONE_DOSE)]


@pytest.fixture(scope="module")
def halves():
    return read_halves()


@pytest.fixture(scope="module")
def table(halves):
    readers = {EVDOSE: evdose_reader.evdose(), PEER: peer.quantulum3()}
    return scores(halves, readers)


@pytest.fixture
def made_up(monkeypatch, tmp_path):
    """The evaluation of one fragment a half by a reader that reads nothing."""
    monkeypatch.setattr(evaluate, "BUILT", tmp_path)
    monkeypatch.setattr(evaluate, "read_halves", lambda: {"tuning": SEEN, "held_back": UNSEEN})
    monkeypatch.setattr(evaluate.evdose_reader, "evdose", lambda: lambda text: Reading())
    return tmp_path


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("measure", FLOORED)
def test_no_score_falls_below_its_floor(table, half, measure):
    chosen = table["half"].eq(half) & table["reader"].eq(EVDOSE) & table["kind"].eq("all")
    (value,) = table.loc[chosen & table["measure"].eq(measure), "value"]
    assert value >= read_floors()[half][measure]


def test_the_published_scores_are_those_of_this_reader(table):
    published = (PROJECT / "docs/evaluation.md").read_text(encoding="utf-8").splitlines()
    # quantulum3 reads some texts otherwise from one Python process to the next; its columns are the last.
    for line in score_tables(table[table["reader"] != PEER]).splitlines():
        assert any(there.startswith(line) for there in published), f"run `make evaluation`: {line}"


def test_differences_are_shown_of_the_tuning_half_alone(made_up):
    shown = CliRunner().invoke(evaluate.app, ["--show-tuning-differences"]).output
    assert "T1-1: a seen text" in shown
    assert "5–5 mL product_volume per administration" in shown
    written = "".join(file.read_text(encoding="utf-8") for file in made_up.iterdir())
    assert "evdose" in written
    for word in ("T2", "sealed"):
        assert word not in shown + written


def test_no_difference_is_shown_unasked(made_up):
    shown = CliRunner().invoke(evaluate.app, []).output
    assert "held back" in shown
    assert "a seen text" not in shown


def test_a_reader_that_fails_does_not_tell_the_text():
    def fail(text: str) -> Reading:
        raise ValueError(text)

    with pytest.raises(RuntimeError, match="ValueError on a fragment of held_back") as failed:
        read_cases(UNSEEN, fail, "held_back")
    assert failed.value.__suppress_context__


def test_kinds_of_few_fragments_are_put_together():
    cases = [Case(f"T1-{n}", "T1", "", ("plain",) if n < 5 else ("cap", "cut"), Reading()) for n in range(10)]
    cases += [Case("T1-10", "T1", "", ("virus", "drug"), ONE_DOSE) for _ in range(3)]
    cases += [Case("T1-11", "T1", "", ("range",), Reading()) for _ in range(2)]
    table = scores({"tuning": cases}, {EVDOSE: lambda text: Reading()})
    exact = table[table["kind"].ne("all") & table["measure"].eq("doses")].set_index("kind")
    assert exact["n"].to_dict() == {"plain": 5, "cap": 5, "cut": 5, RARE: 5}
    assert exact["value"][RARE] == 2 / 5
