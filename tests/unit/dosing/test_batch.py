"""JSON lines: one answer a line whatever the line holds, and the form that docs/normalize.md promises."""

from __future__ import annotations

import json
import math
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdose.dosing import reasons
from evdose.dosing.batch import normalise_lines, read_record
from evdose.dosing.reading.reader import prepare
from evdose.dosing.tables import PER, SUBSTANCES, UNITS
from places import PROJECT

DOCUMENTED = (PROJECT / "docs/normalize.md").read_text(encoding="utf-8")
KEYS = ["id", "doses", "administrations", "administrations_status", "routes", "problems"]
OF_A_DOSE = ["low", "high", "unit", "substance", "per", "status", "span", "label"]
OF_A_ROUTE = ["code", "name", "span"]
NOTHING = {
    "id": None,
    "doses": [],
    "administrations": None,
    "administrations_status": "not_reported",
    "routes": [],
}


def no_constant(name):
    raise AssertionError(f"{name} is not JSON")


def parsed(answer):
    """The answer as a strict reader of JSON lines sees it."""
    assert answer.isascii() and "\n" not in answer
    return json.loads(answer, parse_constant=no_constant)


@pytest.fixture(scope="session")
def answers(reader):
    """The answers to lines, and which of them were well formed."""

    def of(*lines):
        made = list(normalise_lines(reader, lines))
        return [parsed(answer) for answer, _ in made], [well_formed for _, well_formed in made]

    return of


@pytest.fixture
def answer(reader):
    return lambda **record: read_record(reader, record)


def test_the_documented_example_is_what_is_answered(reader):
    given_lines, answered = re.findall(r"```jsonl\n(.*?)```", DOCUMENTED, re.DOTALL)
    made = list(normalise_lines(reader, given_lines.encode().splitlines()))
    assert [line for line, _ in made] == answered.splitlines()
    assert [well_formed for _, well_formed in made] == [True, True, True, False]


@pytest.mark.parametrize(("key", "values"), [("unit", UNITS), ("substance", SUBSTANCES), ("per", PER)])
def test_the_documented_values_are_those_of_the_tables(key, values):
    row = re.search(rf"^\| ⤷ `{key}` \|(.*)\|$", DOCUMENTED, re.MULTILINE)[1]
    assert tuple(re.findall(r"`([^`]+)`", row)) == values


MALFORMED = {
    b"\xff\xfe{}": r"line 1 isn't UTF-8 \(byte 1\)",
    b'{"dose_text": "2 \xb5g"}': r"isn't UTF-8 \(byte 18\)",
    b"": "isn't JSON",
    b"\n": "isn't JSON",
    b"1e9 particles": r"isn't JSON \(Extra data at character 5\)",
    b'{"id": 1, "dose_text": "1e9 partic': r"isn't JSON \(Unterminated string",
    b'{"dose_text": "a"} {"dose_text": "b"}': "isn't JSON",
    b'{"dose_text": "a\x00b"}': "isn't JSON",
    b'{"id": NaN, "dose_text": "a"}': "isn't JSON that can be read .NaN",
    b'{"id": -Infinity, "dose_text": "a"}': "isn't JSON that can be read .-Infinity",
    b'{"id": 1e999, "dose_text": "a"}': "isn't JSON that can be read .1e999",
    b'{"id": ' + b"9" * 5000 + b', "dose_text": "a"}': "isn't JSON that can be read",
    b'{"dose_text": "1e9 particles", "dose_text": "2e9 particles"}': "the key 'dose_text' stands twice",
    b"[" * 100_000: "nested too deeply",
    b'{"dose_text": "a", "x": ' + b'{"x":' * 50_000 + b"1" + b"}" * 50_001: "nested too deeply",
    b"[]": "isn't a JSON object",
    b"null": "isn't a JSON object",
    b'"1e9 particles"': "isn't a JSON object",
    b"{}": "has no text: one of dose_text, schedule_text, route_text is needed",
    b'{"dose_text": null}': "has no text",
    b'{"dose_text": " \\t\\u00a0"}': "has no text",
    b'{"text": "1e9 particles"}': "has no text",
    b'{"dose_text": 5}': "has a dose_text that isn't a text",
    b'{"dose_text": "1e9 particles", "route_text": ["IV"]}': "has a route_text that isn't a text",
    b'{"dose_text": "1e9 particles", "schedule_text": false}': "has a schedule_text that isn't a text",
    b'{"id": ["a"], "dose_text": "1e9 particles"}': "has an id that is neither a text nor a number",
    b'{"id": true, "dose_text": "1e9 particles"}': "has an id",
}


@pytest.mark.parametrize("line", MALFORMED, ids=lambda line: repr(line[:40]))
def test_a_malformed_line_is_answered_with_its_problem_alone(line, answers):
    (answer,), (well_formed,) = answers(line)
    (problem,) = answer.pop("problems")
    assert not well_formed
    assert answer == NOTHING
    assert problem.startswith("line 1 ")
    assert re.search(MALFORMED[line], problem)
    assert len(problem) < 250


@pytest.mark.parametrize("identifier", ["NCT1", "", "é\ud800", 7, -1.5, 12345678901234567890])
def test_a_malformed_line_keeps_its_id(identifier, answers):
    (answer,), (well_formed,) = answers(json.dumps({"id": identifier, "dose_text": 1}).encode())
    assert not well_formed
    assert answer["id"] == identifier


def test_the_batch_goes_on_in_order(answers):
    good = [
        json.dumps({"id": number, "dose_text": f"{number}e9 particles"}).encode() for number in range(1, 5)
    ]
    made, well_formed = answers(good[0], b"{", good[1], b"", good[2], b"\xff", good[3])
    assert [answer["id"] for answer in made] == [1, None, 2, None, 3, None, 4]
    assert well_formed == [True, False, True, False, True, False, True]
    assert [answer["doses"][0]["low"] for answer in made[::2]] == [1e9, 2e9, 3e9, 4e9]
    assert [answer["problems"][0].split(" isn't")[0] for answer in made[1::2]] == [
        "line 2",
        "line 4",
        "line 6",
    ]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"", b"  \n"])
def test_line_ends_and_a_byte_order_mark_are_none_of_the_text(end, answers):
    line = '{"id": 1, "dose_text": "2 µg"}'.encode()
    (first, second), well_formed = answers(b"\xef\xbb\xbf" + line + end, line + end)
    assert well_formed == [True, True]
    assert first == second and first["doses"][0]["unit"] == "ug"


def test_characters_may_be_escaped_or_not(answers):
    plain, escaped = (
        '{"dose_text": "２×10⁹ exosomes 😀 2 µg"}'.encode(),
        json.dumps({"dose_text": "２×10⁹ exosomes 😀 2 µg"}),
    )
    (first, second), _ = answers(plain, escaped.encode())
    assert first == second
    assert [dose["span"] for dose in first["doses"]] == [[0, 14], [17, 21]]


def test_a_lone_surrogate_is_a_character_as_any_other(answers):
    (answer,), (well_formed,) = answers(rb'{"id": "\ud800", "dose_text": "\udfff 1e9 particles \ud83d"}')
    assert well_formed
    assert answer["id"] == "\ud800"
    assert answer["doses"][0]["span"] == [2, 15]


def test_a_megabyte_is_read_whole(answers):
    filler = "the participant is seen. " * 40_000
    (answer,), (well_formed,) = answers(json.dumps({"dose_text": f"{filler}1e9 particles IV"}).encode())
    assert well_formed
    (dose,) = answer["doses"]
    assert dose["span"] == [len(filler), len(filler) + 13]
    assert [route["name"] for route in answer["routes"]] == ["intravenous"]


def test_other_keys_are_passed_over(answer):
    plain = answer(id=1, dose_text="1e9 particles")
    assert answer(id=1, dose_text="1e9 particles", arm={"a": [1]}, schedule_text=None) == plain


WORDS = """
    2 10 108 ×10⁹ 1e9 .5 - , / ( ) ± µg mg mL particles exosomes cells kg drops IV injection for days weekly
    once daily x until up to placebo saline in NaN 1e400 &times; 万 <sup>
"""
texts = st.text(max_size=60) | st.lists(st.sampled_from(WORDS.split()), max_size=12).map(" ".join)


@given(dose=texts, schedule=texts, route=texts, identifier=st.text() | st.integers() | st.none())
def test_every_answer_keeps_the_promised_form(dose, schedule, route, identifier, answers):
    record = {"id": identifier, "dose_text": dose, "schedule_text": schedule, "route_text": route}
    (answer,), (well_formed,) = answers(json.dumps(record).encode())
    assert list(answer) == KEYS
    assert answer["id"] == identifier
    assert well_formed == any(text.strip() for text in (dose, schedule, route))
    for entry in answer["doses"]:
        assert list(entry) == OF_A_DOSE
        assert 0 < entry["low"] <= entry["high"] < math.inf
        assert entry["unit"] in UNITS and entry["substance"] in SUBSTANCES and entry["per"] in PER
        assert entry["status"] in ("exact", "inferred", "ambiguous")
        assert entry["label"] is None or isinstance(entry["label"], str)
        start, end = entry["span"]
        assert 0 <= start < end <= len(dose)
    number, status = answer["administrations"], answer["administrations_status"]
    assert (number is None) == (status in ("ambiguous", "open-ended", "not_reported"))
    assert number is None or 1 <= number < math.inf
    for entry in answer["routes"]:
        assert list(entry) == OF_A_ROUTE
        start, end = entry["span"]
        assert 0 <= start < end <= max(len(dose), len(schedule), len(route))
    assert len({entry["name"] for entry in answer["routes"]}) == len(answer["routes"])
    assert all(isinstance(problem, str) for problem in answer["problems"])


@given(lines=st.lists(st.binary(max_size=80).filter(lambda line: b"\n" not in line), max_size=4))
def test_any_bytes_have_one_answer_each(lines, answers):
    made, _ = answers(*lines)
    assert [list(answer) for answer in made] == [KEYS] * len(lines)


def test_a_span_leads_to_the_words_of_the_text(answer):
    text = "\u00a0Exosomes: ２×10⁹ particles &amp; 5 \u00b5g protein, i.v."
    made = answer(dose_text=text)
    assert [text[slice(*dose["span"])] for dose in made["doses"]] == ["２×10⁹ particles", "5 µg"]
    assert [text[slice(*route["span"])] for route in made["routes"]] in (["i.v"], ["i.v."])


def test_levels_stand_in_the_order_of_the_text(answer):
    doses = answer(dose_text="Cohort 1: 4e9 particles; cohort 2: 1e9 particles; cohort 3: 2e9 particles")[
        "doses"
    ]
    assert [(dose["low"], dose["label"]) for dose in doses] == [
        (4e9, "cohort 1"),
        (1e9, "cohort 2"),
        (2e9, "cohort 3"),
    ]
    assert all(one["span"][1] <= two["span"][0] for one, two in pairwise(doses))


def test_doses_are_read_from_the_dose_text_alone(answer):
    made = answer(schedule_text="1e9 particles once", route_text="2e9 particles IV")
    assert made["doses"] == []
    assert made["administrations"] == 1


def test_administrations_and_routes_are_read_from_their_own_text_first(answer):
    made = answer(
        dose_text="1e9 particles IV weekly for 3 weeks", schedule_text="twice", route_text="intrathecal"
    )
    assert made["administrations"] == 2
    assert [route["name"] for route in made["routes"]] == ["intrathecal"]
    assert made["problems"] == []


def test_a_missing_text_is_stood_in_for_without_a_problem(answer):
    made = answer(dose_text="1e9 particles IV weekly for 3 weeks")
    assert made["administrations"] == 3
    assert [route["name"] for route in made["routes"]] == ["intravenous"]
    assert made["problems"] == []


def test_a_text_that_says_nothing_is_stood_in_for_and_that_is_told(answer):
    made = answer(
        dose_text="1e9 particles IV, weekly for 3 weeks", schedule_text="as below", route_text="see above"
    )
    assert made["administrations"] == 3
    assert [route["span"] for route in made["routes"]] == [[14, 16]]
    assert sorted(problem.split(":")[0] for problem in made["problems"]) == [
        "administrations read from dose_text",
        "routes read from dose_text",
    ]


@pytest.mark.parametrize(
    ("schedule", "status"),
    [("every 2 weeks until progression", "open-ended"), ("3 or 4 injections", "ambiguous")],
)
def test_a_schedule_that_is_openly_open_is_not_closed_by_another_text(schedule, status, answer):
    made = answer(schedule_text=schedule, dose_text="1e9 particles once daily for 7 days")
    assert (made["administrations"], made["administrations_status"]) == (None, status)


def test_a_specific_route_wins_over_an_injection(answer):
    assert [r["name"] for r in answer(route_text="injection", dose_text="1 mL IV")["routes"]] == [
        "intravenous"
    ]
    assert [r["name"] for r in answer(route_text="injection", dose_text="infusion")["routes"]] == [
        "parenteral (unspecified)"
    ]
    assert [r["span"] for r in answer(route_text="injection", dose_text="infusion")["routes"]] == [[0, 9]]


def test_what_a_person_should_look_at_is_a_problem(answer):
    assert answer(route_text="by hand")["problems"] == ["route not known: 'by hand'"]
    assert answer(route_text="x" * 1000)["problems"] == [f"route not known: {'x' * 80 + '…'!r}"]
    assert answer(dose_text="level 3")["problems"] == [reasons.UNREAD]
    assert answer(dose_text="100 IU twice")["problems"] == ["unit that is none of a dose: '100 IU'"]
    assert answer(dose_text="1e9 particles IV")["problems"] == []


def test_a_guess_is_said_to_be_one(answer):
    lost, written = (
        answer(dose_text=text)["doses"][0] for text in ("2 x 108 particles", "2 x 10^8 particles")
    )
    assert (lost.pop("status"), written.pop("status")) == ("inferred", "exact")
    assert lost["low"] == written["low"] == 2e8


def test_reading_leaves_the_record_as_it_was(reader):
    record = {"id": 1, "dose_text": "1e9 particles", "route_text": None}
    before = dict(record)
    assert read_record(reader, record) == read_record(reader, record)
    assert record == before


@pytest.mark.parametrize("record", [{}, {"dose_text": ""}, {"dose_text": None, "schedule_text": " "}])
def test_a_record_without_a_text_reads_as_nothing(record, answer):
    assert answer(**record) == {**NOTHING, "problems": []}


def test_a_duration_in_the_dose_text_completes_a_daily_dose(answer):
    made = answer(dose_text="100 mg/day of exosomes for 7 days", schedule_text="see the dose")
    assert (made["administrations"], made["administrations_status"]) == (7, "inferred")


def test_a_line_is_read_as_its_text_alone_is(reader):
    text = "2 x 10^8 exosomes in 3 mL saline by nebuliser"
    prepared = prepare(text)
    read = [(dose.low, dose.unit) for dose in reader.doses(prepared)]
    assert [(dose["low"], dose["unit"]) for dose in read_record(reader, {"dose_text": text})["doses"]] == read
