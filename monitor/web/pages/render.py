"""Templates, and what each of them is given. Every value is escaped: texts come from outside."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from monitor.web import charts, words
from monitor.web.desk import desk_of, visitor_of

__all__ = ["STATIC", "THEMES", "THEME_COOKIE", "error_page", "render", "safe_url"]

STATIC: Final = Path(__file__).parents[1] / "static"
THEMES: Final = ("light", "dark")
THEME_COOKIE: Final = "theme"
NAVIGATION: Final = (
    ("/alerts", "Alerts"),
    ("/stories", "Stories"),
    ("/topics", "Topics"),
    ("/feeds", "Feeds"),
    ("/pipeline", "Pipeline"),
)


def render(request: Request, name: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a page made from a template; no cache may keep it, for it is one person's."""
    page = _environment().get_template(name).render(_frame(request) | context)
    return HTMLResponse(page, status_code=status, headers={"Cache-Control": "no-store"})


def error_page(request: Request, status: int, title: str, what_to_do: str) -> HTMLResponse:
    """Return an error as a page: what happened, and what to do."""
    return render(request, "error.html", status, title=title, what_to_do=what_to_do)


def safe_url(url: str | None) -> str | None:
    """Return the address if a link may lead there: http and https with a host, nothing else."""
    try:
        parts = urlsplit((url or "").strip())
    except ValueError:
        return None
    return (url or "").strip() if parts.scheme.lower() in ("http", "https") and parts.netloc else None


def when(moment: datetime | None, form: str = "full") -> Markup:
    """Return a time element: UTC as text, which the script turns into local time with UTC on hover.

    ``form``: ``full`` (day and minute), ``clock`` (minute), ``day``.
    """
    if moment is None:
        return Markup('<span class="soft">not known</span>')
    utc = moment.astimezone(UTC)
    shapes = {"full": "%d %b %Y, %H:%M UTC", "clock": "%H:%M UTC", "day": "%d %b %Y"}
    return Markup('<time datetime="{iso}" title="{full}" data-form="{form}">{text}</time>').format(
        iso=utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        full=utc.strftime("%Y-%m-%d %H:%M:%S UTC"),
        form=form,
        text=utc.strftime(shapes[form]).lstrip("0"),
    )


def ago(moment: datetime | None, now: datetime) -> Markup:
    """Return a time element that says how long ago; the full time is in its title."""
    if moment is None:
        return Markup('<span class="soft">\u2013</span>')
    utc = moment.astimezone(UTC)
    return Markup('<time datetime="{iso}" title="{full}" data-form="age">{text}</time>').format(
        iso=utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        full=utc.strftime("%Y-%m-%d %H:%M:%S UTC"),
        text=words.age(moment, now),
    )


def marked(text: str, spans: Any) -> Markup:
    """Return the text with the spans ``[start, end)`` marked; those that overlap or lie outside are left out."""
    parts: list[Markup] = []
    at = 0
    for start, end in sorted(spans):
        if at <= start < end <= len(text):
            parts += [Markup("{}").format(text[at:start]), Markup("<mark>{}</mark>").format(text[start:end])]
            at = end
    return Markup("").join([*parts, Markup("{}").format(text[at:])])


def query_string(params: dict[str, Any]) -> str:
    """Return ``?a=1&b=2`` of what is set; empty for nothing."""
    pairs = [(key, value) for key, value in params.items() if value not in (None, "")]
    return f"?{urlencode(pairs)}" if pairs else ""


@cache
def asset(name: str) -> str:
    """Return the address of a static file, with its content in it so that caches never serve an old one."""
    content = (STATIC / name).read_bytes()
    return f"/static/{name}?v={hashlib.blake2b(content, digest_size=6).hexdigest()}"


def _frame(request: Request) -> dict[str, Any]:
    desk = desk_of(request)
    visitor = visitor_of(request)
    theme = request.cookies.get(THEME_COOKIE)
    return {
        "request": request,
        "now": desk.clock(),
        "theme": theme if theme in THEMES else None,
        "navigation": NAVIGATION,
        "path": request.url.path,
        "version": version("counterclaim"),
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "notice": NOTICES.get(request.query_params.get("done", "")),
        "live_id": desk.live.last_id,
        "csrf": visitor.csrf,
        "user": visitor.name,
        "may_edit": visitor.may_edit,
        "can_log_out": visitor.can_log_out,
    }


NOTICES: Final = {
    "sent": "Done.",
    "waiting": "Sent. It shows here as soon as the archive has it.",
    "retry": "The record is sent through again; if it fails again it comes back here.",
    "drop": "The letter is closed; its record was not sent again.",
    "read": "All alerts are marked as read.",
    "pause": "The feed will be paused at its next turn.",
    "resume": "The feed will be polled again.",
    "poll_now": "The feed is asked now.",
}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("monitor.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(
        safe_url=safe_url, when=when, ago=ago, marked=marked, count=words.count_of, query_string=query_string
    )
    environment.globals.update(asset=asset, words=words, charts=charts)
    return environment
