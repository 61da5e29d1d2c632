"""Stories: which event an article tells of, whose text it is, and which watched topics it is about."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from schemas.article import EnrichedArticle

__all__ = ["StoryAssignment", "TaggedArticle", "TopicMatch"]


class StoryAssignment(EnrichedArticle):
    """An article with its story and its lineage. Key on the topic: ``story_id``.

    A lineage is the articles that are copies of one text; it counts as one origin, however many outlets carry it.
    ``copy_of`` is the article id of the lineage's origin, null where this article is it.

    Stories change as articles come: what was told is not sent again, but the article that shows a change says so.
    """

    story_id: str
    story_aliases: tuple[str, ...] = Field(
        default=(), description="ids of other stories that turned out to be this event: they stand for story_id now"
    )
    split_from: str | None = Field(default=None, description="the story that this one came off when it drifted")
    split_articles: tuple[str, ...] = Field(
        default=(), description="on the article at which it came off: those that are of this story from here on"
    )
    lineage_id: str
    copy_of: str | None = None
    origin_changed: str | None = Field(
        default=None,
        description="the article that was the lineage's origin until this one, which is earlier, came late",
    )
    containment: float = Field(default=0.0, ge=0, le=1, description="share of this text that stands in the origin")


class TopicMatch(BaseModel):
    """One topic that an article is about. ``score`` is 0 to 1; ``matches`` are the strings found, as written."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    slug: str
    score: float = Field(ge=0, le=1)
    matches: tuple[str, ...] = ()


class TaggedArticle(StoryAssignment):
    """A story assignment with the topics that it is about, best first. Key on the topic: ``article_id``."""

    topics: tuple[TopicMatch, ...] = ()
