"""The sample articles as feeds: RSS 2.0, Atom (RFC 4287), RDF (RSS 1.0) and JSON Feed 1.1. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Final

from monitor.demo.corpus import Outlet, SampleArticle

__all__ = ["CONTENT_TYPES", "page_url", "render_feed"]

_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""When an empty feed was updated: Atom wants a date, and the clock would change the feed at every request."""

CONTENT_TYPES: Final[Mapping[str, str]] = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "rdf": "application/rdf+xml",
    "json": "application/feed+json",
}


def page_url(article: SampleArticle, base_url: str) -> str:
    """Return the address of the article's page; ``base_url`` has no slash at its end."""
    return f"{base_url}/{article.outlet.id}/{article.slug}"


def render_feed(outlet: Outlet, articles: Sequence[SampleArticle], base_url: str) -> str:
    """Return the feed of ``outlet`` with ``articles``, newest first, in the outlet's format."""
    newest_first = sorted(articles, key=lambda article: (article.published_at, article.id), reverse=True)
    return _RENDERERS[outlet.format](outlet, newest_first, base_url)


def _markup(article: SampleArticle) -> str:
    return "".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in article.paragraphs)


def _summary(article: SampleArticle) -> str:
    """Return the first paragraph that is a sentence: a masthead or a caption is no summary."""
    sentences = [paragraph for paragraph in article.paragraphs if paragraph.endswith((".", "?", "!", "»", '"'))]
    return sentences[0] if sentences else article.title


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _rss(outlet: Outlet, articles: Sequence[SampleArticle], base_url: str) -> str:
    items = "".join(_rss_item(outlet, article, base_url) for article in articles)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">\n<channel>\n'
        f"<title>{escape(outlet.name)}</title>\n<link>{base_url}/{outlet.id}/</link>\n"
        f"<description>{escape(outlet.tagline)}</description>\n<language>{outlet.language}</language>\n"
        f"{items}</channel>\n</rss>\n"
    )


def _rss_item(outlet: Outlet, article: SampleArticle, base_url: str) -> str:
    whole = f"<content:encoded>{escape(_markup(article))}</content:encoded>\n" if outlet.content == "full" else ""
    author = f"<dc:creator>{escape(article.author)}</dc:creator>\n" if article.author else ""
    return (
        f"<item>\n<title>{escape(article.title)}</title>\n<link>{page_url(article, base_url)}</link>\n"
        f'<guid isPermaLink="false">{escape(article.guid)}</guid>\n<category>{escape(article.section)}</category>\n'
        f"<pubDate>{format_datetime(article.published_at, usegmt=True)}</pubDate>\n{author}"
        f"<description>{escape(_summary(article))}</description>\n{whole}</item>\n"
    )


def _atom(outlet: Outlet, articles: Sequence[SampleArticle], base_url: str) -> str:
    updated = _iso(max((article.published_at for article in articles), default=_NEVER))
    entries = "".join(_atom_entry(outlet, article, base_url) for article in articles)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.language}">\n'
        f"<title>{escape(outlet.name)}</title>\n<subtitle>{escape(outlet.tagline)}</subtitle>\n<id>tag:{outlet.id}.example,2026:feed</id>\n"
        f'<link rel="alternate" href="{base_url}/{outlet.id}/"/>\n'
        f'<link rel="self" href="{base_url}/{outlet.id}/feed.xml"/>\n<updated>{updated}</updated>\n{entries}</feed>\n'
    )


def _atom_entry(outlet: Outlet, article: SampleArticle, base_url: str) -> str:
    stamp = _iso(article.published_at)
    whole = f'<content type="html">{escape(_markup(article))}</content>\n' if outlet.content == "full" else ""
    return (
        f"<entry>\n<title>{escape(article.title)}</title>\n"
        f'<link rel="alternate" href="{page_url(article, base_url)}"/>\n<id>{escape(article.guid)}</id>\n'
        f'<category term="{escape(article.section)}"/>\n<published>{stamp}</published>\n<updated>{stamp}</updated>\n'
        f"<author><name>{escape(article.author or outlet.name)}</name></author>\n"
        f"<summary>{escape(_summary(article))}</summary>\n{whole}</entry>\n"
    )


def _rdf(outlet: Outlet, articles: Sequence[SampleArticle], base_url: str) -> str:
    listed = "".join(f'<rdf:li rdf:resource="{page_url(article, base_url)}"/>' for article in articles)
    items = "".join(
        f'<item rdf:about="{page_url(article, base_url)}">\n<title>{escape(article.title)}</title>\n'
        f"<link>{page_url(article, base_url)}</link>\n<dc:identifier>{escape(article.guid)}</dc:identifier>\n"
        f"<description>{escape(_summary(article))}</description>\n<dc:subject>{escape(article.section)}</dc:subject>\n"
        f"<dc:date>{_iso(article.published_at)}</dc:date>\n</item>\n"
        for article in articles
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<channel rdf:about="{base_url}/{outlet.id}/feed.xml">\n<title>{escape(outlet.name)}</title>\n'
        f"<link>{base_url}/{outlet.id}/</link>\n<description>{escape(outlet.tagline)}</description>\n"
        f"<dc:language>{outlet.language}</dc:language>\n<items><rdf:Seq>{listed}</rdf:Seq></items>\n</channel>\n"
        f"{items}</rdf:RDF>\n"
    )


def _json(outlet: Outlet, articles: Sequence[SampleArticle], base_url: str) -> str:
    items = [
        {
            "id": article.guid,
            "url": page_url(article, base_url),
            "title": article.title,
            "summary": _summary(article),
            "content_html": _markup(article) if outlet.content == "full" else f"<p>{escape(_summary(article))}</p>",
            "date_published": _iso(article.published_at),
            "tags": [article.section],
        }
        for article in articles
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "description": outlet.tagline,
        "language": outlet.language,
        "home_page_url": f"{base_url}/{outlet.id}/",
        "feed_url": f"{base_url}/{outlet.id}/feed.json",
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False, indent=1)


_RENDERERS: Final[Mapping[str, Callable[[Outlet, Sequence[SampleArticle], str], str]]] = {
    "rss": _rss,
    "atom": _atom,
    "rdf": _rdf,
    "json": _json,
}
