import contextlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import FeedError
from monitor.feeds.items import ParsedItem
from monitor.feeds.parse import MAX_ITEMS, MAX_TEXT, parse_feed

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"
  xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>The Ledger &amp; Post</title><link>http://ledger.example/</link><language>en-gb</language>
<atom:link rel="self" href="http://ledger.example/feed.xml"/><atom:link rel="hub" href="http://hub.example/"/>
<ttl>30</ttl><skipHours><hour>1</hour><hour>24</hour></skipHours><skipDays><day>Sunday</day></skipDays>
<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
{items}
</channel></rss>"""


def rss(*items: str) -> bytes:
    """Return a feed with these items."""
    return RSS.format(items="".join(f"<item>{item}</item>" for item in items)).encode()


def one(item: str, url: str = "http://ledger.example/feed.xml") -> ParsedItem:
    """Return what a feed with one item gives."""
    return parse_feed(rss(item), url=url).items[0]


def test_an_rss_item() -> None:
    """An RSS 2.0 item gives its guid, link, title, text, authors, section and date."""
    item = one(
        "<guid isPermaLink='false'>x-1</guid><title>Two freighters collide</title>"
        "<link>http://ledger.example/1?utm_source=rss</link><dc:creator>Ilse Brandt</dc:creator>"
        "<category>Sea</category><pubDate>Thu, 04 Jun 2026 10:00:00 +0200</pubDate>"
        "<description>A ship &lt;b&gt;sank&lt;/b&gt;.</description>"
    )
    assert (item.guid, item.title, item.text) == ("x-1", "Two freighters collide", "A ship sank.")
    assert (item.url, item.canonical_url) == ("http://ledger.example/1?utm_source=rss", "http://ledger.example/1")
    assert (item.authors, item.section, item.language) == (("Ilse Brandt",), "Sea", "en-gb")
    assert item.published_at == datetime(2026, 6, 4, 8, tzinfo=UTC)
    assert item.updated_at is None


def test_the_head_of_a_feed() -> None:
    """The channel gives title, home page, language, and the hints of how often to ask."""
    feed = parse_feed(rss("<title>a</title>"))
    assert (feed.format, feed.title, feed.link, feed.language) == (
        "rss20", "The Ledger & Post", "http://ledger.example/", "en-gb",
    )  # fmt: skip
    hints = feed.hints
    assert (hints.ttl_s, hints.update_period_s) == (1800.0, 1800.0)
    assert (hints.skip_hours, hints.skip_days) == ((0, 1), ("sunday",))
    assert (hints.self_url, hints.hub_url) == ("http://ledger.example/feed.xml", "http://hub.example/")


def test_the_whole_text_goes_before_the_summary() -> None:
    """Where an item has content and description, the content is the text, whatever their order."""
    whole = "".join(f"<p>Sentence {n} of the whole text, which is long.</p>" for n in range(60))
    parts = (f"<content:encoded><![CDATA[{whole}]]></content:encoded>", "<description>Short.</description>")
    for order in (parts, parts[::-1]):
        item = one("<title>t</title>" + "".join(order))
        assert item.text.startswith("Sentence 0 of the whole text, which is long.\n\nSentence 1")
        assert not item.is_summary


@pytest.mark.parametrize("text", ["Short.", "The army denied it […]", "Word " * 400 + "... Read more", ""])
def test_a_summary_is_told(text: str) -> None:
    """A short text, one that breaks off, and none at all are summaries."""
    assert one(f"<title>t</title><link>http://l.example/1</link><description>{text}</description>").is_summary


def test_no_date_is_none() -> None:
    """An item without a date has none: it is not dated now."""
    assert one("<title>t</title>").published_at is None


def test_a_date_in_the_future_stays() -> None:
    """A date in the future is passed on as the feed has it."""
    item = one("<title>t</title><pubDate>Fri, 01 Jan 2100 00:00:00 GMT</pubDate>")
    assert item.published_at == datetime(2100, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("base", "link", "expected"),
    [
        ("http://a.example/feeds/x.xml", "/news/1", "http://a.example/news/1"),
        ("http://a.example/feeds/x.xml", "2.html", "http://a.example/feeds/2.html"),
        ("https://a.example/", "//b.example/3", "https://b.example/3"),
        ("http://a.example/", " http://a.example/\n4 ", "http://a.example/4"),
        ("http://a.example/", "javascript:alert(1)", None),
        ("http://a.example/", "mailto:x@a.example", None),
        ("http://a.example/", "http://[broken", None),
        ("", "/relative", None),
    ],
)
def test_links_are_made_absolute(base: str, link: str, expected: str | None) -> None:
    """Relative links are joined to the feed's address; what is no web address is none."""
    feed = parse_feed(
        rss(f"<title>t</title><link>{link}</link>").replace(b"<link>http://ledger.example/</link>", b"", 1), url=base
    )
    assert feed.items[0].url == expected


def test_xml_base_is_kept_to() -> None:
    """xml:base of the feed and of an entry make links absolute (RFC 4287, section 2)."""
    atom = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://a.example/x/"><title>t</title>
      <entry xml:base="2026/"><id>urn:1</id><title>one</title><link href="1.html"/></entry></feed>"""
    assert parse_feed(atom, url="http://other.example/").items[0].url == "http://a.example/x/2026/1.html"


def test_a_guid_is_left_as_it_is() -> None:
    """A guid is a name, not a link: the feed's address is not put before it."""
    assert one("<title>t</title><guid>333483</guid>", url="http://a.example/f").guid == "333483"


def test_a_guid_that_is_a_link_is_the_link() -> None:
    """Without a link, a guid that is an address is the item's."""
    assert one("<title>t</title><guid>http://a.example/1</guid>").url == "http://a.example/1"


def test_an_atom_entry() -> None:
    """Atom gives both dates, the alternate link, and the text of any type."""
    atom = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>Le Monde</title><entry>
      <id>tag:a.example,2026:1</id><title type="html">Un &amp;lt;b&amp;gt;d\xc3\xa9menti&amp;lt;/b&amp;gt;</title>
      <link rel="self" href="http://a.example/self"/><link href="http://a.example/1"/>
      <published>2026-06-04T10:00:00+02:00</published><updated>2026-06-05T10:00:00+02:00</updated>
      <author><name>A</name></author><author><name>B</name></author>
      <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Un.</p><p>Deux.</p></div></content>
      </entry></feed>"""
    item = parse_feed(atom).items[0]
    assert (item.guid, item.url, item.title) == ("tag:a.example,2026:1", "http://a.example/1", "Un démenti")
    assert (item.text, item.authors, item.language) == ("Un.\n\nDeux.", ("A", "B"), "fr")
    assert item.published_at == datetime(2026, 6, 4, 8, tzinfo=UTC)
    assert item.updated_at == datetime(2026, 6, 5, 8, tzinfo=UTC)


def test_an_rdf_feed() -> None:
    """RSS 1.0 (RDF) items have the date of Dublin Core."""
    rdf = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="http://a.example/"><title>R</title></channel>
      <item rdf:about="http://a.example/1"><title>one</title><link>http://a.example/1</link>
      <dc:date>2026-06-04T08:00Z</dc:date></item></rdf:RDF>"""
    item = parse_feed(rdf).items[0]
    assert (item.guid, item.url, item.title) == ("http://a.example/1", "http://a.example/1", "one")
    assert item.published_at == datetime(2026, 6, 4, 8, tzinfo=UTC)


def test_a_video_feed_does_no_harm() -> None:
    """A feed of videos gives titles and descriptions."""
    atom = b"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"><title>V</title><entry>
      <id>yt:video:1</id><title>Statement</title><link rel="alternate" href="https://v.example/watch?v=1"/>
      <media:group><media:title>Statement</media:title><media:content url="https://v.example/v/1" type="video/x"/>
      <media:description>The minister spoke.</media:description></media:group></entry></feed>"""
    item = parse_feed(atom).items[0]
    assert (item.title, item.text, item.url) == ("Statement", "The minister spoke.", "https://v.example/watch?v=1")


def test_the_outlet_that_an_aggregator_names() -> None:
    """The source element names the outlet that an item is from."""
    item = one("<title>t</title><source url='http://b.example/'>The Courier</source>")
    assert item.source == "The Courier"


@pytest.mark.parametrize(
    ("written", "expected"),
    [("en_US", "en-US"), ("US", None), ("uk", "uk"), ("english", None), ("pt-br", "pt-br"), ("", None)],
)
def test_language_tags(written: str, expected: str | None) -> None:
    """A language is a tag of BCP 47, or none: a country or a word is none."""
    feed = parse_feed(rss("<title>t</title>").replace(b"en-gb", written.encode()))
    assert (feed.language, feed.items[0].language) == (expected, expected)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty"),
        (b" \r\n\x00", "is empty"),
        (bytes(range(256)) * 40, "is binary"),
        (b"\x89PNG\r\n\x1a\n....", "is binary"),
        (b"<!DOCTYPE html><html><head><title>404</title></head><body>Not here</body></html>", "is a web page"),
        (b"just words", "no element of one"),
        (b"<note><to>x</to></note>", "no element of one"),
        (b'{"a": 1}', "no JSON Feed"),
        (b'{"a": ', "neither XML nor JSON"),
    ],
)
def test_what_is_no_feed_is_said(body: bytes, reason: str) -> None:
    """What is no feed is an error that says what it is instead, and where it came from."""
    with pytest.raises(FeedError, match=reason) as caught:
        parse_feed(body, url="http://a.example/f")
    assert "http://a.example/f" in str(caught.value)


@pytest.mark.parametrize(
    "damage",
    [
        lambda xml: xml[:-60],
        lambda xml: xml.replace(b"</item>", b"", 1),
        lambda xml: xml.replace(b"Two", b"Two & three <b>bold"),
        lambda xml: xml.replace(b"<channel>", b"<channel>\x0b"),
        lambda xml: b"\n\n  " + xml,
        lambda xml: xml + b"<script>advert()</script>",
        lambda xml: xml.replace(b"<rss", b"<!DOCTYPE html><rss"),
        lambda xml: xml.replace(b'xmlns:dc="http://purl.org/dc/elements/1.1/"', b""),
    ],
)
def test_a_damaged_feed_gives_what_it_holds(damage: Callable[[bytes], bytes]) -> None:
    """A feed that is not well-formed still gives its items."""
    xml = rss("<title>Two freighters collide</title><link>http://l.example/1</link>", "<title>Fares rise</title>")
    feed = parse_feed(damage(xml))
    assert feed.items[0].title.startswith("Two")
    assert len(feed.items) >= 1


def test_entity_bombs_do_nothing() -> None:
    """Entities that blow up, and those that read files, stay what they are: a few characters, or nothing."""
    declared = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    body = (
        f'<!DOCTYPE rss [<!ENTITY e0 "lol">{declared}<!ENTITY f SYSTEM "file:///etc/passwd">]>'.encode()
        + rss("<title>a &e11; &f;</title>").partition(b"?>")[2].strip()
    )
    try:
        feed = parse_feed(b"<?xml version='1.0'?>" + body)
    except FeedError:
        return
    assert "root:" not in feed.items[0].title
    assert len(feed.items[0].title) < 10_000


def test_caps() -> None:
    """No more items and characters are taken than the caps allow."""
    feed = parse_feed(rss(*["<title>t</title>"] * (MAX_ITEMS + 5)))
    assert len(feed.items) == MAX_ITEMS
    assert str(MAX_ITEMS + 5) in (feed.problem or "")
    assert len(one(f"<title>{'t' * 5000}</title><description>{'x ' * MAX_TEXT}</description>").text) == MAX_TEXT


def test_deep_nesting_is_an_error_and_no_crash() -> None:
    """Elements nested twenty thousand deep are this feed's error, or read, but kill nobody."""
    body = rss("<title>t</title>").replace(b"<ttl>", b"<a>" * 20_000 + b"<ttl>")
    try:
        feed = parse_feed(body)
    except FeedError:
        return
    assert len(feed.items) <= 1


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_it_ends_on_anything(data: st.DataObject) -> None:
    """A feed with any bytes in any place gives a feed or a FeedError, never another error."""
    xml = bytearray(rss("<title>Two &amp; three</title><guid>1</guid>", "<description><![CDATA[<p>a]]></description>"))
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(xml)))
        stop = min(len(xml), start + data.draw(st.integers(0, 40)))
        xml[start:stop] = data.draw(st.binary(max_size=12) | st.sampled_from([b"<", b"]]>", b"&", b"<item>", b"\x00"]))
    content_type = data.draw(st.sampled_from([None, "text/xml; charset=utf-16"]))
    with contextlib.suppress(FeedError):
        parse_feed(bytes(xml), url="http://a.example/", content_type=content_type)


@pytest.mark.parametrize("stray", [b"</category>", b"<media:content/></media:category>"])
def test_what_feedparser_breaks_on_costs_only_that(stray: bytes) -> None:
    """An element over which feedparser itself breaks does not take the items with it."""
    body = rss("<title>Two</title><link>http://l.example/1</link>", "<title>Three</title>")
    body = body.replace(b"<ttl>", stray + b"<ttl>")
    assert [item.title for item in parse_feed(body).items] == ["Two", "Three"]
