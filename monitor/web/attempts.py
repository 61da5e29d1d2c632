"""How often an address has tried to log in and failed: after too many it waits. No I/O."""

from __future__ import annotations

from collections import OrderedDict, deque
from ipaddress import IPv6Address, ip_address
from typing import Final

__all__ = ["Attempts"]

WINDOW_S: Final = 60.0
MAX_ADDRESSES: Final = 10_000
"""Addresses remembered; the one that failed longest ago is forgotten first."""
IPV6_PREFIX: Final = 64
"""Bits of an IPv6 address that count: one household or machine has all that share them (RFC 6177)."""


class Attempts:
    """Counts failures of the last minute by address; ``most`` are allowed. Times are seconds of a steady clock."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, address: str, now: float) -> float:
        """Return the seconds that an address has to wait before its next try; 0: none."""
        failed = self._failed.get(_network(address))
        while failed and failed[0] <= now - WINDOW_S:
            failed.popleft()
        return failed[0] + WINDOW_S - now if failed and len(failed) >= self._most else 0.0

    def fail(self, address: str, now: float) -> None:
        """Count a failure."""
        key = _network(address)
        failed = self._failed.setdefault(key, deque(maxlen=self._most))
        failed.append(now)
        self._failed.move_to_end(key)
        if len(self._failed) > MAX_ADDRESSES:
            self._failed.popitem(last=False)


def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(int(parsed) >> (128 - IPV6_PREFIX))
    return str(parsed)
