from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.cli.main import main
from monitor.feeds import answers
from monitor.feeds.playback import Item, Playback
from monitor.feeds.roster_file import read_feeds

FEED = """<rss version="2.0"><channel><title>Ledger</title><link>http://ledger.example/</link>
<item><guid>1</guid><title>Army denies strike</title><link>/2026/1</link></item></channel></rss>"""


class Result:
    """What a command gave."""

    def __init__(self, code: int | None, out: bytes, err: bytes) -> None:
        self.code = code
        self.out = out.decode()
        self.err = err.decode()
        self.rows = [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]


class Shell:
    """Runs commands with a configuration folder of their own, in which private addresses are allowed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.roster = home / "counterclaim" / "feeds.toml"
        self.allow = "true"

    async def __call__(self, *args: str, stdin: bytes = b"") -> Result:
        """Run ``counterclaim`` with ``args``, in a thread, so that the server of the test goes on answering."""
        env = {
            "XDG_CONFIG_HOME": str(self.home),
            "COUNTERCLAIM_FEEDS__ALLOW_PRIVATE": self.allow,
            "COUNTERCLAIM_FEEDS__HOST_GAP_S": "0",
            "COUNTERCLAIM_FEEDS__TIMEOUT_S": "3",
        }
        return await asyncio.to_thread(self._run, args, stdin, env)

    def _run(self, args: tuple[str, ...], stdin: bytes, env: dict[str, str]) -> Result:
        runner = CliRunner()
        with runner.isolation(input=stdin, env=env) as (out, err, _), contextlib.chdir(self.home):
            code: object = 0
            try:
                main(args)
            except SystemExit as ended:
                code = ended.code
            return Result(code if isinstance(code, int) else 0, out.getvalue(), err.getvalue())


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Commands of this test alone."""
    (home := tmp_path / "a home").mkdir()
    return Shell(home)


@pytest.fixture
async def server() -> AsyncIterator[Playback]:
    """A server that plays what a test tells it."""
    async with Playback() as playback:
        yield playback


async def test_parse_files_and_urls(shell: Shell, server: Playback) -> None:
    """Files, addresses and standard input are read in their order; what is wrong is named, and the rest goes on."""
    (shell.home / "feed.xml").write_text(FEED)
    (shell.home / "not a feed.bin").write_bytes(bytes(range(256)) * 40)
    server.feed("/f").put(Item("guid-of-fares", "Fares rise", link="/fares"))
    server.play("/gone", answers.status(404))
    result = await shell(
        "parse", "not a feed.bin", "missing.xml", server.url("/gone"), "feed.xml", server.url("/f"), "-",
        stdin=FEED.replace("Army", "Navy").encode(),
    )  # fmt: skip
    assert result.code == 1
    assert [row["title"] for row in result.rows] == ["Army denies strike", "Fares rise", "Navy denies strike"]
    assert result.rows[0]["url"] == "http://ledger.example/2026/1"
    assert result.rows[1]["url"] == server.url("/fares")
    for part in ("not a feed.bin: is binary", "missing.xml: cannot be read", "/gone: answers with status 404"):
        assert part in result.err


async def test_parse_refuses_private_addresses_by_default(shell: Shell, server: Playback) -> None:
    """Without the setting, this machine's own addresses are not asked."""
    shell.allow = "false"
    result = await shell("parse", server.url("/f"))
    assert (result.code, "private address" in result.err, server.requests) == (1, True, [])


async def test_the_life_of_a_roster(shell: Shell, server: Playback) -> None:
    """A feed is found on a page, added, shown, paused, resumed and removed; the file says so each time."""
    server.feed("/world.xml", "Ledger: World").put(Item("guid-1234", "Army denies strike"))
    head = '<link rel="alternate" type="application/rss+xml" href="world.xml">'
    server.play("/", answers.raw(f"<html><head>{head}</head><body>News</body></html>".encode(), "text/html"))
    shipped = len((await shell("feeds", "list", "--json")).rows)
    assert shipped >= 60
    added = await shell("feeds", "add", server.url("/"), "--publisher", "Ledger", "--kind", "paper")
    assert (added.code, "Ledger: World" in added.out) == (0, True)
    assert (await shell("feeds", "add", server.url("/world.xml"))).code == 1
    feeds = read_feeds(shell.roster)
    assert len(feeds) == shipped + 1
    assert (feeds[-1].url, feeds[-1].publisher, feeds[-1].kind) == (server.url("/world.xml"), "Ledger", "paper")
    assert server.url("/world.xml") in (await shell("feeds", "show", "Ledger: World")).out
    await shell("feeds", "pause", "Ledger: World")
    assert read_feeds(shell.roster)[-1].paused
    await shell("feeds", "resume", "Ledger: World")
    assert not read_feeds(shell.roster)[-1].paused
    await shell("feeds", "remove", "Ledger: World")
    assert len(read_feeds(shell.roster)) == shipped


async def test_add_says_what_it_found(shell: Shell, server: Playback) -> None:
    """A page with several feeds lists them; one without any is tried at the usual places, and else an error."""
    links = "".join(f'<link rel=alternate type="application/atom+xml" href="/{n}">' for n in (1, 2))
    server.play("/many", answers.raw(f"<html><head>{links}</head></html>".encode(), "text/html"))
    server.feed("/1", "One")
    server.feed("/2", "Two")
    several = await shell("feeds", "add", server.url("/many"))
    assert several.code == 1
    assert server.url("/1") in several.err
    assert server.url("/2") in several.err
    server.play("/none", answers.raw(b"<html><body>Nothing</body></html>", "text/html"))
    nothing = await shell("feeds", "add", server.url("/none"))
    assert (nothing.code, "no feed was found" in nothing.err) == (1, True)
    server.feed("/rss.xml", "At the usual place")
    assert (await shell("feeds", "add", server.url("/none"))).code == 0


async def test_check(shell: Shell, server: Playback) -> None:
    """Every feed is tried; a table says which answer and why the others do not."""
    server.feed("/good").put(Item("guid-1234", "Army denies strike", published="Thu, 04 Jun 2026 08:00:00 GMT"))
    server.play("/busy", answers.status(503))
    server.play("/page", answers.raw(b"<html><body>x</body></html>", "text/html"))
    server.play("/moved", answers.redirect("/good", 301))
    shell.roster.parent.mkdir()
    names = ("good", "busy", "page", "moved")
    shell.roster.write_text("".join(f'[[feed]]\nurl = "{server.url("/" + n)}"\ntitle = "{n}"\n' for n in names))
    result = await shell("feeds", "check")
    assert (result.code, "2 of 4 feeds answer" in result.err) == (1, True)
    lines = {line.split()[0]: line for line in result.out.splitlines()}
    assert "ok" in lines["good"]
    assert "2026-06-04 08:00" in lines["good"]
    assert "status 503" in lines["busy"]
    assert "web page" in lines["page"]
    assert "moved to" in lines["moved"]
    rows = (await shell("feeds", "check", "--json", "good", "busy")).rows
    assert [(row["ok"], row["items"]) for row in rows] == [(True, 1), (False, 0)]


async def test_import_and_export(shell: Shell, tmp_path: Path) -> None:
    """What is exported as OPML is imported again, duplicates are reported, and a wrong file is named with its line."""
    shell.roster.parent.mkdir()
    shell.roster.write_text('[[feed]]\nurl = "http://a.example/f"\ntitle = "A"\nfolder = ["World", "Near"]\n')
    await shell("feeds", "export", str(tmp_path / "out.opml"))
    again = await shell("feeds", "import", str(tmp_path / "out.opml"))
    assert "0 feeds added" in again.out
    assert "already there: http://a.example/f" in again.err
    shell.roster.unlink()
    shell.roster.write_text("")
    await shell("feeds", "import", str(tmp_path / "out.opml"))
    (feed,) = read_feeds(shell.roster)
    assert (feed.url, feed.title, feed.folder) == ("http://a.example/f", "A", ("World", "Near"))
    (tmp_path / "bad.opml").write_text("<opml>\n<body>\n<outline xmlUrl='x'/></body></opml>")
    bad = await shell("feeds", "import", str(tmp_path / "bad.opml"))
    assert (bad.code, "bad.opml, line 3: " in bad.err) == (1, True)
