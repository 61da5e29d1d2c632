"""The state of one partition: RocksDB on this machine, the Faust table's changelog topic behind it.

Keys and values are those that Faust's recovery writes, so the table stays an ordinary Faust table. What a message
writes goes through three places, and is read back from all of them: *pending* while its handler runs (dropped whole
if that fails), *flying* while it is on its way to the changelog, and RocksDB once the changelog has it. So the
database is never ahead of the changelog: whoever owns the partition next, here or elsewhere, finds the same state,
made of whole messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any

import rocksdict

__all__ = ["OFFSET_KEY", "Changes", "PartitionStore"]

OFFSET_KEY = b"__faust\0offset__"
"""Where Faust keeps the changelog offset up to which this database is written (faust/stores/rocksdb.py)."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What one message wrote: (key, value) in order, None: deleted. ``sequence`` counts the messages that wrote."""

    sequence: int
    entries: tuple[tuple[bytes, bytes | None], ...]

    @property
    def size(self) -> int:
        """Bytes of keys and values."""
        return sum(len(key) + len(value or b"") for key, value in self.entries)


class PartitionStore(MutableMapping[str, bytes]):
    """One partition's keys and values; keys are UTF-8. Iterates over this partition alone, in byte order."""

    def __init__(self, database: Callable[[], Any]) -> None:
        self._database = database
        self._pending: dict[bytes, bytes | None] = {}
        self._flying: dict[bytes, tuple[int, bytes | None]] = {}
        self._sequence = 0
        self._closed = False

    def __getitem__(self, key: str) -> bytes:
        raw = key.encode()
        if raw in self._pending:
            value = self._pending[raw]
        elif raw in self._flying:
            value = self._flying[raw][1]
        else:
            value = self._open().get(raw)
        if value is None:
            raise KeyError(key)
        return bytes(value)

    def __setitem__(self, key: str, value: bytes) -> None:
        self._check()
        self._pending[key.encode()] = bytes(value)

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        self._pending[key.encode()] = None

    def __contains__(self, key: object) -> bool:
        try:
            self[str(key)]
        except KeyError:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        for key, _ in self._entries():
            yield key.decode()

    def __len__(self) -> int:
        return sum(1 for _ in self._entries())

    def prefixed(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Yield (key, value) of the keys that begin with ``prefix``, in byte order."""
        start = prefix.encode()
        for key, value in self._entries(start):
            if not key.startswith(start):
                return
            yield key.decode(), value

    def _entries(self, start: bytes | None = None) -> Iterator[tuple[bytes, bytes]]:
        """Yield the stored entries with those under way merged in, from the key ``start`` on."""
        under_way = {key: value for key, (_, value) in self._flying.items()} | self._pending
        pending = sorted(item for item in under_way.items() if start is None or item[0] >= start)
        at = 0
        for found, value in self._open().items(from_key=start):
            key = bytes(found)
            while at < len(pending) and pending[at][0] < key:
                yield from _present(*pending[at])
                at += 1
            if at < len(pending) and pending[at][0] == key:
                yield from _present(*pending[at])
                at += 1
            elif key != OFFSET_KEY:
                yield key, bytes(value)
        for item in pending[at:]:
            yield from _present(*item)

    # -- what the guard calls ------------------------------------------------------------------------------------------

    @property
    def changed(self) -> bool:
        """Whether the current message has written anything."""
        return bool(self._pending)

    def commit(self) -> Changes:
        """Let the current message's changes fly, and return them for the changelog."""
        self._check()
        self._sequence += 1
        changes = Changes(self._sequence, tuple(self._pending.items()))
        self._flying.update((key, (changes.sequence, value)) for key, value in changes.entries)
        self._pending.clear()
        return changes

    def land(self, group: Iterable[Changes], offset: int) -> None:
        """Write changes that the changelog has, up to its ``offset``, in the order in which they were committed."""
        if self._closed:
            return
        batch = rocksdict.WriteBatch(raw_mode=True)
        for changes in group:
            for key, value in changes.entries:
                if value is None:
                    batch.delete(key)
                else:
                    batch.put(key, value)
                if self._flying.get(key, (0, None))[0] == changes.sequence:
                    del self._flying[key]
        batch.put(OFFSET_KEY, str(offset).encode())
        self._database().write(batch)

    def discard(self) -> None:
        """Forget what the current message changed."""
        self._pending.clear()

    def close(self) -> None:
        """End it: the partition belongs to somebody else from now on."""
        self._closed = True
        self._pending.clear()
        self._flying.clear()

    def _open(self) -> Any:
        self._check()
        return self._database()

    def _check(self) -> None:
        if self._closed:
            raise RuntimeError("the partition of this store was taken away")


def _present(key: bytes, value: bytes | None) -> Iterator[tuple[bytes, bytes]]:
    if value is not None:
        yield key, value
