"""Which article is the origin of a lineage: the earliest, also when it arrives late.

A text that credits an agency is not the origin of the agency's own text, whatever its date.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

__all__ = ["Origins", "takes_over"]

LEAST_LEAD = timedelta(minutes=1)
"""An origin gives way to a text that is earlier by at least this: outlets round their times."""


class _Text(Protocol):
    @property
    def at(self) -> datetime: ...
    @property
    def dated(self) -> bool: ...
    @property
    def credits(self) -> tuple[str, ...]: ...
    @property
    def publisher(self) -> str: ...


class Origins:
    """The origins of the lineages of the window: the article that was the last to become one."""

    def __init__(self) -> None:
        self._origins: dict[str, list[str]] = {}

    def of(self, lineage_id: str) -> str | None:
        """Return the origin's article id; None where it has left the window."""
        found = self._origins.get(lineage_id)
        return found[-1] if found else None

    def add(self, lineage_id: str, article_id: str) -> None:
        """Make an article the origin."""
        self._origins.setdefault(lineage_id, []).append(article_id)

    def remove(self, lineage_id: str, article_id: str) -> None:
        """Let an article go; the one before it, if it is still there, is the origin again."""
        found = self._origins.get(lineage_id, [])
        if article_id in found:
            found.remove(article_id)
        if not found:
            self._origins.pop(lineage_id, None)


def takes_over(late: _Text, origin: _Text) -> bool:
    """Whether ``late``, which carries the text of ``origin`` and arrived after it, is where the text comes from.

    It is where it is dated earlier and credits nobody else, or is the agency that ``origin`` credits.
    """
    if _is_agency(late.publisher, origin.credits) and not _is_agency(origin.publisher, origin.credits):
        return True
    if any(not _is_agency(late.publisher, (each,)) for each in late.credits):
        return False
    return late.dated and origin.dated and late.at + LEAST_LEAD <= origin.at


def _is_agency(publisher: str, agencies: tuple[str, ...]) -> bool:
    words = publisher.casefold().replace("-", " ").split()
    return any(agency.casefold() in (*words, "-".join(words)) for agency in agencies)
