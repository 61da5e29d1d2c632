"""The consumer, producer and transport that end Faust's message loss on rebalance (faust#221, #312, #606).

Plain Faust 0.15.3 hands out records that were fetched before its seek back to the committed offset, takes the offsets
in between for compacted away and commits past them; it acknowledges records that a stream passed over unread in a
rebalance; it does not seek back at all in a partition without a committed offset; and it takes a commit that failed
for made. Here each partition has a `Position`, records are handed out in its order only, and only what the guard
acknowledged is committed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, ClassVar

from aiokafka.errors import ConsumerStoppedError, IllegalStateError
from faust.transport.consumer import ensure_TP
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import Message

from monitor.stream.metrics import Metrics
from monitor.stream.position import Position, Ruling

__all__ = ["Consumer", "Producer", "Transport"]

FETCH_MAX_WAIT_MS = 200
"""Longest wait of the broker for data. Faust's 1,500 ms hold up the partition that was just read."""

YIELD_EVERY = 100
"""Records handed out before others get their turn on the event loop."""

LOOK_EVERY_S = 1.0
"""Seconds between two looks at whether the client stands further on than the stream."""
MOST_SEEKS = 3
"""Seeks back to one place; then the broker is believed to have nothing there (compaction, retention)."""


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread with a shorter fetch wait."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_MAX_WAIT_MS  # read when the consumer starts
        return consumer

    def stands_at(self, tp: TP) -> int | None:
        """Return the offset that the client fetches next, None where it has none; without a hop between threads."""
        subscription = self._consumer._subscription.subscription if self._consumer is not None else None
        assignment = subscription.assignment if subscription is not None else None
        if assignment is None or tp not in assignment.tps:
            return None
        offset: int | None = assignment.state_value(tp)._position
        return offset


class Consumer(driver.Consumer):
    """Faust's aiokafka consumer, which loses nothing. Changelogs and compacted topics are held to the same order."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._positions: dict[TP, Position] = {}
        self._epoch = 0
        self._behind: set[TP] = set()
        self._sought: dict[TP, tuple[tuple[int, int], int]] = {}
        self._look_at = 0.0
        self._metrics: Metrics = getattr(self.app, "metrics", None) or Metrics("consumer")

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    # -- where to read -------------------------------------------------------------------------------------------------

    def stop_flow(self) -> None:
        """Block further records; what is being handed out now does not count as delivered."""
        self._epoch += 1
        super().stop_flow()

    async def perform_seek(self) -> None:
        """Seek each partition to its committed offset, or to its beginning where there is none."""
        committed: Mapping[Any, int | None] = await self.seek_to_committed()
        targets: dict[TP, int] = {ensure_TP(tp): offset or 0 for tp, offset in committed.items()}
        targets = {tp: offset for tp, offset in targets.items() if not self._is_changelog_tp(tp)}
        fresh = [tp for tp, offset in targets.items() if offset <= 0]
        if fresh:
            # aiokafka's seek_to_committed leaves such a partition where it stands: past what was read.
            beginnings = await self.earliest_offsets(*fresh)
            targets.update({ensure_TP(tp): offset or 0 for tp, offset in beginnings.items()})
            await self._thread.seek_wait({tp: targets[tp] for tp in fresh})
        for tp, offset in targets.items():
            self._expect(tp, offset)
            self._committed_offset[tp] = None if tp in fresh else offset

    async def seek(self, partition: TP, offset: int) -> None:
        """Seek one partition; records under way from elsewhere are dropped."""
        self._expect(ensure_TP(partition), offset)
        await super().seek(partition, offset)

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """Seek partitions and wait until it is done; records under way from elsewhere are dropped."""
        for tp, offset in partitions.items():
            self._expect(ensure_TP(tp), offset)
        await super().seek_wait(partitions)

    def _expect(self, tp: TP, offset: int) -> None:
        self._positions[tp] = Position(offset)
        # Faust's stream notes here what it passes over unread; nothing of it is ever committed.
        self._acked.pop(tp, None)
        self._acked_index.pop(tp, None)
        self._behind.discard(tp)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Forget the positions, after the app has had time to finish and commit what is in flight."""
        await super().on_partitions_revoked(revoked)
        self._metrics.rebalances.inc()
        for tp in revoked:
            self._positions.pop(tp, None)

    # -- what to hand out ----------------------------------------------------------------------------------------------

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:  # noqa: ASYNC109 - Faust's signature
        """Yield the next records of the partitions, each partition in the order of its `Position`."""
        if self.flow_active and time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_EVERY_S
            self._behind.update(self._passed_over())
        if self._behind and self.flow_active:
            await self._catch_up()
        records, active = await self._wait_next_records(timeout)
        if not records or self.should_stop:
            return
        # Until all of them are handed out, the client stands further on than the stream.
        self._behind.update(map(ensure_TP, records))
        if not self.flow_active:
            return
        epoch, generation = self._epoch, self.app.consumer_generation_id
        previous: dict[TP, int] = {}
        muted: set[TP] = set()
        for found in records:
            tp = ensure_TP(found)
            self.app.monitor.track_tp_end_offset(tp, self.highwater(tp))
        for found, record in self.scheduler.iterate(records):
            if epoch != self._epoch or generation != self.app.consumer_generation_id:
                return
            tp = ensure_TP(found)
            position = self._positions.get(tp)
            if position is None or tp in muted:
                continue
            if not (active is None or tp in active or tp in self._buffered_partitions):
                muted.add(tp)  # paused meanwhile
                continue
            offset = record.offset
            ruling = position.rule(offset, previous.get(tp))
            if ruling is Ruling.SEEK_BACK:
                self._metrics.consumer_findings.labels("later").inc()
                muted.add(tp)
                continue
            previous[tp] = offset
            if ruling is Ruling.EARLIER:
                self._metrics.consumer_findings.labels("earlier").inc()
                continue
            if ruling is Ruling.GAP:
                self._metrics.consumer_findings.labels("gap").inc()
            position.hand_out(offset)
            self._read_offset[tp] = offset  # Faust then sees no gap of its own
            yield tp, self._to_message(tp, record)
            if epoch != self._epoch or self._positions.get(tp) is not position:
                self._metrics.consumer_findings.labels("suspended").inc()
                return  # a rebalance began while it was handed out: it may or may not have arrived
            position.advance(offset)
        self._behind.difference_update(ensure_TP(tp) for tp in records if ensure_TP(tp) not in muted)

    async def _drain_messages(self, fetcher: Any) -> None:
        """Hand out records until the consumer or its fetcher stops.

        Faust races each hand-over with the next rebalance, two tasks a record, since it waits for ever on a queue that
        a rebalance empties. Here only a hand-over that would wait does so.
        """
        conductor: Any = self.app.topics
        channels_of = conductor._tp_index
        flow = self.app.flow_control
        handed = 0
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):
                await asyncio.sleep(0)
                async for tp, message in self.getmany(timeout=1.0):
                    handing = self.callback(message)
                    if flow.is_active() and not any(channel.queue.full() for channel in channels_of.get(tp, ())):
                        await handing
                    else:
                        await self.wait_first(handing, self.suspend_flow.wait())
                    handed += 1
                    if not handed % YIELD_EVERY:
                        await asyncio.sleep(0)
        except (ConsumerStoppedError, asyncio.CancelledError):
            if not self.transport.app.should_stop:
                raise

    def _passed_over(self) -> Iterator[TP]:
        """Yield the partitions in which the client stands further on than the stream.

        A fetch whose caller was cancelled, as in a rebalance, takes its records with it. A later record of the
        partition would show the hole; where none comes, nothing else does.
        """
        thread: Any = self._thread
        for tp, position in self.source_positions().items():
            client = thread.stands_at(tp)
            if client is None or client <= position.expected:
                self._sought.pop(tp, None)
                continue
            place = (position.expected, client)
            known, seeks = self._sought.get(tp, (place, 0))
            self._sought[tp] = (place, seeks + 1 if known == place else 1)
            if self._sought[tp][1] <= MOST_SEEKS:
                self._metrics.consumer_findings.labels("passed over").inc()
                yield tp

    async def _catch_up(self) -> None:
        """Seek back where the client stands further on than what was handed out."""
        for tp in list(self._behind):
            position = self._positions.get(tp)
            if position is not None:
                try:
                    await self._thread.seek_wait({tp: position.expected})
                except (IllegalStateError, TimeoutError):
                    continue  # taken away meanwhile, or busy: the next turn tries again
            self._behind.discard(tp)

    # -- what to commit ------------------------------------------------------------------------------------------------

    def acknowledge(self, message: Message) -> bool:
        """Mark a message as done, outputs delivered; return whether that counts.

        One from before the last rebalance does not: its partition may be somebody else's, or read again from the
        committed offset.
        """
        message.acked = True
        self._unacked_messages.discard(message)
        position = self._positions.get(message.tp)
        if position is None or message.generation_id != self.app.consumer_generation_id:
            self._metrics.consumer_findings.labels("stale_ack").inc()
            return False
        position.acknowledge(message.offset)
        self._n_acked += 1
        return True

    def ack(self, message: Message) -> bool:
        """Pass over what a stream acknowledges by itself: it does so for records that it skips unread."""
        message.acked = True
        self._unacked_messages.discard(message)
        return False

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        for tp, position in list(self._positions.items()):
            if position.committable is not None and (topics is None or tp in topics or tp.topic in topics):
                yield tp

    def _new_offset(self, tp: TP) -> int | None:
        position = self._positions.get(tp)
        return position.committable if position else None

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Nothing: gaps never count as read."""

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:
        """Commit; where it fails, leave the offsets to the next time. Outputs are delivered by then: no flush."""
        assignment = self.assignment()
        ours = {tp: offset for tp, offset in offsets.items() if tp in assignment}
        if not ours or not await self._commit(ours):
            return False
        self._committed_offset.update(ours)
        self.app.tables.on_commit(ours)
        self.app.monitor.on_tp_commit(ours)
        self._metrics.commits.inc()
        return True

    # -- what the watchdog asks ----------------------------------------------------------------------------------------

    def source_positions(self) -> dict[TP, Position]:
        """Return the positions of the partitions that are read for the stage (no changelogs)."""
        return {tp: position for tp, position in self._positions.items() if not self._is_changelog_tp(tp)}

    def uncommitted(self, ends: Mapping[TP, int]) -> int:
        """Return how many records up to ``ends`` are not committed in the partitions that are read."""
        lag = 0
        for tp, position in self.source_positions().items():
            if tp in ends:
                done = position.committable if position.committable is not None else self._committed_offset[tp]
                lag += max(0, ends[tp] - (done if done is not None else position.expected))
        return lag

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Nothing: `monitor.stream.watchdog` does this by measure, and ends the worker."""


class Producer(driver.Producer):
    """Faust's producer, idempotent, with every in-sync replica acknowledging."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class Transport(driver.Transport):
    """The aiokafka transport with this consumer and producer."""

    Consumer: ClassVar[type[Any]] = Consumer
    Producer: ClassVar[type[Any]] = Producer
