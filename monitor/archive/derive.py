"""What is worked out from the rows, for the articles, stories and alerts that a batch has touched.

Each is worked out anew from what the tables hold, or counted up by what has changed in the same transaction, so that
it does not depend on the order in which messages come, or on how often.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, Connection, delete, func, select, type_coerce

from monitor.archive import rows, tables
from monitor.archive.database import chunks, put
from monitor.archive.standing import standing_of
from monitor.archive.stored import rows_by
from monitor.archive.writing import Touched
from schemas import Feedback

__all__ = ["derive"]


def derive(connection: Connection, touched: Touched) -> None:
    """Bring up to date what follows from what a batch has changed."""
    for some in chunks(touched.stories):
        touched.counts["stories"] += _stories(connection, some)
    hours = [{"slug": slug, "hour": hour, "articles": n} for (slug, hour), n in touched.hours.items() if n]
    put(connection, tables.TOPIC_HOURS, hours, add="articles")
    counts = [{"name": name, "value": value} for name, value in touched.counts.items() if value]
    put(connection, tables.COUNTERS, counts, add="value")
    _standings(connection, touched.judged)


def _stories(connection: Connection, ids: Collection[str]) -> int:
    """Add up stories from their articles; return by how many there are more of them now."""
    articles, matches = tables.ARTICLES, tables.TOPIC_MATCHES
    first, last = (type_coerce(f(articles.c.first_seen_at), BigInteger) for f in (func.min, func.max))
    query = select(
        articles.c.story_id,
        func.count().label("articles"),
        func.count(articles.c.lineage_id.distinct()).label("origins"),
        func.count(articles.c.publisher.distinct()).label("outlets"),
        func.min(articles.c.doc).label("doc"),
        first.label("first_seen_at"),
        last.label("last_seen_at"),
    ).where(articles.c.story_id.in_(ids))
    found = [dict(row) for row in connection.execute(query.group_by(articles.c.story_id)).mappings()]
    firsts = {row["doc"]: row for row in _named(connection, [row["doc"] for row in found])}
    for row in found:
        row |= {name: firsts[row["doc"]][name] for name in ("title", "language")}
    known = {row["story_id"] for row in rows_by(connection, tables.STORIES, "story_id", ids, "story_id")}
    now = {row["story_id"]: row for row in found}
    gone = known - now.keys()
    if gone:
        connection.execute(delete(tables.STORIES).where(tables.STORIES.c.story_id.in_(gone)))
    put(connection, tables.STORIES, found)
    joined = articles.join(matches, matches.c.article_id == articles.c.article_id)
    slugs = select(articles.c.story_id, matches.c.slug).select_from(joined).where(articles.c.story_id.in_(ids))
    connection.execute(delete(tables.STORY_TOPICS).where(tables.STORY_TOPICS.c.story_id.in_(ids)))
    put(connection, tables.STORY_TOPICS, [_story_topic(now[s], t) for s, t in connection.execute(slugs.distinct())])
    return len(now.keys() - known) - len(gone)


def _named(connection: Connection, docs: Collection[int]) -> list[dict[str, Any]]:
    return rows_by(connection, tables.ARTICLES, "doc", docs, "doc", "title", "language")


def _story_topic(story: dict[str, Any], slug: str) -> rows.Row:
    names = ("story_id", "language", "articles", "first_seen_at", "last_seen_at")
    return {name: story[name] for name in names} | {"slug": slug}


def _standings(connection: Connection, alert_ids: Collection[str]) -> None:
    acts: defaultdict[str, list[Feedback]] = defaultdict(list)
    for row in rows_by(connection, tables.FEEDBACK, "alert_id", alert_ids, "alert_id", "body"):
        acts[row["alert_id"]].append(Feedback.from_bytes(row["body"].encode()))
    put(
        connection,
        tables.STANDINGS,
        [rows.standing_row(alert_id, standing_of(done)) for alert_id, done in acts.items()],
    )
