"""What is told of a feed on ``feed-events``: each change in how it fares, and now and then where it stands. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from monitor.feeds.habit import CLOCK_POLLS, items_a_day
from monitor.feeds.roster import Feed
from monitor.ids import stable_id
from schemas import FeedChange, FeedEvent, FeedHealth, FeedState

__all__ = ["event_of", "tell"]

POLLED_EVERY = timedelta(minutes=5)
"""At most so often it is told where a feed stands, when its figures have changed."""
POLLED_AT_LEAST = timedelta(hours=1)
"""So often it is told of a feed that is polled though nothing has changed."""
INTERVAL_CHANGE = 1.2
"""Factor by which an interval must have moved to be worth telling."""


def tell(feed: Feed, before: FeedState, after: FeedState, now: datetime) -> tuple[FeedState, tuple[FeedEvent, ...]]:
    """Return the events of a poll that led from ``before`` to ``after``, and the state that remembers what was told."""
    changes = list(_changes(before, after, now))
    if not changes and _is_worth_telling(after, now):
        changes = [(FeedChange.POLLED, after.last_error)]
    if not changes:
        return after, ()
    told = {"told_at": now, "told_items": after.items_seen, "told_interval_s": after.interval_s}
    after = after.model_copy(update={"habit": after.habit.model_copy(update=told)})
    return after, tuple(event_of(feed, after, change, reason, now) for change, reason in changes)


def event_of(feed: Feed, state: FeedState, change: FeedChange, reason: str | None, now: datetime) -> FeedEvent:
    """Return one event with where the feed stands."""
    habit = state.habit
    return FeedEvent(
        event_id=stable_id("event", state.feed_id, change.value, now.isoformat()),
        feed_id=state.feed_id,
        url=feed.url,
        publisher=feed.publisher or feed.title or state.title,
        change=change,
        health=state.health,
        reason=reason,
        failures=state.failures,
        last_status=state.last_status,
        last_polled_at=state.last_polled_at,
        last_changed_at=state.last_changed_at,
        due_at=state.due_at,
        interval_s=state.interval_s,
        items_seen=state.items_seen,
        items_a_day=items_a_day(habit, now),
        latency_s=habit.latency_s,
        clock_off_s=habit.clock_off_s,
        at=now,
    )


def _changes(before: FeedState, after: FeedState, now: datetime) -> Iterator[tuple[FeedChange, str | None]]:
    if after.health is not before.health:
        yield from _turn(before, after)
    if after.moved_to and after.moved_to != before.moved_to:
        yield FeedChange.MOVED, f"moved to {after.moved_to}"
    if before.language and after.language and _primary(before.language) != _primary(after.language):
        yield FeedChange.LANGUAGE, f"was {before.language}, is {after.language}"
    if after.habit.quiet and not before.habit.quiet:
        since = after.last_changed_at or after.habit.since or now
        usual = timedelta(seconds=after.habit.mean_gap_s or 0)
        yield FeedChange.QUIET, f"nothing new for {_span(now - since)}; it used to have something every {_span(usual)}"
    # Told once, at the answer that makes it sure.
    if after.habit.clock_off_count == CLOCK_POLLS != before.habit.clock_off_count:
        off = after.habit.clock_off_s or 0.0
        where = "ahead" if off > 0 else "behind"
        yield FeedChange.CLOCK_OFF, f"its server's clock is {_span(timedelta(seconds=abs(off)))} {where}"


def _turn(before: FeedState, after: FeedState) -> Iterator[tuple[FeedChange, str | None]]:
    if after.health is FeedHealth.OK:
        if before.health in (FeedHealth.FAILING, FeedHealth.GONE) or before.failures:
            yield FeedChange.RECOVERED, f"answers again after {before.failures} failure{'s' * (before.failures != 1)}"
        else:
            yield FeedChange.ANSWERS, None
    elif after.health is FeedHealth.FAILING:
        yield FeedChange.FAILS, after.last_error
    elif after.health is FeedHealth.GONE:
        yield FeedChange.GONE, after.last_error


def _is_worth_telling(after: FeedState, now: datetime) -> bool:
    habit = after.habit
    if habit.told_at is None or now - habit.told_at >= POLLED_AT_LEAST:
        return True
    if now - habit.told_at < POLLED_EVERY:
        return False
    factor = max(after.interval_s, habit.told_interval_s) / max(min(after.interval_s, habit.told_interval_s), 1e-9)
    return after.items_seen != habit.told_items or factor >= INTERVAL_CHANGE


def _primary(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].lower()


def _span(length: timedelta) -> str:
    seconds = length.total_seconds()
    for name, size in (("day", 86_400.0), ("hour", 3600.0), ("minute", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}s"
    return f"{seconds:.0f} seconds"
