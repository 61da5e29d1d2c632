"""What is kept of one article of the window: its decision as it was told, and what later decisions rest on."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from monitor.stories.story import Facts, Vector
from monitor.window import day_of

__all__ = ["Record"]


class Record(BaseModel):
    """One article. ``story_id`` is the one that it was sent with; ``Changes`` says where it is counted now."""

    model_config = ConfigDict(frozen=True)

    number: int
    article_id: str
    at: datetime
    dated: bool
    story_id: str
    story_aliases: tuple[str, ...] = ()
    split_from: str | None = None
    split_articles: tuple[str, ...] = ()
    lineage_id: str
    copy_of: str | None
    containment: float
    origin_changed: str | None = None
    credits: tuple[str, ...] = ()
    publisher: str = ""
    exact: str
    runs: tuple[int, ...]
    one_in: int
    vector: Vector
    title: tuple[str, ...]
    names: tuple[str, ...]
    places: tuple[str, ...]

    @property
    def key(self) -> str:
        """Key in the store."""
        return f"a|{day_of(self.at):06d}|{self.article_id}"

    @property
    def facts(self) -> Facts:
        """What the story is decided on."""
        return Facts(
            self.vector,
            frozenset(self.title),
            frozenset(self.names),
            frozenset(self.places),
            self.at.timestamp(),
            self.number,
        )
