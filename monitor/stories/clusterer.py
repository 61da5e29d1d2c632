"""Stories: which articles tell of the same event. One pass, over terms, places and time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from monitor.stories.terms import Terms, cosine

__all__ = ["Clusterer", "Facts"]

THRESHOLD_SHORT, THRESHOLD_LONG = 0.14, 0.29
SHORT_TERMS, LONG_TERMS = 10, 60
"""Similarity from which an article joins a story: two headlines on one event share a word or two, two full texts many.
Between the two lengths, in distinct terms, the threshold rises in a straight line."""

HALF_LIFE_HOURS = 96.0
"""Hours after a story's latest article in which the similarity falls to a half."""

OTHER_PLACES = 0.7
"""Factor where both name places and share none: the same kind of event elsewhere is another story."""

PROBES = 12
"""Terms of an article, the rarest first, by which candidate stories are looked up."""

MAX_POSTINGS = 400
"""Stories a term may lead to; a term in more of them says little, and the newest are looked at."""

CENTROID_TERMS = 120


@dataclass(frozen=True, slots=True)
class Facts:
    """What an article's story is decided on: weighted terms, canonical places, and the time it was published."""

    terms: Terms
    places: frozenset[str]
    at: datetime


@dataclass(slots=True)
class _Story:
    terms: Terms = field(default_factory=dict)
    places: Counter[str] = field(default_factory=Counter)
    articles: int = 0
    latest: datetime | None = None


class Clusterer:
    """The stories of the window. What it holds is a sum over their articles, so it can be rebuilt in any order."""

    def __init__(self) -> None:
        self._stories: dict[str, _Story] = {}
        self._documents: Counter[str] = Counter()
        self._total = 0
        self._postings: dict[str, dict[str, int]] = {}

    def add(self, story_id: str, facts: Facts) -> None:
        """Count an article into a story; the story is opened where there is none of that id."""
        story = self._stories.setdefault(story_id, _Story())
        story.articles += 1
        story.latest = max(story.latest or facts.at, facts.at)
        story.places.update(facts.places)
        for term, weight in facts.terms.items():
            story.terms[term] = story.terms.get(term, 0.0) + weight
            posting = self._postings.setdefault(term, {})
            posting[story_id] = posting.get(story_id, 0) + 1
        self._documents.update(facts.terms.keys())
        self._total += 1

    def remove(self, story_id: str, facts: Facts) -> None:
        """Take an article out of its story again; a story without articles is gone."""
        story = self._stories[story_id]
        story.articles -= 1
        story.places.subtract(facts.places)
        for term, weight in facts.terms.items():
            story.terms[term] -= weight
            posting = self._postings[term]
            posting[story_id] -= 1
            if not posting[story_id]:
                del posting[story_id], story.terms[term]
            if not posting:
                del self._postings[term]
        self._documents.subtract(facts.terms.keys())
        self._total -= 1
        if not story.articles:
            del self._stories[story_id]

    def find(self, facts: Facts) -> tuple[str, float] | None:
        """Return the story that the article belongs to and how similar it is, or None where it opens a new one."""
        vector = self._weigh(facts.terms)
        threshold = _threshold(len(facts.terms))
        best: tuple[float, str] | None = None
        for story_id in self._candidates(vector):
            similarity = self._similarity(vector, facts, self._stories[story_id])
            # The older id wins a tie, so that the order of a dictionary decides nothing.
            if similarity >= threshold and (best is None or (-similarity, story_id) < (-best[0], best[1])):
                best = (similarity, story_id)
        return (best[1], best[0]) if best else None

    def _similarity(self, vector: Terms, facts: Facts, story: _Story) -> float:
        heaviest = sorted(story.terms.items(), key=lambda item: (-item[1], item[0]))[:CENTROID_TERMS]
        similarity = cosine(vector, self._weigh({term: weight / story.articles for term, weight in heaviest}))
        assert story.latest is not None
        hours = abs((facts.at - story.latest).total_seconds()) / 3600
        similarity *= math.exp2(-hours / HALF_LIFE_HOURS)
        told = {place for place, count in story.places.items() if count > 0}
        return similarity * OTHER_PLACES if facts.places and told and not facts.places & told else similarity

    def _candidates(self, vector: Terms) -> Iterator[str]:
        probes = sorted(vector, key=lambda term: (-vector[term], term))[:PROBES]
        found: dict[str, None] = {}
        for term in probes:
            for story_id in list(self._postings.get(term, ()))[-MAX_POSTINGS:]:
                found[story_id] = None
        return iter(found)

    def _weigh(self, terms: Terms) -> Terms:
        """Multiply by the smoothed inverse document frequency over the articles of the window."""
        total = math.log(self._total + 2)
        return {
            term: weight * max(0.1, total - math.log(self._documents.get(term, 0) + 1))
            for term, weight in terms.items()
        }


def _threshold(terms: int) -> float:
    share = (terms - SHORT_TERMS) / (LONG_TERMS - SHORT_TERMS)
    return THRESHOLD_SHORT + (THRESHOLD_LONG - THRESHOLD_SHORT) * min(1.0, max(0.0, share))
