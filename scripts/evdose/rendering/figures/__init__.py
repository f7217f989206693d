"""Figures of one scenario.

``FIGURES`` maps each figure's name, in display order, to a function ``(tables, context) -> Figure``;
``tables`` maps these names to data frames of one scenario::

    trials arms doses routes outcomes            all records (a figure keeps those that screening included)
    screening prisma eligibility_switches
    effects safety effect_direction synthesis
    tried_arms route_shift registrations trends claims
    dose_response_curve effective_range multiverse power

Use::

    context = Context("The review's scope", data_to="2024-12-31", review_citation="...", review_trials=66)
    for name, draw in FIGURES.items():
        figure = draw(tables, context)
        save(figure, folder, name, ("svg", "pdf", "png"))
        row = {"figure": name, "title": figure.title, "caption": figure.caption, "alt": figure.alt,
               "question": figure.question, "n": figure.n}

In the SVG each point of an arm is a ``<g>`` whose id is ``arm:<trial or study>:<number of the arm>`` (with a
further ``:<part>`` where an arm has several points); ids are unique within a file, so a page that inlines
several files gives each a prefix of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from evdose.rendering.figures.albatross import albatross
from evdose.rendering.figures.cell_source_by_year import cell_source_by_year
from evdose.rendering.figures.dose_landscape import dose_landscape
from evdose.rendering.figures.dose_outcome import dose_outcome
from evdose.rendering.figures.dose_safety import dose_safety
from evdose.rendering.figures.effect_direction import effect_direction
from evdose.rendering.figures.effective_range import effective_range
from evdose.rendering.figures.forest import forest
from evdose.rendering.figures.phase_and_country import phase_and_country
from evdose.rendering.figures.power_curves import power_curves
from evdose.rendering.figures.prisma import prisma
from evdose.rendering.figures.record import Context, Figure, Tables
from evdose.rendering.figures.registrations import registrations
from evdose.rendering.figures.route_by_condition import route_by_condition
from evdose.rendering.figures.saving import save
from evdose.rendering.figures.specification_curve import specification_curve

FIGURES: dict[str, Callable[[Tables, Context], Figure]] = {
    "prisma": prisma,
    "registrations": registrations,
    "route_by_condition": route_by_condition,
    "phase_and_country": phase_and_country,
    "cell_source_by_year": cell_source_by_year,
    "dose_landscape": dose_landscape,
    "effect_direction": effect_direction,
    "albatross": albatross,
    "dose_safety": dose_safety,
    "forest": forest,
    "dose_outcome": dose_outcome,
    "effective_range": effective_range,
    "specification_curve": specification_curve,
    "power_curves": power_curves,
}

__all__ = ["FIGURES", "Context", "Figure", "Tables", "save"]
