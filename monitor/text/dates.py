"""The dates of an article, kept apart: the feed's, the page's, and the one in the head of the text.

None of them is the date of the events, and where they disagree an old story may have come up again under a new date.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from monitor.text.calendar import WrittenDate, written_dates
from monitor.text.sentences import paragraph_spans
from schemas import Article, ArticleDates, Span

__all__ = ["date_lines", "dates_of"]

DISAGREEMENT = timedelta(days=3)
"""Dates of one article may differ by so much (time zones, a print date, a later edit) and still agree."""

FUTURE = timedelta(days=2)
"""A date so far after the article was first seen is wrong: time zones account for one day."""

HEAD_LINES = 8
"""Lines of a text in which a masthead's or a dateline's date is looked for."""

DATELINE_CHARS = 60
"""A dateline's date ends within so many characters of its paragraph: "DAMASCUS, Sept. 28, 2015 (Reuters) -"."""

MAX_LINE = 90
"""Characters of the longest line that can be little but a date."""

MAX_AROUND = 40
"""Characters beside the date on a line that is still a date line: "Published:", "12:30 GMT", "Updated"."""


def date_lines(text: str) -> Iterator[tuple[Span, WrittenDate]]:
    """Yield the lines in the head of ``text`` that hold little but a date with its year, with that date."""
    for start, end in paragraph_spans(text)[:HEAD_LINES]:
        if end - start > MAX_LINE:
            continue
        found = next((date for date in written_dates(text, start, end) if date.year), None)
        if found and (end - start) - (found.end - found.start) <= MAX_AROUND and not _is_sentence(text, start, end):
            yield (start, end), found


def _is_sentence(text: str, start: int, end: int) -> bool:
    return end - start > MAX_AROUND and text[end - 1] in ".!?؟"


def _dateline(text: str, near: datetime | None) -> datetime | None:
    """Return the date of a dateline at the head of a paragraph, before a dash: "CAIRO, 3 May 2016 (AP) — ..."."""
    for start, end in paragraph_spans(text)[:HEAD_LINES]:
        for date in written_dates(text, start, min(end, start + DATELINE_CHARS)):
            tail = text[date.end : min(end, date.end + 30)]
            if any(dash in tail for dash in ("—", "–", " - ", "--")) and text[start].isupper():
                return date.at(near)
    return None


def dates_of(article: Article) -> ArticleDates:
    """Return the article's dates, and whether to trust them.

    They are ``uncertain`` where any two differ by more than ``DISAGREEMENT``, where one lies in the future of the first
    sight, and where the text's own head has the only one (a masthead shows the day the page was made) or there is none.
    """
    feed, page = article.published_at, article.page_published_at
    near = feed or page
    header = next((date.at() for _, date in date_lines(article.text)), None)
    text = _dateline(article.text, near) or header
    found = [moment for moment in (feed, page, text) if moment is not None]
    uncertain = (
        near is None
        or max(found) - min(found) > DISAGREEMENT
        # Rows without any date are first seen at the epoch: nothing is learned from that.
        or (article.first_seen_at.year > 1970 and max(found) - article.first_seen_at > FUTURE)
    )
    return ArticleDates(feed=feed, page=page, text=text, uncertain=uncertain)
