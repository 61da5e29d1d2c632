"""What the nursery imports and loads once, so that each daemon is a fork that has it already.

Libraries, models and word lists alone: nothing that opens a connection, starts a thread or keeps state. What cannot be
imported here is left to the daemon that needs it, which then says so itself.
"""

from __future__ import annotations

import contextlib
import importlib

__all__: list[str] = []

MODULES = (
    "aiohttp.web", "aiokafka", "faust", "faust.app", "faust.transport.drivers.aiokafka", "faust.web.drivers.aiohttp",
    "faust.worker", "langdetect", "prometheus_client", "rensa", "rocksdict", "schemas", "structlog",
    "sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite",
    "monitor.archive", "monitor.claims.extract", "monitor.claims.judge", "monitor.claims.ledger",
    "monitor.cli.pipeline", "monitor.delivery", "monitor.feeds.fetch", "monitor.feeds.poller", "monitor.stories.index",
    "monitor.stream.worker", "monitor.subjects.matcher", "monitor.text.enrich",
    "monitor.web.run",
)  # fmt: skip


def _load() -> None:
    for name in MODULES:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    with contextlib.suppress(Exception):
        from monitor.subjects import gazetteer

        gazetteer.default()  # four daemons look names up in it


_load()
