from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ConfigError
from monitor.feeds import roster_file
from monitor.feeds.opml import read_opml, write_opml
from monitor.feeds.publishers import kind_of, publisher_of, publishers
from monitor.feeds.roster import Feed, Roster, feed_id_of, partition_of
from monitor.feeds.roster_edit import RosterFile
from monitor.feeds.roster_file import LiveRoster, load_roster, read_feeds, shipped_roster
from monitor.feeds.roster_toml import read_toml, write_toml
from schemas import PublisherKind

OPML = """<?xml version="1.0"?>
<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="World"><outline text="Near">
<outline type="rss" text="Ledger &amp; Post" xmlUrl="http://ledger.example/f?a=1&amp;b=2" htmlUrl="http://ledger.example/"/>
</outline></outline>
<outline type="rss" title="Courier" text="c" xmlUrl="https://courier.example/rss" language="de"/>
</body></opml>"""

TOML = """# my feeds
[[feed]]
url = "http://ledger.example/f"   # the first
title = "Ledger"

# the second
[[feed]]
url = "http://courier.example/rss"
kind = "wire"
[feed.headers]
X-Key = "a b"
"""


def test_opml_with_folders() -> None:
    """Feeds come with their folders, whatever the depth."""
    first, second = read_opml(OPML, "x.opml")
    assert (first.url, first.title, first.folder) == (
        "http://ledger.example/f?a=1&b=2", "Ledger & Post", ("World", "Near"),
    )  # fmt: skip
    assert (second.title, second.folder, second.language) == ("Courier", (), "de")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (OPML.replace("</opml>", ""), 7, "not well-formed"),
        (OPML.replace("http://ledger", "gopher://ledger"), 4, "no http or https address"),
        ("<rss/>", 1, "not <opml>"),
        ('<!DOCTYPE opml [<!ENTITY a "b">]><opml/>', 1, "entities"),
        (OPML.replace('text="c"', 'counterclaimKind="junk"'), 6, "none of"),
        ("<opml><body>" + "<outline>" * 60, 1, "nested"),
    ],
)
def test_wrong_opml_is_named_with_its_line(text: str, line: int, reason: str) -> None:
    """What is wrong with an OPML file is said with file and line."""
    with pytest.raises(ConfigError, match=reason) as caught:
        read_opml(text, "x.opml")
    assert (caught.value.path, caught.value.line) == ("x.opml", line)


def test_toml() -> None:
    """A TOML roster gives its feeds with all that it says of them."""
    first, second = read_toml(TOML, "x.toml")
    assert (first.url, first.title, first.kind) == ("http://ledger.example/f", "Ledger", PublisherKind.UNREVIEWED)
    assert (second.kind, second.headers) == (PublisherKind.WIRE, {"X-Key": "a b"})


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (TOML.replace("[[feed]]", "[[feed", 1), 2, "not TOML"),
        (TOML.replace('kind = "wire"', 'kind = "junk"'), 9, "kind"),
        (TOML.replace('title = "Ledger"', "colour = 1"), 4, "colour"),
        (TOML.replace("http://courier", "courier"), 8, "no http or https address"),
        ('[[feed]]\ntitle = "x"\n', 1, "url"),
        (TOML.replace('title = "Ledger"', 'zone = "Mars"'), 4, "no time zone"),
        (TOML.replace('title = "Ledger"', 'country = "gb"'), 4, "country"),
        ("feeds = []\n", None, "unknown: feeds"),
        ("feed = 3\n", None, "unknown"),
    ],
)
def test_wrong_toml_is_named_with_its_line(text: str, line: int | None, reason: str) -> None:
    """What is wrong with a TOML roster is said with file and line."""
    with pytest.raises(ConfigError, match=reason) as caught:
        read_toml(text, "x.toml")
    assert (caught.value.path, caught.value.line) == ("x.toml", line)


_text = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12).map(str.strip)
_feeds = st.lists(
    st.builds(
        Feed,
        url=st.integers(0, 10**6).map(lambda n: f"https://a{n}.example/f?x={n}&y"),
        title=_text,
        publisher=_text,
        kind=st.sampled_from(PublisherKind),
        country=st.sampled_from([None, "GB", "SY"]),
        language=st.sampled_from([None, "en", "pt-BR"]),
        folder=st.lists(_text.filter(bool), max_size=3).map(tuple),
        paused=st.booleans(),
        headers=st.dictionaries(st.sampled_from(["X-A", "X-B"]), _text),
        interval_s=st.sampled_from([None, 60.0]),
    ),
    max_size=5,
    unique_by=lambda feed: feed.url,
)


@given(_feeds)
def test_toml_round_trip(feeds: list[Feed]) -> None:
    """What is written as TOML is read again as it was."""
    assert read_toml(write_toml(feeds), "x") == feeds


@given(_feeds)
def test_opml_round_trip(feeds: list[Feed]) -> None:
    """OPML keeps each feed with its folders, its name and what our attributes hold."""
    again = {feed.url: feed for feed in read_opml(write_opml(feeds), "x")}
    assert set(again) == {feed.url for feed in feeds}
    for feed in feeds:
        found = again[feed.url]
        assert (found.folder, found.kind, found.paused, found.country, found.language) == (
            feed.folder, feed.kind, feed.paused, feed.country, feed.language,
        )  # fmt: skip
        assert found.name.split() == feed.name.split()


def test_a_feed_listed_twice_counts_once() -> None:
    """The same address, whatever its scheme and www., is one feed; the second is reported."""
    roster = Roster([Feed("http://a.example/f"), Feed("https://www.a.example/f"), Feed("http://b.example/f")])
    assert len(roster) == 2
    assert [feed.url for feed in roster.duplicates] == ["https://www.a.example/f"]


def test_feeds_that_differ_in_a_parameter_are_two() -> None:
    """Parameters that would be tracking in an article's address tell feeds apart."""
    assert len(Roster([Feed("http://a.example/?feed=rss"), Feed("http://a.example/?feed=atom")])) == 2


def test_every_feed_is_in_one_partition_with_its_host() -> None:
    """The partitions share the feeds out without rest, and feeds of one host are together."""
    feeds = [Feed(f"https://h{n % 40}.example/{n}") for n in range(200)]
    roster = Roster(feeds)
    parts = [roster.of_partition(n) for n in range(8)]
    assert sorted(feed.url for part in parts for feed in part) == sorted(feed.url for feed in feeds)
    assert all(len({partition_of(feed.host) for feed in part}) <= 1 for part in parts)
    assert sum(bool(part) for part in parts) >= 6


def test_ids_and_partitions_are_those_of_earlier_versions() -> None:
    """Ids and partitions are on disk and in Kafka: they must not change."""
    assert feed_id_of("https://feeds.bbci.co.uk/news/world/rss.xml") == "f36165fa1df9e571645df"
    assert [partition_of(host) for host in ("a.example", "b.example", "c.example")] == [7, 0, 6]


def test_find_by_name() -> None:
    """A feed is found by address, id, title, or a part of one; what fits none or several is an error."""
    roster = Roster([Feed("http://a.example/f", title="The Ledger"), Feed("http://b.example/f", title="The Courier")])
    ledger = next(iter(roster))
    for name in ("http://a.example/f", ledger.feed_id, "the ledger", "ledger", "https://a.example/f"):
        assert roster.find(name) is ledger
    with pytest.raises(ConfigError, match="no feed"):
        roster.find("gazette")
    with pytest.raises(ConfigError, match="2 feeds"):
        roster.find("the")


def test_the_shipped_roster() -> None:
    """At least 60 feeds come with it, of all continents, in at least six languages, none twice."""
    roster = shipped_roster()
    assert len(roster) >= 60
    assert not roster.duplicates
    assert len({feed.language for feed in roster}) >= 6
    assert len({feed.folder for feed in roster}) >= 8
    assert all(feed.publisher and feed.title for feed in roster)


def test_the_shipped_publishers() -> None:
    """Each publisher has a source, each site stands once, and satire, wires and state media are among them."""
    rows = publishers()
    sites = [site for row in rows for site in row.sites]
    assert len(sites) == len(set(sites))
    assert all(row.source and row.name and row.sites for row in rows)
    assert {PublisherKind.SATIRE, PublisherKind.WIRE, PublisherKind.STATE_MEDIA} <= {row.kind for row in rows}


@pytest.mark.parametrize(
    ("site", "kind"),
    [
        ("edition.cnn.com", PublisherKind.BROADCASTER),
        ("tass.com", PublisherKind.STATE_MEDIA),
        ("nottass.com", PublisherKind.UNREVIEWED),
        ("com", PublisherKind.UNREVIEWED),
        ("ledger.example:8080", PublisherKind.UNREVIEWED),
        (None, PublisherKind.UNREVIEWED),
    ],
)
def test_the_kind_of_a_site(site: str | None, kind: PublisherKind) -> None:
    """A site has the kind of the nearest domain in the table; one that is not there is unreviewed."""
    assert kind_of(site) is kind
    assert (publisher_of(site) is None) is (kind is PublisherKind.UNREVIEWED)


def test_edits_keep_the_rest_of_the_file(tmp_path: Path) -> None:
    """Pausing, resuming, adding and removing leave comments and other feeds as they were."""
    path = tmp_path / "feeds.toml"
    path.write_text(TOML)
    file = RosterFile(path)
    courier = file.roster.find("http://courier.example/rss")
    file.pause(courier, True)
    assert [feed.paused for feed in read_feeds(path)] == [False, True]
    assert read_feeds(path)[1].headers == {"X-Key": "a b"}
    file.pause(courier, False)
    assert path.read_text() == TOML
    added, there = file.add([Feed("http://c.example/f", title="C"), Feed("https://www.ledger.example/f")])
    assert ([feed.url for feed in added], len(there)) == (["http://c.example/f"], 1)
    file.remove(courier)
    assert [feed.url for feed in read_feeds(path)] == ["http://ledger.example/f", "http://c.example/f"]
    assert "# the first" in path.read_text()


def test_edits_of_opml(tmp_path: Path) -> None:
    """An OPML roster is edited too, and stays OPML."""
    path = tmp_path / "feeds.opml"
    path.write_text(OPML)
    file = RosterFile(path)
    file.pause(file.roster.find("Courier"), True)
    file.add([Feed("http://c.example/f", title="C")])
    file.remove(file.roster.find("Ledger & Post"))
    assert [(feed.url, feed.paused) for feed in read_feeds(path)] == [
        ("https://courier.example/rss", True), ("http://c.example/f", False),
    ]  # fmt: skip


def test_the_first_edit_begins_with_the_shipped_roster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the user has no roster, the shipped one is polled; the first edit makes it the user's own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    count = len(load_roster(None))
    file = RosterFile(roster_file.user_roster())
    file.add([Feed("http://c.example/f")])
    assert len(load_roster(None)) == count + 1


def test_a_roster_follows_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit counts without a restart; one that is wrong leaves the feeds as they were."""
    monkeypatch.setattr(roster_file, "LOOK_EVERY_S", 0.0)
    path = tmp_path / "feeds.toml"
    path.write_text(TOML)
    roster = LiveRoster(path)
    for number, (text, count) in enumerate(
        [(TOML + '\n[[feed]]\nurl = "http://c.example/"\n', 3), ("junk", 3), (TOML, 2)]
    ):
        path.write_text(text)
        os.utime(path, ns=(number, number))
        assert sum(len(roster.of_partition(part)) for part in range(8)) == count


def test_a_missing_roster_is_named(tmp_path: Path) -> None:
    """A roster that is not there is an error that names it and the setting."""
    with pytest.raises(ConfigError, match=r"missing\.toml") as caught:
        load_roster(tmp_path / "missing.toml")
    assert "feeds.roster" in str(caught.value)
