"""Deterministic ids: every id is a hash of what it derives from (DESIGN section 3), so a replay gives the same ones."""

from __future__ import annotations

import hashlib

__all__ = ["stable_id"]

ID_LENGTH = 20
"""Hexadecimal digits of an id: 80 bits, one collision expected in about 10^12 ids."""


def stable_id(kind: str, *parts: str | int) -> str:
    """Return the id of ``parts``: a short prefix for the ``kind`` and 20 hex digits of BLAKE2b over all of them.

    The parts are joined by a byte that no text holds, so ("ab", "c") and ("a", "bc") differ.
    """
    digest = hashlib.blake2b("\x1f".join((kind, *map(str, parts))).encode("utf-8", "surrogatepass"), digest_size=10)
    return f"{kind[:1]}{digest.hexdigest()}"
