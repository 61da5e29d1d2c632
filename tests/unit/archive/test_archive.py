"""The archive on SQLite: what no other database does differently."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from monitor.archive import Archive, archive_url, url_of
from monitor.archive.database import ArchiveVersionError
from monitor.errors import ConfigError
from monitor.settings import ArchiveSettings, Settings
from schemas import NotificationState, PollTick
from tests.support.archive_samples import SEEN, alert, article, assignment, letter, notification, one_of_each, tagged
from tests.support.archives import put, run_sql


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An empty archive in a file."""
    archive = Archive(archive_url(tmp_path / "new"))
    yield archive
    archive.close()


def test_each_kind_of_message_is_kept_once(archive: Archive) -> None:
    """One message of each kind gives one row of each, however often it comes; ticks are not kept."""
    for _ in range(2):
        assert put(archive, *one_of_each(), PollTick(partition=0, sent_at=SEEN)) == 9
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


def test_the_settings_name_the_database(tmp_path: Path) -> None:
    """A URL if one is set; else a file in the data folder, which is made for it."""
    own = Settings(data=tmp_path / "new", archive=ArchiveSettings(url="postgresql://db.example.org/x"))
    assert url_of(own) == "postgresql://db.example.org/x"
    assert not own.data.exists()
    assert url_of(Settings(data=tmp_path / "new")) == f"sqlite:///{tmp_path / 'new' / 'archive.db'}"
    assert (tmp_path / "new").is_dir()


def test_a_database_from_before_versions_is_refused(tmp_path: Path) -> None:
    """Tables of the first release have no version: the error says how to build them anew, and that does it."""
    url = archive_url(tmp_path)
    run_sql(url, "CREATE TABLE articles (article_id VARCHAR PRIMARY KEY, text TEXT)")
    with pytest.raises(ArchiveVersionError, match=r"version 1.*version \d") as caught:
        Archive(url)
    assert "counterclaim archive rebuild" in str(caught.value)
    fresh = Archive.anew(url)
    assert put(fresh, article()) == 1
    fresh.close()
