"""How the API answers: JSON with an ETag, and 304 to who has it already."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from fastapi import Request
from pydantic import TypeAdapter
from starlette.responses import Response

from monitor.web.problems import ProblemError

__all__ = ["found", "is_known", "reply", "tagged"]


def reply(request: Request, kind: Any, value: Any) -> Response:
    """Return ``value`` of the type ``kind`` as JSON, or 304 where the client has the same."""
    return tagged(request, _adapter(kind).dump_json(value), "application/json")


def tagged(request: Request, body: bytes, media_type: str) -> Response:
    """Return a body with its ETag, or 304 where the client has the same (RFC 9110, 13.1.2)."""
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding, Authorization, Cookie"}
    if is_known(request.headers.get("if-none-match", ""), tag):
        return Response(None, 304, headers)
    return Response(body, 200, headers, media_type)


def is_known(header: str, tag: str) -> bool:
    """Say whether a header If-None-Match names the tag; by weak comparison, as RFC 9110 has it."""
    names = {name.strip().removeprefix("W/") for name in header.split(",")}
    return "*" in names or tag in names


def found(value: Any, what: str) -> Any:
    """Return the value.

    Raises:
        ProblemError: it is None: there is no such thing.
    """
    if value is None:
        raise ProblemError(404, f"There is no such {what}.", "It was never here, or it was forgotten or erased.")
    return value


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
