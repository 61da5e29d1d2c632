"""One message to one channel: an alert, an update to one, or several alerts in a digest."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.alert import Alert
from schemas.notification import Occasion

__all__ = ["Bulletin", "Entry"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert of a bulletin, and why it is told."""

    alert: Alert
    occasion: Occasion = Occasion.ALERT


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What goes out as one message. ``message_id`` is the same each time that it is tried."""

    message_id: str
    entries: tuple[Entry, ...]
    digest: bool = False
    test: bool = False

    @property
    def event(self) -> str:
        """What it is in one word: ``test``, ``digest``, or the occasion of its one alert."""
        if self.test:
            return "test"
        return "digest" if self.digest else self.entries[0].occasion.value

    @property
    def key(self) -> str:
        """What tells it from every other message, and is the same where it is sent again."""
        if self.digest:
            return self.message_id
        return f"{self.entries[0].alert.alert_id}-{self.entries[0].alert.revision}"

    @classmethod
    def of(cls, alert: Alert, occasion: Occasion = Occasion.ALERT) -> Bulletin:
        """Return the bulletin of one alert alone."""
        return cls(f"{alert.alert_id}-{alert.revision}", (Entry(alert, occasion),))
