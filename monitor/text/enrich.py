"""Enrich: from an article as polled to one that later stages can work with. Pure: the same article, the same answer."""

from __future__ import annotations

from monitor.text.credits import agencies
from monitor.text.dates import dates_of
from monitor.text.fingerprint import fingerprint
from monitor.text.furniture import body_of, furniture_spans
from monitor.text.language import detect
from schemas import Article, EnrichedArticle

__all__ = ["enrich"]


def enrich(article: Article) -> EnrichedArticle:
    """Return the article with its language, dates, furniture, credits and fingerprint.

    The work is CPU-bound, up to a few milliseconds: call it off the event loop.
    """
    furniture = furniture_spans(article.text, article.title)
    body = body_of(article.text, furniture)
    found = detect(body, article.title, article.language_hint)
    return EnrichedArticle(
        **dict(article),
        language=found.code,
        language_score=found.score,
        dates=dates_of(article),
        furniture=furniture,
        credits=agencies(article.text),
        fingerprint=fingerprint(body),
    )
