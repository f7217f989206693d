"""The report in a real browser: it opens from a file, asks nothing of the network, runs no foreign text."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from unit.rendering import made_up

from evdose.rendering.report import report

webdriver = pytest.importorskip("selenium.webdriver")
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium and chromium-driver are not installed"
)
FLAGS = ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run")
RELEASE = {"name": "2026.11", "date": "2026-11-22"}
REVIEW = {"citation": f"Wang Y {made_up.HOSTILE}", "doi": "10.3389/fmed.2025.1625787", "trials": 66}


def page(folder, words=""):
    shared = made_up.shared_tables(words)
    path = folder / "report.html"
    path.write_text(
        report(shared, made_up.scenarios(shared, words), RELEASE, REVIEW, "2026-11-20"), encoding="utf-8"
    )
    return path


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Path:
    """A report whose titles, labels, notes and captions try to run scripts."""
    return page(tmp_path_factory.mktemp("hostile"), made_up.HOSTILE)


@pytest.fixture(scope="module")
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def opened(browser, hostile):
    """The browser with the report freshly open, 1280 pixels wide."""
    resize(browser, 1280)
    browser.get("about:blank")
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(hostile.as_uri())
    return browser


def resize(browser, width):
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def js(browser, body, *arguments):
    return browser.execute_script(body, *arguments)


def find(browser, selector):
    return browser.find_elements("css selector", selector)


def click(browser, selector):
    js(browser, "document.querySelector(arguments[0]).click()", selector)


def test_it_opens_without_errors_and_without_the_network(opened):
    assert [entry for entry in opened.get_log("browser") if entry["level"] != "INFO"] == []
    messages = [json.loads(entry["message"])["message"] for entry in opened.get_log("performance")]
    asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert len(asked) == 1
    assert asked[0].startswith("file:")
    js(opened, "fetch('https://example.org').catch(() => {})")
    errors = [entry["message"] for entry in opened.get_log("browser")]
    assert any("Content Security Policy" in message for message in errors), (
        "the page may not reach out at all"
    )


def test_hostile_text_is_shown_and_never_runs(opened):
    assert js(opened, "return window.ran") is None
    assert made_up.HOSTILE in js(opened, "return document.querySelector('#trial-NCT00000001').textContent")
    assert js(opened, "return document.querySelectorAll('img, iframe, object').length") == 0
    assert js(opened, "return document.scripts.length") == 1


def test_hostile_text_does_not_run_where_the_policy_is_absent(browser, hostile, tmp_path):
    bare = tmp_path / "report.html"
    html = hostile.read_text(encoding="utf-8")
    assert html.count('http-equiv="Content-Security-Policy"') == 1
    bare.write_text(html.replace('http-equiv="Content-Security-Policy"', 'name="none"'), encoding="utf-8")
    browser.get(bare.as_uri())
    assert js(browser, "return window.ran") is None
    assert js(browser, "return document.scripts.length") == 1


def test_only_web_addresses_and_places_in_the_page_are_links(opened):
    links = js(opened, "return [...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
    assert links
    assert [link for link in links if not link.startswith(("#", "https://", "http://"))] == []
    ids = set(js(opened, "return [...document.querySelectorAll('[id]')].map(e => e.id)"))
    assert {link[1:] for link in links if link.startswith("#")} <= ids


def test_identifiers_are_unique(opened):
    ids = js(opened, "return [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert sorted(ids) == sorted(set(ids))


def test_it_has_the_landmarks_and_headings_that_a_screen_reader_needs(opened):
    assert js(opened, "return document.documentElement.lang") == "en"
    for landmark in ("main", "nav[aria-label]", "header", "footer"):
        assert len(find(opened, landmark)) == 1, landmark
    levels = js(
        opened, "return [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    unnamed = "[...document.querySelectorAll('svg[role=img], [role=region]')].filter(e => !e.ariaLabel)"
    assert js(opened, f"return {unnamed}.length") == 0
    assert js(opened, "return [...document.querySelectorAll('th')].every(th => th.scope)")
    assert js(opened, "return [...document.querySelectorAll('table.data')].every(t => t.caption)")


def test_the_keyboard_reaches_the_answer_first(opened):
    body = opened.find_element("css selector", "body")
    body.send_keys("\ue004")  # Tab
    assert js(opened, "return document.activeElement.getAttribute('href')") == "#answer"
    outline = "return getComputedStyle(document.activeElement).outlineStyle"
    assert js(opened, outline) != "none"


LUMINANCE = """
const channel = c => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
const rgba = text => { const n = text.match(/[\\d.]+/g).map(Number); return n.length > 3 ? n : [...n, 1]; };
const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
const behind = e => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor);
  if (c[3] > .99) return c; } return [255, 255, 255, 1]; };
const poor = [];
for (const e of document.querySelectorAll('body *:not(svg *):not(script):not(style)')) {
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
  const style = getComputedStyle(e), a = light(rgba(style.color)), b = light(behind(e));
  const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  if (ratio < 4.5) poor.push(e.tagName + '.' + e.className + ' ' + ratio.toFixed(2));
}
return [...new Set(poor)];
"""


def test_all_text_has_the_contrast_that_wcag_aa_asks_for(opened):
    assert js(opened, LUMINANCE) == []


def test_a_claim_leads_to_its_source_in_two_clicks(opened):
    click(opened, "#claim-W06 .of:not([hidden]) .links a")
    assert js(opened, "return location.hash") == "#study-Zhu2022"
    assert "2.0 x 10^8 nano vesicles" in js(
        opened, "return document.querySelector('#study-Zhu2022 mark').textContent"
    )
    top = js(opened, "return document.querySelector('#study-Zhu2022').getBoundingClientRect().top")
    assert 0 <= top < 800
    (link,) = find(opened, "#study-Zhu2022 .sources a[href^='https://doi.org/']")
    assert link.is_displayed()


def test_a_claim_of_the_first_page_opens_the_records_behind_it(opened):
    click(opened, "#answer a[href='#claim-W01']")
    opened.execute_async_script("setTimeout(arguments[0], 100)")
    assert js(opened, "return document.querySelector('#claim-W01 .of:not([hidden]) .evidence').open")
    click(opened, "#claim-W01 .of:not([hidden]) .links a")
    assert js(opened, "return location.hash") == "#trial-NCT00000001"


def test_the_answer_leads_to_the_answer_by_route(opened):
    click(opened, "#answer .answer a")
    assert js(opened, "return location.hash") == "#is-there-a-window"
    shown = "return [...document.querySelectorAll('#is-there-a-window .by-route')].map(e => e.hidden)"
    assert js(opened, shown) == [False, True], "one scenario at a time"
    rows = "return [...document.querySelectorAll('#table-review_scope-answer_by_route tbody tr')]"
    assert js(opened, f"{rows}.map(row => row.cells[0].textContent)") == ["all routes mixed", "respiratory"]
    said = js(opened, "return document.querySelector('#is-there-a-window > p.of').textContent")
    assert "Whether the effect peaks at some dose can't be told for any route" in said
    assert "it would take 5 more studies (pain, Hedges' g)" in said
    assert js(opened, "return document.querySelector('#table-review_scope-answer_by_route').open")


def test_the_answer_by_route_needs_no_scrolling_on_a_desk(opened):
    box = "const box = document.querySelector('#table-review_scope-answer_by_route .scroll');"
    assert js(opened, f"{box} return box.scrollWidth <= box.clientWidth")


def test_every_link_within_the_page_leads_somewhere(opened):
    broken = """return [...document.querySelectorAll('a[href^="#"], [data-href]')]
        .map(link => (link.getAttribute('href') || link.dataset.href).slice(1))
        .filter(id => !document.getElementById(id))"""
    assert js(opened, broken) == []


def test_a_row_and_a_point_of_a_figure_lead_to_their_trial(opened):
    click(opened, "#table-review_scope-doses a")
    assert js(opened, "return location.hash") == "#trial-NCT00000001"
    js(opened, "location.hash = ''")
    point = "#figure-review_scope-dose_landscape [data-href]"
    js(
        opened,
        "document.querySelector(arguments[0]).dispatchEvent(new MouseEvent('click', {bubbles: true}))",
        point,
    )
    assert js(opened, "return location.hash") == "#trial-NCT00000001"


def test_a_link_into_a_scenario_that_is_not_shown_shows_it(opened):
    hidden = "return document.querySelector('#table-update-doses').closest('.of').hidden"
    assert js(opened, hidden)
    js(opened, "location.hash = '#table-update-doses'")
    opened.execute_async_script("setTimeout(arguments[0], 100)")
    assert not js(opened, hidden)
    assert js(opened, "return document.querySelector('#table-update-doses').open")


def test_scenarios_are_shown_one_at_a_time_or_all(opened):
    shown = (
        "return [...new Set([...document.querySelectorAll('.of')].filter(e => !e.hidden)"
        ".map(e => e.dataset.scenario))]"
    )
    assert js(opened, shown) == ["review_scope"]
    click(opened, "[data-show='update']")
    assert js(opened, shown) == ["update"]
    click(opened, "[data-show='']")
    assert sorted(js(opened, shown)) == ["review_scope", "update"]


COLUMN = """return [...document.querySelectorAll('#table-registration_date_check tbody tr')]
    .map(row => row.cells[{}].textContent)"""


def test_tables_sort_by_number_and_by_word_and_keep_what_is_missing_last(opened):
    heads = "#table-registration_date_check thead th:nth-child({}) button"
    click(opened, heads.format(3))
    assert js(opened, COLUMN.format(2)) == ["1.00", "2.50", "12.0", "–"]
    click(opened, heads.format(3))
    assert js(opened, COLUMN.format(2)) == ["12.0", "2.50", "1.00", "–"]
    sort = "return document.querySelector('#table-registration_date_check th:nth-child(3)').ariaSort"
    assert js(opened, sort) == "descending"
    click(opened, heads.format(1))
    assert js(opened, COLUMN.format(0)) == ["2019", "2020", "2021", "all"]


def test_the_audit_can_be_searched(opened):
    (field,) = find(opened, "#audit input[type=search]")
    field.send_keys("platelets")
    shown = "return [...document.querySelectorAll('.record')].filter(r => !r.hidden).map(r => r.id)"
    assert js(opened, shown) == [f"trial-{made_up.LEFT_OUT}"]
    js(opened, "location.hash = '#study-Zhu2022'")
    opened.execute_async_script("setTimeout(arguments[0], 100)")
    assert "study-Zhu2022" in js(opened, shown), "a link wins over the search"


@pytest.mark.parametrize("width", [320, 375, 768, 1280, 1920])
def test_no_width_makes_the_page_scroll_sideways(opened, width):
    resize(opened, width)
    js(opened, "document.querySelectorAll('details').forEach(d => d.open = true)")
    assert js(opened, "return document.documentElement.scrollWidth") <= width


def test_without_scripts_both_scenarios_are_shown(browser, hostile):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(hostile.as_uri())
        boxes = browser.execute_cdp_cmd("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
        query = {"nodeId": boxes, "selector": ".of[hidden], .filter, .data th button"}
        assert browser.execute_cdp_cmd("DOM.querySelectorAll", query)["nodeIds"] == []
        query["selector"] = ".switch:not([hidden])"
        assert browser.execute_cdp_cmd("DOM.querySelectorAll", query)["nodeIds"] == []
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_it_prints(opened, tmp_path):
    made = opened.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    pdf = base64.b64decode(made["data"])
    assert pdf.startswith(b"%PDF")
    (tmp_path / "report.pdf").write_bytes(pdf)
    if shutil.which("pdftotext"):
        text = subprocess.run(
            ["pdftotext", "-layout", tmp_path / "report.pdf", "-"], capture_output=True, text=True, check=True
        ).stdout
        assert "Is efficacy optimal in" in text
        assert "The 3 sections of the audit are not printed" in text
        assert "Skip to the answer" not in text


def test_the_page_opens_fast(opened):
    timing = "const t = performance.getEntriesByType('navigation')[0]; return t.loadEventEnd - t.startTime"
    assert js(opened, timing) < 2000
