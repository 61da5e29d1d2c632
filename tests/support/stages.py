"""The stages as plain functions, each with its state, as the stream's partitions have it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from monitor.claims.extract import extract, for_topics
from monitor.claims.judge import Judge
from monitor.claims.ledger import Ledger
from monitor.settings import DedupeSettings, JudgeSettings
from monitor.stories.index import StoryIndex
from monitor.stories.places import places_of
from monitor.subjects.matcher import TopicMatcher
from monitor.subjects.story_topics import StoryTopics
from monitor.text.enrich import enrich
from schemas import Alert, Article, Claim, StoryAssignment, TaggedArticle

__all__ = ["Contradict", "tag"]


def tag(articles: Iterable[Article]) -> Iterator[tuple[Article, StoryAssignment, TaggedArticle]]:
    """Yield each article with its story, and with its topics of those that are shipped; a language is a partition."""
    stories: dict[str, StoryIndex] = {}
    topics = StoryTopics({}, DedupeSettings())
    matcher = TopicMatcher.from_file(None)
    for article in articles:
        enriched = enrich(article)
        index = stories.setdefault(enriched.language, StoryIndex({}, DedupeSettings(), places_of))
        assignment = index.assign(enriched)
        yield article, assignment, topics.unite(matcher.tag(assignment))


class Contradict:
    """The claims of articles and the alerts that they raise; a topic is a partition."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._ledgers: dict[str, Ledger] = {}

    def add(self, article: TaggedArticle) -> Iterator[tuple[Claim, list[Alert]]]:
        """Yield each claim of an article that is on a topic, and the alerts that it opens or changes."""
        if not article.topics:
            return
        for claim in for_topics(extract(article), ()):
            ledger = self._ledgers.setdefault(claim.topic, Ledger({}, self._judge, JudgeSettings()))
            yield claim, ledger.add(claim)
