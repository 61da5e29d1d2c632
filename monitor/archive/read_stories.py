"""Stories out of the read model."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, String, func, select, tuple_

from monitor.archive import cursor as cursors
from monitor.archive import tables
from monitor.archive.queries import ClaimQuery, StoryQuery
from monitor.archive.read_alerts import alerts_of, count_alerts, coverage_of
from monitor.archive.read_articles import articles_of, claim_page
from monitor.archive.tables import HOUR, from_micros, micros
from monitor.archive.views import ArticleRow, HourCount, LineageRow, NameCount, Page, StoryDetail, StoryRow

__all__ = ["stories_of", "story_detail", "story_page"]

ARTICLES_OF_A_STORY = 500
CLAIMS_OF_A_STORY = 500
NAMES_OF_A_STORY = 20
ALERTS_OF_A_STORY = 50


def story_page(connection: Connection, query: StoryQuery, cursor: str | None, limit: int) -> Page[StoryRow]:
    """Return the stories that the query asks for, the last seen first."""
    # A topic has rows of its own with all that is asked, so that one index answers either way.
    source = tables.STORIES if query.topic is None else tables.STORY_TOPICS
    columns = source.c
    statement = select(columns.story_id, columns.last_seen_at).where(*_conditions(query, columns))
    if cursor is not None:
        place = cursors.decode(cursor, (int, str))
        after = tuple_(*place, types=(BigInteger, String))
        statement = statement.where(tuple_(columns.last_seen_at, columns.story_id) < after)
    ordered = statement.order_by(columns.last_seen_at.desc(), columns.story_id.desc()).limit(limit + 1)
    found = connection.execute(ordered).all()
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        stories_of(connection, [row.story_id for row in found[:limit]]),
        cursors.encode(micros(last.last_seen_at), last.story_id) if last is not None else None,
    )


def _conditions(query: StoryQuery, columns: Any) -> Iterable[ColumnElement[bool]]:
    if query.topic is not None:
        yield columns.slug == query.topic
    if query.language is not None:
        yield columns.language == query.language
    if query.since is not None:
        yield columns.last_seen_at >= query.since
    if query.until is not None:
        yield columns.last_seen_at < query.until
    if query.min_articles > 1:
        yield columns.articles >= query.min_articles


def stories_of(connection: Connection, ids: Sequence[str]) -> tuple[StoryRow, ...]:
    """Return the stories of these ids, in their order; those that there are."""
    stories = tables.STORIES
    found = {row.story_id: row for row in connection.execute(select(stories).where(stories.c.story_id.in_(ids)))}
    rows = [found[story_id] for story_id in ids if story_id in found]
    topics, alerts = _topics(connection, found), count_alerts(connection, "story", found)
    coverage = coverage_of(connection, [((row.story_id,), row.last_seen_at) for row in rows])
    return tuple(
        _story(row, topics.get(row.story_id, ()), alerts.get(row.story_id, 0), hours)
        for row, hours in zip(rows, coverage, strict=True)
    )


def _topics(connection: Connection, ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    columns = tables.STORY_TOPICS.c
    query = select(columns.story_id, columns.slug).where(columns.story_id.in_(ids)).order_by(columns.slug)
    found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for story_id, slug in connection.execute(query):
        found[story_id] += (slug,)
    return found


def _story(row: Row[Any], topics: tuple[str, ...], alerts: int, coverage: tuple[int, ...]) -> StoryRow:
    return StoryRow(
        story_id=row.story_id,
        title=row.title,
        language=row.language,
        articles=row.articles,
        origins=row.origins,
        outlets=row.outlets,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        topics=topics,
        alerts=alerts,
        coverage=coverage,
    )


def story_detail(connection: Connection, story_id: str) -> StoryDetail | None:
    """Return all that is shown of a story; None where there is none of that id."""
    rows = stories_of(connection, [story_id])
    if not rows:
        return None
    articles = articles_of(connection, tables.ARTICLES.c.story_id == story_id, ARTICLES_OF_A_STORY)
    claims = claim_page(connection, ClaimQuery(story_id=story_id), None, CLAIMS_OF_A_STORY).rows
    found = [row.claim for row in claims]
    return StoryDetail(
        story=rows[0],
        lineages=_lineages(articles),
        claims=claims,
        coverage=_coverage(connection, story_id),
        parties=_names(name for claim in found for name in {claim.speaker_party, *claim.actors} if name),
        places=_names(place for claim in found for place in set(claim.places)),
        alerts=alerts_of(connection, "story", story_id, ALERTS_OF_A_STORY),
    )


def _lineages(articles: Iterable[ArticleRow]) -> tuple[LineageRow, ...]:
    """Return articles by lineage: the most copied first; in each the origin first, then in the order of time."""
    groups: defaultdict[str, list[ArticleRow]] = defaultdict(list)
    for article in articles:
        groups[article.lineage_id or article.article_id].append(article)
    rows = [
        LineageRow(lineage, tuple(sorted(group, key=lambda a: (a.copy_of is not None, a.first_seen_at, a.article_id))))
        for lineage, group in groups.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-len(row.articles), row.articles[0].first_seen_at, row.lineage_id)))


def _coverage(connection: Connection, story_id: str) -> tuple[HourCount, ...]:
    """Return the hours in which articles of the story came, and how many."""
    articles = tables.ARTICLES.c
    hour = tables.ARTICLE_HOUR
    query = select(hour, func.count()).where(articles.story_id == story_id).group_by(hour).order_by(hour)
    return tuple(HourCount(from_micros(at * HOUR), count) for at, count in connection.execute(query))


def _names(names: Iterable[str]) -> tuple[NameCount, ...]:
    counted = sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(NameCount(name, count) for name, count in counted[:NAMES_OF_A_STORY])
