"""Rosters in TOML: read with the line of what is wrong, written so that people can go on editing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from monitor.errors import ConfigError
from monitor.feeds.dates import zone_named
from monitor.feeds.identity import is_url
from monitor.feeds.roster import Feed, FullText
from schemas import PublisherKind

__all__ = ["read_toml", "write_toml"]

_TABLE = re.compile(r"^\s*\[\[\s*feed\s*\]\]", re.MULTILINE)
_TOML_LINE = re.compile(r"\(at line (\d+), column \d+\)")


class _Row(BaseModel):
    """One ``[[feed]]`` table."""

    model_config = ConfigDict(extra="forbid")

    url: str
    title: str = ""
    publisher: str = ""
    kind: PublisherKind = PublisherKind.UNREVIEWED
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")
    language: str | None = Field(default=None, pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$", description="BCP 47")
    folder: tuple[str, ...] = ()
    paused: bool = False
    full_text: FullText | None = None
    interval_s: float | None = Field(default=None, ge=0.2, le=604_800)
    min_interval_s: float | None = Field(default=None, ge=0.2, le=604_800)
    max_interval_s: float | None = Field(default=None, ge=0.2, le=604_800)
    zone: str | None = None
    headers: dict[str, str] = {}
    site: str | None = None

    @field_validator("url")
    @classmethod
    def _url(cls, value: str) -> str:
        if not is_url(value):
            raise ValueError(f"{value!r} is no http or https address")
        return value

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        if value and zone_named(value) is None:
            raise ValueError(f"{value!r} is no time zone of the IANA database, such as Asia/Seoul")
        return value

    @field_validator("headers")
    @classmethod
    def _headers(cls, value: dict[str, str]) -> dict[str, str]:
        for name, text in value.items():
            if not re.fullmatch(r"[A-Za-z0-9-]+", name) or re.search(r"[\r\n\0]", text):
                raise ValueError(f"{name!r} is no header")
        return value


def read_toml(text: str, path: str) -> list[Feed]:
    """Return the feeds of the ``[[feed]]`` tables in ``text``, in their order.

    Raises:
        ConfigError: it is no TOML, or a feed lacks its address or has a value that is not allowed; with the line.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = _TOML_LINE.search(str(error))
        raise ConfigError(
            f"not TOML: {_TOML_LINE.sub('', str(error)).strip()}", path=path, line=int(line[1]) if line else None
        ) from error
    lines = [text.count("\n", 0, match.start()) + 1 for match in _TABLE.finditer(text)]
    rows = document.get("feed", [])
    if not isinstance(rows, list) or set(document) - {"feed"}:
        strange = ", ".join(sorted(set(document) - {"feed"})) or "feed"
        raise ConfigError(f"unknown: {strange}", path=path, hint="a roster is a list of [[feed]] tables")
    return [_feed(row, path, lines[n] if n < len(lines) else None, text) for n, row in enumerate(rows)]


def _feed(row: Any, path: str, line: int | None, text: str) -> Feed:
    try:
        return Feed(**_Row.model_validate(row).model_dump())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(map(str, first["loc"]))
        reason = first["msg"].removeprefix("Value error, ")
        allowed = ", ".join(_Row.model_fields) if first["type"] == "extra_forbidden" else None
        raise ConfigError(
            f"feed {row.get('url', '?') if isinstance(row, dict) else '?'}: {name}: {reason}",
            path=path,
            line=_line_of(name, line, text),
            hint=f"allowed: {allowed}" if allowed else None,
        ) from error


def _line_of(name: str, start: int | None, text: str) -> int | None:
    if start is None:
        return None
    for number, line in enumerate(text.splitlines()[start:], start + 1):
        if _TABLE.match(line):
            break
        if re.match(rf"\s*{re.escape(name.partition('.')[0])}\s*=", line):
            return number
    return start


def write_toml(feeds: Iterable[Feed]) -> str:
    """Return ``feeds`` as a roster in TOML; what stands at its default is left out."""
    return "\n".join(_table(feed) for feed in feeds)


def _table(feed: Feed) -> str:
    lines = ["[[feed]]"]
    for name, info in _Row.model_fields.items():
        value = getattr(feed, name)
        if name == "url" or value not in (info.default, None, (), {}):
            lines.append(f"{name} = {_value(value)}")
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_string(str(k))} = {_string(str(v))}" for k, v in value.items()) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(_string(str(part)) for part in value) + "]"
    return _string(str(value))


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda match: f"\\u{ord(match.group()):04x}", escaped) + '"'
