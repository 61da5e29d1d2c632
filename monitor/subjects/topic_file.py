"""The topics file: one TOML table a topic, with ``label``, ``query`` and, where needed, ``threshold``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from monitor.errors import ConfigError, QueryError
from monitor.subjects import gazetteer
from monitor.subjects.query import Node, Ref, parse, terms

__all__ = ["DEFAULT_THRESHOLD", "Topic", "problems", "read_topics"]

DEFAULT_THRESHOLD = 0.5
"""Score from which an article is about a topic."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_KEYS = {"label", "query", "threshold"}


@dataclass(frozen=True, slots=True)
class Topic:
    """One watched topic, compiled as far as it can be alone."""

    slug: str
    label: str
    query: str
    node: Node
    threshold: float = DEFAULT_THRESHOLD


def read_topics(path: Path | None = None) -> tuple[Topic, ...]:
    """Read a topics file; without a path the shipped one.

    Raises:
        ConfigError: it is not there, is no TOML, or a table is wrong (file, line).
        QueryError: a query does not parse (file, line, column).
    """
    found = list(_read(path))
    for problem in found:
        if isinstance(problem, ConfigError):
            raise problem
    topics = tuple(topic for topic in found if isinstance(topic, Topic))
    if not topics:
        raise ConfigError("there is no topic in it", path=str(path), hint='Add one: [syria], then query = "@syria"')
    return topics


def problems(path: Path | None = None) -> list[ConfigError]:
    """Return everything that is wrong with a topics file, in order; ``topics check`` prints it."""
    return [problem for problem in _read(path) if isinstance(problem, ConfigError)]


def _read(path: Path | None) -> Iterator[Topic | ConfigError]:
    name = str(path) if path else "topics.toml"
    try:
        text = _text(path)
        tables = tomllib.loads(text)
    except OSError as error:
        yield ConfigError(f"cannot be read: {error.strerror or error}", path=name)
        return
    except UnicodeDecodeError as error:
        yield ConfigError(f"is not UTF-8: {error.reason} at byte {error.start}", path=name)
        return
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+), column (\d+)", str(error))
        yield ConfigError(f"is no TOML: {error}", path=name, line=int(at[1]) if at else None)
        return
    lines = text.splitlines()
    for slug, table in tables.items():
        try:
            yield _topic(slug, table, name, lines)
        except ConfigError as error:
            yield error


def _text(path: Path | None) -> str:
    if path is None:
        return (resources.files("monitor.subjects") / "topics.toml").read_text(encoding="utf-8")
    return path.read_text(encoding="utf-8")


def _topic(slug: str, table: Any, path: str, lines: list[str]) -> Topic:
    line = _line_of(lines, slug)
    if not _SLUG.fullmatch(slug):
        raise ConfigError(
            f"{slug!r} is no slug",
            path=path,
            line=line,
            hint="Use small letters, digits and single hyphens: islamic-state",
        )
    if not isinstance(table, dict):
        raise ConfigError(f"{slug} must be a table: [{slug}], then query = ...", path=path, line=line)
    unknown = sorted(table.keys() - _KEYS)
    if unknown:
        at = _line_of(lines, slug, unknown[0])
        known = ", ".join(sorted(_KEYS))
        raise ConfigError(f"[{slug}] has the unknown key {unknown[0]!r}; known are {known}", path=path, line=at)
    query = table.get("query")
    if not isinstance(query, str) or not query.strip():
        raise ConfigError(f"[{slug}] lacks a query", path=path, line=line, hint='Add one: query = "@syria"')
    node = _parsed(slug, query, path, _line_of(lines, slug, "query") or line or 1, lines)
    label = table.get("label", slug)
    threshold = table.get("threshold", DEFAULT_THRESHOLD)
    if not isinstance(label, str):
        raise ConfigError(f"[{slug}] label must be a text", path=path, line=_line_of(lines, slug, "label"))
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not 0 <= threshold <= 1:
        at = _line_of(lines, slug, "threshold")
        raise ConfigError(f"[{slug}] threshold must be a number from 0 to 1", path=path, line=at)
    return Topic(slug, label, query, node, float(threshold))


def _parsed(slug: str, query: str, path: str, line: int, lines: list[str]) -> Node:
    try:
        node = parse(query)
    except QueryError as error:
        raise _moved(error.message.partition(": ")[2], error.column, slug, query, path, line, lines) from error
    for term in terms(node):
        if isinstance(term, Ref) and not gazetteer.default().knows(term.slug):
            column = query.index(f"@{term.slug}") + 1
            raise _moved(f"the gazetteer has no @{term.slug}", column, slug, query, path, line, lines)
    return node


def _moved(message: str, column: int, slug: str, query: str, path: str, line: int, lines: list[str]) -> QueryError:
    """Give the line of the file where in a query of several lines the error is, and the column in that line."""
    before = query[: column - 1]
    opening = lines[line - 1] if line <= len(lines) else ""
    many = '"""' in opening or "'''" in opening
    # TOML drops the newline right after the opening quotes of a text of several lines.
    starts_below = many and opening.rstrip().endswith(('"""', "'''"))
    down = before.count("\n") + (1 if starts_below else 0)
    if before.count("\n"):
        column = len(before) - before.rfind("\n")
    return QueryError(f"[{slug}] {message}", column=column, path=path, line=line + down)


def _line_of(lines: list[str], slug: str, key: str | None = None) -> int | None:
    """Return the line (from 1) of a table's header, or of a key in it; tomllib does not keep them."""
    header = re.compile(rf"\s*\[\s*[\"']?{re.escape(slug)}[\"']?\s*\]|\s*[\"']?{re.escape(slug)}[\"']?\s*=")
    start = next((number for number, line in enumerate(lines, 1) if header.match(line)), None)
    if start is None or key is None:
        return start
    entry = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    for number, line in enumerate(lines[start:], start + 1):
        if line.lstrip().startswith("["):
            break
        if entry.match(line):
            return number
    return start
