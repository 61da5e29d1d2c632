"""The read model on SQLite and on a real PostgreSQL: the same tests on both."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy.exc import DBAPIError

from monitor.archive import Archive, Reader
from monitor.archive.database import ArchiveVersionError
from monitor.archive.erase import erase
from monitor.archive.prune import prune
from monitor.archive.queries import AlertQuery, ClaimQuery, SearchQuery, StoryQuery
from monitor.archive.views import Standing
from monitor.errors import InputError
from schemas import (
    AlertState,
    FeedbackAction,
    FeedbackVerdict,
    FeedChange,
    FeedHealth,
    Message,
    NotificationState,
    PollTick,
    PublisherKind,
    Severity,
)
from tests.support.archive_samples import (
    SEEN,
    act,
    after,
    alert,
    article,
    assignment,
    claim,
    evidence,
    feed_event,
    letter,
    notification,
    one_of_each,
    tagged,
)  # fmt: skip
from tests.support.archives import DATABASES, dump, empty_archive, put, run_sql
from tests.support.postgres import server


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL of this module."""
    yield from server()


@pytest.fixture(params=DATABASES)
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    """An empty archive, in each of the databases."""
    archive = empty_archive(request.param, tmp_path, lambda: request.getfixturevalue("postgres"))
    yield archive
    archive.close()


@pytest.fixture
def reader(archive: Archive) -> Iterator[Reader]:
    """A reader of it."""
    reader = Reader(archive)
    yield reader
    reader.close()


# -- writing


def test_what_is_written_does_not_depend_on_order_batches_or_repeats(archive: Archive) -> None:
    """The same messages, shuffled, some twice, in batches of any size, leave the same rows."""
    messages = [*one_of_each(), *_revised()]
    seen = []
    for seed in range(4):
        shuffle = random.Random(seed)
        order = messages + shuffle.sample(messages, 6)
        shuffle.shuffle(order)
        fresh = Archive.anew(archive.url)
        while order:
            size = shuffle.randint(1, 5)
            put(fresh, *order[:size])
            del order[:size]
        seen.append(dump(fresh))
        fresh.close()
    assert seen[0]["articles"]
    for rows in seen[1:]:
        assert rows == seen[0]


def _revised() -> list[Message]:
    """Return later revisions, a second article of the story and one of another, what people did, what was sent."""
    later = {"revision": 2, "first_seen_at": after(seconds=0.5), "title": "Two", "text": "Opened"}
    return [
        article(**later), assignment(**later), tagged("strikes", "trade", **later), alert(2, minutes=9),
        assignment(article_id="a2", copy_of="a1"), tagged("ports", article_id="a2", copy_of="a1"),
        tagged(article_id="a3", story_id="s2", lineage_id="l3", publisher="Post"),
        claim(topic="strikes"), claim(claim_id="c2", article_id="a2", revision=2),
        act(FeedbackAction.ACK, 3, undo=True), act(FeedbackAction.NOTE, 2, text="see the wire"),
        notification(NotificationState.SENDING), feed_event(2, change=FeedChange.FAILS, health=FeedHealth.FAILING),
    ]  # fmt: skip


def test_a_batch_that_fails_leaves_nothing(archive: Archive) -> None:
    """A message that the database refuses takes the whole batch back, so that it can be written again."""
    with pytest.raises((DBAPIError, TypeError)):
        put(archive, article(), article(article_id="a2").model_copy(update={"feed_id": object()}))
    assert not any(archive.sizes()[name] for name in ("articles", "texts", "stories"))


def test_several_threads_write_at_once(archive: Archive) -> None:
    """Writers take turns: nothing is lost, the counts are right."""
    failed: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for one in range(5):
                put(archive, tagged("ports", article_id=f"a{number}-{one}"))
        except BaseException as error:  # told to the main thread
            failed.append(error)

    threads = [Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    reader = Reader(archive)
    assert reader.counts().articles == 20
    assert reader.topics(SEEN, SEEN)[0].hours == (20,)
    (story,) = reader.stories().rows
    assert story.articles == 20
    reader.close()


def test_what_is_not_kept_is_passed_over(archive: Archive) -> None:
    """A tick is no row; the rest of the batch is."""
    assert put(archive, PollTick(partition=0, sent_at=SEEN), article()) == 1
    assert archive.sizes()["articles"] == 1


def test_nul_characters_are_left_out(archive: Archive, reader: Reader) -> None:
    """PostgreSQL takes no NUL: the text is kept without it, and the claim's quote reads as it was."""
    put(archive, article(title="a\x00b", text="x\x00y"), claim(quote="q\x00r", speaker="s\x00"))
    found = reader.article("a1")
    assert found is not None
    assert (found.article.title, found.text) == ("ab", "xy")
    assert found.claims[0].claim.quote == "q\x00r"


# -- alerts


def test_alerts_come_by_pages_the_last_updated_first(archive: Archive, reader: Reader) -> None:
    """Page after page gives each alert once, in order, also where many were updated at the same moment."""
    put(archive, *(alert(alert_id=f"x{number:02}", minutes=number // 5) for number in range(23)))
    found: list[str] = []
    cursor, pages = None, 0
    while pages == 0 or cursor is not None:
        page = reader.alerts(cursor=cursor, limit=4)
        found += [row.alert.alert_id for row in page.rows]
        cursor, pages = page.next_cursor, pages + 1
    assert found == sorted(found, reverse=True)
    assert (len(found), pages) == (23, 6)


def test_alerts_are_filtered_by_each_field(archive: Archive, reader: Reader) -> None:
    """Each filter lets through what it names and nothing else."""
    odd = evidence(claim_id="c9", language="ru", publisher_kind=PublisherKind.STATE_MEDIA)
    sides = tuple(side.model_copy(update={"claims": (odd,)}) for side in alert().sides)
    put(
        archive,
        alert(),
        alert(alert_id="y", minutes=60, kind="figure", severity="high", state="corrected", topics=("fish",),
              story_ids=("s7",), sides=sides),
        act(FeedbackAction.ACK), act(FeedbackAction.SNOOZE, until=after(hours=5)),
    )  # fmt: skip
    now = after(hours=1)
    wanted = {
        "y": [
            AlertQuery(topic="fish"), AlertQuery(kind=alert(kind="figure").kind),
            AlertQuery(severity=frozenset({Severity.HIGH, Severity.MEDIUM})),
            AlertQuery(state=frozenset({AlertState.CORRECTED})), AlertQuery(since=after(minutes=60)),
            AlertQuery(acked=False), AlertQuery(snoozed=False, now=now), AlertQuery(language="ru"),
            AlertQuery(publisher_kind=PublisherKind.STATE_MEDIA), AlertQuery(story_id="s7"),
        ],
        "x1": [
            AlertQuery(topic="ports"), AlertQuery(until=after(minutes=60)), AlertQuery(acked=True),
            AlertQuery(snoozed=True, now=now), AlertQuery(language="und"), AlertQuery(story_id="s1"),
        ],
    }  # fmt: skip
    for alert_id, queries in wanted.items():
        for query in queries:
            assert [row.alert.alert_id for row in reader.alerts(query).rows] == [alert_id], query
    assert not reader.alerts(AlertQuery(snoozed=True, now=after(hours=6))).rows
    assert len(reader.alerts(AlertQuery()).rows) == 2


def test_an_alert_has_its_history_acts_and_quotes_in_context(archive: Archive, reader: Reader) -> None:
    """One call gives all that a page about an alert shows."""
    text = "First part.\n\nThe harbour was Shut today, they said.\n\nLast part."
    put(archive, tagged("ports", text=text), alert(), alert(2, minutes=30, state="corrected"))
    put(archive, act(FeedbackAction.NOTE, text="called them"), act(FeedbackAction.VERDICT, 2, verdict="wrong"))
    put(archive, notification())
    found = reader.alert("x1")
    assert found is not None
    assert [(row.revision, row.state, row.outlets) for row in found.revisions] == [
        (1, AlertState.CONTESTED, (1, 1)), (2, AlertState.CORRECTED, (2, 2)),
    ]  # fmt: skip
    assert found.standing == Standing(
        verdict=FeedbackVerdict.WRONG, verdict_by="ann", verdict_at=after(minutes=2), notes=1
    )
    assert [sent.channel for sent in found.notifications] == ["desk"]
    context = found.contexts["c1"]
    assert context.text == "The harbour was Shut today, they said."
    assert context.text[context.start : context.end] == "Shut"
    assert context.whole
    assert [act.action for act in found.acts] == [FeedbackAction.NOTE, FeedbackAction.VERDICT]
    assert [story.story_id for story in found.stories] == ["s1"]
    assert reader.alert("nowhere") is None


def test_coverage_counts_the_articles_of_both_stories_by_the_hour(archive: Archive, reader: Reader) -> None:
    """The last of the 24 hours is that of the alert's update; older articles do not count."""
    seen = [after(hours=-30), after(hours=-2), after(hours=-2, minutes=5), SEEN]
    put(archive, *(assignment(article_id=f"a{n}", first_seen_at=at) for n, at in enumerate(seen)))
    put(archive, assignment(article_id="b", story_id="s2"), alert(story_ids=("s1", "s2")))
    (row,) = reader.alerts().rows
    assert row.coverage == (0,) * 21 + (2, 0, 2)


# -- stories, articles, claims


def test_a_story_adds_up_its_articles(archive: Archive, reader: Reader) -> None:
    """Articles, origins and outlets are counted; an article that moves to another story is counted there."""
    put(
        archive,
        tagged("ports", publisher="Post"),
        assignment(article_id="a2", publisher="Gazette", lineage_id="l1", copy_of="a1", first_seen_at=after(hours=3)),
        assignment(article_id="a3", publisher="Post", lineage_id="l3", first_seen_at=after(hours=1)),
        claim(actors=("navy",), places=("odesa",), speaker_party="ukraine"),
        alert(),
    )
    found = reader.story("s1")
    assert found is not None
    row = found.story
    assert (row.articles, row.origins, row.outlets, row.alerts) == (3, 2, 2, 1)
    assert (row.first_seen_at, row.last_seen_at, row.topics) == (SEEN, after(hours=3), ("ports",))
    assert [[a.article_id for a in lineage.articles] for lineage in found.lineages] == [["a1", "a2"], ["a3"]]
    assert [(hour.hour, hour.articles) for hour in found.coverage] == [
        (SEEN, 1), (after(hours=1), 1), (after(hours=3), 1),
    ]  # fmt: skip
    assert {name.name for name in found.parties} == {"navy", "ukraine"}
    assert [(place.name, place.claims) for place in found.places] == [("odesa", 1)]
    put(archive, assignment(article_id="a3", story_id="s2", revision=2, lineage_id="l3"))
    assert {row.story_id: row.articles for row in reader.stories().rows} == {"s1": 2, "s2": 1}
    assert reader.counts().stories == 2


def test_stories_come_by_pages_and_filters(archive: Archive, reader: Reader) -> None:
    """By topic, language and size, the last seen first, each once."""
    for number in range(9):
        slugs = ("ports",) if number % 2 else ("fish",)
        put(archive, tagged(*slugs, article_id=f"a{number}", story_id=f"s{number}", first_seen_at=after(hours=number),
                            language="ru" if number > 5 else "en"))  # fmt: skip
    put(archive, assignment(article_id="b", story_id="s3", first_seen_at=after(hours=3)))
    first = reader.stories(limit=5)
    second = reader.stories(cursor=first.next_cursor, limit=5)
    assert [row.story_id for row in (*first.rows, *second.rows)] == [f"s{number}" for number in range(8, -1, -1)]
    assert second.next_cursor is None
    assert [row.story_id for row in reader.stories(StoryQuery(topic="ports")).rows] == ["s7", "s5", "s3", "s1"]
    assert [row.story_id for row in reader.stories(StoryQuery(topic="ports", language="ru")).rows] == ["s7"]
    assert [row.story_id for row in reader.stories(StoryQuery(min_articles=2)).rows] == ["s3"]
    assert [row.story_id for row in reader.stories(StoryQuery(since=after(hours=7))).rows] == ["s8", "s7"]


def test_an_article_keeps_the_text_of_each_revision(archive: Archive, reader: Reader) -> None:
    """What an outlet changed can be shown: titles and texts as they were, oldest first."""
    for revision, text in ((2, "It is open."), (1, "It is shut."), (3, "It is open now.")):
        put(archive, article(revision=revision, text=text, title=f"T{revision}", first_seen_at=after(hours=revision)))
    found = reader.article("a1")
    assert found is not None
    assert [(old.revision, old.title, old.text) for old in found.revisions] == [
        (1, "T1", "It is shut."), (2, "T2", "It is open."), (3, "T3", "It is open now."),
    ]  # fmt: skip
    assert (found.article.first_seen_at, found.article.revised_at) == (after(hours=1), after(hours=3))


def test_claims_are_listed_by_topic_speaker_and_dispute(archive: Archive, reader: Reader) -> None:
    """A claim on two topics is one claim; its state is that of the alert that has it as evidence."""
    put(
        archive, article(title="Harbour"),
        claim(topics=("ports", "strikes"), speaker="The mayor", speaker_party="city"),
        claim(topic="strikes", topics=("ports", "strikes"), speaker="The mayor", speaker_party="city"),
        claim(claim_id="c2", topics=(), first_seen_at=after(hours=1), polarity="denies"), alert(state="superseded"),
    )  # fmt: skip
    assert [row.claim.claim_id for row in reader.claims(ClaimQuery(topic="ports")).rows] == ["c2", "c1"]
    assert [row.claim.claim_id for row in reader.claims(ClaimQuery(topic="strikes")).rows] == ["c1"]
    (disputed,) = reader.claims(ClaimQuery(disputed=True)).rows
    assert (disputed.claim.claim_id, disputed.title, disputed.state) == ("c1", "Harbour", AlertState.SUPERSEDED)
    assert disputed.alert_ids == ("x1",)
    assert disputed.claim.topics == ("ports", "strikes")
    for query in (ClaimQuery(speaker="The mayor"), ClaimQuery(party="city"), ClaimQuery(until=after(minutes=1))):
        assert [row.claim.claim_id for row in reader.claims(query).rows] == ["c1"]
    assert [row.claim.claim_id for row in reader.claims(ClaimQuery(disputed=False)).rows] == ["c2"]


# -- topics, feeds, figures


def test_a_topic_is_counted_by_the_hour_against_its_habit(archive: Archive, reader: Reader) -> None:
    """The habit is the median of the same hour on the fourteen days before; a retagged article moves."""
    for day in range(1, 15):
        for number in range(2 if day % 2 else 4):
            put(archive, tagged("ports", article_id=f"d{day}-{number}", story_id=f"d{day}",
                                first_seen_at=after(days=-day)))  # fmt: skip
    put(archive, *(tagged("ports", article_id=f"n{number}", story_id="new") for number in range(5)), alert())
    (row,) = reader.topics(after(hours=-1), after(minutes=30))
    assert (row.hours, row.habit) == ((0, 5), (0.0, 3.0))
    assert (row.articles, row.rising, row.alerts) == (5, 1, 1)
    detail = reader.topic("ports", after(hours=-1), after(minutes=30))
    assert detail is not None
    assert [story.story_id for story in detail.rising] == ["new"]
    put(archive, tagged("fish", article_id="n1", story_id="new", revision=2))
    counts = {row.slug: row.hours for row in reader.topics(SEEN, after(minutes=30))}
    assert counts == {"ports": (4,), "fish": (1,)}
    assert reader.topic("nothing", SEEN, SEEN) is None


def test_feeds_show_their_last_event_and_their_changes(archive: Archive, reader: Reader) -> None:
    """An older event that comes late changes nothing; plain polls are no changes."""
    failing = {"change": FeedChange.FAILS, "health": FeedHealth.FAILING, "reason": "it answers 503"}
    put(archive, feed_event(3, **failing), article(), article(article_id="old", first_seen_at=after(days=-3)))
    put(archive, feed_event(1), feed_event(2, change=FeedChange.POLLED))
    (row,) = reader.feeds()
    assert (row.event.health, row.articles) == (FeedHealth.FAILING, 1)
    found = reader.feed("f1")
    assert found is not None
    assert [(turn.change, turn.reason) for turn in found.turns] == [
        (FeedChange.FAILS, "it answers 503"), (FeedChange.ANSWERS, None),
    ]  # fmt: skip
    assert [article.article_id for article in found.articles] == ["a1", "old"]


def test_dead_letters_come_by_pages(archive: Archive, reader: Reader) -> None:
    """The last refused first, with the size of the value and its first bytes."""
    put(archive, *(letter(number) for number in range(3)))
    page = reader.dead_letters(limit=2)
    rest = reader.dead_letters(page.next_cursor, 2)
    assert [row.dead_letter_id for row in (*page.rows, *rest.rows)] == ["d2", "d1", "d0"]
    assert (page.rows[0].value_size, page.rows[0].value_head) == (10_000, b"\xff\x00" * 256)


def test_fatigue_says_how_much_a_channel_was_told(archive: Archive, reader: Reader) -> None:
    """Messages a day by channel and topic, with the shares of the alerts acknowledged and found wrong."""
    put(archive, alert(), alert(alert_id="x2"), act(FeedbackAction.ACK), act(FeedbackAction.VERDICT, verdict="wrong"))
    put(archive, notification(), notification(notification_id="n2", alert_id="x2"),
        notification(NotificationState.FAILED, notification_id="n3", alert_id="x2"),
        notification(notification_id="n4", at=after(days=-9)))  # fmt: skip
    (row,) = reader.fatigue(2, after(hours=1))
    assert (row.channel, row.topic, row.messages, row.messages_a_day, row.acked, row.wrong) == (
        "desk", "ports", 2, 1.0, 0.5, 0.5,
    )  # fmt: skip


# -- search

TEXT = "The Café near the harbour was shut on Monday — said the U.S.-led navy. Страны молчат."


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ("harbour", ["harbour"]), ("SHUT harbour", ["harbour", "shut"]), ("cafe", ["Café"]), ("CAFÉ", ["Café"]),
        ('"led navy"', ["led navy"]), ("harb*", ["harbour"]), ("страны", ["Страны"]), ("u.s", ["U.S"]),
        ('"shut on monday said"', ["shut on Monday — said"]),
    ],
)  # fmt: skip
def test_a_search_finds_words_phrases_and_beginnings(
    archive: Archive, reader: Reader, search: str, words: list[str]
) -> None:
    """Whatever the case and the accents; the words found are marked in the snippet."""
    put(archive, article(text=TEXT), article(article_id="a2", text="Nothing of it."))
    (hit,) = reader.search(search).rows
    assert hit.article_id == "a1"
    assert [hit.snippet[start:end] for start, end in hit.marks] == words


@pytest.mark.parametrize(
    "search",
    ["", "  ", "()", '"', "AND", "harbour AND (", "* NEAR/3 ^title:x", "a' OR 1=1 --", "title : x", "нет", "har"],
)  # fmt: skip
def test_a_search_can_be_whatever_a_person_types(archive: Archive, reader: Reader, search: str) -> None:
    """No sign is an operator or an error: such a search finds nothing here."""
    put(archive, article(text=TEXT))
    assert reader.search(search) == reader.search("nosuchword")


def test_a_search_is_filtered_and_paged(archive: Archive, reader: Reader) -> None:
    """By topic, publisher, language and time, the newest first; claims are searched by quote and speaker."""
    for number in range(7):
        put(archive, tagged("ports" if number % 2 else "fish", article_id=f"a{number}", text="Ships.",
                            publisher=f"P{number % 3}", first_seen_at=after(hours=number),
                            language="ru" if number == 5 else "en"))  # fmt: skip
    first = reader.search("ships", limit=4)
    second = reader.search("ships", cursor=first.next_cursor, limit=4)
    assert [hit.id for hit in (*first.rows, *second.rows)] == [f"a{number}" for number in range(6, -1, -1)]

    def ids(query: SearchQuery, text: str = "ships") -> list[str]:
        return [hit.id for hit in reader.search(text, query).rows]

    assert ids(SearchQuery(topic="ports")) == ["a5", "a3", "a1"]
    assert ids(SearchQuery(topic="ports", language="ru")) == ["a5"]
    assert ids(SearchQuery(publisher="P0")) == ["a6", "a3", "a0"]
    assert ids(SearchQuery(since=after(hours=2), until=after(hours=4))) == ["a3", "a2"]
    assert ids(SearchQuery(topic="ports"), "") == ["a5", "a3", "a1"]
    put(archive, claim(speaker="Captain Orlov", quote="No ships left."), claim(claim_id="c2", quote="Nothing."))
    assert ids(SearchQuery(kind="claim")) == ["c1"]
    assert ids(SearchQuery(kind="claim", topic="ports"), "orlov ships") == ["c1"]
    assert ids(SearchQuery(kind="claim", topic="fish"), "orlov") == []


def test_a_revised_article_is_found_by_its_new_words_alone(archive: Archive, reader: Reader) -> None:
    """The search follows the newest revision, its topics and its language."""
    put(archive, tagged("ports", text="It was shut."))
    put(archive, tagged("fish", text="It was opened.", revision=2, language="ru"))
    assert not reader.search("shut").rows
    assert [hit.id for hit in reader.search("opened", SearchQuery(topic="fish", language="ru")).rows] == ["a1"]
    assert not reader.search("opened", SearchQuery(topic="ports")).rows


@pytest.mark.parametrize("cursor", ["x", "W10", "ą", "WyJhIl0"])
def test_a_cursor_of_another_list_is_refused(archive: Archive, reader: Reader, cursor: str) -> None:
    """What is no cursor is an error of the caller's, not of the database."""
    put(archive, *one_of_each())
    for read in (reader.alerts, reader.stories, reader.claims):
        with pytest.raises(InputError, match="cursor"):
            read(cursor=cursor)  # type: ignore[operator]


# -- forgetting, versions


def test_old_texts_are_forgotten_but_for_their_quotes(archive: Archive, reader: Reader) -> None:
    """The text goes from the page, the revisions and the search; quotes, titles and counts stay."""
    old = after(days=-40)
    text = "A long report. Shut down. The end."
    put(archive, tagged("ports", text="First version.", first_seen_at=old), claim(quote="Shut down."))
    put(
        archive,
        tagged("ports", text=text, first_seen_at=old, revision=2),
        article(article_id="new", text="Fresh report."),
    )
    pruned = prune(archive, 30, SEEN)
    assert (pruned.texts, pruned.revisions) == (1, 1)
    put(archive, tagged("ports", text=text, first_seen_at=old, revision=2))  # Kafka may bring it once more
    found = reader.article("a1")
    assert found is not None
    assert (found.text, found.whole, found.article.title) == ("Shut down.", False, "One")
    assert [old.text for old in found.revisions] == ["", ""]
    assert [hit.id for hit in reader.search("report").rows] == ["new"]
    assert [hit.id for hit in reader.search("shut").rows] == ["a1"]
    assert prune(archive, 30, SEEN).texts == 0


def test_an_erased_publisher_leaves_nothing_and_does_not_come_back(archive: Archive, reader: Reader) -> None:
    """Its articles, claims, feeds and the alerts that quote it go; counts, stories and topics are right without it."""
    quoted = tuple(side.model_copy(update={"claims": (evidence(source="Gazétte"),)}) for side in alert().sides)
    theirs = [
        tagged("ports", publisher="Gazétte", text="Ships."), claim(publisher="Gazétte"), alert(sides=quoted),
        act(FeedbackAction.ACK), notification(), feed_event(publisher="GAZETTE"),
    ]  # fmt: skip
    put(archive, *theirs, tagged("ports", article_id="a2", publisher="Post", text="Ships."), alert(alert_id="x2"))
    done = erase(archive, "publisher", "gazette")
    assert done.tombstones == {"alerts": ("x1",), "feed-events": ("f1",)}
    assert (done.rows["articles"], done.rows["claims"], done.rows["alerts"], done.rows["feeds"]) == (1, 1, 1, 1)
    for _ in range(2):
        counts = reader.counts()
        assert (counts.articles, counts.claims, counts.alerts, counts.feeds, counts.stories) == (1, 0, 1, 0, 1)
        assert reader.topics(SEEN, SEEN)[0].hours == (1,)
        assert [hit.id for hit in reader.search("ships").rows] == ["a2"]
        assert not reader.search("shut", SearchQuery(kind="claim")).rows
        sizes = archive.sizes()
        assert not sizes["notifications"]
        put(archive, *(message for message in theirs if not isinstance(message, type(notification()))))


def test_an_erased_person_is_named_nowhere(archive: Archive, reader: Reader) -> None:
    """Neither in claims and alerts nor in texts, titles and earlier revisions; what does not name them stays."""
    put(
        archive,
        article(title="Ann Lee wins", text="A vote."), article(title="The vote", text="Said Ann Lee.", revision=2),
        article(article_id="a2", title="Ann Lee speaks", text="It rained."),
        article(article_id="a3", title="Rain", text="Joann Lee spoke."),
        claim(speaker="Ann  LEE"), claim(claim_id="c2", article_id="a3", quote="Nothing of her."),
        alert(summary="On Ann Lee"), alert(alert_id="x2"),
    )  # fmt: skip
    done = erase(archive, "person", "ann lee")
    assert done.tombstones == {"alerts": ("x1",)}
    rows = str(dump(archive) | {"erasures": []}).casefold()
    assert "ann lee" not in rows.replace("joann lee", "")
    assert "ann  lee" not in rows
    assert [hit.id for hit in reader.search("lee").rows] == ["a3"]
    assert [row.claim.claim_id for row in reader.claims().rows] == ["c2"]
    assert [row.alert.alert_id for row in reader.alerts().rows] == ["x2"]
    found = reader.article("a1")
    assert found is not None
    assert [(old.title, old.text) for old in found.revisions] == [("[erased]", ""), ("The vote", "")]


def test_a_database_of_another_version_is_refused_and_can_be_built_anew(archive: Archive) -> None:
    """The error names the command that helps; what was there is left alone until then."""
    put(archive, article())
    run_sql(archive.url, "UPDATE meta SET value = '1' WHERE name = 'version'")
    with pytest.raises(ArchiveVersionError, match="archive rebuild"):
        Archive(archive.url)
    with pytest.raises(ArchiveVersionError):
        Reader(archive.url)
    assert archive.sizes()["articles"] == 1
    fresh = Archive.anew(archive.url)
    assert fresh.sizes()["articles"] == 0
    fresh.close()


def test_it_opens_again_as_it_was(archive: Archive) -> None:
    """Closing and opening changes nothing."""
    put(archive, *one_of_each())
    before = dump(archive)
    again = Archive(archive.url)
    assert dump(again) == before
    again.close()
