"""All topics -> the read model in SQLite or PostgreSQL, which can be dropped and built again from them."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from pathlib import Path

from sqlalchemy.exc import OperationalError

from monitor.archive import Archive, archive_url
from monitor.stream import Context, Stage
from schemas import Message, topics

__all__ = ["app", "stage"]

stage = Stage(
    "archive",
    reads=(
        topics.ARTICLES,
        topics.STORIES,
        topics.TAGGED,
        topics.CLAIMS,
        topics.ALERTS,
        topics.NOTIFICATIONS,
        topics.DEAD_LETTERS,
    ),
    transient=(OperationalError,),
)


@stage.handler
async def handle(message: Message, context: Context) -> None:
    """Upsert the message by its id; the newest revision wins, whatever the order."""
    spec = topics.find(context.topic, context.settings.kafka.prefix)
    await asyncio.to_thread(_archive(context.settings.data).write, [(spec, message)])


@lru_cache(maxsize=1)
def _archive(data: Path) -> Archive:
    return Archive(archive_url(data))


app = stage.app
