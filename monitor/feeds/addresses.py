"""Which addresses may be asked: no private, loopback, link-local or metadata ones, on any hop and after DNS."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from monitor.errors import FetchError

__all__ = ["GuardedResolver", "check_url", "is_public"]

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""RFC 6052: an IPv4 address inside an IPv6 one."""


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the public Internet: global, unicast, in none of its disguises.

    The cloud's metadata addresses (169.254.169.254, fd00:ec2::254, 100.100.100.200) are in ranges that are not global.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast and not found.is_reserved


def check_url(url: str, *, allow_private: bool) -> None:
    """Refuse what is no http or https URL, carries a password, or names a private address outright.

    Raises:
        FetchError: it is one of these.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise FetchError(f"is no URL: {error}", url=url) from error
    if parts.scheme.lower() not in ("http", "https") or not host:
        raise FetchError("only http and https addresses are fetched", url=url)
    if port == 0:
        raise FetchError("names port 0", url=url)
    if not allow_private and _is_literal(host) and not is_public(_literal(host)):
        raise _private(url, host)


class GuardedResolver(AbstractResolver):
    """Resolves names, and refuses those that stand for an address that is not public.

    It answers the connection itself, so nothing can be resolved anew between the check and the connect (DNS
    rebinding).
    """

    def __init__(self, *, allow_private: bool, inner: AbstractResolver | None = None) -> None:
        self._allow_private = allow_private
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of ``host``.

        Raises:
            FetchError: one of them is not public.
        """
        results = await self._inner.resolve(host, port, family)
        if not self._allow_private:
            for result in results:
                if not is_public(result["host"]):
                    raise _private(host, result["host"])
        return results

    async def close(self) -> None:
        """Release the resolver underneath."""
        await self._inner.close()


def _private(url: str, host: str) -> FetchError:
    return FetchError(
        f"{host} is a private address", url=url, hint="set feeds.allow_private to poll feeds of your own network"
    )


def _is_literal(host: str) -> bool:
    # "2130706433", "0x7f.1" and "127.1" are addresses too, for the C library.
    return ":" in host or host.replace(".", "").isdigit() or host.lower().startswith("0x") or host == "localhost"


def _literal(host: str) -> str:
    if host == "localhost":
        return "127.0.0.1"
    if ":" in host:
        return host
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return host
