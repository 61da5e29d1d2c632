"""The pipeline: how fast each stage is, what waits, what it refused, and what goes out to people."""

from __future__ import annotations

import json
from contextlib import suppress
from time import monotonic
from typing import Final

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from monitor.errors import CounterclaimError
from monitor.stream.dead_letters import choose, drop, open_letters, retry
from monitor.web.desk import desk_of
from monitor.web.pages.params import form_of, text_params
from monitor.web.pages.render import error_page, render
from monitor.web.pages.stages import Latency, Stage, StageWatch

__all__ = ["head_of", "router"]

router = APIRouter(include_in_schema=False)

LETTERS: Final = 20
DAYS: Final = 7
HEAD_CHARACTERS: Final = 2000
STARTED: Final = monotonic()


@router.get("/pipeline", response_class=HTMLResponse)
async def pipeline(request: Request) -> HTMLResponse:
    """Show the stages, the dead letters and the figures."""
    watch = _watch(request)
    stages = await watch.stages()
    return await to_thread.run_sync(_page, request, stages, watch.latency(), await watch.open_letters())


@router.post("/pipeline/dead-letters/{letter_id}")
async def letter(request: Request, letter_id: str) -> Response:
    """Send a refused record through again, or drop it: its letter is closed on Kafka."""
    settings = desk_of(request).settings
    action = (await form_of(request)).get("action", "")
    if action not in ("retry", "drop"):
        return error_page(request, 422, "That cannot be done", "A dead letter can be sent again, or dropped.")
    try:
        chosen = choose(await open_letters(settings), letter_id)
        if action == "drop":
            await drop(settings, [chosen])
        elif reason := (await retry(settings, [chosen]))[0].reason:
            return error_page(request, 409, "It could not be sent again", reason)
    except CounterclaimError as error:
        return error_page(request, 409, "That was not done", str(error))
    return RedirectResponse(f"/pipeline?done={action}", 303)


def _page(
    request: Request, stages: tuple[Stage, ...], latency: Latency | None, open_ids: frozenset[str] | None
) -> HTMLResponse:
    desk = desk_of(request)
    params = text_params(request, "cursor")
    letters = desk.reader.dead_letters(params["cursor"] or None, LETTERS)
    counts = desk.reader.counts()
    return render(
        request,
        "pipeline.html",
        params=params,
        stages=stages,
        letters=letters,
        open_ids=open_ids,
        heads={row.dead_letter_id: head_of(row.value_head) for row in letters.rows},
        uptime=monotonic() - STARTED,
        latency=latency,
        holds=[
            ("Articles", counts.articles),
            ("Stories", counts.stories),
            ("Claims", counts.claims),
            ("Alerts", counts.alerts),
            ("Feeds", counts.feeds),
            ("Dead letters", counts.dead_letters),
        ],
        fatigue=desk.reader.fatigue(DAYS, desk.clock()),
        days=DAYS,
    )


def head_of(value: bytes | None) -> str:
    """Return the first bytes of a record as text, indented where they are JSON as a whole."""
    if not value:
        return "(empty)"
    text = value.decode("utf-8", "replace")
    with suppress(ValueError):
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    return text[:HEAD_CHARACTERS]


def _watch(request: Request) -> StageWatch:
    state = request.app.state
    if not hasattr(state, "stage_watch"):
        state.stage_watch = StageWatch(desk_of(request).settings)
    watch: StageWatch = state.stage_watch
    return watch
