"""Show what happens line by line: for a log, a pipe or a machine."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import IO, Any, Protocol

from monitor.delivery.words import alert_line
from monitor.run.events import AlertSeen, Counts, DeskReady, Died, Event, Note, Started, Stopped

__all__ = ["JsonView", "LineView", "View", "event_json", "event_line"]

COUNTS_S = 10.0
"""Seconds between two lines of figures, which come only where something changed."""


class View(Protocol):
    """Shows what happens. Both methods are called from the event loop and return at once; ``close`` ends it."""

    def show(self, event: Event) -> None:
        """Show one event."""

    def figures(self, counts: Counts) -> None:
        """Show the figures; called about once a second."""

    def close(self) -> None:
        """Leave the terminal as it was."""


def event_line(event: Event) -> str:
    """Return an event as one line without its time."""
    match event:
        case Note(text=text):
            return text
        case Started(name=name, pid=pid, restarts=restarts):
            return f"{name} started again (process {pid})" if restarts else f"{name} started (process {pid})"
        case Died():
            return _death(event)
        case Stopped(name=name, killed=killed):
            return f"{name} did not stop in time and was killed" if killed else f"{name} stopped"
        case DeskReady(url=url):
            return f"desk at {url}"
        case AlertSeen(alert=alert, update=update, old=old):
            word = "update" if update else "known" if old else "alert"
            return f"{word}: {alert_line(alert)}"
    raise AssertionError(event)


def _death(event: Died) -> str:
    keeps = f"; keeps failing, {event.failures} times in a row" if event.keeps_failing else ""
    # A worker's log says at which level it speaks; of a process that ends with a traceback the last line says why.
    spoken = [line.strip() for line in event.lines if line.strip()]
    grave = [line for line in spoken if "level=error" in line or "level=critical" in line]
    last = (grave or spoken or [""])[-1]
    said = f": {last}" if last else ""
    return f"{event.name} (process {event.pid}) {event.why}{keeps}; again in {event.restart_in_s:g} s{said}"


def event_json(event: Event) -> dict[str, Any]:
    """Return an event as plain JSON values: ``event`` names its kind, ``at`` is ISO 8601."""
    row: dict[str, Any] = {"event": type(event).__name__.removesuffix("Seen").lower(), "at": event.at.isoformat()}
    for name in (name for kind in type(event).__mro__ for name in getattr(kind, "__slots__", ())):
        value = getattr(event, name)
        row[name] = value.to_json() if isinstance(event, AlertSeen) and name == "alert" else value
    return row | {"at": event.at.isoformat()}


class LineView:
    """One line an event on ``out``, the time before it (local, hours to seconds)."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._shown: Counts | None = None
        self._shown_at = 0.0

    def show(self, event: Event) -> None:
        """Write one event."""
        print(f"{event.at.astimezone():%H:%M:%S} {event_line(event)}", file=self._out, flush=True)

    def figures(self, counts: Counts) -> None:
        """Write the figures if they changed, at most every ``COUNTS_S`` seconds."""
        now = time.monotonic()
        if counts == self._shown or now - self._shown_at < COUNTS_S:
            return
        self._shown, self._shown_at = counts, now
        print(f"{time.strftime('%H:%M:%S')} {_figures(counts)}", file=self._out, flush=True)

    def close(self) -> None:
        """Nothing to leave."""


def _figures(counts: Counts) -> str:
    behind = ", ".join(f"{name} {lag}" for name, lag in counts.lag.items() if lag)
    parts = [
        f"articles {counts.articles}, stories {counts.stories}, copies {counts.copies}, topics {len(counts.topics)}",
        f"claims {counts.claims}, alerts {counts.alerts}, dead letters {counts.dead_letters}",
        f"lag: {behind or 'none'}",
    ]
    return ", ".join(parts)


class JsonView:
    """One JSON object an event on ``out``; figures as ``{"event": "counts", ...}``, each time they change."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._shown: Counts | None = None

    def show(self, event: Event) -> None:
        """Write one event."""
        self._write(event_json(event))

    def figures(self, counts: Counts) -> None:
        """Write the figures if they changed."""
        if counts != self._shown:
            self._shown = counts
            self._write({"event": "counts", "at": datetime.now(UTC).isoformat(), **counts.to_json()})

    def close(self) -> None:
        """Nothing to leave."""

    def _write(self, row: dict[str, Any]) -> None:
        print(json.dumps(row, ensure_ascii=False), file=self._out, flush=True)
