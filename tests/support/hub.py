"""A WebSub hub (W3C Recommendation, sections 5 to 8) over real HTTP, for tests: it verifies, signs and sends."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web
from yarl import URL

__all__ = ["Hub", "Subscriber"]

METHODS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


@dataclass
class Subscriber:
    """One confirmed subscription."""

    topic: str
    callback: str
    secret: str
    expires_at: float


@dataclass
class Hub:
    """A hub on a free port of 127.0.0.1 (async context manager); ``url`` is where it takes requests."""

    lease_s: int = 3600
    method: str = "sha256"
    deny: str | None = None
    """A reason: requests are taken, and then denied."""
    requests: list[dict[str, str]] = field(default_factory=list)
    verifications: list[tuple[int, bool]] = field(default_factory=list)
    """Status of each answer to a challenge, and whether it was the challenge."""
    subscribers: dict[tuple[str, str], Subscriber] = field(default_factory=dict)
    confirmed: asyncio.Queue[Subscriber] = field(default_factory=asyncio.Queue)
    url: str = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/", self._ask)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/"
        self._tasks: set[asyncio.Task[None]] = set()
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()
        await self._runner.cleanup()

    async def publish(self, topic: str, body: bytes, content_type: str = "application/rss+xml") -> list[int]:
        """Send content to the subscribers of a topic whose leases run; return the status that each answered."""
        found = [one for one in self.subscribers.values() if one.topic == topic and one.expires_at > time.monotonic()]
        return [await self.send(one, body, self.sign(one.secret, body), content_type) for one in found]

    def sign(self, secret: str, body: bytes) -> str:
        """Return the signature of a body."""
        return f"{self.method}={hmac.new(secret.encode(), body, METHODS[self.method]).hexdigest()}"

    async def send(
        self, to: Subscriber, body: bytes, signature: str | None, content_type: str = "application/rss+xml"
    ) -> int:
        """Send content with any signature; return the status of the answer."""
        headers = {"Content-Type": content_type, "Link": f'<{self.url}>; rel="hub", <{to.topic}>; rel="self"'}
        if signature is not None:
            headers["X-Hub-Signature"] = signature
        async with self._session.post(URL(to.callback, encoded=True), data=body, headers=headers) as answer:
            return answer.status

    async def verify(self, callback: str, mode: str, topic: str, **more: str) -> tuple[int, str]:
        """Ask a callback whether it meant a request; return status and body of its answer."""
        query = {"hub.mode": mode, "hub.topic": topic, **{f"hub.{name}": value for name, value in more.items()}}
        async with self._session.get(URL(callback, encoded=True).update_query(query)) as answer:
            return answer.status, await answer.text()

    async def _ask(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.requests.append(form)
        if form.get("hub.mode") not in ("subscribe", "unsubscribe") or not form.get("hub.callback"):
            return web.Response(status=400, text="not a request")
        task = asyncio.create_task(self._confirm(form))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return web.Response(status=202)

    async def _confirm(self, form: dict[str, str]) -> None:
        callback, topic = form["hub.callback"], form["hub.topic"]
        if self.deny is not None:
            await self.verify(callback, "denied", topic, reason=self.deny)
            return
        challenge = secrets.token_urlsafe(24)
        status, text = await self.verify(
            callback, form["hub.mode"], topic, challenge=challenge, lease_seconds=str(self.lease_s)
        )
        self.verifications.append((status, text == challenge))
        if 200 <= status < 300 and text == challenge:
            until = time.monotonic() + self.lease_s
            found = self.subscribers[topic, callback] = Subscriber(topic, callback, form.get("hub.secret", ""), until)
            await self.confirmed.put(found)
