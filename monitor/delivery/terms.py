"""What a channel's owner asked for: which alerts, when, and how many. From the settings; no I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from monitor.settings import ChannelSettings, DeliverySettings, RuleSettings
from schemas.alert import Alert, AlertClaim, Severity

__all__ = ["Terms", "fits_rule", "terms_of"]

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one channel. ``rules``: None where no rule names it, which is every alert.

    ``quiet`` begins and ends on the clock of ``zone``; ``per_hour`` and ``per_day`` count messages.
    """

    pages: bool = False
    edits: bool = False
    least: Severity = Severity.LOW
    rules: tuple[RuleSettings, ...] | None = None
    zone: tzinfo = UTC
    quiet: tuple[time, time] | None = None
    quiet_high: bool = False
    per_hour: int | None = None
    per_day: int | None = None
    digest: Literal["off", "hourly", "daily"] = "off"
    digest_at: time = time(8)
    story_gap: timedelta = timedelta(0)

    def quiet_until(self, now: datetime) -> datetime | None:
        """Return when the quiet hours end that ``now`` falls into; None where it falls into none."""
        if self.quiet is None:
            return None
        begin, end = self.quiet
        clock = now.astimezone(self.zone).time()
        quiet = begin <= clock < end if begin < end else clock >= begin or clock < end
        return self._next(end, now) if quiet else None

    def next_digest(self, now: datetime) -> datetime:
        """Return when the next digest goes out; without digests, when a daily one would."""
        if self.digest == "hourly":
            past = timedelta(minutes=now.astimezone(self.zone).minute)
            return now.replace(second=0, microsecond=0) - past + HOUR
        return self._next(self.digest_at, now)

    def day_of(self, now: datetime) -> str:
        """Return the day (ISO) that it is where the channel is read."""
        return now.astimezone(self.zone).date().isoformat()

    def _next(self, clock: time, now: datetime) -> datetime:
        """Return the next moment after ``now`` at which the clock of the zone shows ``clock``."""
        local = now.astimezone(self.zone)
        for days in range(3):
            day = local.date() + days * DAY
            # Through UTC: on the day of a change of clocks, times of one zone are compared by the wall.
            moment = datetime.combine(day, clock, self.zone).astimezone(now.tzinfo)
            if moment > now:
                return moment
        raise AssertionError("there is a next day")


def terms_of(settings: DeliverySettings, name: str, *, pages: bool = False) -> Terms:
    """Return the terms of the channel called ``name``: one of ``settings.channels``, or one that is built in."""
    rules = tuple(rule for rule in settings.rules if name in rule.channels)
    given = next((channel for channel in settings.channels if channel.name == name), None)
    if given is None:
        return Terms(pages=pages, least=Severity(settings.min_severity), rules=rules or None)
    return Terms(
        pages=given.pages,
        edits=given.edits,
        least=max(Severity(given.min_severity), Severity(settings.min_severity), key=list(Severity).index),
        rules=rules or None,
        zone=ZoneInfo(given.zone),
        quiet=_hours(given),
        quiet_high=given.quiet_high,
        per_hour=given.per_hour,
        per_day=given.per_day,
        digest=given.digest,
        digest_at=time.fromisoformat(given.digest_at),
        story_gap=timedelta(seconds=given.story_gap_s),
    )


def fits_rule(alert: Alert, rule: RuleSettings) -> bool:
    """Say whether an alert fits every condition that a rule gives."""
    return (
        (not rule.topics or not set(rule.topics).isdisjoint(alert.topics))
        and (not rule.kinds or alert.kind.value in rule.kinds)
        and (not rule.severities or alert.severity.value in rule.severities)
        and (not rule.languages or any(_speaks(claim, rule.languages) for claim in _claims(alert)))
        and (
            not rule.publisher_kinds
            or any(claim.publisher_kind.value in rule.publisher_kinds for claim in _claims(alert))
        )
    )


def _claims(alert: Alert) -> Iterator[AlertClaim]:
    for side in alert.sides:
        yield from side.claims


def _speaks(claim: AlertClaim, languages: tuple[str, ...]) -> bool:
    # RFC 4647, basic filtering: "pt" takes "pt-BR" too.
    tag = claim.language.lower()
    return any(tag == wanted.lower() or tag.startswith(f"{wanted.lower()}-") for wanted in languages)


def _hours(channel: ChannelSettings) -> tuple[time, time] | None:
    if channel.quiet is None:
        return None
    begin, _, end = channel.quiet.partition("-")
    return time.fromisoformat(begin), time.fromisoformat(end)
