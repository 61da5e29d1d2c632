"""When a statement says that it happened: words for days, resolved from the publication date. No date, no guess."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final

__all__ = ["compare_days", "event_time"]

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip

_MONTH: Final = "(?P<month>" + "|".join(rf"{name}|{name[:3]}\.?" for name in _MONTHS) + r"|sept\.?)"
_DAY_FIRST: Final = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+{_MONTH}(?:,?\s+(?P<year>\d{{4}}))?\b", re.I
)
_MONTH_FIRST: Final = re.compile(
    rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>\d{{4}})\b)?", re.I
)
_ISO: Final = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_WEEKDAY: Final = re.compile(
    rf"\b(?P<rel>(?:last|next|this|coming|previous|since|until|by|every|each)\s+)?(?P<day>{'|'.join(_DAYS)})\b", re.I
)
_NEAR: Final = re.compile(
    r"\b(?P<word>the day before yesterday|yesterday|today|tonight|last night|overnight|tomorrow)\b", re.I
)
_NEAR_OFFSET: Final = {
    "the day before yesterday": -2, "yesterday": -1, "last night": -1, "overnight": 0,
    "today": 0, "tonight": 0, "tomorrow": 1,
}  # fmt: skip
_FUTURE: Final = re.compile(r"\b(?:will|shall|plans?|due|scheduled|expected)\b", re.I)

_PERIODIC: Final = frozenset({"since", "until", "by", "every", "each"})
_WEEK: Final = 7
"""Days."""
_YEAR_AHEAD: Final = 183
"""A month and day without a year is the one nearest to the publication date: at most half a year, in days, away."""


def event_time(text: str, published: datetime | date | None) -> str | None:
    """Return the ISO date of the first day that ``text`` names, or None.

    A full date needs no publication date. A weekday is the last one up to and including ``published`` (the next one
    after "next", or where the text speaks of what is to come); "yesterday" and a date without a year need it too.
    """
    base = published.date() if isinstance(published, datetime) else published
    found = sorted(_candidates(text, base), key=lambda pair: pair[0])
    return found[0][1].isoformat() if found else None


def compare_days(a: str | None, b: str | None) -> int | None:
    """Return how many days apart two ISO dates are; None where one is not known."""
    return None if a is None or b is None else abs((date.fromisoformat(a) - date.fromisoformat(b)).days)


def _candidates(text: str, base: date | None) -> list[tuple[int, date]]:
    found: list[tuple[int, date]] = []

    def put(at: int, day: date | None) -> None:
        if day is not None:
            found.append((at, day))

    for match in _ISO.finditer(text):
        put(match.start(), _day(int(match[1]), int(match[2]), int(match[3])))
    for pattern in (_DAY_FIRST, _MONTH_FIRST):
        for match in pattern.finditer(text):
            put(match.start(), _calendar_day(match, base))
    if base is not None:
        for match in _WEEKDAY.finditer(text):
            put(match.start(), _weekday(match, text, base))
        for match in _NEAR.finditer(text):
            put(match.start(), base + timedelta(days=_NEAR_OFFSET[match["word"].lower()]))
    return found


def _calendar_day(match: re.Match[str], base: date | None) -> date | None:
    month = next(i for i, name in enumerate(_MONTHS, 1) if name[:3] == match["month"].lower()[:3])
    if match["year"]:
        return _day(int(match["year"]), month, int(match["day"]))
    if base is None:
        return None
    near = (_day(base.year + shift, month, int(match["day"])) for shift in (-1, 0, 1))
    known = [day for day in near if day is not None and abs((day - base).days) <= _YEAR_AHEAD]
    return min(known, key=lambda day: abs((day - base).days), default=None)


def _weekday(match: re.Match[str], text: str, base: date) -> date | None:
    relation = (match["rel"] or "").strip().lower()
    if relation in _PERIODIC:
        return None
    index = _DAYS.index(match["day"].lower())
    back = (base.weekday() - index) % _WEEK
    ahead = relation in ("next", "coming") or (
        not relation and _FUTURE.search(text[max(0, match.start() - 40) : match.start()]) is not None
    )
    if ahead:
        return base + timedelta(days=(index - base.weekday()) % _WEEK or _WEEK)
    if relation in ("last", "previous") and back == 0:
        back = _WEEK
    return base - timedelta(days=back)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
