"""Stories: which articles tell of the same event. One pass, over terms, places and time.

A story is the sum of its articles' TF-IDF vectors, each weighed with the document frequencies of the moment it came.
The weights are whole numbers, so the sum does not depend on the order: an index rebuilt from its records decides alike.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from monitor.stories.terms import Terms

__all__ = ["Clusterer", "Facts", "Vector"]

Vector = dict[str, int]
"""TF-IDF weight of each term, in units of 1 / UNIT."""

UNIT = 64

_K = TypeVar("_K")

THRESHOLD_SHORT, THRESHOLD_LONG = 0.14, 0.29
SHORT_TERMS, LONG_TERMS = 10, 60
"""Similarity from which an article joins a story: two headlines on one event share a word or two, two full texts many.
Between the two lengths, in distinct terms, the threshold rises in a straight line."""

HALF_LIFE_HOURS = 96.0
"""Hours after a story's latest article in which the similarity falls to a half."""

OTHER_PLACES = 0.7
"""Factor where both name places and share none: the same kind of event elsewhere is another story."""

PROBES = 12
"""Terms of an article, the heaviest first, by which candidate stories are looked up."""

MAX_POSTINGS = 400
"""Stories that one term leads to at most, the newest: a term in more of them says little."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What an article's story is decided on: its vector, canonical places, and the time it was published."""

    vector: Vector
    places: frozenset[str]
    at: datetime


@dataclass(slots=True)
class _Story:
    total: Vector = field(default_factory=dict)
    square: int = 0
    places: Counter[str] = field(default_factory=Counter)
    times: Counter[datetime] = field(default_factory=Counter)

    def shift(self, facts: Facts, sign: int) -> None:
        for term, weight in facts.vector.items():
            before = self.total.get(term, 0)
            after = before + sign * weight
            self.square += after * after - before * before
            if after:
                self.total[term] = after
            else:
                del self.total[term]
        _shift(self.places, facts.places, sign)
        _shift(self.times, (facts.at,), sign)


class Clusterer:
    """The stories of the window. What it holds is a sum over their articles, so it can be rebuilt in any order."""

    def __init__(self) -> None:
        self._stories: dict[str, _Story] = {}
        self._postings: dict[str, Counter[str]] = {}
        self._documents = 0
        self._frequency: Counter[str] = Counter()

    def weigh(self, terms: Terms) -> Vector:
        """Return the terms weighed by their smoothed inverse document frequency over the articles of the window."""
        total = math.log(self._documents + 2)
        return {
            term: max(1, round(UNIT * weight * max(0.1, total - math.log(self._frequency[term] + 1))))
            for term, weight in terms.items()
        }

    def add(self, story_id: str, facts: Facts) -> None:
        """Count an article into a story; the story is opened where there is none of that id."""
        self._stories.setdefault(story_id, _Story()).shift(facts, 1)
        for term in facts.vector:
            self._postings.setdefault(term, Counter())[story_id] += 1
        self._frequency.update(facts.vector.keys())
        self._documents += 1

    def remove(self, story_id: str, facts: Facts) -> None:
        """Take an article out of its story again; a story without articles is gone."""
        story = self._stories[story_id]
        story.shift(facts, -1)
        if not story.times:
            del self._stories[story_id]
        for term in facts.vector:
            posting = self._postings[term]
            posting[story_id] -= 1
            if not posting[story_id]:
                del posting[story_id]
            if not posting:
                del self._postings[term]
        _shift(self._frequency, facts.vector, -1)
        self._documents -= 1

    def find(self, facts: Facts) -> tuple[str, float] | None:
        """Return the story that the article belongs to and how similar it is, or None where it opens a new one."""
        threshold = _threshold(len(facts.vector))
        norm = math.sqrt(sum(weight * weight for weight in facts.vector.values()))
        best: tuple[float, str] | None = None
        for story_id in self._candidates(facts.vector):
            similarity = _similarity(facts, norm, self._stories[story_id])
            # The lower id wins a tie, so that the order of a dictionary decides nothing.
            if similarity >= threshold and (best is None or (-similarity, story_id) < (-best[0], best[1])):
                best = (similarity, story_id)
        return (best[1], best[0]) if best else None

    def _candidates(self, vector: Vector) -> dict[str, None]:
        probes = sorted(vector, key=lambda term: (-vector[term], term))[:PROBES]
        found: dict[str, None] = {}
        for term in probes:
            posting = self._postings.get(term, ())
            found.update(dict.fromkeys(list(posting)[-MAX_POSTINGS:] if len(posting) > MAX_POSTINGS else posting))
        return found


def _shift(counter: Counter[_K], keys: Iterable[_K], sign: int) -> None:
    for key in keys:
        counter[key] += sign
        if not counter[key]:
            del counter[key]


def _similarity(facts: Facts, norm: float, story: _Story) -> float:
    total = story.total
    dot = sum(weight * total[term] for term, weight in facts.vector.items() if term in total)
    hours = min(abs((facts.at - time).total_seconds()) for time in (min(story.times), max(story.times))) / 3600
    if min(story.times) <= facts.at <= max(story.times):
        hours = 0.0
    similarity = dot / (norm * math.sqrt(story.square)) * math.exp2(-hours / HALF_LIFE_HOURS)
    elsewhere = facts.places and story.places and facts.places.isdisjoint(story.places)
    return similarity * OTHER_PLACES if elsewhere else similarity


def _threshold(terms: int) -> float:
    share = (terms - SHORT_TERMS) / (LONG_TERMS - SHORT_TERMS)
    return THRESHOLD_SHORT + (THRESHOLD_LONG - THRESHOLD_SHORT) * min(1.0, max(0.0, share))
