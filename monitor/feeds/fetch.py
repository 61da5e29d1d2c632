"""Fetching over HTTP: polite, bounded in every direction, and closed to private addresses."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver

from monitor.errors import ConfigError, FetchError
from monitor.feeds.addresses import GuardedResolver, check_url
from monitor.feeds.politeness import HostGate
from monitor.feeds.unpack import ACCEPT_ENCODING, DamagedError, TooLargeError, unpacker
from monitor.settings import FeedSettings

__all__ = ["Fetcher", "HttpFetcher", "Redirect", "Response", "user_agent"]

ACCEPT_FEED = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
)
ACCEPT_PAGE = "text/html, application/xhtml+xml, */*;q=0.5"

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_CHUNK = 64 * 1024
"""Bytes read at once."""
_ANSWER_BYTES = 64 * 1024
"""Bytes of the longest answer to a form."""
_HEADER_BYTES = 16 * 1024
"""Bytes of the longest header line that is taken."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """One hop: the status (301, 302, 303, 307, 308) and the absolute address it leads to."""

    status: int
    to: str


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered. ``headers`` have names in lower case; ``body`` is unpacked, empty unless 2xx.

    ``took_s`` are the seconds of the last hop, without the wait for its turn; ``clock_off_s`` those by which the
    server's clock is ahead of ours, as far as its Date header (RFC 9110, 6.6.1) tells.
    """

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    redirects: tuple[Redirect, ...] = ()
    took_s: float = 0.0
    clock_off_s: float | None = None

    @property
    def moved_to(self) -> str | None:
        """Where the address has moved for good: every hop up to it was a 301 or 308."""
        target = None
        for hop in self.redirects:
            if hop.status not in (301, 308):
                break
            target = hop.to
        return target


class Fetcher(Protocol):
    """Fetches an address. A status is an answer, whatever it is; no answer is a ``FetchError`` that says why.

    It never raises anything else, never takes longer than its time, and holds no more than its cap of bytes.
    """

    async def fetch(
        self, url: str, *, headers: Mapping[str, str] | None = None, page: bool = False, max_bytes: int | None = None
    ) -> Response:
        """Return the answer to a GET of ``url``, after redirects; ``page``: it is to be an article's web page."""
        ...


def user_agent(contact: str = "") -> str:
    """Return the User-Agent: what we are, and whom to turn to where the operator said so (RFC 9110, 10.1.5)."""
    whom = f"; +{contact.strip()}" if contact.strip() else ""
    return f"Counterclaim/{version('counterclaim')} (feed reader{whom})"


class HttpFetcher:
    """The fetcher over aiohttp; an async context manager.

    Raises:
        ConfigError: ``feeds.ca_file`` cannot be used.
    """

    def __init__(
        self, settings: FeedSettings, *, gate: HostGate | None = None, resolver: AbstractResolver | None = None
    ) -> None:
        self._settings = settings
        self._resolver = resolver
        self._gate = gate or HostGate(at_once=settings.per_host, gap_s=settings.host_gap_s, total=settings.at_once)
        self._session: aiohttp.ClientSession | None = None
        self._tls = _trust(settings.ca_file) or True

    async def __aenter__(self) -> Self:
        self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                ssl=self._tls,
                resolver=self._resolver or GuardedResolver(allow_private=self._settings.allow_private),
                limit=0,  # the gate counts
                ttl_dns_cache=300,
                keepalive_timeout=15,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                auto_decompress=False,  # unpacked here, under a cap
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._settings.timeout_s),
                max_line_size=_HEADER_BYTES,
                max_field_size=_HEADER_BYTES,
                headers={"User-Agent": user_agent(self._settings.contact), "Accept-Encoding": ACCEPT_ENCODING},
                trust_env=False,
            )
        return self._session

    async def fetch(
        self, url: str, *, headers: Mapping[str, str] | None = None, page: bool = False, max_bytes: int | None = None
    ) -> Response:
        """Return the answer to a GET of ``url``, after redirects (at most ``feeds.max_redirects``).

        Raises:
            FetchError: no answer, or one beyond the bounds: time, bytes, redirects, addresses; the message says which.
        """
        limit = max_bytes or self._settings.max_bytes
        sent = {"Accept": ACCEPT_PAGE if page else ACCEPT_FEED, **(headers or {})}
        hops: list[Redirect] = []
        target = url
        while True:
            answer = await self._one(target, sent, limit, url)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not location:
                return replace(answer, redirects=tuple(hops))
            if len(hops) >= self._settings.max_redirects:
                raise FetchError(f"redirects more than {self._settings.max_redirects} times", url=url)
            try:
                followed = urljoin(target, location.strip()).partition("#")[0]
            except ValueError as error:
                raise FetchError(f"redirects to {location!r}, which is no address", url=url) from error
            if followed == target or any(hop.to == followed for hop in hops):
                raise FetchError(f"redirects in a circle, over {followed}", url=url)
            if urlsplit(followed).netloc != urlsplit(target).netloc:
                # What was meant for one host is not told to another.
                sent = {name: value for name, value in sent.items() if name.lower() not in ("authorization", "cookie")}
            hops.append(Redirect(answer.status, followed))
            target = followed

    async def post(self, url: str, form: Mapping[str, str]) -> Response:
        """Return the answer to a POST of a form, sent once more to where a 307 or 308 leads (RFC 9110, 15.4.8).

        Raises:
            FetchError: as ``fetch``.
        """
        answer = await self._one(url, {"Accept": "*/*"}, _ANSWER_BYTES, url, form)
        if answer.status in (307, 308) and answer.headers.get("location"):
            try:
                followed = urljoin(url, answer.headers["location"].strip()).partition("#")[0]
            except ValueError as error:
                raise FetchError(
                    f"redirects to {answer.headers['location']!r}, which is no address", url=url
                ) from error
            answer = await self._one(followed, {"Accept": "*/*"}, _ANSWER_BYTES, url, form)
        return answer

    async def _one(
        self, url: str, headers: Mapping[str, str], limit: int, asked: str, form: Mapping[str, str] | None = None
    ) -> Response:
        try:
            check_url(url, allow_private=self._settings.allow_private)
        except FetchError as error:
            if url == asked:
                raise
            raise FetchError(f"redirects to {error.message}", url=asked, hint=error.hint) from error
        async with self._gate.turn(urlsplit(url).netloc.lower()):
            try:
                async with asyncio.timeout(self._settings.timeout_s):
                    return await self._ask(url, headers, limit, form)
            except FetchError:
                raise
            except TimeoutError as error:
                raise FetchError(f"took longer than {self._settings.timeout_s:g} s", url=asked) from error
            except TooLargeError as error:
                raise FetchError(str(error), url=asked, hint="feeds.max_bytes is the cap") from error
            except (aiohttp.ClientError, OSError, DamagedError, ValueError, UnicodeError) as error:
                raise FetchError(_reason(error), url=asked) from error

    async def _ask(self, url: str, headers: Mapping[str, str], limit: int, form: Mapping[str, str] | None) -> Response:
        started = time.monotonic()
        method = "GET" if form is None else "POST"
        async with self._open().request(method, url, headers=headers, data=form, allow_redirects=False) as answer:
            names = {name.lower(): value for name, value in answer.headers.items()}
            if "link" in names:
                names["link"] = ", ".join(answer.headers.getall("Link"))
            off = _clock_off_s(names, time.time())
            if not 200 <= answer.status < 300:
                return Response(url, answer.status, names, took_s=time.monotonic() - started, clock_off_s=off)
            length = names.get("content-length", "")
            if length.isdigit() and int(length) > limit:
                raise TooLargeError(limit)
            target = unpacker(names.get("content-encoding", ""), limit)
            if target is None:
                raise FetchError(f"sends the encoding {names['content-encoding']!r}, which was not asked for", url=url)
            async for chunk in answer.content.iter_chunked(_CHUNK):
                target.feed(chunk)
            body = target.finish()
            return Response(url, answer.status, names, body, took_s=time.monotonic() - started, clock_off_s=off)


def _trust(ca_file: Path | None) -> ssl.SSLContext | None:
    """Return a context that trusts the system's authorities and those of a file; None: the system's alone.

    Raises:
        ConfigError: the file cannot be read, or holds no certificate.
    """
    if ca_file is None:
        return None
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(cafile=ca_file.expanduser())
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"feeds.ca_file cannot be used: {error}", path=str(ca_file)) from error
    return context


def _clock_off_s(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds by which the Date of an answer is ahead of ``now`` (seconds since 1970); None without one."""
    try:
        date = parsedate_to_datetime(headers["date"])
    except (KeyError, TypeError, ValueError, IndexError):
        return None
    age = headers.get("age", "0")  # of a copy out of a cache (RFC 9111, 5.1)
    moment = date if date.tzinfo else date.replace(tzinfo=UTC)
    return moment.timestamp() + (float(age[:9]) if age.isdigit() else 0.0) - now


def _reason(error: BaseException) -> str:
    inner = (getattr(error, "certificate_error", None), getattr(error, "os_error", None))
    for cause in (*inner, error, error.__cause__, error.__context__):
        if isinstance(cause, FetchError):
            return cause.message.partition(": ")[2] or cause.message
        if isinstance(cause, socket.gaierror):
            return "its host is not known (DNS)"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not valid: {getattr(cause, 'verify_message', cause)}"
        if isinstance(cause, ConnectionRefusedError):
            return "refuses connections"
        if isinstance(cause, ConnectionResetError | aiohttp.ServerDisconnectedError):
            return "closed the connection before answering"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "broke off in the middle of its answer"
    if isinstance(error, DamagedError):
        return f"its compression is damaged ({error})"
    if isinstance(error, aiohttp.ClientResponseError):
        return f"does not answer in HTTP: {error.message}"
    return f"{type(error).__name__}: {error}".rstrip(": ")
