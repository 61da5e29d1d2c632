"""What the deliverer remembers of a channel, over any mapping of bytes.

Keys, where C is a hash of the channel's name: ``c|C|<alert id>`` a `Case`; ``w|C|<alert id>`` a `Wait`;
``p|C|<message id>`` a `Parcel`; ``b|C`` the channel's `Book`; ``t`` the time of the last tick.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from monitor.ids import stable_id
from schemas.alert import Alert, Severity
from schemas.feedback import Feedback, FeedbackAction, FeedbackVerdict
from schemas.message import Time
from schemas.notification import NotificationState, Occasion

__all__ = ["FOREVER", "Act", "Book", "Case", "Item", "Parcel", "Shelf", "Standing", "Wait"]

FOREVER = datetime.max.replace(tzinfo=UTC)

_CASE, _WAIT, _PARCEL, _BOOK, _CLOCK = "c|", "w|", "p|", "b|", "t"


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Act(_Kept):
    """The last act of one kind on an alert."""

    at: Time
    feedback_id: str
    undo: bool = False
    until: Time | None = None
    verdict: FeedbackVerdict | None = None


class Standing(_Kept):
    """What people have said of an alert: of each kind of act the last, whatever the order in which they came."""

    ack: Act | None = None
    snooze: Act | None = None
    verdict: Act | None = None

    def after(self, feedback: Feedback) -> Standing:
        """Return the standing with one more act; notes and replies change nothing."""
        if feedback.action not in (FeedbackAction.ACK, FeedbackAction.SNOOZE, FeedbackAction.VERDICT):
            return self
        kind = feedback.action.value
        last: Act | None = getattr(self, kind)
        if last is not None and (last.at, last.feedback_id) >= (feedback.at, feedback.feedback_id):
            return self
        act = Act(
            at=feedback.at,
            feedback_id=feedback.feedback_id,
            undo=feedback.undo,
            until=feedback.until,
            verdict=feedback.verdict,
        )
        return self.model_copy(update={kind: act})

    def silent_until(self, now: datetime) -> datetime | None:
        """Return until when nobody wants to hear of the alert; None: they do, ``FOREVER``: for good."""
        if self.ack is not None and not self.ack.undo:
            return FOREVER
        unwanted = (FeedbackVerdict.WRONG, FeedbackVerdict.NOT_IMPORTANT)
        if self.verdict is not None and not self.verdict.undo and self.verdict.verdict in unwanted:
            return FOREVER
        if self.snooze is not None and not self.snooze.undo and self.snooze.until and now < self.snooze.until:
            return self.snooze.until
        return None


class Case(_Kept):
    """One alert on one channel: its newest revision, its standing, and what the channel was told of it.

    ``told``: the occasions that were told; ``told_severity``: the highest severity told; ``told_revision``: the last
    revision that went out; ``pending``: the parcel that it is in; ``offset``: of the errand that brought it.
    """

    alert: Alert | None = None
    standing: Standing = Standing()
    told: tuple[Occasion, ...] = ()
    told_severity: Severity | None = None
    told_revision: int = 0
    pending: str | None = None
    offset: int = 0
    touched_at: Time


class Wait(_Kept):
    """An alert that waits until ``due``, and for which reasons it has waited so far, the last one last."""

    due: Time
    waited: tuple[str, ...]


class Item(_Kept):
    """One alert of a parcel."""

    alert_id: str
    occasion: Occasion
    notification_id: str


class Parcel(_Kept):
    """One message that is under way: tried ``attempts`` times, to be tried at ``due``.

    ``outcome``: what became of it in the end, which is then still to be recorded for each of its items; ``reason``: why
    it failed.
    """

    message_id: str
    items: tuple[Item, ...]
    digest: bool = False
    attempts: int = 0
    due: Time
    outcome: NotificationState | None = None
    reason: str | None = None


class Book(_Kept):
    """When a channel was sent messages lately, and when on which story."""

    sent: tuple[Time, ...] = ()
    stories: dict[str, Time] = {}


K = TypeVar("K", bound=_Kept)


class Shelf:
    """The part of a store that belongs to one channel."""

    def __init__(self, store: MutableMapping[str, bytes], channel: str) -> None:
        self._store = store
        self._channel = stable_id("channel", channel)

    def case(self, alert_id: str) -> Case | None:
        """Return what is known of an alert."""
        return self._get(f"{_CASE}{self._channel}|{alert_id}", Case)

    def put_case(self, alert_id: str, case: Case) -> None:
        """Remember an alert."""
        self._store[f"{_CASE}{self._channel}|{alert_id}"] = case.model_dump_json().encode()

    def wait(self, alert_id: str) -> Wait | None:
        """Return what an alert waits for."""
        return self._get(f"{_WAIT}{self._channel}|{alert_id}", Wait)

    def put_wait(self, alert_id: str, wait: Wait | None) -> None:
        """Let an alert wait; None: no longer."""
        self._put(f"{_WAIT}{self._channel}|{alert_id}", wait)

    def waiting(self) -> list[tuple[str, Wait]]:
        """Return the alerts that wait."""
        return self._all(f"{_WAIT}{self._channel}|", Wait)

    def put_parcel(self, parcel: Parcel) -> None:
        """Remember a message that is under way."""
        self._put(f"{_PARCEL}{self._channel}|{parcel.message_id}", parcel)

    def drop_parcel(self, parcel: Parcel) -> None:
        """Forget a message: it has arrived, or was given up."""
        self._put(f"{_PARCEL}{self._channel}|{parcel.message_id}", None)

    def parcels(self) -> list[Parcel]:
        """Return the messages under way, the one that is due first first."""
        found = [parcel for _, parcel in self._all(f"{_PARCEL}{self._channel}|", Parcel)]
        return sorted(found, key=lambda parcel: (parcel.due, parcel.message_id))

    def book(self) -> Book:
        """Return when the channel was sent messages."""
        return self._get(f"{_BOOK}{self._channel}", Book) or Book()

    def put_book(self, book: Book) -> None:
        """Remember when the channel was sent messages."""
        self._put(f"{_BOOK}{self._channel}", book)

    def _get(self, key: str, model: type[K]) -> K | None:
        raw = self._store.get(key)
        return _read(raw, model) if raw is not None else None

    def _put(self, key: str, value: _Kept | None) -> None:
        if value is not None:
            self._store[key] = value.model_dump_json().encode()
        elif key in self._store:
            del self._store[key]

    def _all(self, prefix: str, model: type[K]) -> list[tuple[str, K]]:
        found = [(key.removeprefix(prefix), _read(raw, model)) for key, raw in _prefixed(self._store, prefix)]
        return [(key, value) for key, value in found if value is not None]


def clock(store: Mapping[str, bytes]) -> datetime | None:
    """Return the time of the last tick; None before the first."""
    raw = store.get(_CLOCK)
    return datetime.fromisoformat(raw.decode()) if raw is not None else None


def set_clock(store: MutableMapping[str, bytes], now: datetime) -> None:
    """Remember the time of a tick."""
    store[_CLOCK] = now.isoformat().encode()


def forget_cases(store: MutableMapping[str, bytes], before: datetime) -> int:
    """Forget the alerts that nothing has touched since ``before``; return how many."""
    old = []
    for key, raw in _prefixed(store, _CASE):
        case = _read(raw, Case)
        if case is None or (case.touched_at < before and case.pending is None):
            old.append(key)
    for key in old:
        del store[key]
    return len(old)


def _read(raw: bytes, model: type[K]) -> K | None:
    try:
        return model.model_validate_json(raw)
    except ValidationError:
        return None  # written in a way that cannot be read any more: as if it had not been


def _prefixed(store: Mapping[str, bytes], prefix: str) -> Iterator[tuple[str, bytes]]:
    prefixed = getattr(store, "prefixed", None)  # PartitionStore finds them without reading all the others
    if prefixed is not None:
        yield from list(prefixed(prefix))
    else:
        yield from sorted((key, value) for key, value in store.items() if key.startswith(prefix))
