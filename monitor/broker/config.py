"""What the embedded Kafka is started with: server.properties, Log4j's configuration, the flags of Java."""

from __future__ import annotations

from schemas.topics import MAX_MESSAGE_BYTES

__all__ = [
    "DATA_FOLDER",
    "LOG4J_FILE",
    "LOG_FILE",
    "LOOPBACK",
    "NODE_ID",
    "java_flags",
    "log4j_properties",
    "server_properties",
]

LOOPBACK = "127.0.0.1"
NODE_ID = 1
DATA_FOLDER = "kafka"
LOG_FILE = "logs/kafka.log"
LOG4J_FILE = "log4j2.properties"

MIB = 1024 * 1024
SEGMENT_BYTES = 64 * MIB
INDEX_BYTES = MIB
"""An index entry stands for 4 KiB of log: enough for a segment many times over (Kafka sets 10 MiB aside otherwise)."""

RECORD_OVERHEAD_BYTES = 64 * 1024
"""Key, headers and batch header of a record whose value is as large as the contract allows."""

SESSION_TIMEOUT_MS = 2000
"""So long the controller waits, after kill -9, for the dead broker of the same node id: ready in 4 s, not in 13."""

LOG_FILE_MB = 10
LOG_FILES = 3


def server_properties(port: int, controller_port: int) -> dict[str, str]:
    """Return the configuration of one KRaft node on loopback that is broker and controller (Kafka: "Broker Configs").

    Paths are relative to the working folder of Java: a comma in an absolute one would be taken for two folders.
    """
    message_bytes = MAX_MESSAGE_BYTES + RECORD_OVERHEAD_BYTES
    return {
        "process.roles": "broker,controller",
        "node.id": f"{NODE_ID}",
        "listeners": f"PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": f"{NODE_ID}@{LOOPBACK}:{controller_port}",
        "log.dirs": DATA_FOLDER,
        # One node: every internal topic has one copy, and few partitions, each of which costs files and start time.
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "offsets.topic.segment.bytes": f"{16 * MIB}",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "1",
        "transaction.state.log.segment.bytes": f"{16 * MIB}",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "1",
        # Topics are made from schemas/topics.py alone: a misspelt name must fail.
        "auto.create.topics.enable": "false",
        "message.max.bytes": f"{message_bytes}",
        "replica.fetch.max.bytes": f"{message_bytes}",
        # Workers come and go: no wait before the first rebalance, and short sessions are allowed.
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        "broker.session.timeout.ms": f"{SESSION_TIMEOUT_MS}",
        "broker.heartbeat.interval.ms": f"{SESSION_TIMEOUT_MS // 4}",
        # Small disks: what retention lets go is gone soon.
        "log.segment.bytes": f"{SEGMENT_BYTES}",
        "log.index.size.max.bytes": f"{INDEX_BYTES}",
        "log.retention.check.interval.ms": "60000",
        "log.segment.delete.delay.ms": "5000",
        "log.cleaner.dedupe.buffer.size": f"{16 * MIB}",
        "log.cleaner.io.buffer.size": f"{MIB}",
        "log.cleaner.min.cleanable.ratio": "0.3",
        "metadata.log.segment.bytes": f"{8 * MIB}",
        "metadata.max.retention.bytes": f"{32 * MIB}",
        "num.network.threads": "2",
        "num.io.threads": "4",
        "num.replica.fetchers": "1",
        "background.threads": "2",
        "num.recovery.threads.per.data.dir": "2",
    }


def log4j_properties() -> str:
    """Return a Log4j 2 configuration: one file, turned over at 10 MB, three old ones kept."""
    return "\n".join(
        (
            "status = error",
            "appender.file.type = RollingFile",
            "appender.file.name = FILE",
            f"appender.file.fileName = {LOG_FILE}",
            f"appender.file.filePattern = {LOG_FILE}.%i",
            "appender.file.layout.type = PatternLayout",
            "appender.file.layout.pattern = %d{ISO8601} %p %c: %m%n",
            "appender.file.policies.type = Policies",
            "appender.file.policies.size.type = SizeBasedTriggeringPolicy",
            f"appender.file.policies.size.size = {LOG_FILE_MB}MB",
            "appender.file.strategy.type = DefaultRolloverStrategy",
            f"appender.file.strategy.max = {LOG_FILES}",
            "rootLogger.level = warn",
            "rootLogger.appenderRef.file.ref = FILE",
            # A few lines a start: version, recovery, "Kafka Server started".
            "logger.start.name = org.apache.kafka.common.utils.AppInfoParser",
            "logger.start.level = info",
            "logger.server.name = kafka.server.KafkaRaftServer",
            "logger.server.level = info",
            "",
        )
    )


def java_flags(heap_mb: int) -> list[str]:
    """Return the flags of Java for a small heap and a quick start (measured: docs/broker.md)."""
    return [
        f"-Xmx{heap_mb}m",
        f"-Xms{min(heap_mb, 128)}m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:+ExitOnOutOfMemoryError",
        "-Xshare:auto",
        "-Djava.awt.headless=true",
        f"-Dlog4j2.configurationFile={LOG4J_FILE}",
    ]
