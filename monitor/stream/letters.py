"""Dead letters: how a refused record is written, and when it is too large to be written whole. No I/O."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from monitor.ids import stable_id
from schemas import DeadLetter
from schemas.topics import MAX_MESSAGE_BYTES

__all__ = ["HEAD_BYTES", "RECORD_OVERHEAD", "dead_letter", "letter_id"]

HEAD_BYTES = 64 * 1024
"""First bytes kept of a record that is too large for a dead letter."""

RECORD_OVERHEAD = 1024
"""Bytes that Kafka's batch and record headers may add to key and value, with room to spare."""

_BASE64 = 4 / 3
_REASON_LENGTH = 2000


def letter_id(stage: str, topic: str, partition: int, offset: int) -> str:
    """Return the id of the dead letter of a record: the same each time that it is refused."""
    return stable_id("dead", stage, topic, partition, offset)


def dead_letter(
    *,
    stage: str,
    topic: str,
    partition: int,
    offset: int,
    key: bytes | None,
    value: bytes | None,
    error: BaseException,
    attempts: int,
    limit: int = MAX_MESSAGE_BYTES,
) -> DeadLetter:
    """Return the dead letter of a record; whole if it fits into ``limit`` bytes, else its place and first bytes."""
    raw, name = value or b"", key or b""
    whole = (len(raw) + len(name)) * _BASE64 + 8 * _REASON_LENGTH + RECORD_OVERHEAD <= limit
    return DeadLetter(
        dead_letter_id=letter_id(stage, topic, partition, offset),
        stage=stage,
        topic=topic,
        partition=partition,
        offset=offset,
        key=key if whole or len(name) <= HEAD_BYTES else None,
        value=value if whole else None,
        value_head=None if whole else raw[:HEAD_BYTES],
        value_size=len(raw),
        truncated=not whole,
        error=type(error).__name__,
        reason=str(error)[:_REASON_LENGTH],
        attempts=attempts,
        record_schema_version=_schema_version(raw),
        failed_at=datetime.now(UTC),
    )


def _schema_version(raw: bytes) -> int | None:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    version = found.get("schema_version") if isinstance(found, dict) else None
    return version if isinstance(version, int) and not isinstance(version, bool) else None
