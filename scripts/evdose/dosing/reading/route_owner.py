"""Whose a route is: the product's, or that of a comparator or an adjunct (saline, an anaesthetic)."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from evdose.dosing.reading.phrase import Match
from evdose.dosing.reading.tokens import NUMERAL, Tokens

_REACH = 8  # tokens between a route and the placebo or saline that it is of
_FAR_REACH = 24  # the other way round: "placebo capsules, 2 a day for 6 weeks, orally"
_TURNS = frozenset({".", ";", "then", "followed", "while", "whereas"})


@dataclass(frozen=True)
class Connectives:
    """Words of config/routes.yaml that bind a route to one thing (``between``) or to two (``sharing``)."""

    between: frozenset[str]
    sharing: frozenset[str]


@dataclass(slots=True)
class Others:
    """Comparators and adjuncts of a text, each in its order."""

    comparators: list[Match] = field(default_factory=list)
    adjuncts: list[Match] = field(default_factory=list)

    def own(self, route: Match, tokens: Tokens, connectives: Connectives) -> bool:
        """Whether a route is one of theirs.

        It is where one follows with nothing but an amount between ("infusion of normal saline"), and where
        one comes before in the sentence ("placebo tablet, oral"), unless it shares the route ("X or placebo,
        orally"). An adjunct has to lead the sentence: "in 10 mL of saline, orally" is no route of saline.
        """
        for others in (self.comparators, self.adjuncts):
            after = bisect_left(others, route.end, key=lambda other: other.first)
            if after < len(others) and _leads_to(route, others[after], tokens, connectives):
                return True
            if after and _comes_from(route, others[after - 1], tokens, connectives):
                start = _start(others[after - 1], tokens, connectives)
                word = tokens.word[start - 1] if start else "."
                if word == "." if others is self.adjuncts else word not in connectives.sharing:
                    return True
        return False


def _leads_to(route: Match, other: Match, tokens: Tokens, connectives: Connectives) -> bool:
    if other.first - route.end > _REACH or tokens.word[other.end] in connectives.sharing:
        return False
    return all(_is_between(tokens, place, connectives) for place in range(route.end, other.first))


def _comes_from(route: Match, other: Match, tokens: Tokens, connectives: Connectives) -> bool:
    if route.first - other.end > _FAR_REACH:
        return False
    word = tokens.word
    # The point of "s.c." and "q.d." is no end of a sentence.
    return not any(
        word[place] in connectives.sharing
        or (word[place] in _TURNS and not (word[place] == "." and len(word[place - 1]) == 1))
        for place in range(other.end, route.first)
    )


def _start(other: Match, tokens: Tokens, connectives: Connectives) -> int:
    """First token of a comparator or adjunct with the amount before it."""
    place = other.first
    while place > max(0, other.first - _REACH) and _is_between(tokens, place - 1, connectives):
        place -= 1
    return place


def _is_between(tokens: Tokens, place: int, connectives: Connectives) -> bool:
    return tokens.kind[place] == NUMERAL or tokens.word[place] in connectives.between
