"""Labelled streams for the merge decision: what to learn from, and how well a model groups them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitor.stories.background import Background, background
from monitor.stories.clusterer import Clusterer
from monitor.stories.features import compare
from monitor.stories.model import Choice, StoryModel
from monitor.stories.places import places_of
from monitor.stories.story import Facts
from monitor.stories.terms import Words, words_of
from schemas import EnrichedArticle

__all__ = ["Labelled", "choices", "group", "labelled"]


@dataclass(frozen=True, slots=True)
class Labelled:
    """One article of a labelled stream, read once for many runs: its true story, and what is known before weighing."""

    story: str
    article_id: str
    words: Words
    places: frozenset[str]
    at: float
    language: str


def labelled(story: str, article: EnrichedArticle, body: str) -> Labelled:
    """Read an article of the true story ``story``."""
    return Labelled(
        story,
        article.article_id,
        words_of(article.title, body, article.language),
        places_of(f"{article.title}\n{body}"),
        (article.published_at or article.first_seen_at).timestamp(),
        article.language,
    )


def choices(stream: Sequence[Labelled], model: StoryModel, prior: Background | None = None) -> list[Choice]:
    """Return the decisions of one pass in which every article joins its true story.

    ``model`` is only what a clusterer asks for: nothing is decided with it.
    """
    clusterer = Clusterer(model)
    found = []
    opened: set[str] = set()
    for number, each in enumerate(stream):
        facts = _facts(clusterer, each, number, prior)
        candidates = clusterer.candidates(facts)
        stories = [story for story in map(clusterer.story, candidates) if story is not None]
        if stories and (each.story in candidates or each.story not in opened):
            rows = np.array(compare(facts, stories))
            found.append(Choice(rows, candidates.index(each.story) if each.story in candidates else None))
        clusterer.add(each.story, each.article_id, facts)
        opened.add(each.story)
    return found


def group(stream: Sequence[Labelled], model: StoryModel, prior: Background | None = None) -> list[str]:
    """Return the story of each article as one pass decides, without copies, merges and splits."""
    clusterer = Clusterer(model)
    found = []
    for number, each in enumerate(stream):
        facts = _facts(clusterer, each, number, prior)
        ranked = clusterer.rank(facts)
        story_id = ranked[0][1] if ranked and ranked[0][0] >= 0 else f"s{number:06d}"
        clusterer.add(story_id, each.article_id, facts)
        found.append(story_id)
    return found


def _facts(clusterer: Clusterer, each: Labelled, number: int, prior: Background | None) -> Facts:
    known = background(each.language) if prior is None else prior
    vector = clusterer.weigh(each.words.terms, known)
    return Facts(vector, each.words.title, each.words.names, each.places, each.at, number)
