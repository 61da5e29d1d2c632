"""stories -> tagged: which watched topics each article is about."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from monitor.settings import TopicSettings
from monitor.stream import Context, Output, Stage
from monitor.subjects.matcher import TopicMatcher
from monitor.subjects.story_topics import StoryTopics
from schemas import StoryAssignment
from schemas import topics as kafka

__all__ = ["app", "stage"]

stage = Stage("topics", reads=kafka.STORIES, writes=(kafka.TAGGED,), state=True)


@stage.handler
def handle(article: StoryAssignment, context: Context) -> Iterator[Output]:
    """Send every article on, also one without a topic: the dashboard counts them."""
    matcher = _matcher(context.settings.topics)
    stories = context.keep(lambda store: StoryTopics(store, context.settings.dedupe))
    tagged = stories.unite(matcher.tag(article))
    yield Output(kafka.TAGGED, tagged.article_id, tagged)


@lru_cache(maxsize=1)
def _matcher(options: TopicSettings) -> TopicMatcher:
    return TopicMatcher.from_file(options.file)


app = stage.app
