"""Stories: which articles tell of the same event. One pass, a bounded number of comparisons an article.

Candidates are the stories that share an article's heaviest terms; a learned model scores the best of them. A story is a
sum over its articles, so an index rebuilt from its records decides alike.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from itertools import islice

from monitor.stories.background import Background
from monitor.stories.features import compare
from monitor.stories.model import StoryModel, load
from monitor.stories.story import Facts, Story, Vector
from monitor.stories.terms import Terms

__all__ = ["Clusterer"]

UNIT = 64
"""Steps of a weight: whole numbers add up to the same in any order."""

MIN_IDF = 0.1
PROBES = 12
"""Terms of an article, the heaviest first, by which candidate stories are looked up."""
MAX_POSTINGS = 100
"""Stories that one term leads to at most, the last that grew: a term in more of them says little."""
MAX_CANDIDATES = 10
"""Stories that are scored, those that share the most weight of the probes."""


class Clusterer:
    """The stories of the window. ``model`` decides in place of the shipped one, for training and tests."""

    def __init__(self, model: StoryModel | None = None) -> None:
        self._model = model or load()
        self._stories: dict[str, Story] = {}
        self._postings: dict[str, dict[str, int]] = {}
        self._documents = 0
        self._frequency: Counter[str] = Counter()

    @property
    def model(self) -> StoryModel:
        """The model that decides."""
        return self._model

    def story(self, story_id: str) -> Story | None:
        """Return the story of that id, None where it has no article in the window."""
        return self._stories.get(story_id)

    def weigh(self, terms: Terms, prior: Background) -> Vector:
        """Return the terms weighed by their smoothed inverse document frequency, over the window and the ``prior``."""
        total = math.log(self._documents + prior.documents + 2)
        seen, before = self._frequency, prior.frequency
        return {
            term: max(
                1, round(UNIT * weight * max(MIN_IDF, total - math.log(seen.get(term, 0) + before.get(term, 0) + 1)))
            )
            for term, weight in terms.items()
        }

    def add(self, story_id: str, article_id: str, facts: Facts) -> None:
        """Count an article into a story; the story is opened where there is none of that id."""
        self._enter(story_id, article_id, facts)
        self._frequency.update(facts.vector.keys())
        self._documents += 1

    def remove(self, story_id: str, article_id: str) -> None:
        """Take an article out of its story again; a story without articles is gone."""
        facts = self._leave(story_id, article_id)
        _less(self._frequency, facts.vector)
        self._documents -= 1

    def move(self, article_ids: Iterable[str], source: str, target: str) -> None:
        """Move articles from one story to another, in their order."""
        for article_id in article_ids:
            self._enter(target, article_id, self._leave(source, article_id))

    def rank(self, facts: Facts) -> list[tuple[float, str]]:
        """Return the candidate stories with their scores, the best first; the lower id first on a tie."""
        chosen = self.candidates(facts)
        rows = compare(facts, [self._stories[story_id] for story_id in chosen])
        scored = [(self._model.score(row), story_id) for row, story_id in zip(rows, chosen, strict=True)]
        return sorted(scored, key=lambda each: (-each[0], each[1]))

    def candidates(self, facts: Facts) -> list[str]:
        """Return the stories that share the most of the article's heaviest terms."""
        vector = facts.vector
        shared: dict[str, float] = {}
        for term in sorted(vector, key=lambda term: (-vector[term], term))[:PROBES]:
            weight = vector[term]
            for story_id in islice(reversed(self._postings.get(term, {})), MAX_POSTINGS):
                story = self._stories[story_id]
                shared[story_id] = shared.get(story_id, 0.0) + weight * story.total[term] / story.norm
        return sorted(shared, key=lambda story_id: (-shared[story_id], story_id))[:MAX_CANDIDATES]

    def same(self, one: str, other: str) -> bool:
        """Whether the newest article of each of two stories surely belongs to the other."""
        ours, theirs = self._stories[one], self._stories[other]
        pairs = ((next(ours.recent()), theirs), (next(theirs.recent()), ours))
        return all(self._model.score(compare(facts, [story])[0]) >= self._model.merge for facts, story in pairs)

    def _enter(self, story_id: str, article_id: str, facts: Facts) -> None:
        self._stories.setdefault(story_id, Story()).add(article_id, facts)
        for term in facts.vector:
            posting = self._postings.setdefault(term, {})
            # To the end: the order is that of the latest article, whatever was removed in between.
            posting[story_id] = posting.pop(story_id, 0) + 1

    def _leave(self, story_id: str, article_id: str) -> Facts:
        facts = self._stories[story_id].remove(article_id)
        if not self._stories[story_id]:
            del self._stories[story_id]
        for term in facts.vector:
            posting = self._postings[term]
            posting[story_id] -= 1
            if not posting[story_id]:
                del posting[story_id]
            if not posting:
                del self._postings[term]
        return facts


def _less(counter: Counter[str], keys: Iterable[str]) -> None:
    for key in keys:
        counter[key] -= 1
        if not counter[key]:
            del counter[key]
