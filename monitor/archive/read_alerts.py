"""Alerts out of the read model: pages of them, and all that is shown of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, String, and_, exists, func, or_, select, tuple_

from monitor.archive import cursor as cursors
from monitor.archive import tables
from monitor.archive.context import in_context
from monitor.archive.docs import DOCS_AN_HOUR
from monitor.archive.queries import AlertQuery
from monitor.archive.tables import HOUR, micros
from monitor.archive.views import AlertDetail, AlertRevision, AlertRow, Page, QuoteContext, Standing
from schemas import Alert, AlertState, Feedback, FeedbackVerdict, Notification, Severity

__all__ = ["alert_detail", "alert_page", "alerts_of", "count_alerts", "coverage_of"]

COVERAGE_HOURS = 24


def alert_page(connection: Connection, query: AlertQuery, cursor: str | None, limit: int) -> Page[AlertRow]:
    """Return the alerts that the query asks for, the last updated first."""
    alerts = tables.ALERTS.c
    statement = _alerts().where(*_conditions(query)).order_by(alerts.updated_at.desc(), alerts.alert_id.desc())
    if cursor is not None:
        place = cursors.decode(cursor, (int, str))
        after = tuple_(*place, types=(BigInteger, String))
        statement = statement.where(tuple_(alerts.updated_at, alerts.alert_id) < after)
    found = connection.execute(statement.limit(limit + 1)).all()
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        _rows(connection, found[:limit]),
        cursors.encode(micros(last.updated_at), last.alert_id) if last is not None else None,
    )


def alerts_of(
    connection: Connection, role: str, value: str, limit: int, *, contested: bool = False
) -> tuple[AlertRow, ...]:
    """Return the alerts that ``value`` is a topic, story or article of (``role``), the last updated first."""
    links, alerts = tables.ALERT_LINKS.c, tables.ALERTS.c
    ids = select(links.alert_id).where(links.role == role, links.value == value)
    statement = _alerts().where(alerts.alert_id.in_(ids))
    if contested:
        statement = statement.where(alerts.state == AlertState.CONTESTED.value)
    ordered = statement.order_by(alerts.updated_at.desc(), alerts.alert_id.desc()).limit(limit)
    return _rows(connection, connection.execute(ordered).all())


def count_alerts(connection: Connection, role: str, values: Collection[str]) -> dict[str, int]:
    """Return how many contested alerts have to do with each of ``values``."""
    links, alerts = tables.ALERT_LINKS.c, tables.ALERTS.c
    joined = tables.ALERT_LINKS.join(tables.ALERTS, links.alert_id == alerts.alert_id)
    query = (
        select(links.value, func.count())
        .select_from(joined)
        .where(links.role == role, links.value.in_(values), alerts.state == AlertState.CONTESTED.value)
        .group_by(links.value)
    )
    return dict(connection.execute(query).all())


def _alerts() -> Any:
    alerts, standings = tables.ALERTS.c, tables.STANDINGS
    columns = [standings.c[name] for name in _STANDING]
    joined = tables.ALERTS.outerjoin(standings, standings.c.alert_id == alerts.alert_id)
    return select(alerts.alert_id, alerts.updated_at, alerts.body, *columns).select_from(joined)


_STANDING = (
    "acked_by", "acked_at", "snoozed_by", "snoozed_until", "verdict", "verdict_by", "verdict_at", "notes", "replies",
)  # fmt: skip


def _conditions(query: AlertQuery) -> Iterable[ColumnElement[bool]]:
    alerts, standings = tables.ALERTS.c, tables.STANDINGS.c
    if query.kind is not None:
        yield alerts.kind == query.kind.value
    if query.severity:
        yield alerts.severity.in_([severity.value for severity in query.severity])
    if query.state:
        yield alerts.state.in_([state.value for state in query.state])
    if query.since is not None:
        yield alerts.updated_at >= query.since
    if query.until is not None:
        yield alerts.updated_at < query.until
    if query.acked is not None:
        yield standings.acked_by.is_not(None) if query.acked else standings.acked_by.is_(None)
    if query.snoozed is not None:
        now = query.now or datetime.now(UTC)
        snoozed = standings.snoozed_until > now
        yield snoozed if query.snoozed else or_(standings.snoozed_until.is_(None), standings.snoozed_until <= now)
    linked = {
        "topic": query.topic, "language": query.language, "story": query.story_id,
        "publisher_kind": query.publisher_kind.value if query.publisher_kind else None,
    }  # fmt: skip
    links = tables.ALERT_LINKS.c
    for role, value in linked.items():
        if value is not None:
            yield exists().where(and_(links.alert_id == alerts.alert_id, links.role == role, links.value == value))


def _rows(connection: Connection, found: Sequence[Row[Any]]) -> tuple[AlertRow, ...]:
    alerts = [Alert.from_bytes(row.body.encode()) for row in found]
    coverage = coverage_of(connection, [(alert.story_ids, alert.updated_at) for alert in alerts])
    return tuple(
        AlertRow(alert, _standing(row), hours) for alert, row, hours in zip(alerts, found, coverage, strict=True)
    )


def _standing(row: Row[Any]) -> Standing:
    if row.notes is None:
        return Standing()  # nobody has done anything yet
    values: dict[str, Any] = {name: getattr(row, name) for name in _STANDING}
    return Standing(**values | {"verdict": FeedbackVerdict(row.verdict) if row.verdict else None})


def coverage_of(
    connection: Connection, wanted: Sequence[tuple[Iterable[str], datetime]], hours: int = COVERAGE_HOURS
) -> list[tuple[int, ...]]:
    """Return, for each (stories, moment), their articles in each of the hours up to that of the moment."""
    stories = {story for ids, _ in wanted for story in ids}
    if not stories:
        return [(0,) * hours for _ in wanted]
    lasts = [micros(moment) // HOUR for _, moment in wanted]
    articles = tables.ARTICLES.c
    hour = tables.ARTICLE_HOUR
    query = select(articles.story_id, hour, func.count()).where(
        articles.story_id.in_(stories),
        articles.doc >= (min(lasts) - hours + 1) * DOCS_AN_HOUR,
        articles.doc < (max(lasts) + 1) * DOCS_AN_HOUR,
    )
    counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for story, at, count in connection.execute(query.group_by(articles.story_id, hour)):
        counts[story][at] = count
    return [
        tuple(sum(counts[story].get(at, 0) for story in set(ids)) for at in range(last - hours + 1, last + 1))
        for (ids, _), last in zip(wanted, lasts, strict=True)
    ]


# -- one alert


def alert_detail(connection: Connection, alert_id: str) -> AlertDetail | None:
    """Return all that is shown of an alert but its stories; None where there is none of that id."""
    found = connection.execute(_alerts().where(tables.ALERTS.c.alert_id == alert_id)).all()
    if not found:
        return None
    (row,) = _rows(connection, found)
    return AlertDetail(
        alert=row.alert,
        standing=row.standing,
        coverage=row.coverage,
        revisions=_revisions(connection, alert_id),
        acts=_acts(connection, alert_id),
        notifications=_notifications(connection, alert_id),
        contexts=_contexts(connection, row.alert),
    )


def _revisions(connection: Connection, alert_id: str) -> tuple[AlertRevision, ...]:
    revisions = tables.ALERT_REVISIONS
    query = select(revisions).where(revisions.c.alert_id == alert_id).order_by(revisions.c.revision)
    return tuple(
        AlertRevision(
            revision=row.revision,
            state=AlertState(row.state),
            severity=Severity(row.severity),
            score=row.score,
            summary=row.summary,
            origins=(row.origins_a, row.origins_b),
            outlets=(row.outlets_a, row.outlets_b),
            at=row.at,
        )
        for row in connection.execute(query)
    )


def _acts(connection: Connection, alert_id: str) -> tuple[Feedback, ...]:
    acts = tables.FEEDBACK.c
    query = select(acts.body).where(acts.alert_id == alert_id).order_by(acts.at, acts.feedback_id)
    return tuple(Feedback.from_bytes(body.encode()) for body in connection.scalars(query))


def _notifications(connection: Connection, alert_id: str) -> tuple[Notification, ...]:
    sent = tables.NOTIFICATIONS.c
    query = select(sent.body).where(sent.alert_id == alert_id).order_by(sent.at, sent.notification_id)
    return tuple(Notification.from_bytes(body.encode()) for body in connection.scalars(query))


def _contexts(connection: Connection, alert: Alert) -> Mapping[str, QuoteContext]:
    claims = [claim for side in alert.sides for claim in side.claims]
    articles, texts = tables.ARTICLES.c, tables.TEXTS.c
    joined = tables.ARTICLES.join(tables.TEXTS, articles.doc == texts.doc)
    query = (
        select(articles.article_id, articles.title, articles.whole, texts.text)
        .select_from(joined)
        .where(articles.article_id.in_({claim.article_id for claim in claims}))
    )
    found = {row.article_id: row for row in connection.execute(query)}
    contexts = {}
    for claim in claims:
        row = found.get(claim.article_id)
        text, title, whole = (row.text, row.title, row.whole) if row is not None else ("", "", False)
        contexts[claim.claim_id] = in_context(claim, title, text, whole=whole)
    return contexts
