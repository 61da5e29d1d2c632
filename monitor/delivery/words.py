"""An alert in words that an editor understands. It says who claims and who disputes, never who is right."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from monitor.delivery.bulletin import Bulletin, Entry
from schemas.alert import Alert, AlertClaim, AlertSide, AlertState, Scope, SlotMatch
from schemas.notification import Occasion

__all__ = ["alert_line", "alert_text", "bulletin_text", "bulletin_title", "side_text"]

WIDTH = 96
"""Columns of the text."""
QUOTES = 3
"""Claims shown of each side; the alert itself carries up to 20."""
TITLE_LENGTH = 200
"""Characters of a title; Apprise cuts it further where a service takes less."""
QUOTE_LENGTH = 400
"""Characters shown of one quote."""

_KINDS = {
    "denial": "A party denies what is reported",
    "contradiction": "Reports that cannot both be true",
    "figure": "Figures that cannot both be right for the same moment",
    "correction": "A source corrects or retracts itself",
}
_UPDATES = {
    Occasion.RAISED: "Update: this now has {severity} severity.",
    Occasion.CORRECTED: "Update: a source has since corrected its side of this.",
    Occasion.RETRACTED: "Update: a source has since retracted its side of this.",
    Occasion.EDITED: "Brought up to date.",
}
_STATES = {
    AlertState.SUPERSEDED: "superseded by later reports",
    AlertState.CORRECTED: "since corrected by its source",
    AlertState.RETRACTED: "since retracted by its source",
    AlertState.SETTLED: "settled",
}


def alert_line(alert: Alert) -> str:
    """Return the alert in one line: severity, kind, summary, and how many stand on each side."""
    first, second = alert.sides
    marks = [alert.kind.value, f"{alert.severity.value} severity"]
    marks += ["partial scope"] * (alert.scope is Scope.PARTIAL) + ["same article"] * alert.same_article
    marks += ["date uncertain"] * alert.date_uncertain
    return f"{alert.summary} [{', '.join(marks)}; {_reach(first)} against {_reach(second)}]"


def alert_text(alert: Alert, width: int = WIDTH) -> str:
    """Return the alert in full, in lines of at most ``width`` columns."""
    return "\n".join(_lines(alert, width))


def bulletin_title(bulletin: Bulletin) -> str:
    """Return the title of a message: the summary, or how many alerts a digest holds."""
    if bulletin.digest:
        return f"Counterclaim: {len(bulletin.entries)} disputes"
    entry = bulletin.entries[0]
    mark = "Update: " if entry.occasion in _UPDATES else ""
    return mark + textwrap.shorten(entry.alert.summary, TITLE_LENGTH, placeholder=" …")


def bulletin_text(bulletin: Bulletin, width: int = WIDTH) -> str:
    """Return a message in words: one alert in full, or a digest of a line or two for each, grouped by story."""
    if not bulletin.digest:
        return "\n".join([*_update(bulletin.entries[0]), alert_text(bulletin.entries[0].alert, width)])
    lines: list[str] = []
    stories: dict[tuple[str, ...], list[Entry]] = {}
    for entry in bulletin.entries:
        stories.setdefault(entry.alert.story_ids, []).append(entry)
    for entries in stories.values():
        lines += [""] if lines else []
        for entry in entries:
            lines += _update(entry)
            lines += textwrap.wrap(f"- {alert_line(entry.alert)}", width, subsequent_indent="  ")
    return "\n".join(lines)


def _update(entry: Entry) -> list[str]:
    words = _UPDATES.get(entry.occasion)
    return [words.format(severity=entry.alert.severity.value)] if words else []


def _lines(alert: Alert, width: int) -> Iterator[str]:
    yield from textwrap.wrap(alert.summary, width)
    yield from textwrap.wrap(f"{_KINDS[alert.kind.value]}. {_qualities(alert)}", width)
    for title, side in zip(_titles(alert), alert.sides, strict=True):
        yield ""
        yield f"{title} ({_reach(side)}):"
        yield from side_text(side, width)
    differing = [slot for slot in alert.slots if slot.match is SlotMatch.DIFFERS]
    if differing:
        yield ""
        yield "Where the two differ:"
        for slot in differing:
            yield from _wrap(f"{slot.slot}: {slot.a or 'not stated'} / {slot.b or 'not stated'}", width)


def _titles(alert: Alert) -> tuple[str, str]:
    return ("Reported", "Disputed" if alert.kind.value == "denial" else "Against it")


def _qualities(alert: Alert) -> str:
    parts = [f"Severity {alert.severity.value}"]
    if alert.scope is Scope.PARTIAL:
        parts.append("the second speaks to a part of the first, or to something next to it (partial scope)")
    else:
        parts.append("both speak of the same thing (full scope)")
    if alert.same_article:
        parts.append("both stand in the same article")
    if alert.date_uncertain:
        parts.append("date uncertain: the dates of feed, page and text do not agree on when this was")
    if alert.state in _STATES:
        parts.append(_STATES[alert.state])
    topics = f" Topics: {', '.join(alert.topics)}." if alert.topics else ""
    return "; ".join(parts) + "." + topics


def _reach(side: AlertSide) -> str:
    origins = f"{side.origins} independent origin{'s' * (side.origins != 1)}"
    return f"{origins}, {side.outlets} outlet{'s' * (side.outlets != 1)}"


def side_text(side: AlertSide, width: int = WIDTH) -> list[str]:
    """Return one side's quotes, each with who said it, who carried it and when; at most ``QUOTES`` of them.

    The same words in several outlets are one quote, with all who carried it.
    """
    quotes: dict[str, list[AlertClaim]] = {}
    for claim in side.claims:
        quotes.setdefault(" ".join(claim.quote.split()), []).append(claim)
    lines = []
    for quote, claims in list(quotes.items())[:QUOTES]:
        lines += _wrap(f"“{textwrap.shorten(quote, QUOTE_LENGTH, placeholder=' …')}”", width)
        others = sorted({claim.source for claim in claims} - {claims[0].source, ""})
        also = f"; also in {', '.join(others)}" if others else ""
        lines += _wrap(f"— {_credit(claims[0])}{also}", width, indent="    ")
    more = len(quotes) - QUOTES
    if more > 0:
        lines.append(f"  and {more} more quote{'s' * (more != 1)}")
    return lines


def _credit(claim: AlertClaim) -> str:
    outlet = claim.source or "unnamed outlet"
    who = f"{claim.speaker}, in {outlet}" if claim.speaker else f"{outlet}, in its own words"
    when = claim.published_at
    date = f", {when:%d %B %Y}" if when else ", undated"
    return f"{who} ({claim.publisher_kind.value.replace('_', ' ')}){date}"


def _wrap(text: str, width: int, indent: str = "  ") -> list[str]:
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent + "  ")
