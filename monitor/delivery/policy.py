"""Whom to tell of an alert, when, and when again. No I/O and no clock: ``now`` comes from messages and ticks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.delivery.state import FOREVER, Book, Case
from monitor.delivery.terms import DAY, HOUR, Terms, fits_rule
from monitor.ids import stable_id
from schemas.alert import Alert, AlertState, Severity
from schemas.notification import Occasion

__all__ = ["Decision", "Move", "decide", "note", "notification_id", "occasion_of"]

RANK: Mapping[Severity, int] = {severity: rank for rank, severity in enumerate(Severity)}
TAKEN_BACK: Mapping[AlertState, Occasion] = {
    AlertState.CORRECTED: Occasion.CORRECTED,
    AlertState.RETRACTED: Occasion.RETRACTED,
}
BOOK_SENDS = 2000
"""Messages that a channel's book holds at most; nobody reads as many in two days."""


class Move(StrEnum):
    """What to do with an alert on a channel now."""

    SEND = "send"
    WAIT = "wait"
    PASS = "pass"


@dataclass(frozen=True, slots=True)
class Decision:
    """``occasion``: why to send or wait; ``until`` and ``why``: when it is looked at again, and what it waits for."""

    move: Move
    occasion: Occasion = Occasion.ALERT
    until: datetime | None = None
    why: str = ""


_PASS = Decision(Move.PASS)


def notification_id(alert_id: str, channel: str, occasion: Occasion, severity: Severity, revision: int) -> str:
    """Return the id of one notification: each alert is told once on a channel for each occasion."""
    match occasion:
        case Occasion.ALERT:
            return stable_id("notification", alert_id, channel)
        case Occasion.RAISED:
            return stable_id("notification", alert_id, channel, occasion.value, severity.value)
        case Occasion.EDITED:
            return stable_id("notification", alert_id, channel, occasion.value, revision)
        case _:
            return stable_id("notification", alert_id, channel, occasion.value)


def occasion_of(case: Case, terms: Terms) -> Occasion | None:
    """Return why a channel is to be told of an alert now; None: there is no reason, or none any more.

    An alert is told once, whatever reach its later revisions add. Whoever was told is told again when its source takes
    it back, or when it weighs more than it did. A channel that edits what it has gets every revision besides.
    """
    alert = case.alert
    if alert is None:
        return None
    told = case.told_severity is not None
    taken_back = TAKEN_BACK.get(alert.state)
    if taken_back is not None:
        if told and taken_back not in case.told:
            return taken_back
    elif _fits(alert, terms):
        if case.told_severity is None:
            return Occasion.ALERT
        if RANK[alert.severity] > RANK[case.told_severity]:
            return Occasion.RAISED
    return Occasion.EDITED if told and terms.edits and alert.revision > case.told_revision else None


def decide(case: Case, terms: Terms, book: Book, now: datetime, waited: tuple[str, ...] = ()) -> Decision:
    """Decide for one alert on one channel; ``waited``: what it has waited for already, which it does not again.

    Feedback first: what is acknowledged, judged wrong or not important gets no update but a correction or retraction;
    what is snoozed waits. Then quiet hours, digest, the gap between messages on one story, the day's budget, and the
    rate. High alerts, corrections and retractions keep to quiet hours, digest and rate alone.
    """
    occasion = occasion_of(case, terms)
    if occasion is None or case.pending is not None or case.alert is None:
        return _PASS
    taken_back = occasion in (Occasion.CORRECTED, Occasion.RETRACTED)
    silent = case.standing.silent_until(now)
    if silent is not None and not taken_back:
        return _PASS if silent == FOREVER else Decision(Move.WAIT, occasion, silent, "snooze")
    if occasion is Occasion.EDITED:  # nobody is called
        return Decision(Move.SEND, occasion)
    high = case.alert.severity is Severity.HIGH
    quiet = terms.quiet_until(now)
    if quiet is not None and not (high and terms.quiet_high):
        return Decision(Move.WAIT, occasion, quiet, "quiet")
    if terms.digest != "off" and "digest" not in waited:
        return Decision(Move.WAIT, occasion, terms.next_digest(now), "digest")
    if not high and not taken_back:
        gap = _story_gap(case.alert, terms, book)
        if gap is not None and gap > now and "story" not in waited:
            return Decision(Move.WAIT, occasion, gap, "story")
        over = terms.per_day is not None and _today(terms, book, now) >= terms.per_day
        if over and not {"budget", "digest"} & set(waited):
            return Decision(Move.WAIT, occasion, terms.next_digest(now), "budget")
    rate = _rate_until(terms, book, now)
    if rate is not None:
        return Decision(Move.WAIT, occasion, rate, "rate")
    return Decision(Move.SEND, occasion)


def note(book: Book, alerts: tuple[Alert, ...], now: datetime) -> Book:
    """Return the book with one more message, on these alerts; what is older than two days is left out."""
    sent = tuple(moment for moment in (*book.sent, now) if now - moment < 2 * DAY)[-BOOK_SENDS:]
    stories = {story: moment for story, moment in book.stories.items() if now - moment < DAY}
    stories |= {story: now for alert in alerts for story in alert.story_ids}
    return Book(sent=sent, stories=stories)


def _fits(alert: Alert, terms: Terms) -> bool:
    """Say whether a channel wants an alert; where it does not yet, a later revision may be one that it wants."""
    if RANK[alert.severity] < RANK[terms.least] or (alert.date_uncertain and terms.pages):
        return False
    return terms.rules is None or any(fits_rule(alert, rule) for rule in terms.rules)


def _story_gap(alert: Alert, terms: Terms, book: Book) -> datetime | None:
    last = max((book.stories[story] for story in alert.story_ids if story in book.stories), default=None)
    return last + terms.story_gap if last is not None and terms.story_gap > timedelta(0) else None


def _today(terms: Terms, book: Book, now: datetime) -> int:
    today = terms.day_of(now)
    return sum(terms.day_of(moment) == today for moment in book.sent)


def _rate_until(terms: Terms, book: Book, now: datetime) -> datetime | None:
    recent = sorted(moment for moment in book.sent if now - moment < HOUR)
    if terms.per_hour is None or len(recent) < terms.per_hour:
        return None
    return recent[-terms.per_hour] + HOUR
