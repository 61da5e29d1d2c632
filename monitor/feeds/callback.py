"""The server that hubs call: it confirms what we asked for, checks signatures, and hands on what it was told.

It belongs behind ``feeds.websub_callback``, with TLS in front. It answers for every feed, whichever worker it runs in,
and knows of no state: what it accepts goes to the owner of the feed through the poll stage's own topic.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from monitor.feeds.roster import Feed
from monitor.feeds.websub import HubKeys, signature_holds
from schemas import HubNews, HubNewsKind

__all__ = ["Callback", "Forward"]

_log = structlog.get_logger()

Forward = Callable[[Feed, HubNews], Awaitable[None]]
"""Takes what a hub told of a feed; returns when it cannot be lost any more."""

CARRIED_BYTES = 1024 * 1024
"""Bytes of the largest content that is handed on; of a larger one only that there is something new."""
MAX_BYTES = 20 * 1024 * 1024
_CHALLENGE = 4096
"""Characters of the longest challenge that is sent back."""


class Callback:
    """Answers hubs on ``host``:``port`` (0: a free one; ``port`` says which) once started."""

    def __init__(self, keys: HubKeys, find: Callable[[str], Feed | None], forward: Forward) -> None:
        self._keys = keys
        self._find = find
        self._forward = forward
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self, host: str, port: int) -> None:
        """Listen.

        Raises:
            OSError: the port is taken.
        """
        app = web.Application(client_max_size=MAX_BYTES)
        app.router.add_get("/{path:.*}", self._verify)
        app.router.add_post("/{path:.*}", self._content)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self.port = runner.addresses[0][1]

    async def close(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _verify(self, request: web.Request) -> web.Response:
        """Answer a hub that asks whether we meant it (section 5.3), or that tells us that it will not (5.2)."""
        feed_id, topic = self._address(request)
        query = request.query
        mode, feed = query.get("hub.mode"), self._find(feed_id)
        if topic is None or query.get("hub.topic") != topic or mode not in ("subscribe", "unsubscribe", "denied"):
            return web.Response(status=404, text="nobody asked for this")
        wanted = feed is not None and not feed.paused
        if mode == "denied":
            if feed is not None:
                reason = query.get("hub.reason", "")[:300] or None
                await self._forward(feed, HubNews(kind=HubNewsKind.DENIED, feed_id=feed_id, topic=topic, reason=reason))
            return web.Response(text="")
        challenge = query.get("hub.challenge", "")
        if wanted != (mode == "subscribe") or not challenge or len(challenge) > _CHALLENGE:
            return web.Response(status=404, text="nobody asked for this")
        if feed is not None and wanted:
            lease = query.get("hub.lease_seconds", "")
            lease_s = float(lease[:12]) if lease.isdigit() else None
            news = HubNews(kind=HubNewsKind.VERIFIED, feed_id=feed_id, topic=topic, lease_s=lease_s)
            await self._forward(feed, news)
        # As plain text: the challenge is the caller's, and must not be markup in anybody's browser.
        return web.Response(text=challenge, headers={"X-Content-Type-Options": "nosniff"})

    async def _content(self, request: web.Request) -> web.Response:
        """Take what a hub sends (section 7). What is not signed as agreed is dropped behind a friendly answer (8)."""
        feed_id, topic = self._address(request)
        if topic is None:
            return web.Response(status=404, text="nobody asked for this")
        feed = self._find(feed_id)
        if feed is None:
            return web.Response(status=410, text="not wanted any more")
        body = await request.read()
        if not signature_holds(request.headers.get("X-Hub-Signature"), self._keys.hub_secret(feed_id, topic), body):
            _log.warning("hub_signature_wrong", feed=feed.url, bytes=len(body))
            return web.Response(status=202)
        carried = base64.b64encode(body).decode("ascii") if 0 < len(body) <= CARRIED_BYTES else None
        await self._forward(
            feed,
            HubNews(
                kind=HubNewsKind.CONTENT,
                feed_id=feed_id,
                topic=topic,
                content_type=request.headers.get("Content-Type"),
                body=carried,
            ),
        )
        return web.Response(status=202)

    def _address(self, request: web.Request) -> tuple[str, str | None]:
        """Return the feed that the address is for, and its topic; None where we did not make the address."""
        parts, topic = request.path.strip("/").rsplit("/", 2)[-2:], request.query.get("topic", "")
        if len(parts) != 2 or not topic or not self._keys.is_ours(parts[1], parts[0], topic):
            return "", None
        return parts[0], topic
