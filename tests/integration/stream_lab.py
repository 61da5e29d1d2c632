"""Stages of the stream tests, and the process that runs one: ``python stream_lab.py STAGE``.

What a handler does with a number is in the number's message, so that each test says by itself what goes wrong.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from monitor.settings import Settings
from monitor.stream import Context, Output, Stage, run_worker
from schemas.message import Message, Time
from schemas.topics import DEAD_LETTERS, TopicSpec, changelog_of

PARTITIONS = 2


class Number(Message):
    """A number, and what is to happen while it is handled."""

    number: int
    act: str = ""


class Total(Message):
    """A number and how many were seen before it in its partition, itself included."""

    number: int
    seen: int
    pad: str = ""


class Beat(Message):
    """A tick."""

    partition: int
    at: Time


NUMBERS = TopicSpec("numbers", "number", Number, PARTITIONS)
TOTALS = TopicSpec("totals", "number", Total, PARTITIONS)
BEATS = TopicSpec("beats", "partition", Beat, PARTITIONS)
TOPICS = (NUMBERS, TOTALS, BEATS, DEAD_LETTERS, changelog_of("count", PARTITIONS), changelog_of("beat", PARTITIONS))

count = Stage("count", reads=NUMBERS, writes=(TOTALS,), state=True)
beat = Stage("beat", reads=BEATS, writes=(TOTALS,), state=True)
_flaky: set[int] = set()


@count.handler
def handle(number: Number, context: Context) -> Iterator[Output]:
    """Count the numbers of the partition; a number seen before gets the answer it got then."""
    act = "" if os.environ.get("FIXED") else number.act
    if act == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if act == "bad":
        raise ValueError("a bad number")
    if act == "flaky" and number.number not in _flaky:
        _flaky.add(number.number)
        raise ConnectionError("not now")
    key = f"n|{number.number}"
    known = context.store.get(key)
    seen = int(known) if known is not None else int(context.store.get("count", b"0")) + 1
    if known is None:
        context.store["count"] = str(seen).encode()
    context.store[key] = str(seen).encode()
    pad = "x" * (TOTALS.max_message_bytes if act == "large" else 0)
    yield Output(TOTALS, str(number.number), Total(number=number.number, seen=seen, pad=pad))


@beat.every(0.3)
def tick(partition: int, now: datetime) -> Beat:
    """Tick each partition three times a second."""
    return Beat(partition=partition, at=now)


@beat.handler
async def on_beat(message: Beat, context: Context) -> None:
    """Deliver first, write state after: the state never knows of what was not delivered."""
    seen = int(context.store.get("beats", b"0")) + 1
    await context.deliver([Output(TOTALS, str(context.partition), Total(number=context.partition, seen=seen))])
    context.store["beats"] = str(seen).encode()


def _deafen(app: Any) -> None:
    """Let the consumer die silently, as after some rebalances: no record comes any more, and no error either."""
    take = app.guard.take

    async def take_some(record: Any) -> None:
        if record.offset >= 5:
            app.consumer._positions[record.tp].hand_out(record.offset)
            return
        await take(record)

    app.guard.take = take_some


def plain() -> None:
    """Run ``count`` on plain Faust, at least once with awaited outputs, to compare with; see the rebalance test."""
    import faust

    settings = Settings()
    prefix, folder = settings.kafka.prefix, settings.data / "state" / "count" / os.environ["COUNTERCLAIM_INSTANCE"]
    folder.mkdir(parents=True, exist_ok=True)
    app = faust.App(
        f"{prefix}count",
        broker=f"kafka://{settings.kafka.broker}",
        store="rocksdb://?driver=rocksdict",
        datadir=str(folder),
        broker_session_timeout=settings.stream.session_timeout_s,
        broker_heartbeat_interval=settings.stream.session_timeout_s / 4,
        table_standby_replicas=0,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
    )
    table = app.Table("state", key_type=bytes, value_type=bytes, partitions=PARTITIONS)
    totals = app.topic(prefix + TOTALS.name, key_type=bytes, value_type=bytes, value_serializer="raw")

    @app.agent(app.topic(prefix + NUMBERS.name, value_type=bytes, value_serializer="raw"))
    async def count_numbers(stream: Any) -> None:
        async for event in stream.events():
            number = Number.from_bytes(event.value).number
            key = f"n|{number}".encode()
            known = table.get(key)
            seen = int(known) if known is not None else int(table.get(b"count") or b"0") + 1
            if known is None:
                table[b"count"] = str(seen).encode()
            table[key] = str(seen).encode()
            value = Total(number=number, seen=seen).to_bytes()
            await (await totals.send(key=str(number).encode(), value=value))

    app.finalize()
    app.worker_init()
    app.Worker(loglevel="WARNING", quiet=True).execute_from_commandline()


def main(name: str) -> None:
    """Run a stage with the settings of the environment; ``deaf`` is ``count`` with a consumer that dies."""
    if name == "plain":
        plain()
    stage = beat if name == "beat" else count
    if name == "deaf":
        app = stage.app
        prepare = app._prepare

        def prepared() -> None:
            prepare()
            _deafen(app)

        app._prepare = prepared  # type: ignore[method-assign]
    run_worker(stage, Settings())


app = count.app if os.environ.get("PLAIN_FAUST") else None

if __name__ == "__main__":
    main(sys.argv[1])
