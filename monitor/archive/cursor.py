"""Cursors: where a page ended, as an opaque text that a URL can hold. No I/O."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from monitor.errors import InputError

__all__ = ["decode", "encode"]


def encode(*place: int | str) -> str:
    """Return the cursor for the values by which the list is sorted, of the last row shown."""
    return urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def decode(cursor: str, kinds: Sequence[type]) -> list[int | str]:
    """Return the values that a cursor holds, which must be of these ``kinds``.

    Raises:
        InputError: it is no cursor of this list.
    """
    try:
        place = json.loads(urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
        if [type(value) for value in place] == list(kinds) and all(map(_fits, place)):
            return list(place)
    except (ValueError, TypeError):
        pass
    raise InputError("cursor: not one of this list", hint="Take next_cursor of the page before, or leave it out.")


def _fits(value: int | str) -> bool:
    """Say whether a database takes the value: its integers have 64 bits."""
    return isinstance(value, str) or -(2**63) <= value < 2**63
