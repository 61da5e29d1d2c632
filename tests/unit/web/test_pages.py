"""Every page against a read model that the pipeline's own functions filled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from monitor.archive import Archive
from monitor.archive.reader import Reader
from monitor.settings import Settings
from monitor.web.app import create_app
from schemas import Alert, AlertKind, CommandAction, FeedbackAction, FeedbackVerdict, topics
from tests.support import desk

HOST = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Room:
    """A browser without script before a filled desk, and what stands behind it."""

    client: TestClient
    archive: Archive
    publisher: desk.DirectPublisher
    alerts: dict[str, Alert]

    def text(self, path: str, status: int = 200) -> str:
        """Return a page."""
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text[:500]
        return answer.text

    def post(self, path: str, **fields: str) -> str:
        """Post a form as a page of the desk would, follow to the page that comes, and return it."""
        token = re.search(r'name="csrf" value="([^"]*)"', self.text("/topics"))
        assert token
        answer = self.client.post(path, data={"csrf": token[1], **fields}, headers={"Origin": HOST})
        assert answer.status_code == 200, answer.text[:500]
        return answer.text

    def alert_of(self, words: str) -> Alert:
        """Return the alert whose summary has the words."""
        (found,) = [alert for alert in self.alerts.values() if words in alert.summary]
        return found

    def rows(self, path: str) -> list[str]:
        """Return the ids of the alerts that a list shows, in its order."""
        return re.findall(r'data-alert="([^"]+)"', self.text(path))


def open_room(folder: Path, archive: Archive, alerts: dict[str, Alert]) -> Room:
    """Return a room over an archive."""
    live = desk.MemoryLive()
    publisher = desk.DirectPublisher(archive, live)
    app = create_app(Settings(data=folder), Reader(archive), publisher, live, clock=desk.ticking())
    return Room(TestClient(app, base_url=HOST, headers={"Accept": "text/html"}), archive, publisher, alerts)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A desk over the demo's alerts. Tests that act on it take ``room``."""
    folder = tmp_path_factory.mktemp("desk")
    archive = Archive(f"sqlite:///{folder / 'archive.db'}")
    yield open_room(folder, archive, desk.fill(archive, desk.demo(whole=False)))
    archive.close()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A desk of this test alone."""
    archive = Archive(f"sqlite:///{tmp_path / 'archive.db'}")
    yield open_room(tmp_path, archive, desk.fill(archive, desk.demo(whole=False)))
    archive.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Room]:
    """A desk over an archive that holds nothing."""
    archive = Archive(f"sqlite:///{tmp_path / 'empty.db'}")
    yield open_room(tmp_path, archive, {})
    archive.close()


def addresses(room: Room) -> list[str]:
    """Return one address of every page."""
    alert = room.alert_of("grain terminal")
    article = alert.sides[0].claims[0].article_id
    return [
        "/alerts", f"/alerts/{alert.alert_id}", "/stories", f"/stories/{alert.story_ids[0]}", f"/articles/{article}",
        "/topics", "/topics/syria", "/feeds", "/feeds/meridian", "/pipeline", "/search", "/search?q=minister",
        "/search?q=denied&kind=claim", "/help",
    ]  # fmt: skip


def test_every_page_is_there_and_has_its_landmarks(filled: Room) -> None:
    """Each page answers, has one heading of the first level, one main part, and a way past the navigation."""
    feed = next(iter(filled.client.app.state.desk.reader.feeds())).event.feed_id
    for path in addresses(filled):
        page = filled.text(path.replace("meridian", feed))
        assert len(re.findall(r"<h1[ >]", page)) == 1, path
        assert page.count("<main ") == 1, path
        assert 'href="#main">Skip to content' in page, path


def test_pages_hold_under_a_strict_policy(filled: Room) -> None:
    """No page has an inline style, an inline script or an inline handler."""
    for path in addresses(filled)[:8]:
        page = filled.text(path)
        assert not re.search(r"<[^>]+\sstyle\s*=", page), path
        assert not re.search(r"<style", page), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", page), path
        assert not re.search(r"<[^>]+\son[a-z]+\s*=", page), path
        assert "javascript:" not in page, path


def test_no_two_elements_have_one_id(filled: Room) -> None:
    """An id names one element, or labels lead astray."""
    for path in addresses(filled)[:8]:
        ids = re.findall(r'\sid="([^"]+)"', filled.text(path))
        assert len(ids) == len(set(ids)), path


def test_links_lead_somewhere(filled: Room) -> None:
    """Every link within the desk that the list, an alert, a story and a topic have is answered."""
    seen: set[str] = set()
    for path in (*addresses(filled)[:5], "/topics/syria"):
        seen |= set(
            re.findall(r'href="(/(?:alerts|stories|articles|topics|feeds|search|help)[^"]*)"', filled.text(path))
        )
    assert len(seen) > 30
    for path in sorted(seen):
        if ".atom" not in path:
            assert filled.client.get(unescape(path)).status_code == 200, path


# -- the list


def test_the_list_shows_both_sides_alike(filled: Room) -> None:
    """A row has both quotes, both speakers and both counts, in elements of the same classes."""
    alert = filled.alert_of("grain terminal")
    page = filled.text("/alerts")
    row = page[page.index(f'data-alert="{alert.alert_id}"') :].split("</li>")[0]
    assert row.count('<div class="side">') == 2
    assert row.count('class="claim one" lang="en" dir="auto"') == 2
    assert "1 origin, 7 outlets" in row
    assert "1 origin, 1 outlet" in row
    for side in alert.sides:
        assert side.claims[0].quote.split(",")[0] in unescape(row)


def test_the_last_changed_comes_first(filled: Room) -> None:
    """The order is that of the last change."""
    rows = [filled.alerts[row].updated_at for row in filled.rows("/alerts?show=all")]
    assert rows == sorted(rows, reverse=True)
    assert len(rows) == len(filled.alerts)


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("kind=figure", lambda alert: alert.kind is AlertKind.FIGURE),
        ("severity=high,medium", lambda alert: alert.severity.value in ("high", "medium")),
        ("severity=high&severity=medium", lambda alert: alert.severity.value in ("high", "medium")),
        ("state=retracted", lambda alert: alert.state.value == "retracted"),
        ("topic=yemen", lambda alert: "yemen" in alert.topics),
        ("topic=yemen&kind=figure", lambda alert: "yemen" in alert.topics and alert.kind is AlertKind.FIGURE),
        ("publisher=state_media", lambda alert: any(
            claim.publisher_kind.value == "state_media" for side in alert.sides for claim in side.claims)),
        ("language=fr", lambda alert: any(claim.language == "fr" for side in alert.sides for claim in side.claims)),
        ("since=1h", lambda alert: (desk.NOW - alert.updated_at).total_seconds() <= 3600),
    ],
)  # fmt: skip
def test_filters_leave_what_fits(filled: Room, query: str, fits: object) -> None:
    """What the address asks for is shown, all of it and nothing else, and the form shows the choice."""
    assert callable(fits)
    expected = {alert.alert_id for alert in filled.alerts.values() if fits(alert)}
    assert set(filled.rows(f"/alerts?show=all&{query}")) == expected
    name, value = query.split("&")[0].split("=")
    if "&severity" not in query:
        assert re.search(
            rf'<select name="{name}">.*?<option value="{value}" selected>', filled.text(f"/alerts?{query}"), re.S
        )


def test_snoozed_alerts_wait_out_of_sight(filled: Room) -> None:
    """A snoozed alert is left out of the list, and is where the filter asks for it."""
    snoozed = filled.rows("/alerts?show=snoozed")
    assert len(snoozed) == 1
    assert snoozed[0] not in filled.rows("/alerts")


def test_nonsense_in_the_address_is_no_filter(filled: Room) -> None:
    """A value that means nothing counts as not given; the page is there."""
    assert filled.rows("/alerts?show=all&kind=x&severity=y&since=yesterday") == filled.rows("/alerts?show=all")


def test_no_filter_fits(filled: Room) -> None:
    """An empty list says what to do."""
    assert "No alert fits these filters" in filled.text("/alerts?topic=nowhere")


def test_a_row_waits_for_the_archive(filled: Room) -> None:
    """The row of a revision that has not come is not there yet; one that the filters leave out is told apart."""
    alert = filled.alert_of("grain terminal")
    path = f"/alerts/{alert.alert_id}/row"
    assert filled.client.get(f"{path}?revision={alert.revision}").status_code == 200
    assert filled.client.get(f"{path}?revision={alert.revision + 1}").status_code == 202
    assert filled.client.get(f"{path}?act=unknown").status_code == 202
    for other in ("kind=figure", "language=fr", "publisher=satire", "topic=yemen", "show=snoozed", "since=1h"):
        assert filled.client.get(f"{path}?{other}").status_code == 204, other
    for same in (
        "kind=denial",
        "language=en",
        "publisher=state_media",
        "topic=ukraine",
        "severity=medium",
        "show=open",
    ):
        assert filled.client.get(f"{path}?{same}").status_code == 200, same
    assert filled.client.get("/alerts/none/row").status_code == 202


def test_pages_of_the_list_follow_each_other(room: Room) -> None:
    """With more alerts than a page holds, "Older" leads on through all of them, each once."""
    alert = room.alert_of("grain terminal")
    more = [alert.model_copy(update={"alert_id": f"a{number:04}"}) for number in range(70)]
    room.archive.write([(topics.ALERTS, each) for each in more])
    seen: list[str] = []
    path = "/alerts?show=all"
    while path:
        seen += room.rows(path)
        found = re.search(r'<a href="([^"]+)" rel="next">Older', room.text(path))
        path = f"/alerts{unescape(found[1])}" if found else ""
    assert len(seen) == len(set(seen)) == len(room.alerts) + 70


# -- unread


def test_unread_marks_need_no_script(room: Room) -> None:
    """What was opened loses its mark, comes back as changed with a new revision, and can be put off for all at once."""
    alert = room.alert_of("grain terminal")

    def mark() -> str:
        row = room.client.get(f"/alerts/{alert.alert_id}/row").text
        found = re.search(r'class="unread">(\w+)<', row)
        return found[1] if found else ""

    assert mark() == "new"
    room.text(f"/alerts/{alert.alert_id}")
    assert mark() == ""
    room.archive.write([(topics.ALERTS, alert.model_copy(update={"revision": alert.revision + 1}))])
    assert mark() == "changed"
    room.post("/alerts/read", back="/alerts?kind=denial")
    assert mark() == ""
    assert 'class="unread"' not in room.text("/alerts?show=all")


# -- one alert


def test_evidence_is_marked_inside_its_paragraph(filled: Room) -> None:
    """The quote is marked, and what stands around it in the paragraph is there too."""
    alert = filled.alert_of("grain terminal")
    page = unescape(filled.text(f"/alerts/{alert.alert_id}"))
    for side in alert.sides:
        assert f"<mark>{side.claims[0].quote}</mark>" in page
    assert "directed at a fuel depot some forty kilometres away" in page


def test_an_alert_says_who_where_and_why(filled: Room) -> None:
    """Speaker, outlet and its kind, slots, lineage, gates and history are on the page."""
    alert = filled.alert_of("grain terminal")
    page = unescape(filled.text(f"/alerts/{alert.alert_id}"))
    for words in (
        "the regional governor",
        "Meridian Wire (wire)",
        "Vostok International (state media)",
        "Did what",
        "one text, 7 outlets",
        "gate-pass",
        "Revision 1: contested",
        "State media are among the sources",
    ):
        assert words in page, words


def test_links_out_are_guarded(filled: Room) -> None:
    """Links to the original open without a referrer or a handle on our window."""
    alert = filled.alert_of("grain terminal")
    out = re.findall(r"<a [^>]*href=\"https://[^>]*>", filled.text(f"/alerts/{alert.alert_id}"))
    assert out
    assert all('rel="noopener noreferrer"' in link for link in out)


def test_the_summary_calls_nothing_false(filled: Room) -> None:
    """No alert's page says that somebody is right or that something is false."""
    for alert_id in filled.alerts:
        page = filled.text(f"/alerts/{alert_id}")
        head = page[page.index("<h1>") : page.index("</h1>")].lower()
        assert not re.search(r"\b(false|lie[sd]?|fake|debunked|untrue)\b", head)


def test_a_reply_is_shown_with_the_alert(filled: Room) -> None:
    """What a named party answered stands on the page, with who attached it."""
    acted = [alert_id for alert_id in filled.alerts if "We stand by it." in filled.text(f"/alerts/{alert_id}")]
    assert len(acted) == 1
    page = filled.text(f"/alerts/{acted[0]}")
    assert "Ministry of Defence" in page
    assert "Called the ministry." in page


def test_what_is_not_there_says_so(filled: Room) -> None:
    """An unknown id is a page that says what to do."""
    for path in ("/alerts/none", "/stories/none", "/articles/none", "/topics/none", "/feeds/none"):
        assert "Go to the alerts" in filled.text(path, 404)


# -- acting


def test_acts_go_out_and_come_back(room: Room) -> None:
    """Acknowledging, judging, snoozing and noting each send one act, and the page that follows shows it."""
    alert = room.alert_of("grain terminal")
    path = f"/alerts/{alert.alert_id}/feedback"
    assert "Take back acknowledgement" in room.post(path, action="ack", revision="1")
    assert 'id="verdict-right" aria-pressed="true"' in room.post(path, action="verdict", verdict="right", revision="1")
    assert "Snoozed until" in room.post(path, action="snooze", hours="8", revision="1")
    assert "Rang &lt;b&gt;them&lt;/b&gt;" in room.post(path, action="note", text="Rang <b>them</b>", revision="1")
    assert "Acknowledge<" in room.post(path, action="ack", undo="1", revision="1")
    acts = room.publisher.acts
    assert [act.action for act in acts] == [
        FeedbackAction.ACK, FeedbackAction.VERDICT, FeedbackAction.SNOOZE, FeedbackAction.NOTE, FeedbackAction.ACK,
    ]  # fmt: skip
    assert acts[1].verdict is FeedbackVerdict.RIGHT
    assert acts[2].until is not None
    assert (acts[2].until - acts[2].at).total_seconds() == 8 * 3600
    assert acts[4].undo
    assert all(act.actor for act in acts)


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "applaud"},
        {"action": "snooze", "hours": "nan"},
        {"action": "snooze", "hours": "-1"},
        {"action": "verdict"},
        {"action": "verdict", "verdict": "perhaps"},
        {"action": "note", "text": "  "},
        {"action": "reply", "text": "No."},
        {"action": "ack", "revision": "0"},
        {"action": "note", "text": "x" * 10_001},
    ],
)
def test_an_act_that_makes_no_sense_is_refused(filled: Room, fields: dict[str, str]) -> None:
    """A form that was tampered with is answered with what is wrong, and nothing goes out."""
    token = re.search(r'name="csrf" value="([^"]*)"', filled.text("/topics"))
    assert token
    path = f"/alerts/{next(iter(filled.alerts))}/feedback"
    answer = filled.client.post(path, data={"csrf": token[1], **fields}, headers={"Origin": HOST})
    assert answer.status_code == 422
    assert "That cannot be done" in answer.text
    assert filled.publisher.acts == []


def test_orders_go_to_the_host_of_the_feed(room: Room) -> None:
    """Pausing, resuming and polling a feed send the order to the partition of the feed's host."""
    feed = next(iter(room.client.app.state.desk.reader.feeds())).event.feed_id
    for action in ("pause", "resume", "poll_now"):
        room.post(f"/feeds/{feed}/command", action=action)
    assert [(order.action, order.feed_id, host) for order, host in room.publisher.commands] == [
        (action, feed, "news.example") for action in (CommandAction.PAUSE, CommandAction.RESUME, CommandAction.POLL_NOW)
    ]


# -- the other pages


def test_a_story_groups_copies_under_their_text(filled: Room) -> None:
    """The agency's report and its six reprints are one lineage."""
    alert = filled.alert_of("grain terminal")
    page = filled.text(f"/stories/{alert.story_ids[0]}")
    assert "6 copies" in page
    assert "and 6 others" in page
    assert "<title>" in page
    assert "Izmail" in page


def test_a_revision_is_a_word_diff(filled: Room) -> None:
    """What an edit took out and put in is marked, in the text and in the title."""
    alert = next(alert for alert in filled.alerts.values() if alert.kind is AlertKind.CORRECTION)
    page = filled.text(f"/articles/{alert.sides[0].claims[0].article_id}")
    assert re.search(r"<del>28\s*</del><ins>18\s*</ins>", page)
    assert "What revision 2 changed" in page


def test_the_tester_says_what_matches_and_why(filled: Room) -> None:
    """A pasted text is about Syria by the names found in it; they are marked; a text about nothing says so."""
    page = filled.post("/topics/test", title="Rebels shell Aleppo", text="Damascus said the Syrian army held <Aleppo>.")
    assert re.search(r"<h3>About [^<]*Syria", page)
    assert "&lt;<mark>Aleppo</mark>&gt;" in page
    assert "at or above its threshold" in page
    assert "About no watched topic" in filled.post("/topics/test", title="", text="The cat sat on the mat.")


def test_feeds_say_in_plain_words_what_is_wrong(filled: Room) -> None:
    """Trouble comes first, in words; the filter leaves one kind."""
    page = filled.text("/feeds")
    assert page.index("503 Service Unavailable, 4 times in a row") < page.index("gone for good (410)")
    assert "its clock is 1 h 30 min ahead" in page
    failing = filled.text("/feeds?health=failing")
    assert failing.count('<th scope="row">') == 1


def test_the_pipeline_shows_what_was_refused(filled: Room) -> None:
    """A dead letter is there with its reason and the head of its record, escaped."""
    page = filled.text("/pipeline")
    assert "SchemaVersionError" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page


def test_search_marks_what_it_found(filled: Room) -> None:
    """Words found are marked in the snippet; a search for nothing says how to search."""
    assert re.search(r"<mark>grain</mark>", filled.text("/search?q=grain"), re.I)
    assert "Nothing found for zzzz" in filled.text("/search?q=zzzz")
    assert "Type words" in filled.text("/search")
    assert 'value="2026-03-01"' in filled.text("/search?q=grain&since=2026-03-01")


def test_an_empty_desk_says_what_to_do(empty: Room) -> None:
    """Before anything has come in, each page says how to begin."""
    for path, words in {
        "/alerts": "counterclaim demo",
        "/stories": "/feeds",
        "/topics": "/feeds",
        "/feeds": "counterclaim up",
        "/pipeline": "counterclaim up",
        "/search": "Type words",
    }.items():
        page = empty.text(path)
        assert 'class="empty"' in page, path
        assert words in page, path


def test_the_theme_is_kept_and_leads_nowhere_else(filled: Room) -> None:
    """A theme stays for the next page; the way back is a page of this desk, whatever the address says."""
    answer = filled.client.get("/theme?to=dark&back=/feeds?health=ok", follow_redirects=False)
    assert answer.headers["location"] == "/feeds?health=ok"
    assert 'data-theme="dark"' in filled.text("/feeds")
    for back in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/ evil"):
        answer = filled.client.get("/theme", params={"to": "", "back": back}, follow_redirects=False)
        assert answer.headers["location"] == "/alerts"
    assert "data-theme" not in filled.text("/feeds")
