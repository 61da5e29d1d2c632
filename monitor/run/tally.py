"""Count what the topics carry: the figures of the view, from raw records alone. No I/O."""

from __future__ import annotations

import json
from collections import Counter, OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime

from monitor.run.events import AlertSeen, Counts
from schemas import topics
from schemas.alert import Alert
from schemas.message import DecodeError

__all__ = ["Tally"]

REMEMBERED = 200_000
"""Ids remembered of each kind, so that a message that comes twice counts once; the oldest are forgotten."""


class _Seen:
    """A set of the last ``REMEMBERED`` ids."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def add(self, identity: str) -> bool:
        """Remember an id and say whether it is new."""
        new = identity not in self._ids
        self._ids[identity] = None
        self._ids.move_to_end(identity)
        if len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)
        return new


class Tally:
    """What was read so far. ``take`` a record at a time; ``counts`` at any moment."""

    READS = (topics.TAGGED, topics.CLAIMS, topics.ALERTS)
    """Tagged articles carry story, lineage and topics, so the stories topic need not be read as well."""

    def __init__(self) -> None:
        self._articles, self._stories, self._claims = _Seen(), _Seen(), _Seen()
        self._n: Counter[str] = Counter()
        self._topics: Counter[str] = Counter()
        self._alerts: dict[str, tuple[int, str]] = {}

    def take(self, topic: str, raw: bytes | None, *, old: bool = False) -> AlertSeen | None:
        """Count one record of ``topic`` (without prefix); return the alert if it is one that was not seen yet.

        ``old``: it stood in the topic before this run. What does not decode is passed over: the stages deal with it.
        """
        if raw is None:
            return None
        if topic == topics.ALERTS.name:
            return self._take_alert(raw, old)
        try:
            row = json.loads(raw)
            if topic == topics.TAGGED.name:
                self._take_article(row)
            elif topic == topics.CLAIMS.name:
                self._n["claims"] += self._claims.add(row["claim_id"])
        except (ValueError, KeyError, TypeError):
            pass
        return None

    def counts(self, articles: int, dead_letters: int, lag: Mapping[str, int | None]) -> Counts:
        """Return the figures, with those that come from offsets given: articles in, dead letters, lag a daemon."""
        return Counts(
            articles=articles,
            stories=self._n["stories"],
            copies=self._n["copies"],
            claims=self._n["claims"],
            alerts=len(self._alerts),
            dead_letters=dead_letters,
            topics=dict(self._topics.most_common()),
            severities=dict(Counter(severity for _, severity in self._alerts.values())),
            lag=dict(lag),
        )

    def _take_article(self, row: Mapping[str, object]) -> None:
        self._n["stories"] += self._stories.add(str(row["story_id"]))
        if not self._articles.add(str(row["article_id"])):
            return
        self._n["copies"] += row.get("copy_of") is not None
        matches = row.get("topics")
        if isinstance(matches, list):
            self._topics.update(str(match["slug"]) for match in matches)

    def _take_alert(self, raw: bytes, old: bool) -> AlertSeen | None:
        try:
            alert = Alert.from_bytes(raw)
        except DecodeError:
            return None
        known = self._alerts.get(alert.alert_id)
        if known and known[0] >= alert.revision:
            return None
        self._alerts[alert.alert_id] = (alert.revision, alert.severity.value)
        return AlertSeen(datetime.now(UTC), alert, update=known is not None, old=old)
