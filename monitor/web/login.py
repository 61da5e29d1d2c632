"""The page to log in, and the way out."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from monitor.web.security import Doorman, cookie_name

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

HOME: Final = "/alerts"
WRONG: Final = "This name and password are not known."
WAIT: Final = "Too many failed logins: wait a minute, then try again."


def _doorman(request: Request) -> Doorman:
    doorman: Doorman = request.app.state.doorman
    return doorman


@router.get("/login")
async def show(request: Request) -> Response:
    """Show the form; who is in already goes on."""
    target = _local_path(request.query_params.get("next", ""))
    if request.state.user is not None:
        return RedirectResponse(target, 303)
    return _page(request, target)


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Check name and password, and start a session of that account in place of the one before."""
    doorman = _doorman(request)
    form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
    target = _local_path(form.get("next", ""))
    now = doorman.now()
    if doorman.attempts.wait_s(doorman.address(request), now) > 0:
        return _page(request, target, WAIT, 429)
    account = await doorman.check_password(form.get("name", "").strip(), form.get("password", ""))
    if account is None:
        doorman.failed(request)
        return _page(request, target, WRONG, 401)
    old = doorman.session(request)
    if old is not None:
        doorman.sessions.end(old, now)
    session = doorman.sessions.start(now, account.id, account.name, doorman.sessions.stamp(account.secret))
    answer = RedirectResponse(target, 303)
    answer.set_cookie(
        cookie_name(request),
        doorman.sessions.seal(session),
        doorman.sessions.seconds,
        httponly=True,
        samesite="lax",
        secure=doorman.settings.web.https,
    )
    return answer


@router.post("/logout")
async def log_out(request: Request) -> Response:
    """End the session, also where its cookie was copied."""
    doorman = _doorman(request)
    session = doorman.session(request)
    if session is not None:
        doorman.sessions.end(session, doorman.now())
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(cookie_name(request), httponly=True, samesite="lax", secure=doorman.settings.web.https)
    return answer


def _page(request: Request, target: str, wrong: str | None = None, status: int = 200) -> HTMLResponse:
    from monitor.web.pages.render import render

    has_login = _doorman(request).accounts.has_login
    return render(request, "login.html", status, target=target, wrong=wrong, has_login=has_login)


def _local_path(path: str) -> str:
    """Return the path if it is one of this desk: no link may lead elsewhere through the login."""
    return path if re.fullmatch(r"/(?![/\\])[^\x00-\x20\\]*", path) else HOME
