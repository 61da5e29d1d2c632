"""What takes how much of the disk, how fast it grows, and whether there is room to take in more."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from monitor.archive.database import is_postgres, open_engine
from monitor.broker.state import BrokerFolder
from monitor.settings import Settings

__all__ = ["Growth", "Room", "Usage", "growth", "room", "sample", "usage"]

MIB = 2**20
SAMPLES_FILE = "disk-usage.jsonl"
SAMPLES_KEPT = timedelta(days=30)
SAMPLE_GAP = timedelta(minutes=30)
GROWTH_SPAN = timedelta(days=7)
LEAST_SPAN = timedelta(hours=1)
"""Time between the first and the last sample from which a growth is told."""


@dataclass(frozen=True, slots=True)
class Room:
    """Whether more may be taken in. ``message`` says what to do where not; it is empty where it may."""

    folder: Path
    free: int
    needed: int

    @property
    def is_enough(self) -> bool:
        """Whether as much is free as the settings ask for."""
        return self.free >= self.needed

    @property
    def message(self) -> str:
        """In one line: how much is free, how much must be, what to do."""
        if self.is_enough:
            return ""
        return (
            f"{self.folder}: {self.free // MIB} MiB free on its disk, archive.min_free_mb is {self.needed // MIB}: "
            "nothing more is taken in until there is room (counterclaim disk shows what takes it)"
        )


@dataclass(frozen=True, slots=True)
class Usage:
    """What one part takes. ``part``: kafka, state, archive or logs; ``name``: of the topic, daemon or file."""

    part: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Growth:
    """By how much the data grows, and when the disk will have no room; None: it does not grow."""

    bytes_a_day: float
    since: datetime
    full_at: datetime | None


def room(settings: Settings) -> Room:
    """Return whether the disk of the data folder has room for more; cheap enough for every tick."""
    folder = settings.data
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return Room(settings.data, shutil.disk_usage(folder).free, settings.archive.min_free_mb * MIB)


def usage(settings: Settings) -> list[Usage]:
    """Return what takes how much, the largest part first. Kafka's log only where the embedded broker's is here."""
    found = [*_kafka(settings), *_folders("state", settings.data / "state"), *_archive(settings)]
    found.extend(_folders("logs", settings.data / "logs"))
    return sorted((part for part in found if part.size), key=lambda part: (-part.size, part.part, part.name))


def _kafka(settings: Settings) -> Iterator[Usage]:
    """Yield the size of each topic: the folders ``<topic>-<partition>`` of Kafka's log."""
    sizes: dict[str, int] = {}
    log = BrokerFolder(settings.data / "broker").data
    for folder in _inside(log):
        topic, _, partition = folder.name.rpartition("-")
        name = topic if topic and partition.isdigit() else "(its own)"
        sizes[name] = sizes.get(name, 0) + _size(folder)
    yield from (Usage("kafka", name, size) for name, size in sizes.items())


def _folders(part: str, root: Path) -> Iterator[Usage]:
    yield from (Usage(part, entry.name, _size(entry)) for entry in _inside(root))


def _archive(settings: Settings) -> Iterator[Usage]:
    if settings.archive.url is None:
        files = [settings.data / f"archive.db{ending}" for ending in ("", "-wal", "-shm")]
        yield Usage("archive", "archive.db", sum(map(_size, files)))
        return
    engine = open_engine(settings.archive.url)
    try:
        with engine.connect() as connection:
            if is_postgres(connection):
                size = connection.scalar(text("SELECT pg_database_size(current_database())"))
                yield Usage("archive", "PostgreSQL database", int(size or 0))
            elif engine.url.database:
                yield Usage("archive", engine.url.database, _size(Path(engine.url.database)))
    except SQLAlchemyError:
        return  # it cannot be reached: its size is not known
    finally:
        engine.dispose()


def _inside(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _size(path: Path) -> int:
    """Return the bytes that a file or a folder takes on the disk, where sparse files take little."""
    try:
        if not path.is_dir():
            return path.lstat().st_blocks * 512
        with os.scandir(path) as entries:
            return sum(_size(Path(entry.path)) for entry in entries)
    except OSError:
        return 0  # removed meanwhile: Kafka turns its segments over


# -- growth


def sample(settings: Settings, total: int, now: datetime | None = None) -> None:
    """Write down how much the data takes, at most twice an hour, so that its growth is known later."""
    at = now or datetime.now(UTC)
    file = settings.data / SAMPLES_FILE
    samples = [(when, size) for when, size in _samples(file) if when > at - SAMPLES_KEPT]
    if samples and at - samples[-1][0] < SAMPLE_GAP:
        return
    samples.append((at, total))
    scratch = file.with_suffix(".tmp")
    lines = (json.dumps({"at": when.isoformat(), "bytes": size}) + "\n" for when, size in samples)
    scratch.write_text("".join(lines), encoding="utf-8")
    scratch.replace(file)


def growth(settings: Settings, total: int, now: datetime | None = None) -> Growth | None:
    """Return how the data grows, from the samples of the last week; None where they span less than an hour."""
    at = now or datetime.now(UTC)
    samples = [(when, size) for when, size in _samples(settings.data / SAMPLES_FILE) if when >= at - GROWTH_SPAN]
    if not samples or at - samples[0][0] < LEAST_SPAN:
        return None
    since, before = samples[0]
    a_day = (total - before) / ((at - since) / timedelta(days=1))
    left = room(settings)
    if a_day <= 0:
        return Growth(a_day, since, None)
    days = max(0.0, (left.free - left.needed) / a_day)
    return Growth(a_day, since, at + timedelta(days=min(days, 36_500)))


def _samples(file: Path) -> Iterator[tuple[datetime, int]]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for line in lines:
        try:
            row = json.loads(line)
            yield datetime.fromisoformat(row["at"]), int(row["bytes"])
        except (ValueError, KeyError, TypeError):
            continue  # a line that a full disk cut short
