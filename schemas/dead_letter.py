"""Dead letters: what a stage could not process, whole, so that it can be sent again after the fix."""

from __future__ import annotations

import base64
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from schemas.message import Message, Time

__all__ = ["Base64Bytes", "DeadLetter"]


def _decode(value: object) -> object:
    return base64.b64decode(value, validate=True) if isinstance(value, str) else value


def _encode(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


Base64Bytes = Annotated[
    bytes,
    BeforeValidator(_decode),
    PlainSerializer(_encode, return_type=str, when_used="json-unless-none"),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]
"""Raw bytes, base64 in JSON."""


class DeadLetter(Message):
    """One record that a stage refused. Key: ``dead_letter_id``, a hash of stage, topic, partition and offset.

    A record too large for Kafka has ``value`` null, ``truncated`` true, and its first bytes in ``value_head``: the
    record itself still stands at (topic, partition, offset) until that topic's retention removes it.
    """

    dead_letter_id: str
    stage: str
    topic: str
    partition: int = Field(ge=0)
    offset: int = Field(ge=0)
    key: Base64Bytes | None = None
    value: Base64Bytes | None = None
    value_head: Base64Bytes | None = None
    value_size: int = Field(default=0, ge=0, description="bytes of the whole value")
    truncated: bool = False
    error: str = Field(description="class of the error: DecodeError, SchemaVersionError, PoisonError...")
    reason: str
    attempts: int = Field(ge=0, description="how often the handler was tried; 0: never read, it had killed the process")
    record_schema_version: int | None = Field(
        default=None, description="schema_version in the record, if it could be read"
    )
    failed_at: Time
