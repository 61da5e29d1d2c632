"""What a feed and its server are like, learned from poll to poll: its pace, its silences, its server's clock. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.feeds.fetch import Response
from schemas import FeedHabit

__all__ = ["CLOCK_POLLS", "answered", "clock_is_off", "items_a_day", "observed", "silence_limit"]

FADES_IN = timedelta(days=3)
"""Half-life of the count of new items."""
KNOWN_AFTER = timedelta(hours=6)
"""How long a feed is watched before anything is said of its items a day."""

GAP_WEIGHT = 0.1
"""Weight of the latest gap in the mean of gaps."""
GAP_FADES_IN = timedelta(days=30)
"""Half-life of the longest gap: a summer break is forgotten, the weekends are not."""

QUIET_LEAST = timedelta(hours=12)
"""No silence is long below this: every feed has its nights."""
QUIET_MEAN, QUIET_LONGEST = 8.0, 2.0
"""A silence is long from so many mean gaps and so many of its longest."""
QUIET_CHANGES, QUIET_WATCHED = 5, timedelta(days=7)
"""What must be known of a feed before its silence is called long: so many changes, and a whole week."""

CLOCK_OFF_S = 120.0
"""Seconds by which a clock is off; less may be a slow answer, or a copy out of a cache that does not say its age."""
CLOCK_STEADY_S = 60.0
"""Seconds within which two answers in a row show the same error. A cached copy's date falls ever further behind."""
CLOCK_POLLS = 3
"""Answers in a row after which a clock is said to be off."""


def answered(habit: FeedHabit, response: Response | None) -> FeedHabit:
    """Return the habit after an answer, whatever its status: latency and clock."""
    if response is None:
        return habit
    off = response.clock_off_s
    update: dict[str, object] = {"latency_s": round(response.took_s, 3)}
    if off is not None:
        last = habit.clock_off_s
        is_steady = habit.clock_off_count == 0 or (last is not None and abs(off - last) <= CLOCK_STEADY_S)
        count = (habit.clock_off_count if is_steady else 0) + 1 if abs(off) >= CLOCK_OFF_S else 0
        update |= {"clock_off_s": round(off, 1), "clock_off_count": count}
    return habit.model_copy(update=update)


def observed(
    habit: FeedHabit,
    new: int,
    edited: int,
    last_polled_at: datetime | None,
    last_changed_at: datetime | None,
    now: datetime,
) -> FeedHabit:
    """Return the habit after a good poll at ``now``; the two other times are those before it.

    What the first poll finds is the past of a feed: it counts as no news.
    """
    if habit.since is None or last_polled_at is None:
        return habit.model_copy(update={"since": now})
    update: dict[str, object] = {"recent": habit.recent * _half(now - last_polled_at, FADES_IN) + new}
    if new or edited:
        gap = (now - (last_changed_at or habit.since)).total_seconds()
        limit = silence_limit(habit, now)
        if habit.quiet and limit is not None:
            gap = min(gap, limit.total_seconds())  # what was told as odd does not become the habit
        mean = habit.mean_gap_s
        faded = habit.longest_gap_s * _half(timedelta(seconds=gap), GAP_FADES_IN)
        update |= {
            "changes": habit.changes + 1,
            "mean_gap_s": gap if mean is None else mean + GAP_WEIGHT * (gap - mean),
            "longest_gap_s": max(gap, faded),
            "quiet": False,
        }
    elif not habit.quiet:
        limit = silence_limit(habit, now)
        update["quiet"] = limit is not None and now - (last_changed_at or habit.since) > limit
    return habit.model_copy(update=update)


def silence_limit(habit: FeedHabit, now: datetime) -> timedelta | None:
    """Return the silence from which a feed is quiet against its own habit; None while too little is known of it."""
    if habit.since is None or habit.mean_gap_s is None:
        return None
    if habit.changes < QUIET_CHANGES or now - habit.since < QUIET_WATCHED:
        return None
    usual = max(habit.mean_gap_s * QUIET_MEAN, habit.longest_gap_s * QUIET_LONGEST)
    return max(QUIET_LEAST, timedelta(seconds=usual))


def items_a_day(habit: FeedHabit, now: datetime) -> float | None:
    """Return the new items a day of the last days; None until a feed was watched for six hours."""
    if habit.since is None or now - habit.since < KNOWN_AFTER:
        return None
    # One item a day, faded by half in three days, sums up to so much since the beginning.
    days = FADES_IN / timedelta(days=1) * 1.4427 * (1 - _half(now - habit.since, FADES_IN))
    return round(habit.recent / days, 2)


def clock_is_off(habit: FeedHabit) -> bool:
    """Say whether enough answers in a row showed the same wrong time."""
    return habit.clock_off_count >= CLOCK_POLLS


def _half(passed: timedelta, life: timedelta) -> float:
    return float(0.5 ** max(0.0, passed / life))
