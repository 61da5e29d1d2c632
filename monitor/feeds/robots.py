"""robots.txt (RFC 9309) for article pages, by protego. Feeds are published for readers and are asked without it."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from protego import Protego

from monitor.errors import FetchError
from monitor.feeds.fetch import Fetcher, user_agent

__all__ = ["Robots"]

KEEP_S = 24 * 3600.0
"""Seconds for which a robots.txt is good (RFC 9309, 2.4)."""
RETRY_S = 600.0
"""Seconds until a host whose robots.txt could not be had is tried again; its pages are left alone meanwhile."""
MAX_BYTES = 512 * 1024
"""RFC 9309, 2.5 asks for at least 500 KiB."""
_HOSTS = 5000


class Robots:
    """Answers whether a page may be fetched; asks each host for its robots.txt once a day."""

    def __init__(self, fetcher: Fetcher, contact: str = "") -> None:
        self._fetcher = fetcher
        self._agent = user_agent(contact)
        self._rules: dict[str, tuple[float, asyncio.Future[Protego | None]]] = {}

    async def allows(self, url: str) -> bool:
        """Say whether robots.txt lets us fetch ``url``; no where the host answers with an error (RFC 9309, 2.3.1.4)."""
        parts = urlsplit(url)
        root = f"{parts.scheme}://{parts.netloc}"
        rules = await self._of(root)
        return rules is not None and bool(rules.can_fetch(url, self._agent))

    async def _of(self, root: str) -> Protego | None:
        loop = asyncio.get_running_loop()
        known = self._rules.get(root)
        if known is None or known[0] <= loop.time():
            if len(self._rules) >= _HOSTS:
                self._rules.clear()
            known = (loop.time() + KEEP_S, loop.create_task(self._read(root)))
            self._rules[root] = known
        rules = await asyncio.shield(known[1])
        if rules is None and known[0] > loop.time() + RETRY_S:
            self._rules[root] = (loop.time() + RETRY_S, known[1])
        return rules

    async def _read(self, root: str) -> Protego | None:
        try:
            response = await self._fetcher.fetch(f"{root}/robots.txt", page=True, max_bytes=MAX_BYTES)
        except FetchError:
            return None
        if response.status >= 500 or response.status == 429:
            return None
        # A host without the file allows everything (RFC 9309, 2.3.1.3).
        text = response.body.decode("utf-8", "replace") if 200 <= response.status < 300 else ""
        return Protego.parse(text)
