"""What happens while the pipeline runs, as frozen values: the views show them, and ``--json`` prints them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.alert import Alert

__all__ = ["AlertSeen", "Counts", "DeskReady", "Died", "Event", "Note", "Started", "Stopped"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened ``at`` a moment (UTC)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Note(Event):
    """Progress in words: what is being started, fetched or stopped."""

    text: str


@dataclass(frozen=True, slots=True)
class Started(Event):
    """A daemon runs. ``restarts``: how often it had died before."""

    name: str
    pid: int
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class Died(Event):
    """A daemon ended unasked. ``lines``: the last of its output; ``failures``: quick deaths in a row."""

    name: str
    pid: int
    why: str
    lines: tuple[str, ...]
    restart_in_s: float
    failures: int
    keeps_failing: bool = False


@dataclass(frozen=True, slots=True)
class Stopped(Event):
    """A daemon ended because it was asked to. ``killed``: it did not in time, and was killed."""

    name: str
    killed: bool = False


@dataclass(frozen=True, slots=True)
class DeskReady(Event):
    """The desk answers at an address."""

    url: str


@dataclass(frozen=True, slots=True)
class AlertSeen(Event):
    """An alert came out of the topic. ``update``: it had been seen before with a lower revision."""

    alert: Alert
    update: bool = False
    old: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How far the pipeline is. All but ``lag`` and ``alerts`` count since the start of this run.

    ``lag``: messages that each daemon has still to read; None where its group has committed nothing yet.
    ``topics``: articles a topic, most first.
    """

    articles: int = 0
    stories: int = 0
    copies: int = 0
    claims: int = 0
    alerts: int = 0
    dead_letters: int = 0
    topics: Mapping[str, int] = field(default_factory=dict)
    severities: Mapping[str, int] = field(default_factory=dict)
    lag: Mapping[str, int | None] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        names = ("articles", "stories", "copies", "claims", "alerts", "dead_letters")
        plain: dict[str, Any] = {name: getattr(self, name) for name in names}
        return plain | {"topics": dict(self.topics), "severities": dict(self.severities), "lag": dict(self.lag)}
