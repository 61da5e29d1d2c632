"""The guard around a stage's handler: decode, handle, deliver, then acknowledge, in order, with many in flight.

Each partition has a lane. A plain handler runs in the agent itself, one message at a time; an async or offloaded one
runs in its lane, so that a slow partition does not hold up the others. In each lane order is kept: outputs are sent,
state is written and offsets are acknowledged in the order of the log. Nothing is acknowledged before its outputs, its
state and, if it was refused, its dead letter are with every in-sync replica. Whatever cannot be delivered ends the
worker.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from monitor.errors import PoisonError
from monitor.settings import Settings
from monitor.stream.context import Context, Output
from monitor.stream.lane import Entry, Ground, Lane, Refused
from monitor.stream.ledger import DEATHS, Ledger, Place
from monitor.stream.letters import dead_letter
from monitor.stream.link import Link, Record
from monitor.stream.metrics import Metrics
from monitor.stream.outputs import Encoded, encode
from monitor.stream.stage import Stage
from schemas import DecodeError
from schemas import topics as kafka
from schemas.topics import TopicSpec

__all__ = ["Guard"]

CHUNK = 16
"""Messages handed to the pool at once, so that the hop between threads is paid less often."""


class Guard:
    """Runs one stage's handler safely. ``link`` is Kafka and the app, or a double of them in tests."""

    def __init__(self, stage: Stage, settings: Settings, link: Link, metrics: Metrics, ledger: Ledger) -> None:
        self.stage = stage
        self.failed: BaseException | None = None
        self._settings = settings
        self._link = link
        self._metrics = metrics
        self._ledger = ledger
        self._window = settings.stream.window
        prefix = settings.kafka.prefix
        self._specs = {prefix + spec.name: spec for spec in stage.reads}
        self._topic_names: dict[str, str] = {}
        self._prefix = prefix
        self._lanes: dict[tuple[str, int], Lane] = {}
        self._grounds: dict[int, Ground] = {}
        self._suspects: set[Place] = set(ledger.suspects)
        self._one_at_a_time = asyncio.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=stage.name) if stage.offload else None
        self._inline = not stage.offload and not stage.is_async
        self.progress = time.monotonic()

    # -- taking records ------------------------------------------------------------------------------------------------

    async def take(self, record: Record) -> None:
        """Take the next record of the stream; returns when there is room for another."""
        lane = self._lane(record.topic, record.partition)
        while lane.load >= self._window and not lane.closed and self.failed is None:
            lane.changed.clear()
            await lane.changed.wait()
        if lane.closed or self.failed is not None:
            return  # not acknowledged: whoever owns the partition next gets it again
        if self._inline:
            await self._handle(lane, record)
            return
        lane.waiting.append(record)
        lane.changed.set()
        if lane.task is None:
            lane.task = asyncio.get_running_loop().create_task(self._run(lane))

    def _lane(self, topic: str, partition: int) -> Lane:
        lane = self._lanes.get((topic, partition))
        if lane is None:
            ground = self._grounds.get(partition) if self.stage.state else Ground()
            if ground is None:
                ground = self._grounds[partition] = Ground.of(self._link, partition, self._fail)
            lane = self._lanes[topic, partition] = Lane(topic, partition, ground)
        return lane

    async def _run(self, lane: Lane) -> None:
        try:
            while not lane.closed and self.failed is None:
                if not lane.waiting:
                    lane.changed.clear()
                    await lane.changed.wait()
                elif self._pool is not None:
                    await self._handle_chunk(lane)
                else:
                    await self._handle(lane, lane.waiting.popleft())
        except Exception as error:  # a fault of the guard itself: never go on past a record
            self._fail(error)

    # -- handling ------------------------------------------------------------------------------------------------------

    async def _handle(self, lane: Lane, record: Record) -> None:
        """Handle one record: what its handler returns is sent, what it raises is sent to the dead letters."""
        lane.busy += 1
        try:
            async with lane.turn:
                if not self._suspects:
                    await self._through(lane, record)
                else:
                    async with self._one_at_a_time:
                        await self._through(lane, record)
                    self._clear(record)
        finally:
            lane.busy -= 1
        self._acknowledge(lane)

    async def _through(self, lane: Lane, record: Record) -> None:
        try:
            self._check_poison(record)
            outputs = await self._tried(lane, record, 0, None)
        except Refused as refused:
            await self._bury(lane, record, refused)
        else:
            await self._send(lane, record, outputs)

    async def _handle_chunk(self, lane: Lane) -> None:
        """Handle up to ``CHUNK`` waiting records in the pool (one, while a record is under suspicion)."""
        if self._suspects:
            await self._handle(lane, lane.waiting.popleft())
            return
        chunk = [lane.waiting.popleft() for _ in range(min(CHUNK, len(lane.waiting)))]
        lane.busy += len(chunk)
        try:
            async with lane.turn:
                self._ledger.enter(lane.topic, lane.partition, chunk[0].offset, chunk[-1].offset)
                results = await asyncio.get_running_loop().run_in_executor(self._pool, self._work, lane, chunk)
                self._ledger.leave(lane.topic, lane.partition)
                for record, result in zip(chunk, results, strict=True):
                    try:
                        outputs = (
                            await self._tried(lane, record, 1, result) if isinstance(result, Exception) else result
                        )
                    except Refused as refused:
                        await self._bury(lane, record, refused)
                    else:
                        await self._send(lane, record, outputs)
        finally:
            lane.busy -= len(chunk)
        self._acknowledge(lane)

    def _work(self, lane: Lane, chunk: list[Record]) -> list[list[Encoded] | Exception]:
        """Run in the pool: each record's outputs, or the exception it raised."""
        results: list[list[Encoded] | Exception] = []
        for record in chunk:
            try:
                results.append(encode(self._call(lane, record)))
            except Exception as error:
                results.append(error)
        return results

    async def _tried(self, lane: Lane, record: Record, tried: int, error: Exception | None) -> list[Encoded]:
        """Return the outputs of a record; try again, with back-off, what fails for a transient reason.

        Raises:
            Refused: it cannot be handled, or not in as many tries as the settings allow.
        """
        if record.value is None:
            return []  # a tombstone: what it deletes, the compacted topic forgets by itself
        options = self._settings.stream
        while True:
            if error is None:
                tried += 1
                try:
                    return await self._try(lane, record)
                except Exception as raised:
                    error = raised
            if lane.store is not None:
                lane.store.discard()
            lane.keep.drop()  # what it built in memory may be ahead of the store now
            if not isinstance(error, self.stage.transient) or tried >= options.attempts:
                raise Refused(error, tried)
            error = None
            self._metrics.retries.inc()
            await asyncio.sleep(options.backoff_s * 2 ** (tried - 1))

    async def _try(self, lane: Lane, record: Record) -> list[Encoded]:
        started = time.perf_counter()
        self._ledger.enter(lane.topic, lane.partition, record.offset)
        try:
            if self._inline:
                return encode(self._call(lane, record))
            if self._pool is not None:
                loop = asyncio.get_running_loop()
                outputs = await loop.run_in_executor(self._pool, self._call, lane, record)
            else:
                message = self._decode(record)
                outputs = await self.stage.call_async(message, self._context(lane, record, waits=True))
            return encode(outputs)
        finally:
            self._ledger.leave(lane.topic, lane.partition)
            self._metrics.handler_seconds.observe(time.perf_counter() - started)

    def _call(self, lane: Lane, record: Record) -> list[Output]:
        return self.stage.call(self._decode(record), self._context(lane, record))

    def _decode(self, record: Record) -> Any:
        model = self._specs[record.topic].model
        if model is None:
            raise DecodeError("message", f"topic {record.topic} has no model")
        return model.from_bytes(record.value or b"")

    def _context(self, lane: Lane, record: Record, *, waits: bool = False) -> Context:
        return Context(
            self._settings,
            record.topic,
            record.partition,
            record.offset,
            keep=lane.keep,
            store=lane.store,
            deliver=self.deliver if waits else None,
            save=partial(self._save, lane) if waits else None,
            beat=self.beat,
        )

    async def _save(self, lane: Lane) -> None:
        if lane.store is not None and lane.writer is not None and lane.store.changed:
            saved = asyncio.Event()
            lane.writer.write(lane.store.commit(), saved.set)
            await saved.wait()

    def beat(self) -> None:
        """Note that work goes on: a handler that takes long calls this (`Context.beat`)."""
        self.progress = time.monotonic()

    # -- suspects ------------------------------------------------------------------------------------------------------

    def _check_poison(self, record: Record) -> None:
        if self._suspects:
            deaths = self._ledger.deaths((record.topic, record.partition, record.offset))
            if deaths >= DEATHS:
                raise Refused(PoisonError(f"it ended the process {deaths} times; it was not handled again"), 0)

    def _clear(self, record: Record) -> None:
        """Lift the suspicion from a record that is through, and from those before it, which never came back."""
        for place in list(self._suspects):
            topic, partition, offset = place
            if (topic, partition) == (record.topic, record.partition) and offset <= record.offset:
                self._suspects.discard(place)
                self._ledger.clear(place)

    # -- sending -------------------------------------------------------------------------------------------------------

    async def deliver(self, outputs: Iterable[Output]) -> None:
        """Send outputs and wait until they are with every in-sync replica."""
        encoded = encode(outputs)
        try:
            futures = [await self._link.send_record(self._name(spec), key, value) for spec, key, value in encoded]
            for future in futures:
                await future
        except Exception as error:
            self._fail(error)
            raise
        self._metrics.sent.inc(len(futures))

    async def _send(self, lane: Lane, record: Record, outputs: list[Encoded]) -> None:
        """Send outputs and state; the record is acknowledged when they have arrived and all before it are through."""
        if lane.closed or self.failed is not None:
            return
        try:
            futures = [await self._link.send_record(self._name(spec), key, value) for spec, key, value in outputs]
        except Exception as error:
            self._fail(error)
            return
        self._await(lane, record, futures)
        self._metrics.sent.inc(len(outputs))

    async def _bury(self, lane: Lane, record: Record, refused: Refused) -> None:
        """Send a record to the dead letters; if that cannot be done, end the worker with the offset uncommitted."""
        if lane.closed or self.failed is not None:
            return
        letter = dead_letter(
            stage=self.stage.name,
            topic=record.topic.removeprefix(self._prefix),
            partition=record.partition,
            offset=record.offset,
            key=record.key,
            value=record.value,
            error=refused.error,
            attempts=refused.attempts,
            limit=kafka.DEAD_LETTERS.max_message_bytes,
        )
        self._link.warn("dead letter", record, refused.error)
        try:
            future = await self._link.send_record(
                self._name(kafka.DEAD_LETTERS), letter.dead_letter_id.encode(), letter.to_bytes()
            )
        except Exception as error:
            self._fail(error)
            return
        self._metrics.dead_letters.inc()
        self._await(lane, record, [future])

    def _name(self, spec: TopicSpec) -> str:
        return self._topic_names.setdefault(spec.name, self._prefix + spec.name)

    def _await(self, lane: Lane, record: Record, futures: list[asyncio.Future[Any]]) -> None:
        """Acknowledge the record when the futures are done, its state is in the changelog, and all before it is."""
        entry = Entry(record, len(futures))
        lane.pending.append(entry)

        def settle() -> None:
            entry.left -= 1
            if not entry.left:
                self._acknowledge(lane)

        def arrived(future: asyncio.Future[Any]) -> None:
            error = None if future.cancelled() else future.exception()
            if error is None:
                settle()
            elif not lane.closed:
                self._fail(error)

        for future in futures:
            future.add_done_callback(arrived)
        if lane.writer is not None and lane.store is not None and lane.store.changed:
            entry.left += 1
            lane.writer.write(lane.store.commit(), settle)

    # -- acknowledging -------------------------------------------------------------------------------------------------

    def _acknowledge(self, lane: Lane) -> None:
        """Acknowledge, in order, what is through."""
        if lane.closed or self.failed is not None:
            return
        while lane.pending and not lane.pending[0].left:
            entry = lane.pending.popleft()
            self._link.acknowledge(entry.record)
            self._metrics.received.inc()
            self.progress = time.monotonic()
        lane.changed.set()

    def _fail(self, error: BaseException) -> None:
        """End the worker: what is not acknowledged by now stays uncommitted."""
        if self.failed is None:
            self.failed = error
            for lane in self._lanes.values():
                lane.changed.set()
            self._link.fail(error)

    # -- beginning and end of ownership --------------------------------------------------------------------------------

    @property
    def handling(self) -> bool:
        """Whether a handler is running now."""
        return any(lane.busy for lane in self._lanes.values())

    @property
    def in_flight(self) -> int:
        """Records taken and not yet acknowledged."""
        return sum(lane.load for lane in self._lanes.values())

    def waiting_for(self, topic: str, partition: int) -> bool:
        """Whether anything of the partition is under way."""
        lane = self._lanes.get((topic, partition))
        return lane is not None and not lane.idle

    async def drain(self, seconds: float) -> bool:
        """Let what is being handled and delivered finish, for at most ``seconds``; return whether it did."""
        for lane in self._lanes.values():
            lane.waiting.clear()
        deadline = time.monotonic() + seconds
        while any(not lane.idle for lane in self._lanes.values()) and self.failed is None:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.01)
        return True

    async def forget(self) -> None:
        """Give up all partitions: cancel what is still running, drop what is kept of them."""
        lanes, self._lanes, self._grounds = list(self._lanes.values()), {}, {}
        for lane in lanes:
            lane.closed = True
            lane.changed.set()
            if lane.store is not None:
                lane.store.close()
            if lane.writer is not None:
                lane.writer.close()
            if lane.task is not None:
                lane.task.cancel()
        await asyncio.gather(*(lane.task for lane in lanes if lane.task is not None), return_exceptions=True)
        self._ledger.reload()
        self._suspects = set(self._ledger.suspects)

    def close(self) -> None:
        """End the pool and note the clean end."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        self._ledger.close()
