"""What a handler sees besides its message: settings, place in the log, state of the partition, delivery."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeVar

from monitor.settings import Settings
from schemas import Message
from schemas.topics import TopicSpec

__all__ = ["Context", "Keep", "Output"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Output:
    """One message to send: to which topic, under which key (UTF-8; None: any partition), and what."""

    topic: TopicSpec
    key: str | bytes | None
    message: Message

    def key_bytes(self) -> bytes | None:
        """Return the key as it stands on the topic."""
        return self.key.encode() if isinstance(self.key, str) else self.key


class Keep:
    """Objects that live as long as the worker owns the partition, made on first use."""

    def __init__(self) -> None:
        self._objects: dict[str, Any] = {}

    def get(self, name: str, factory: Callable[..., T], store: MutableMapping[str, bytes]) -> T:
        """Return the object called ``name``; make it first if there is none."""
        if name not in self._objects:
            takes_store = bool(inspect.signature(factory).parameters)
            self._objects[name] = factory(store) if takes_store else factory()
        found: T = self._objects[name]
        return found

    def drop(self) -> None:
        """Forget them; the next use makes them anew from the store."""
        self._objects.clear()


Deliver = Callable[[Iterable[Output]], Awaitable[None]]
Save = Callable[[], Awaitable[None]]


class Context:
    """The handler's view of one message's place: ``settings``, ``topic``, ``partition``, ``offset``, ``store``."""

    __slots__ = ("_deliver", "_keep", "_save", "_store", "beat", "offset", "partition", "settings", "topic")

    def __init__(
        self,
        settings: Settings,
        topic: str,
        partition: int,
        offset: int,
        *,
        keep: Keep,
        store: MutableMapping[str, bytes] | None = None,
        deliver: Deliver | None = None,
        save: Save | None = None,
        beat: Callable[[], None] | None = None,
    ) -> None:
        self.settings = settings
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.beat = beat or _nothing
        self._keep = keep
        self._store = store
        self._deliver = deliver
        self._save = save

    @property
    def store(self) -> MutableMapping[str, bytes]:
        """The state of this partition. What a handler writes stays only if the handler succeeds.

        Raises:
            RuntimeError: the stage was declared without ``state=True``.
        """
        if self._store is None:
            raise RuntimeError("this stage keeps no state; declare it with state=True")
        return self._store

    def keep(self, factory: Callable[..., T], name: str = "") -> T:
        """Return this partition's object, made by ``factory()`` or ``factory(store)`` on first use.

        It is dropped when the partition is taken away and when a handler fails in the middle of it, so it must be
        rebuilt from the store alone. ``name`` tells several such objects of a stage apart.
        """
        return self._keep.get(name, factory, self._store if self._store is not None else {})

    async def deliver(self, outputs: Iterable[Output]) -> None:
        """Send messages and wait until every in-sync replica has them; only then go on and write state.

        Raises:
            RuntimeError: the handler is not an ``async def``, or runs in a pool.
        """
        if self._deliver is None:
            raise RuntimeError("only an async handler can wait for delivery")
        await self._deliver(outputs)

    async def save(self) -> None:
        """Make the state written so far last, whatever becomes of the handler, and wait until the changelog has it.

        For what must be known of before it is done: "sending" before a message is sent.

        Raises:
            RuntimeError: the handler is not an ``async def``, or runs in a pool.
        """
        if self._save is None:
            raise RuntimeError("only an async handler can wait for its state to be saved")
        await self._save()


def _nothing() -> None:
    pass
