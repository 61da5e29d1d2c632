"""The pipeline: dead letters, how much there is, what channels were told, and whether all is well."""

from __future__ import annotations

import logging
from importlib.metadata import version
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from monitor.archive.views import FatigueRow
from monitor.web.api.models import (
    Cursor,
    DeadLetterItem,
    Figures,
    Health,
    Limit,
    Listing,
    dead_letter,
)
from monitor.web.api.replies import reply
from monitor.web.desk import desk_of

__all__ = ["router"]

router = APIRouter(tags=["pipeline"])

log = logging.getLogger(__name__)


@router.get("/dead-letters", response_model=Listing[DeadLetterItem], summary="List what stages refused, newest first")
def list_dead_letters(request: Request, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """``counterclaim dead-letters retry`` sends a record again."""
    page = desk_of(request).reader.dead_letters(cursor, limit)
    items = tuple(map(dead_letter, page.rows))
    return reply(request, Listing[DeadLetterItem], Listing[DeadLetterItem](items=items, next=page.next_cursor))


@router.get("/counts", response_model=Figures, summary="How much the archive holds")
def show_counts(request: Request) -> Response:
    """And how many pages are live."""
    desk = desk_of(request)
    return reply(request, Figures, Figures(counts=desk.reader.counts(), clients=desk.live.clients))


@router.get("/fatigue", response_model=Listing[FatigueRow], summary="What channels were told, and what came of it")
def show_fatigue(request: Request, days: Annotated[float, Query(gt=0, le=366)] = 7) -> Response:
    """Messages a day for each channel and topic, and the shares acknowledged and judged wrong."""
    desk = desk_of(request)
    rows = desk.reader.fatigue(days, desk.clock())
    return reply(request, Listing[FatigueRow], Listing[Any](items=rows))


@router.get(
    "/health", response_model=Health, responses={503: {"model": Health, "description": "The archive does not answer"}},
    summary="Whether the desk works",
)  # fmt: skip
async def show_health(request: Request) -> Response:
    """Needs no login. 503 where the archive does not answer."""
    desk = desk_of(request)
    try:
        await to_thread.run_sync(desk.reader.counts)
        archive = True
    except Exception as error:  # whatever it is, the answer is no
        log.warning("the archive does not answer: %s", type(error).__name__)
        archive = False
    kafka = desk.live.connected
    health = Health(
        status="ok" if archive and kafka else "degraded" if archive else "down", archive=archive, kafka=kafka
    )
    if request.state.user is not None:
        up_s = int((desk.clock() - request.app.state.since).total_seconds())
        health = health.model_copy(update={"version": version("counterclaim"), "up_s": up_s})
    return JSONResponse(health.model_dump(), 200 if archive else 503, {"Cache-Control": "no-store"})
