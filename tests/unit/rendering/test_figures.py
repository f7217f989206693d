"""Figures: complete, deterministic, readable and true to their tables, for no, few, some and many trials."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from PIL import Image

from evdose.dosing.tables import STRATA
from evdose.rendering.figures import FIGURES, Context, Figure, save
from evdose.rendering.figures.canvas import house_style
from evdose.rendering.figures.dose_landscape import landscape_arms
from evdose.rendering.figures.lettering import shorten, width_of, wrap
from evdose.rendering.figures.palette import LOOKS
from evdose.rendering.figures.record import QUESTIONS
from evdose.rendering.figures.rows import arrange, height_of
from evdose.rendering.figures.trials import arm_doses

sys.path.insert(0, str(Path(__file__).parent))
from synthetic import LONG, tables_of

CONTEXT = Context("The review's scope", "2026-11-20", "Wang Y, et al. Front Med 2025;12:1625787", 66)
SIZES = (0, 10, 70, 500)
FORMATS = ("svg", "pdf", "png")
MAIN_STRATA = STRATA[:8]
BY_STRATUM = (
    *("registrations", "route_by_condition", "dose_landscape", "effect_direction", "forest"),
    *("dose_outcome", "effective_range", "power_curves"),
)


@cache
def tables(size: int) -> dict[str, pd.DataFrame]:
    return tables_of(size)


@cache
def one_stratum() -> dict[str, pd.DataFrame]:
    return tables_of(12, strata=STRATA[:1])


@cache
def drawn(name: str, size: int) -> Figure:
    return FIGURES[name](tables(size), CONTEXT)


def svg_of(figure: Figure, folder: Path) -> str:
    (path,) = save(figure, folder, "figure", ["svg"])
    return path.read_text(encoding="utf-8")


def ids_of(svg: str) -> list[str]:
    return re.findall(r'id="(arm:[^"]*)"', svg)


every_figure = pytest.mark.parametrize("name", list(FIGURES))
every_size = pytest.mark.parametrize("size", SIZES)


@every_figure
@every_size
def test_every_figure_has_its_words_at_every_size(name: str, size: int) -> None:
    figure = drawn(name, size)
    assert figure.title and figure.caption and figure.alt
    assert figure.question in QUESTIONS
    assert isinstance(figure.n, int)
    assert not re.search(r"\b(nan|None|NaT|<NA>)\b", figure.caption + figure.alt)
    assert figure.caption[0] == figure.caption[0].upper()
    assert figure.caption.endswith(".") and ".." not in figure.caption
    assert figure.drawing.get_figwidth() == 7.2


@pytest.mark.parametrize("name", [name for name in FIGURES if name != "prisma"])
def test_a_figure_without_rows_says_so_in_words(name: str) -> None:
    figure = drawn(name, 0)
    assert figure.n == 0
    for axes in figure.drawing.axes:
        assert any(text.get_text().endswith(".") for text in axes.texts), "an empty panel"


@every_figure
@every_size
def test_no_text_leaves_the_canvas(name: str, size: int) -> None:
    for text, box, canvas in _boxes(drawn(name, size)):
        inside = box.x0 >= -0.5 and box.y0 >= -0.5 and box.x1 <= canvas.x1 + 0.5 and box.y1 <= canvas.y1 + 0.5
        assert inside, f"{text!r} is cut: {box} of {canvas}"


def test_extreme_effects_and_long_words_stay_on_the_canvas() -> None:
    made = dict(tables(10))
    wide = {"estimate": -12.5, "low": -1e4, "high": 1e4, "why": LONG * 9}
    made["effects"] = made["effects"].assign(
        estimate=0.1, low=-80.0, high=80.0, n_treated=98765, n_control=98765
    )
    made["synthesis"] = made["synthesis"].assign(
        **wide, prediction_low=-1e5, prediction_high=1e5, studies=1234
    )
    made["prisma"] = made["prisma"].assign(
        line=[f"{line}{LONG * 3}"[:200] for line in made["prisma"]["line"]]
    )
    made["trials"] = made["trials"].assign(countries=LONG * 3, phase=LONG * 3, condition_group=LONG * 3)
    made["registrations"] = made["registrations"].assign(n=made["registrations"]["n"] * 12345)
    for name, draw in FIGURES.items():
        for text, box, canvas in _boxes(draw(made, CONTEXT)):
            assert box.x0 >= -0.5 and box.x1 <= canvas.x1 + 0.5, f"{name}: {text!r} is cut"


@every_figure
@pytest.mark.parametrize("size", [10, 70])
def test_no_text_lies_on_another(name: str, size: int) -> None:
    level = [(text, box) for text, box, _ in _boxes(drawn(name, size), level=True)]
    for (one, a), (other, b) in itertools.combinations(level, 2):
        overlap = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        assert min(overlap) <= 1.5, f"{one!r} and {other!r} overlap by {overlap} pixels"


def _boxes(figure: Figure, level: bool = False):
    renderer = FigureCanvasAgg(figure.drawing).get_renderer()
    hidden = {
        text
        for axes in figure.drawing.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
        if not axes.axison or not _in_view(axis, tick)
        for text in (tick.label1, tick.label2)
    }
    for text in figure.drawing.findobj(Text):
        if text.get_visible() and text.get_text().strip() and text not in hidden:
            if level and text.get_rotation() % 90:
                continue
            yield text.get_text(), text.get_window_extent(renderer), figure.drawing.bbox


def _in_view(axis, tick) -> bool:
    low, high = sorted(axis.get_view_interval())
    return low <= tick.get_loc() <= high


@every_figure
def test_row_order_and_the_users_own_settings_change_no_byte(name: str, tmp_path: Path) -> None:
    shuffled = {
        key: frame if key == "prisma" else frame.sample(frac=1, random_state=3).reset_index(drop=True)
        for key, frame in tables(10).items()
    }
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "red", "svg.fonttype": "path"}):
        again = svg_of(FIGURES[name](shuffled, CONTEXT), tmp_path / "again")
        assert mpl.rcParams["font.size"] == 20
    assert again == svg_of(drawn(name, 10), tmp_path / "first")


def written(folder: Path) -> None:
    for name in ("registrations", "route_by_condition", "dose_landscape", "forest", "specification_curve"):
        save(drawn(name, 10), folder, name, FORMATS if name == "route_by_condition" else ["svg"])


def test_bytes_do_not_depend_on_hash_seed_time_zone_or_locale(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[2]); from test_figures import *; written(Path(sys.argv[1]))"
    )
    settings = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", script, str(tmp_path / "there"), str(Path(__file__).parent)]
    subprocess.run(command, check=True, env=os.environ | settings, cwd=tmp_path)
    written(tmp_path / "here")
    for here in sorted((tmp_path / "here").iterdir()):
        assert here.read_bytes() == (tmp_path / "there" / here.name).read_bytes(), here.name


@every_figure
def test_svg_is_well_formed_with_text_as_text_and_unique_ids(name: str, tmp_path: Path) -> None:
    svg = svg_of(drawn(name, 10), tmp_path)
    root = ElementTree.fromstring(svg)
    assert list(root.iter("{http://www.w3.org/2000/svg}text")), "text is drawn as paths"
    ids = re.findall(r'\bid="([^"]*)"', svg)
    assert len(ids) == len(set(ids)), "an id is not unique"
    assert not any(re.search(r"\s", each) for each in ids)
    assert not re.search(r"20\d\d-\d\d-\d\dT|[Mm]atplotlib v", svg)


def test_pdf_and_png_say_neither_when_nor_by_what_they_were_made(tmp_path: Path) -> None:
    pdf, png = (path.read_bytes() for path in save(drawn("forest", 10), tmp_path, "forest", ["pdf", "png"]))
    assert b"/FontFile2" in pdf, "letters are drawn as curves"
    for written in (b"CreationDate", b"/Producer", b"/Creator", b"Software", b"tIME"):
        assert written not in pdf + png
    assert int.from_bytes(png[16:20], "big") == round(7.2 * 150)


@pytest.mark.parametrize("size", [10, 70])
def test_every_arm_with_a_dose_is_a_dot_of_the_landscape(size: int, tmp_path: Path) -> None:
    made = tables(size)
    ids = ids_of(svg_of(drawn("dose_landscape", size), tmp_path))
    included = set(made["screening"].query("decision == 'included'")["record_id"])
    known = made["doses"][made["doses"]["particles_log10"].notna() & made["doses"]["trial_id"].isin(included)]
    registered = {f"arm:{trial}:{arm}" for trial, arm in zip(known["trial_id"], known["arm"], strict=True)}
    published = {each for each in ids if each.startswith("arm:Author")}
    assert set(ids) - published == registered
    assert len(ids) == drawn("dose_landscape", size).n
    tried = made["tried_arms"]
    known = tried["per_administration"].notna()
    assert f"{known.sum()} of {len(tried)} registered arms" in drawn("dose_landscape", size).caption
    at = zip(tried.loc[known, "trial_id"], tried.loc[known, "arm"], strict=True)
    assert {f"arm:{trial}:{arm}" for trial, arm in at} == registered


@pytest.mark.parametrize("size", [10, 70])
def test_every_row_of_the_effect_tables_is_a_point(size: int, tmp_path: Path) -> None:
    made = tables(size)
    arms = made["effect_direction"]
    assert sorted(ids_of(svg_of(drawn("effect_direction", size), tmp_path))) == sorted(
        f"arm:{study}:{arm}" for study, arm in zip(arms["study_id"], arms["arm"], strict=True)
    )
    safety = ids_of(svg_of(drawn("dose_safety", size), tmp_path))
    assert len(safety) == len(made["safety"]) == drawn("dose_safety", size).n
    effects = ids_of(svg_of(drawn("forest", size), tmp_path))
    assert {each.rsplit(":", 1)[1] for each in effects} == set(made["effects"]["effect_id"])


@every_size
def test_captions_count_what_the_tables_hold(size: int) -> None:
    made = tables(size)
    flow = made["prisma"].set_index(["box", "line"])["n"]
    numbers = re.findall(r"[\d,]+|no(?= trial)", drawn("prisma", size).caption)
    assert int(numbers[0].replace(",", "")) == flow["identified", "total"]
    assert drawn("prisma", size).n == flow["included", "total"] == size
    overall = made["registrations"].query("grouping == 'all'")["n"].sum()
    assert drawn("registrations", size).n == overall
    assert drawn("phase_and_country", size).n == size
    direction = made["effect_direction"]
    if len(direction):
        effective = (direction["call"] == "effective").sum()
        assert f"{effective} effective by the rule" in drawn("effect_direction", size).caption


def test_the_prisma_diagram_shows_every_line_of_the_flow(tmp_path: Path) -> None:
    words = " ".join(ElementTree.fromstring(svg_of(drawn("prisma", 70), tmp_path)).itertext())
    words = re.sub(r"\s+", " ", words)
    for box, line, n in tables(70)["prisma"].itertuples(index=False):
        if line == "total":
            assert f"(n = {n})" in words, box
        else:
            assert f"{line} (n = {n})" in words, box


def test_an_effective_published_arm_rings_the_registered_arm_of_its_dose() -> None:
    made = dict(tables(10))
    arms = landscape_arms(made)
    arm = arms[~arms["published"] & arms["middle"].notna()].iloc[0]
    judged = (
        made["effect_direction"]
        .iloc[[0]]
        .assign(study_id="S", trial_id=arm["trial_id"], arm=1, stratum=arm["stratum"], call="effective")
    )
    dose = (
        made["doses"][made["doses"]["particles_via"] == "stated"]
        .iloc[[0]]
        .assign(trial_id="S", arm=1, level=1, particles_log10=arm["middle"], particles_log10_sd=0.0)
    )
    ringed = made | {"effect_direction": judged, "doses": pd.concat([made["doses"], dose])}
    found = landscape_arms(ringed)
    assert found[found["effective"]][["record", "arm"]].to_numpy().tolist() == [[arm["record"], arm["arm"]]]
    assert not found["published"].any()
    elsewhere = ringed | {"doses": pd.concat([made["doses"], dose.assign(particles_log10=3.0)])}
    found = landscape_arms(elsewhere)
    assert found[found["effective"]]["record"].tolist() == ["S"]
    assert found[found["record"] == "S"]["published"].tolist() == [True]


def _dose(**values: object) -> pd.DataFrame:
    known = {"trial_id": "T", "arm": 1, "level": 1, "status": "exact", "particles_via": "stated"}
    known |= {"unit": "particle", "particles_log10": 9.0, "particles_log10_sd": 0.0}
    known |= {"per_administration_low": 1e9, "per_administration_high": 1e9}
    return pd.DataFrame([known | values])


@pytest.mark.parametrize(
    ("doses", "expected"),
    [
        (_dose(), (9.0, 9.0, 9.0, "stated")),
        (_dose(per_administration_low=1e8, per_administration_high=1e10), (8.0, 9.0, 10.0, "stated")),
        (
            _dose(particles_via="converted", unit="ug", particles_log10_sd=0.5),
            (9 - 0.979982, 9.0, 9.979982, "converted"),
        ),
        (_dose(status="inferred"), (9.0, 9.0, 9.0, "inferred")),
        (
            pd.concat(
                [
                    _dose(),
                    _dose(
                        level=2,
                        particles_log10=10.0,
                        per_administration_low=1e10,
                        per_administration_high=1e10,
                        status="inferred",
                    ),
                ]
            ),
            (9.0, 9.5, 10.0, "inferred"),
        ),
    ],
)
def test_an_arm_spans_its_levels_its_range_and_its_conversion(doses: pd.DataFrame, expected: tuple) -> None:
    (arm,) = arm_doses(doses.reset_index(drop=True)).to_dict("records")
    assert (arm["low"], arm["middle"], arm["high"]) == pytest.approx(expected[:3], abs=1e-6)
    assert arm["known"] == expected[3]


@pytest.mark.parametrize(
    ("status", "via", "missing"),
    [
        ("not_reported", "none", "not reported"),
        ("ambiguous", "stated", "ambiguous"),
        ("exact", "none", "in another unit"),
    ],
)
def test_an_arm_without_a_usable_dose_says_why(status: str, via: str, missing: str) -> None:
    unknown = np.nan if via == "none" else 9.0
    (arm,) = arm_doses(_dose(status=status, particles_via=via, particles_log10=unknown)).to_dict("records")
    assert np.isnan(arm["middle"])
    assert arm["missing"] == missing


def test_text_from_a_registry_is_never_read_as_markup(tmp_path: Path) -> None:
    made = dict(tables(10))
    hostile = r'<script>alert(1)</script> $\frac{1}{$ 100 % "q" & ' + "\x07药\n物" * 9
    for name in ("effect_direction", "effects"):
        made[name] = made[name].assign(label=hostile, outcome=hostile)
    made["prisma"] = made["prisma"].assign(line=made["prisma"]["line"].replace("ClinicalTrials.gov", hostile))
    made["trials"] = made["trials"].assign(condition_group=hostile, countries=hostile, phase=hostile)
    for name in ("prisma", "route_by_condition", "phase_and_country", "effect_direction", "forest"):
        root = ElementTree.fromstring(svg_of(FIGURES[name](made, CONTEXT), tmp_path))
        assert not list(root.iter("{http://www.w3.org/2000/svg}script"))


@pytest.mark.parametrize("name", BY_STRATUM)
def test_one_stratum_and_all_strata_can_be_drawn(name: str) -> None:
    for figure in (FIGURES[name](one_stratum(), CONTEXT), drawn(name, 70)):
        words = {text.get_text() for text in figure.drawing.findobj(Text)}
        assert any(LOOKS[STRATA[0]].label in each for each in words)


def test_every_stratum_has_its_own_colour_or_marker() -> None:
    assert tuple(LOOKS) == STRATA
    assert len({look.marker for look in LOOKS.values()}) == len(STRATA)
    assert len({LOOKS[stratum].colour for stratum in MAIN_STRATA}) == len(MAIN_STRATA)


_SIGHT = {  # Machado, Oliveira and Fernandes 2009, severity 1
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


def _linear(colour: str) -> np.ndarray:
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def _lab(linear: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(linear, 0, 1) / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", list(_SIGHT))
def test_main_strata_differ_for_every_kind_of_sight(sight: str) -> None:
    seen = {
        stratum: _lab(np.array(_SIGHT[sight]) @ _linear(LOOKS[stratum].colour)) for stratum in MAIN_STRATA
    }
    for one, other in itertools.combinations(MAIN_STRATA, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= 17, (one, other)


def test_every_colour_stands_out_from_white_and_from_its_neighbour() -> None:
    for look in LOOKS.values():
        luminance = np.array([0.2126, 0.7152, 0.0722]) @ _linear(look.colour)
        assert 1.05 / (luminance + 0.05) >= 3, look
    lightness = [_lab(_linear(LOOKS[stratum].colour))[0] for stratum in STRATA]
    assert np.abs(np.diff(lightness)).min() >= 9


def test_words_are_fitted_to_the_width_they_have() -> None:
    long = "Sequelae of coronavirus disease with persistent, treatment-refractory failure"
    for width in (0.3, 1.0, 2.0):
        assert width_of(shorten(long, width, 7), 7) <= width
        assert all(width_of(line, 7) <= width for line in wrap(long, width, 7))
    assert shorten("short", 3, 7) == "short"
    assert " ".join(wrap(long, 2, 7)) == long
    assert len(wrap(long, 1, 7, most=2)) == 2
    assert wrap(long, 1, 7, most=2)[-1].endswith("…")
    assert wrap("", 1, 7) == []


@pytest.mark.parametrize("rows", [{}, {"nasal": 0}, {"CNS": 3, "nasal": 400, "topical": 1}])
def test_blocks_keep_their_order_and_their_height(rows: dict[str, int]) -> None:
    stacked = arrange(rows, pitch=0.1, tallest=7.0, least=0.4)
    assert [block.stratum for block in stacked] == sorted(rows, key=STRATA.index)
    assert all(block.height >= 0.4 for block in stacked)
    assert height_of(stacked) <= 7.5
    for block in stacked:
        places = [block.place(row) for row in range(block.rows)]
        assert all(block.top <= place <= block.top + block.height for place in places)
        assert places == sorted(places)


def test_a_png_of_few_colours_keeps_every_hue(tmp_path: Path) -> None:
    figure = drawn("effect_direction", 70)
    (path,) = save(figure, tmp_path, "figure", ["png"])
    with house_style():
        canvas = FigureCanvasAgg(figure.drawing)
        figure.drawing.set_dpi(150)
        canvas.draw()
    full = np.asarray(canvas.buffer_rgba())[..., :3].astype(int)
    with Image.open(path) as image:
        assert image.mode == "P"
        reduced = np.asarray(image.convert("RGB")).astype(int)
    assert np.abs(reduced - full).max() <= 8
