"""Plain rows (``id, title, text, source, date``) as articles: how filters and ``replay`` read other files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from monitor.errors import InputError
from monitor.ids import stable_id
from schemas import Article

__all__ = ["UNKNOWN_TIME", "article_of", "time_of"]

UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""``first_seen_at`` of a row without any date: the clock would make its ids and windows differ from run to run."""

_DATE_FIELDS = ("published_at", "date")
_TIME = TypeAdapter(datetime)


def time_of(value: object) -> datetime | None:
    """Return an ISO 8601 date or moment in UTC (midnight and UTC where it says none), null as None.

    Raises:
        InputError: it is neither.
    """
    if value is None or value == "":
        return None
    try:
        moment = _TIME.validate_python(value)
    except ValidationError as error:
        raise InputError(f"not an ISO 8601 date: {value!r}") from error
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def article_of(row: Mapping[str, Any]) -> Article:
    """Return the row as an article: one that ``parse`` wrote as it stands, a plain one with what it has.

    Raises:
        InputError: it has no ``id``, or a field is of a wrong type.
    """
    if {"article_id", "content_hash", "feed_id"} <= row.keys():
        try:
            return Article.model_validate(row)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise InputError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    identity = row.get("id", row.get("article_id"))
    if not isinstance(identity, str | int):
        raise InputError("lacks the field 'id'")
    title, text, source = (str(row.get(field) or "") for field in ("title", "text", "source"))
    published = next((time_of(row[field]) for field in _DATE_FIELDS if row.get(field)), None)
    return Article(
        article_id=str(identity),
        content_hash=stable_id("hash", title, text),
        feed_id="rows",
        guid=str(identity),
        url=row.get("url"),
        canonical_url=row.get("url"),
        title=title,
        text=text,
        language_hint=row.get("language"),
        publisher=source,
        published_at=published,
        first_seen_at=published or UNKNOWN_TIME,
    )
