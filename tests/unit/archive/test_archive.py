from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from monitor.archive import Archive, archive_url
from monitor.errors import ConfigError
from schemas import (
    Alert,
    AlertClaim,
    AlertSide,
    Article,
    Claim,
    DeadLetter,
    Message,
    Notification,
    NotificationState,
    PollTick,
    StoryAssignment,
    TaggedArticle,
    TopicMatch,
    topics,
)

SEEN = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
BASE: dict[str, Any] = {"article_id": "a1", "content_hash": "h", "feed_id": "f1", "first_seen_at": SEEN, "title": "One"}
STORY: dict[str, Any] = {"language": "en", "story_id": "s1", "lineage_id": "l1"}


def article(**changes: Any) -> Article:
    """Return an article."""
    return Article(**(BASE | changes))


def assignment(**changes: Any) -> StoryAssignment:
    """Return a story assignment."""
    return StoryAssignment(**(BASE | STORY | changes))


def tagged(*slugs: str, **changes: Any) -> TaggedArticle:
    """Return an article tagged with topics, best first."""
    matches = tuple(TopicMatch(slug=slug, score=1 / (number + 1)) for number, slug in enumerate(slugs))
    return TaggedArticle(**(BASE | STORY | {"topics": matches} | changes))


def claim(**changes: Any) -> Claim:
    """Return a claim on one topic."""
    fields = {
        "claim_id": "c1",
        "topic": "ports",
        "article_id": "a1",
        "first_seen_at": SEEN,
        "span": (0, 4),
        "quote": "Shut",
    }
    return Claim(**(fields | changes))


def alert(revision: int = 1, alert_id: str = "x1", minutes: int = 0) -> Alert:
    """Return an alert updated so many minutes later."""
    quote = AlertClaim(claim_id="c1", article_id="a1", quote="Shut", span=(0, 4), first_seen_at=SEEN)
    side = AlertSide(proposition_id="p", origins=1, outlets=1, claims=(quote,))
    return Alert(
        alert_id=alert_id,
        revision=revision,
        kind="denial",
        severity="low",
        score=0.5,
        scope="full",
        same_article=False,
        date_uncertain=False,
        topics=("ports",),
        story_ids=("s1",),
        summary=f"revision {revision}",
        created_at=SEEN,
        updated_at=SEEN + timedelta(minutes=minutes),
        model="m",
        sides=(side, side),
    )


def notification(state: NotificationState) -> Notification:
    """Return a notification in a state."""
    return Notification(
        notification_id="n1", alert_id="x1", channel="desk", alert_revision=1, state=state, attempts=1, at=SEEN
    )


def letter() -> DeadLetter:
    """Return a dead letter with a large value."""
    return DeadLetter(
        dead_letter_id="d1", stage="enrich", topic="articles", partition=0, offset=7, value=b"\xff\x00" * 5000,
        error="DecodeError", reason="not JSON", attempts=1, failed_at=SEEN,
    )  # fmt: skip


def one_of_each() -> list[Message]:
    """Return a message of each kind that the read model keeps."""
    sent = notification(NotificationState.SENT)
    return [article(), assignment(), tagged("ports", "strikes"), claim(), alert(), sent, letter()]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An empty archive in a file."""
    archive = Archive(archive_url(tmp_path / "new"))
    yield archive
    archive.close()


def put(archive: Archive, *messages: Message) -> int:
    """Write messages; the topic they came on does not matter."""
    return archive.write([(topics.ARTICLES, message) for message in messages])


def test_each_kind_of_message_is_kept_once(archive: Archive) -> None:
    """One message of each kind gives one row of each, however often it comes; ticks are not kept."""
    for _ in range(2):
        assert put(archive, *one_of_each(), PollTick(partition=0, sent_at=SEEN)) == 7
    sizes = archive.sizes()
    assert {
        name: sizes[name] for name in ("alerts", "articles", "claims", "dead_letters", "notifications")
    } == dict.fromkeys(("alerts", "articles", "claims", "dead_letters", "notifications"), 1)
    assert (sizes["topic_matches"], sizes["stories"], sizes["texts"]) == (2, 1, 1)


@pytest.mark.parametrize("order", list(permutations([1, 2, 3])))
def test_the_newest_revision_wins_whatever_the_order(archive: Archive, order: tuple[int, ...]) -> None:
    """Articles, topics and alerts end as their last revision says, in whatever order the revisions come."""
    slugs = {1: ("ports", "strikes"), 2: ("fish",), 3: ()}
    for revision in order:
        put(archive, article(revision=revision, title=f"title {revision}"), alert(revision))
        put(archive, tagged(*slugs[revision], revision=revision))
    found = archive.article("a1")
    assert found is not None
    assert (found["title"], found["topics"]) == ("title 3", [])
    kept = archive.alert("x1")
    assert kept == alert(3)


@pytest.mark.parametrize("order", list(permutations(NotificationState)))
def test_a_notification_ends_as_sent(archive: Archive, order: tuple[NotificationState, ...]) -> None:
    """What has been sent is never shown as being sent or failed, in whatever order the records come."""
    put(archive, *(notification(state) for state in order))
    with archive._engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT state FROM notifications").scalars().all() == ["sent"]


def test_an_article_is_read_with_story_and_topics(archive: Archive) -> None:
    """The article carries its story, its lineage and its topics, best first; before they are known it stands alone."""
    put(archive, article(text="naïve \x00 текст"))
    alone = archive.article("a1")
    assert alone is not None
    assert (alone["story_id"], alone["topics"], alone["text"]) == (None, [], "naïve  текст")
    put(archive, assignment(copy_of="a0"), tagged("strikes", "ports", copy_of="a0"))
    found = archive.article("a1")
    assert found is not None
    assert (found["story_id"], found["copy_of"], found["topics"]) == ("s1", "a0", ["strikes", "ports"])
    assert found["first_seen_at"] == SEEN
    assert archive.article("nowhere") is None
    assert archive.alert("nowhere") is None


def test_a_batch_is_all_or_nothing(archive: Archive) -> None:
    """A batch that fails in the middle leaves nothing behind, so that it can be written again."""
    broken = article(article_id="a2").model_copy(update={"feed_id": object()})
    with pytest.raises(Exception, match="type"):
        put(archive, article(), broken)
    assert archive.sizes()["articles"] == 0


def test_it_can_be_rebuilt(tmp_path: Path) -> None:
    """The same messages into a new file, in another order, give the same rows."""
    dumps = []
    for number, order in enumerate((one_of_each(), one_of_each()[::-1])):
        archive = Archive(archive_url(tmp_path / str(number)))
        put(archive, *order)
        with archive._engine.connect() as connection:
            names = sorted(archive.sizes())
            dumps.append([connection.exec_driver_sql(f"SELECT * FROM {name}").fetchall() for name in names])
        archive.close()
    assert [sorted(map(str, rows)) for rows in dumps[0]] == [sorted(map(str, rows)) for rows in dumps[1]]


def test_several_threads_write_at_once(archive: Archive) -> None:
    """The partitions of a worker write side by side, and nothing is lost or locked out."""
    failed: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for one in range(10):
                put(archive, article(article_id=f"a{number}-{one}"))
        except BaseException as error:  # told to the main thread
            failed.append(error)

    threads = [Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert archive.sizes()["articles"] == 40


def test_a_dead_letter_keeps_only_the_head_of_its_value(archive: Archive) -> None:
    """A refused record of any size takes little room here: it stays whole in Kafka."""
    put(archive, letter())
    with archive._engine.connect() as connection:
        head = connection.exec_driver_sql("SELECT value_head FROM dead_letters").scalar()
    assert head == b"\xff\x00" * 256


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "postgresql+nodriver://x/y"])
def test_a_url_that_cannot_be_is_refused(url: str) -> None:
    """Another database, no URL, or a driver that there is not: told at once, without a traceback."""
    with pytest.raises(ConfigError, match="archive"):
        Archive(url)
