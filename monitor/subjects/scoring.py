"""Whether an article is about what it mentions: a score from where, how often and among what else it is named."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.subjects.document import Document, Place

__all__ = ["Evidence", "evidence", "score"]

# Weights of the logistic score; monitor/evaluation/topics.py says how they were chosen, docs/topics.md what they give.
BIAS = -3.0
IN_TITLE = 2.5
IN_LEAD = 1.6
IN_DATELINE = 0.5
PER_DOUBLING = 0.8
SHARE = 2.0
"""What it adds that every name in the article is this topic's."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a topic: counts of its mentions by place, and their share among all names of parties."""

    title: int
    lead: int
    dateline: int
    body: int
    share: float

    @property
    def count(self) -> int:
        """Mentions in all."""
        return self.title + self.lead + self.dateline + self.body


def evidence(places: Sequence[Place], document: Document, rivals: int) -> Evidence:
    """Count ``places`` by where they stand; ``rivals`` is the count of the party that the article names most."""
    spots = [document.spot(place) for place in places]
    count = len(spots)
    share = count / max(count, rivals) if count else 0.0
    return Evidence(spots.count("title"), spots.count("lead"), spots.count("dateline"), spots.count("body"), share)


def score(found: Evidence) -> float:
    """Return the probability-like score, 0 to 1, that an article with this evidence is about the topic."""
    if not found.count:
        return 0.0
    raw = (
        BIAS
        + IN_TITLE * bool(found.title)
        + IN_LEAD * bool(found.lead)
        + IN_DATELINE * bool(found.dateline)
        + PER_DOUBLING * math.log2(found.count)
        + SHARE * found.share
    )
    return 1 / (1 + math.exp(-raw))
