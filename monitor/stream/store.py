"""The state of one partition: RocksDB on this machine, the Faust table's changelog topic behind it.

Reads and writes go to the partition's RocksDB directly, under the same keys and values that Faust's recovery writes,
so that the table stays an ordinary Faust table. What one message writes is kept aside until its handler is through:
then it is written as one batch and sent to the changelog; if the handler fails, nothing of it stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

import rocksdict

__all__ = ["PartitionStore"]

_HIDDEN = b"__faust\0offset__"
"""Where Faust keeps the changelog offset up to which this database is written (faust/stores/rocksdb.py)."""


class PartitionStore(MutableMapping[str, bytes]):
    """One partition's keys and values; keys are UTF-8. Iterates over this partition alone, in byte order."""

    def __init__(self, database: Callable[[], Any]) -> None:
        self._database = database
        self._pending: dict[bytes, bytes | None] = {}
        self._closed = False

    def __getitem__(self, key: str) -> bytes:
        raw = key.encode()
        value = self._pending[raw] if raw in self._pending else self._open().get(raw)
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
        """Yield the stored entries with the pending ones merged in, from the key ``start`` on."""
        pending = sorted(item for item in self._pending.items() if start is None or item[0] >= start)
        at = 0
        for found, value in self._open().items(from_key=start):
            key = bytes(found)
            while at < len(pending) and pending[at][0] < key:
                yield from _present(*pending[at])
                at += 1
            if at < len(pending) and pending[at][0] == key:
                yield from _present(*pending[at])
                at += 1
            elif key != _HIDDEN:
                yield key, bytes(value)
        for item in pending[at:]:
            yield from _present(*item)

    # -- what the guard calls ------------------------------------------------------------------------------------------

    @property
    def changed(self) -> bool:
        """Whether the current message has written anything."""
        return bool(self._pending)

    def commit(self) -> list[tuple[bytes, bytes | None]]:
        """Write what the current message changed, and return it for the changelog (None: deleted)."""
        changes, self._pending = list(self._pending.items()), {}
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, value in changes:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        self._open().write(batch)
        return changes

    def discard(self) -> None:
        """Forget what the current message changed."""
        self._pending.clear()

    def close(self) -> None:
        """End it: the partition belongs to somebody else from now on."""
        self._closed = True
        self._pending.clear()

    def _open(self) -> Any:
        self._check()
        return self._database()

    def _check(self) -> None:
        if self._closed:
            raise RuntimeError("the partition of this store was taken away")


def _present(key: bytes, value: bytes | None) -> Iterator[tuple[bytes, bytes]]:
    if value is not None:
        yield key, value
