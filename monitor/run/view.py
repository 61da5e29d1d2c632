"""The live terminal view: figures, daemons, the newest alerts, and one alert in full."""

from __future__ import annotations

import time
from collections import OrderedDict, deque

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from monitor.delivery.words import alert_text
from monitor.run.daemons import DAEMONS
from monitor.run.events import AlertSeen, Counts, DeskReady, Died, Event, Note, Started, Stopped
from monitor.run.lines import event_line
from schemas.alert import Alert

__all__ = ["LiveView"]

REFRESH_HZ = 4
NOTES = 4
"""Lines of what happened last."""
NEWEST = 6
"""Alerts in the list."""
READING_S = 30.0
"""Seconds that an alert in full stays before a newer one takes its place: long enough to be read."""
TOPICS = 6

_STYLE = {"high": "bold red", "medium": "yellow", "low": "cyan"}


class LiveView:
    """Rich's live display on ``console``; what it needs to know comes in through ``show`` and ``figures``."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._counts = Counts()
        self._states: dict[str, tuple[str, str]] = {}
        self._notes: deque[str] = deque(maxlen=NOTES)
        self._alerts: OrderedDict[str, Alert] = OrderedDict()
        self._full: Alert | None = None
        self._desk = ""
        self._full_since = 0.0
        self._live = Live(self, console=console, refresh_per_second=REFRESH_HZ, vertical_overflow="crop")
        self._live.start()

    def show(self, event: Event) -> None:
        """Take in one event."""
        match event:
            case AlertSeen(alert=alert, old=old):
                self._take_alert(alert, old)
                return
            case DeskReady(url=url):
                self._desk = url
                return
            case Started(name=name, restarts=restarts):
                self._states[name] = ("running", f"restarted {restarts}x" if restarts else "")
            case Died(name=name, keeps_failing=keeps):
                self._states[name] = ("keeps failing" if keeps else "restarting", event.why)
            case Stopped(name=name):
                self._states[name] = ("stopped", "")
        if not (isinstance(event, Started) and not event.restarts):
            self._notes.append(f"{event.at.astimezone():%H:%M:%S} {event_line(event)}")
        if isinstance(event, Note):
            self._live.refresh()

    def figures(self, counts: Counts) -> None:
        """Take in the figures."""
        self._counts = counts

    def close(self) -> None:
        """Leave the last picture on the terminal, and the alert that it showed in full where there was one."""
        self._live.stop()

    def _take_alert(self, alert: Alert, old: bool) -> None:
        self._alerts[alert.alert_id] = alert
        self._alerts.move_to_end(alert.alert_id)
        while len(self._alerts) > NEWEST:
            self._alerts.popitem(last=False)
        shown = self._full
        due = shown is None or time.monotonic() - self._full_since > READING_S
        if shown is not None and shown.alert_id == alert.alert_id:
            self._full = alert
        elif due and not old:
            self._full, self._full_since = alert, time.monotonic()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        parts: list[object] = [self._head(), self._daemons()]
        if self._full is not None:
            parts.append(_full_panel(self._full, options.max_width))
        if len(self._alerts) > 1:
            parts.append(self._newest())
        parts += [Text(note, style="dim", overflow="ellipsis", no_wrap=True) for note in self._notes]
        yield Group(*parts)  # type: ignore[arg-type]

    def _head(self) -> Table:
        counts = self._counts
        table = Table.grid(padding=(0, 3))
        up = int(time.monotonic() - self._began)
        severities = ", ".join(f"{counts.severities[name]} {name}" for name in _STYLE if name in counts.severities)
        table.add_row(
            _figure("articles", counts.articles),
            _figure("stories", counts.stories),
            _figure("copies", counts.copies),
            _figure("claims", counts.claims),
            _figure("alerts", counts.alerts) + Text(f" ({severities})" if severities else "", style="dim"),
            _figure("dead letters", counts.dead_letters, alarming=True),
            Text(f"up {up // 3600}:{up // 60 % 60:02}:{up % 60:02}", style="dim"),
        )
        return table

    def _daemons(self) -> Group:
        line = Text("lag  ", style="dim")
        for daemon in DAEMONS:
            name = daemon.name
            state, why = self._states.get(name, ("", ""))
            lag = self._counts.lag.get(name)
            style = {"running": "green", "restarting": "yellow", "keeps failing": "bold red"}.get(state, "dim")
            line.append(f"{name} ", style=style).append(
                f"{'-' if lag is None else lag}  ", style="bold" if lag else "dim"
            )
            if state in ("restarting", "keeps failing"):
                line.append(f"({state}: {why})  ", style=style)
        topics = "  ".join(f"{slug} {number}" for slug, number in list(self._counts.topics.items())[:TOPICS])
        lines = [line, Text(f"topics  {topics}" if topics else "topics  -", style="dim")]
        if self._desk:
            lines.append(Text("desk    ", style="dim").append(self._desk, style="underline"))
        return Group(*lines)

    def _newest(self) -> Table:
        table = Table.grid(padding=(0, 2), expand=True)
        table.add_column(width=6)
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        for alert in reversed(self._alerts.values()):
            severity = alert.severity.value
            table.add_row(Text(severity, style=_STYLE[severity]), escape(alert.summary))
        return table


def _figure(name: str, number: int, alarming: bool = False) -> Text:
    return Text(f"{name} ", style="dim").append(str(number), style="bold red" if alarming and number else "bold")


def _full_panel(alert: Alert, width: int) -> Panel:
    title = f"Alert: {alert.kind.value}, {alert.severity.value} severity"
    return Panel(Text(alert_text(alert, max(40, width - 4))), title=title, border_style=_STYLE[alert.severity.value])
