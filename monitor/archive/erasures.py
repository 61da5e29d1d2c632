"""Who was erased, and what of a message may still be taken in: Kafka goes on holding it until its retention ends."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select

from monitor.archive import tables
from monitor.archive.folding import fold
from schemas import Alert, Article, Claim, FeedEvent, Message

__all__ = ["ERASED", "Erasures", "names"]

ERASED = "[erased]"
"""Stands for a title that named the person."""

_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=256)
def names(person: str) -> re.Pattern[str]:
    """Return the pattern that finds a person's name in a folded text, whatever parts its words.

    A form with another ending (as in Russian) is another name: it has to be erased by itself.
    """
    words = [re.escape(word) for word in _WORD.findall(fold(person))]
    return re.compile(r"(?<![^\W_])" + r"[\W_]+".join(words) + r"(?![^\W_])")


@dataclass(frozen=True, slots=True)
class Erasures:
    """The publishers (folded) and the persons that were erased."""

    publishers: frozenset[str] = frozenset()
    persons: tuple[str, ...] = ()

    @classmethod
    def read(cls, connection: Connection) -> Erasures:
        """Return who was erased from this archive."""
        columns = tables.ERASURES.c
        found = connection.execute(select(columns.kind, columns.name)).all()
        return cls(
            frozenset(fold(name) for kind, name in found if kind == "publisher"),
            tuple(name for kind, name in found if kind == "person"),
        )

    def allowed(self, messages: list[Any]) -> list[Any]:
        """Return what may be taken in of the messages."""
        if not self.publishers and not self.persons:
            return messages
        return [kept for kept in map(self._allowed, messages) if kept is not None]

    def _allowed(self, message: Message) -> Message | None:
        if isinstance(message, Article | Claim | FeedEvent) and fold(message.publisher) in self.publishers:
            return None
        if isinstance(message, Alert | Claim) and self.concerns(message):
            return None
        if isinstance(message, Article) and self._is_named(message.title, message.text):
            title = ERASED if self._is_named(message.title) else message.title
            return message.model_copy(update={"title": title, "text": ""})
        return message

    def concerns(self, message: Alert | Claim) -> bool:
        """Whether an alert or a claim quotes one of them, or names the person."""
        if isinstance(message, Claim):
            return self._is_named(message.speaker, message.quote, message.content)
        claims = [claim for side in message.sides for claim in side.claims]
        return any(fold(claim.source) in self.publishers for claim in claims) or self._is_named(
            message.summary, *(part for claim in claims for part in (claim.speaker, claim.quote))
        )

    def _is_named(self, *texts: str | None) -> bool:
        folded: Iterable[str] = [fold(text) for text in texts if text]
        return any(names(person).search(text) for person in self.persons for text in folded)
