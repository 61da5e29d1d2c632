"""The archive daemon's batches, with an archive that fails on request."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DataError, OperationalError

from agents import archive as agent
from monitor.archive import Archive, Reader, archive_url, batcher
from monitor.archive.batcher import Batcher
from monitor.run.daemons import find_daemon
from monitor.settings import ArchiveSettings, Settings
from monitor.stream.stub import run_stage_async
from schemas import topics
from tests.support.archive_samples import after, article, claim, one_of_each
from tests.support.archives import run_sql


class Recorder:
    """An archive that notes its batches. ``failures`` are raised one after another; a title "bad" is never taken."""

    def __init__(self, *failures: Exception) -> None:
        self.batches: list[list[str]] = []
        self.failures = list(failures)
        self.gate = threading.Event()
        self.gate.set()

    def close(self) -> None:
        """Do nothing."""

    def write(self, messages: Any) -> int:
        """Take a batch."""
        self.gate.wait(60)
        names = [message.article_id for _, message in messages]
        if self.failures:
            raise self.failures.pop(0)
        if any(message.title == "bad" for _, message in messages):
            raise DataError("insert", {}, ValueError("bad"))
        self.batches.append(names)
        return len(names)


def batcher_of(recorder: Recorder, size: int) -> Batcher:
    """Return a batcher that writes to the recorder."""
    return Batcher(lambda: recorder, size)  # type: ignore[arg-type,return-value]


async def write(target: Batcher, *names: str, title: str = "One") -> list[BaseException | None]:
    """Write articles at once; return what came of each."""
    found = await asyncio.gather(
        *(target.write(topics.ARTICLES, article(article_id=name, title=title)) for name in names),
        return_exceptions=True,
    )
    return list(found)


async def test_what_arrives_meanwhile_is_written_together() -> None:
    """While a batch is being written the next one gathers; none is larger than allowed, and the order is kept."""
    recorder = Recorder()
    target = batcher_of(recorder, 3)
    recorder.gate.clear()
    first = asyncio.create_task(write(target, "a"))
    await asyncio.sleep(0.05)
    rest = asyncio.create_task(write(target, "b", "c", "d", "e"))
    await asyncio.sleep(0.05)
    assert not first.done()
    recorder.gate.set()
    assert await asyncio.gather(first, rest) == [[None], [None] * 4]
    assert recorder.batches == [["a"], ["b", "c", "d"], ["e"]]


async def test_a_message_that_is_refused_fails_alone() -> None:
    """The others of its batch are written."""
    recorder = Recorder()
    target = batcher_of(recorder, 10)
    good, bad = await asyncio.gather(write(target, "a", "b"), write(target, "c", title="bad"))
    assert good == [None, None]
    assert isinstance(bad[0], DataError)
    assert sorted(name for batch in recorder.batches for name in batch) == ["a", "b"]


async def test_a_database_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is refused meanwhile: the same batch is written when it is back."""
    monkeypatch.setattr(batcher, "FIRST_WAIT_S", 0.01)
    away = OperationalError("insert", {}, ValueError("locked"))
    recorder = Recorder(away, OSError("no route"), away)
    target = batcher_of(recorder, 10)
    assert await write(target, "a", "b") == [None, None]
    assert recorder.batches == [["a", "b"]]


async def test_tables_of_another_version_are_waited_for(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost to the dead letters: once the archive is built anew, the same messages are written."""
    monkeypatch.setattr(batcher, "FIRST_WAIT_S", 0.01)
    url = archive_url(settings.data)
    Archive(url).close()
    run_sql(url, "UPDATE meta SET value = '1'")
    target = Batcher(lambda: Archive(url), 10)
    writing = asyncio.create_task(write(target, "a"))
    await asyncio.sleep(0.2)
    assert not writing.done()
    await asyncio.to_thread(lambda: Archive.anew(url).close())
    assert await asyncio.wait_for(writing, 120) == [None]
    assert target.archive is not None
    assert target.archive.article("a") is not None
    await target.close()


async def test_closing_ends_the_wait_for_a_database_that_does_not_open() -> None:
    """The worker's end does not hang on it."""

    def fail() -> Archive:
        raise OperationalError("connect", {}, ValueError("refused"))

    target = Batcher(fail, 10)
    writing = asyncio.create_task(target.write(topics.ARTICLES, article()))
    await asyncio.sleep(0.05)
    writing.cancel()
    await asyncio.wait_for(target.close(), 120)


async def test_a_partition_taken_away_does_not_disturb_the_rest() -> None:
    """A write that is cancelled while it waits leaves the others as they are."""
    recorder = Recorder()
    target = batcher_of(recorder, 10)
    recorder.gate.clear()
    first = asyncio.create_task(write(target, "a"))
    await asyncio.sleep(0.05)
    gone = asyncio.create_task(target.write(topics.ARTICLES, article(article_id="gone")))
    other = asyncio.create_task(write(target, "b"))
    await asyncio.sleep(0.05)
    gone.cancel()
    recorder.gate.set()
    assert await first == [None]
    assert await other == [None]
    assert recorder.batches == [["a"], ["b"]]
    await target.close()


async def test_the_agent_writes_what_it_reads(settings: Settings) -> None:
    """Each message is in the database when its handler returns, and the end closes it."""
    messages = one_of_each()
    outputs = await run_stage_async(agent.stage, messages, settings)
    assert outputs == []
    archive = Archive(archive_url(settings.data))
    sizes = archive.sizes()
    archive.close()
    for table in ("articles", "claims", "alerts", "feedback", "feeds", "notifications", "dead_letters"):
        assert sizes[table] == 1, table
    await agent.close()


async def test_the_agent_forgets_old_texts_on_its_own_tick(tmp_path: Path) -> None:
    """Long after an old article came, its text is gone and its quote is left."""
    settings = Settings(data=tmp_path, archive=ArchiveSettings(prune_s=1, keep_text_days=1))
    old = after(days=-300)
    await run_stage_async(agent.stage, [article(text="Long text.", first_seen_at=old), claim()], settings)
    reader = Reader(archive_url(tmp_path))
    try:
        for _ in range(1200):
            found = reader.article("a1")
            assert found is not None
            if not found.whole:
                break
            await asyncio.sleep(0.1)
        assert (found.whole, found.text) == (False, "Shut")
    finally:
        reader.close()
        await agent.close()


def test_the_agent_reads_what_the_table_of_daemons_says() -> None:
    """The list stands in one place, and has what people do and how feeds fare in it."""
    assert agent.stage.reads == find_daemon("archive").reads
    assert {topics.FEEDBACK, topics.FEED_EVENTS} <= set(agent.stage.reads)
