"""Tables for people: every table has its layout, cells are worded and lead to their records."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from unit.rendering import made_up

from evdose.dosing.tables import CONVERSIONS
from evdose.modelling.tables import REGISTRATIONS
from evdose.rendering import trust
from evdose.rendering.catalogue import OF_SCENARIO, SHARED
from evdose.rendering.display_tables import table_page
from evdose.rendering.layouts import LAYOUTS
from evdose.rendering.scenario_tables import scenario_view
from evdose.rendering.scope import ARM_TEXTS, scoped
from evdose.rendering.table_view import anchor, anchors, view, view_rows, without_empty_columns
from evdose.rendering.trust_layouts import TRUST_LAYOUTS
from evdose.tables import frame_of


def test_every_table_of_a_scenario_has_a_layout():
    assert set(OF_SCENARIO) <= set(LAYOUTS | TRUST_LAYOUTS)


@pytest.mark.parametrize("name", sorted(set(LAYOUTS | TRUST_LAYOUTS) & set(OF_SCENARIO | SHARED)))
def test_a_layout_shows_columns_that_its_table_has(name):
    known = {*(OF_SCENARIO | SHARED)[name].columns, *ARM_TEXTS}
    layout = (LAYOUTS | TRUST_LAYOUTS)[name]
    assert {source for field in layout.fields for source in field.sources} <= known
    assert len({field.label for field in layout.fields}) == len(layout.fields), "two columns share a heading"


def words(name, words=""):
    shared = made_up.shared_tables(words)
    table = scenario_view(name, made_up.scenario_tables(shared, words), shared["arms"])
    labels = [field.label for field in table.layout.fields]
    return [dict(zip(labels, row, strict=True)) for row in table.rows]


def test_a_dose_is_worded_and_leads_to_its_record():
    first = words("doses")[0]
    assert first["Trial or study"].text == made_up.TRIAL
    assert first["Trial or study"].href == f"#{anchor(made_up.TRIAL)}" == "#trial-NCT00000001"
    assert first["Arm"].text == "exosomes "
    assert first["Dose as read"].text == "2×10⁸ particles per administration"
    assert (first["Particles per administration"].text, first["Administrations (n)"].text) == ("2×10⁸", "5")
    assert first["Particles per administration"].sort == 8.30103
    assert first["Text read"].text == "2.0*10E8 nano vesicles"


def test_a_study_leads_to_its_own_section_and_an_outcome_to_its_source():
    (row,) = words("outcomes")
    assert row["Study"].href == "#study-Zhu2022"
    assert row["Trial"].href == "#trial-NCT00000001"
    assert row["Numbers"].text == "0 of 7"
    assert row["Source"].href == "https://example.org/a?b=1&c=2"
    assert (
        next(row for row in words("doses") if row["Trial or study"].text == made_up.STUDY)[
            "Trial or study"
        ].href
        == "#study-Zhu2022"
    )


def test_registrations_have_a_column_a_year_and_keep_their_order():
    rows = [
        ("all", "all", 2020, 3),
        ("all", "all", 2021, 1),
        ("route", "nasal", 2020, 1),
        ("route", "eye", 2020, 2),
    ]
    frame = frame_of([dict(zip(REGISTRATIONS.columns, row, strict=True)) for row in rows], REGISTRATIONS)
    table = scenario_view("registrations", {"registrations": frame}, made_up.shared_tables()["arms"])
    assert [field.label for field in table.layout.fields] == ["Grouping", "Group", "2020", "2021"]
    assert [tuple(cell.text for cell in row) for row in table.rows] == [
        ("all", "all", "3", "1"),
        ("route", "nasal", "1", "–"),
        ("route", "eye", "2", "–"),
    ]


def shown(name, rows):
    """The rows of a scenario's table, worded, by the label of their column."""
    frame = frame_of(rows, OF_SCENARIO[name])
    arms = made_up.shared_tables()["arms"]
    table = scenario_view(name, {name: frame}, arms)
    labels = [field.label for field in table.layout.fields]
    return [dict(zip(labels, (cell.text for cell in row), strict=True)) for row in table.rows]


def test_an_answer_on_the_range_is_worded_by_its_question():
    done = {"status": "estimated", "estimate": 0.8, "low": 0.3, "needs": None, "spread_tried": 1.2}
    rows = [made_up.range_row(question, "nasal", **done) for question in ("peak", "width", "concentration")]
    sensitivity = made_up.range_row("peak", "nasal", sensitivity="derived_counts")
    peak, width, concentration, other = shown("effective_range", [*rows, sensitivity])
    assert peak["Found (95% confidence set)"] == "likelihood ratio 0.800"
    assert width["Found (95% confidence set)"] == "0.800 (from 0.300) wide"
    assert concentration["Found (95% confidence set)"] == "SD 0.800 of effective, 1.20 of tried doses"
    assert (peak["Analysis is"], other["Analysis is"]) == ("main", "sensitivity: derived counts")
    assert other["Found (95% confidence set)"] == "–"
    assert other["What it would take"] == "5 more studies (pain, Hedges' g)"
    assert "a peak needs 6 studies" in other["Method, or what there is"]


def test_power_is_shown_with_the_arms_at_hand_and_a_route_without_power_once():
    unable = {"status": "not_estimable", "arms": 1, "power": None, "simulations": 0}
    rows = [
        made_up.power_row("all"),
        made_up.power_row("all", arms=160, at_hand=False),
        made_up.power_row("all", width=2.0),
        made_up.power_row("nasal", **unable),
        made_up.power_row("nasal", **unable, width=2.0),
    ]
    table = shown("power", rows)
    assert [row["Route"] for row in table] == ["all", "all", "nasal"]
    assert {row["Arms with a dose (n)"] for row in table} == {"17", "1"}
    assert table[0]["Power with these arms (95% interval)"] == "52% (48% to 56%)"
    assert table[2]["Width of the range (log10 particles)"] == "–"
    assert "10<sup>8.3</sup>" in table[0]["Method, or what there is"]
    assert shown("power", []) == []


OUTCOME = {"study_id": made_up.STUDY, "msc_derived": "yes", "arm": 1, "n": 7, "outcome": "pain"}
OUTCOME |= {"outcome_domain": "pain", "kind": "continuous", "direction": "lower is better", "source_id": "a"}
OUTCOME |= {"change_from_baseline": False, "authors_call_effective": "yes", "derived": False, "locator": "/"}


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ({"mean": 3.2, "sd": 1.1}, "3.2 (SD 1.1)"),
        ({"mean": 3.2}, "3.2"),
        ({"mean": 3.2, "se": 0.4, "ci_low": 2.4, "ci_high": 4.0}, "3.2 (SE 0.4, 95% CI 2.4 to 4)"),
        (
            {"median": 3, "q1": 2, "q3": 5, "minimum": 1, "maximum": 9},
            "median 3 (IQR 2 to 5, range 1 to 9)",
        ),
        ({"minimum": 1, "maximum": 9}, "(range 1 to 9)"),
        ({}, "–"),
        ({"kind": "binary", "events": 2}, "2 of 7"),
    ],
)
def test_an_outcome_shows_every_number_of_its_centre_and_spread(numbers, text):
    (row,) = shown("outcomes", [OUTCOME | numbers])
    assert row["Numbers"] == text


EFFECT = {"effect_id": "e", "effect_table": "controlled", "measure": "hedges_g", "study_id": "A", "arm": 1}
EFFECT |= {"label": "a", "outcome": "pain", "outcome_domain": "pain", "primary": True, "stratum": "nasal"}
EFFECT |= {"particles_log10": 9.0, "estimate": 0.4, "variance": 0.1, "numbers": "x", "equation": "y"}
EFFECT |= {"derived": False, "estimated_moments": False, "source_id": "a", "locator": "/"}


@pytest.mark.parametrize(
    ("changed", "enters"),
    [
        ({}, "pooling and dose–response"),
        ({"derived": True}, "pooling and dose–response, sensitivity only"),
        ({"estimated_moments": True}, "pooling and dose–response, sensitivity only"),
        ({"derived": True, "estimated_moments": True}, "–"),
        ({"particles_log10": None}, "pooling"),
        ({"effect_table": "change", "measure": "standardised_mean_change"}, "pooling"),
        ({"effect_table": "proportion", "measure": "proportion", "variance": None}, "pooling"),
        ({"primary": False}, "three-level model"),
        ({"primary": False, "variance": None}, "–"),
        ({"primary": False, "derived": True}, "–"),
        ({"estimate": None}, "–"),
    ],
)
def test_an_effect_says_which_models_it_enters(changed, enters):
    (row,) = shown("effects", [EFFECT | changed])
    assert row["Enters"] == enters


def test_an_effect_shows_its_events_and_what_was_estimated():
    counts = {"n_treated": 10, "n_control": 9, "events_treated": 4, "events_control": 2}
    (row,) = shown("effects", [EFFECT | counts | {"estimated_moments": True}])
    assert (row["Better outcome, treated"], row["Better outcome, control"]) == ("4 of 10", "2 of 9")
    assert row["Moments estimated"] == "yes"


def test_columns_without_anything_are_left_out_on_demand():
    shared = made_up.shared_tables()
    table = scenario_view("routes", made_up.scenario_tables(shared), shared["arms"])
    shown = {field.label for field in without_empty_columns(table).layout.fields}
    assert {field.label for field in table.layout.fields} - shown == {"Site", "Device"}


def test_codes_are_shown_as_words():
    shared = made_up.shared_tables()
    rows = trust.unread_doses(shared["doses"].assign(status="not_reported"), shared["arms"])
    (row,) = view_rows("unread_doses", TRUST_LAYOUTS["unread_doses"], rows).rows
    assert "not reported" in [cell.text for cell in row]


def test_anchors_never_clash():
    records = ["A B", "A-B", "A_B", "A_20_B", "A.B", "a b", "É", "A"]
    made = [anchor(record, kind) for record in records for kind in ("registration", "publication")]
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name) for name in made)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "ftp://a.b", "https://a b", "//a.b", 'https://a"onclick='],
)
def test_only_web_addresses_become_links(url):
    row = {
        "conversion_id": "c",
        "convert_from": "a",
        "convert_to": "b",
        "use": "none",
        "context": "x",
        "n_doses": 0,
    }
    frame = frame_of(
        [row | {"source_url": url}, row | {"conversion_id": "d", "source_url": "http://a.b/c"}], CONVERSIONS
    )
    links = [cells[-1].href for cells in view("conversions", TRUST_LAYOUTS["conversions"], frame).rows]
    assert links == [None, "http://a.b/c"]


class Elements(HTMLParser):
    """The tags of a page, with their attributes, and the text of its cells."""

    def __init__(self, page):
        super().__init__()
        self.found, self.cells, self._cell = [], [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self._cell = tag == "td"

    def handle_data(self, data):
        if self._cell:
            self.cells.append(data)
            self._cell = False

    def of(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


def page_of(name, text=""):
    shared = made_up.shared_tables(text)
    tables = made_up.scenario_tables(shared, text)
    sections = anchors(shared, tables["screening"])
    return table_page(scenario_view(name, tables, shared["arms"]), "The review's scope", sections)


def test_a_table_is_a_page_that_a_screen_reader_can_read():
    page = Elements(page_of("doses"))
    assert page.of("html")[0]["lang"] == "en"
    heads = page.of("th")
    assert heads
    assert all(head["scope"] == "col" for head in heads)
    (table,) = page.of("table")
    named = {attributes.get("id") for _, attributes in page.found}
    assert {table["aria-labelledby"], table["aria-describedby"]} <= named
    assert "<title>Doses: The review&#39;s scope</title>" in page_of("doses")
    assert "2×10⁸ particles per administration" in page.cells
    assert "Particles per administration" in page_of("doses")


def test_no_page_of_a_table_has_scripts_or_needs_the_network():
    for name in OF_SCENARIO:
        page = Elements(page_of(name, made_up.HOSTILE))
        assert not page.of("script")
        assert not page.of("img")
        assert not page.of("link")
        assert not [a for _, attributes in page.found for a in attributes if a.startswith("on")]


def test_rows_of_a_page_lead_to_the_report_two_folders_above():
    page = Elements(page_of("outcomes", made_up.HOSTILE))
    assert [link["href"] for link in page.of("a")] == [
        "../../report.html#study-Zhu2022",
        "../../report.html#trial-NCT00000001",
        "https://example.org/a?b=1&c=2",
    ]
    assert not any("headers" in attributes for attributes in page.of("td"))


def test_a_record_without_a_section_stays_words():
    table = view("conflicts", TRUST_LAYOUTS["conflicts"], made_up.shared_tables()["conflicts"])
    page = Elements(table_page(table, "all", {"trial-NCT00000001"}))
    assert [link["href"] for link in page.of("a")] == ["../../report.html#trial-NCT00000001"]
    assert "NCT99999999" in page.cells


def test_a_claim_is_set_with_raised_powers():
    assert "Inhaled doses near 10<sup>8</sup> work" in page_of("claims")
    assert "trials included: 1<" in page_of("claims")


def test_a_table_page_has_the_same_bytes_every_time():
    assert page_of("effects") == page_of("effects")


def test_a_table_without_rows_says_so():
    assert "No row" in page_of("trends")


def test_a_scenario_holds_included_trials_and_their_studies_only():
    tables = made_up.scenario_tables(made_up.shared_tables())
    assert set(tables["trials"]["trial_id"]) == {made_up.TRIAL}
    assert set(tables["doses"]["trial_id"]) == {made_up.TRIAL, made_up.STUDY}
    assert set(tables["outcomes"]["study_id"]) == {made_up.STUDY}


def test_a_scenario_holds_no_results_of_a_study_that_it_does_not_use():
    shared = made_up.shared_tables()
    tables = shared | made_up.scenario_tables(shared)
    unused = tables | {"outcomes": shared["outcomes"], "studies": tables["studies"].assign(used=False)}
    assert scoped(unused)["outcomes"].empty
    assert made_up.STUDY not in set(scoped(unused)["doses"]["trial_id"])
