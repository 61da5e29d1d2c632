"""One story as the sum of its articles: whole numbers, so the sum does not depend on the order in which they came."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TypeVar

__all__ = ["RECENT", "Core", "Facts", "Story", "Vector", "dot"]

Vector = dict[str, int]
"""TF-IDF weight of each term, in units of 1 / UNIT of the clusterer."""

_K = TypeVar("_K")

RECENT = 8
"""Articles of a story, the newest to arrive, that a new one is compared with one by one."""


@dataclass(frozen=True)
class Facts:
    """What an article's story is decided on. ``at`` is in seconds since 1970; ``places`` are canonical.

    ``number`` is the article's place in the order of arrival.

    ``title`` and ``names`` are those terms of ``vector`` that stand in the title, and that are written as names.
    """

    vector: Vector
    title: frozenset[str]
    names: frozenset[str]
    places: frozenset[str]
    at: float
    number: int = 0

    @cached_property
    def norm(self) -> float:
        """Length of ``vector``; at least 1, so that it can be divided by."""
        return math.sqrt(sum(weight * weight for weight in self.vector.values())) or 1.0

    @cached_property
    def heaviest(self) -> int:
        """The greatest weight; at least 1."""
        return max(self.vector.values(), default=1)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The figures in digits among the terms."""
        return frozenset(term for term in self.vector if term.isdecimal())


@dataclass(frozen=True, slots=True)
class Core:
    """The terms that at least half of a story's newest articles have: their weights, and their sums."""

    terms: Vector
    total: int
    names: frozenset[str]
    of_names: int


@dataclass(slots=True)
class Story:
    """Sums over the articles of a story, and the articles themselves in the order in which they came."""

    total: Vector = field(default_factory=dict)
    square: int = 0
    heads: Vector = field(default_factory=dict)
    places: Counter[str] = field(default_factory=Counter)
    numbers: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    members: dict[str, Facts] = field(default_factory=dict)
    _core: Core | None = None
    _norm: float = 0.0

    def __len__(self) -> int:
        return len(self.members)

    def add(self, article_id: str, facts: Facts) -> None:
        """Count an article in."""
        late = bool(self.members) and facts.number < next(reversed(self.members.values())).number
        self.members[article_id] = facts
        if late:  # moved here from another story
            self.members = dict(sorted(self.members.items(), key=lambda item: item[1].number))
        insort(self.times, facts.at)
        self._shift(facts, 1)

    def remove(self, article_id: str) -> Facts:
        """Take an article out again, and return what it was decided on."""
        facts = self.members.pop(article_id)
        del self.times[bisect_left(self.times, facts.at)]
        self._shift(facts, -1)
        return facts

    def recent(self) -> Iterator[Facts]:
        """Return the newest ``RECENT`` articles, the newest first."""
        return islice(reversed(self.members.values()), RECENT)

    @property
    def norm(self) -> float:
        """Length of ``total``; at least 1, so that it can be divided by."""
        if not self._norm:
            self._norm = math.sqrt(self.square) or 1.0
        return self._norm

    def core(self) -> Core:
        """Return what most of the newest articles have in common."""
        if self._core is None:
            self._core = _core(list(self.recent()))
        return self._core

    def _shift(self, facts: Facts, sign: int) -> None:
        self._core, self._norm = None, 0.0
        total = self.total
        for term, weight in facts.vector.items():
            before = total.get(term, 0)
            after = before + sign * weight
            self.square += after * after - before * before
            if after:
                total[term] = after
            else:
                del total[term]
        for term in facts.title:
            self.heads[term] = self.heads.get(term, 0) + sign
            if not self.heads[term]:
                del self.heads[term]
        _count(self.places, facts.places, sign)
        _count(self.numbers, facts.numbers, sign)


def dot(one: Vector, other: Vector) -> int:
    """Return the inner product of two vectors."""
    if len(other) < len(one):
        one, other = other, one
    return sum([one[term] * other[term] for term in one.keys() & other.keys()])


def _core(recent: list[Facts]) -> Core:
    seen: Counter[str] = Counter()
    named: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for facts in recent:
        seen.update(facts.vector.keys())
        named.update(facts.names)
        sums.update(facts.vector)
    terms = {term: sums[term] // len(recent) for term, count in seen.items() if 2 * count >= len(recent)}
    names = frozenset(term for term in terms if 2 * named[term] >= len(recent))
    return Core(terms, sum(terms.values()), names, sum(terms[name] for name in names))


def _count(counter: Counter[_K], keys: Iterable[_K], sign: int) -> None:
    for key in keys:
        counter[key] += sign
        if not counter[key]:
            del counter[key]
