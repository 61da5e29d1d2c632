from datetime import UTC, datetime

import pytest

from monitor.text.calendar import written_dates
from monitor.text.dates import dates_of
from schemas import Article

SEEN = datetime(2026, 6, 5, 12, tzinfo=UTC)
JUNE_4 = datetime(2026, 6, 4, tzinfo=UTC)


def article(text: str = "", **dates: datetime) -> Article:
    """Return an article of ``text`` with ``dates``."""
    return Article(article_id="a", content_hash="h", feed_id="f", text=text, **{"first_seen_at": SEEN, **dates})


@pytest.mark.parametrize(
    "written",
    [
        "Thursday 4 June 2026", "June 4, 2026", "4th June 2026", "Jun. 4, 2026", "2026-06-04", "04.06.2026",
        "28/6/2026", "4 июня 2026", "jeudi 4 juin 2026", "4. Juni 2026", "4 de junio de 2026", "4 يونيو 2026",
    ],
)  # fmt: skip
def test_dates_are_read_in_the_forms_of_six_languages(written: str) -> None:
    """Each common form gives the day and the year that it says."""
    (found,) = written_dates(f"x {written} y")
    assert (found.year, found.month, found.day) == (2026, 6, 28 if written.startswith("28") else 4)


@pytest.mark.parametrize(
    "text", ["03/04/2026", "31 February 2026", "in May 2026", "May 45, 2026", "version 2026.06.04"]
)
def test_what_could_be_two_days_or_none_is_no_date(text: str) -> None:
    """Nothing is guessed: 03/04 depends on the country, and 31 February is no day."""
    assert list(written_dates(text)) == []


def test_a_date_without_a_year_takes_the_one_nearest_to_the_feed() -> None:
    """A dateline of 30 December in an item of 2 January is of the year before."""
    (found,) = written_dates("30 December")
    assert found.at(datetime(2026, 1, 2, tzinfo=UTC)) == datetime(2025, 12, 30, tzinfo=UTC)
    assert found.at() is None


def test_a_masthead_alone_leaves_the_date_uncertain() -> None:
    """The date above a headline is of the day when the page was made, not of the events."""
    dates = dates_of(article("Thursday 4 June 2026\n\nCrane falls into harbour\n\nA crane fell."))
    assert (dates.feed, dates.page, dates.text) == (None, None, JUNE_4)
    assert dates.uncertain


def test_a_feed_date_that_the_text_agrees_with_is_sure() -> None:
    """A difference of a day is the printing of the paper, not another story."""
    dates = dates_of(article("5 June 2026\n\nCrane falls into harbour", published_at=JUNE_4))
    assert dates.feed == JUNE_4
    assert not dates.uncertain


@pytest.mark.parametrize(
    "other",
    [
        article("Thursday 4 June 2015\n\nCrane falls", published_at=JUNE_4),
        article("CAPE MARU, 4 June 2015 (Reuters) - A crane fell.", published_at=JUNE_4),
        article(published_at=JUNE_4, page_published_at=datetime(2025, 6, 4, tzinfo=UTC)),
        article(published_at=datetime(2026, 7, 4, tzinfo=UTC)),
        article("A crane fell on 4 June 2026, and nobody knows why it stood so near to the water's edge."),
    ],
    ids=["old header", "old dateline", "old page", "in the future", "none of its own"],
)
def test_disagreeing_or_missing_dates_are_uncertain(other: Article) -> None:
    """An old story under a new date, a date in the future and no date at all are never taken for sure."""
    assert dates_of(other).uncertain


def test_the_dateline_is_the_date_of_the_text() -> None:
    """A dateline before the dash is read, with the year of the feed where it has none."""
    dates = dates_of(article("Crane falls\n\nCAPE MARU, June 3 (AP) — A crane fell.", published_at=JUNE_4))
    assert dates.text == datetime(2026, 6, 3, tzinfo=UTC)
    assert not dates.uncertain
