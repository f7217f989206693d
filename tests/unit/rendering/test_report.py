"""The report's values: records lead to their words, claims to their evidence, nothing is lost."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.rendering import made_up
from unit.rendering.made_up import LEFT_OUT, STUDY, TRIAL

from evdose.dosing.tables import OVERRIDES
from evdose.rendering import report as report_module
from evdose.rendering import trust
from evdose.rendering.answer import counts
from evdose.rendering.audit import audit
from evdose.rendering.catalogue import SHARED as SHARED_SCHEMAS
from evdose.rendering.claims_view import claim_views, quantity
from evdose.rendering.figures.record import QUESTIONS
from evdose.rendering.inline_svg import inline_svg
from evdose.rendering.links import Link, publication_link, registry_page, source_links
from evdose.rendering.readings import marked
from evdose.rendering.report import count_rows, report
from evdose.rendering.table_view import anchors
from evdose.screening.tables import SCREENING
from evdose.tables import frame_of

RELEASE = {"name": "2026.11", "date": "2026-11-22"}
REVIEW = {"citation": "Wang Y, et al.", "doi": "10.3389/fmed.2025.1625787", "trials": 66}
SHARED = made_up.shared_tables()
TABLES = made_up.scenario_tables(SHARED)


def html_of(words=""):
    shared = made_up.shared_tables(words)
    return report(shared, made_up.scenarios(shared, words), RELEASE, REVIEW, "2026-11-20")


def test_counts_of_a_scenario():
    found = counts(TABLES, SHARED["arms"])
    assert (found.identified, found.included, found.studies) == (2, 1, 1)
    assert (found.arms, found.arms_in_particles) == (2, 1), "the placebo and the ambiguous dose don't count"
    assert found.low == found.high == 8.30103
    assert ("… whose dose is known in particles", "1 (50%)", "doses") in count_rows(found)


@given(st.text(max_size=30), st.lists(st.text(max_size=4), max_size=4))
def test_marking_keeps_every_character(words, fragments):
    pieces = marked(words, fragments)
    assert "".join(piece for piece, _ in pieces) == words
    for fragment in fragments:
        if fragment and fragment in words and len(fragments) == 1:
            assert (fragment, True) in pieces


def test_what_was_read_is_marked_and_the_rest_is_not():
    assert marked("give 2e8 a day", ["2e8", None]) == (("give ", False), ("2e8", True), (" a day", False))
    assert marked("give 2e8", ["3e8"]) == (("give 2e8", False),)


def test_the_audit_has_a_section_for_every_record_and_study():
    sections = audit(SHARED, [("The review's scope", TABLES)])
    assert [section.record for section in sections] == [TRIAL, LEFT_OUT, STUDY]
    assert len({section.anchor for section in sections}) == len(sections)


def test_an_audit_section_leads_from_the_words_to_the_reading_and_the_source():
    section = audit(SHARED, [("The review's scope", TABLES)])[0]
    dose, schedule, route = section.arms[0].readings
    assert ("2.0*10E8 nano vesicles", True) in dose.pieces
    assert dose.doubt == "inferred"
    assert dose.read == ("2×10⁸ particles per administration (inferred)",)
    assert schedule.read == ("5 administrations (exact, daily-for-days)",)
    assert route.read == ("inhalation [C38216] (mapped)",)
    assert section.decisions[0].reason == "meets all criteria"
    assert section.related == (Link(STUDY, "#study-Zhu2022"),)
    hrefs = [source.href for source in section.sources]
    assert f"https://clinicaltrials.gov/study/{TRIAL}" in hrefs
    assert "https://doi.org/10.1186/s13287-022-02900-5" in hrefs
    assert not any((href or "https:").startswith("javascript") for href in hrefs)
    facts = dict(section.facts)
    assert facts["Registered"].text == "2020-02-19 (inferred, between 2020-02-17 and 2020-02-21)"
    assert facts["Enrolment"].text == "24 participants (actual)"


def test_a_study_tells_whether_each_scenario_uses_it_and_why():
    study = audit(SHARED, [("A", TABLES)])[-1]
    assert [(said.scenario, said.decision, said.reason) for said in study.decisions] == [
        ("A", "used", "trial included")
    ]


def test_an_effect_is_shown_once_with_all_scenarios_that_use_it():
    changed = made_up.scenario_tables(SHARED)
    changed["effects"] = changed["effects"].assign(estimate=0.1)
    study = audit(SHARED, [("A", TABLES), ("B", TABLES), ("C", changed)])[-1]
    effects = next(table for table in study.tables if table.name == "effects")
    assert [row[-1].text for row in effects.rows] == ["A; B", "C"]


def test_a_record_that_can_not_be_read_has_its_section_too():
    rows = [{"record_id": "a.yaml /arms", "decision": "quarantined", "reason": "can't be read", "rule": "q"}]
    section = audit(SHARED, [("A", TABLES | {"screening": frame_of(rows, SCREENING)})])[-1]
    assert (section.record, section.decisions[0].decision) == ("a.yaml /arms", "quarantined")


def test_conservation_counts_every_decision():
    parts = trust.conservation(TABLES["screening"])
    assert parts == {"included": 1, "excluded": 1, "duplicate": 0, "quarantined": 0}


def test_registration_dates_say_how_they_are_known_and_how_good_that_is():
    assert trust.dates(SHARED["trials"], TABLES["screening"]) == {"inferred": 1}
    row = {"year": "all", "n": 598, "median_error_days": 0.736, "covered": 0.99}
    check = frame_of(
        [row | {"month_right": 0.97, "year_right": 0.998}], SHARED_SCHEMAS["registration_date_check"]
    )
    told = trust.date_inference(check)
    assert "598 known dates left out in turn, > 99% are inferred to the right year, 97%" in told
    assert "median error is 0.736 days" in told
    assert "left out" not in trust.date_inference(check.iloc[:0])


def test_texts_with_digits_that_gave_no_amount_are_counted():
    assert "Of 2 dose texts with digits, 0 gave no amount" in trust.unread_digits(
        SHARED["doses"], SHARED["arms"]
    )
    unread = SHARED["doses"].assign(status="not_reported")
    assert "Of 2 dose texts with digits, 2 gave no amount" in trust.unread_digits(unread, SHARED["arms"])


def test_an_estimate_of_a_claim_says_what_it_is_of():
    assert quantity("trials_included", 69.0, None, None) == "trials included: 69"
    assert quantity("top_routes", 0.492, 0.359, 0.625).endswith(
        "intravenously or by inhalation: 49% (36% to 62%)"
    )
    assert quantity("inhaled_effective_dose", 8.30103, None, None).endswith(": 2×10⁸")
    assert quantity("registration_window", 2014.0, None, None).endswith(": 2014")
    assert quantity("route_shift", None, None, None) == "–"


def test_every_section_has_its_anchor_and_no_other_is_told():
    sections = {section.anchor for section in audit(SHARED, [("A", TABLES)])}
    assert anchors(SHARED, TABLES["screening"]) == sections


def test_doses_that_could_not_be_read_are_listed_with_their_words():
    (row,) = trust.unread_doses(SHARED["doses"], SHARED["arms"])
    assert (row["dose_text"], row["why"]) == ("one tube", "no quantity")


def test_a_curators_value_stands_beside_what_the_parser_reads():
    arm = SHARED["arms"].iloc[0]
    said = {
        "field": "dose",
        "value": "5e+09 particle",
        "parsed": "nothing",
        "changes": True,
        "reason": "paper",
        "record_kind": "registration",
    }
    place = {"trial_id": arm["trial_id"], "arm": arm["arm"], "source_id": "x", "locator": "/arms/0/curated"}
    (row,) = trust.overridden(frame_of([place | said], OVERRIDES), SHARED["arms"])
    assert (row["label"], row["value"], row["parsed"]) == (arm["label"], "5e+09 particle", "nothing")


def test_a_claim_leads_to_the_records_behind_it():
    first, second = claim_views([("A", TABLES), ("B", TABLES)])
    assert [finding.scenario for finding in first.findings] == ["A", "B"]
    assert first.findings[0].evidence == (Link(TRIAL, "#trial-NCT00000001"),)
    assert second.findings[0].evidence == (Link(STUDY, "#study-Zhu2022"),)


@pytest.mark.parametrize(
    ("citation", "href"),
    [
        ("10.1002/jev2.12492 (probable)", "https://doi.org/10.1002/jev2.12492"),
        ("PMID 29054476", "https://pubmed.ncbi.nlm.nih.gov/29054476/"),
        ("PMC8377854 (protocol)", "https://pmc.ncbi.nlm.nih.gov/articles/PMC8377854/"),
        ("Kalluri et al. 2025 Nat Commun", None),
        ("javascript:alert(1)", None),
        ("10.1/<script>", None),
    ],
)
def test_publications_lead_to_their_page(citation, href):
    assert publication_link(citation) == Link(citation, href)


def test_registries_and_sources_lead_to_their_pages():
    assert registry_page("NCT04276987") == "https://clinicaltrials.gov/study/NCT04276987"
    assert registry_page("NCT04276987/../x") is None
    assert source_links("a; b <https://x.org/1>; c <javascript:x>; d") == [
        Link("a; b", "https://x.org/1"),
        Link("c", None),
        Link("d", None),
    ]


def test_an_inline_figure_shares_nothing_with_the_page():
    drawing = inline_svg(
        made_up.DRAWING.format(trial=TRIAL), "s0-", 'say "x"', lambda record: f"#trial-{record}"
    )
    root = ElementTree.fromstring(drawing)
    assert (root.get("role"), root.get("aria-label"), root.get("width")) == ("img", 'say "x"', None)
    assert "url(#s0-p1)" in drawing
    assert {element.get("id") for element in root.iter()} == {None, "s0-p1", "s0-m1"}
    assert 'href="#s0-m1"' in drawing
    assert "<style" not in drawing
    assert f'data-href="#trial-{TRIAL}"' in drawing
    assert f"<title>{TRIAL}, arm 1</title>" in drawing


def test_lines_that_look_alike_are_one_path_in_a_page_and_others_stay_apart():
    line, thick = 'style="fill: none; stroke: red"', 'style="fill: none; stroke: red; stroke-width: 3"'
    clear = 'style="fill: none; stroke: red; opacity: 0.5"'
    paths = [(line, 1), (line, 2), (thick, 3), (line, 4), (clear, 5), (clear, 6), ('style="fill: red"', 7)]
    drawn = "".join(f'<path d="M 0 {y}.123  L 9 {y}" {look}/>' for look, y in [*paths, paths[-1]])
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><g>{drawn}</g></svg>'
    found = [element.get("d") for element in ElementTree.fromstring(inline_svg(svg, "p-", "a", str))[0]]
    assert found[0] == "M 0 1.12 L 9 1M 0 2.12 L 9 2"
    assert len(found) == 7, "only the first two are alike, next to each other and opaque lines"


def test_nothing_in_a_figure_can_run():
    bad = (
        '<svg xmlns="http://www.w3.org/2000/svg" onload="x()"><script>x()</script><foreignObject/>'
        '<a href="javascript:x()"><rect onclick="x()"/></a><image href="https://a.b/c.png"/></svg>'
    )
    drawing = inline_svg(bad, "p-", "a", str)
    assert not any(
        word in drawing for word in ("script", "onload", "onclick", "foreignObject", "https://a.b")
    )


def test_the_page_is_the_same_every_time_and_has_no_path_of_a_machine():
    assert html_of() == html_of()
    assert "/work" not in html_of()
    assert "file:" not in html_of()


def test_one_scenario_is_enough():
    scenario = made_up.scenarios(SHARED)[:1]
    assert "The review&#39;s scope" in report(SHARED, scenario, RELEASE, REVIEW, "2026-11-20")


def test_the_window_holds_the_answer_by_route_and_the_new_tables():
    html = html_of()
    assert 'href="#is-there-a-window">By route, with what it would take' in html
    names = ("answer_by_route", "effective_range", "dose_response", "mcp_mod", "power", "multiverse")
    for name in (*names, "uncertain_doses"):
        assert html.count(f'id="table-update-{name}"') == 1, name
    assert "dose_response_curve" not in html


def test_a_claim_on_the_range_rests_on_studies_judged_and_on_those_of_the_groups():
    effect = TABLES["effects"].assign(effect_table="controlled", primary=True)
    claim = TABLES["claims"].iloc[:1].assign(analysis="effective_range")
    (view,) = claim_views([("A", TABLES | {"claims": claim, "effects": effect})])
    assert view.findings[0].evidence == (Link(STUDY, "#study-Zhu2022"),)
    (view,) = claim_views([("A", TABLES | {"claims": claim, "effects": effect.assign(primary=False)})])
    assert view.findings[0].evidence == ()
    assert quantity("effective_range", 0.8, 0.3, None) == (
        "width of the effective range, log10 particles: 0.800 (from 0.300)"
    )


def test_every_question_of_a_figure_has_a_section():
    assert set(QUESTIONS) <= set(report_module.QUESTIONS)
