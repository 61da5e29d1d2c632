"""Days named in a text, resolved from the publication date."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from monitor.claims.times import compare_days, event_time

THURSDAY = date(2026, 6, 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("struck on Monday", "2026-06-01"),
        ("struck on Thursday", "2026-06-04"),
        ("struck last Thursday", "2026-05-28"),
        ("will meet on Friday", "2026-06-05"),
        ("next Monday", "2026-06-08"),
        ("sank yesterday", "2026-06-03"),
        ("on 30 May", "2026-05-30"),
        ("on May 30, 2025", "2025-05-30"),
        ("on December 30", "2025-12-30"),
        ("on 2026-05-01", "2026-05-01"),
    ],
)
def test_a_day_is_resolved_from_the_publication_date(text: str, expected: str) -> None:
    """Weekdays are the last one, or the next where the text looks ahead; a day without a year is the nearest."""
    assert event_time(text, THURSDAY) == expected


@pytest.mark.parametrize("text", ["struck on Monday", "yesterday", "on 30 May"])
def test_no_date_no_guess(text: str) -> None:
    """Without a publication date a relative day stays unknown."""
    assert event_time(text, None) is None


@pytest.mark.parametrize("text", ["since Monday", "every Friday", "by Sunday", "in May", "31 February", "no day here"])
def test_periods_and_impossible_days_are_no_day(text: str) -> None:
    """What names no single day gives none."""
    assert event_time(text, THURSDAY) is None


def test_a_full_date_needs_no_publication_date() -> None:
    """A date with a year stands by itself; a moment is taken by its day."""
    assert event_time("on 30 May 2025", None) == "2025-05-30"
    assert event_time("today", datetime(2026, 6, 4, 23, tzinfo=UTC)) == "2026-06-04"


def test_days_apart_are_unknown_where_one_is() -> None:
    """An unknown day is no difference."""
    assert compare_days("2026-06-01", "2026-06-04") == 3
    assert compare_days("2026-06-01", None) is None
