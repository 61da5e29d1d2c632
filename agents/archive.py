"""All topics -> the read model in SQLite or PostgreSQL, which can be dropped and built again from them."""

from __future__ import annotations

from monitor.archive.keeper import Keeper
from monitor.run.daemons import find_daemon
from monitor.settings import Settings
from monitor.stream import Context, Stage
from schemas import Message, topics

__all__ = ["app", "stage"]

stage = Stage("archive", reads=find_daemon("archive").reads)


@stage.handler
async def handle(message: Message, context: Context) -> None:
    """Upsert the message by its id, together with what else has arrived; return when it is committed."""
    spec = topics.find(context.topic, context.settings.kafka.prefix)
    await _keeper(context.settings).write(spec, message)


_open: list[Keeper] = []


def _keeper(settings: Settings) -> Keeper:
    if not _open:
        _open.append(Keeper(settings))
    return _open[0]


@stage.at_end
async def close() -> None:
    """End the batch under way and close the database."""
    while _open:
        await _open.pop().close()


app = stage.app
