"""tagged -> claims: who says what in each article on a watched topic, one message for each claim and topic."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.claims.extract import extract, for_topics
from monitor.stream import Context, Output, Stage
from schemas import TaggedArticle, topics

__all__ = ["app", "stage"]

stage = Stage("extract", reads=topics.TAGGED, writes=(topics.CLAIMS,), offload=True)


@stage.handler
def handle(article: TaggedArticle, context: Context) -> Iterator[Output]:
    """Send each claim to the partition of each of its topics; an article on no watched topic makes none."""
    watched = context.settings.topics.watch
    slugs = tuple(match.slug for match in article.topics if not watched or match.slug in watched)
    if slugs:
        for claim in for_topics(extract(article), slugs):
            yield Output(topics.CLAIMS, claim.topic, claim)


app = stage.app
