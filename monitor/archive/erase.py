"""Erase a publisher or a person: from the archive at once, from Kafka by tombstone or with the topics' retention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from sqlalchemy import Connection, select, update

from monitor.archive import fulltext, removing, tables
from monitor.archive.archive import Archive
from monitor.archive.database import chunks, is_postgres, put
from monitor.archive.erasures import ERASED, Erasures, names
from monitor.archive.folding import fold
from monitor.archive.read_search import LAST
from monitor.broker.topics import wanted_topics
from monitor.errors import BrokerError, InputError
from monitor.kafka import client_options
from monitor.settings import Settings
from schemas import Alert
from schemas import topics as kafka

__all__ = ["Erased", "Kind", "Remains", "erase", "remains", "send_tombstones"]

Kind = Literal["publisher", "person"]

AT_ONCE = 500
"""Rows of one transaction."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: rows by table, and the keys that are to be erased from compacted topics, by topic."""

    kind: Kind
    name: str
    rows: Counter[str]
    tombstones: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Remains:
    """What a Kafka topic may still hold, and until when; ``until`` None: see ``why``."""

    topic: str
    until: datetime | None
    why: str


def erase(archive: Archive, kind: Kind, name: str, now: datetime | None = None) -> Erased:
    """Erase from the archive, and write down who was erased: what Kafka still brings of them is not taken in again.

    A publisher: its articles, claims and feeds, and every alert that quotes it. A person: the claims and alerts in
    which the name stands; of articles that name them the text goes, and the title where it does.

    Raises:
        InputError: the name has no letter or digit.
    """
    wanted = " ".join(name.split())
    if not fulltext.terms(wanted):
        raise InputError(f"{name!r} is no name")
    with archive.engine.begin() as connection:
        row = {"kind": kind, "name": wanted, "at": tables.micros(now or datetime.now(UTC))}
        put(connection, tables.ERASURES, [row])
    rows: Counter[str] = Counter()
    for part in _publisher(archive, wanted) if kind == "publisher" else _person(archive, wanted):
        rows += part
    alerts = _alerts(
        archive, Erasures(frozenset({fold(wanted)})) if kind == "publisher" else Erasures(persons=(wanted,))
    )
    with archive.engine.begin() as connection:
        for some in chunks(alerts, AT_ONCE):
            rows += removing.remove_alerts(connection, some)
    tombstones = {kafka.ALERTS.name: tuple(alerts)}
    if kind == "publisher":
        with archive.engine.begin() as connection:
            feeds = _of_publisher(connection, tables.FEEDS, "feed_id", wanted)
            rows += removing.remove_feeds(connection, feeds)
        tombstones[kafka.FEED_EVENTS.name] = tuple(feeds)
    return Erased(kind, wanted, +rows, {topic: keys for topic, keys in tombstones.items() if keys})


def _publisher(archive: Archive, name: str) -> Iterator[Counter[str]]:
    with archive.engine.begin() as connection:
        articles = _of_publisher(connection, tables.ARTICLES, "article_id", name)
        claims = _of_publisher(connection, tables.CLAIMS, "claim_id", name)
    for some in chunks(articles, AT_ONCE):
        with archive.engine.begin() as connection:
            yield removing.remove_articles(connection, some)
    for some in chunks(claims, AT_ONCE):
        with archive.engine.begin() as connection:
            yield removing.remove_claims(connection, some)


def _of_publisher(connection: Connection, table: Any, key: str, name: str) -> list[str]:
    """Return the keys of the rows of a publisher, however its name is spelt in capitals and accents."""
    spelt = [found for found in connection.scalars(select(table.c.publisher).distinct()) if fold(found) == fold(name)]
    return list(connection.scalars(select(table.c[key]).where(table.c.publisher.in_(spelt))))


def _person(archive: Archive, name: str) -> Iterator[Counter[str]]:
    pattern = names(name)
    with archive.engine.begin() as connection:
        claims = _naming(connection, tables.CLAIM_TEXTS, tables.CLAIMS, "claim_id", name)
        articles = _naming(connection, tables.TEXTS, tables.ARTICLES, "article_id", name)
    for some in chunks(claims, AT_ONCE):
        with archive.engine.begin() as connection:
            yield removing.remove_claims(connection, some)
    for some in chunks(articles, AT_ONCE):
        with archive.engine.begin() as connection:
            yield Counter({"texts": _forget_texts(connection, some, name)})
    old = tables.ARTICLE_REVISIONS
    with archive.engine.begin() as connection:
        changed = 0
        for row in connection.execute(select(old)).all():
            if pattern.search(fold(row.title)) or pattern.search(fold(row.text)):
                title = ERASED if pattern.search(fold(row.title)) else row.title
                key = (old.c.article_id == row.article_id, old.c.revision == row.revision)
                connection.execute(update(old).where(*key).values(title=title, text=""))
                changed += 1
        yield Counter({"article_revisions": changed})


def _naming(connection: Connection, texts: Any, owners: Any, key: str, name: str) -> list[str]:
    """Return the keys of what the search finds the name in."""
    phrase = fulltext.terms(f'"{name}"')
    searched = fulltext.expression(phrase, (), postgres=is_postgres(connection))
    found: list[str] = []
    before = LAST
    while docs := fulltext.find(connection, texts, searched, 0, before, AT_ONCE):
        found.extend(connection.scalars(select(owners.c[key]).where(owners.c.doc.in_(docs))))
        before = docs[-1]
    return found


def _forget_texts(connection: Connection, article_ids: Sequence[str], name: str) -> int:
    articles, texts = tables.ARTICLES, tables.TEXTS
    query = select(articles.c.article_id, articles.c.doc, articles.c.title).where(
        articles.c.article_id.in_(article_ids)
    )
    found = connection.execute(query).all()
    for row in found:
        title = ERASED if names(name).search(fold(row.title)) else row.title
        connection.execute(update(texts).where(texts.c.doc == row.doc).values(title=title, text=""))
        connection.execute(update(articles).where(articles.c.doc == row.doc).values(title=title, whole=False))
    return len(found)


def _alerts(archive: Archive, erasures: Erasures) -> list[str]:
    """Return the ids of the alerts that quote whom is erased: all are read, since their evidence may be gone here."""
    with archive.engine.begin() as connection:
        bodies = connection.execute(select(tables.ALERTS.c.alert_id, tables.ALERTS.c.body)).all()
    return [alert_id for alert_id, body in bodies if erasures.concerns(Alert.from_bytes(body.encode()))]


# -- Kafka


async def send_tombstones(settings: Settings, tombstones: dict[str, tuple[str, ...]]) -> int:
    """Write a tombstone for each key to its compacted topic; return how many. Kafka then forgets what they stand for.

    Raises:
        BrokerError: the cluster cannot be reached; it is safe to send them again.
    """
    if not any(tombstones.values()):
        return 0
    producer = AIOKafkaProducer(**client_options(settings), acks="all", enable_idempotence=True)
    try:
        await producer.start()
        sent = 0
        for topic, keys in tombstones.items():
            for key in keys:
                await producer.send_and_wait(settings.kafka.prefix + topic, None, key=key.encode())
                sent += 1
        return sent
    except KafkaError as error:
        raise BrokerError(f"no tombstone could be written: {error}", hint="Run the same command again.") from error
    finally:
        await producer.stop()


def remains(settings: Settings, tombstoned: Collection[str], now: datetime | None = None) -> list[Remains]:
    """Return what the Kafka topics that hold texts or names may hold yet, and until when."""
    at = now or datetime.now(UTC)
    by_name = {spec.name.removeprefix(settings.kafka.prefix): spec for spec in wanted_topics(settings)}
    found = []
    for topic in (kafka.ARTICLES, kafka.ENRICHED, kafka.STORIES, kafka.TAGGED, kafka.CLAIMS, kafka.DEAD_LETTERS):
        kept = by_name[topic.name].retention
        found.append(Remains(topic.name, at + kept if kept else None, "retention" if kept else "kept for ever"))
    why = "tombstones written: gone when Kafka next compacts it"
    found += [Remains(spec.name, None, why) for spec in (kafka.ALERTS, kafka.FEED_EVENTS) if spec.name in tombstoned]
    windows = {
        "dedupe": ("dedupe.window_days", settings.dedupe.window_days),
        "contradict": ("judge.window_days", settings.judge.window_days),
    }
    for stage, (setting, days) in windows.items():
        until = at + timedelta(days=days)
        found.append(Remains(kafka.CHANGELOGS[stage].name, until, f"state, forgotten after {setting}"))
    found.append(Remains(kafka.FEEDBACK.name, None, "kept for ever: what people wrote about alerts is not changed"))
    return found
