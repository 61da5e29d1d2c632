"""Fills the large archive of benchmarks/archive.py past the writer: rows in bulk, indexes and sums afterwards.

The tables end as the writer leaves them (the stories are added up by its own code), in a third of the time. Claims,
alerts and feeds are written by the writer.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from archive_world import World
from sqlalchemy import Connection, select, text

from monitor.archive import Archive, derive, fulltext, tables
from monitor.archive.database import chunks, is_postgres, put
from monitor.archive.docs import DOCS_AN_HOUR, wanted
from monitor.archive.tables import micros
from monitor.archive.writing import Touched
from schemas import Message, TaggedArticle, topics

__all__ = ["ALERTS", "CLAIMS", "fill"]

CLAIMS, ALERTS = 50_000, 2_000
ROWS = 5_000
LOADED = (tables.ARTICLES, tables.TEXTS, tables.TOPIC_MATCHES)


def fill(url: str, world: World) -> None:
    """Drop what is there and write the world."""
    archive = Archive.anew(url)
    indexes = [index for table in LOADED for index in table.indexes]
    with archive.engine.begin() as connection:
        for index in indexes:
            index.drop(connection)
        fulltext.drop(connection)
        if not is_postgres(connection):
            for ending in ("ai", "ad", "au"):
                connection.execute(text(f"DROP TRIGGER texts_{ending}"))
                connection.execute(text(f"DROP TRIGGER claim_texts_{ending}"))
    done = 0
    articles = world.tagged()
    while some := list(islice(articles, ROWS)):
        with archive.engine.begin() as connection:
            _load(connection, some)
        done += len(some)
        if done % (20 * ROWS) == 0:
            print(f"{done:,} of {world.articles:,} articles", file=sys.stderr)
    with archive.engine.begin() as connection:
        for index in indexes:
            index.create(connection)
        if not is_postgres(connection):
            fulltext.create(connection)
            connection.exec_driver_sql("INSERT INTO texts_fts(texts_fts) VALUES ('rebuild')")
        _sum_up(connection)
    claims = list(world.claims(CLAIMS))
    for messages in (claims, world.alerts(claims, ALERTS), world.feeds()):
        _write(archive, messages)
    archive.tidy()
    archive.close()


def _load(connection: Connection, articles: list[TaggedArticle]) -> None:
    rows, texts, matches = [], [], []
    for article in articles:
        doc, seen_at = wanted(article.article_id, article.first_seen_at), micros(article.first_seen_at)
        rows.append(
            {
                "article_id": article.article_id, "doc": doc, "revision": 1, "feed_id": article.feed_id,
                "publisher": article.publisher, "publisher_kind": "paper", "url": article.url, "title": article.title,
                "published_at": seen_at, "first_seen_at": seen_at, "revised_at": seen_at, "whole": True,
                "story_revision": 1, "language": article.language, "story_id": article.story_id,
                "lineage_id": article.lineage_id, "copy_of": article.copy_of, "date_uncertain": False,
                "topics_revision": 1,
            }
        )  # fmt: skip
        slugs = [match.slug for match in article.topics]
        tokens = fulltext.facets(article.publisher, article.language, slugs)
        texts.append({"doc": doc, "title": article.title, "text": article.text, "facets": tokens})
        matches.extend(
            {"article_id": article.article_id, "slug": match.slug, "score": match.score, "doc": doc}
            for match in article.topics
        )
    put(connection, tables.ARTICLES, rows)
    put(connection, tables.TEXTS, texts)
    put(connection, tables.TOPIC_MATCHES, matches)


def _sum_up(connection: Connection) -> None:
    hours = f"SELECT slug, doc / {DOCS_AN_HOUR}, count(*) FROM topic_matches GROUP BY 1, 2"
    connection.execute(text(f"INSERT INTO topic_hours (slug, hour, articles) {hours}"))
    counted = connection.scalar(text("SELECT count(*) FROM articles")) or 0
    derive.derive(connection, Touched(counts=Counter({"articles": counted})))
    stories = connection.scalars(select(tables.ARTICLES.c.story_id).distinct()).all()
    for some in chunks(stories):
        derive.derive(connection, Touched(stories=set(some)))


def _write(archive: Archive, messages: Iterable[Message]) -> None:
    waiting: Iterator[Any] = iter(messages)
    while some := list(islice(waiting, 1_000)):
        archive.write([(topics.ARTICLES, message) for message in some])
