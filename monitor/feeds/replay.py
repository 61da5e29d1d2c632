"""Articles out of files, to be published anew: JSON Lines as ``parse`` writes them, or plain rows; also packed."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from monitor.errors import InputError
from monitor.ids import stable_id
from monitor.text.rows import article_of
from schemas import Article

__all__ = ["Replayed", "article_of_row", "pauses", "read_articles", "speed_of"]

_GZIP = b"\x1f\x8b"
_SPEED = re.compile(r"^x?(\d+(?:\.\d+)?)$", re.IGNORECASE)
MAX_LINE = 16 * 2**20
"""Characters of the longest line that is read."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """An article and where it stood."""

    article: Article
    path: str
    line: int


def article_of_row(row: dict[str, object]) -> Article:
    """Return a row as the poller would publish it.

    What ``parse`` wrote goes out as it stands. A plain row's id may occur again in another source, or in the same one
    under another title: its article id is a hash of all three.

    Raises:
        InputError: it has no ``id``, or a field is of a wrong type.
    """
    article = article_of(row)
    if "article_id" in row:
        return article
    return article.model_copy(
        update={"article_id": stable_id("article", article.publisher, article.article_id, article.title)}
    )


def read_articles(paths: Iterable[str], report: Callable[[InputError], None]) -> Iterator[Replayed]:
    """Yield the articles of files, in their order; each line and file that is none is reported, and the next read."""
    for path in paths:
        try:
            with _open(path) as file:
                yield from _lines(file, path, report)
        except (OSError, EOFError, zlib.error) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            report(InputError(f"cannot be read: {reason}", path=path))
        except UnicodeDecodeError:
            report(InputError("is no UTF-8 text", path=path))


def _open(path: str) -> IO[str]:
    with Path(path).open("rb") as file:
        packed = file.read(2) == _GZIP
    return gzip.open(path, "rt", encoding="utf-8-sig") if packed else Path(path).open(encoding="utf-8-sig")


def _lines(file: IO[str], path: str, report: Callable[[InputError], None]) -> Iterator[Replayed]:
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        if not line.strip():
            continue
        try:
            yield Replayed(_article(line), path, number)
        except InputError as error:
            report(InputError(error.message, path=path, line=number))
        if not line.endswith("\n"):
            while (rest := file.readline(MAX_LINE)) and not rest.endswith("\n"):
                pass


def _article(line: str) -> Article:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}") from error
    if not isinstance(row, dict):
        raise InputError(f"a JSON {type(row).__name__}, not an object")
    return article_of_row(row)


def speed_of(text: str) -> float | None:
    """Return how much faster than the clock ``text`` asks for: ``max`` is None, ``1`` real time, ``x60`` sixtyfold.

    Raises:
        InputError: it is none of these.
    """
    if text.lower() == "max":
        return None
    found = _SPEED.match(text)
    if not found or float(found[1]) <= 0:
        raise InputError(f"--speed {text}: not max, 1 or a factor such as x60")
    return float(found[1])


def pauses(articles: Iterable[Article], speed: float) -> Iterator[float]:
    """Yield, for each article, the seconds after the start at which it is due; one without a date with the one before.

    An article that is older than one before it is due together with that.
    """
    first: datetime | None = None
    due = 0.0
    for article in articles:
        when = article.published_at
        if when is not None:
            first = first or when
            due = max(due, (when - first).total_seconds() / speed)
        yield due
