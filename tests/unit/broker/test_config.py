from __future__ import annotations

from monitor.broker.config import java_flags, log4j_properties, server_properties
from schemas.topics import ALL, MAX_MESSAGE_BYTES


def test_listens_on_loopback_alone() -> None:
    """No listener is reachable from another machine."""
    properties = server_properties(9092, 9093)
    for key in ("listeners", "advertised.listeners", "controller.quorum.voters"):
        assert all("127.0.0.1:" in part for part in properties[key].split(",")), key


def test_takes_the_largest_record_of_the_contract() -> None:
    """The broker's limit is not below what the topics promise, key and headers included."""
    limit = int(server_properties(9092, 9093)["message.max.bytes"])
    assert limit > MAX_MESSAGE_BYTES
    assert limit >= max(spec.max_message_bytes for spec in ALL)


def test_makes_no_topic_by_itself_and_does_not_wait_for_members() -> None:
    """A misspelt topic fails, and a group's first rebalance is at once."""
    properties = server_properties(9092, 9093)
    assert properties["auto.create.topics.enable"] == "false"
    assert properties["group.initial.rebalance.delay.ms"] == "0"


def test_every_internal_topic_has_one_copy() -> None:
    """One node cannot hold two copies: Kafka would refuse to make its own topics."""
    properties = server_properties(9092, 9093)
    copies = {key: value for key, value in properties.items() if key.endswith((".replication.factor", ".min.isr"))}
    assert len(copies) == 5
    assert set(copies.values()) == {"1"}


def test_heap_is_bounded() -> None:
    """The heap's upper bound is the one asked for, and the first size is not above it."""
    assert "-Xmx512m" in java_flags(512)
    assert "-Xmx100m" in java_flags(100)
    assert "-Xms100m" in java_flags(100)


def test_log_is_turned_over() -> None:
    """Log files are bounded in size and number."""
    text = log4j_properties()
    assert "type = RollingFile" in text
    assert "policies.size.size = 10MB" in text
    assert "strategy.max = 3" in text
