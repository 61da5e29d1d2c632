"""What became of stories after their articles were told: merged into another, or parted.

An article keeps the story id that it was sent with; these records say under which id it is counted now. A change is
kept while an article that it concerns is in the window.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import MutableMapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

__all__ = ["Changes", "Merged", "Parted"]


class Merged(BaseModel):
    """The story ``old`` turned out to be the event of ``new``."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["merged"] = "merged"
    old: str
    new: str

    @property
    def key(self) -> str:
        """Key in the store."""
        return f"m|{self.old}"


class Parted(BaseModel):
    """The ``articles`` of the story ``old`` are counted to ``new`` from here on."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["parted"] = "parted"
    old: str
    new: str
    articles: tuple[str, ...]

    @property
    def key(self) -> str:
        """Key in the store."""
        return f"p|{self.new}"


_READ: TypeAdapter[Merged | Parted] = TypeAdapter(Annotated[Merged | Parted, Field(discriminator="kind")])


class Changes:
    """The merges and partings of the window, read from and kept in ``store`` beside the articles."""

    def __init__(self, store: MutableMapping[str, bytes]) -> None:
        self._store = store
        self._merged: dict[str, Merged] = {}
        self._parted: dict[str, Parted] = {}
        self._into: dict[str, set[str]] = {}
        self._moved: dict[str, str] = {}
        self._named: Counter[str] = Counter()
        self._told: Counter[str] = Counter()
        for key, raw in store.items():
            if key.startswith(("m|", "p|")):
                self._take(_READ.validate_json(raw))

    def story_of(self, article_id: str, told: str) -> str:
        """Return the id under which an article that was sent with the story ``told`` is counted now."""
        return self._now(self._moved.get(article_id, told))

    def aliases(self, story_id: str) -> tuple[str, ...]:
        """Return the ids of the stories that were merged into this one, sorted."""
        found: list[str] = []
        ahead = [story_id]
        while ahead:
            ahead = [old for each in ahead for old in self._into.get(each, ())]
            found += ahead
        return tuple(sorted(found))

    def parted(self, story_id: str) -> Parted | None:
        """Return how a story came off another one, None where it did not."""
        return self._parted.get(story_id)

    def apply(self, change: Merged | Parted) -> None:
        """Take a change in and keep it."""
        self._take(change)
        self._store[change.key] = change.model_dump_json().encode()

    def seen(self, told: str) -> None:
        """Count an article of the window that was sent with this story id."""
        self._told[told] += 1

    def forget(self, article_id: str, told: str) -> None:
        """Let an article go, and the changes that concern no article any more."""
        self._told[told] -= 1
        target = self._moved.pop(article_id, None)
        if target is not None:
            self._named[target] -= 1
            self._let_go(target)
        self._let_go(told)

    def _let_go(self, story_id: str) -> None:
        if self._told[story_id] > 0 or self._named[story_id] > 0:
            return
        del self._told[story_id], self._named[story_id]
        parted, merged = self._parted.pop(story_id, None), self._merged.pop(story_id, None)
        if merged is not None:
            self._into[merged.new].discard(story_id)
            if not self._into[merged.new]:
                del self._into[merged.new]
            self._store.pop(merged.key, None)
        if parted is not None:
            self._store.pop(parted.key, None)

    def _take(self, change: Merged | Parted) -> None:
        if isinstance(change, Merged):
            self._merged[change.old] = change
            self._into.setdefault(change.new, set()).add(change.old)
            return
        self._parted[change.new] = change
        for article_id in change.articles:
            before = self._moved.get(article_id)
            if before is not None:
                self._named[before] -= 1
            self._moved[article_id] = change.new
            self._named[change.new] += 1

    def _now(self, story_id: str) -> str:
        # A story is merged into an older one only, so this ends.
        while (merged := self._merged.get(story_id)) is not None:
            story_id = merged.new
        return story_id
