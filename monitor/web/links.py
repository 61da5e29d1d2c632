"""Addresses: of the desk as its reader sees it, and of the outside, to which only http and https lead."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

from monitor.web.desk import desk_of

__all__ = ["base_of", "outside"]


def base_of(request: Request) -> str:
    """Return scheme, host and port under which the desk was asked for, without a slash at the end."""
    scheme = "https" if desk_of(request).settings.web.https else request.url.scheme
    return f"{scheme}://{request.url.netloc}"


def outside(url: str | None) -> str | None:
    """Return the address if a link may lead there: http and https with a host, nothing else."""
    try:
        parts = urlsplit((url or "").strip())
        host = parts.hostname
    except ValueError:
        return None
    return (url or "").strip() if parts.scheme.lower() in ("http", "https") and host else None
