"""When a feed is asked again: as often as it changes, less when it fails, never not at all. Pure.

The rule is that of congestion control, after Media Cloud's rss-fetcher: the interval shrinks by a factor when much of a
fetch was new, and grows by a smaller one when nothing was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.feeds.items import FeedHints
from monitor.ids import stable_id

__all__ = ["Bounds", "after_change", "after_failure", "bounds_of", "due_after", "hinted_s", "max_age_s", "spread"]

FLOOR = 1 / 3
CEILING = 8.0
"""Interval of a lively and of a quiet feed, as parts of ``feeds.interval_s``."""

SHORTEN = 0.5
LENGTHEN = 1.25
BUSY_SHARE = 0.3
"""Share of new items in a fetch above which items may have scrolled past unseen."""

BACKOFF_CEILING = 96.0
"""Longest interval of a failing feed, as a multiple of ``feeds.interval_s``: a day for 15 minutes."""
RETRY_AFTER_CAP_S = 86_400.0
"""Seconds: no server puts us off for longer than a day at a time."""
HINT_CAP_S = 6 * 3600.0
"""Seconds: a hint makes no interval longer than this."""
DEFAULT_PERIOD_S = 3600.0
"""Seconds of ``sy:updatePeriod`` that say nothing: a widespread blog software writes "hourly" into every feed."""
JITTER = 0.1
"""Part of an interval by which due times are spread."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds between which an interval may lie, and where it starts."""

    start_s: float
    floor_s: float
    ceiling_s: float

    def clamp(self, seconds: float) -> float:
        """Return ``seconds``, not below the floor and not above the ceiling."""
        return min(max(seconds, self.floor_s), self.ceiling_s)


def bounds_of(interval_s: float, own_s: float | None, floor_s: float | None, ceiling_s: float | None) -> Bounds:
    """Return the bounds of a feed: from the setting ``interval_s``, and its own three where the roster gives them."""
    start = own_s or interval_s
    floor = floor_s if floor_s is not None else start * FLOOR
    ceiling = max(floor, ceiling_s if ceiling_s is not None else start * CEILING)
    return Bounds(min(max(start, floor), ceiling), floor, ceiling)


def after_change(interval_s: float, new: int, listed: int, bounds: Bounds) -> float:
    """Return the next interval after a good poll that found ``new`` items among ``listed``."""
    if new <= 0:
        return bounds.clamp(interval_s * LENGTHEN)
    share = new / max(listed, new)
    if share >= BUSY_SHARE:
        return bounds.clamp(interval_s * SHORTEN)
    return bounds.clamp(interval_s * (1 - (1 - SHORTEN) * share / BUSY_SHARE))


def after_failure(failures: int, bounds: Bounds, retry_after_s: float | None = None) -> float:
    """Return the seconds until the next try after ``failures`` (1, 2...) in a row; it doubles up to a ceiling, forever.

    ``retry_after_s`` is what the server asked for: kept, up to a day.
    """
    ceiling = max(bounds.ceiling_s, bounds.start_s * BACKOFF_CEILING)
    wait = min(bounds.start_s * 2.0 ** min(max(failures, 1) - 1, 60), ceiling)
    if retry_after_s is not None:
        wait = max(wait if failures > 1 else bounds.floor_s, min(retry_after_s, RETRY_AFTER_CAP_S))
    return wait


def hinted_s(hints: FeedHints, headers: Mapping[str, str]) -> float:
    """Return the least seconds between polls that the feed and its server ask for, 0 where they ask for nothing."""
    period = hints.update_period_s or 0.0
    own = period if period > DEFAULT_PERIOD_S else None
    asked = (hints.ttl_s, max_age_s(headers.get("cache-control")), own)
    return min(max((seconds for seconds in asked if seconds), default=0.0), HINT_CAP_S)


def max_age_s(cache_control: str | None) -> float | None:
    """Return the ``max-age`` of a Cache-Control header in seconds (RFC 9111, 5.2.2.1), None where it has none."""
    for directive in (cache_control or "").lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name == "max-age" and value.strip('"').isdigit():
            return float(value.strip('"')[:9])
    return None


def due_after(now: datetime, seconds: float, feed_id: str, hints: FeedHints | None = None) -> datetime:
    """Return when a feed is due: ``seconds`` from ``now``, spread a little, past the hours that it asks to spare."""
    due = now + timedelta(seconds=seconds * (1 + JITTER * (2 * spread(feed_id, now.isoformat()) - 1)))
    return _skip(due, hints) if hints and (hints.skip_hours or hints.skip_days) else due


def spread(*parts: str) -> float:
    """Return a number in [0, 1) that follows from ``parts``: the same after a restart, even over many feeds."""
    return int(stable_id("spread", *parts)[1:9], 16) / 2**32


def _skip(due: datetime, hints: FeedHints) -> datetime:
    for _ in range(8 * 24):
        if due.hour not in hints.skip_hours and due.strftime("%A").lower() not in hints.skip_days:
            break
        due = (due + timedelta(hours=1)).replace(minute=due.minute, second=due.second)
    return due
