"""What every message on a topic has in common: how it is written, read and refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, ValidationError

__all__ = ["DecodeError", "Message", "SchemaVersionError", "Span", "Time"]

Span = tuple[int, int]
"""Character offsets ``[start, end)`` into the text of the article that the message names."""


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


Time = Annotated[AwareDatetime, AfterValidator(_utc)]
"""A moment with a zone, kept in UTC, written as ISO 8601 (RFC 3339)."""


class DecodeError(ValueError):
    """The bytes are no message of this model. ``reason`` says why in one line."""

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"not a valid {model}: {reason}")
        self.model = model
        self.reason = reason


class SchemaVersionError(DecodeError):
    """The message was written with a schema version that this program does not know."""

    def __init__(self, model: str, found: object, known: int) -> None:
        super().__init__(model, f"schema_version {found!r}; this program knows up to {known}")
        self.found = found
        self.known = known


class Message(BaseModel):
    """A value on a Kafka topic. Frozen; fields that a newer producer adds are ignored.

    ``schema_version`` rises when a field changes its meaning or goes away; a new optional field does not raise it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    VERSION: ClassVar[int] = 1

    schema_version: int = 1

    def to_bytes(self) -> bytes:
        """Return the message as UTF-8 JSON, as it stands on the topic."""
        return self.model_dump_json().encode()

    def to_json(self) -> dict[str, Any]:
        """Return the message as a dictionary of plain JSON values, as the one-shot commands print it."""
        return self.model_dump(mode="json")

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read a message from UTF-8 JSON.

        Raises:
            SchemaVersionError: it was written with a version above ``VERSION`` or below 1.
            DecodeError: it is no JSON, or lacks a field, or a field has another type.
        """
        try:
            message = cls.model_validate_json(raw)
        except ValidationError as error:
            version = _version_in(raw)
            if version is not None and version != cls.VERSION:
                raise SchemaVersionError(cls.__name__, version, cls.VERSION) from error
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise DecodeError(cls.__name__, f"{where}: {first['msg']}" if where else first["msg"]) from error
        if not 1 <= message.schema_version <= cls.VERSION:
            raise SchemaVersionError(cls.__name__, message.schema_version, cls.VERSION)
        return message


class _Version(BaseModel):
    schema_version: Any = None


def _version_in(raw: bytes) -> object:
    try:
        return _Version.model_validate_json(raw).schema_version
    except ValidationError:
        return None
