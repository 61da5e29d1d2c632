"""Numbers for articles and claims that rise with the time at which they were first seen. No I/O.

A number (``doc``) is the second, in the upper bits, and a hash of the id, in the lower 31. So one integer is the order
of every list, its cursor, the bound of a time range and the row id that full-text search reports and sorts by. Two ids
with the same number are rare; the later one gets the next free number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import blake2s

__all__ = ["DOCS_AN_HOUR", "doc_at", "hour_of", "number"]

HASH_BITS = 31
LAST_SECOND = (1 << (63 - HASH_BITS)) - 1
DOCS_AN_HOUR = 3600 << HASH_BITS
"""By how much a number rises in an hour."""


def doc_at(moment: datetime) -> int:
    """Return the least number of the second of ``moment``, held to 1970 to 2106: a number has 63 bits."""
    return min(max(0, int(moment.astimezone(UTC).timestamp())), LAST_SECOND) << HASH_BITS


def hour_of(doc: int) -> int:
    """Return the hour of a number, counted from 1970."""
    return doc // DOCS_AN_HOUR


def wanted(name: str, seen_at: datetime) -> int:
    """Return the number that ``name`` gets where nothing else has it."""
    digest = blake2s(name.encode(), digest_size=4).digest()
    return doc_at(seen_at) | int.from_bytes(digest, "big") >> 1


def number(names: Mapping[str, datetime], taken: Iterable[int]) -> dict[str, int]:
    """Return the number of each name first seen then; ``taken``: those of the numbers wanted that others have."""
    used = set(taken)
    found: dict[str, int] = {}
    for name, seen_at in names.items():
        doc = wanted(name, seen_at)
        while doc in used:
            doc += 1
        used.add(doc)
        found[name] = doc
    return found
