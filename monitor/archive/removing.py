"""Rows taken out, with all that hangs on them, within the transaction of the caller."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, delete

from monitor.archive import tables
from monitor.archive.database import chunks
from monitor.archive.derive import derive
from monitor.archive.docs import hour_of
from monitor.archive.stored import rows_by
from monitor.archive.writing import Touched

__all__ = ["remove_alerts", "remove_articles", "remove_claims", "remove_feeds"]

Removed = Counter[str]


def remove_alerts(connection: Connection, alert_ids: Collection[str]) -> Removed:
    """Remove alerts with their revisions, acts and notifications."""
    owners = (
        tables.ALERTS, tables.ALERT_LINKS, tables.ALERT_REVISIONS, tables.FEEDBACK, tables.STANDINGS,
        tables.NOTIFICATIONS,
    )  # fmt: skip
    return _delete(connection, {table.name: ("alert_id", alert_ids) for table in owners})


def remove_claims(connection: Connection, claim_ids: Collection[str]) -> Removed:
    """Remove claims from all topics and from the search."""
    docs = [row["doc"] for row in rows_by(connection, tables.CLAIMS, "claim_id", claim_ids, "doc")]
    removed = _delete(
        connection,
        {"claims": ("claim_id", claim_ids), "claim_topics": ("claim_id", claim_ids), "claim_texts": ("doc", docs)},
    )
    derive(connection, Touched(counts=Counter({"claims": -removed["claims"]})))
    return removed


def remove_articles(connection: Connection, article_ids: Collection[str]) -> Removed:
    """Remove articles with their texts, revisions, topics and claims; their stories are added up anew."""
    found = rows_by(connection, tables.ARTICLES, "article_id", article_ids, "article_id", "doc", "story_id")
    docs = {row["article_id"]: row["doc"] for row in found}
    touched = Touched(stories={row["story_id"] for row in found} - {None})
    for match in rows_by(connection, tables.TOPIC_MATCHES, "article_id", docs):
        touched.hours[match["slug"], hour_of(match["doc"])] -= 1
    claims = [row["claim_id"] for row in rows_by(connection, tables.CLAIMS, "article_id", article_ids, "claim_id")]
    removed = remove_claims(connection, claims)
    removed += _delete(
        connection,
        {
            "articles": ("article_id", article_ids),
            "article_revisions": ("article_id", article_ids),
            "topic_matches": ("article_id", article_ids),
            "texts": ("doc", list(docs.values())),
        },
    )
    touched.counts["articles"] -= removed["articles"]
    derive(connection, touched)
    return removed


def remove_feeds(connection: Connection, feed_ids: Collection[str]) -> Removed:
    """Remove feeds and their changes."""
    return _delete(connection, {"feeds": ("feed_id", feed_ids), "feed_turns": ("feed_id", feed_ids)})


def _delete(connection: Connection, wanted: Mapping[str, tuple[str, Collection[object]]]) -> Removed:
    removed: Removed = Counter()
    for name, (column, values) in wanted.items():
        table = tables.METADATA.tables[name]
        for some in chunks(values):
            removed[name] += connection.execute(delete(table).where(table.c[column].in_(some))).rowcount
    return removed
