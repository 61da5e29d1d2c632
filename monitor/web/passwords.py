"""Passwords as the settings hold them: scrypt (RFC 7914), salted, with its costs in the text."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from typing import Final

__all__ = ["hash_password", "matches"]

COST: Final = 2**14
"""CPU and memory cost N: 16 MiB and about 50 ms with ``BLOCK`` 8."""
BLOCK: Final = 8
PARALLEL: Final = 1
SALT_BYTES: Final = 16
MOST_COST: Final = 2**20
"""No text of the settings makes a login cost more than this."""


def hash_password(password: str) -> str:
    """Return the text for the settings: ``scrypt$N$r$p$salt$hash``."""
    salt = secrets.token_bytes(SALT_BYTES)
    parts = (b64encode(part).decode() for part in (salt, _derive(password, salt, COST, BLOCK, PARALLEL)))
    return "$".join(("scrypt", str(COST), str(BLOCK), str(PARALLEL), *parts))


def matches(password: str, stored: str) -> bool:
    """Say whether a password is the one whose text was stored; False also where the text is none of ours."""
    try:
        _, cost, block, parallel, salt, wanted = stored.split("$")
        if int(cost) > MOST_COST:
            return False
        found = _derive(password, b64decode(salt), int(cost), int(block), int(parallel))
        return hmac.compare_digest(found, b64decode(wanted))
    except ValueError:
        return False


def _derive(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    raw = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(raw, salt=salt, n=cost, r=block, p=parallel, maxmem=256 * cost * block)
