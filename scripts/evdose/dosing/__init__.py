"""Normalise: dose text to quantities, schedules and particles; route text to a controlled vocabulary."""
