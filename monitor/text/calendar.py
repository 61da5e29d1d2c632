"""Calendar words: months and weekdays in the languages that we read, and dates written with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

__all__ = ["MONTHS", "WrittenDate", "written_dates"]

_MONTH_NAMES = (
    "january jan jan. janvier enero januar jänner янв января январь يناير كانون_الثاني",
    "february feb feb. février fevrier febrero februar фев февраля февраль فبراير شباط",
    "march mar mar. mars marzo märz maerz мар марта март مارس آذار",
    "april apr apr. avril abril апр апреля апрель أبريل نيسان",
    "may mai mayo мая май مايو أيار",
    "june jun jun. juin junio juni июн июня июнь يونيو حزيران",
    "july jul jul. juillet julio juli июл июля июль يوليو تموز",
    "august aug aug. août aout agosto авг августа август أغسطس آب",
    "september sept sept. sep sep. septembre septiembre setiembre сен сентября сентябрь سبتمبر أيلول",
    "october oct oct. octobre octubre oktober окт октября октябрь أكتوبر تشرين_الأول",
    "november nov nov. novembre noviembre ноя ноября ноябрь نوفمبر تشرين_الثاني",
    "december dec dec. décembre decembre diciembre dezember дек декабря декабрь ديسمبر كانون_الأول",
)

MONTHS: dict[str, int] = {
    name.replace("_", " "): number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()
}
"""Month names and their usual short forms, in lower case, to 1..12."""

_WEEKDAYS = (
    "monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun "
    "lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo "
    "montag dienstag mittwoch donnerstag freitag samstag sonntag "
    "понедельник вторник среда четверг пятница суббота воскресенье "
    "الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد"
)
_WEEKDAY = rf"(?:(?:{'|'.join(sorted(_WEEKDAYS.split(), key=len, reverse=True))})\.?,?\s+)?"
_MONTH = "|".join(re.escape(name) for name in sorted(MONTHS, key=len, reverse=True))
_YEAR = r"(?P<y{0}>(?:19|20)\d\d)"

_WRITTEN = re.compile(
    rf"(?<!\w){_WEEKDAY}(?:"
    rf"(?P<d1>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s+(?:of\s+|de\s+)?(?P<m1>{_MONTH})\.?,?(?:\s+(?:de\s+|del\s+)?{_YEAR.format(1)})?"
    rf"|(?P<m2>{_MONTH})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s+{_YEAR.format(2)})?"
    rf"|{_YEAR.format(3)}-(?P<m3>\d\d)-(?P<d3>\d\d)"
    rf"|(?P<d4>\d{{1,2}})\.(?P<m4>\d{{1,2}})\.{_YEAR.format(4)}"
    rf"|(?P<d5>\d{{1,2}})/(?P<m5>\d{{1,2}})/{_YEAR.format(5)}"
    r")(?!\w)",
    re.IGNORECASE,
)


class WrittenDate(NamedTuple):
    """A date as written: its span, month and day, and the year where it says one."""

    start: int
    end: int
    year: int | None
    month: int
    day: int

    def at(self, near: datetime | None = None) -> datetime | None:
        """Return its midnight in UTC; without a year of its own, the one that brings it closest to ``near``."""
        if self.year is not None:
            return _midnight(self.year, self.month, self.day)
        if near is None:
            return None
        years = (near.year - 1, near.year, near.year + 1)
        found = [moment for year in years if (moment := _midnight(year, self.month, self.day))]
        return min(found, key=lambda moment: abs(moment - near), default=None)


def written_dates(text: str, start: int = 0, end: int | None = None) -> Iterator[WrittenDate]:
    """Yield the dates written in ``text[start:end]``, weekday included in their span.

    A date of figures with slashes, 03/04/2018, is read only where one of the two cannot be a month: which comes first
    depends on the country.
    """
    for match in _WRITTEN.finditer(text, start, len(text) if end is None else end):
        part = match.groupdict()
        form = next(n for n in "12345" if part[f"d{n}"])
        day, year = int(part[f"d{form}"]), part[f"y{form}"]
        month = MONTHS[part[f"m{form}"].lower()] if form in "12" else int(part[f"m{form}"])
        if form == "5":
            if month > 12:
                day, month = month, day
            elif day <= 12 and day != month:
                continue
        if _midnight(int(year) if year else 2000, month, day):
            yield WrittenDate(match.start(), match.end(), int(year) if year else None, month, day)


def _midnight(year: int, month: int, day: int) -> datetime | None:
    try:
        return datetime.combine(date(year, month, day), datetime.min.time(), UTC)
    except ValueError:
        return None
