from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.errors import ConfigError, FetchError
from monitor.feeds import answers
from monitor.feeds.fetch import HttpFetcher
from monitor.feeds.playback import Item, Playback
from monitor.feeds.poller import Poller
from monitor.feeds.pool import DirectParser
from monitor.feeds.roster import Feed, Roster, partition_of
from monitor.settings import FeedSettings

OPTIONS = FeedSettings(allow_private=True, host_gap_s=0, timeout_s=20, full_text="never")
BODY = b"<rss version='2.0'><channel><title>Ledger</title></channel></rss>"


def certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate that vouches for itself, for ``name``; return its file and a context to serve with."""
    if shutil.which("openssl") is None:
        if os.environ.get("CI"):
            pytest.fail("openssl is not installed")
        pytest.skip("openssl is not installed: no certificate can be made")
    pem, key = folder / f"{len(list(folder.iterdir()))}.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
         "/CN=Playback", "-addext", f"subjectAltName={name}", "-keyout", key, "-out", pem],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    return pem, context


async def test_a_feed_over_https(tmp_path: Path) -> None:
    """A feed whose authority the setting names is polled over HTTPS, with ETags, gzip and redirects from HTTP."""
    pem, tls = certificate(tmp_path, "IP:127.0.0.1")
    options = OPTIONS.model_copy(update={"ca_file": pem})
    async with Playback(tls) as server, Playback() as plain, HttpFetcher(options) as fetcher:
        server.feed("/f").put(Item("first", "Two freighters collide"))
        plain.play("/f", answers.redirect(server.url("/f"), 301))
        assert server.base.startswith("https:")
        response = await fetcher.fetch(plain.url("/f"))
        assert (response.status, response.moved_to) == (200, server.url("/f"))
        feed = Feed(server.url("/f"))
        poller = Poller(Roster([feed]), {}, fetcher, options, parser=DirectParser(), patience_s=60)
        result = await poller.poll(partition_of(feed.host), datetime.now(UTC))
        await poller.close()
        assert [article.title for article in result.articles] == ["Two freighters collide"]
        server.play("/z", answers.packed(BODY, "gzip"))
        assert (await fetcher.fetch(server.url("/z"))).body == BODY


@pytest.mark.parametrize("case", ["nobody vouches", "another name"])
async def test_a_certificate_that_is_not_valid(tmp_path: Path, case: str) -> None:
    """A certificate of an unknown authority or for another name is refused, and nothing is sent."""
    name = "DNS:elsewhere.example" if case == "another name" else "IP:127.0.0.1"
    pem, tls = certificate(tmp_path, name)
    options = OPTIONS if case == "nobody vouches" else OPTIONS.model_copy(update={"ca_file": pem})
    async with Playback(tls) as server, HttpFetcher(options) as fetcher:
        server.play("/f", answers.raw(BODY))
        with pytest.raises(FetchError, match="certificate is not valid") as caught:
            await fetcher.fetch(server.url("/f"))
        assert server.url("/f") in str(caught.value)
    assert server.requests == []


async def test_a_file_of_authorities_that_cannot_be_used(tmp_path: Path) -> None:
    """A file that is missing or holds no certificate is an error of the settings, and says which."""
    (empty := tmp_path / "empty.pem").write_text("nothing")
    for path in (empty, tmp_path / "missing.pem"):
        with pytest.raises(ConfigError, match=r"feeds\.ca_file") as caught:
            HttpFetcher(OPTIONS.model_copy(update={"ca_file": path}))
        assert path.name in str(caught.value)


async def test_plain_http_behind_an_https_address(tmp_path: Path) -> None:
    """A server that does not speak TLS is an error, not a crash."""
    async with Playback() as server, HttpFetcher(OPTIONS) as fetcher:
        with pytest.raises(FetchError):
            await fetcher.fetch(server.url("/f").replace("http:", "https:"))
