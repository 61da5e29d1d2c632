from __future__ import annotations

from monitor.stream.letters import HEAD_BYTES, RECORD_OVERHEAD, dead_letter, letter_id
from schemas import DeadLetter
from schemas.topics import DEAD_LETTERS


def _letter(value: bytes | None, *, key: bytes | None = b"k", reason: str = "no") -> DeadLetter:
    return dead_letter(
        stage="s", topic="t", partition=1, offset=9, key=key, value=value, error=ValueError(reason), attempts=2
    )


def test_a_letter_keeps_the_record_whole() -> None:
    """Bytes that are no text come back as they were."""
    raw = bytes(range(256))
    letter = DeadLetter.from_bytes(_letter(raw).to_bytes())
    assert (letter.value, letter.key, letter.value_size, letter.truncated) == (raw, b"k", 256, False)
    assert (letter.error, letter.reason, letter.attempts, letter.topic) == ("ValueError", "no", 2, "t")


def test_a_record_too_large_leaves_its_place_and_its_first_bytes() -> None:
    """Such a letter fits into the topic, whatever the record and the reason are."""
    raw = b"\xff" * DEAD_LETTERS.max_message_bytes
    letter = _letter(raw, key=b"\xfe" * 200_000, reason="\u0000" * 50_000)
    assert letter.truncated
    assert letter.value is None
    assert letter.value_head == raw[:HEAD_BYTES]
    assert letter.value_size == len(raw)
    assert (letter.partition, letter.offset) == (1, 9)
    assert len(letter.to_bytes()) + RECORD_OVERHEAD < DEAD_LETTERS.max_message_bytes


def test_the_largest_whole_letter_fits_into_the_topic() -> None:
    """At the very edge of being kept whole the letter is still one that Kafka takes."""
    size = DEAD_LETTERS.max_message_bytes * 3 // 4
    while _letter(b"x" * size).truncated:
        size -= 1000
    letter = _letter(b"x" * size, reason="\u0000" * 5000)
    assert not letter.truncated
    assert len(letter.to_bytes()) + RECORD_OVERHEAD < DEAD_LETTERS.max_message_bytes


def test_the_id_is_that_of_the_place() -> None:
    """The same record refused twice is one letter; another place is another."""
    assert letter_id("s", "t", 1, 9) == _letter(b"x").dead_letter_id == _letter(b"y").dead_letter_id
    assert letter_id("s", "t", 1, 9) != letter_id("s", "t", 9, 1)


def test_the_schema_version_is_read_where_it_can_be() -> None:
    """A version in the record is kept; no JSON, no object and no number have none."""
    assert _letter(b'{"schema_version": 7}').record_schema_version == 7
    for raw in (b"", None, b"[1]", b'{"schema_version": "x"}', b'{"schema_version": true}', b"[" * 100_000):
        assert _letter(raw).record_schema_version is None
