"""The time of a window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

from monitor.window import MessageClock, Window, day_of

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_the_clock_is_the_third_latest_time_in_whatever_order() -> None:
    """Two messages from the future move nothing, and the order of the messages decides nothing."""
    moments = [START, START + timedelta(hours=1), START + timedelta(hours=2), START + timedelta(days=3650)]
    for order in permutations(moments):
        clock = MessageClock()
        for moment in order:
            clock.observe(moment)
        assert clock.now == START + timedelta(hours=1)


def test_the_clock_stands_before_three_messages() -> None:
    """A window that has seen next to nothing lets nothing go."""
    clock = MessageClock()
    clock.observe(START)
    clock.observe(START)
    assert clock.now is None


def test_a_key_that_comes_again_counts_once() -> None:
    """A redelivery does not move the window's time."""
    window = Window(days=1)
    for _ in range(5):
        window.add("future", START + timedelta(days=100))
    window.add("a", START)
    window.add("b", START)
    assert window.expired() == []


def test_the_oldest_day_goes_first_above_the_most_keys() -> None:
    """The window is bounded by count too."""
    window = Window(days=100, most=2)
    for number, key in enumerate("abc"):
        window.add(key, START + timedelta(days=number))
    assert window.expired() == ["a"]


def test_days_before_the_epoch_are_day_zero() -> None:
    """A date of a broken clock still has a bucket."""
    assert day_of(datetime(1960, 1, 1, tzinfo=UTC)) == 0
