"""Counters and gauges of one worker, for Prometheus; an HTTP port on 127.0.0.1 if one is set."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

__all__ = ["Metrics"]

SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Bounds of the handler's histogram, seconds."""


class Metrics:
    """What one worker counts. Each has its registry, so that several can live in one process (tests)."""

    def __init__(self, stage: str) -> None:
        self.registry = registry = CollectorRegistry()
        self.stage = stage

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"counterclaim_{name}", text, ("stage", *labels), registry=registry)

        self.received = counter("messages_in", "Messages handled").labels(stage)
        self.sent = counter("messages_out", "Messages sent and delivered").labels(stage)
        self.retries = counter("retries", "Handler tries after a transient failure").labels(stage)
        self.dead_letters = counter("dead_letters", "Records that could not be processed").labels(stage)
        self.commits = counter("commits", "Commits of offsets").labels(stage)
        self.rebalances = counter("rebalances", "Rebalances").labels(stage)
        self._findings = counter("consumer_findings", "What the consumer met and put right", "kind")
        self.lag = Gauge("counterclaim_lag", "Records not yet committed", ("stage",), registry=registry).labels(stage)
        self.handler_seconds = Histogram(
            "counterclaim_handler_seconds", "Time in the handler", ("stage",), buckets=SECONDS, registry=registry
        ).labels(stage)
        self.consumer_findings = _Kinds(self._findings, stage)

    def serve(self, port: int) -> int:
        """Serve the metrics on 127.0.0.1 (port 0: a free one) from a thread of its own; return the port."""
        server, _ = start_http_server(port, addr="127.0.0.1", registry=self.registry)
        return int(server.server_port)


class _Kinds:
    """A counter with the stage filled in: ``later``, ``earlier``, ``gap``, ``suspended``, ``stale_ack``."""

    def __init__(self, counter: Counter, stage: str) -> None:
        self._counter = counter
        self._stage = stage

    def labels(self, kind: str) -> Counter:
        return self._counter.labels(self._stage, kind)
