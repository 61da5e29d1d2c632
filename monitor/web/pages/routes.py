"""All pages in one router."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from monitor.web.pages import alert, alerts, feeds, pipeline, search, stories, topics
from monitor.web.pages.params import local_path
from monitor.web.pages.render import THEME_COOKIE, THEMES, render

__all__ = ["router"]

YEAR_S = 365 * 86_400

router = APIRouter(include_in_schema=False)
for part in (alerts, alert, stories, topics, feeds, pipeline, search):
    router.include_router(part.router)


@router.get("/")
def start() -> RedirectResponse:
    """Begin with the alerts."""
    return RedirectResponse("/alerts", 307)


@router.get("/help", response_class=HTMLResponse)
def keys(request: Request) -> HTMLResponse:
    """Show the keys and what the marks mean."""
    return render(request, "help.html")


@router.get("/theme")
def theme(request: Request, to: str = "", back: str = "/alerts") -> Response:
    """Keep a theme in a cookie; anything but light and dark goes back to the system's."""
    answer = RedirectResponse(local_path(back), 303)
    if to in THEMES:
        answer.set_cookie(THEME_COOKIE, to, max_age=YEAR_S, samesite="lax", path="/")
    else:
        answer.delete_cookie(THEME_COOKIE, path="/")
    return answer
