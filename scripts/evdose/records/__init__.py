"""Ingest: read any source into trial, arm and outcome records, with where each value was read."""
