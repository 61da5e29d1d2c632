from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from monitor.errors import FetchError
from monitor.feeds import answers
from monitor.feeds.addresses import GuardedResolver, check_url, is_public
from monitor.feeds.fetch import HttpFetcher, user_agent
from monitor.feeds.playback import Playback
from monitor.feeds.politeness import HostGate
from monitor.feeds.robots import Robots
from monitor.settings import FeedSettings

OPEN = FeedSettings(allow_private=True, host_gap_s=0, timeout_s=2, max_bytes=2**20, contact="https://ops.example/")
CODINGS = ["gzip", "deflate", "raw-deflate", "br", "zstd"]
BODY = b"<rss><channel><title>" + b"words " * 2000 + b"</title></channel></rss>"


@pytest.fixture
async def server() -> AsyncIterator[Playback]:
    """A server that plays what a test tells it."""
    async with Playback() as playback:
        yield playback


@pytest.fixture
async def fetcher() -> AsyncIterator[HttpFetcher]:
    """A fetcher that may ask this machine."""
    async with HttpFetcher(OPEN) as found:
        yield found


@pytest.mark.parametrize("coding", CODINGS)
async def test_packed_bodies(server: Playback, fetcher: HttpFetcher, coding: str) -> None:
    """Every coding that is asked for is unpacked, raw deflate under the name of deflate too."""
    server.play("/f", answers.packed(BODY, coding))
    assert (await fetcher.fetch(server.url("/f"))).body == BODY


async def test_what_is_sent(server: Playback, fetcher: HttpFetcher) -> None:
    """A request says truthfully who asks and whom to turn to, and carries the headers given."""
    server.play("/f", answers.raw(BODY))
    await fetcher.fetch(server.url("/f"), headers={"If-None-Match": '"x"'})
    (_, headers) = server.requests[0]
    assert headers["user-agent"] == user_agent("https://ops.example/")
    assert "Counterclaim/" in headers["user-agent"]
    assert "https://ops.example/" in headers["user-agent"]
    assert headers["if-none-match"] == '"x"'
    assert "gzip" in headers["accept-encoding"]


@pytest.mark.parametrize("code", [200, 304, 404, 410, 429, 500, 503])
async def test_a_status_is_an_answer(server: Playback, fetcher: HttpFetcher, code: int) -> None:
    """Any status is given back with its headers; it is no error."""
    server.play("/f", answers.status(code, retry_after="60"))
    response = await fetcher.fetch(server.url("/f"))
    assert (response.status, response.headers["retry-after"]) == (code, "60")


async def test_redirects_are_followed_and_told(server: Playback, fetcher: HttpFetcher) -> None:
    """Redirects lead to the end; a move is for good only as far as every hop was."""
    server.play("/a", answers.redirect("/b", 301))
    server.play("/b", answers.redirect("/c", 308))
    server.play("/c", answers.redirect(server.url("/d"), 302))
    server.play("/d", answers.raw(BODY))
    response = await fetcher.fetch(server.url("/a"))
    assert (response.url, response.body) == (server.url("/d"), BODY)
    assert [hop.status for hop in response.redirects] == [301, 308, 302]
    assert response.moved_to == server.url("/c")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ({"/f": answers.redirect("/f")}, "in a circle"),
        ({"/f": answers.redirect("/g"), "/g": answers.redirect("/f")}, "in a circle"),
        (
            {f"/{n}": answers.redirect(f"/{n + 1}") for n in range(20)} | {"/f": answers.redirect("/0")},
            "more than 5 times",
        ),
        ({"/f": answers.redirect("file:///etc/passwd")}, "only http and https"),
        ({"/f": answers.redirect("gopher://x.example/")}, "only http and https"),
        ({"/f": answers.reset()}, "closed the connection"),
        ({"/f": answers.garbage()}, "does not answer in HTTP"),
        ({"/f": answers.truncated(BODY)}, "broke off"),
        ({"/f": answers.slow(BODY, pause_s=0.5)}, "took longer than 2 s"),
        ({"/f": answers.big(200 * 2**20)}, "larger than 1048576 bytes"),
        ({"/f": answers.big(200 * 2**20, announce=True)}, "larger than 1048576 bytes"),
        *(({"/f": answers.bomb(256 * 2**20, coding)}, "larger than 1048576 bytes") for coding in CODINGS),
        *(
            ({"/f": answers.raw(b"junk and more of it", Content_Encoding=coding)}, "compression is damaged")
            for coding in ("gzip", "deflate", "br", "zstd")
        ),
        ({"/f": answers.raw(b"junk", Content_Encoding="compress")}, "was not asked for"),
        ({"/f": answers.raw(BODY, X_Long="x" * 50_000)}, "does not answer in HTTP"),
    ],
)
async def test_misbehaviour_is_an_error_that_says_so(
    server: Playback, fetcher: HttpFetcher, script: dict[str, answers.Answer], reason: str
) -> None:
    """Each misbehaviour is one error, which names the address that was asked for and says what happened."""
    for path, answer in script.items():
        server.play(path, answer)
    with pytest.raises(FetchError, match=reason) as caught:
        await fetcher.fetch(server.url("/f"))
    assert server.url("/f") in str(caught.value)


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("kept", [3, 20, -3])
async def test_a_truncated_packed_body(server: Playback, fetcher: HttpFetcher, coding: str, kept: int) -> None:
    """A packed body that ends too early is an error, not half a feed."""
    server.play("/f", answers.packed(BODY, coding, keep=kept))
    with pytest.raises(FetchError, match=r"ends too early|damaged"):
        await fetcher.fetch(server.url("/f"))


async def test_nobody_listens(fetcher: HttpFetcher) -> None:
    """A refused connection says so."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(FetchError, match="refuses connections"):
            await fetcher.fetch(f"http://127.0.0.1:{bound.getsockname()[1]}/")


class Names(AbstractResolver):
    """Resolves every name to one address."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the address."""
        return [ResolveResult(hostname=host, host=self.address, port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200",
     "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "::ffff:10.0.0.1",
     "64:ff9b::a00:1", "2002:a00:1::", "192.0.2.1", "nonsense"],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    """Private, loopback, link-local, metadata, multicast and disguised addresses are not public."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "151.101.1.140"])
def test_public_addresses(address: str) -> None:
    """Addresses of the Internet are."""
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://localhost/", "http://127.1/", "http://2130706433/", "http://0x7f000001/",
     "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/latest/", "http://10.1.2.3:8080/"],
)  # fmt: skip
def test_private_addresses_are_refused_in_any_spelling(url: str) -> None:
    """A private address in a URL is refused, however it is written, unless the setting allows it."""
    with pytest.raises(FetchError, match="private address"):
        check_url(url, allow_private=False)
    check_url(url, allow_private=True)


async def test_a_name_that_stands_for_a_private_address(server: Playback) -> None:
    """A name is refused after DNS, at the moment of connecting: nothing is sent."""
    guard = GuardedResolver(allow_private=False, inner=Names("127.0.0.1"))
    fetcher = HttpFetcher(FeedSettings(host_gap_s=0, timeout_s=2), resolver=guard)
    port = server.base.rpartition(":")[2]
    async with fetcher:
        with pytest.raises(FetchError, match="private address"):
            await fetcher.fetch(f"http://innocent.example:{port}/f")
    assert server.requests == []


async def test_a_redirect_to_a_private_address(server: Playback) -> None:
    """Every hop is checked, not only the first."""
    allowed = GuardedResolver(allow_private=True, inner=Names("127.0.0.1"))
    server.play("/f", answers.redirect("http://169.254.169.254/latest/meta-data/"))
    port = server.base.rpartition(":")[2]
    async with HttpFetcher(FeedSettings(host_gap_s=0, timeout_s=2), resolver=allowed) as fetcher:
        with pytest.raises(FetchError, match="private address"):
            await fetcher.fetch(f"http://public.example:{port}/f")


async def test_secrets_stay_with_their_host(server: Playback, fetcher: HttpFetcher) -> None:
    """An Authorization header meant for one host is not sent to another."""
    async with Playback() as other:
        server.play("/f", answers.redirect(other.url("/f")))
        other.play("/f", answers.raw(BODY))
        await fetcher.fetch(server.url("/f"), headers={"Authorization": "secret", "X-Plain": "1"})
        assert server.requests[0][1]["authorization"] == "secret"
        assert "authorization" not in other.requests[0][1]


async def test_few_requests_at_once_to_one_host(server: Playback) -> None:
    """A crowd of feeds at one host is asked a few at a time."""
    for number in range(12):
        server.play(f"/{number}", answers.slow(b"x" * 64, pause_s=0.01))
    async with HttpFetcher(OPEN.model_copy(update={"per_host": 3})) as fetcher:
        await asyncio.gather(*(fetcher.fetch(server.url(f"/{number}")) for number in range(12)))
    assert server.most_at_once == 3
    assert len(server.requests) == 12


async def test_a_gap_between_requests_to_one_host() -> None:
    """Starts at one host are apart by the gap; other hosts do not wait for it."""
    gate = HostGate(at_once=10, gap_s=0.05, total=10)
    starts: dict[str, list[float]] = {"a": [], "b": []}

    async def ask(host: str) -> None:
        async with gate.turn(host):
            starts[host].append(asyncio.get_running_loop().time())

    await asyncio.gather(*(ask("a") for _ in range(4)), ask("b"))
    gaps = [later - earlier for earlier, later in zip(starts["a"], starts["a"][1:], strict=False)]
    assert all(gap >= 0.045 for gap in gaps)
    assert starts["b"][0] < starts["a"][1]


async def test_robots(server: Playback, fetcher: HttpFetcher) -> None:
    """robots.txt decides about pages, is asked for once a host, and its absence allows everything."""
    server.play("/robots.txt", answers.raw(b"User-agent: *\nDisallow: /private/\n", "text/plain"))
    robots = Robots(fetcher)
    assert await robots.allows(server.url("/news/1"))
    assert not await robots.allows(server.url("/private/1"))
    assert server.count("/robots.txt") == 1
    async with Playback() as other:
        assert await Robots(fetcher).allows(other.url("/private/1"))
        other.play("/robots.txt", answers.status(503))
        assert not await Robots(fetcher).allows(other.url("/news/1"))
