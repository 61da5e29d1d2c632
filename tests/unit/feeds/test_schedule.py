from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.items import FeedHints
from monitor.feeds.politeness import retry_after_s
from monitor.feeds.schedule import (
    JITTER,
    RETRY_AFTER_CAP_S,
    Bounds,
    after_change,
    after_failure,
    bounds_of,
    due_after,
    hinted_s,
    max_age_s,
)

NOW = datetime(2026, 6, 4, 8, tzinfo=UTC)
QUARTER = bounds_of(900, None, None, None)

seconds = st.floats(1, 1e6)
bounds = st.builds(bounds_of, seconds, st.none() | seconds, st.none() | seconds, st.none() | seconds)


@given(bounds)
def test_bounds_are_in_order(found: Bounds) -> None:
    """The floor is not above the start, nor that above the ceiling."""
    assert 0 < found.floor_s <= found.start_s <= found.ceiling_s


@given(bounds, seconds, st.integers(0, 1000), st.integers(0, 1000))
def test_an_interval_stays_within_its_bounds(found: Bounds, interval: float, new: int, listed: int) -> None:
    """Whatever a fetch brings, the next interval is between floor and ceiling."""
    assert found.floor_s <= after_change(interval, new, listed, found) <= found.ceiling_s


@given(bounds, seconds, st.integers(0, 99))
def test_more_news_is_asked_for_sooner(found: Bounds, interval: float, new: int) -> None:
    """The interval after a fetch with more new items is never longer."""
    assert after_change(interval, new + 1, 100, found) <= after_change(interval, new, 100, found)


def test_a_quiet_feed_slows_down_and_a_lively_one_speeds_up() -> None:
    """Without news the interval grows to its ceiling, with much news it shrinks to its floor."""
    quiet = lively = 900.0
    for _ in range(30):
        quiet, lively = after_change(quiet, 0, 20, QUARTER), after_change(lively, 20, 20, QUARTER)
    assert (quiet, lively) == (QUARTER.ceiling_s, QUARTER.floor_s)


def test_days_of_a_feed_with_a_habit() -> None:
    """Over ten simulated days, a feed with an item an hour is asked about as often as it changes."""
    now, interval, polls, missed = 0.0, 900.0, 0, 0
    seen = 0
    while now < 10 * 86_400:
        items = int(now // 3600)
        new = items - seen
        missed += max(0, new - 20)
        seen, polls = items, polls + 1
        interval = after_change(interval, new, 20, QUARTER)
        now += interval
    assert missed == 0
    assert 240 * 0.5 <= polls <= 240 * 5


@given(bounds, st.integers(1, 10_000))
def test_backing_off_grows_and_never_ends(found: Bounds, failures: int) -> None:
    """Each failure waits at least as long as the one before, up to a ceiling: no feed is ever given up."""
    wait = after_failure(failures, found)
    assert found.floor_s <= wait <= max(found.ceiling_s, found.start_s * 96)
    assert after_failure(failures + 1, found) >= wait


@given(bounds, st.integers(1, 100), st.floats(0, 1e12))
def test_retry_after_is_kept_to_a_day(found: Bounds, failures: int, asked: float) -> None:
    """A server is not asked before the time that it names, unless that is more than a day."""
    assert after_failure(failures, found, asked) >= min(asked, RETRY_AFTER_CAP_S)


@given(
    st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)),
    seconds,
    st.text(),
)
def test_due_times_are_spread_a_little(now: datetime, wait: float, feed_id: str) -> None:
    """A due time is off by a tenth at most, and the same again after a restart."""
    due = due_after(now, wait, feed_id)
    assert abs((due - now).total_seconds() - wait) <= wait * JITTER + 1e-3
    assert due == due_after(now, wait, feed_id)


def test_feeds_that_fall_due_together_do_not_stay_together() -> None:
    """Of a thousand feeds polled at one moment, no more than a few are due in the same second of the next round."""
    due = [due_after(NOW, 900, f"f{n}").replace(microsecond=0) for n in range(1000)]
    assert max(due.count(moment) for moment in set(due)) < 25


@given(st.sets(st.integers(0, 23), max_size=23), st.integers(0, 86_400 * 7))
def test_hours_to_skip_are_skipped(hours: set[int], wait: int) -> None:
    """No feed is due in an hour that it asks to be spared, and none is put off for good."""
    due = due_after(NOW, wait, "f1", FeedHints(skip_hours=tuple(hours)))
    assert due.hour not in hours
    assert due <= NOW + timedelta(seconds=wait * 1.1 + 86_400)


def test_days_to_skip_are_skipped() -> None:
    """A feed that rests at the weekend is due on Monday."""
    saturday = datetime(2026, 6, 6, 8, tzinfo=UTC)
    due = due_after(saturday, 60, "f1", FeedHints(skip_days=("saturday", "sunday")))
    assert (due.strftime("%A"), due - saturday < timedelta(days=3)) == ("Monday", True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120.0),
        (" 5 ", 5.0),
        ("Thu, 04 Jun 2026 08:02:00 GMT", 120.0),
        ("Thu, 04 Jun 2026 07:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
        ("9" * 400, 999_999_999_999.0),
    ],
)
def test_retry_after(value: str | None, expected: float | None) -> None:
    """Retry-After is read as seconds and as a date; nonsense is none."""
    assert retry_after_s(value, NOW) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("max-age=60", 60.0), ('public, MAX-AGE="300"', 300.0), ("no-cache", None), ("s-maxage=9", None), (None, None)],
)
def test_max_age(value: str | None, expected: float | None) -> None:
    """The max-age of Cache-Control is found among the other directives."""
    assert max_age_s(value) == expected


def test_hints_have_a_cap() -> None:
    """A feed that asks to be left alone for a year is not."""
    assert hinted_s(FeedHints(ttl_s=1800), {"cache-control": "max-age=60"}) == 1800
    assert hinted_s(FeedHints(ttl_s=366 * 86_400), {}) == 6 * 3600
    assert hinted_s(FeedHints(), {}) == 0


def test_a_feed_that_says_how_often_it_changes() -> None:
    """A feed that is said to change twice a day is asked no sooner than the cap; "hourly" is anybody's default."""
    assert hinted_s(FeedHints(update_period_s=7200), {}) == 7200
    assert hinted_s(FeedHints(update_period_s=12 * 3600), {}) == 6 * 3600
    assert hinted_s(FeedHints(update_period_s=3600), {}) == 0
