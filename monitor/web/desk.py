"""What every part of the desk works with: ``request.app.state.desk``, and where a request says who asks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
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
    """

    id: str
    kind: EventKind
    data: Mapping[str, Any]


class Publisher(Protocol):
    """Puts what people do on the topics, and returns when the cluster has it."""

    async def feedback(self, feedback: Feedback) -> None:
        """Send one act.

        Raises:
            PublishError: the cluster did not take it in time.
        """

    async def command(self, command: Command, host: str) -> None:
        """Send one order for the feed on ``host``, to the partition of that host.

        Raises:
            PublishError: see ``feedback``.
        """


class Live(Protocol):
    """Hands out events as they happen."""

    def subscribe(self, last_event_id: str | None = None) -> AsyncIterator[Event]:
        """Yield events: those after ``last_event_id`` first, where they are still known, else a ``gap``."""


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
