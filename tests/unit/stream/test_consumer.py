"""The consumer against a scripted Kafka client, beside plain Faust's, which must fail where ours is needed."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import Any
from unittest.mock import AsyncMock, Mock

import faust
import pytest
from aiokafka.structs import ConsumerRecord
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from monitor.stream.consumer import MOST_SEEKS, Consumer, Transport

SOURCE = TP("source", 0)
PLAIN = pytest.param(
    driver.Transport, id="plain Faust", marks=pytest.mark.xfail(strict=True, reason="what the subclass is for")
)
OURS = pytest.param(Transport, id="ours")


class _Log:
    """Stands for the consumer thread: a Kafka client with one partition, a position and a committed offset."""

    def __init__(self, offsets: range | list[int], committed: int | None) -> None:
        self.offsets = list(offsets)
        self.committed = committed
        self.position_ = committed or self.offsets[0]
        self.stale: list[list[int]] = []
        self.commits: list[int] = []
        self.commit_works = True
        self.seeks: list[int] = []
        self.idle = asyncio.Event()

    async def getmany(self, active_partitions: Any, timeout: float) -> Mapping[TP, list[Any]]:  # noqa: ASYNC109
        await asyncio.sleep(0)
        if self.stale:
            return {SOURCE: [_record(offset) for offset in self.stale.pop(0)]}
        found = [offset for offset in self.offsets if offset >= self.position_][:4]
        if not found:
            self.idle.set()
            return {}
        self.position_ = found[-1] + 1
        return {SOURCE: [_record(offset) for offset in found]}

    async def seek_to_committed(self) -> Mapping[TP, int | None]:
        if self.committed:  # as aiokafka does it: neither None nor 0 seeks
            self.position_ = self.committed
        return {SOURCE: self.committed}

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        self.position_ = partitions[SOURCE]
        self.seeks.append(self.position_)

    async def earliest_offsets(self, *tps: TP) -> Mapping[TP, int]:
        return dict.fromkeys(tps, self.offsets[0])

    async def commit(self, offsets: Mapping[TP, int]) -> bool:
        self.commits.append(offsets[SOURCE])
        return self.commit_works

    def stands_at(self, tp: TP) -> int:
        return self.position_

    def assignment(self) -> set[TP]:
        return {SOURCE}

    def highwater(self, tp: TP) -> int:
        return self.offsets[-1] + 1


def _record(offset: int) -> ConsumerRecord:
    return ConsumerRecord(SOURCE.topic, 0, offset, 0, 0, b"k", b"v", None, 1, 1, ())


class _Rig:
    """A consumer, the log it reads, and what it handed out."""

    def __init__(self, transport: type[Any], log: _Log) -> None:
        app = faust.App("unit", broker="kafka://127.0.0.1:1", store="memory://", web_enabled=False)
        app.transport = transport(app.conf.broker_consumer, app)
        app.producer = Mock(flush=AsyncMock())
        self.got: list[int] = []
        self.messages: list[Any] = []
        self.on_message: Any = None
        self.log = log
        self.consumer = app.transport.create_consumer(
            callback=self._receive, on_partitions_revoked=AsyncMock(), on_partitions_assigned=AsyncMock()
        )
        self.consumer._thread = log
        app.consumer = self.consumer
        app.topics._acking_topics.add(SOURCE.topic)
        app.flow_control.resume()
        self.app = app
        self.consumer._set_active_tps({SOURCE})
        self.consumer.resume_flow()
        self.fetcher = Mock(_stopped=asyncio.Event())

    async def _receive(self, message: Any) -> None:
        self.got.append(message.offset)
        self.messages.append(message)
        if self.on_message is not None:
            await self.on_message(message)

    async def run(self) -> None:
        """Fetch and hand out until the log has no more."""
        self.log.idle.clear()
        self.fetcher._stopped.clear()
        task = asyncio.create_task(self.consumer._drain_messages(self.fetcher))
        await asyncio.wait_for(self.log.idle.wait(), 20)
        self.fetcher._stopped.set()
        await asyncio.wait_for(task, 20)

    def acknowledge(self, *offsets: int) -> None:
        for message in self.messages:
            if message.offset in offsets:
                if isinstance(self.consumer, Consumer):
                    self.consumer.acknowledge(message)
                else:
                    self.consumer.ack(message)


@pytest.mark.parametrize("transport", [PLAIN, OURS])
async def test_what_was_fetched_before_the_seek_back_loses_nothing(transport: type[Any]) -> None:
    """Records that were under way when the consumer sought back to 5 neither hide 5 to 9 nor commit them unread."""
    rig = _Rig(transport, _Log(range(20), committed=5))
    await rig.consumer.perform_seek()
    rig.log.stale.append([10, 11, 12])
    await rig.run()
    assert rig.got == list(range(5, 20))


@pytest.mark.parametrize("transport", [PLAIN, OURS])
async def test_what_was_fetched_and_never_came_is_fetched_again(transport: type[Any]) -> None:
    """A fetch whose caller was cancelled took 5 to 8 with it; the next one begins at 9; all are handed out."""
    rig = _Rig(transport, _Log(range(20), committed=5))
    rig.consumer._look_at = math.inf  # the next fetch alone shows it
    await rig.consumer.perform_seek()
    rig.log.position_ = 9
    await rig.run()
    assert rig.got == list(range(5, 20))


@pytest.mark.parametrize("transport", [PLAIN, OURS])
async def test_the_last_records_are_fetched_again_though_none_comes_after(transport: type[Any]) -> None:
    """A fetch whose caller was cancelled took all there was with it, and no later one shows the hole."""
    rig = _Rig(transport, _Log(range(20), committed=5))
    await rig.consumer.perform_seek()
    rig.log.position_ = 20
    await rig.run()
    assert rig.got == list(range(5, 20))


async def test_where_the_broker_has_nothing_more_the_seeking_ends() -> None:
    """The last records were compacted away: after a few seeks to one place no more are made."""
    rig = _Rig(Transport, _Log([*range(8)], committed=8))
    await rig.consumer.perform_seek()
    for _ in range(MOST_SEEKS + 3):
        rig.log.position_ = 12
        rig.consumer._look_at = 0.0
        await rig.run()
    assert rig.log.seeks == [8] * MOST_SEEKS
    assert rig.got == []


@pytest.mark.parametrize("transport", [PLAIN, OURS])
async def test_a_partition_without_a_commit_is_read_again_from_its_beginning(transport: type[Any]) -> None:
    """Nothing was committed yet, three records were read: after the rebalance they come again."""
    rig = _Rig(transport, _Log(range(8), committed=None))
    rig.log.position_ = 3
    await rig.consumer.perform_seek()
    await rig.run()
    assert rig.got == list(range(8))


@pytest.mark.parametrize("transport", [PLAIN, OURS])
async def test_a_record_handed_out_into_a_rebalance_does_not_count_as_read(transport: type[Any]) -> None:
    """The flow stops while record 6 is handed out, without it arriving: after the seek it comes again."""
    rig = _Rig(transport, _Log(range(8), committed=5))
    await rig.consumer.perform_seek()

    async def rebalance(message: Any) -> None:
        if message.offset == 6 and -6 not in rig.got:
            rig.got.remove(6)
            rig.got.append(-6)
            rig.consumer.stop_flow()
            rig.consumer.resume_flow()

    rig.on_message = rebalance
    await rig.run()
    assert rig.got == [5, -6, 6, 7]


@pytest.mark.parametrize("transport", [PLAIN, OURS])
async def test_no_commit_before_the_first_record_is_acknowledged(transport: type[Any]) -> None:
    """Records 1 and 2 are done, 0 is not: nothing is committed."""
    rig = _Rig(transport, _Log(range(3), committed=None))
    await rig.consumer.perform_seek()
    await rig.run()
    rig.acknowledge(1, 2)
    await rig.consumer.commit()
    assert rig.log.commits == []


@pytest.mark.parametrize("transport", [PLAIN, OURS])
async def test_a_failed_commit_is_made_again(transport: type[Any]) -> None:
    """Kafka refuses a commit in the middle of a rebalance; the next one commits the same offset."""
    rig = _Rig(transport, _Log(range(3), committed=None))
    await rig.consumer.perform_seek()
    await rig.run()
    rig.acknowledge(0, 1, 2)
    rig.log.commit_works = False
    await rig.consumer.commit()
    rig.log.commit_works = True
    await rig.consumer.commit()
    assert rig.log.commits == [3, 3]


@pytest.mark.parametrize("transport", [PLAIN, OURS])
async def test_what_a_stream_skips_unread_is_not_committed(transport: type[Any]) -> None:
    """Faust's stream acknowledges records of before the rebalance that it passes over; they are not done."""
    rig = _Rig(transport, _Log(range(3), committed=None))
    await rig.consumer.perform_seek()
    await rig.run()
    for message in rig.messages:
        rig.consumer.ack(message)
    await rig.consumer.commit()
    assert rig.log.commits == []


async def test_an_acknowledgement_from_before_the_rebalance_does_not_count() -> None:
    """The work of the last generation is read again from the committed offset, so its end commits nothing."""
    rig = _Rig(Transport, _Log(range(3), committed=None))
    await rig.consumer.perform_seek()
    await rig.run()
    rig.app.consumer_generation_id += 1
    await rig.consumer.perform_seek()
    rig.acknowledge(0, 1, 2)
    await rig.consumer.commit()
    assert rig.log.commits == []


async def test_a_revoked_partition_is_neither_read_nor_committed() -> None:
    """After the revocation records under way are dropped, and what is acknowledged late is not committed."""
    rig = _Rig(Transport, _Log(range(8), committed=2))
    await rig.consumer.perform_seek()
    await rig.run()
    got = list(rig.got)
    await rig.consumer.on_partitions_revoked({SOURCE})
    rig.consumer._set_active_tps({SOURCE})
    rig.log.position_ = 0
    await rig.run()
    rig.acknowledge(*range(8))
    await rig.consumer.commit()
    assert rig.got == got
    assert rig.log.commits == []


async def test_holes_that_compaction_left_are_passed() -> None:
    """A log with holes, at the seek and in the middle, is read to its end and committed."""
    rig = _Rig(Transport, _Log([7, 8, 11, 12, 13, 40, 41], committed=5))
    await rig.consumer.perform_seek()
    await rig.run()
    rig.acknowledge(*rig.log.offsets)
    await rig.consumer.commit()
    assert rig.got == rig.log.offsets
    assert rig.log.commits == [42]


async def test_a_committed_offset_that_retention_removed_is_passed() -> None:
    """The committed offset is older than the log: what the broker still has is read."""
    rig = _Rig(Transport, _Log(range(50, 55), committed=5))
    await rig.consumer.perform_seek()
    await rig.run()
    assert rig.got == list(range(50, 55))


async def test_findings_are_counted() -> None:
    """What the consumer met and put right is in the metrics."""
    rig = _Rig(Transport, _Log(range(20), committed=5))
    await rig.consumer.perform_seek()
    rig.log.stale += [[10, 11], [3, 4]]
    await rig.run()
    registry = rig.consumer._metrics.registry
    kinds = {"later": 1.0, "earlier": 2.0}
    for kind, count in kinds.items():
        labels = {"stage": "consumer", "kind": kind}
        assert registry.get_sample_value("counterclaim_consumer_findings_total", labels) == count


async def test_lag_is_what_is_not_committed() -> None:
    """Lag counts from the acknowledged offset, from the committed one, or from where reading began."""
    rig = _Rig(Transport, _Log(range(20), committed=5))
    await rig.consumer.perform_seek()
    assert rig.consumer.uncommitted({SOURCE: 20}) == 15
    await rig.run()
    rig.acknowledge(5, 6)
    assert rig.consumer.uncommitted({SOURCE: 20}) == 13
    rig.acknowledge(*range(20))
    assert rig.consumer.uncommitted({SOURCE: 20}) == 0
