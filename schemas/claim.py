"""Claims: what an article says that somebody says."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from schemas.article import PublisherKind
from schemas.message import Message, Span, Time

__all__ = ["Claim", "Figure", "Modality", "Polarity"]


class Polarity(StrEnum):
    """Whether the speaker puts the content forward or rejects it."""

    ASSERTS = "asserts"
    DENIES = "denies"


class Modality(StrEnum):
    """How the content is put: as a fact, hedged, intended, asked or conditional."""

    FACT = "fact"
    ALLEGATION = "allegation"
    PLAN = "plan"
    QUESTION = "question"
    CONDITION = "condition"


class Figure(BaseModel):
    """A quantity: the closed range ``[low, high]`` it allows (null: open), and of what."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    text: str
    low: float | None = None
    high: float | None = None
    unit: str | None = Field(default=None, description="percent, USD, km...; null for a plain count")
    counts: str | None = Field(default=None, description="what is counted, normalised: killed, wounded, troops...")


class Claim(Message):
    """One attributed statement of one article, on one watched topic. Key on the Kafka topic: ``topic``.

    ``claim_id`` is a hash of the article, the speaker and the normalised quote, so an edit elsewhere in the article
    keeps it. ``quote`` is the article's text at ``span``. Places, actors and actions are canonical slugs or lemmas.
    """

    claim_id: str
    topic: str = Field(default="", description="slug of the topic this copy is for; empty outside the stream")
    topics: tuple[str, ...] = Field(default=(), description="every watched topic of the article, sorted")
    article_id: str
    revision: int = Field(default=1, ge=1)
    story_id: str = ""
    lineage_id: str = ""
    url: str | None = None
    publisher: str = ""
    publisher_kind: PublisherKind = PublisherKind.UNREVIEWED
    language: str = "und"
    published_at: Time | None = None
    first_seen_at: Time
    date_uncertain: bool = False

    span: Span
    quote: str
    speaker: str | None = Field(default=None, description="as written; null where the outlet itself reports")
    speaker_span: Span | None = None
    speaker_party: str | None = Field(
        default=None, description="canonical party: russia, syria, un...; null where unknown"
    )
    via: str | None = Field(
        default=None, description="who passes it on: the sites in 'sites cited diplomats as saying'"
    )
    cue: str | None = Field(
        default=None, description="the word that attributes, as written: denied, said, according to"
    )
    polarity: Polarity = Polarity.ASSERTS
    modality: Modality = Modality.FACT
    content: str = Field(default="", description="what is said, without speaker and cue")
    content_span: Span | None = None

    actors: tuple[str, ...] = Field(default=(), description="canonical names of who acts in the content")
    actions: tuple[str, ...] = Field(
        default=(), description="normalised action classes or lemmas: deploy, strike, kill"
    )
    places: tuple[str, ...] = Field(default=(), description="canonical places in the content, else of the sentence")
    figures: tuple[Figure, ...] = ()
    event_time: str | None = Field(default=None, description="ISO date the content speaks of; null where not stated")
