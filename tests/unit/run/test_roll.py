from __future__ import annotations

from datetime import UTC, datetime

from monitor.feeds.roster import Feed
from monitor.run.roll import LISTED, Roll
from schemas import FeedChange, FeedEvent, FeedHealth

FEEDS = [Feed(f"https://f{number}.example/rss") for number in range(20)]


def told(feed: Feed, health: str, reason: str | None = None) -> bytes:
    """Make what a poll worker tells of a feed."""
    return FeedEvent(
        event_id="e", feed_id=feed.feed_id, url=feed.url, change=FeedChange.POLLED, health=FeedHealth(health),
        reason=reason, at=datetime(2026, 6, 4, tzinfo=UTC),
    ).to_bytes()  # fmt: skip


def test_the_feeds_that_answer_are_counted() -> None:
    """The first line says how many of the roster answer; the others are named with the reason."""
    roll = Roll([*FEEDS[:3], Feed("https://paused.example/", paused=True)])
    for feed in FEEDS[:2]:
        roll.take(told(feed, "ok"))
    assert (roll.is_complete, roll.lines()) == (False, ["2 of 3 feeds answer; 1 not asked yet"])
    roll.take(told(FEEDS[2], "failing", "answers with status 404"))
    assert (roll.is_complete, len(roll.lines())) == (True, 2)
    assert roll.lines() == [
        "2 of 3 feeds answer; 1 set aside, to be tried again",
        "set aside: https://f2.example/rss: answers with status 404",
    ]


def test_the_last_word_counts() -> None:
    """A feed that recovered answers; one that people paused is not counted; strangers and damage are passed over."""
    roll = Roll(FEEDS[:2])
    roll.take(told(FEEDS[0], "failing"))
    roll.take(told(FEEDS[0], "ok"))
    roll.take(told(FEEDS[1], "paused"))
    roll.take(told(FEEDS[5], "failing"))
    roll.take(b"{")
    roll.take(None)
    assert roll.lines() == ["1 of 1 feed answers"]


def test_a_long_list_is_cut() -> None:
    """Where many fail, some are named and the rest is a number."""
    roll = Roll(FEEDS)
    for feed in FEEDS:
        roll.take(told(feed, "gone", "answers with status 410"))
    lines = roll.lines()
    assert lines[0] == "0 of 20 feeds answer; 20 set aside, to be tried again"
    assert len(lines) == 1 + LISTED + 1
    assert lines[-1].startswith(f"set aside: {20 - LISTED} more")


def test_an_empty_roster() -> None:
    """A roster without feeds is called at once."""
    assert Roll(()).is_complete
    assert Roll(()).lines() == ["0 of 0 feeds answer"]
