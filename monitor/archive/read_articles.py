"""Articles and claims out of the read model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, select

from monitor.archive import cursor as cursors
from monitor.archive import tables
from monitor.archive.docs import doc_at
from monitor.archive.queries import ClaimQuery
from monitor.archive.views import ArticleDetail, ArticleRevision, ArticleRow, ClaimRow, Page
from schemas import AlertState, Claim, PublisherKind

__all__ = ["article_detail", "article_row", "articles_of", "claim_page", "claim_rows"]

CLAIMS_OF_AN_ARTICLE = 500


def articles_of(connection: Connection, condition: ColumnElement[bool], limit: int) -> tuple[ArticleRow, ...]:
    """Return the articles that the condition on ``tables.ARTICLES`` holds for, the last seen first."""
    articles = tables.ARTICLES
    found = connection.execute(select(articles).where(condition).order_by(articles.c.doc.desc()).limit(limit)).all()
    topics = topics_of(connection, [row.article_id for row in found])
    return tuple(article_row(row, topics.get(row.article_id, ())) for row in found)


def topics_of(connection: Connection, article_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the topics of each article, best first."""
    matches = tables.TOPIC_MATCHES.c
    query = select(matches.article_id, matches.slug).where(matches.article_id.in_(article_ids))
    found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for article_id, slug in connection.execute(query.order_by(matches.score.desc(), matches.slug)):
        found[article_id] += (slug,)
    return found


def article_row(row: Row[Any], topics: tuple[str, ...]) -> ArticleRow:
    """Return an article from a row of its table."""
    return ArticleRow(
        article_id=row.article_id,
        revision=row.revision,
        title=row.title,
        url=row.url,
        feed_id=row.feed_id,
        publisher=row.publisher,
        publisher_kind=PublisherKind(row.publisher_kind),
        language=row.language,
        published_at=row.published_at,
        first_seen_at=row.first_seen_at,
        revised_at=row.revised_at,
        story_id=row.story_id,
        lineage_id=row.lineage_id,
        copy_of=row.copy_of,
        date_uncertain=row.date_uncertain,
        topics=topics,
    )


def article_detail(connection: Connection, article_id: str) -> ArticleDetail | None:
    """Return an article with its revisions and claims; None where there is none of that id."""
    articles, texts, older = tables.ARTICLES, tables.TEXTS, tables.ARTICLE_REVISIONS
    joined = articles.join(texts, articles.c.doc == texts.c.doc)
    query = select(articles, texts.c.text).select_from(joined).where(articles.c.article_id == article_id)
    row = connection.execute(query).first()
    if row is None:
        return None
    before = select(older).where(older.c.article_id == article_id).order_by(older.c.revision)
    revisions = [ArticleRevision(old.revision, old.title, old.text, old.at) for old in connection.execute(before)]
    newest = ArticleRevision(row.revision, row.title, row.text if row.whole else "", row.revised_at)
    page = claim_page(connection, ClaimQuery(article_id=article_id), None, CLAIMS_OF_AN_ARTICLE)
    return ArticleDetail(
        article=article_row(row, topics_of(connection, [article_id]).get(article_id, ())),
        text=row.text,
        whole=row.whole,
        revisions=(*revisions, newest),
        claims=tuple(sorted(page.rows, key=lambda found: found.claim.span)),
    )


# -- claims


def claim_page(connection: Connection, query: ClaimQuery, cursor: str | None, limit: int) -> Page[ClaimRow]:
    """Return the claims that the query asks for, the last seen first."""
    claims, copies = tables.CLAIMS.c, tables.CLAIM_TOPICS.c
    statement = select(claims.doc, claims.body)
    doc = claims.doc
    if query.topic is not None:
        # By the topic's own index, so that a page of a quiet topic does not pass over all claims.
        statement = statement.select_from(tables.CLAIM_TOPICS.join(tables.CLAIMS, copies.claim_id == claims.claim_id))
        statement = statement.where(copies.topic == query.topic)
        doc = copies.doc
    statement = statement.where(*_conditions(query, doc))
    if cursor is not None:
        statement = statement.where(doc < cursors.decode(cursor, (int,))[0])
    found = connection.execute(statement.order_by(doc.desc()).limit(limit + 1)).all()
    more = cursors.encode(found[limit - 1].doc) if len(found) > limit else None
    return Page(claim_rows(connection, [_claim(row.body) for row in found[:limit]]), more)


def _claim(body: str) -> Claim:
    return Claim.from_bytes(body.encode())


def _conditions(query: ClaimQuery, doc: ColumnElement[int]) -> Iterable[ColumnElement[bool]]:
    claims, links = tables.CLAIMS.c, tables.ALERT_LINKS.c
    exact = {
        claims.story_id: query.story_id, claims.article_id: query.article_id, claims.speaker: query.speaker,
        claims.speaker_party: query.party, claims.polarity: query.polarity, claims.modality: query.modality,
    }  # fmt: skip
    for column, value in exact.items():
        if value is not None:
            yield column == str(value)
    if query.since is not None:
        yield doc >= doc_at(query.since)
    if query.until is not None:
        yield doc < doc_at(query.until)
    if query.disputed is not None:
        evidence = exists().where(links.role == "claim", links.value == claims.claim_id)
        yield evidence if query.disputed else ~evidence


def claim_rows(connection: Connection, claims: Iterable[Claim]) -> tuple[ClaimRow, ...]:
    """Return claims with the titles of their articles and what alerts they are evidence for."""
    listed = list(claims)
    articles, links, alerts = tables.ARTICLES.c, tables.ALERT_LINKS.c, tables.ALERTS.c
    named = select(articles.article_id, articles.title).where(
        articles.article_id.in_({claim.article_id for claim in listed})
    )
    titles = dict(connection.execute(named).all())
    joined = tables.ALERT_LINKS.join(tables.ALERTS, links.alert_id == alerts.alert_id)
    query = (
        select(links.value, alerts.alert_id, alerts.state)
        .select_from(joined)
        .where(links.role == "claim", links.value.in_([claim.claim_id for claim in listed]))
        .order_by(alerts.updated_at.desc(), alerts.alert_id)
    )
    disputes: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for claim_id, alert_id, state in connection.execute(query):
        disputes[claim_id].append((alert_id, state))
    return tuple(
        ClaimRow(
            claim=claim,
            title=titles.get(claim.article_id, ""),
            state=AlertState(disputes[claim.claim_id][0][1]) if claim.claim_id in disputes else None,
            alert_ids=tuple(alert_id for alert_id, _ in disputes.get(claim.claim_id, ())),
        )
        for claim in listed
    )
