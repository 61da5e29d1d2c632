"""articles -> enriched: the language, dates, page furniture, credits and fingerprint of each article."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.stream import Context, Output, Stage
from monitor.text.enrich import enrich
from schemas import Article, topics

__all__ = ["app", "stage"]

# In a pool of its own: language detection takes milliseconds, and what is slow on the event loop stops heartbeats.
stage = Stage("enrich", reads=topics.ARTICLES, writes=(topics.ENRICHED,), offload=True)


@stage.handler
def handle(article: Article, context: Context) -> Iterator[Output]:
    """Send the article on with what later stages need to know of its text, to the partition of its language."""
    enriched = enrich(article)
    yield Output(topics.ENRICHED, enriched.language, enriched)


app = stage.app
