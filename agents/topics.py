"""stories -> tagged: which watched topics each article is about."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.subjects.matcher import TopicMatcher

from monitor.stream import Context, Output, Stage
from schemas import StoryAssignment
from schemas import topics as kafka

__all__ = ["app", "stage"]

stage = Stage("topics", reads=kafka.STORIES, writes=(kafka.TAGGED,))


@stage.handler
def handle(article: StoryAssignment, context: Context) -> Iterator[Output]:
    """Send every article on, also one without a topic: the dashboard counts them."""
    matcher = context.keep(lambda: TopicMatcher.from_file(context.settings.topics.file))
    tagged = matcher.tag(article)
    yield Output(kafka.TAGGED, tagged.article_id, tagged)


app = stage.app
