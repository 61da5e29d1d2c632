"""Alerts: two propositions in conflict, with the evidence on each side. It never says who is right."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from schemas.article import PublisherKind
from schemas.message import Message, Span, Time

__all__ = ["Alert", "AlertClaim", "AlertKind", "AlertSide", "AlertState", "Scope", "Severity", "Slot", "SlotMatch"]


class AlertKind(StrEnum):
    """What sort of conflict it is (DESIGN section 4)."""

    DENIAL = "denial"
    CONTRADICTION = "contradiction"
    FIGURE = "figure"
    CORRECTION = "correction"


class AlertState(StrEnum):
    """Where the dispute stands."""

    CONTESTED = "contested"
    SUPERSEDED = "superseded"
    CORRECTED = "corrected"
    RETRACTED = "retracted"
    SETTLED = "settled"


class Severity(StrEnum):
    """How much it deserves an editor's attention now."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Scope(StrEnum):
    """Whether the second side counters the whole of the first, or a part or a neighbour of it."""

    FULL = "full"
    PARTIAL = "partial"


class SlotMatch(StrEnum):
    """How one slot of the two sides compares."""

    SAME = "same"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


class Slot(BaseModel):
    """One compared slot: actor, action, place, time or figure; ``a`` and ``b`` in words, null where not stated."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    slot: str = Field(pattern="^(actor|action|place|time|figure)$")
    a: str | None = None
    b: str | None = None
    match: SlotMatch = SlotMatch.UNKNOWN


class AlertClaim(BaseModel):
    """A claim as evidence: the quote, where it stands, who said it and who carried it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    claim_id: str
    article_id: str
    url: str | None = None
    source: str = ""
    publisher_kind: PublisherKind = PublisherKind.UNREVIEWED
    quote: str
    span: Span
    speaker: str | None = None
    published_at: Time | None = None
    first_seen_at: Time
    lineage_id: str = ""
    language: str = Field(default="und", description="of the article, BCP 47; und: not known")


class AlertSide(BaseModel):
    """One side: its proposition, how many independent origins and outlets carry it, and at most 20 of its claims."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    proposition_id: str
    origins: int = Field(ge=0)
    outlets: int = Field(ge=0)
    claims: tuple[AlertClaim, ...] = Field(max_length=20)


class Alert(Message):
    """Two propositions in conflict. Key on the topic: ``alert_id``; consumers upsert on it.

    ``alert_id`` is a hash of both proposition ids, the lower first; ``revision`` counts up by one with each update.
    ``sides``: first what was asserted, then what counters it (without a denial: the earlier first). Times are those of
    the messages, not of the clock. ``state`` can be trusted only together with ``revision``.
    """

    alert_id: str
    revision: int = Field(ge=1)
    kind: AlertKind
    state: AlertState = AlertState.CONTESTED
    severity: Severity
    score: float = Field(ge=0, le=1, description="calibrated probability that the sides contradict")
    scope: Scope
    same_article: bool
    date_uncertain: bool
    topics: tuple[str, ...]
    story_ids: tuple[str, ...] = Field(max_length=2)
    slots: tuple[Slot, ...] = ()
    summary: str
    created_at: Time
    updated_at: Time
    model: str = Field(description="name and version of the judge")
    sides: tuple[AlertSide, AlertSide]
