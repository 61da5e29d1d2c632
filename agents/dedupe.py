"""enriched -> stories: whose text each article carries, and which event it tells of."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.stories.index import StoryIndex
from monitor.stories.places import places_of
from monitor.stream import Context, Output, Stage
from schemas import EnrichedArticle, topics

__all__ = ["app", "stage"]

stage = Stage("dedupe", reads=topics.ENRICHED, writes=(topics.STORIES,), state=True)


@stage.handler
def handle(article: EnrichedArticle, context: Context) -> Iterator[Output]:
    """Send the article on with its story and lineage; copies are sent as well, since they are reach."""
    index = context.keep(lambda: StoryIndex(context.store, context.settings.dedupe, places_of))
    assignment = index.assign(article)
    yield Output(topics.STORIES, assignment.story_id, assignment)


app = stage.app
