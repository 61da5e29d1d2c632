from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.fetch import Response
from monitor.feeds.habit import items_a_day, observed
from monitor.feeds.health import POLLED_EVERY, tell
from monitor.feeds.items import ParsedFeed
from monitor.feeds.progress import Counts, Outcome, feed_failed, feed_gone, feed_ok, fresh_state
from monitor.feeds.roster import Feed
from monitor.feeds.schedule import bounds_of
from schemas import FeedEvent, FeedHabit, FeedState

START = datetime(2026, 6, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
FEED = Feed("https://ledger.example/world.xml", publisher="The Ledger")
BOUNDS = bounds_of(900, None, None, None)


class Watch:
    """One feed polled from time to time, and all that was told of it."""

    def __init__(self) -> None:
        self.now = START
        self.state: FeedState = fresh_state(FEED)
        self.told: list[FeedEvent] = []

    def ok(
        self, after: timedelta = HOUR, *, new: int = 0, language: str = "en", off_s: float | None = 0.0, moved: str = ""
    ) -> list[str]:
        """Poll with a good answer; return what was told."""
        self.now += after
        parsed = ParsedFeed(format="rss20", language=language)
        answer = Response(FEED.url, 200, body=b"x", took_s=0.25, clock_off_s=off_s)
        outcome = Outcome(BOUNDS, FEED.url, answer)
        state = feed_ok(self.state, outcome, parsed, Counts(new, 0, 20), self.now)
        return self._settle(state.model_copy(update={"moved_to": moved}) if moved else state)

    def bad(self, after: timedelta = HOUR, *, status: int = 503) -> list[str]:
        """Poll with a bad answer; return what was told."""
        self.now += after
        outcome = Outcome(BOUNDS, FEED.url, Response(FEED.url, status))
        settle = feed_gone if status == 410 else feed_failed
        return self._settle(settle(self.state, outcome, f"answers with status {status}", self.now))

    def _settle(self, after: FeedState) -> list[str]:
        self.state, events = tell(FEED, self.state, after, self.now)
        self.told += events
        return [event.change.value for event in events]

    def news(self) -> list[str]:
        """Return all that was told but for ``polled``."""
        return [event.change.value for event in self.told if event.change.value != "polled"]


def test_a_feed_answers_fails_and_recovers() -> None:
    """Each turn is told once, with its reason; what goes on is not told at each poll."""
    watch = Watch()
    assert watch.ok() == ["answers"]
    assert watch.bad(timedelta(minutes=10)) == ["fails"]
    assert watch.told[-1].reason == "answers with status 503"
    assert [watch.bad(timedelta(minutes=10)) for _ in range(3)] == [[], [], []]
    assert watch.ok(timedelta(minutes=10)) == ["recovered"]
    assert (watch.told[-1].failures, watch.told[-1].health) == (0, "ok")
    assert "4 failures" in (watch.told[-1].reason or "")


def test_a_feed_that_never_answered_fails() -> None:
    """The first poll may be the bad one: it is told too, so that the roster can be counted."""
    watch = Watch()
    assert watch.bad() == ["fails"]
    assert watch.ok() == ["recovered"]


def test_gone_and_back() -> None:
    """A 410 is told as such, and the return of the feed as well."""
    watch = Watch()
    watch.ok()
    assert watch.bad(status=410) == ["gone"]
    assert watch.ok(timedelta(days=30)) == ["recovered"]


def test_moved_and_language() -> None:
    """A new address and a new language are told with what they are; a mere region is no new language."""
    watch = Watch()
    watch.ok(language="en-GB")
    assert watch.ok(timedelta(minutes=1), language="en_US") == []
    assert watch.ok(timedelta(minutes=1), language="ru") == ["language"]
    assert watch.told[-1].reason == "was en_US, is ru"
    assert watch.ok(timedelta(minutes=1), language="ru", moved="https://l.example/n") == ["moved"]
    assert "https://l.example/n" in (watch.told[-1].reason or "")
    assert watch.ok(timedelta(minutes=1), language="ru", moved="https://l.example/n") == []


def test_quiet_against_its_own_habit() -> None:
    """A feed with something every two hours is quiet after a silence far beyond its longest; told once a silence."""
    watch = Watch()
    for hour in range(24 * 14):
        watch.ok(new=1 if hour % 2 == 0 and watch.now.weekday() < 5 else 0)
    assert "quiet" not in watch.news()  # two weekends were silent, and are its habit
    silent = 0
    while "quiet" not in watch.news() and silent < 24 * 30:
        silent += 1
        watch.ok()
    assert 4 * 24 <= silent <= 7 * 24
    assert "nothing new for" in (watch.told[-1].reason or "")
    for _ in range(24 * 20):
        watch.ok()
    assert watch.news().count("quiet") == 1
    watch.ok(new=1)
    for _ in range(24 * 40):
        watch.ok()
    assert watch.news().count("quiet") == 2


def test_a_slow_feed_is_not_quiet() -> None:
    """A feed with something every week is not called quiet after six silent days, nor a new one after a day."""
    watch = Watch()
    for day in range(7 * 12):
        watch.ok(timedelta(days=1), new=1 if day % 7 == 0 else 0)
    assert watch.news() == ["answers"]


@pytest.mark.parametrize("off_s", [3600.0, -7200.0])
def test_a_clock_that_is_off(off_s: float) -> None:
    """A server's clock is said to be off after three answers in a row that agree, once, with how much."""
    watch = Watch()
    assert [watch.ok(timedelta(minutes=1), off_s=off_s + wobble) for wobble in (0, 2, -1, 0, 0)] == [
        ["answers"], [], ["clock_off"], [], [],
    ]  # fmt: skip
    told = next(event for event in watch.told if event.change == "clock_off")
    assert told.clock_off_s == pytest.approx(off_s, abs=5)
    assert ("ahead" if off_s > 0 else "behind") in (told.reason or "")
    assert watch.state.habit.clock_off_count == 5
    watch.ok(off_s=1.0)
    assert watch.state.habit.clock_off_count == 0


def test_a_cached_answer_is_no_wrong_clock() -> None:
    """A copy whose date falls behind from poll to poll is the cache's doing; an answer without a date says nothing."""
    watch = Watch()
    for poll in range(20):
        watch.ok(timedelta(minutes=15), off_s=-900.0 * poll)
    for _ in range(20):
        watch.ok(timedelta(minutes=15), off_s=None)
    assert watch.news() == ["answers"]


def test_where_a_feed_stands_is_told_now_and_then() -> None:
    """A lively feed is told of at most every few minutes, a feed that fares as ever once an hour."""
    lively, still = Watch(), Watch()
    for _ in range(60):
        lively.ok(timedelta(minutes=1), new=1)
        still.ok(timedelta(minutes=1))
    assert 5 <= len(lively.told) <= 60 / (POLLED_EVERY / timedelta(minutes=1)) + 1
    assert len(still.told) <= 6
    assert lively.told[-1].items_seen > 50
    assert lively.told[-1].latency_s == 0.25


def test_events_carry_where_the_feed_stands() -> None:
    """The last event says all that is shown of a feed; its id follows from feed, change and time."""
    watch, again = Watch(), Watch()
    for one in (watch, again):
        one.ok(new=3)
    event = watch.told[-1]
    assert event == again.told[-1]
    assert (event.feed_id, event.url, event.publisher) == (FEED.feed_id, FEED.url, "The Ledger")
    assert (event.items_seen, event.due_at, event.at) == (3, watch.state.due_at, watch.now)


@given(rate=st.integers(1, 30), days=st.integers(2, 40))
def test_items_a_day(rate: int, days: int) -> None:
    """A steady feed is said to have as many items a day as it has."""
    habit, now, last = FeedHabit(), START, None
    for _ in range(days * 24):
        habit = observed(habit, rate, 0, last, last, now)
        last, now = now, now + HOUR
    found = items_a_day(habit, now)
    assert found is not None
    assert 0.9 * rate * 24 <= found <= 1.1 * rate * 24


def test_items_a_day_are_not_guessed() -> None:
    """In the first hours nothing is said, and what the first poll finds is the past."""
    watch = Watch()
    watch.ok(new=500)
    watch.ok()
    assert watch.told[-1].items_a_day is None
    for _ in range(12):
        watch.ok()
    assert watch.told[-1].items_a_day == 0
