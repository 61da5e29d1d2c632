"""A parsed item as an article: the shape in which it goes onto the topic and out of ``parse``. Pure."""

from __future__ import annotations

from datetime import datetime

from monitor.feeds import identity
from monitor.feeds.items import ParsedFeed, ParsedItem, ParsedPage
from monitor.feeds.publishers import kind_of
from monitor.feeds.roster import Feed
from schemas import Article, PublisherKind

__all__ = ["article_from", "articles_of", "site_for"]


def site_for(item: ParsedItem, feed: Feed, parsed: ParsedFeed) -> str:
    """Return the site that an item belongs to: of its link, else of the feed's home page, else of the feed."""
    return item.site or identity.site_of(parsed.link) or identity.site_of(feed.url) or feed.url


def article_from(
    item: ParsedItem,
    feed: Feed,
    parsed: ParsedFeed,
    *,
    now: datetime,
    article_id: str | None = None,
    revision: int = 1,
    page: ParsedPage | None = None,
) -> Article:
    """Return ``item`` as revision ``revision`` of its article, first seen at ``now``.

    ``article_id`` is the one it has had since its first sight, by default the one of a first sight; ``page`` its page,
    where it was fetched: the text is that of the page then.
    """
    site = site_for(item, feed, parsed)
    return Article(
        article_id=article_id or identity.article_id(feed.feed_id, site, item.guid, item.canonical_url, item.title),
        revision=revision,
        content_hash=identity.content_hash(item.title, page.text) if page else item.content_hash,
        feed_id=feed.feed_id,
        guid=item.guid,
        url=item.url,
        canonical_url=item.canonical_url,
        title=item.title,
        text=page.text if page else item.text,
        language_hint=item.language or feed.language or (page.language if page else None),
        authors=item.authors,
        publisher=item.source or feed.publisher or parsed.title or site,
        publisher_kind=_kind(item, feed, site),
        section=item.section,
        published_at=item.published_at,
        updated_at=item.updated_at,
        page_published_at=page.published_at if page else None,
        first_seen_at=now,
    )


def articles_of(parsed: ParsedFeed, feed: Feed, now: datetime) -> list[Article]:
    """Return every item of a feed as an article at first sight, each article once."""
    articles: dict[str, Article] = {}
    for item in parsed.items:
        article = article_from(item, feed, parsed, now=now)
        articles.setdefault(article.article_id, article)
    return list(articles.values())


def _kind(item: ParsedItem, feed: Feed, site: str) -> PublisherKind:
    if item.source is None and feed.kind is not PublisherKind.UNREVIEWED:
        return feed.kind
    return kind_of(site)
