"""When a story has drifted: what it began with and what it tells now are two events."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice

from monitor.stories.story import Facts, Story, Vector, dot

__all__ = ["CHECK_EVERY", "drifted"]

CHECK_EVERY = 16
"""A story is looked at whenever its number of articles is a multiple of this."""
LOOK_BACK = 128
"""Articles that are looked at, the newest: a check has a bounded cost."""
EDGE = 6
"""Articles at either end that stand for what the story was and what it is."""
ROUNDS = 2
"""Times that each article goes to the nearer end and the ends are drawn anew."""
LEAST_PART = 5
"""Articles that a part must have."""
MOST_ALIKE = 0.12
"""Cosine of the two parts from which they are one event."""


def drifted(story: Story, article_id: str, facts: Facts) -> tuple[str, ...]:
    """Return the articles of the newer event where the story, with this article, has come to hold two; else none.

    Two-means from the two ends of the newest ``LOOK_BACK`` articles, which are seeds that no order of a table decides.
    """
    if (len(story) + 1) % CHECK_EVERY:
        return ()
    kept = list(islice(reversed(story.members.items()), LOOK_BACK - 1))[::-1]
    ids, all_facts = zip(*kept, (article_id, facts), strict=True)
    ends = (_sum(all_facts[:EDGE]), _sum(all_facts[-EDGE:]))
    newer: list[bool] = []
    for _ in range(ROUNDS):
        if _cosine(*ends) >= MOST_ALIKE:
            return ()
        newer = [_cosine(each.vector, ends[1]) > _cosine(each.vector, ends[0]) for each in all_facts]
        if not LEAST_PART <= sum(newer) <= len(newer) - LEAST_PART:
            return ()
        parts = [[each for each, new in zip(all_facts, newer, strict=True) if new is side] for side in (False, True)]
        ends = (_sum(parts[0]), _sum(parts[1]))
    if _cosine(*ends) >= MOST_ALIKE:
        return ()
    return tuple(each for each, new in zip(ids, newer, strict=True) if new)


def _sum(facts: Sequence[Facts]) -> Vector:
    total: Vector = {}
    for each in facts:
        for term, weight in each.vector.items():
            total[term] = total.get(term, 0) + weight
    return total


def _cosine(one: Vector, other: Vector) -> float:
    lengths = math.sqrt(sum(w * w for w in one.values()) * sum(w * w for w in other.values()))
    return dot(one, other) / lengths if lengths else 0.0
