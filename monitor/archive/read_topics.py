"""Topics out of the read model: how much comes in on each, against its own habit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from statistics import median

from sqlalchemy import Connection, func, select

from monitor.archive import tables
from monitor.archive.queries import ClaimQuery
from monitor.archive.read_alerts import alerts_of, count_alerts
from monitor.archive.read_articles import articles_of, claim_page
from monitor.archive.read_stories import stories_of
from monitor.archive.tables import HOUR, from_micros, micros
from monitor.archive.views import TopicDetail, TopicRow

__all__ = ["topic_detail", "topic_rows"]

HABIT_DAYS = 14
"""Days before those shown whose same hour makes an hour's habit."""
DAY_HOURS = 24
MAX_HOURS = 14 * DAY_HOURS
"""Hours that are shown at most."""
RISING_ARTICLES = 3
"""Articles from which a new story counts as rising."""
SHOWN = 20


def topic_rows(
    connection: Connection, since: datetime, until: datetime, only: str | None = None
) -> tuple[TopicRow, ...]:
    """Return the topics that had an article within the habit's days, the one with the most articles first."""
    last = micros(until) // HOUR
    first = min(max(micros(since) // HOUR, last - MAX_HOURS + 1), last)
    begin = from_micros(first * HOUR)
    hours = _hours(connection, first - HABIT_DAYS * DAY_HOURS, last, only)
    alerts, rising = count_alerts(connection, "topic", hours), _rising(connection, hours, begin)
    rows = []
    for slug, counts in hours.items():
        shown = range(first, last + 1)
        seen = tuple(counts.get(hour, 0) for hour in shown)
        usual = [_usual(counts, first + hour) for hour in range(min(DAY_HOURS, len(shown)))]
        habit = tuple(usual[place % DAY_HOURS] for place in range(len(shown)))
        rows.append(TopicRow(slug, begin, seen, habit, sum(seen), rising.get(slug, 0), alerts.get(slug, 0)))
    return tuple(sorted(rows, key=lambda row: (-row.articles, row.slug)))


def _hours(connection: Connection, first: int, last: int, only: str | None) -> Mapping[str, dict[int, int]]:
    counted = tables.TOPIC_HOURS.c
    query = select(counted.slug, counted.hour, counted.articles).where(
        counted.hour >= first, counted.hour <= last, counted.articles > 0
    )
    if only is not None:
        query = query.where(counted.slug == only)
    hours: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for slug, hour, articles in connection.execute(query):
        hours[slug][hour] = articles
    return hours


def _usual(counts: Mapping[int, int], hour: int) -> float:
    """Return the median of this hour of the day on the days before it."""
    return float(median(counts.get(hour - day * DAY_HOURS, 0) for day in range(1, HABIT_DAYS + 1)))


def _rising(connection: Connection, slugs: Collection[str], since: datetime) -> dict[str, int]:
    stories = tables.STORY_TOPICS.c
    query = (
        select(stories.slug, func.count())
        .where(stories.slug.in_(slugs), stories.first_seen_at >= since, stories.articles >= RISING_ARTICLES)
        .group_by(stories.slug)
    )
    return dict(connection.execute(query).all())


def topic_detail(connection: Connection, slug: str, since: datetime, until: datetime) -> TopicDetail | None:
    """Return all that is shown of a topic; None where nothing of late is about it."""
    rows = topic_rows(connection, since, until, slug)
    if not rows:
        return None
    stories, matches, articles = tables.STORY_TOPICS.c, tables.TOPIC_MATCHES.c, tables.ARTICLES.c
    rising = (
        select(stories.story_id)
        .where(stories.slug == slug, stories.first_seen_at >= rows[0].since, stories.articles >= RISING_ARTICLES)
        .order_by(stories.articles.desc(), stories.story_id)
        .limit(SHOWN)
    )
    newest = select(matches.doc).where(matches.slug == slug).order_by(matches.doc.desc()).limit(SHOWN)
    docs = list(connection.scalars(newest))
    return TopicDetail(
        topic=rows[0],
        rising=stories_of(connection, list(connection.scalars(rising))),
        alerts=alerts_of(connection, "topic", slug, SHOWN),
        disputed=claim_page(connection, ClaimQuery(topic=slug, disputed=True), None, SHOWN).rows,
        articles=articles_of(connection, articles.doc.in_(docs), SHOWN),
    )
