"""Which alerts one browser has opened: a cookie, so that unread marks need no account and no script.

It holds a moment before which everything counts as read ("mark all as read"), and short marks of the alerts opened
since, in the revision that was seen. Nothing of it is secret, and nobody else sees it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from fastapi import Request, Response

from schemas import Alert

__all__ = ["Seen", "keep_seen", "seen_of"]

COOKIE: Final = "seen"
MAX_AGE_S: Final = 180 * 86_400
"""Half a year."""
MOST: Final = 300
"""Opened alerts that are remembered: a cookie has 4,096 bytes, a mark 10 and a dot."""
_MARK: Final = re.compile(r"[0-9a-f]{6}[0-9a-f]{4}")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read: everything last changed before ``until``, and the alerts with ``marks``, the newest last."""

    until: datetime | None = None
    marks: tuple[str, ...] = ()

    def mark_of(self, alert: Alert) -> str:
        """Return ``new``, ``changed`` (opened before, in an older revision), or nothing where it was read."""
        mark = _mark(alert)
        if mark in self.marks or (self.until is not None and alert.updated_at <= self.until):
            return ""
        known = any(each[:6] == mark[:6] for each in self.marks)
        return "changed" if known or (self.until is not None and alert.created_at <= self.until) else "new"

    def opened(self, alert: Alert) -> Seen:
        """Return it with the alert read in its present revision."""
        mark = _mark(alert)
        others = (each for each in self.marks if each[:6] != mark[:6])
        return replace(self, marks=(*others, mark)[-MOST:])


def seen_of(request: Request) -> Seen:
    """Read the cookie; one that cannot be read counts as none."""
    head, _, rest = request.cookies.get(COOKIE, "").partition(".")
    until = datetime.fromtimestamp(int(head), UTC) if re.fullmatch(r"\d{1,11}", head) else None
    return Seen(until, _valid(rest.split(".")))


def keep_seen(response: Response, seen: Seen) -> None:
    """Write the cookie."""
    head = str(int(seen.until.timestamp())) if seen.until else ""
    response.set_cookie(
        COOKIE, ".".join((head, *seen.marks)), max_age=MAX_AGE_S, httponly=True, samesite="lax", path="/"
    )


def _valid(marks: Iterable[str]) -> tuple[str, ...]:
    return tuple(mark for mark in marks if _MARK.fullmatch(mark))[-MOST:]


def _mark(alert: Alert) -> str:
    """Return 6 digits for the alert and 4 for its revision; a rare clash costs an unread mark."""
    name = hashlib.blake2b(alert.alert_id.encode(), digest_size=3).hexdigest()
    return f"{name}{alert.revision & 0xFFFF:04x}"
