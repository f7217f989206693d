"""Is there an effective dose range, and how wide is it? Two of its three answers for each group of effects.

Across trials doses are not allocated at random: a peak may be one of conditions or products.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from evdose.modelling.dose_groups import USABLE, DoseGroup, number_of
from evdose.modelling.estimators.range_test import (
    MIN_LEVELS,
    MIN_STUDIES,
    PeakTest,
    RangeDesign,
    effect_test,
    is_estimable,
    peak_range,
    peak_test,
    range_design,
)
from evdose.modelling.tables import ALL, EFFECTIVE_RANGE, ESTIMATED, NOT_ESTIMABLE
from evdose.randomness import generator
from evdose.tables import frame_of


def effective_ranges(
    groups: list[DoseGroup], concentration: list[dict], models: dict, seed: int
) -> pd.DataFrame:
    """Table EFFECTIVE_RANGE: ``peak`` and ``width`` of each group, then the rows of ``concentration``."""
    rows = [row for group in groups for row in _rows(group, models, seed)]
    return frame_of([*rows, *concentration], EFFECTIVE_RANGE)


def _rows(group: DoseGroup, models: dict, seed: int) -> Iterator[dict]:
    row = group.key | group.counts()
    if not is_estimable(group.contrasts):
        said = {
            "status": NOT_ESTIMABLE,
            "why": f"{group.counted()}; a peak and its width need {MIN_STUDIES} studies, {MIN_LEVELS} doses",
            "needs": _lacking(group),
        }
        yield from (row | {"question": question} | said for question in ("peak", "width"))
        return
    design = range_design(group.contrasts)
    rng = generator(seed, "peak", *group.names)
    tested = peak_test(design, group.contrasts.y, models["bootstrap_samples"], rng)
    yield row | _peak(group, tested, models)
    yield row | _width(group, design, tested, models, seed)


def _peak(group: DoseGroup, tested: PeakTest, models: dict) -> dict:
    each = ", ".join(f"{null} {p:.2g}" for null, p in tested.by_null.items())
    shown = tested.p_value <= 1 - models["confidence"]
    parts = [
        f"a peak is {'' if shown else 'not '}better supported than flat and monotone curves",
        f"bootstrap likelihood ratio, {models['bootstrap_samples']} draws from each; p by curve: {each}",
        group.counted(),
        f"across trials, {group.confounding()}",
    ]
    return {
        "question": "peak",
        "estimate": tested.statistic,
        "p_value": tested.p_value,
        "smallest_p": tested.smallest_p,
        "status": ESTIMATED,
        "why": "; ".join(part for part in parts if part),
    }


def _width(group: DoseGroup, design: RangeDesign, tested: PeakTest, models: dict, seed: int) -> dict:
    samples, confidence, share = (
        models[name] for name in ("bootstrap_samples", "confidence", "range_share_of_peak")
    )
    y = group.contrasts.y
    no_effect = effect_test(design, y, samples, generator(seed, "effect", *group.names))
    if no_effect > 1 - confidence:
        return {
            "question": "width",
            "status": NOT_ESTIMABLE,
            "why": "no benefit is shown at any dose (bootstrap p of no effect against a peak: "
            f"{no_effect:.2g}), so a range of it has no width; {group.counted()}",
            "needs": "effects that differ from none: larger or more studies",
        }
    found = peak_range(design, y, share, confidence, samples, generator(seed, "width", *group.names))
    unbounded = pd.isna(found.high)
    parts = [
        f"doses with at least {share:.0%} of the peak effect, if the curve is a Gaussian peak, which is "
        f"{'' if tested.p_value <= 1 - confidence else 'not '}better supported than flat and monotone curves "
        f"(p {tested.p_value:.2g})",
        f"{confidence:.0%} confidence sets: bootstrap likelihood-ratio tests inverted, {samples} draws each",
        "the set of widths is unbounded: a range wider than the doses that were tried can't be excluded"
        if unbounded
        else "",
        group.counted(),
        f"across trials, {group.confounding()}",
    ]
    return {
        "question": "width",
        "estimate": found.width,
        "low": found.low,
        "high": found.high,
        "peak_log10": found.peak,
        "peak_low": found.peak_low,
        "peak_high": found.peak_high,
        "status": ESTIMATED,
        "why": "; ".join(part for part in parts if part),
    }


def _lacking(group: DoseGroup) -> str:
    """What a peak lacks: '4 more studies with a controlled effect …, at 2 further doses or more'."""
    counts = group.counts()
    studies, doses = MIN_STUDIES - counts["studies"], MIN_LEVELS - counts["dose_levels"]
    more = "more " if counts["studies"] else ""
    further = "further " if counts["dose_levels"] else "different "
    route = "by any route" if group.stratum == ALL else f"by route {group.stratum}"
    what = (
        f"({group.outcome_domain}, {group.measure})" if group.measure else "(one outcome domain and measure)"
    )
    wanted = f"{number_of(studies, f'{more}study', f'{more}studies')} with " if studies > 0 else ""
    at = number_of(doses, f"{further}dose") if doses > 0 else ""
    if not wanted:
        return f"{USABLE} {what} {route} at {at}"
    return f"{wanted}{USABLE} {what} {route}" + (f", at {at} or more" if at else "")
