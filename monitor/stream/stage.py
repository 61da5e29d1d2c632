"""A stage: what it reads and writes, whether it keeps state, and the function that handles one message.

`Stage` itself knows neither Faust nor Kafka, so that filters, tests and `monitor.stream.stub` can call the handler; the
Faust app is made when ``stage.app`` is first asked for.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from monitor.settings import Settings
from monitor.stream.context import Context, Output
from schemas import Message
from schemas.topics import TopicSpec

if TYPE_CHECKING:
    from monitor.stream.app import EngineApp

__all__ = ["TABLE", "Stage", "Timer"]

Outputs = Iterable[Output] | AsyncIterable[Output] | Output | None
Handler = Callable[[Any, Context], Outputs | Awaitable[Outputs]]
H = TypeVar("H", bound=Callable[..., Any])

TABLE = "state"
"""Name of a stage's Faust table; its changelog topic is ``<app id>-state-changelog``."""

TRANSIENT: tuple[type[Exception], ...] = (OSError, TimeoutError)
"""What every stage tries again: the network, the disk, a time-out."""


@dataclass(frozen=True, slots=True)
class Timer:
    """Sends a message to each partition that the worker owns, every ``seconds`` (or as the settings say)."""

    seconds: float | Callable[[Settings], float]
    make: Callable[[int, datetime], Message]

    def interval(self, settings: Settings) -> float:
        """Return the seconds between two messages to one partition."""
        return self.seconds(settings) if callable(self.seconds) else self.seconds


class Stage:
    """One stage of the pipeline. At most one handler; see `docs/architecture.md` for an example.

    ``reads`` is one topic or several (a stage with state reads topics of equal partition counts). ``offload`` runs a
    pure, CPU-bound handler off the event loop. ``transient``: further exceptions that are worth another try.
    """

    def __init__(
        self,
        name: str,
        *,
        reads: TopicSpec | Iterable[TopicSpec],
        writes: Iterable[TopicSpec] = (),
        state: bool = False,
        offload: bool = False,
        transient: Iterable[type[Exception]] = (),
    ) -> None:
        self.name = name
        self.reads: tuple[TopicSpec, ...] = (reads,) if isinstance(reads, TopicSpec) else tuple(reads)
        self.writes = tuple(writes)
        self.state = state
        self.offload = offload
        self.transient = (*TRANSIENT, *transient)
        self.timers: list[Timer] = []
        self.closers: list[Callable[[], Awaitable[None]]] = []
        self._handler: Handler | None = None
        self._app: EngineApp | None = None
        if state and len({spec.partitions for spec in self.reads}) > 1:
            raise ValueError(f"stage {name}: topics that feed one table need equal partition counts")

    def handler(self, function: H) -> H:
        """Make ``function(message, context)`` the stage's handler (decorator); it may be ``async``, and a generator."""
        if self._handler is not None:
            raise ValueError(f"stage {self.name} has a handler already")
        if self.offload and _is_async(function):
            raise ValueError(f"stage {self.name}: only a plain function can be offloaded")
        self._handler = function
        return function

    def every(
        self, seconds: float | Callable[[Settings], float]
    ) -> Callable[[Callable[[int, datetime], Message]], Callable[[int, datetime], Message]]:
        """Send what the decorated ``function(partition, now)`` returns to each owned partition of the first topic.

        Not while the last such message to that partition is still unhandled: ticks do not pile up behind a slow one.
        """

        def register(make: Callable[[int, datetime], Message]) -> Callable[[int, datetime], Message]:
            self.timers.append(Timer(seconds, make))
            return make

        return register

    def at_end(self, function: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """Await the decorated function when the worker stops: what its partitions shared is closed there."""
        self.closers.append(function)
        return function

    @property
    def is_async(self) -> bool:
        """Whether the handler is awaited."""
        return _is_async(self._function)

    def call(self, message: Message, context: Context) -> list[Output]:
        """Run a plain handler and return its outputs."""
        return _listed(self._function(message, context))

    async def call_async(self, message: Message, context: Context) -> list[Output]:
        """Run an async handler (coroutine or async generator) and return its outputs."""
        result = self._function(message, context)
        if inspect.isawaitable(result):
            result = await result
        if isinstance(result, AsyncIterable):
            return [output async for output in result]
        return _listed(result)

    @property
    def app(self) -> EngineApp:
        """The Faust app of this stage, made on first use from the settings in force then."""
        if self._app is None:
            from monitor.stream.app import EngineApp  # Faust takes half a second to import

            self._app = EngineApp(self)
        return self._app

    @property
    def _function(self) -> Handler:
        if self._handler is None:
            raise RuntimeError(f"stage {self.name} has no handler")
        return self._handler


def _is_async(function: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def _listed(result: Any) -> list[Output]:
    if result is None:
        return []
    return [result] if isinstance(result, Output) else list(result)
