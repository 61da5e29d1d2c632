"""Which record was being handled when the process died, so that one that kills it does not do so for ever.

Before a handler starts, its record's place is written into a memory-mapped file in the worker's folder. The kernel
keeps such a page when the process is killed, so this needs no system call a message; it need not outlive the machine,
since a record that takes the machine down leaves nobody to count. At the next start each place found in the file was
being handled at an unclean end: it is counted in ``deaths.json``, in the folder that the workers of the stage share
here.
"""

from __future__ import annotations

import fcntl
import json
import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["DEATHS", "Ledger", "Place"]

DEATHS = 3
"""How many processes a record may end before it goes to the dead letters unread."""

SLOTS = 512
"""Partitions that one worker can handle records of at the same time."""

_SLOT = struct.Struct("<Bxxxiqq232s")  # active, partition, first offset, last offset, topic
_SPAN = struct.Struct("<Bxxxiqq")
MAX_KEPT = 1000
"""Counts kept in ``deaths.json``; the oldest go first."""

Place = tuple[str, int, int]
"""Topic, partition, offset."""


class Ledger:
    """The places being handled now, and how many processes each place has ended before."""

    def __init__(self, folder: Path, shared: Path | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._deaths_file = (shared or folder) / "deaths.json"
        self._deaths: dict[Place, int] = {}
        path = folder / "handling"
        with path.open("a+b") as file:
            file.truncate(_SLOT.size * SLOTS)
            self._map = mmap.mmap(file.fileno(), _SLOT.size * SLOTS)
        self._slots: dict[tuple[str, int], int] = {}
        self._count(list(self._found()))
        self._map[:] = bytes(len(self._map))

    # -- before and after each record ----------------------------------------------------------------------------------

    def enter(self, topic: str, partition: int, first: int, last: int | None = None) -> None:
        """Note that the records from ``first`` to ``last`` (itself included) are being handled now."""
        slot = self._slots.get((topic, partition))
        if slot is None:
            slot = self._claim(topic, partition)
        _SPAN.pack_into(self._map, slot, 1, partition, first, first if last is None else last)

    def leave(self, topic: str, partition: int) -> None:
        """Note that nothing of the partition is being handled now."""
        slot = self._slots.get((topic, partition))
        if slot is not None:
            self._map[slot] = 0

    def _claim(self, topic: str, partition: int) -> int:
        slot = len(self._slots) * _SLOT.size
        if slot >= len(self._map):
            raise RuntimeError(f"more than {SLOTS} partitions in one worker")
        _SLOT.pack_into(self._map, slot, 0, partition, 0, 0, topic.encode())
        self._slots[topic, partition] = slot
        return slot

    def close(self) -> None:
        """Note that nothing is being handled: a clean end."""
        self._map[:] = bytes(len(self._map))
        self._slots.clear()

    # -- what is known of a place --------------------------------------------------------------------------------------

    @property
    def suspects(self) -> frozenset[Place]:
        """Places that were being handled when a process ended; they are handled one at a time."""
        return frozenset(self._deaths)

    def deaths(self, place: Place) -> int:
        """Return how many processes ended while this place was being handled."""
        return self._deaths.get(place, 0)

    def clear(self, place: Place) -> None:
        """Forget a place: it was handled, or is among the dead letters."""
        if self._deaths.pop(place, None) is not None:
            with self._locked() as counts:
                counts.pop(place, None)

    def reload(self) -> None:
        """Read what other workers of the stage on this machine have counted meanwhile."""
        with self._locked() as counts:
            self._deaths = dict(counts)

    def _found(self) -> Iterator[Place]:
        for slot in range(0, len(self._map), _SLOT.size):
            active, partition, first, last, topic = _SLOT.unpack_from(self._map, slot)
            if active and first <= last < first + 100_000:
                name = topic.rstrip(b"\0").decode(errors="replace")
                yield from ((name, partition, offset) for offset in range(first, last + 1))

    def _count(self, places: list[Place]) -> None:
        with self._locked() as counts:
            for place in places:
                counts[place] = counts.pop(place, 0) + 1
            for place in list(counts)[: max(0, len(counts) - MAX_KEPT)]:
                del counts[place]
            self._deaths = dict(counts)

    @contextmanager
    def _locked(self) -> Iterator[dict[Place, int]]:
        """Give the counts on disk for changing, under a lock; they are synced before it is let go."""
        lock = self._deaths_file.with_suffix(".lock")
        with lock.open("w") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            counts = self._read()
            before = dict(counts)
            yield counts
            if counts != before:
                self._write(counts)

    def _read(self) -> dict[Place, int]:
        try:
            rows = json.loads(self._deaths_file.read_text())
            return {(str(topic), int(partition), int(offset)): int(count) for topic, partition, offset, count in rows}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError):
            return {}  # half a file can only come from a machine that went down: count anew

    def _write(self, counts: dict[Place, int]) -> None:
        scratch = self._deaths_file.with_suffix(".tmp")
        with scratch.open("w") as file:
            json.dump([[*place, count] for place, count in counts.items()], file)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(self._deaths_file)
