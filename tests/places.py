"""Where things are."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
REFERENCE = PROJECT.parent / "shared"  # evidence and reference data, on machines that have them
