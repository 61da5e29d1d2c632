"""Faust's settings for our apps: those that keep every message, and those of the user's cluster."""

from __future__ import annotations

from typing import Any

import faust

from monitor.broker import bootstrap
from monitor.kafka import ssl_context
from monitor.settings import KafkaSettings, Settings
from monitor.stream.logs import logging_config
from schemas.topics import MAX_MESSAGE_BYTES

__all__ = ["BATCH_BYTES", "TABLE_OPTIONS", "app_options", "credentials"]

MIB = 1024 * 1024

TABLE_OPTIONS: dict[str, int] = {
    # RocksDB's defaults in Faust are 2 GiB of cache and three buffers of 64 MB for each partition.
    "block_cache_size": 32 * MIB,
    "write_buffer_size": 8 * MIB,
    "max_write_buffer_number": 2,
    "target_file_size_base": 16 * MIB,
    "max_open_files": 256,
}

COMMIT_INTERVAL_S = 1.0
DELIVERY_TIMEOUT_S = 60.0
"""How long the producer tries to deliver a record before the worker ends; a broker's restart is far shorter."""
REQUEST_TIMEOUT_S = 40.0
LINGER_S = 0.01
"""How long a batch waits for company: without it nearly each record is a request of its own."""
BATCH_BYTES = MIB
REQUEST_BYTES = MAX_MESSAGE_BYTES + MIB
BUFFERED_MESSAGES = 1024


def app_options(settings: Settings) -> dict[str, Any]:
    """Return the keyword arguments of `faust.App` for these settings.

    Raises:
        BrokerError: no broker is set, and no embedded one runs.
        ConfigError: see `credentials`.
    """
    kafka, stream = settings.kafka, settings.stream
    session = stream.session_timeout_s
    return {
        "broker": [f"kafka://{address.strip()}" for address in bootstrap(settings).split(",")],
        "broker_credentials": credentials(kafka),
        "broker_client_id": "counterclaim",
        "broker_commit_interval": COMMIT_INTERVAL_S,
        "broker_heartbeat_interval": session / 4,
        "broker_session_timeout": session,
        "broker_request_timeout": max(REQUEST_TIMEOUT_S, session + 5),
        "processing_guarantee": "at_least_once",
        "producer_acks": -1,
        "producer_request_timeout": DELIVERY_TIMEOUT_S,
        "producer_max_request_size": REQUEST_BYTES,
        "producer_max_batch_size": BATCH_BYTES,
        "producer_linger": LINGER_S,
        "consumer_auto_offset_reset": "earliest",
        "agent_supervisor": "mode.CrashingSupervisor",
        "stream_wait_empty": False,  # the guard waits by itself, for what it has in flight
        "stream_recovery_delay": 0.0,
        "stream_buffer_maxsize": BUFFERED_MESSAGES,
        "store": "rocksdb://?driver=rocksdict",
        "table_standby_replicas": 0,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "key_serializer": "raw",
        "value_serializer": "raw",
        "web_enabled": False,
        "web_bind": "127.0.0.1",
        "web_host": "127.0.0.1",
        "web_tables_enabled": False,
        "autodiscover": False,
        "worker_redirect_stdouts": False,
        "logging_config": logging_config(settings.log_level),
    }


def credentials(kafka: KafkaSettings) -> Any:
    """Return Faust's credentials for SASL, TLS or both; None for a plain connection.

    Raises:
        ConfigError: a certificate file cannot be read.
    """
    protocol = kafka.security_protocol
    context = ssl_context(kafka) if protocol.endswith("SSL") else None
    if protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=kafka.sasl_username,
            password=kafka.sasl_password,
            mechanism=kafka.sasl_mechanism,
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context is not None else None
