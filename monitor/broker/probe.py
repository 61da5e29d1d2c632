"""Is the broker ready? Asked with a metadata request, which names the node only once it is registered and unfenced."""

from __future__ import annotations

import asyncio
import socket

__all__ = ["answers", "free_port", "is_free"]

REQUEST_TIMEOUT_MS = 2000


def answers(bootstrap: str) -> bool:
    """Return whether a broker at ``host:port`` lists itself as a live node. Not to be called on an event loop."""
    host, _, port = bootstrap.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=REQUEST_TIMEOUT_MS / 1000):
            pass
    except OSError:
        return False
    return asyncio.run(_lists_itself(bootstrap, int(port)))


async def _lists_itself(bootstrap: str, port: int) -> bool:
    from aiokafka.client import AIOKafkaClient
    from aiokafka.errors import KafkaError

    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=REQUEST_TIMEOUT_MS)
    try:
        await client.bootstrap()
        return any(node.port == port for node in client.cluster.brokers())
    except (KafkaError, OSError):
        return False
    finally:
        await client.close()


def is_free(host: str, port: int) -> bool:
    """Return whether ``port`` can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str) -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
