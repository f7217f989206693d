"""What a figure is: a drawing with the words that go with it, and what it is drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import matplotlib.figure
import pandas as pd

QUESTIONS = (
    "What was tried?",
    "By which route and dose?",
    "With what effect?",
    "Is there a window?",
    "Can I trust this?",
)
TRIED, BY_DOSE, EFFECT, WINDOW, TRUST = QUESTIONS

#: Tables of one scenario by name, each as its stage's ``tables.py`` declares it.
Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Context:
    """What a figure says beside its numbers.

    ``title`` is the scenario's; ``data_to`` the last day of registration (ISO 8601) that the scenario covers:
    the earlier of the config's ``data_to`` and the scenario's ``registered_to``.
    """

    title: str
    data_to: str
    review_citation: str
    review_trials: int


@dataclass(frozen=True)
class Figure:
    """A drawing, and its title, caption, alternative text, question and number of trials or arms shown."""

    drawing: matplotlib.figure.Figure
    title: str
    caption: str
    alt: str
    question: str
    n: int
