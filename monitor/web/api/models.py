"""What the API takes and gives, where that is not a value of the read model or the wire contract as it is."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from monitor.archive.views import Counts, DeadLetterRow, Page
from schemas import CommandAction, FeedbackAction, FeedbackVerdict, Time

__all__ = [
    "ActIn", "CommandIn", "Cursor", "DeadLetterItem", "Figures", "Health", "Id", "Limit", "Listing", "Moment", "Slug",
    "Text", "dead_letter", "listing",
]  # fmt: skip

T = TypeVar("T")

HEAD_SHOWN = 2000
"""Bytes of a refused record that a list shows."""


def _text(value: str) -> str:
    if "\0" in value:
        raise ValueError("it holds a NUL character: leave it out")
    return value


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("it lies outside the years 1 to 9999") from None


Text = Annotated[str, AfterValidator(_text)]
Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
"""A moment with a zone, as in 2026-03-02T09:15:00Z."""
Id = Annotated[str, Path(min_length=1, max_length=200)]
Slug = Annotated[str, Path(min_length=1, max_length=100)]
Cursor = Annotated[str | None, Query(max_length=500, description="next of the page before; left out: the first page")]
Limit = Annotated[int, Query(ge=1, le=500, description="rows of a page at most")]


class Listing(BaseModel, Generic[T]):
    """One page of a list, and the cursor that asks for the next; null where there is none."""

    items: tuple[T, ...]
    next: str | None = None


def listing(page: Page[Any]) -> Listing[Any]:
    """Return a page of the read model as the API gives it."""
    return Listing[Any](items=page.rows, next=page.next_cursor)


class ActIn(BaseModel):
    """What somebody does with an alert. ``alert_revision``: the one that was looked at; null: the newest."""

    model_config = ConfigDict(extra="forbid")

    action: FeedbackAction
    alert_revision: int | None = Field(default=None, ge=1, le=2**31 - 1)
    until: Moment | None = Field(default=None, description="with a snooze: when it ends")
    verdict: FeedbackVerdict | None = None
    text: Annotated[Text, Field(max_length=10_000)] | None = Field(default=None, description="of a note or a reply")
    party: Annotated[Text, Field(max_length=200)] | None = Field(default=None, description="whose reply it is")
    undo: bool = Field(default=False, description="take an ack, a snooze or a verdict back")


class CommandIn(BaseModel):
    """What somebody asks of the poller."""

    model_config = ConfigDict(extra="forbid")

    action: CommandAction


class DeadLetterItem(BaseModel):
    """A record that a stage refused; of its value the first 2,000 bytes, in Base64."""

    dead_letter_id: str
    stage: str
    topic: str
    partition: int
    offset: int
    error: str
    reason: str
    attempts: int
    value_size: int
    value_head: str | None = Field(default=None, json_schema_extra={"contentEncoding": "base64"})
    failed_at: Time


def dead_letter(row: DeadLetterRow) -> DeadLetterItem:
    """Return a dead letter as the API gives it."""
    head = row.value_head
    shown = base64.b64encode(head[:HEAD_SHOWN]).decode() if head is not None else None
    return DeadLetterItem(
        dead_letter_id=row.dead_letter_id, stage=row.stage, topic=row.topic, partition=row.partition, offset=row.offset,
        error=row.error, reason=row.reason, attempts=row.attempts, value_size=row.value_size, value_head=shown,
        failed_at=row.failed_at,
    )  # fmt: skip


class Figures(BaseModel):
    """How much the archive holds, and how many pages are live."""

    counts: Counts
    clients: int


class Health(BaseModel):
    """Whether the desk works: ``ok`` where the archive answers; without ``kafka`` nothing is live and no act is taken.

    ``version`` and ``up_s`` (seconds) are for who has logged in.
    """

    status: str = Field(pattern="^(ok|degraded|down)$")
    archive: bool
    kafka: bool
    version: str | None = None
    up_s: int | None = None
