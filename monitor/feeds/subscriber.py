"""Asking hubs for subscriptions, beside the polls: a slow hub holds no feed up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import structlog

from monitor.errors import FetchError
from monitor.feeds.fetch import Response
from monitor.feeds.roster import Feed
from monitor.feeds.websub import LEASE_S, HubKeys, after_asking, should_ask
from schemas import Subscription

__all__ = ["HubClient", "Subscriber"]

_log = structlog.get_logger()


class HubClient(Protocol):
    """Sends a form to a hub; raises ``FetchError`` where no answer comes."""

    async def post(self, url: str, form: Mapping[str, str]) -> Response:
        """Return the answer to a POST of ``form``."""
        ...


class Subscriber:
    """Sends requests for subscriptions, and says later what became of them. What follows is the hub's to say."""

    def __init__(self, keys: HubKeys, client: HubClient) -> None:
        self._keys = keys
        self._client = client
        self._tasks: dict[str, asyncio.Task[str | None]] = {}

    def consider(self, feed: Feed, known: Subscription | None, now: datetime) -> Subscription | None:
        """Ask the hub for a subscription to a feed if it is time to; return the subscription as it then is."""
        if known is None or feed.feed_id in self._tasks or not should_ask(known, now):
            return known
        self._tasks[feed.feed_id] = asyncio.create_task(self._ask(feed, known), name=f"subscribe {feed.url}")
        return after_asking(known, now)

    def results(self) -> dict[str, str | None]:
        """Return how the requests went that were answered since the last call: by feed, None or what was wrong."""
        done = [feed_id for feed_id, task in self._tasks.items() if task.done()]
        return {feed_id: self._tasks.pop(feed_id).result() for feed_id in done}

    async def close(self) -> None:
        """Give up what is under way."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()

    async def _ask(self, feed: Feed, known: Subscription) -> str | None:
        form = {
            "hub.mode": "subscribe",
            "hub.topic": known.topic,
            "hub.callback": self._keys.callback_url(feed.feed_id, known.topic),
            "hub.secret": self._keys.hub_secret(feed.feed_id, known.topic),
            "hub.lease_seconds": str(LEASE_S),
        }
        try:
            answer = await self._client.post(known.hub, form)
        except FetchError as error:
            return error.message[:300]
        except Exception as error:  # a mistake of ours must not end the poll that looks at the result
            _log.error("subscribing_crashed", feed=feed.url, exc_info=error)
            return f"{type(error).__name__}: {error}"[:300]
        if not 200 <= answer.status < 300:
            return f"the hub answers with status {answer.status}"
        return None
