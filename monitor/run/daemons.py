"""The daemons by name: which module holds each, and which topics it reads. Imports no agent, so that it is cheap."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.errors import InputError
from schemas import topics
from schemas.topics import TopicSpec

__all__ = ["DAEMONS", "Daemon", "find_daemon"]


@dataclass(frozen=True, slots=True)
class Daemon:
    """One daemon: one Faust app, one consumer group of its ``name``, in ``agents/<name>.py``."""

    name: str
    reads: tuple[TopicSpec, ...]

    @property
    def module(self) -> str:
        """The module whose ``stage`` it runs."""
        return f"agents.{self.name}"


DAEMONS: tuple[Daemon, ...] = (
    Daemon("poll", (topics.POLL_TICKS, topics.COMMANDS)),
    Daemon("enrich", (topics.ARTICLES,)),
    Daemon("dedupe", (topics.ENRICHED,)),
    Daemon("topics", (topics.STORIES,)),
    Daemon("extract", (topics.TAGGED,)),
    Daemon("contradict", (topics.CLAIMS,)),
    Daemon("deliver", (topics.DELIVERY_TICKS, topics.ALERTS, topics.FEEDBACK, topics.ERRANDS)),
    Daemon(
        "archive",
        (
            topics.ARTICLES,
            topics.STORIES,
            topics.TAGGED,
            topics.CLAIMS,
            topics.ALERTS,
            topics.FEEDBACK,
            topics.NOTIFICATIONS,
            topics.FEED_EVENTS,
            topics.DEAD_LETTERS,
        ),
    ),
)


def find_daemon(name: str) -> Daemon:
    """Return the daemon called ``name``.

    Raises:
        InputError: there is none; the message lists those that there are.
    """
    for daemon in DAEMONS:
        if daemon.name == name:
            return daemon
    raise InputError(f"there is no daemon {name!r}", hint=f"There are: {', '.join(d.name for d in DAEMONS)}.")
