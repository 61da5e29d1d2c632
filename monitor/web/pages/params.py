"""What the address of a page asks for. A value that means nothing counts as not given: people type addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request

from monitor.archive.queries import AlertQuery, SearchQuery, StoryQuery
from monitor.errors import InputError
from monitor.web import words
from schemas import AlertKind, AlertState, PublisherKind, Severity

__all__ = [
    "LANGUAGES",
    "SHOWS",
    "SIZES",
    "SPANS",
    "alert_params",
    "alert_query",
    "form_of",
    "local_path",
    "options",
    "search_query",
    "story_query",
    "text_params",
]

Choice = TypeVar("Choice", bound=StrEnum)

MAX_FORM_BYTES: Final = 300_000
SPANS: Final = (("", "any time"), ("1h", "the last hour"), ("24h", "24 hours"), ("7d", "7 days"), ("30d", "30 days"))
SHOWS: Final = (
    ("", "not snoozed"),
    ("open", "not yet handled"),
    ("acked", "acknowledged"),
    ("snoozed", "snoozed"),
    ("all", "all"),
)
SIZES: Final = (("", "1 article"), ("2", "2 articles"), ("3", "3 articles"), ("5", "5 articles"), ("10", "10 articles"))
LANGUAGES: Final = (
    ("", "any"),
    *((code, name) for name, code in sorted({
        "Arabic": "ar", "Chinese": "zh", "English": "en", "Farsi": "fa", "French": "fr", "German": "de", "Hebrew": "he",
        "Hindi": "hi", "Italian": "it", "Japanese": "ja", "Polish": "pl", "Portuguese": "pt", "Russian": "ru",
        "Spanish": "es", "Turkish": "tr", "Ukrainian": "uk",
    }.items())),
)  # fmt: skip
SEVERITY_CHOICES: Final = (
    ("", "any"),
    ("high", "high"),
    ("high,medium", "medium and up"),
    ("medium", "medium"),
    ("low", "low"),
)
_SPAN: Final = re.compile(r"(\d{1,4})([hd])")
_NUL: Final = "\x00"


def text_params(request: Request, *names: str) -> dict[str, str]:
    """Return the named parameters, trimmed, those that are not given as empty; of several values all, with commas."""
    found = {}
    for name in names:
        values = (value.replace(_NUL, "").strip() for value in request.query_params.getlist(name))
        found[name] = ",".join(value for value in values if value)
    return found


def alert_params(request: Request) -> dict[str, str]:
    """Return what the address of the list of alerts asks for, as text."""
    return text_params(
        request, "topic", "kind", "severity", "state", "show", "since", "publisher", "language", "cursor"
    )


def alert_query(params: Mapping[str, str], now: datetime) -> AlertQuery:
    """Return the question to the read model. Snoozed alerts are left out unless they are asked for."""
    show = params["show"]
    return AlertQuery(
        topic=params["topic"] or None,
        kind=next(iter(_each(AlertKind, params["kind"])), None),
        severity=frozenset(_each(Severity, params["severity"])),
        state=frozenset(_each(AlertState, params["state"])),
        since=since(params["since"], now),
        acked={"open": False, "acked": True}.get(show),
        snoozed={"all": None, "snoozed": True}.get(show, False),
        now=now,
        language=params["language"] or None,
        publisher_kind=next(iter(_each(PublisherKind, params["publisher"])), None),
    )


def story_query(params: Mapping[str, str], now: datetime) -> StoryQuery:
    """Return which stories the address asks for."""
    least = int(params["articles"]) if re.fullmatch(r"\d{1,4}", params["articles"]) else 1
    return StoryQuery(
        topic=params["topic"] or None,
        language=params["language"] or None,
        since=since(params["since"], now),
        min_articles=max(least, 1),
    )


def search_query(params: Mapping[str, str]) -> SearchQuery:
    """Return where to search. Days are UTC; the last one is within the range."""
    last = _day(params["until"])
    return SearchQuery(
        kind="claim" if params["kind"] == "claim" else "article",
        topic=params["topic"] or None,
        publisher=params["publisher"] or None,
        language=params["language"] or None,
        since=_day(params["since"]),
        until=last + timedelta(days=1) if last else None,
    )


def since(span: str, now: datetime) -> datetime | None:
    """Return the start of ``24h`` or ``7d`` before now."""
    found = _SPAN.fullmatch(span)
    return now - timedelta(hours=int(found[1]) * (24 if found[2] == "d" else 1)) if found else None


def options(names: Mapping[Any, str], every: str = "any") -> tuple[tuple[str, str], ...]:
    """Return the choices of a list: all, then each value with its word."""
    return (("", every), *((str(value.value), text) for value, text in names.items()))


def local_path(path: str) -> str:
    """Return the path if it is one of this desk, else that of the alerts: no link may lead elsewhere through us."""
    return path if re.fullmatch(r"/(?![/\\])[^\x00-\x20\\]*", path) else "/alerts"


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a posted form, the last of a name.

    Raises:
        InputError: it is too large, or not text.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise InputError(f"the form is too large: at most {MAX_FORM_BYTES} bytes")
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=50))
    except ValueError as error:
        raise InputError(f"the form cannot be read: {error}") from error


def _each(kind: type[Choice], text: str) -> Iterable[Choice]:
    return [kind(value) for value in text.split(",") if value in set(kind)]


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC) if text else None
    except ValueError:
        return None


PUBLISHER_CHOICES: Final = options(words.PUBLISHERS)
