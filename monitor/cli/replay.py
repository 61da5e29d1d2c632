"""``counterclaim replay``: articles out of files, onto the pipeline's ``articles`` topic."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from monitor.cli.options import broker_option, settings_of
from monitor.errors import BrokerError, InputError
from monitor.feeds.replay import Replayed, pauses, read_articles, speed_of
from monitor.kafka import client_options
from monitor.settings import Settings
from schemas.topics import ARTICLES

__all__ = ["publish_files", "replay"]

_WINDOW = 2000
"""Articles sent and not yet acknowledged."""
_LINGER_MS = 10
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--speed", default="max", show_default=True, help="max, 1 for real time by published_at, or xN.")
@broker_option
@click.pass_context
def replay(ctx: click.Context, files: tuple[str, ...], speed: str, broker: str | None) -> None:
    """Publish the articles of JSON Lines files (also .gz) to the running pipeline.

    Rows as `parse` writes them, or plain: {"id", "title", "text", "source", "date" or "published_at"}. With a speed
    other than max they go in the order of their dates. A bad line is reported with its number, the rest goes on, and
    the exit status is 1.
    """
    bad = 0

    def report(error: InputError) -> None:
        nonlocal bad
        bad += 1
        click.echo(f"counterclaim: {error}", err=True)

    try:
        factor = speed_of(speed)
    except InputError as error:
        raise click.BadParameter(error.message, param_hint="--speed") from error
    rows: Iterator[Replayed] = read_articles(files, report)
    if factor is not None:
        rows = iter(_by_date(rows))
    sent = asyncio.run(publish_files(settings_of(ctx, broker=broker), rows, factor, report))
    click.echo(f"{sent} articles published{f', {bad} lines refused' if bad else ''}", err=True)
    if bad:
        raise SystemExit(1)


def _by_date(rows: Iterator[Replayed]) -> list[Replayed]:
    """Return the rows in the order of their dates; one without a date stays behind the one before it."""
    keyed, last = [], _EARLIEST
    for row in rows:
        last = row.article.published_at or last
        keyed.append((last, row))
    return [row for _, row in sorted(keyed, key=lambda pair: pair[0])]


async def publish_files(
    settings: Settings, rows: Iterator[Replayed], speed: float | None, report: Callable[[InputError], None]
) -> int:
    """Send every article to the ``articles`` topic, keyed by its id, and return how many were acknowledged.

    Raises:
        BrokerError: the cluster cannot be reached, or lacks the topic.
    """
    from aiokafka.errors import KafkaError, MessageSizeTooLargeError

    topic = ARTICLES.named(settings.kafka.prefix).name
    listed = list(rows) if speed is not None else None
    paced = _paced(listed, speed) if listed is not None and speed is not None else _at_once(rows)
    sent = 0
    waiting: deque[asyncio.Future[Any]] = deque()
    async with _producer(settings, topic) as producer:
        try:
            with _progress() as progress:
                task = progress.add_task("articles", total=len(listed) if listed is not None else None)
                async for row in paced:
                    try:
                        key = row.article.article_id.encode()
                        waiting.append(await producer.send(topic, row.article.to_bytes(), key=key))
                    except MessageSizeTooLargeError:
                        report(InputError("is larger than Kafka takes", path=row.path, line=row.line))
                        continue
                    while len(waiting) >= _WINDOW or (waiting and waiting[0].done()):
                        await waiting[0]
                        waiting.popleft()
                        sent += 1
                    progress.update(task, completed=sent)
                while waiting:
                    await waiting[0]
                    waiting.popleft()
                    sent += 1
                    progress.update(task, completed=sent)
        except KafkaError as error:
            raise BrokerError(f"{sent} articles were published, then the broker failed: {error}") from error
    return sent


async def _at_once(rows: Iterator[Replayed]) -> AsyncIterator[Replayed]:
    for row in rows:
        yield row


async def _paced(rows: list[Replayed], speed: float) -> AsyncIterator[Replayed]:
    started = time.monotonic()
    for row, due in zip(rows, pauses((row.article for row in rows), speed), strict=True):
        await asyncio.sleep(max(0.0, due - (time.monotonic() - started)))
        yield row


@asynccontextmanager
async def _producer(settings: Settings, topic: str) -> AsyncIterator[Any]:
    from aiokafka import AIOKafkaProducer
    from aiokafka.errors import KafkaError

    producer = AIOKafkaProducer(
        **client_options(settings),
        acks="all",
        enable_idempotence=True,
        linger_ms=_LINGER_MS,
        max_request_size=ARTICLES.max_message_bytes,
    )
    try:
        try:
            await producer.start()
            # Of all topics: asking for one that is not there tries again for a minute.
            partitions = (await producer.client.fetch_all_metadata()).partitions_for_topic(topic)
        except (KafkaError, OSError) as error:
            raise BrokerError(f"the broker cannot be reached: {error}") from error
        if not partitions:
            raise BrokerError(
                f"there is no topic {topic!r}", hint="`counterclaim up` makes it, or `counterclaim kafka-topics create`"
            )
        yield producer
    finally:
        await producer.stop()


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not sys.stderr.isatty(),
    )
