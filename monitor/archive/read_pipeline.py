"""Feeds, dead letters, counts and what channels were told, out of the read model."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, String, and_, case, func, select, tuple_, type_coerce

from monitor.archive import cursor as cursors
from monitor.archive import tables
from monitor.archive.docs import DOCS_AN_HOUR
from monitor.archive.read_articles import articles_of
from monitor.archive.tables import HOUR, micros
from monitor.archive.views import Counts, DeadLetterRow, FatigueRow, FeedDetail, FeedRow, FeedTurn, Page
from schemas import AlertState, FeedbackVerdict, FeedChange, FeedEvent, FeedHealth, NotificationState

__all__ = ["counts", "dead_letter_page", "fatigue_rows", "feed_detail", "feed_rows"]

TURNS_SHOWN = 100
ARTICLES_SHOWN = 20
DAY_HOURS = 24


def feed_rows(connection: Connection, only: str | None = None) -> tuple[FeedRow, ...]:
    """Return the feeds, by publisher and address, as their last events show them."""
    feeds, articles = tables.FEEDS.c, tables.ARTICLES.c
    # The number of an article rises with its time, 24 hours by a fixed amount.
    last = (type_coerce(feeds.at, BigInteger).op("/")(HOUR) + 1) * DOCS_AN_HOUR
    counted = (
        select(func.count())
        .where(articles.feed_id == feeds.feed_id, articles.doc < last, articles.doc >= last - DAY_HOURS * DOCS_AN_HOUR)
        .scalar_subquery()
    )
    query = select(feeds.body, counted)
    if only is not None:
        query = query.where(feeds.feed_id == only)
    rows = [FeedRow(FeedEvent.from_bytes(body.encode()), count) for body, count in connection.execute(query)]
    return tuple(sorted(rows, key=lambda row: (row.event.publisher.casefold(), row.event.url, row.event.feed_id)))


def feed_detail(connection: Connection, feed_id: str) -> FeedDetail | None:
    """Return a feed with its changes and newest articles; None where it never sent an event."""
    rows = feed_rows(connection, feed_id)
    if not rows:
        return None
    turns = tables.FEED_TURNS.c
    query = select(turns.change, turns.health, turns.reason, turns.at).where(turns.feed_id == feed_id)
    found = connection.execute(query.order_by(turns.at.desc(), turns.event_id).limit(TURNS_SHOWN))
    return FeedDetail(
        feed=rows[0],
        turns=tuple(FeedTurn(FeedChange(row.change), FeedHealth(row.health), row.reason, row.at) for row in found),
        articles=articles_of(connection, tables.ARTICLES.c.feed_id == feed_id, ARTICLES_SHOWN),
    )


def dead_letter_page(connection: Connection, cursor: str | None, limit: int) -> Page[DeadLetterRow]:
    """Return the dead letters, the last refused first."""
    letters = tables.DEAD_LETTERS
    statement = select(letters).order_by(letters.c.failed_at.desc(), letters.c.dead_letter_id.desc())
    if cursor is not None:
        place = cursors.decode(cursor, (int, str))
        after = tuple_(*place, types=(BigInteger, String))
        statement = statement.where(tuple_(letters.c.failed_at, letters.c.dead_letter_id) < after)
    found = connection.execute(statement.limit(limit + 1)).all()
    last = found[limit - 1] if len(found) > limit else None
    more = cursors.encode(micros(last.failed_at), last.dead_letter_id) if last is not None else None
    return Page(tuple(map(_letter, found[:limit])), more)


def _letter(row: Row[Any]) -> DeadLetterRow:
    values = dict(row._mapping)
    head = values["value_head"]
    return DeadLetterRow(**values | {"value_head": bytes(head) if head is not None else None})


def counts(connection: Connection) -> Counts:
    """Return how much the read model holds; of the large tables as the writer has counted."""
    counters, alerts = tables.COUNTERS.c, tables.ALERTS.c
    counted = dict(connection.execute(select(counters.name, counters.value)).all())
    states = {
        AlertState(state): count
        for state, count in connection.execute(select(alerts.state, func.count()).group_by(alerts.state))
    }
    return Counts(
        articles=counted.get("articles", 0),
        stories=counted.get("stories", 0),
        claims=counted.get("claims", 0),
        alerts=sum(states.values()),
        feeds=connection.scalar(select(func.count()).select_from(tables.FEEDS)) or 0,
        dead_letters=connection.scalar(select(func.count()).select_from(tables.DEAD_LETTERS)) or 0,
        by_state=states,
    )


def fatigue_rows(connection: Connection, days: float, until: datetime | None = None) -> tuple[FatigueRow, ...]:
    """Return, by channel and topic, what was sent in the ``days`` up to ``until`` and what people made of it."""
    sent, links, standings = tables.NOTIFICATIONS, tables.ALERT_LINKS, tables.STANDINGS
    end = until or datetime.now(UTC)
    joined = sent.join(links, and_(links.c.alert_id == sent.c.alert_id, links.c.role == "topic")).outerjoin(
        standings, standings.c.alert_id == sent.c.alert_id
    )
    acked = func.count(case((standings.c.acked_by.is_not(None), sent.c.alert_id)).distinct())
    wrong = func.count(case((standings.c.verdict == FeedbackVerdict.WRONG.value, sent.c.alert_id)).distinct())
    query = (
        select(sent.c.channel, links.c.value, func.count(), func.count(sent.c.alert_id.distinct()), acked, wrong)
        .select_from(joined)
        .where(
            sent.c.state == NotificationState.SENT.value,
            sent.c.at >= end - timedelta(days=days),
            sent.c.at <= end,
        )
        .group_by(sent.c.channel, links.c.value)
        .order_by(sent.c.channel, links.c.value)
    )
    return tuple(_fatigue(connection.execute(query), days))


def _fatigue(found: Iterable[Any], days: float) -> Iterable[FatigueRow]:
    for channel, topic, messages, alerts, acked, wrong in found:
        yield FatigueRow(channel, topic, messages, messages / days, acked / alerts, wrong / alerts)
