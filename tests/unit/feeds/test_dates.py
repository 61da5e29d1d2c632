from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.dates import moment_of, zone_named


@pytest.mark.parametrize(
    "text",
    [
        "Thu, 04 Jun 2026 08:00:00 GMT",
        "Thu, 04 Jun 2026 08:00:00 +0000",
        "Thu, 4 Jun 2026 10:00:00 +0200",
        "Thu,04 Jun 2026 17:00:0 GMT+9",
        "04 Jun 2026 04:00:00 EDT",
        "4 June 2026 08:00 UT",
        "Thu, 04-Jun-26 08:00:00 GMT",
        "Thursday, June 4, 2026 8:00:00 AM UTC",
        "Jun 4, 2026 at 4:00 AM EDT",
        "2026-06-04T08:00:00Z",
        "2026-06-04T08:00:00.123456+00:00",
        "2026-06-04 11:00:00 MSK",
        "2026-06-04T13:30+05:30",
        "20260604T080000Z",
        "Thu Jun  4 08:00:00 2026",
        "Do, 04 Jun 2026 10:00:00 +0200 (CEST)",
    ],
)
def test_the_ways_in_which_feeds_write_one_moment(text: str) -> None:
    """All of these are 8 o'clock UTC on 4 June 2026."""
    found = moment_of(text, None, datetime(2026, 6, 4, 8).timetuple() if text.startswith("Thu Jun") else None)
    assert found is not None
    assert found.replace(microsecond=0) == datetime(2026, 6, 4, 8, tzinfo=UTC)
    assert found.tzinfo is UTC


@pytest.mark.parametrize("text", ["2026-06-04 17:00:00", "Thu, 04 Jun 2026 17:00:00", "June 4, 2026 5:00 PM"])
def test_a_date_without_a_zone_is_read_in_the_publishers(text: str) -> None:
    """Without a zone, a date is in that of the publisher; without one of those, in UTC."""
    assert moment_of(text, zone_named("Asia/Seoul")) == datetime(2026, 6, 4, 8, tzinfo=UTC)
    assert moment_of(text) == datetime(2026, 6, 4, 17, tzinfo=UTC)


def test_a_zone_in_the_date_goes_before_the_publishers() -> None:
    """What the date itself says counts."""
    assert moment_of("2026-06-04T08:00:00Z", zone_named("Asia/Seoul")) == datetime(2026, 6, 4, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [None, "", "   ", "yesterday", "Thu, 32 Jun 2026 08:00:00 GMT", "2026-13-01", "0001-01-01T00:00:00Z", "0",
     "Thu, 01 Jan 1970 00:00:00 +0000", "31 Feb 2026 00:00:00 GMT", "99999-01-01", "2026", "\x00", "1 2 3"],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str | None) -> None:
    """No date, an impossible one and the zero dates of programs are None, never now."""
    assert moment_of(text) is None


def test_midnight_at_the_end_of_a_day_and_leap_seconds() -> None:
    """24:00 is the next day's midnight; second 60 is the next minute."""
    assert moment_of("2026-06-04T24:00:00Z") == datetime(2026, 6, 5, tzinfo=UTC)
    assert moment_of("2016-12-31T23:59:60Z") == datetime(2017, 1, 1, tzinfo=UTC)


def test_dates_in_the_future_are_kept() -> None:
    """A date in the future is what the feed says; who reads it may call it uncertain."""
    assert moment_of("Fri, 01 Jan 2100 00:00:00 GMT") == datetime(2100, 1, 1, tzinfo=UTC)


@given(st.text(max_size=60))
def test_it_ends_on_anything(text: str) -> None:
    """No text breaks it; what comes out is in UTC."""
    found = moment_of(text)
    assert found is None or found.tzinfo is UTC


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1), timezones=st.timezones()))
def test_iso_round_trip(moment: datetime) -> None:
    """An ISO 8601 date with a zone comes back as the same moment."""
    moment = moment.replace(microsecond=0)
    offset = moment.utcoffset()
    if offset is not None and offset.total_seconds() % 60 == 0:
        assert moment_of(moment.isoformat()) == moment.astimezone(UTC)
