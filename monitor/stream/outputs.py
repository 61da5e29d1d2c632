"""Outputs as bytes, checked against what their topics take. No I/O."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.stream.context import Output
from monitor.stream.letters import RECORD_OVERHEAD
from monitor.stream.link import OutputTooLargeError
from schemas.topics import TopicSpec

__all__ = ["Encoded", "encode"]

Encoded = tuple[TopicSpec, bytes | None, bytes]
"""Topic, key and value."""


def encode(outputs: Iterable[Output]) -> list[Encoded]:
    """Return the outputs as bytes.

    Raises:
        OutputTooLargeError: Kafka would not take one of them.
    """
    encoded: list[Encoded] = []
    for output in outputs:
        key, value = output.key_bytes(), output.message.to_bytes()
        size = len(value) + len(key or b"") + RECORD_OVERHEAD
        if size > output.topic.max_message_bytes:
            raise OutputTooLargeError(output.topic.name, size, output.topic.max_message_bytes)
        encoded.append((output.topic, key, value))
    return encoded
