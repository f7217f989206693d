"""One reader for the texts of an arm: doses, schedule and routes, by the vocabularies of config/."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from evdose.dosing.reading.about import DOSE
from evdose.dosing.reading.dose import Dose, read_doses
from evdose.dosing.reading.lexicon import Lexicon, read_lexicon
from evdose.dosing.reading.route import Route, Vocabulary, read_routes, read_vocabulary
from evdose.dosing.reading.schedule import INFERRED, NOT_REPORTED, Schedule, read_schedule
from evdose.dosing.reading.text import CleanText, clean
from evdose.dosing.reading.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Text:
    """A text, cleaned and split into tokens once for all grammars."""

    cleaned: CleanText
    tokens: Tokens


def prepare(text: str) -> Text:
    """Clean a text and split it into tokens; takes time linear in its length."""
    cleaned = clean(text)
    return Text(cleaned, Tokens(cleaned.text))


@dataclass(frozen=True)
class Reader:
    """The vocabularies that texts are read by."""

    lexicon: Lexicon
    vocabulary: Vocabulary

    def amounts(self, text: Text, names: frozenset[str] = frozenset()) -> list[Dose]:
        """Every amount of a text with its role; ``names`` are words for the product besides the lexicon's."""
        return read_doses(text.tokens, self.lexicon, names)

    def doses(self, text: Text, names: frozenset[str] = frozenset()) -> list[Dose]:
        """The doses of a text, in its order."""
        return [dose for dose in self.amounts(text, names) if dose.role == DOSE]

    def unknown_words(self, names: str) -> frozenset[str]:
        """The words of a product's names that the lexicon doesn't know, and their plurals."""
        words = prepare(names).tokens.word
        unknown = [word for word in words if len(word) > 2 and self.lexicon.sense(word) is None]
        return frozenset(unknown + [f"{word}s" for word in unknown])

    def schedule(self, text: Text) -> Schedule:
        """The schedule of a text."""
        return read_schedule(text.tokens)

    def routes(self, text: Text) -> list[Route]:
        """The routes of a text, in its order; one unmapped route where it names none that is known."""
        return read_routes(text.tokens, text.cleaned, self.vocabulary)


def read_reader(vocabularies: dict[str, str | Path]) -> Reader:
    """The reader of ``vocabularies`` (the setting of config/config.yaml: units, wording, routes).

    Raises:
        InputError: a vocabulary can't be read or breaks its schema.
    """
    lexicon = read_lexicon(vocabularies["units"], vocabularies["wording"])
    return Reader(lexicon, read_vocabulary(vocabularies["routes"]))


def completed(schedule: Schedule, dose: Dose) -> Schedule:
    """The schedule as the dose completes it: ``2 x 10 mL`` and a daily dose say how often by themselves."""
    if schedule.administrations is None and schedule.status == NOT_REPORTED:
        if dose.repeats:
            return replace(schedule, administrations=float(dose.repeats), status=INFERRED, rule="n x amount")
        if dose.per == "day" and schedule.days:
            rule = "dose a day over its days, one a day"
            return replace(schedule, administrations=schedule.days, status=INFERRED, rule=rule, a_day=1.0)
    return schedule
