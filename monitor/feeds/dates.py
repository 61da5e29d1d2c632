"""Dates of feeds, in the many ways they are written, as moments in UTC; None where there is none. Never "now"."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from time import struct_time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = ["moment_of", "zone_named"]

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), 1)
    for name in names.split()
}  # fmt: skip

_ABBREVIATIONS = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
    "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10, "ast": -4, "adt": -3, "nst": -3.5, "ndt": -2.5,
    "brt": -3, "art": -3, "clt": -4, "cet": 1, "cest": 2, "met": 1, "mest": 2, "mez": 1, "mesz": 2, "eet": 2,
    "eest": 3, "msk": 3, "msd": 4, "trt": 3, "sast": 2, "cat": 2, "eat": 3, "wat": 1, "gst": 4, "pkt": 5, "ict": 7,
    "wib": 7, "sgt": 8, "hkt": 8, "awst": 8, "pht": 8, "jst": 9, "kst": 9, "acst": 9.5, "acdt": 10.5, "aest": 10,
    "aedt": 11, "nzst": 12, "nzdt": 13, "bst": 1, "ist": 5.5,
}  # fmt: skip
"""Hours east of UTC. RFC 5322, 4.3, for the American ones. Of names that stand for several zones, the one that feeds
mean: BST is British Summer Time, IST India's, CST and EST America's."""

_RFC822 = re.compile(
    r"""^\s*(?:[^\W\d]+\.?[,\s]\s*)?(\d{1,2})[\s-]+([A-Za-z]{3,9})\.?,?[\s-]+(\d{4}|\d{2})
        (?:[\s,T]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,]\d+)?)?\s*([AaPp][Mm]\b)?)?\s*(.*?)\s*$""",
    re.VERBOSE,
)
_ISO = re.compile(
    r"""^\s*(\d{4})-?(\d{2})-?(\d{2})(?:(?:[T\s]|\s+at\s+)\s*(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?)?\s*(.*?)\s*$""",
    re.VERBOSE,
)
_US = re.compile(
    r"""^\s*(?:[^\W\d]+\.?[,\s]\s*)?([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})
        (?:[\s,]+(?:at\s+)?(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm]\b)?)?\s*(.*?)\s*$""",
    re.VERBOSE,
)
_OFFSET = re.compile(r"^(?:UTC|GMT)?\s*([+-])\s*(\d{1,2}):?(\d{2})?(?:\s*\(.*\))?$", re.IGNORECASE)

_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
"""A feed that says year 1 (Go's zero time) or 0 means that it has no date."""
_UNSET = datetime(1970, 1, 1, tzinfo=UTC)


def zone_named(name: str | None) -> tzinfo | None:
    """Return the zone of the IANA database called ``name``, None for None or a name that it lacks."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def moment_of(text: str | None, zone: tzinfo | None = None, parsed: struct_time | None = None) -> datetime | None:
    """Return the moment that ``text`` names, in UTC; None where it names none, or one before 1900 or at the epoch.

    A date without a zone is read in ``zone`` (the publisher's; default UTC), one without a time as midnight there.
    ``parsed`` is what feedparser made of it (UTC), used where the text is in a form unknown here.
    """
    if not text or not (text := text.strip()):
        return None
    try:
        found = _read(text[:100], zone or UTC)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        found = _from_tuple(parsed)
    return found if found is not None and found >= _EARLIEST and found != _UNSET else None


def _read(text: str, zone: tzinfo) -> datetime | None:
    if match := _ISO.match(text):
        year, month, day, hour, minute, second, rest = match.groups()
        return _moment((year, month, day), (hour, minute, second, None), rest, zone)
    if match := _RFC822.match(text):
        day, name, year, *clock, rest = match.groups()
    elif match := _US.match(text):
        name, day, year, *clock, rest = match.groups()
    else:
        return None
    number = _MONTHS.get(name.lower())
    if number is None:
        return None
    if len(year) == 2:
        # RFC 5322, 4.3: 00 to 49 are of this century.
        year = str(int(year) + (2000 if int(year) < 50 else 1900))
    return _moment((year, str(number), day), (clock[0], clock[1], clock[2], clock[3]), rest, zone)


def _moment(
    date: tuple[str, str, str], clock: tuple[str | None, str | None, str | None, str | None], rest: str, zone: tzinfo
) -> datetime | None:
    hour, minute, second = (int(part or 0) for part in clock[:3])
    if clock[3]:
        hour = hour % 12 + (12 if clock[3].lower() == "pm" else 0)
    if rest and (zone_ := _zone(rest)) is not None:
        zone = zone_
    elif rest:
        return None
    # 24:00 is midnight at the end of the day (ISO 8601-1); a leap second is the next one.
    extra = timedelta(days=hour == 24, seconds=second == 60)
    naive = datetime(int(date[0]), int(date[1]), int(date[2]), hour % 24, minute, min(second, 59))
    return (naive + extra).replace(tzinfo=zone).astimezone(UTC)


def _zone(text: str) -> tzinfo | None:
    if match := _OFFSET.match(text):
        sign, hours, minutes = match.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(-offset if sign == "-" else offset) if offset < timedelta(hours=24) else None
    name = text.strip("()").split()[0].lower() if text.strip("() ") else ""
    hours_ = _ABBREVIATIONS.get(name)
    return timezone(timedelta(hours=hours_)) if hours_ is not None else None


def _from_tuple(parsed: Any) -> datetime | None:
    if not parsed:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None
