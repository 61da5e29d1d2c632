"""Tell people of alerts: each once on each channel, when its terms allow, recorded before and after."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.delivery.bulletin import Bulletin, Entry
from monitor.delivery.channels import Channel, ChannelError
from monitor.delivery.policy import RANK, Move, decide, note, notification_id
from monitor.delivery.state import Case, Item, Parcel, Shelf, Wait, clock, forget_cases, set_clock
from monitor.delivery.terms import Terms
from monitor.errors import CounterclaimError
from monitor.ids import stable_id
from monitor.settings import DeliverySettings
from monitor.stream.letters import dead_letter
from schemas import topics
from schemas.alert import Alert
from schemas.dead_letter import DeadLetter
from schemas.errand import Errand
from schemas.notification import Notification, NotificationState, Occasion

__all__ = ["Deliverer", "DeliveryOptions", "GivenUp", "Post", "UndeliveredError", "errand_for"]

MOST_WAIT_S = 3600.0
"""Longest wait before another try, whatever a channel asks for."""
DIGEST_ALERTS = 100
"""Alerts of one digest; what is left goes into another one."""
KEEP = timedelta(days=60)
"""How long an alert is remembered after the last revision or act; the judge forgets its claims long before."""


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """``attempts`` of one message; seconds before the second, doubled each time."""

    attempts: int = 6
    backoff_s: float = 10.0

    @classmethod
    def of(cls, settings: DeliverySettings) -> DeliveryOptions:
        """Return what the settings say."""
        return cls(settings.attempts, settings.backoff_s)


@dataclass(frozen=True, slots=True)
class Post:
    """A channel and its terms."""

    channel: Channel
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True)
class GivenUp:
    """An alert that could not be told: its errand, the ``offset`` that the errand had, tries, and why."""

    errand: Errand
    offset: int
    attempts: int
    error: UndeliveredError

    def letter(self, stage: str, partition: int) -> DeadLetter:
        """Return it as a dead letter of ``stage``, which can be sent again after the fix."""
        return dead_letter(
            stage=stage,
            topic=topics.ERRANDS.name,
            partition=partition,
            offset=self.offset,
            key=self.errand.channel.encode(),
            value=self.errand.to_bytes(),
            error=self.error,
            attempts=self.attempts,
        )


class UndeliveredError(CounterclaimError):
    """An alert could not be sent on a channel; as a dead letter it can be sent again, to that one alone."""


def errand_for(channel: str, alert: Alert) -> Errand:
    """Return the errand that tells a channel of an alert: the same each time."""
    identity = stable_id("errand", channel, alert.alert_id, alert.revision)
    return Errand(errand_id=identity, channel=channel, alert=alert)


async def _nothing(_: object) -> None:
    pass


class Deliverer:
    """Sends what is due on the channels of ``posts``, and keeps in ``store`` what was told, waits or is under way.

    ``record`` is awaited with each notification before and after it is sent, and returns when it and the state are
    safe; ``give_up`` with what could not be sent in as many tries as the options allow.
    """

    def __init__(
        self,
        store: MutableMapping[str, bytes],
        posts: Iterable[Post],
        options: DeliveryOptions | None = None,
        *,
        record: Callable[[Notification], Awaitable[None]] = _nothing,
        give_up: Callable[[GivenUp], Awaitable[None]] = _nothing,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._posts = {post.channel.name: post for post in posts}
        self._options = options or DeliveryOptions()
        self._record = record
        self._give_up = give_up
        self._beat = beat

    async def run(self, errand: Errand, offset: int = 0) -> None:
        """Take an alert, or what a person did with one, and send what is to go out now.

        An errand that comes again changes nothing, and sends only what a crash left in doubt.
        """
        post = self._posts.get(errand.channel)
        if post is None:
            return  # it is no longer in the settings
        shelf = Shelf(self._store, errand.channel)
        now = self._now(errand)
        alert_id = _merge(shelf, errand, offset, now)
        wait = shelf.wait(alert_id)
        self._plan(shelf, post, [(alert_id, Wait(due=now, waited=wait.waited[:-1]) if wait else None)], now)
        await self._flush(shelf, post, now)

    async def tick(self, now: datetime) -> None:
        """Send what is due at ``now``: digests, what has waited, what is to be tried again. Time never goes back."""
        before = clock(self._store)
        now = max(now, before) if before is not None else now
        set_clock(self._store, now)
        if before is not None and before.date() != now.date():
            forget_cases(self._store, now - KEEP)
        for name, post in self._posts.items():
            shelf = Shelf(self._store, name)
            due = sorted((alert_id, wait) for alert_id, wait in shelf.waiting() if wait.due <= now)
            self._plan(shelf, post, due, now)
            await self._flush(shelf, post, now)

    def _now(self, errand: Errand) -> datetime:
        """Return the time of the last tick, or of the message where that is later, as it is after a rest."""
        brought = errand.alert or errand.feedback
        moment = brought.updated_at if isinstance(brought, Alert) else brought.at  # type: ignore[union-attr]
        return max(moment, clock(self._store) or moment)

    # -- planning: no message is sent here -----------------------------------------------------------------------------

    def _plan(self, shelf: Shelf, post: Post, alerts: Sequence[tuple[str, Wait | None]], now: datetime) -> None:
        """Decide for each alert, and make parcels of what is to go out now: one of all that has waited."""
        book, together = shelf.book(), []
        for alert_id, wait in alerts:
            case = shelf.case(alert_id)
            waited = wait.waited if wait is not None else ()
            decision = decide(case, post.terms, book, now, waited) if case is not None else None
            if case is None or decision is None or decision.move is Move.PASS:
                shelf.put_wait(alert_id, None)
            elif decision.move is Move.WAIT:
                assert decision.until is not None
                known = shelf.wait(alert_id)
                again = known is not None and known.waited[-1:] == (decision.why,) and known.due > now
                due = known.due if again and known is not None else decision.until
                others = (why for why in waited if why != decision.why)
                shelf.put_wait(alert_id, Wait(due=due, waited=(*others, decision.why)))
            else:
                shelf.put_wait(alert_id, None)
                together.append((case, decision.occasion))
        together.sort(key=_digest_order)
        for start in range(0, len(together), DIGEST_ALERTS):
            self._pack(shelf, post, together[start : start + DIGEST_ALERTS], now)

    def _pack(self, shelf: Shelf, post: Post, told: list[tuple[Case, Occasion]], now: datetime) -> None:
        name = post.channel.name
        items, alerts = [], []
        for case, occasion in told:
            assert case.alert is not None
            alert = case.alert
            identity = notification_id(alert.alert_id, name, occasion, alert.severity, alert.revision)
            items.append(Item(alert_id=alert.alert_id, occasion=occasion, notification_id=identity))
            alerts.append(alert)
        message_id = stable_id("message", name, *(item.notification_id for item in items))
        digest = len(items) > 1
        shelf.put_parcel(Parcel(message_id=message_id, items=tuple(items), digest=digest, due=now))
        for (case, _), alert in zip(told, alerts, strict=True):
            shelf.put_case(alert.alert_id, case.model_copy(update={"pending": message_id}))
        called = tuple(alert for alert, item in zip(alerts, items, strict=True) if item.occasion is not Occasion.EDITED)
        if called:
            shelf.put_book(note(shelf.book(), called, now))

    # -- sending -------------------------------------------------------------------------------------------------------

    async def _flush(self, shelf: Shelf, post: Post, now: datetime) -> None:
        for parcel in shelf.parcels():
            if parcel.due > now:
                return
            self._beat()
            if not await self._send(shelf, post, parcel, now):
                return  # the channel is in trouble: the others are tried at the next tick, not one time-out each now

    async def _send(self, shelf: Shelf, post: Post, parcel: Parcel, now: datetime) -> bool:
        """Send a parcel once, with the newest revisions of its alerts; return False where it is to be tried again.

        What people have put away since the first try is left out.
        """
        if parcel.outcome is not None:  # a crash came while that was being recorded
            await self._conclude(shelf, post, parcel, now)
            return True
        wanted = self._wanted(shelf, parcel, now)
        if not wanted:
            shelf.drop_parcel(parcel)
            return True
        parcel = parcel.model_copy(update={"items": tuple(item for item, _ in wanted)})
        for item, alert in wanted:
            await self._record(_notification(post, parcel, item, alert, NotificationState.SENDING, now))
        entries = tuple(Entry(alert, item.occasion) for item, alert in wanted)
        parcel = parcel.model_copy(update={"attempts": parcel.attempts + 1, "outcome": NotificationState.SENT})
        try:
            await post.channel.send(Bulletin(parcel.message_id, entries, parcel.digest))
        except ChannelError as error:
            if error.transient and parcel.attempts < self._options.attempts:
                wait = timedelta(seconds=self._wait_s(parcel.attempts, error.retry_after_s))
                shelf.put_parcel(parcel.model_copy(update={"outcome": None, "due": now + wait}))
                return False
            parcel = parcel.model_copy(update={"outcome": NotificationState.FAILED, "reason": error.reason})
        for item, alert in wanted:
            case = shelf.case(item.alert_id)
            assert case is not None
            shelf.put_case(item.alert_id, _settled(case, item, alert, parcel.outcome is NotificationState.SENT))
        shelf.put_parcel(parcel)
        await self._conclude(shelf, post, parcel, now)
        return True

    def _wanted(self, shelf: Shelf, parcel: Parcel, now: datetime) -> list[tuple[Item, Alert]]:
        """Return what of a parcel is still to be told, each alert as it is now."""
        wanted = []
        for item in parcel.items:
            case = shelf.case(item.alert_id)
            if case is None or case.alert is None:
                continue
            if parcel.attempts and _is_unwanted(case, item, now):
                shelf.put_case(item.alert_id, case.model_copy(update={"pending": None}))
                continue
            wanted.append((item, case.alert))
        return wanted

    async def _conclude(self, shelf: Shelf, post: Post, parcel: Parcel, now: datetime) -> None:
        """Record what became of a parcel, for each of its alerts, and forget it."""
        assert parcel.outcome is not None
        for item in parcel.items:
            case = shelf.case(item.alert_id)
            if case is None or case.alert is None:
                continue
            await self._record(_notification(post, parcel, item, case.alert, parcel.outcome, now))
            if parcel.outcome is NotificationState.FAILED:
                undelivered = UndeliveredError(f"not sent on {post.channel.name}: {parcel.reason}")
                errand = errand_for(post.channel.name, case.alert)
                await self._give_up(GivenUp(errand, case.offset, parcel.attempts, undelivered))
        shelf.drop_parcel(parcel)

    def _wait_s(self, attempts: int, asked_s: float | None) -> float:
        """Return the seconds before the next try: doubled each time, and no less than the channel asks for."""
        return min(max(self._options.backoff_s * 2.0 ** (attempts - 1), asked_s or 0.0), MOST_WAIT_S)


def _merge(shelf: Shelf, errand: Errand, offset: int, now: datetime) -> str:
    """Put what an errand brings into its alert's case; return the alert's id."""
    if errand.alert is not None:
        alert_id = errand.alert.alert_id
        case = shelf.case(alert_id) or Case(touched_at=now)
        if case.alert is None or errand.alert.revision >= case.alert.revision:
            case = case.model_copy(update={"alert": errand.alert, "offset": offset, "touched_at": now})
    else:
        assert errand.feedback is not None
        alert_id = errand.feedback.alert_id
        case = shelf.case(alert_id) or Case(touched_at=now)
        case = case.model_copy(update={"standing": case.standing.after(errand.feedback), "touched_at": now})
    shelf.put_case(alert_id, case)
    return alert_id


def _is_unwanted(case: Case, item: Item, now: datetime) -> bool:
    """Say whether people have put an alert away since it was first tried."""
    return item.occasion not in (Occasion.CORRECTED, Occasion.RETRACTED) and bool(case.standing.silent_until(now))


def _settled(case: Case, item: Item, alert: Alert, sent: bool) -> Case:
    """Return the case after its parcel has arrived or was given up; what was given up may be tried anew."""
    if not sent:
        return case.model_copy(update={"pending": None})
    severity = max((s for s in (case.told_severity, alert.severity) if s is not None), key=RANK.__getitem__)
    told = case.told if item.occasion in case.told else (*case.told, item.occasion)
    update = {"pending": None, "told": told, "told_severity": severity, "told_revision": alert.revision}
    return case.model_copy(update=update)


def _digest_order(told: tuple[Case, Occasion]) -> tuple[object, ...]:
    """Sort by story, the one with the weightiest alert first; within it the weightiest and oldest first."""
    alert = told[0].alert
    assert alert is not None
    return (-RANK[alert.severity], alert.story_ids, alert.created_at, alert.alert_id)


def _notification(
    post: Post, parcel: Parcel, item: Item, alert: Alert, state: NotificationState, now: datetime
) -> Notification:
    return Notification(
        notification_id=item.notification_id,
        alert_id=alert.alert_id,
        channel=post.channel.name,
        alert_revision=alert.revision,
        state=state,
        attempts=parcel.attempts,
        reason=parcel.reason,
        at=now,
        occasion=item.occasion,
        message_id=parcel.message_id,
        digest=parcel.digest,
        topics=alert.topics,
        severity=alert.severity,
    )
