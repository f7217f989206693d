"""Documents: strict YAML, problems with file, line and remedy, pointers that lead back to values."""

from __future__ import annotations

import pytest

from evdose.documents import check_document, read_yaml, resolve
from evdose.errors import InputError

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["title"],
    "properties": {
        "title": {"type": "string", "description": "the title"},
        "n": {"type": "integer", "minimum": 0, "description": "participants, a whole number"},
        "status": {"enum": ["RECRUITING", "COMPLETED"], "description": "status"},
        "arms": {
            "type": "array",
            "description": "arms",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["label"],
                "description": "an arm",
                "properties": {
                    "label": {"type": "string", "description": "label"},
                    "dose": {"type": "string", "description": "dose as written"},
                },
            },
        },
    },
}


def document(tmp_path, text):
    path = tmp_path / "card.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return read_yaml(path)


def problems(tmp_path, text):
    with pytest.raises(InputError) as raised:
        check_document(document(tmp_path, text), SCHEMA)
    return raised.value.problems


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2020-02-19", "2020-02-19"),
        ("yes", "yes"),
        ("no", "no"),
        ("NO", "NO"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("12", 12),
        ("012", 12),
        ("08", 8),
        ("-3", -3),
        ("2e8", 2e8),
        ("2.0e+8", 2e8),
        ("1.5", 1.5),
        (".5", 0.5),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("2,5×10^10", "2,5×10^10"),
        ("８．０×１０^８", "８．０×１０^８"),
        ("'2016'", "2016"),
        (".inf", ".inf"),
    ],
)
def test_a_value_is_what_it_looks_like(tmp_path, text, value):
    found = document(tmp_path, f"a: {text}\n").data["a"]
    assert found == value
    assert type(found) is type(value)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    assert document(tmp_path, b"\xef\xbb\xbfa: 1\n").data == {"a": 1}


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "stands twice"),
        ("a:\n  b: 1\n  b: 2\n", 3, "stands twice"),
        ("a: [1, 2\n", 2, "isn't readable YAML"),
        ("a: 'x\n", 2, "isn't readable YAML"),
        ("a: b: c\n", 1, "isn't readable YAML"),
        ("a: \t- x\n\t b: 1", None, "isn't readable YAML"),
        ("--- 1\n--- 2\n", 2, "another document"),
        (b"a: 1\nb: \xff\n", 2, "isn't UTF-8"),
        (b"a: 1\nb: \x00\n", 2, "control character"),
        ('a: 1\nb: "\\x1b[31m"\n', 2, "control character U+001B"),
        ("a: 1\nb: 1234567890123456789\n", 2, "too large"),
        (f"a: {'9' * 5000}\n", 1, "too large"),
        ("a: *nothing\n", 1, "isn't readable YAML"),
        ("a: !!python/object:os.system x\n", 1, "isn't readable YAML"),
        ("[" * 5000, None, "isn't readable YAML"),
    ],
)
def test_bad_yaml_names_its_line(tmp_path, text, line, told):
    with pytest.raises(InputError) as raised:
        document(tmp_path, text)
    problem = raised.value.problems[0]
    assert told in problem.what
    assert problem.file.endswith("card.yaml")
    assert problem.remedy
    if line is not None:
        assert problem.line == line


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.yaml"):
        read_yaml(tmp_path / "none.yaml")


def test_lines_of_values(tmp_path):
    found = document(tmp_path, "title: t\narms:\n  - label: a\n    dose: 2e8\n  - label: b\n")
    assert found.line("/title") == 1
    assert found.line("/arms/0/dose") == 4
    assert found.line("/arms/1/label") == 5
    assert found.line("/arms/1/dose") == 5  # isn't there: its parent
    assert document(tmp_path, "").line("/title") is None


def test_a_valid_document_passes(tmp_path):
    check_document(document(tmp_path, "title: t\nn: 3\nstatus: COMPLETED\narms: []\n"), SCHEMA)


def test_an_unknown_key_names_the_nearest_known(tmp_path):
    (problem,) = problems(tmp_path, "title: t\nstatsu: COMPLETED\n")
    assert problem.line == 2
    assert "statsu" in problem.what
    assert "'status'" in problem.remedy


def test_a_missing_field_says_what_it_is_and_what_may_be_a_slip_for_it(tmp_path):
    (missing, unknown) = sorted(
        problems(tmp_path, "titel: t\n"), key=lambda problem: "unknown" in problem.what
    )
    assert "'title' is missing" in missing.what
    assert "'titel' may be a slip" in missing.remedy
    assert "the title" in missing.remedy
    assert unknown.place == "/titel"


def test_a_wrong_type_says_which_would_be_right(tmp_path):
    (problem,) = problems(tmp_path, "title: t\nn: many\n")
    assert (problem.line, problem.place) == (2, "/n")
    assert "integer" in problem.remedy
    assert "participants" in problem.remedy


@pytest.mark.parametrize("text", ["title: t\nn: true\n", "title: t\nn: 1.5\n", "title: 3\n", "title:\n"])
def test_types_are_not_stretched(tmp_path, text):
    assert len(problems(tmp_path, text)) == 1


def test_a_value_outside_the_choices_names_the_nearest(tmp_path):
    (problem,) = problems(tmp_path, "title: t\nstatus: COMPLETE\n")
    assert "'COMPLETED'" in problem.remedy
    assert "RECRUITING" in problem.remedy


def test_every_breach_is_told(tmp_path):
    text = "n: -1\nstatus: x\narms:\n  - dose: 5\n    lable: a\n"
    places = {problem.place for problem in problems(tmp_path, text)}
    assert places == {"/title", "/n", "/status", "/arms/0/label", "/arms/0/lable", "/arms/0/dose"}


def test_keys_that_are_no_texts_are_unknown_keys(tmp_path):
    told = [problem.what for problem in problems(tmp_path, "title: t\n12: x\nnull: y\nfoo: z\n")]
    assert {"unknown key '12'", "unknown key 'None'", "unknown key 'foo'"} <= set(told)


def test_a_pattern_holds_to_the_last_character(tmp_path):
    schema = {"type": "object", "properties": {"id": {"type": "string", "pattern": "^[a-z]+$"}}}
    check_document(document(tmp_path, "id: abc\n"), schema)
    with pytest.raises(InputError, match=r"/id.*does not match"):
        check_document(document(tmp_path, 'id: "abc\\n"\n'), schema)


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "is empty"), ("# x\n", "is empty"), ("- a\n", "wrong type"), ("x\n", "wrong type")],
)
def test_a_document_of_another_shape(tmp_path, text, told):
    assert told in problems(tmp_path, text)[0].what


def test_resolving_a_pointer():
    data = {"a/b": [{"~c": 1}, 2], "": 3}
    assert resolve(data, "") == data
    assert resolve(data, "/a~1b/0/~0c") == 1
    assert resolve(data, "/a~1b/1") == 2
    assert resolve(data, "/") == 3


@pytest.mark.parametrize("pointer", ["/x", "/a/5", "/a/x", "/a/0/deeper"])
def test_a_pointer_that_leads_nowhere(pointer):
    with pytest.raises(KeyError):
        resolve({"a": [1]}, pointer)
