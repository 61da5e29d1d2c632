"""What goes out to others: Atom feeds read by a feed parser, and JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as Xml

import feedparser
import pytest

from monitor.archive import Archive
from monitor.web.links import outside
from schemas import Alert, topics
from tests.support import desk
from tests.support.desk_api import HOST, Api, filled_archive, open_api

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The API of a desk without accounts."""
    folder = tmp_path_factory.mktemp("feeds-out")
    archive, alerts = filled_archive(folder)
    yield open_api(folder, archive, alerts)
    archive.close()


@pytest.fixture
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The API over an empty archive."""
    folder = tmp_path_factory.mktemp("bare")
    archive = Archive(f"sqlite:///{folder / 'archive.db'}")
    yield open_api(folder, archive, {})
    archive.close()


def parsed(api: Api, path: str = "/feeds/alerts.atom") -> Any:
    """Return a feed as a reader's library has it."""
    answer = api.client.get(path)
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo, feed.get("bozo_exception")
    assert feed.version == "atom10"
    return feed


def hostile(alert: Alert, **changes: Any) -> Alert:
    """Return an alert whose texts try to break out of the feed."""
    claim = (
        alert.sides[0]
        .claims[0]
        .model_copy(
            update={
                "quote": "<script>alert(1)</script> ]]> & \x0b \ud800",
                "url": "javascript:alert(1)",
                "source": "<b>",
            }
        )
    )
    side = alert.sides[0].model_copy(update={"claims": (claim,)})
    return alert.model_copy(update={"sides": (side, alert.sides[1]), "summary": "<b>&\x07", **changes})


def test_a_reader_sees_every_alert_once(api: Api) -> None:
    """Entries have the alerts' summaries, times, topics and pages, under ids that are tags."""
    entries = {entry.id: entry for entry in parsed(api).entries}
    assert len(entries) == len(api.alerts)
    for alert in api.alerts.values():
        entry = entries[f"tag:counterclaim.invalid,2026:alert/{alert.alert_id}"]
        assert entry.title == alert.summary
        assert entry.link == f"{HOST}/alerts/{alert.alert_id}"
        updated = datetime(*entry.updated_parsed[:6], tzinfo=UTC)
        assert updated == alert.updated_at.replace(microsecond=0)
        assert set(alert.topics) <= {tag.term for tag in entry.tags}
        assert all(
            side.claims[0].quote[:20] in entry.content[0].value
            for side in alert.sides
            if '"' not in side.claims[0].quote[:20] and "'" not in side.claims[0].quote[:20]
        )


def test_a_topic_has_a_feed_of_its_own(api: Api) -> None:
    """It has that topic's alerts and no other; a topic that was never seen has none."""
    wanted = {alert.summary for alert in api.alerts.values() if "syria" in alert.topics}
    feed = parsed(api, "/feeds/topics/syria.atom")
    assert wanted
    assert {entry.title for entry in feed.entries} == wanted
    assert feed.feed.id == "tag:counterclaim.invalid,2026:topics/syria"
    assert api.client.get("/feeds/topics/atlantis.atom").status_code == 404


def test_a_feed_has_what_the_rfc_demands(api: Api) -> None:
    """RFC 4287, 4.1: one id, title and update each; an author; one link to itself; the feed as new as its newest."""
    root = Xml.fromstring(api.client.get("/feeds/alerts.atom").content)
    assert root.tag == f"{ATOM}feed"
    for element in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(ATOM + name)) == 1
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    assert [link.get("href") for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"] == [
        f"{HOST}/feeds/alerts.atom"
    ]
    times = [element.text or "" for element in root.iter(f"{ATOM}updated")]
    assert times[0] == max(times)
    ids = [element.text for element in root.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))


def test_an_update_changes_its_entry_in_place(bare: Api) -> None:
    """A new revision keeps the entry's id and first time, and has a later update; the ETag tells that it changed."""
    first = next(iter(desk.alerts_of(desk.demo(whole=False)).values()))
    later = first.model_copy(
        update={"revision": first.revision + 1, "summary": "More.", "updated_at": first.updated_at + timedelta(hours=1)}
    )
    seen = []
    for alert in (first, later):
        bare.archive.write([(topics.ALERTS, alert)])
        (entry,) = parsed(bare).entries
        seen.append((entry.id, entry.published, entry.updated, entry.title))
    assert seen[0][:2] == seen[1][:2]
    assert seen[0][2] < seen[1][2]
    assert seen[1][3] == "More."


def test_an_empty_feed_is_valid(bare: Api) -> None:
    """Before the first alert the feed has no entry and all else."""
    feed = parsed(bare)
    assert (feed.entries, feed.feed.title) == ([], "Counterclaim: alerts")
    assert feed.feed.updated


def test_hostile_texts_stay_texts(bare: Api) -> None:
    """Script in a quote is shown, a javascript link is no link, and what XML cannot hold is replaced."""
    alert = hostile(next(iter(desk.alerts_of(desk.demo(whole=False)).values())))
    bare.client.app.state.desk.reader.alerts = lambda *_: type(  # type: ignore[attr-defined]
        "P", (), {"rows": [type("R", (), {"alert": alert})], "next_cursor": None}
    )
    raw = bare.client.get("/feeds/alerts.atom").content
    (entry,) = Xml.fromstring(raw).findall(f"{ATOM}entry")
    content = entry.findtext(f"{ATOM}content") or ""
    assert "<script" not in content
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in content
    assert "javascript:" not in content
    assert entry.findtext(f"{ATOM}title") == "<b>&\ufffd"
    for tag in content.split("<a ")[1:]:
        assert 'rel="noopener noreferrer"' in tag.partition(">")[0]


def test_a_long_feed_goes_on_at_its_next_page(bare: Api) -> None:
    """Above 100 alerts the feed links to the next page, and the pages have every alert once."""
    pattern = next(iter(desk.alerts_of(desk.demo(whole=False)).values()))
    bare.archive.write(
        [
            (topics.ALERTS, pattern.model_copy(update={"alert_id": f"a{n}", "updated_at": desk.NOW + timedelta(n)}))
            for n in range(150)
        ]
    )
    first = parsed(bare)
    (after,) = [link.href for link in first.feed.links if link.rel == "next"]
    second = parsed(bare, after.removeprefix(HOST))
    ids = [entry.id for entry in (*first.entries, *second.entries)]
    assert (len(first.entries), len(ids), len(set(ids))) == (100, 150, 150)


def test_the_short_address_leads_to_the_feed(api: Api) -> None:
    """/alerts.atom is the address that people guess."""
    answer = api.client.get("/alerts.atom")
    assert (answer.status_code, answer.headers["location"]) == (308, "/feeds/alerts.atom")


def test_json_ld_has_a_review_a_side_and_our_relation(api: Api) -> None:
    """Two ClaimReviews whose claims name each other; ratings are words, for nobody is said to be right."""
    answer = api.client.get(f"/api/v1/alerts/{api.alert.alert_id}.jsonld")
    assert answer.headers["content-type"] == "application/ld+json"
    document = answer.json()
    assert document["@context"][0] == "https://schema.org"
    reviews = document["@graph"]
    assert [review["@type"] for review in reviews] == ["ClaimReview", "ClaimReview"]
    first, second = (review["itemReviewed"] for review in reviews)
    assert (first["contradicts"], second["contradicts"]) == (second["@id"], first["@id"])
    assert first["@id"] != second["@id"]
    for review, side in zip(reviews, api.alert.sides, strict=True):
        assert review["claimReviewed"] == side.claims[0].quote
        assert review["reviewRating"] == {"@type": "Rating", "alternateName": api.alert.state.value}
        assert len(review["itemReviewed"]["appearance"]) == len(side.claims)
    ours = document["@context"][1]
    used = {name for claim in (first, second) for name in claim} & set(ours)
    assert used == set(ours)
    assert "http" not in json.dumps(ours)


@pytest.mark.parametrize(
    ("url", "leads"),
    [
        ("https://news.example/a", True), ("HTTP://news.example", True), (" https://news.example ", True),
        ("javascript:alert(1)", False), ("JaVaScRiPt:alert(1)", False), ("data:text/html,x", False),
        ("//news.example", False), ("http:///x", False), ("ftp://news.example", False), ("http://[", False),
        (None, False), ("", False),
    ],
)  # fmt: skip
def test_only_http_is_linked(url: str | None, leads: bool) -> None:
    """A link leads to http and https with a host, and nowhere else."""
    assert (outside(url) is not None) == leads
