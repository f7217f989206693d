"""From a dose as written to what one administration, a day and all administrations hold, and particles.

A dose per kg, eye, site or cm² holds an unknown amount an administration: no number of sites or area is
assumed, and body weight in sensitivity analysis only. Particles are stated by the text or follow by a main
conversion; a range is log-uniform.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evdose.dosing import reasons
from evdose.dosing.conversions import MAIN, SENSITIVITY, Conversion, uniform_sd
from evdose.dosing.reading.dose import Dose
from evdose.dosing.reading.schedule import Schedule

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
    """Amounts in the dose's unit and log10 particles (NaN: not known), and what they lack.

    ``particles_sd`` holds for one administration as for all of them.
    """

    per_administration: tuple[float, float]
    per_day: tuple[float, float]
    per_kg: tuple[float, float]
    cumulative: tuple[float, float]
    particles_via: str
    particles_log10: float
    particles_sd: float
    cumulative_log10: float
    conversion_id: str | None
    why: tuple[str, ...]


def derive(dose: Dose, schedule: Schedule, conversions: Sequence[Conversion], names: str) -> Derived:
    """Amounts per administration, day, kg and in all, and particles; ``names`` may name the product."""
    share, lacking = _share(dose, schedule)
    every = 1.0 if dose.per == "total" else share * (schedule.administrations or math.nan)
    day = 1.0 if dose.per == "day" else share * (schedule.a_day or math.nan)
    conversion = _first(conversions, (MAIN,), dose.unit, dose.substance, names)
    via, why = _particles_via(dose, conversion, lacking)
    middle, sd = _particles(dose, conversion)
    in_one, in_every = middle + math.log10(share), middle + math.log10(every)
    known = not (math.isnan(in_one) and math.isnan(in_every))
    return Derived(
        per_administration=_scaled(dose, share),
        per_day=_scaled(dose, day),
        per_kg=_scaled(dose, 1.0 if dose.per == "kg" else math.nan),
        cumulative=_scaled(dose, every),
        particles_via=via,
        particles_log10=in_one,
        particles_sd=sd if known else math.nan,
        cumulative_log10=in_every,
        conversion_id=conversion.conversion_id if conversion and known else None,
        why=why,
    )


def assumed_particles(
    row: Any, conversions: Sequence[Conversion], names: str
) -> tuple[float, float, tuple[Conversion, ...]] | None:
    """log10 particles per administration that a row of ``doses`` without any gains by assumptions.

    With their standard deviation and the conversions that they rest on; None where it gains none.
    """
    per_kg = next((one for one in conversions if one.per == row.per), None)
    low, high = row.per_administration_low, row.per_administration_high
    if per_kg is not None:
        low, high = row.per_kg_low, row.per_kg_high
    to_particles = _first(conversions, (MAIN, SENSITIVITY), row.unit, row.substance, names)
    if row.particles_via != NO_PARTICLES or not low > 0 or not (to_particles or row.substance == "particles"):
        return None
    rests_on = tuple(one for one in (per_kg, to_particles) if one is not None)
    middle, sd = _log_uniform(low, high)
    return (
        middle + sum(one.log10 for one in rests_on),
        math.hypot(sd, *(one.sd for one in rests_on)),
        rests_on,
    )


def _first(
    conversions: Sequence[Conversion], uses: tuple[str, ...], unit: str, substance: str, names: str
) -> Conversion | None:
    """The first conversion to particles that applies, in the order of ``uses``."""
    applying = [one for one in conversions if one.applies_to(unit, substance, names)]
    return next((one for use in uses for one in applying if one.use == use), None)


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


def _scaled(dose: Dose, factor: float) -> tuple[float, float]:
    return dose.low * factor, dose.high * factor


def _particles(dose: Dose, conversion: Conversion | None) -> tuple[float, float]:
    """log10 particles in the dose as written, and its spread; NaN where they aren't known."""
    middle, sd = _log_uniform(dose.low, dose.high)
    if conversion is not None:
        return middle + conversion.log10, math.hypot(sd, conversion.sd)
    return (middle, sd) if dose.substance == "particles" else (math.nan, math.nan)


def _log_uniform(low: float, high: float) -> tuple[float, float]:
    """Middle and standard deviation on the log10 scale; NaN for a range from zero, which has no middle."""
    if low <= 0:
        return math.nan, math.nan
    ends = math.log10(low), math.log10(high)
    return sum(ends) / 2, uniform_sd(*ends)


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
