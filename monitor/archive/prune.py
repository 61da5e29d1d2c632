"""Forgetting: the full text of old articles goes, their quotes and what is known of them stays."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, func, select, update

from monitor.archive import tables
from monitor.archive.archive import Archive
from monitor.archive.docs import doc_at
from monitor.archive.stored import rows_by
from schemas import Claim

__all__ = ["Pruned", "prune"]

AT_ONCE = 500
"""Articles of one transaction: the writer waits no longer than that for its turn."""
TURNS_KEPT = 100
"""Changes of a feed that are kept."""
QUOTES_PARTED = "\n\n"


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was forgotten: full texts of articles, texts of earlier revisions, changes of feeds."""

    texts: int
    revisions: int
    turns: int


def prune(archive: Archive, keep_days: float, now: datetime | None = None) -> Pruned:
    """Forget the full texts of articles first seen more than ``keep_days`` ago; their claims' quotes take their place.

    A few articles a transaction, so that the writer and the readers go on. Safe to end at any moment, and to repeat.
    """
    before = (now or datetime.now(UTC)) - timedelta(days=keep_days)
    texts = revisions = 0
    while True:
        with archive.engine.begin() as connection:
            some = _texts(connection, doc_at(before))
        texts += some
        if some < AT_ONCE:
            break
    with archive.engine.begin() as connection:
        old = tables.ARTICLE_REVISIONS.c
        emptied = update(tables.ARTICLE_REVISIONS).where(old.at < before, old.text != "").values(text="")
        revisions = connection.execute(emptied).rowcount
        turns = _turns(connection)
    return Pruned(texts, revisions, turns)


def _texts(connection: Connection, before: int) -> int:
    articles, texts = tables.ARTICLES, tables.TEXTS
    query = select(articles.c.article_id, articles.c.doc).where(articles.c.doc < before, articles.c.whole)
    found = {row.article_id: row.doc for row in connection.execute(query.order_by(articles.c.doc).limit(AT_ONCE))}
    quotes: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in rows_by(connection, tables.CLAIMS, "article_id", found, "article_id", "body"):
        claim = Claim.from_bytes(row["body"].encode())
        quotes[row["article_id"]].append((claim.span[0], claim.quote))
    for article_id, doc in found.items():
        kept = QUOTES_PARTED.join(dict.fromkeys(quote for _, quote in sorted(quotes[article_id])))
        connection.execute(update(texts).where(texts.c.doc == doc).values(text=kept))
    if found:
        connection.execute(update(articles).where(articles.c.doc.in_(list(found.values()))).values(whole=False))
    return len(found)


def _turns(connection: Connection) -> int:
    turns = tables.FEED_TURNS
    place = func.row_number().over(partition_by=turns.c.feed_id, order_by=(turns.c.at.desc(), turns.c.event_id))
    ranked = select(turns.c.event_id, place.label("place")).subquery()
    old = select(ranked.c.event_id).where(ranked.c.place > TURNS_KEPT)
    return connection.execute(delete(turns).where(turns.c.event_id.in_(old))).rowcount
