"""From a dose as written to what one administration holds, what all of them hold, and particles.

A dose per kg, eye, site or cm² holds an unknown amount an administration: no body weight, number of sites or
area is assumed. Particles are stated by the text or follow by a main conversion; a range is log-uniform.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evdose.dosing import reasons
from evdose.dosing.attribution import Dose
from evdose.dosing.conversions import MAIN, Conversion, uniform_sd
from evdose.dosing.schedule import Schedule

STATED, CONVERTED, NO_PARTICLES = "stated", "converted", "none"

_UNKNOWN_SHARE = {
    "kg": reasons.PER_KG,
    "eye": reasons.PER_EYE,
    "site": reasons.PER_SITE,
    "cm2": reasons.PER_AREA,
    "none": reasons.PER_VOLUME,
}


@dataclass(frozen=True, slots=True)
class Derived:
    """Amounts in the dose's unit (NaN: not known), log10 particles with their spread, and what they lack."""

    per_administration: tuple[float, float]
    cumulative: tuple[float, float]
    particles_via: str
    particles_log10: float
    particles_sd: float
    cumulative_log10: float
    conversion_id: str | None
    why: tuple[str, ...]


def derive(dose: Dose, schedule: Schedule, conversions: Sequence[Conversion], names: str) -> Derived:
    """Amount per administration, cumulative amount and particles; ``names`` may name the product."""
    share, lacking = _share(dose, schedule)
    one = (dose.low * share, dose.high * share)
    times = 1 / share if dose.per == "total" else schedule.administrations
    every = (dose.low, dose.high) if dose.per == "total" else _scaled(one, times)
    conversion = main_conversion(dose, conversions, names)
    via, why = _particles_via(dose, conversion, lacking)
    if via == NO_PARTICLES:
        return Derived(one, every, via, math.nan, math.nan, math.nan, None, why)
    log10, sd = (0.0, 0.0) if conversion is None else (conversion.log10, conversion.sd)
    low, high = (math.log10(end) for end in one)
    return Derived(
        one,
        every,
        via,
        (low + high) / 2 + log10,
        math.hypot(uniform_sd(low, high), sd),
        (low + high) / 2 + log10 + (math.log10(times) if times else math.nan),
        None if conversion is None else conversion.conversion_id,
        why,
    )


def main_conversion(dose: Dose, conversions: Sequence[Conversion], names: str) -> Conversion | None:
    """The main conversion that turns a dose into particles, if there is one."""
    applying = (
        one for one in conversions if one.use == MAIN and one.applies_to(dose.unit, dose.substance, names)
    )
    return next(applying, None)


def _share(dose: Dose, schedule: Schedule) -> tuple[float, str | None]:
    """The part of the written dose that one administration holds; NaN and the reason if not known."""
    if dose.per == "administration":
        return 1.0, None
    if dose.per == "day":
        return (1 / schedule.a_day, None) if schedule.a_day else (math.nan, reasons.PER_DAY)
    if dose.per == "total":
        number = schedule.administrations
        return (1 / number, None) if number else (math.nan, reasons.PER_TOTAL)
    lacking = _UNKNOWN_SHARE[dose.per]
    if dose.per == "none" and "/" not in dose.unit:
        lacking = next((why for why in dose.why if why in (reasons.PER_DROP, reasons.PER_OTHER)), lacking)
    return math.nan, lacking


def _scaled(one: tuple[float, float], times: float | None) -> tuple[float, float]:
    return (math.nan, math.nan) if times is None else (one[0] * times, one[1] * times)


def _particles_via(
    dose: Dose, conversion: Conversion | None, lacking: str | None
) -> tuple[str, tuple[str, ...]]:
    convertible = conversion is not None or dose.substance == "particles"
    if convertible and lacking is None and dose.low > 0:
        return (STATED if conversion is None else CONVERTED), ()
    if convertible:
        return NO_PARTICLES, (lacking or reasons.RANGE_FROM_ZERO,)
    missing = {
        "cells": reasons.NOT_VESICLES,
        "mass_unspecified": reasons.UNSPECIFIED_MASS,
        "protein": reasons.PROTEIN_MASS,
    }.get(dose.substance, reasons.NO_CONVERSION)
    return NO_PARTICLES, (lacking, missing) if lacking else (missing,)
