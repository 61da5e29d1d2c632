"""Workers of the engine on real Kafka: rebalances, kills, poison, lost state, and the ways a worker ends."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from click.testing import CliRunner

from monitor.broker import create_topics
from monitor.cli.dead_letters import dead_letters
from monitor.kafka import client_options
from monitor.settings import Settings
from monitor.stream.dead_letters import choose, open_letters, retry
from monitor.stream.stub import run_stage_async
from monitor.stream.watchdog import EXIT_STALLED
from schemas import DeadLetter
from schemas.topics import DEAD_LETTERS, MAX_MESSAGE_BYTES, TopicSpec

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import stream_lab as lab  # noqa: E402 - the module that the workers run

pytestmark = pytest.mark.kafka

PLAIN = bool(os.environ.get("COUNTERCLAIM_TEST_PLAIN"))
PATIENCE_S = 280 if PLAIN else 180
"""Longest wait for anything; a busy machine takes a while, and no test depends on how long."""

LOG_LINES = 80
"""Last lines of each worker's log that are shown where a test fails."""


class _Cluster:
    """Producing to, reading from and asking the session's Kafka, under this test's prefix."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.prefix = settings.kafka.prefix

    def name(self, spec: TopicSpec) -> str:
        return self.prefix + spec.name

    async def send(self, values: list[bytes], partition: int | None = None) -> None:
        producer = AIOKafkaProducer(**client_options(self.settings), max_request_size=2 * MAX_MESSAGE_BYTES)
        await producer.start()
        futures = [
            await producer.send(
                self.name(lab.NUMBERS), value, partition=number % lab.PARTITIONS if partition is None else partition
            )
            for number, value in enumerate(values)
        ]
        await asyncio.gather(*futures)
        await producer.stop()

    async def read(self, spec: TopicSpec) -> dict[int, list[Any]]:
        """Return all records of a topic by partition."""
        consumer = AIOKafkaConsumer(
            **client_options(self.settings), enable_auto_commit=False, auto_offset_reset="earliest"
        )
        await consumer.start()
        tps = [TopicPartition(self.name(spec), number) for number in range(spec.partitions)]
        consumer.assign(tps)
        await consumer.seek_to_beginning(*tps)
        ends = await consumer.end_offsets(tps)
        found: dict[int, list[Any]] = {number: [] for number in range(spec.partitions)}
        for tp in tps:
            while await consumer.position(tp) < ends[tp]:
                for records in (await consumer.getmany(tp, timeout_ms=1000)).values():
                    found[tp.partition] += records
        await consumer.stop()
        return found

    async def committed(self, stage: str = "count") -> tuple[list[int], list[int]]:
        """Return the committed offsets and the ends of the source topic's partitions."""
        consumer = AIOKafkaConsumer(
            **client_options(self.settings), group_id=self.prefix + stage, enable_auto_commit=False
        )
        await consumer.start()
        tps = [TopicPartition(self.name(lab.NUMBERS), number) for number in range(lab.PARTITIONS)]
        consumer.assign(tps)
        ends = await consumer.end_offsets(tps)
        done = [await consumer.committed(tp) or 0 for tp in tps]
        await consumer.stop()
        return done, [ends[tp] for tp in tps]

    async def until(self, condition: Callable[[], Any], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not await condition():
            assert time.monotonic() < deadline, f"not within {PATIENCE_S} s: {what}"
            await asyncio.sleep(0.3)

    async def until_read(self, workers: _Workers | None = None) -> None:
        """Wait until all is committed; ``workers``: start again those that have ended, as the supervisor does."""

        async def through() -> bool:
            if workers is not None:
                workers.revive()
            done, ends = await self.committed()
            return done == ends

        await self.until(through, "the committed offsets at the end of every partition")


class _Workers:
    """Processes of the lab's stages."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("COUNTERCLAIM_")},
            "COUNTERCLAIM_CONFIG": os.devnull,
            "COUNTERCLAIM_KAFKA__BROKER": settings.kafka.broker or "",
            "COUNTERCLAIM_KAFKA__PREFIX": settings.kafka.prefix,
            "COUNTERCLAIM_DATA": str(settings.data),
            "COUNTERCLAIM_STREAM__SESSION_TIMEOUT_S": "6",
            "COUNTERCLAIM_STREAM__STALL_S": "30",
            "COUNTERCLAIM_STREAM__BACKOFF_S": "0.05",
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._started: dict[str, tuple[list[str], dict[str, str]]] = {}
        self.ends: list[int] = []

    def start(self, name: str = "count", instance: str = "0", **extra: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(HERE / "stream_lab.py"), name]
        return self._spawn(command, instance, extra)

    def plain(self) -> subprocess.Popen[bytes]:
        """Start the worker as people who know Faust do."""
        command = [sys.executable, "-m", "faust", "-A", "stream_lab", "worker", "-l", "info"]
        return self._spawn(command, "plain", {"PLAIN_FAUST": "1", "PYTHONPATH": str(HERE)})

    def _spawn(self, command: list[str], instance: str, extra: dict[str, str]) -> subprocess.Popen[bytes]:
        self._started[instance] = command, extra
        environment = {**self.environment, "COUNTERCLAIM_INSTANCE": instance, **extra}
        with (self.folder / f"{instance}.log").open("ab") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=self.folder)
        self.running[instance] = process
        return process

    def log(self, instance: str = "0") -> str:
        return (self.folder / f"{instance}.log").read_text()

    def kill(self, instance: str) -> None:
        self.running[instance].kill()
        self.running[instance].wait(PATIENCE_S)

    def revive(self) -> None:
        for instance, process in list(self.running.items()):
            if process.poll() is not None:
                self.ends.append(process.returncode)
                command, extra = self._started[instance]
                self._spawn(command, instance, extra)

    def stop(self) -> list[int]:
        """End all in the orderly way; return their statuses."""
        for process in self.running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        statuses = [process.wait(PATIENCE_S) for process in self.running.values()]
        self.running.clear()
        return statuses


@pytest.fixture
async def cluster(kafka_settings: Settings) -> _Cluster:
    """The topics of one test."""
    await create_topics(kafka_settings, lab.TOPICS)
    return _Cluster(kafka_settings)


@pytest.fixture
def workers(kafka_settings: Settings, tmp_path: Path) -> Iterator[_Workers]:
    """The processes of one test; none is left running. How they fared is printed, which pytest shows of a failure."""
    made = _Workers(kafka_settings, tmp_path)
    yield made
    for log in sorted(tmp_path.glob("*.log")):
        print(f"--- {log.name}", *log.read_text(errors="replace").splitlines()[-LOG_LINES:], sep="\n")
    for process in made.running.values():
        if process.poll() is None:
            process.kill()
            process.wait(PATIENCE_S)


def _numbers(count: int, start: int = 0) -> list[bytes]:
    return [lab.Number(number=number).to_bytes() for number in range(start, start + count)]


async def _expected(cluster: _Cluster, acts: bool = False) -> dict[int, int]:
    """Return number -> answer of the handler run over the log as it stands, partition by partition."""
    answers: dict[int, int] = {}
    for records in (await cluster.read(lab.NUMBERS)).values():
        messages = [lab.Number.from_bytes(record.value) for record in records]
        for output in await run_stage_async(lab.count, messages, cluster.settings):
            answers[output.message.number] = output.message.seen
    return answers


async def _answers(cluster: _Cluster) -> dict[int, set[int]]:
    answers: dict[int, set[int]] = {}
    for records in (await cluster.read(lab.TOTALS)).values():
        for record in records:
            total = lab.Total.from_bytes(record.value)
            answers.setdefault(total.number, set()).add(total.seen)
    return answers


@pytest.mark.slow
async def test_rebalances_and_kills_lose_nothing(cluster: _Cluster, workers: _Workers, tmp_path: Path) -> None:
    """Two workers, SIGKILLs under lag, one's data deleted: every answer is there, and is that of the pure function.

    With COUNTERCLAIM_TEST_PLAIN=1 the workers are plain Faust's. They do not fail each time: what they do wrong, and
    when, tests/unit/stream/test_consumer.py shows step by step.
    """
    seed, stage = 11, "plain" if PLAIN else "count"
    chance = random.Random(seed)
    await cluster.send(_numbers(6000))
    for instance in ("0", "1"):
        workers.start(stage, instance)
    kills = 0

    async def begun() -> bool:
        done, _ = await cluster.committed()
        return sum(done) > 0

    await cluster.until(begun, "the first commit")
    for step in range(3):
        await cluster.send(_numbers(3000, 6000 + 3000 * step))
        await asyncio.sleep(chance.uniform(0.2, 1.5))
        done, ends = await cluster.committed()
        if done != ends:
            victim = chance.choice(("0", "1"))
            workers.kill(victim)
            kills += 1
            if step == 1:
                shutil.rmtree(cluster.settings.data / "state" / "count" / victim)
            workers.start(stage, victim)
    await cluster.until_read(workers)
    assert workers.stop() == [0, 0]
    expected, answers = await _expected(cluster), await _answers(cluster)
    again = sum(len(records) for records in (await cluster.read(lab.TOTALS)).values()) - len(answers)
    print(f"seed {seed}, {kills} kills, {len(expected)} numbers, {again} answers sent again")
    assert kills > 0
    assert answers == {number: {seen} for number, seen in expected.items()}


async def test_poison_of_every_kind_is_set_aside_and_the_rest_goes_on(cluster: _Cluster, workers: _Workers) -> None:
    """Undecodable, of a later version, refused, answered too large, larger than a letter, and one that kills."""
    poison: list[bytes] = [
        b"\x00 not JSON",
        lab.Number(number=901).to_bytes().replace(b'"schema_version":1', b'"schema_version":99'),
        lab.Number(number=902, act="bad").to_bytes(),
        lab.Number(number=903, act="large").to_bytes(),
        b"y" * (MAX_MESSAGE_BYTES - 2048),
        lab.Number(number=904, act="kill").to_bytes(),
    ]
    good = _numbers(20)
    mixed = [value for pair in zip(good, [*poison, *good], strict=False) for value in pair][:12] + good[6:]
    mixed.append(lab.Number(number=500, act="flaky").to_bytes())
    await cluster.send(mixed, partition=0)
    workers.start()
    await cluster.until_read(workers)
    assert workers.ends == [-signal.SIGKILL] * 3, "the record that kills does so three times, no more"
    assert workers.stop() == [0]

    letters = [DeadLetter.from_bytes(record.value) for record in (await cluster.read(DEAD_LETTERS))[0]]
    by_offset = {letter.offset: letter for letter in letters}
    assert [by_offset[offset].error for offset in (1, 3, 5, 7, 9, 11)] == [
        "DecodeError", "SchemaVersionError", "ValueError", "OutputTooLargeError", "DecodeError", "PoisonError",
    ]  # fmt: skip
    assert len(by_offset) == 6
    assert by_offset[9].truncated
    assert by_offset[11].attempts == 0
    assert {letter.topic for letter in letters} == {"numbers"}

    order = [
        lab.Total.from_bytes(record.value).number
        for records in (await cluster.read(lab.TOTALS)).values()
        for record in records
    ]
    assert {*range(20), 500} == set(order), "what is good is answered, the flaky one too"


async def test_dead_letters_are_sent_again_after_the_fix(cluster: _Cluster, workers: _Workers) -> None:
    """Listed, shown, sent back and closed; the fixed worker answers them; a second retry has nothing to do."""
    await cluster.send([lab.Number(number=number, act="bad").to_bytes() for number in (1, 2)] + _numbers(2, 10))
    workers.start()
    await cluster.until_read(workers)
    workers.stop()
    letters = await open_letters(cluster.settings)
    assert sorted(lab.Number.from_bytes(letter.value or b"").number for letter in letters) == [1, 2]
    assert await open_letters(cluster.settings, "other") == []

    shown = choose(letters, letters[0].dead_letter_id[:12])
    assert shown == letters[0]
    listed = await asyncio.to_thread(
        CliRunner().invoke, dead_letters, ["list", "--json"], env=workers.environment, obj=None
    )
    assert listed.exit_code == 0, listed.output
    assert all(letter.dead_letter_id in listed.output for letter in letters)

    assert [result.reason for result in await retry(cluster.settings, letters)] == [None, None]
    assert await open_letters(cluster.settings) == []
    workers.start(FIXED="1")
    await cluster.until_read(workers)
    workers.stop()
    assert set(await _answers(cluster)) == {1, 2, 10, 11}
    assert await open_letters(cluster.settings) == []


async def test_a_record_too_large_for_a_letter_is_sent_again_from_its_place(
    cluster: _Cluster, workers: _Workers
) -> None:
    """Its letter holds where it stands; the retry reads it there."""
    large = lab.Number(number=7, act="bad" + " " * (MAX_MESSAGE_BYTES - 4096)).to_bytes()
    await cluster.send([b"{}" + b" " * (MAX_MESSAGE_BYTES - 4096)], partition=1)
    workers.start()
    await cluster.until_read(workers)
    workers.stop()
    [letter] = await open_letters(cluster.settings)
    assert letter.truncated
    assert len(large) > MAX_MESSAGE_BYTES * 3 // 4
    assert [result.reason for result in await retry(cluster.settings, [letter])] == [None]
    records = (await cluster.read(lab.NUMBERS))[1]
    assert records[0].value == records[1].value


async def test_the_worker_ends_with_the_offset_uncommitted_when_a_letter_cannot_be_sent(
    kafka_settings: Settings, workers: _Workers
) -> None:
    """The dead-letter topic takes no letter: the worker ends with an error, and the record comes again."""
    tiny = replace(DEAD_LETTERS, max_message_bytes=100)
    await create_topics(kafka_settings, [*(spec for spec in lab.TOPICS if spec is not DEAD_LETTERS), tiny])
    cluster = _Cluster(kafka_settings)
    await cluster.send([*_numbers(3), b"poison", *_numbers(3, 3)], partition=0)
    worker = workers.start()
    assert await asyncio.to_thread(worker.wait, PATIENCE_S) == 1
    done, _ = await cluster.committed()
    assert done[0] <= 3
    assert "MessageSizeTooLargeError" in workers.log()


async def test_lost_state_is_rebuilt_from_the_changelog(cluster: _Cluster, workers: _Workers) -> None:
    """The data folder is deleted between two runs: counting goes on where it stopped."""
    await cluster.send(_numbers(300))
    workers.start()
    await cluster.until_read(workers)
    assert workers.stop() == [0]
    shutil.rmtree(cluster.settings.data)
    await cluster.send(_numbers(300, 300))
    workers.start()
    await cluster.until_read(workers)
    assert workers.stop() == [0]
    assert await _answers(cluster) == {number: {seen} for number, seen in (await _expected(cluster)).items()}


async def test_an_orderly_stop_commits_what_is_done_and_is_quiet(cluster: _Cluster, workers: _Workers) -> None:
    """SIGTERM in mid-stream: status 0, no traceback, and what was answered is not answered again."""
    await cluster.send(_numbers(20_000))
    workers.start()

    async def begun() -> bool:
        return any((await cluster.read(lab.TOTALS)).values())

    await cluster.until(begun, "the first answer")
    assert workers.stop() == [0]
    done, ends = await cluster.committed()
    answered = sum(len(records) for records in (await cluster.read(lab.TOTALS)).values())
    assert sum(done) == answered
    assert "Traceback" not in workers.log()
    assert 0 < sum(done) < sum(ends)


async def test_a_worker_that_stands_still_ends_itself(cluster: _Cluster, workers: _Workers) -> None:
    """Its consumer has died silently while records wait: the watchdog ends it with its own status."""
    await cluster.send(_numbers(40))
    worker = workers.start("deaf", COUNTERCLAIM_STREAM__STALL_S="5")
    assert await asyncio.to_thread(worker.wait, PATIENCE_S) == EXIT_STALLED
    assert "stalled" in workers.log()


async def test_ticks_come_to_every_partition_and_state_follows_delivery(cluster: _Cluster, workers: _Workers) -> None:
    """A stage with a timer handles its own ticks in each partition it owns, counting them in its state."""
    workers.start("beat")

    async def ticked() -> bool:
        answers = await _answers(cluster)
        return all(len(answers.get(partition, ())) >= 3 for partition in range(lab.PARTITIONS))

    await cluster.until(ticked, "three ticks a partition")
    assert workers.stop() == [0]
    for seen in (await _answers(cluster)).values():
        assert seen == set(range(1, max(seen) + 1))


async def test_the_plain_faust_command_runs_the_same_worker(cluster: _Cluster, workers: _Workers) -> None:
    """``faust -A module worker`` reads, answers, commits, and opens no port to the network."""
    await cluster.send(_numbers(50))
    workers.plain()
    await cluster.until_read(workers)
    assert workers.stop() == [0]
    assert len(await _answers(cluster)) == 50
    assert (cluster.settings.data / "state" / "count" / "plain").is_dir()


async def test_a_worker_without_its_topics_says_which_are_missing(kafka_settings: Settings, workers: _Workers) -> None:
    """Faust would wait for them for ever."""
    worker = workers.start()
    assert await asyncio.to_thread(worker.wait, PATIENCE_S) == 1
    assert f"{kafka_settings.kafka.prefix}numbers" in workers.log()
    assert "kafka-topics create" in workers.log()
