"""``/events``: what happens, as server-sent events (HTML Standard, 9.2)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from monitor.web.desk import Event, EventKind, Live, desk_of
from monitor.web.problems import ProblemError

__all__ = ["EventStream", "router"]

router = APIRouter(tags=["events"])

RETRY_MS: Final = 2000
"""What a browser waits before it connects again."""
SEND_S: Final = 30.0
"""Seconds for one piece to leave: a client that takes nothing for so long is let go."""
STILL_HERE: Final = b": still here\n\n"

log = logging.getLogger(__name__)


class EventStream(Response):
    """Sends what ``wanted`` takes of the live events until the client goes, is too slow, or the desk stops."""

    media_type = "text/event-stream"

    def __init__(self, live: Live, last_event_id: str | None, wanted: Callable[[Event], bool]) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._live = live
        self._last_event_id = last_event_id
        self._wanted = wanted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; the answer goes on."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        pump = asyncio.create_task(self._pump(send))
        gone = asyncio.create_task(_until_gone(receive))
        try:
            await asyncio.wait((pump, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (pump, gone):
                task.cancel()
            await asyncio.gather(pump, gone, return_exceptions=True)

    async def _pump(self, send: Send) -> None:
        async def write(piece: bytes, more: bool = True) -> None:
            async with asyncio.timeout(SEND_S):
                await send({"type": "http.response.body", "body": piece, "more_body": more})

        try:
            await write(f"retry: {RETRY_MS}\n\n".encode())
            async with contextlib.aclosing(self._live.follow(self._last_event_id)) as events:
                async for event in events:
                    if event is None:
                        await write(STILL_HERE)
                    elif self._wanted(event):
                        await write(event.frame)
            await write(b"", more=False)
        except TimeoutError:
            log.info("a client that took nothing for %g s was let go", SEND_S)
        except OSError:
            pass  # it has gone


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@router.get(
    "/events",
    response_class=Response,
    summary="Live events",
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def events(
    request: Request,
    kind: Annotated[list[EventKind] | None, Query(description="only these; repeat the parameter")] = None,
    topic: Annotated[str | None, Query(max_length=100, description="of alerts only those on this topic")] = None,
    after: Annotated[str | None, Query(max_length=100, description="as Last-Event-ID, which goes before")] = None,
    last_event_id: Annotated[str | None, Header(max_length=100)] = None,
) -> Response:
    """``alert``, ``feedback`` and ``feed`` hold a message as it stands on its topic; ``stats`` the figures.

    ``gap`` says that events were missed: ask for the whole again.
    """
    desk = desk_of(request)
    if desk.live.clients >= desk.settings.web.clients:
        raise ProblemError(503, "Too many pages are live.", "Close some, or raise web.clients.", {"Retry-After": "30"})
    kinds = frozenset(kind or ())

    def wanted(event: Event) -> bool:
        if event.kind == "gap":
            return True
        if kinds and event.kind not in kinds:
            return False
        return topic is None or event.kind != "alert" or topic in event.data["topics"]

    return EventStream(desk.live, last_event_id or after, wanted)
