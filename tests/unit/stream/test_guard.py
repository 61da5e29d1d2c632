"""The guard over a double of Kafka: what is acknowledged, what is sent, what ends the worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import rocksdict

from monitor.errors import PoisonError
from monitor.settings import Settings, StreamSettings
from monitor.stream import Context, Output, Stage
from monitor.stream.guard import Guard
from monitor.stream.ledger import DEATHS, Ledger
from monitor.stream.metrics import Metrics
from schemas import DeadLetter
from schemas.message import Message
from schemas.topics import TopicSpec


class Word(Message):
    """A message of these tests."""

    text: str


IN = TopicSpec("words", "text", Word, 2)
OUT = TopicSpec("answers", "text", Word, 2, max_message_bytes=4096)


@dataclass
class _Record:
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class _Kafka:
    """A double of the link: outputs arrive at once, or when the test says so."""

    def __init__(self, folder: Path) -> None:
        self.sent: list[tuple[str, bytes | None, bytes | None]] = []
        self.acknowledged: list[tuple[int, int]] = []
        self.changes: list[tuple[int, list[tuple[bytes, bytes | None]]]] = []
        self.failure: BaseException | None = None
        self.warnings: list[str] = []
        self.hold = False
        self.held: list[asyncio.Future[Any]] = []
        self.refuse: Callable[[str], Exception | None] = lambda topic: None
        self._folder = folder
        self._databases: dict[int, Any] = {}

    async def send_record(self, topic: str, key: bytes | None, value: bytes | None) -> asyncio.Future[Any]:
        error = self.refuse(topic)
        if error is not None:
            raise error
        self.sent.append((topic, key, value))
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self.hold:
            self.held.append(future)
        else:
            future.set_result(None)
        return future

    async def send_changes(self, partition: int, entries: Sequence[tuple[bytes, bytes | None]]) -> int:
        await asyncio.sleep(0)
        self.changes.append((partition, list(entries)))
        return sum(len(changes) for _, changes in self.changes)

    def acknowledge(self, record: Any) -> None:
        self.acknowledged.append((record.partition, record.offset))

    def database(self, partition: int) -> Callable[[], Any]:
        def opened() -> Any:
            if partition not in self._databases:
                options = rocksdict.Options(raw_mode=True)
                options.create_if_missing(True)
                self._databases[partition] = rocksdict.Rdict(str(self._folder / f"db{partition}"), options)
            return self._databases[partition]

        return opened

    def warn(self, event: str, record: Any, error: BaseException) -> None:
        self.warnings.append(event)

    def fail(self, error: BaseException) -> None:
        self.failure = error

    def letters(self) -> list[DeadLetter]:
        return [DeadLetter.from_bytes(value or b"") for topic, _, value in self.sent if topic == "dead-letters"]

    def answers(self) -> list[str]:
        return [Word.from_bytes(value or b"").text for topic, _, value in self.sent if topic == "answers"]


class _Rig:
    def __init__(self, folder: Path, stage: Stage, **options: Any) -> None:
        self.kafka = _Kafka(folder)
        self.settings = Settings(data=folder, stream=StreamSettings(**{"backoff_s": 0.001, "attempts": 3, **options}))
        self.ledger = Ledger(folder / "worker")
        self.guard = Guard(stage, self.settings, self.kafka, Metrics(stage.name), self.ledger)
        self._next: dict[int, int] = {}

    async def feed(self, *values: str | bytes | None, partition: int = 0) -> None:
        for value in values:
            offset = self._next.get(partition, 0)
            self._next[partition] = offset + 1
            raw = Word(text=value).to_bytes() if isinstance(value, str) else value
            await self.guard.take(_Record("words", partition, offset, b"k", raw))

    async def settle(self) -> None:
        assert await self.guard.drain(10)


@pytest.fixture
def rig(tmp_path: Path) -> Callable[..., _Rig]:
    """Return a function that makes a guard around a handler."""

    def make(handler: Callable[..., Any], *, state: bool = False, offload: bool = False, **options: Any) -> _Rig:
        stage = Stage("unit", reads=IN, writes=(OUT,), state=state, offload=offload)
        stage.handler(handler)
        return _Rig(tmp_path, stage, **options)

    return make


def _echo(word: Word, context: Context) -> Iterator[Output]:
    yield Output(OUT, word.text, word)


async def _echo_async(word: Word, context: Context) -> AsyncIterator[Output]:
    await asyncio.sleep(0)
    yield Output(OUT, word.text, word)


HANDLERS = pytest.mark.parametrize(
    ("handler", "offload"), [(_echo, False), (_echo, True), (_echo_async, False)], ids=["plain", "offloaded", "async"]
)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.001)


@HANDLERS
async def test_outputs_and_acknowledgements_keep_the_order_of_the_log(
    rig: Callable[..., _Rig], handler: Callable[..., Any], offload: bool
) -> None:
    """What is read in order is sent and acknowledged in order, whatever runs the handler."""
    made = rig(handler, offload=offload)
    words = [f"w{number}" for number in range(100)]
    await made.feed(*words)
    await _until(lambda: len(made.kafka.acknowledged) == 100)
    assert made.kafka.answers() == words
    assert made.kafka.acknowledged == [(0, offset) for offset in range(100)]


@HANDLERS
async def test_nothing_is_acknowledged_before_its_output_has_arrived(
    rig: Callable[..., _Rig], handler: Callable[..., Any], offload: bool
) -> None:
    """Outputs are under way: no acknowledgement; the first arrives last: none before it; then all."""
    made = rig(handler, offload=offload)
    made.kafka.hold = True
    await made.feed("a", "b", "c")
    await _until(lambda: len(made.kafka.held) == 3)
    made.kafka.held[1].set_result(None)
    made.kafka.held[2].set_result(None)
    await asyncio.sleep(0.01)
    assert made.kafka.acknowledged == []
    made.kafka.held[0].set_result(None)
    await _until(lambda: len(made.kafka.acknowledged) == 3)


async def test_the_window_bounds_what_is_in_flight(rig: Callable[..., _Rig]) -> None:
    """With a window of 2 the third record waits until the first is through."""
    made = rig(_echo, window=2)
    made.kafka.hold = True
    await made.feed("a", "b")
    third = asyncio.create_task(made.feed("c"))
    await asyncio.sleep(0.01)
    assert made.kafka.answers() == ["a", "b"]
    made.kafka.held[0].set_result(None)
    await asyncio.wait_for(third, 10)
    assert made.kafka.answers() == ["a", "b", "c"]


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe not JSON", b"{}", b'{"schema_version": 9, "text": "x"}'])
async def test_what_does_not_decode_is_a_dead_letter_and_the_rest_goes_on(rig: Callable[..., _Rig], raw: bytes) -> None:
    """The raw bytes, the place and the reason are kept; the records around it are handled."""
    made = rig(_echo)
    await made.feed("before", raw, "after")
    await made.settle()
    assert made.kafka.answers() == ["before", "after"]
    [letter] = made.kafka.letters()
    assert (letter.value, letter.key, letter.topic, letter.partition, letter.offset) == (raw, b"k", "words", 0, 1)
    assert letter.error == ("SchemaVersionError" if b"9" in raw else "DecodeError")
    assert letter.record_schema_version == (9 if b"9" in raw else None)
    assert made.kafka.acknowledged == [(0, 0), (0, 1), (0, 2)]


async def test_a_tombstone_is_passed(rig: Callable[..., _Rig]) -> None:
    """A record without a value deletes its key in a compacted topic: nothing to handle, no dead letter."""
    made = rig(_echo)
    await made.feed(None, "a")
    await made.settle()
    assert made.kafka.answers() == ["a"]
    assert made.kafka.letters() == []
    assert len(made.kafka.acknowledged) == 2


@pytest.mark.parametrize("offload", [False, True])
async def test_a_transient_failure_is_tried_again(rig: Callable[..., _Rig], offload: bool) -> None:
    """A handler that fails twice with a network error and then works sends its output once; no dead letter."""
    tries = []

    def handler(word: Word, context: Context) -> list[Output]:
        tries.append(word.text)
        if len(tries) < 3:
            raise ConnectionError("away")
        return [Output(OUT, word.text, word)]

    made = rig(handler, offload=offload)
    await made.feed("a")
    await _until(lambda: bool(made.kafka.acknowledged))
    assert len(tries) == 3
    assert made.kafka.answers() == ["a"]
    assert made.kafka.letters() == []


async def test_a_failure_that_stays_transient_becomes_a_dead_letter(rig: Callable[..., _Rig]) -> None:
    """After as many tries as the settings allow the record is given up, with their number."""

    def handler(word: Word, context: Context) -> list[Output]:
        raise TimeoutError("never there")

    made = rig(handler)
    await made.feed("a")
    await made.settle()
    [letter] = made.kafka.letters()
    assert (letter.error, letter.attempts) == ("TimeoutError", 3)


@pytest.mark.parametrize("offload", [False, True])
async def test_another_failure_is_a_dead_letter_at_once(rig: Callable[..., _Rig], offload: bool) -> None:
    """What trying again cannot help is tried once."""
    tries = []

    def handler(word: Word, context: Context) -> list[Output]:
        tries.append(word.text)
        if word.text == "bad":
            raise ValueError("no such word")
        return [Output(OUT, word.text, word)]

    made = rig(handler, offload=offload)
    await made.feed("good", "bad", "fine")
    await _until(lambda: len(made.kafka.acknowledged) == 3)
    assert tries == ["good", "bad", "fine"]
    [letter] = made.kafka.letters()
    assert (letter.error, letter.reason, letter.attempts) == ("ValueError", "no such word", 1)
    assert made.kafka.answers() == ["good", "fine"]


async def test_the_offset_waits_for_the_dead_letter(rig: Callable[..., _Rig]) -> None:
    """The dead letter is under way: the record is not acknowledged yet."""
    made = rig(_echo)
    made.kafka.hold = True
    await made.feed(b"{}")
    await asyncio.sleep(0.01)
    assert made.kafka.acknowledged == []
    made.kafka.held[0].set_result(None)
    await made.settle()
    assert made.kafka.acknowledged == [(0, 0)]


@pytest.mark.parametrize("late", [False, True], ids=["refused by the producer", "refused by the broker"])
async def test_the_worker_ends_when_dead_lettering_fails(rig: Callable[..., _Rig], late: bool) -> None:
    """Neither that record nor any after it is acknowledged, and the app is told to end."""
    made = rig(_echo)
    error = RuntimeError("no such topic")
    if late:
        made.kafka.hold = True
    else:
        made.kafka.refuse = lambda topic: error if topic == "dead-letters" else None
    await made.feed(b"{}")
    if late:
        made.kafka.held[0].set_exception(error)
        await asyncio.sleep(0.01)
    await made.feed("after")
    assert made.kafka.failure is error
    assert made.kafka.acknowledged == []
    assert made.kafka.answers() == []


async def test_the_worker_ends_when_an_output_cannot_be_delivered(rig: Callable[..., _Rig]) -> None:
    """A failed delivery ends the worker; it never skips: nothing from that record on is acknowledged."""
    made = rig(_echo)
    made.kafka.hold = True
    await made.feed("a", "b")
    made.kafka.held[0].set_exception(RuntimeError("broker gone"))
    made.kafka.held[1].set_result(None)
    await asyncio.sleep(0.01)
    assert isinstance(made.kafka.failure, RuntimeError)
    assert made.kafka.acknowledged == []


async def test_an_output_too_large_is_a_dead_letter_of_the_input(rig: Callable[..., _Rig]) -> None:
    """None of the input's outputs is sent; the input is kept whole."""

    def handler(word: Word, context: Context) -> list[Output]:
        return [Output(OUT, "small", word), Output(OUT, "large", Word(text="x" * 5000))]

    made = rig(handler)
    await made.feed("a", "b")
    await made.settle()
    letters = made.kafka.letters()
    assert [letter.error for letter in letters] == ["OutputTooLargeError"] * 2
    assert letters[0].value == Word(text="a").to_bytes()
    assert made.kafka.answers() == []
    assert len(made.kafka.acknowledged) == 2


async def test_state_is_written_in_the_order_of_the_log_and_read_back(rig: Callable[..., _Rig]) -> None:
    """Each record sees what the one before it wrote; the changelog has the same, in whole messages."""

    def handler(word: Word, context: Context) -> list[Output]:
        count = int(context.store.get("count", b"0")) + 1
        context.store["count"] = str(count).encode()
        context.store[f"seen|{word.text}"] = b"1"
        return [Output(OUT, word.text, Word(text=f"{word.text}{count}"))]

    made = rig(handler, state=True)
    await made.feed("a", "b", "c")
    await made.settle()
    await made.feed("d")
    await made.settle()
    assert made.kafka.answers() == ["a1", "b2", "c3", "d4"]
    entries = [entry for _, group in made.kafka.changes for entry in group]
    assert [value for key, value in entries if key == b"count"] == [b"1", b"2", b"3", b"4"]
    for _, group in made.kafka.changes:
        assert len(group) % 2 == 0, "a group holds whole messages"


async def test_state_of_a_failed_record_is_not_written(rig: Callable[..., _Rig]) -> None:
    """A handler that writes and then fails leaves nothing: neither in the store nor in the changelog."""

    def handler(word: Word, context: Context) -> list[Output]:
        context.store["last"] = word.text.encode()
        if word.text == "bad":
            raise ValueError(word.text)
        return [Output(OUT, "k", Word(text=context.store["last"].decode()))]

    made = rig(handler, state=True)
    await made.feed("good", "bad")
    await made.settle()
    assert made.kafka.changes == [(0, [(b"last", b"good")])]


async def test_an_object_kept_is_made_once_a_partition_and_anew_after_a_failure(rig: Callable[..., _Rig]) -> None:
    """It is built from the store on first use, and again once a handler failed half way through it."""
    made_for: list[int] = []

    def handler(word: Word, context: Context) -> None:
        context.keep(lambda: made_for.append(context.partition))
        if word.text == "bad":
            raise ValueError

    made = rig(handler)
    await made.feed("a", "b")
    await made.feed("a", partition=1)
    assert made_for == [0, 1]
    await made.feed("bad", "c")
    assert made_for == [0, 1, 0]


async def test_an_async_handler_can_wait_for_delivery_before_it_writes(rig: Callable[..., _Rig]) -> None:
    """`deliver` returns when the outputs have arrived; state written after it goes out after them."""
    made_it: list[str] = []

    async def handler(word: Word, context: Context) -> None:
        await context.deliver([Output(OUT, "k", word)])
        made_it.append(word.text)
        context.store["done"] = word.text.encode()

    made = rig(handler, state=True)
    made.kafka.hold = True
    await made.feed("a")
    await _until(lambda: bool(made.kafka.held))
    await asyncio.sleep(0.01)
    assert made_it == []
    assert made.kafka.changes == []
    made.kafka.held[0].set_result(None)
    await made.settle()
    assert made_it == ["a"]
    assert made.kafka.changes == [(0, [(b"done", b"a")])]


async def test_what_an_async_handler_saves_stays_when_it_fails(rig: Callable[..., _Rig]) -> None:
    """What was saved before a failure is in the changelog and seen by the next try; what came after is not."""
    seen: list[dict[str, bytes]] = []

    async def handler(word: Word, context: Context) -> None:
        seen.append(dict(context.store))
        context.store["sending"] = b"1"
        await context.save()
        context.store["sent"] = b"1"
        if len(seen) == 1:
            raise ConnectionError("cut off")

    made = rig(handler, state=True)
    await made.feed("a")
    await _until(lambda: bool(made.kafka.acknowledged))
    assert seen == [{}, {"sending": b"1"}]
    assert made.kafka.changes[0] == (0, [(b"sending", b"1")])


async def test_a_slow_partition_of_an_async_stage_does_not_hold_up_the_others(rig: Callable[..., _Rig]) -> None:
    """While partition 0 waits for the network, partition 1 goes on."""
    gate = asyncio.Event()

    async def handler(word: Word, context: Context) -> None:
        if context.partition == 0:
            await gate.wait()

    made = rig(handler)
    await made.feed("slow")
    await made.feed("a", "b", partition=1)
    await _until(lambda: made.kafka.acknowledged == [(1, 0), (1, 1)])
    assert made.guard.handling
    gate.set()
    await made.settle()
    assert (0, 0) in made.kafka.acknowledged


async def test_what_is_unfinished_when_partitions_go_is_neither_sent_nor_acknowledged(rig: Callable[..., _Rig]) -> None:
    """A handler still running at the revocation is cancelled; its output belongs to the next owner."""
    started = asyncio.Event()

    async def handler(word: Word, context: Context) -> list[Output]:
        started.set()
        await asyncio.sleep(60)
        return [Output(OUT, "k", word)]

    made = rig(handler)
    await made.feed("a")
    await started.wait()
    assert not await made.guard.drain(0.01)
    await made.guard.forget()
    assert made.kafka.sent == []
    assert made.kafka.acknowledged == []
    assert not made.guard.handling


async def test_a_store_of_a_partition_that_went_cannot_be_used(rig: Callable[..., _Rig]) -> None:
    """What still holds the store after the revocation gets an error, not another owner's data."""
    kept: list[Any] = []

    def handler(word: Word, context: Context) -> None:
        kept.append(context.store)

    made = rig(handler, state=True)
    await made.feed("a")
    await made.guard.forget()
    with pytest.raises(RuntimeError, match="taken away"):
        kept[0].get("x")


async def test_a_record_that_ended_the_process_three_times_is_not_handled_again(tmp_path: Path) -> None:
    """Each unclean end while it was handled is counted; after the third it goes to the dead letters unread."""
    stage = Stage("unit", reads=IN, writes=(OUT,))
    handled: list[str] = []

    @stage.handler
    def handle(word: Word, context: Context) -> None:
        handled.append(word.text)

    for _ in range(DEATHS):
        Ledger(tmp_path / "worker").enter("words", 0, 1)  # and the process is killed
    made = _Rig(tmp_path, stage)
    await made.feed("before", "killer", "after")
    await made.settle()
    assert handled == ["before", "after"]
    [letter] = made.kafka.letters()
    assert (letter.error, letter.attempts, letter.offset) == (PoisonError.__name__, 0, 1)
    assert made.ledger.suspects == frozenset()


async def test_a_suspect_that_is_handled_well_is_cleared(tmp_path: Path) -> None:
    """A record in hand when the process was killed for another reason is handled, and its count forgotten."""
    stage = Stage("unit", reads=IN, writes=(OUT,))
    stage.handler(_echo)
    Ledger(tmp_path / "worker").enter("words", 0, 0, 2)
    made = _Rig(tmp_path, stage)
    assert len(made.ledger.suspects) == 3
    await made.feed("a", "b", "c")
    await made.settle()
    assert made.kafka.answers() == ["a", "b", "c"]
    assert Ledger(tmp_path / "other", tmp_path / "worker").suspects == frozenset()


async def test_while_a_record_is_under_suspicion_one_is_handled_at_a_time(tmp_path: Path) -> None:
    """So that the next unclean end is counted against the one record that caused it."""
    stage = Stage("unit", reads=IN, writes=(OUT,))
    running: list[int] = []
    most: list[int] = []

    @stage.handler
    async def handle(word: Word, context: Context) -> None:
        running.append(context.partition)
        most.append(len(running))
        await asyncio.sleep(0.001)
        running.pop()

    Ledger(tmp_path / "worker").enter("words", 1, 5)
    made = _Rig(tmp_path, stage)
    await made.feed("a", "b", "c", partition=0)
    await made.feed("a", "b", "c", partition=1)
    await _until(lambda: len(made.kafka.acknowledged) == 6)
    assert max(most) == 1


async def test_two_topics_of_one_partition_write_one_state(tmp_path: Path) -> None:
    """Records of both are handled by turns over one store: none overwrites what the other has under way."""
    other = TopicSpec("more-words", "text", Word, 2)
    stage = Stage("unit", reads=(IN, other), writes=(OUT,), state=True)
    kept: set[int] = set()

    @stage.handler
    async def handle(word: Word, context: Context) -> None:
        kept.add(id(context.keep(list, "shared")))
        seen = int(context.store.get("seen", b"0"))
        await asyncio.sleep(0.001)
        context.store["seen"] = str(seen + 1).encode()
        await context.save()

    made = _Rig(tmp_path, stage)
    for number in range(10):
        for topic in ("words", "more-words"):
            await made.guard.take(_Record(topic, 0, number, b"k", Word(text="w").to_bytes()))
    await _until(lambda: len(made.kafka.acknowledged) == 20)
    assert [entries for _, entries in made.kafka.changes][-1][-1] == (b"seen", b"20")
    assert len(kept) == 1
