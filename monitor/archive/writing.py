"""A batch of messages into the tables, within the transaction of the caller. Writers take turns, so reads are safe."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete

from monitor.archive import rows, tables
from monitor.archive.database import put
from monitor.archive.docs import hour_of, number, wanted
from monitor.archive.merge import Draft
from monitor.archive.stored import rows_by
from schemas import Alert, Article, Claim, DeadLetter, Feedback, FeedEvent, Message, Notification

__all__ = ["Touched", "write_batch"]


@dataclass(slots=True)
class Touched:
    """What a batch has changed, and what must be worked out anew from it."""

    stories: set[str] = field(default_factory=set)
    judged: set[str] = field(default_factory=set)
    hours: Counter[tuple[str, int]] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)


def write_batch(connection: Connection, messages: Iterable[Message]) -> Touched:
    """Upsert the messages that the read model keeps."""
    kinds: defaultdict[type[Message], list[Any]] = defaultdict(list)
    for message in messages:
        kinds[Article if isinstance(message, Article) else type(message)].append(message)
    touched = Touched()
    if kinds[Article]:
        _articles(connection, kinds[Article], touched)
    if kinds[Claim]:
        _claims(connection, kinds[Claim], touched)
    if kinds[Alert]:
        _alerts(connection, kinds[Alert])
    _feedback(connection, kinds[Feedback], touched)
    put(connection, tables.NOTIFICATIONS, _last(map(rows.notification_row, kinds[Notification]), "rank"), newer="rank")
    put(connection, tables.DEAD_LETTERS, map(rows.dead_letter_row, kinds[DeadLetter]), newer="attempts")
    put(connection, tables.FEEDS, _last(map(rows.feed_row, kinds[FeedEvent]), "at"), newer="at")
    put(connection, tables.FEED_TURNS, [turn for turn in map(rows.feed_turn, kinds[FeedEvent]) if turn])
    return touched


def _last(found: Iterable[rows.Row], version: str) -> list[rows.Row]:
    """Return the rows in the order of their versions, so that of those with one key the newest counts."""
    return sorted(found, key=lambda row: row[version])


# -- articles


def _articles(connection: Connection, messages: Sequence[Article], touched: Touched) -> None:
    ids = {message.article_id for message in messages}
    drafts = _drafts(connection, ids)
    before = {name: (dict(draft.row), draft.text, draft.facets, dict(draft.topics)) for name, draft in drafts.items()}
    docs = _new_docs(connection, tables.ARTICLES, {m.article_id: m.first_seen_at for m in messages}, drafts)
    for message in messages:
        draft = drafts.get(message.article_id)
        if draft is None:
            drafts[message.article_id] = Draft.begin(message, docs[message.article_id])
        else:
            draft.take(message)
    texts: list[rows.Row] = []
    changed: list[Draft] = []
    retagged: set[str] = set()
    for name, draft in drafts.items():
        row, text, facets, slugs = before.get(name, (None, None, None, {}))
        if row is None or (text, facets, row["title"]) != (draft.text, draft.facets, draft.row["title"]):
            texts.append(
                {"doc": draft.row["doc"], "title": draft.row["title"], "text": draft.text, "facets": draft.facets}
            )
        if row != draft.row:
            changed.append(draft)
            touched.stories |= {draft.row["story_id"], row["story_id"] if row else None} - {None}
        if slugs != draft.topics:
            retagged.add(name)
            if draft.row["story_id"]:
                touched.stories.add(draft.row["story_id"])
            hour = hour_of(draft.row["doc"])
            touched.hours.update({(slug, hour): 1 for slug in draft.topics.keys() - slugs.keys()})
            touched.hours.subtract({(slug, hour): 1 for slug in slugs.keys() - draft.topics.keys()})
    touched.counts["articles"] += len(drafts) - len(before)
    put(connection, tables.ARTICLES, (draft.row for draft in changed))
    put(connection, tables.TEXTS, texts)
    put(connection, tables.ARTICLE_REVISIONS, (old for draft in drafts.values() for old in draft.older.values()))
    _retag(connection, [drafts[name] for name in sorted(retagged)], {name for name in retagged if name in before})


def _drafts(connection: Connection, ids: set[str]) -> dict[str, Draft]:
    """Return what is known of these articles."""
    found = {row["article_id"]: row for row in rows_by(connection, tables.ARTICLES, "article_id", ids)}
    if not found:
        return {}
    for row in found.values():
        row["whole"], row["date_uncertain"] = bool(row["whole"]), bool(row["date_uncertain"])
    docs = [row["doc"] for row in found.values()]
    texts = {row["doc"]: row["text"] for row in rows_by(connection, tables.TEXTS, "doc", docs, "doc", "text")}
    drafts = {name: Draft(row, texts.get(row["doc"], "")) for name, row in found.items()}
    for match in rows_by(connection, tables.TOPIC_MATCHES, "article_id", found):
        drafts[match["article_id"]].topics[match["slug"]] = match["score"]
    return drafts


def _retag(connection: Connection, drafts: Iterable[Draft], tagged_before: set[str]) -> None:
    if tagged_before:
        connection.execute(delete(tables.TOPIC_MATCHES).where(tables.TOPIC_MATCHES.c.article_id.in_(tagged_before)))
    put(
        connection,
        tables.TOPIC_MATCHES,
        [
            {"article_id": draft.row["article_id"], "slug": slug, "score": score, "doc": draft.row["doc"]}
            for draft in drafts
            for slug, score in draft.topics.items()
        ],
    )


def _new_docs(connection: Connection, table: Any, seen: dict[str, datetime], known: Iterable[str]) -> dict[str, int]:
    """Return numbers for those not ``known`` yet."""
    fresh = {name: at for name, at in seen.items() if name not in set(known)}
    taken: set[int] = set()
    near = {wanted(name, at) for name, at in fresh.items()}
    while near:  # a number that is taken may be followed by others that are
        found = {row["doc"] for row in rows_by(connection, table, "doc", near, "doc")}
        taken |= found
        near = {doc + 1 for doc in found}
    return number(fresh, taken)


# -- claims


def _claims(connection: Connection, messages: Sequence[Claim], touched: Touched) -> None:
    newest: dict[str, Claim] = {}
    for claim in messages:
        if claim.claim_id not in newest or claim.revision >= newest[claim.claim_id].revision:
            newest[claim.claim_id] = claim
    stored = {
        row["claim_id"]: row
        for row in rows_by(connection, tables.CLAIMS, "claim_id", newest, "claim_id", "doc", "revision", "body")
    }
    docs = {name: row["doc"] for name, row in stored.items()}
    docs |= _new_docs(connection, tables.CLAIMS, {c.claim_id: c.first_seen_at for c in newest.values()}, stored)
    changed: list[rows.Row] = []
    texts: list[rows.Row] = []
    for name, claim in newest.items():
        if name in stored and claim.revision < stored[name]["revision"]:
            continue
        row = rows.claim_row(claim, docs[name])
        if name not in stored or row["body"] != stored[name]["body"]:
            changed.append(row)
            texts.append(rows.claim_text(claim, docs[name]))
    put(connection, tables.CLAIMS, changed)
    put(connection, tables.CLAIM_TEXTS, texts)
    put(
        connection,
        tables.CLAIM_TOPICS,
        [row for claim in messages for row in rows.claim_topics(claim, docs[claim.claim_id])],
    )
    touched.counts["claims"] += len(newest) - len(stored)


# -- alerts and what people do with them


def _alerts(connection: Connection, messages: Sequence[Alert]) -> None:
    ids = {message.alert_id for message in messages}
    known = rows_by(connection, tables.ALERTS, "alert_id", ids, "alert_id", "revision")
    revisions = {row["alert_id"]: row["revision"] for row in known}
    newest: dict[str, Alert] = {}
    for alert in messages:
        if alert.revision >= revisions.get(alert.alert_id, 0):
            newest[alert.alert_id] = alert
            revisions[alert.alert_id] = alert.revision
    put(connection, tables.ALERT_REVISIONS, map(rows.alert_revision_row, messages))
    put(connection, tables.ALERTS, map(rows.alert_row, newest.values()))
    connection.execute(delete(tables.ALERT_LINKS).where(tables.ALERT_LINKS.c.alert_id.in_(newest)))
    put(connection, tables.ALERT_LINKS, [row for alert in newest.values() for row in rows.alert_links(alert)])


def _feedback(connection: Connection, acts: Sequence[Feedback], touched: Touched) -> None:
    put(connection, tables.FEEDBACK, map(rows.feedback_row, acts))
    touched.judged |= {act.alert_id for act in acts}
