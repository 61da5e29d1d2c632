"""Feeds: how they fare, and what may be asked of the poller."""

from __future__ import annotations

from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from monitor.archive.views import FeedDetail, FeedRow
from monitor.feeds.roster import host_of
from monitor.ids import stable_id
from monitor.web.api.models import CommandIn, Id, Listing
from monitor.web.api.replies import found, reply
from monitor.web.desk import desk_of, visitor_of
from schemas import Command

__all__ = ["router"]

router = APIRouter(prefix="/feeds", tags=["feeds"])


@router.get("", response_model=Listing[FeedRow], summary="List feeds, by publisher")
def list_feeds(request: Request) -> Response:
    """All of them, on one page: the last event of each says how it fares."""
    return reply(request, Listing[FeedRow], Listing[Any](items=desk_of(request).reader.feeds()))


@router.get("/{feed_id}", response_model=FeedDetail, summary="One feed")
def show_feed(request: Request, feed_id: Id) -> Response:
    """Its changes, the last first, and its newest articles."""
    return reply(request, FeedDetail, found(desk_of(request).reader.feed(feed_id), "feed"))


@router.post("/{feed_id}/commands", status_code=202, response_model=Command, summary="Pause, resume or poll now")
async def add_command(request: Request, feed_id: Id, order: CommandIn) -> Response:
    """Put an order on the topic ``commands``; the feed's next event shows what came of it."""
    desk = desk_of(request)
    detail: FeedDetail = found(await to_thread.run_sync(desk.reader.feed, feed_id), "feed")
    actor, now = visitor_of(request).name, desk.clock()
    command = Command(
        command_id=stable_id("command", order.action.value, feed_id, actor, now.isoformat()),
        action=order.action,
        feed_id=feed_id,
        actor=actor,
        at=now,
    )
    await desk.publisher.command(command, host_of(detail.feed.event.url))
    return Response(command.to_bytes(), 202, {"Cache-Control": "no-store"}, "application/json")
