"""Whether an article is about what it mentions: a score from where, how often and among what else it is named.

Two models. For a country or place: a logistic regression on the editors' own country codes of half of the Reuters-21578
sample (documents with even ids; ``evaluate topics`` reports the other half). For a theme or an organisation, which are
named far more sparingly: the same form with weights set by hand, in which a mention in the title or the lead is enough,
and elsewhere two are needed in a short article and more in a long one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from monitor.subjects.document import Document, Place

__all__ = ["Evidence", "evidence", "score_of_place", "score_of_theme"]

TITLE = 2.4
"""The fit gave 0.73: what Reuters has in a headline it repeats below, so the headline adds little. 2.4 changes F1 on
the same half by less than 0.001, and an item of a headline and one sentence needs it."""
LEAD = 1.09
PER_DOUBLING = 0.66
"""What each doubling of the number of mentions adds."""

PLACE_BIAS = -2.78
DATELINE = 4.67
FIRST = 1.53
"""The article names no country or place before this one."""
ADJECTIVE_ONLY = -0.63
"""Only as "Syrian", never as "Syria"."""
PER_COUNTRY = 0.22
"""A survey of many countries is about each of them with fewer mentions."""
MOST_COUNTRIES = 10
"""Beyond this a longer list adds nothing, so that one mention in it never suffices (the fit itself had no bound)."""

THEME_BIAS = -0.6
THEME_TITLE = 1.5
SHORT_ARTICLE = 2400
"""Characters up to which an article is short."""
PER_LENGTH_DOUBLING = -0.4


class Evidence(NamedTuple):
    """What speaks for a topic: its mentions by where they stand, and what else the article names."""

    title: int
    dateline: int
    lead: int
    body: int
    first: bool
    adjective_only: bool
    countries: int
    characters: int

    @property
    def mentions(self) -> int:
        """Mentions in all."""
        return self.title + self.dateline + self.lead + self.body


def evidence(
    places: Sequence[Place], document: Document, *, first: int, adjectives: frozenset[Place], countries: int
) -> Evidence:
    """Count ``places``, which are in order.

    ``first`` is the offset of the article's first country or place, ``adjectives`` where the demonyms stand,
    ``countries`` how many different ones the article names.
    """
    title = dateline = lead = 0
    title_end, dateline_end, lead_end = document.title_end, document.dateline_end, document.lead_end
    for start, _ in places:
        if start >= lead_end:
            break
        if start < title_end:
            title += 1
        elif start < dateline_end:
            dateline += 1
        else:
            lead += 1
    return Evidence(
        title=title,
        dateline=dateline,
        lead=lead,
        body=len(places) - title - dateline - lead,
        first=bool(places) and places[0][0] <= first,
        adjective_only=adjectives.issuperset(places),
        countries=countries,
        characters=len(document.whole),
    )


def score_of_place(found: Evidence) -> float:
    """Return the score, 0 to 1, that an article is about a country or a place."""
    if not found.mentions:
        return 0.0
    return _logistic(
        PLACE_BIAS
        + TITLE * bool(found.title)
        + LEAD * bool(found.lead)
        + DATELINE * bool(found.dateline)
        + PER_DOUBLING * math.log2(found.mentions)
        + FIRST * found.first
        + ADJECTIVE_ONLY * found.adjective_only
        + PER_COUNTRY * min(found.countries, MOST_COUNTRIES)
    )


def score_of_theme(found: Evidence) -> float:
    """Return the score, 0 to 1, that an article is about a theme or an organisation."""
    return _theme(bool(found.title), bool(found.lead or found.dateline), found.mentions, found.characters)


@lru_cache(maxsize=4096)
def _theme(title: bool, lead: bool, mentions: int, characters: int) -> float:
    """Return the score of a theme: of the many topics that one article may be on most are mentioned alike."""
    if not mentions:
        return 0.0
    return _logistic(
        THEME_BIAS
        + THEME_TITLE * title
        + LEAD * lead
        + PER_DOUBLING * math.log2(mentions)
        + PER_LENGTH_DOUBLING * max(0.0, math.log2(characters / SHORT_ARTICLE))
    )


def _logistic(raw: float) -> float:
    return 1 / (1 + math.exp(-raw))
