"""Articles: one feed item (and its page), as polled and as enriched."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from schemas.message import Message, Span, Time

__all__ = ["Article", "ArticleDates", "EnrichedArticle", "PublisherKind"]


class PublisherKind(StrEnum):
    """What a publisher is, from the shipped table; a source that is not in it is ``unreviewed``, never independent."""

    WIRE = "wire"
    PAPER = "paper"
    BROADCASTER = "broadcaster"
    STATE_MEDIA = "state_media"
    GOVERNMENT = "government"
    NGO = "ngo"
    SATIRE = "satire"
    OPINION = "opinion"
    BLOG = "blog"
    UNREVIEWED = "unreviewed"


class Article(Message):
    """One revision of one feed item. Key on the topic: ``article_id``.

    ``article_id`` is a hash of the site and the guid or canonical URL at first sight; an edit raises ``revision``.
    Spans elsewhere are offsets into ``text``, which is plain text with paragraphs parted by blank lines.
    """

    article_id: str
    revision: int = Field(default=1, ge=1)
    content_hash: str
    feed_id: str
    guid: str | None = None
    url: str | None = None
    canonical_url: str | None = None
    title: str = ""
    text: str = ""
    language_hint: str | None = Field(default=None, description="BCP 47 tag from the feed or the page")
    authors: tuple[str, ...] = ()
    publisher: str = Field(default="", description="name of the outlet, as its readers know it")
    publisher_kind: PublisherKind = PublisherKind.UNREVIEWED
    section: str | None = Field(default=None, description="the feed's category or the page's section")
    published_at: Time | None = Field(default=None, description="the item's own date; null where it has none")
    updated_at: Time | None = None
    page_published_at: Time | None = Field(default=None, description="date in the page's metadata")
    first_seen_at: Time = Field(description="when this revision was first fetched")


class ArticleDates(BaseModel):
    """The dates an article carries, kept apart; ``uncertain`` where they disagree or only a masthead has one."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    feed: Time | None = None
    page: Time | None = None
    text: Time | None = Field(default=None, description="a date line in the text's own head")
    uncertain: bool = False


class EnrichedArticle(Article):
    """An article with what later stages need to know of its text. Key on the topic: ``language``."""

    language: str = Field(description="ISO 639-1 code; und where unknown")
    language_score: float = Field(default=0.0, ge=0, le=1)
    dates: ArticleDates = ArticleDates()
    furniture: tuple[Span, ...] = Field(default=(), description="spans of text that are page furniture, not reporting")
    credits: tuple[str, ...] = Field(default=(), description="agencies credited in the text: reuters, ap, afp, tass...")
    fingerprint: tuple[int, ...] = Field(
        default=(), description="MinHash of the body's shingles; empty for short texts"
    )
