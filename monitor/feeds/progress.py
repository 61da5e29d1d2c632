"""The next state of a feed after each outcome of a poll. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.feeds.fetch import Response
from monitor.feeds.habit import answered, observed
from monitor.feeds.items import FeedHints, ParsedFeed
from monitor.feeds.politeness import retry_after_s
from monitor.feeds.roster import Feed
from monitor.feeds.schedule import Bounds, after_change, after_failure, due_after, hinted_s
from schemas import FeedHealth, FeedState

__all__ = ["Counts", "Outcome", "feed_failed", "feed_gone", "feed_ok", "feed_pushed", "fresh_state"]

RECHECK_GONE = timedelta(days=30)
"""After a 410 a feed rests; it is looked at once a month, in case the 410 was a mistake."""
_VALIDATOR = 512
"""Characters of the longest ETag or Last-Modified that is kept."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back from the address ``asked``: ``response`` None where nothing did; ``body_hash`` of its body."""

    bounds: Bounds
    asked: str
    response: Response | None = None
    body_hash: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """Items of one poll: new, edited, listed; waiting for their pages' turn (at once) or for their pages to answer."""

    new: int = 0
    edited: int = 0
    listed: int = 0
    deferred: int = 0
    held: int = 0


def fresh_state(feed: Feed) -> FeedState:
    """Return the state of a feed that was never polled: due at once."""
    return FeedState(feed_id=feed.feed_id, url=feed.url, host=feed.host)


def feed_ok(
    before: FeedState,
    outcome: Outcome,
    parsed: ParsedFeed | None,
    counts: Counts,
    now: datetime,
) -> FeedState:
    """Return the state after a good answer; ``parsed`` None where nothing changed."""
    response, bounds = outcome.response, outcome.bounds
    assert response is not None
    first = before.last_polled_at is None
    interval = before.interval_s if not first else bounds.start_s
    if not first:
        interval = after_change(interval, counts.new, counts.listed, bounds)
    hints = parsed.hints if parsed else FeedHints()
    wait = max(interval, min(hinted_s(hints, response.headers), bounds.ceiling_s))
    changed = bool(counts.new or counts.edited)
    moved_to, moved_since = _moved(before, outcome, response, now)
    body = response.status != 304
    update: dict[str, object] = {
        "health": FeedHealth.OK,
        "failures": 0,
        "last_status": response.status,
        "last_error": None,
        "last_polled_at": now,
        "last_changed_at": now if changed else before.last_changed_at,
        "due_at": now if counts.deferred else due_after(now, wait, before.feed_id, hints),
        "interval_s": interval,
        "items_seen": before.items_seen + counts.new,
        "moved_to": moved_to,
        "moved_since": moved_since,
    }
    seen = observed(
        answered(before.habit, response), counts.new, counts.edited, before.last_polled_at, before.last_changed_at, now
    )
    update["habit"] = seen
    if body and not counts.deferred and not counts.held:
        # What waits must be found again: the same body counts as unread.
        validators = _validators(response.headers)
        update |= validators
        update["body_hash"] = outcome.body_hash
        update["last_body_at"] = now
        update["false_304"] = before.false_304 or _lies(before, outcome, validators)
    if parsed is not None:
        update |= {"title": parsed.title, "language": parsed.language}
    return before.model_copy(update=update)


def feed_pushed(before: FeedState, counts: Counts, bounds: Bounds, now: datetime) -> FeedState:
    """Return the state after a hub brought ``counts``: the next poll is put off, what it is asked with stays."""
    changed = bool(counts.new or counts.edited)
    interval = after_change(before.interval_s, counts.new, counts.listed, bounds)
    habit = observed(before.habit, counts.new, counts.edited, before.last_polled_at, before.last_changed_at, now)
    due = before.due_at if before.failures else due_after(now, interval, before.feed_id)
    return before.model_copy(
        update={
            "last_polled_at": now,
            "last_changed_at": now if changed else before.last_changed_at,
            "due_at": now if counts.deferred else due,
            "items_seen": before.items_seen + counts.new,
            "habit": habit,
        }
    )


def feed_failed(before: FeedState, outcome: Outcome, error: str, now: datetime) -> FeedState:
    """Return the state after a failure: tried again, ever more seldom, without end."""
    failures = before.failures + 1
    headers = outcome.response.headers if outcome.response else {}
    # A date is one of the server's clock.
    theirs = now + timedelta(seconds=(outcome.response.clock_off_s or 0.0) if outcome.response else 0.0)
    wait = after_failure(failures, outcome.bounds, retry_after_s(headers.get("retry-after"), theirs))
    return before.model_copy(
        update={
            "health": FeedHealth.FAILING,
            "failures": failures,
            "last_status": outcome.response.status if outcome.response else None,
            "last_error": error[:300],
            "last_polled_at": now,
            "due_at": due_after(now, wait, before.feed_id),
            "habit": answered(before.habit, outcome.response),
        }
    )


def feed_gone(before: FeedState, outcome: Outcome, error: str, now: datetime) -> FeedState:
    """Return the state after a 410: the feed rests for a month."""
    failed = feed_failed(before, outcome, error, now)
    return failed.model_copy(update={"health": FeedHealth.GONE, "due_at": now + RECHECK_GONE})


def _validators(headers: Mapping[str, str]) -> dict[str, object]:
    return {
        "etag": headers.get("etag", "")[:_VALIDATOR] or None,
        "last_modified": headers.get("last-modified", "")[:_VALIDATOR] or None,
    }


def _lies(before: FeedState, outcome: Outcome, validators: Mapping[str, object]) -> bool:
    """Say whether the validators are as they were though the body is not: a 304 from there means nothing."""
    if before.body_hash is None or before.body_hash == outcome.body_hash or before.etag is before.last_modified is None:
        return False
    return validators["etag"] == before.etag and validators["last_modified"] == before.last_modified


def _moved(
    before: FeedState, outcome: Outcome, response: Response, now: datetime
) -> tuple[str | None, datetime | None]:
    if response.moved_to is not None:
        return response.moved_to, before.moved_since if before.moved_to == response.moved_to else now
    if outcome.asked == before.moved_to:
        return before.moved_to, before.moved_since
    return None, None
