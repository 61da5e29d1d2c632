"""Tell people of alerts: each once on each channel, recorded before and after."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass

from monitor.delivery.channels import Channel, ChannelError
from monitor.delivery.policy import Decision, Occasion, decide, notification_id, occasion_of
from monitor.errors import CounterclaimError
from schemas.alert import Alert, Severity
from schemas.notification import Notification, NotificationState

__all__ = ["Deliverer", "DeliveryOptions", "UndeliveredError", "undelivered"]

PREFIX = "n|"
"""Before the notification id, in the keys of the store."""
MOST_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """``attempts`` of one send; seconds before the second, doubled each time; the least severity that is sent."""

    attempts: int = 5
    backoff_s: float = 0.2
    min_severity: Severity = Severity.LOW


class UndeliveredError(CounterclaimError):
    """An alert could not be sent on every channel; as a dead letter it can be sent again, to those alone."""


def undelivered(notifications: Iterable[Notification]) -> UndeliveredError | None:
    """Return what to raise for the notifications that failed; None where none did."""
    failed = [f"{each.channel}: {each.reason}" for each in notifications if each.state is NotificationState.FAILED]
    return UndeliveredError("not sent on " + "; ".join(failed)) if failed else None


class Deliverer:
    """Sends alerts to ``channels`` and keeps in ``store`` what was sent.

    ``record``, where given, is awaited with each notification before and after it is sent, and returns when it is
    safe; the store alone is as safe as whoever keeps it makes it.
    """

    def __init__(
        self,
        store: MutableMapping[str, bytes],
        channels: Sequence[Channel],
        options: DeliveryOptions | None = None,
        *,
        record: Callable[[Notification], Awaitable[None]] | None = None,
    ) -> None:
        self._store = store
        self._channels = tuple(channels)
        self._options = options or DeliveryOptions()
        self._record = record

    async def deliver(self, alert: Alert) -> list[Notification]:
        """Tell every channel that is to know, and return the record of each, as it stands now.

        An alert that was told before gives the stored record again, and nothing is sent. A channel that fails for
        good, or at each attempt, gives one with state ``failed`` and the reason; it is tried when the alert comes back.
        Times are the alert's.
        """
        found = await asyncio.gather(*(self._deliver_to(channel, alert) for channel in self._channels))
        return [notification for notification in found if notification is not None]

    async def _deliver_to(self, channel: Channel, alert: Alert) -> Notification | None:
        occasion = occasion_of(alert)
        identity = notification_id(alert.alert_id, channel.name, occasion)
        known = self._read(identity)
        decision = decide(
            alert,
            pages=channel.pages,
            least=self._options.min_severity,
            known=known,
            told=self._read(notification_id(alert.alert_id, channel.name, Occasion.ALERT)),
        )
        if decision is Decision.PASS:
            return None
        if decision is Decision.DONE:
            assert known is not None
            await self._write(known)
            return known
        before = Notification(
            notification_id=identity,
            alert_id=alert.alert_id,
            channel=channel.name,
            alert_revision=alert.revision,
            state=NotificationState.SENDING,
            attempts=known.attempts if known else 0,
            at=alert.updated_at,
        )
        await self._write(before)
        after = await self._send(channel, alert, before)
        await self._write(after)
        return after

    async def _send(self, channel: Channel, alert: Alert, before: Notification) -> Notification:
        reason = None
        for attempt in range(1, self._options.attempts + 1):
            try:
                await channel.send(alert)
            except ChannelError as error:
                reason = error.reason
                if not error.transient:
                    break
            else:
                return before.model_copy(
                    update={"state": NotificationState.SENT, "attempts": before.attempts + attempt}
                )
            if attempt < self._options.attempts:
                await asyncio.sleep(self._wait_s(attempt))
        return before.model_copy(
            update={"state": NotificationState.FAILED, "attempts": before.attempts + attempt, "reason": reason}
        )

    def _wait_s(self, attempt: int) -> float:
        """Return the seconds before the next attempt: doubled each time, up to a quarter more at random."""
        return min(self._options.backoff_s * 2.0 ** (attempt - 1), MOST_WAIT_S) * random.uniform(1, 1.25)

    def _read(self, identity: str) -> Notification | None:
        raw = self._store.get(PREFIX + identity)
        return Notification.from_bytes(raw) if raw is not None else None

    async def _write(self, notification: Notification) -> None:
        self._store[PREFIX + notification.notification_id] = notification.to_bytes()
        if self._record is not None:
            await self._record(notification)
