"""What every part of the desk works with: ``request.app.state.desk``, and where a request says who asks."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, Protocol

from starlette.requests import HTTPConnection

from monitor.settings import Settings
from schemas import Command, Feedback

if TYPE_CHECKING:
    from monitor.archive.reader import Reader

__all__ = ["Desk", "Event", "EventKind", "Live", "Publisher", "Role", "Visitor", "desk_of", "visitor_of"]

EventKind = Literal["alert", "feedback", "feed", "stats", "gap"]


class Role(StrEnum):
    """What somebody may do: look, or act as well (feedback, pause, poll now)."""

    VIEWER = "viewer"
    EDITOR = "editor"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: the name under which acts are recorded, the role, and the token that forms must bring back.

    ``csrf`` is empty where the request needs none (bearer token). ``can_log_out``: there is a session to end.
    """

    name: str
    role: Role
    csrf: str = ""
    can_log_out: bool = False

    @property
    def may_edit(self) -> bool:
        """Whether the visitor may act."""
        return self.role is Role.EDITOR


@dataclass(frozen=True, slots=True)
class Event:
    """Something that pages show live. ``data`` is plain JSON.

    ``alert``, ``feedback`` and ``feed`` hold the message as it stands on its topic; ``stats`` the counts of the read
    model and how many clients listen; ``gap`` says that events were missed, so that the client asks for the whole
    again. ``id`` is opaque; it is empty for what cannot be resumed from.
    ``frame`` is the event as server-sent events write it (HTML Standard, 9.2.5), made once for all clients.
    """

    id: str
    kind: EventKind
    data: Mapping[str, Any]
    frame: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        name = f"id: {self.id}\n" if self.id else ""
        # JSON has no line break inside, so one data line holds it.
        text = f"{name}event: {self.kind}\ndata: {json.dumps(self.data, ensure_ascii=False)}\n\n"
        object.__setattr__(self, "frame", text.encode("utf-8", "backslashreplace"))


class Publisher(Protocol):
    """Puts what people do on the topics, and returns when the cluster has it."""

    async def feedback(self, feedback: Feedback) -> None:
        """Send one act.

        Raises:
            BrokerError: the cluster did not take it in time.
        """

    async def command(self, command: Command, host: str) -> None:
        """Send one order for the feed on ``host``, to the partition of that host.

        Raises:
            BrokerError: see ``feedback``.
        """


class Live(Protocol):
    """Hands out events as they happen. ``clients``: how many listen; ``connected``: whether the source is there."""

    clients: int
    connected: bool

    @property
    def last_id(self) -> str:
        """The id of the newest event: what a page is as new as when it is made."""

    def subscribe(self, last_event_id: str | None = None) -> AsyncGenerator[Event, None]:
        """Yield events: those after ``last_event_id`` first, where they are still known, else a ``gap``."""

    def follow(self, last_event_id: str | None = None) -> AsyncGenerator[Event | None, None]:
        """Yield as ``subscribe`` does, and None now and then while nothing happens."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts of a running desk. ``reader`` blocks: call it in threads. ``clock`` gives the time in UTC."""

    settings: Settings
    reader: Reader
    publisher: Publisher
    live: Live
    clock: Callable[[], datetime]


def desk_of(connection: HTTPConnection) -> Desk:
    """Return the desk that serves a request."""
    desk: Desk = connection.app.state.desk
    return desk


def visitor_of(connection: HTTPConnection) -> Visitor:
    """Return who asks; the security layer has put it there, and lets nobody through whom it does not know."""
    visitor: Visitor = connection.state.visitor
    return visitor
