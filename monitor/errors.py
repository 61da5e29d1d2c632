"""The errors of Counterclaim, one tree.

::

    CounterclaimError             anything that is told to the user without a traceback
    |-- ConfigError               a setting, topics file or feed list is wrong (file, line)
    |   `-- QueryError            a topic query does not parse (column)
    |-- InputError                a file or line given to a command is wrong (file, line)
    |-- BrokerError               the embedded broker cannot start, or is not there
    |-- TopicMismatchError        a Kafka topic exists with other partitions or cleanup
    |-- FetchError                a URL could not be fetched (url, status)
    |   `-- FeedError             what was fetched is no feed (url)
    `-- PoisonError               a record killed the process before; it goes to the dead letters unread
"""

from __future__ import annotations

__all__ = [
    "BrokerError",
    "ConfigError",
    "CounterclaimError",
    "FeedError",
    "FetchError",
    "InputError",
    "PoisonError",
    "QueryError",
    "TopicMismatchError",
]


class CounterclaimError(Exception):
    """Base of all errors that are told to the user as one message: what, where, and what to do (``hint``)."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class _LocatedError(CounterclaimError):
    """An error at a place in a file: ``path`` and ``line`` (from 1) where known, put before the message."""

    def __init__(
        self, message: str, *, path: str | None = None, line: int | None = None, hint: str | None = None
    ) -> None:
        where = ", ".join(part for part in (path, f"line {line}" if line else None) if part)
        super().__init__(f"{where}: {message}" if where else message, hint=hint)
        self.path = path
        self.line = line


class ConfigError(_LocatedError):
    """A setting, a topics file or a feed list is wrong."""


class QueryError(ConfigError):
    """A topic query does not parse; ``column`` counts from 1 within the query."""

    def __init__(self, message: str, *, column: int, path: str | None = None, line: int | None = None) -> None:
        super().__init__(f"column {column}: {message}", path=path, line=line)
        self.column = column


class InputError(_LocatedError):
    """A file or a line given to a command is wrong."""


class BrokerError(CounterclaimError):
    """The embedded broker cannot start, stop or be found."""


class TopicMismatchError(CounterclaimError):
    """A Kafka topic exists, but not as ``schemas.topics`` says; nothing was changed."""


class FetchError(CounterclaimError):
    """A URL could not be fetched; ``status`` is the HTTP status where there was one."""

    def __init__(self, message: str, *, url: str, status: int | None = None, hint: str | None = None) -> None:
        super().__init__(f"{url}: {message}", hint=hint)
        self.url = url
        self.status = status


class FeedError(FetchError):
    """What was fetched is no feed."""


class PoisonError(CounterclaimError):
    """A record ended the process each time it was handled; it was not handled again."""
