"""Estimators on arrays of numbers: nothing here knows of trials, tables or files."""
