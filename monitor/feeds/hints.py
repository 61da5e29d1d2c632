"""What a feed says of how often to ask for it: ttl, skipHours, skipDays, the syndication module; and its hub."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from monitor.feeds.identity import is_url
from monitor.feeds.items import FeedHints

__all__ = ["hints_of"]

_SKIP = re.compile(r"<skip(Hours|Days)\s*>(.{0,2000}?)</skip\1\s*>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(r"<hour\s*>\s*(\d{1,2})\s*</hour\s*>", re.IGNORECASE)
_DAY = re.compile(r"<day\s*>\s*([A-Za-z]+)\s*</day\s*>", re.IGNORECASE)
_DAYS = frozenset(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))

_PERIODS = {
    "hourly": 3600.0,
    "daily": 86_400.0,
    "weekly": 7 * 86_400.0,
    "monthly": 30 * 86_400.0,
    "yearly": 365 * 86_400.0,
}
"""Seconds of ``sy:updatePeriod`` (RDF Site Summary 1.0, syndication module)."""


def hints_of(text: str, channel: Mapping[str, Any]) -> FeedHints:
    """Return the hints of a feed: ``text`` is all of it, ``channel`` what feedparser made of its head.

    ``skipHours`` and ``skipDays`` are read from the text, because feedparser keeps only the last of them.
    """
    hours: set[int] = set()
    days: set[str] = set()
    for kind, inner in _SKIP.findall(text[:200_000]):
        if kind.lower() == "hours":
            # Some feeds count from 1 to 24, as RSS 0.91 did.
            hours.update(int(hour) % 24 for hour in _HOUR.findall(inner) if int(hour) <= 24)
        else:
            days.update(day.lower() for day in _DAY.findall(inner) if day.lower() in _DAYS)
    return FeedHints(
        ttl_s=_ttl(channel.get("ttl")),
        # A feed that skips all of them would never be read.
        skip_hours=tuple(sorted(hours)) if len(hours) < 24 else (),
        skip_days=tuple(sorted(days)) if len(days) < 7 else (),
        update_period_s=_period(channel.get("sy_updateperiod"), channel.get("sy_updatefrequency")),
        self_url=_link(channel, "self"),
        hub_url=_link(channel, "hub"),
    )


def _ttl(value: object) -> float | None:
    try:
        minutes = float(str(value))
    except ValueError:
        return None
    return minutes * 60 if 0 < minutes <= 366 * 24 * 60 else None


def _period(period: object, frequency: object) -> float | None:
    seconds = _PERIODS.get(str(period).strip().lower())
    if seconds is None:
        return None
    try:
        times = max(1.0, float(str(frequency)))
    except ValueError:
        times = 1.0
    return seconds / times


def _link(channel: Mapping[str, Any], rel: str) -> str | None:
    for link in channel.get("links") or ():
        href = link.get("href")
        if rel in str(link.get("rel", "")).split() and isinstance(href, str) and is_url(href):
            return href
    return None
