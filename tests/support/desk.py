"""A read model as the pipeline would have filled it from the shipped sample articles, and a desk over it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import count

from monitor.archive import Archive
from monitor.claims.judge import RuleJudge
from monitor.demo.corpus import SAMPLE_START, Corpus, load
from monitor.ids import stable_id
from monitor.web.desk import Event
from schemas import (
    Alert,
    Article,
    Command,
    DeadLetter,
    Feedback,
    FeedbackAction,
    FeedbackVerdict,
    FeedChange,
    FeedEvent,
    FeedHealth,
    Message,
    Notification,
    NotificationState,
    Severity,
    topics,
)
from schemas.topics import TopicSpec
from tests.support.stages import Contradict, tag

Sent = tuple[TopicSpec, Message]

NOW = SAMPLE_START + timedelta(minutes=190)
"""The desk's clock: some hours after the demo's start."""


def ticking(start: datetime = NOW) -> Callable[[], datetime]:
    """Return a clock that goes on by a millisecond each time that it is asked, as no two acts are of one moment."""
    ticks = count()
    return lambda: start + timedelta(milliseconds=next(ticks))


def through_pipeline(articles: Iterable[Article]) -> list[Sent]:
    """Return what the stages would publish for the articles, in order, with the rules as the judge."""
    contradict = Contradict(RuleJudge())
    sent: list[Sent] = []
    for article, assignment, tagged in tag(articles):
        sent += [(topics.ARTICLES, article), (topics.STORIES, assignment), (topics.TAGGED, tagged)]
        for claim, alerts in contradict.add(tagged):
            sent.append((topics.CLAIMS, claim))
            sent += [(topics.ALERTS, alert) for alert in alerts]
    return sent


@cache
def corpus(start: datetime = SAMPLE_START) -> Corpus:
    """Return the sample articles, dated from ``start``."""
    return load(start)


@cache
def demo(start: datetime = SAMPLE_START, *, whole: bool = True) -> tuple[Sent, ...]:
    """Return what the pipeline publishes for the sample articles, and how their feeds fare.

    ``whole``: all articles; else those of the scenarios that raise an alert, which takes a third of the time.
    """
    found = corpus(start)
    telling = {alert.scenario for alert in found.expected.alerts}
    samples = [sample for sample in found.articles if whole or sample.scenario in telling]
    sent = through_pipeline(sample.as_article("https://news.example") for sample in samples)
    return (*sent, *((topics.FEED_EVENTS, event) for event in feed_events(found, start + (NOW - SAMPLE_START))))


def alerts_of(sent: Iterable[Sent]) -> dict[str, Alert]:
    """Return the newest revision of each alert among the messages, by id."""
    return {message.alert_id: message for _, message in sent if isinstance(message, Alert)}


def feed_events(found: Corpus, now: datetime) -> Iterator[FeedEvent]:
    """Yield where each feed stands: most answer; one fails, one is gone, one is paused, one has a wrong clock."""
    odd: dict[int, dict[str, object]] = {
        1: {"change": FeedChange.FAILS, "health": FeedHealth.FAILING, "failures": 4, "last_status": 503,
            "reason": "the server answered 503 Service Unavailable"},
        3: {"change": FeedChange.GONE, "health": FeedHealth.GONE, "failures": 1, "last_status": 410,
            "reason": "the server says the feed is gone for good (410)"},
        5: {"change": FeedChange.PAUSED, "health": FeedHealth.PAUSED, "reason": "paused by anna"},
        7: {"change": FeedChange.CLOCK_OFF, "health": FeedHealth.OK, "clock_off_s": 5400.0},
    }  # fmt: skip
    for number, outlet in enumerate(found.outlets):
        fields: dict[str, object] = {"change": FeedChange.POLLED, "health": FeedHealth.OK, "last_status": 200}
        fields |= odd.get(number, {})
        yield FeedEvent(
            event_id=stable_id("event", outlet.id),
            feed_id=outlet.id,
            url=f"https://news.example/{outlet.id}/feed.xml",
            publisher=outlet.name,
            last_polled_at=now - timedelta(minutes=number % 13),
            last_changed_at=now - timedelta(minutes=20 + number),
            due_at=now + timedelta(minutes=15 - number % 13),
            items_seen=40 + number,
            items_a_day=6.5 + number,
            latency_s=0.08 + 0.11 * number,
            at=now - timedelta(minutes=number % 13),
            **fields,  # type: ignore[arg-type]
        )


def people(alerts: Iterable[Alert], now: datetime = NOW) -> Iterator[Sent]:
    """Yield what people did with the first alerts (ack, verdicts, note, reply, snooze), and that they were told."""
    for number, alert in zip(count(), alerts, strict=False):
        at = now - timedelta(minutes=9 - number)
        if number == 0:
            yield act(alert, FeedbackAction.ACK, at)
            yield act(
                alert, FeedbackAction.NOTE, at + timedelta(seconds=40), text="Called the ministry.\nNo answer yet."
            )
            yield act(
                alert,
                FeedbackAction.REPLY,
                at + timedelta(minutes=1),
                party="Ministry of Defence",
                text="We stand by it.",
            )
        elif number == 1:
            yield act(alert, FeedbackAction.VERDICT, at, verdict=FeedbackVerdict.RIGHT)
        elif number == 2:
            yield act(alert, FeedbackAction.SNOOZE, at, until=now + timedelta(hours=8))
        elif number == 3:
            yield act(alert, FeedbackAction.VERDICT, at, verdict=FeedbackVerdict.NOT_IMPORTANT)
        yield topics.NOTIFICATIONS, Notification(
            notification_id=stable_id("note", alert.alert_id), alert_id=alert.alert_id, channel="desk-mail",
            alert_revision=alert.revision, state=NotificationState.SENT, attempts=1, at=at, topics=alert.topics,
            severity=alert.severity,
        )  # fmt: skip


def act(alert: Alert, action: FeedbackAction, at: datetime, actor: str = "anna", **more: object) -> Sent:
    """Return one act of a person."""
    name = stable_id("feedback", alert.alert_id, action.value, at.isoformat(), actor, str(more))
    return topics.FEEDBACK, Feedback(
        feedback_id=name, alert_id=alert.alert_id, alert_revision=alert.revision, action=action, actor=actor, at=at,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def dead_letter(now: datetime = NOW) -> Sent:
    """Return a record that a stage refused."""
    value = b'{"schema_version": 9, "title": "<script>alert(1)</script>"}'
    return topics.DEAD_LETTERS, DeadLetter(
        dead_letter_id=stable_id("dead", "enrich", "articles", 3, 17), stage="enrich", topic="articles", partition=3,
        offset=17, value=value, value_size=len(value), error="SchemaVersionError",
        reason="the record has schema version 9, this program knows 1", attempts=1,
        failed_at=now - timedelta(minutes=31),
    )  # fmt: skip


def fill(archive: Archive, sent: Iterable[Sent] | None = None) -> dict[str, Alert]:
    """Write the demo (or ``sent``), what people did, and a dead letter; return the alerts by id."""
    messages = list(demo() if sent is None else sent)
    alerts = alerts_of(messages)
    rank = {Severity.HIGH: 0, Severity.MEDIUM: 1, Severity.LOW: 2}
    first = sorted(alerts.values(), key=lambda alert: (rank[alert.severity], alert.alert_id))
    archive.write([*messages, *people(first), dead_letter()])
    return alerts


@dataclass
class DirectPublisher:
    """Takes what people do and writes it to the archive itself, as if Kafka and the archive's daemon were instant."""

    archive: Archive
    live: MemoryLive
    commands: list[tuple[Command, str]] = field(default_factory=list)
    acts: list[Feedback] = field(default_factory=list)

    async def feedback(self, feedback: Feedback) -> None:
        """Keep an act, archive it, and tell every page."""
        self.acts.append(feedback)
        await asyncio.to_thread(self.archive.write, [(topics.FEEDBACK, feedback)])
        self.live.tell("feedback", feedback)

    async def command(self, command: Command, host: str) -> None:
        """Keep an order."""
        self.commands.append((command, host))


@dataclass
class MemoryLive:
    """Events within one process; ``tell`` may be called from any thread."""

    connected: bool = True
    _queues: list[tuple[asyncio.AbstractEventLoop, asyncio.Queue[Event]]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def clients(self) -> int:
        """How many pages listen."""
        return len(self._queues)

    @property
    def last_id(self) -> str:
        """Nothing can be resumed from here."""
        return ""

    def tell(self, kind: str, message: Message) -> None:
        """Send a message to all who listen."""
        event = Event(str(next(self._numbers)), kind, message.to_json())  # type: ignore[arg-type]
        for loop, queue in list(self._queues):
            loop.call_soon_threadsafe(queue.put_nowait, event)

    async def follow(self, last_event_id: str | None = None) -> AsyncGenerator[Event | None, None]:
        """Yield events until the listener goes."""
        async for event in self.subscribe(last_event_id):
            yield event

    async def subscribe(self, last_event_id: str | None = None) -> AsyncGenerator[Event, None]:
        """Yield events until the listener goes."""
        mine = (asyncio.get_running_loop(), asyncio.Queue[Event]())
        self._queues.append(mine)
        try:
            while True:
                yield await mine[1].get()
        finally:
            self._queues.remove(mine)


PAYLOADS = (
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    '"><svg onload="document.title=\'owned\'">',
    "'><body onload='document.title=1'>",
    "</title><script>document.title='owned'</script>",
    "</textarea><script>document.title='owned'</script>",
    "<iframe srcdoc=\"<script>parent.document.title='owned'</script>\"></iframe>",
    "<a href=\"javascript:document.title='owned'\">here</a>",
    "{{ 7 * 7 }}{% raw %}",
    "<!-- --><script>document.title='owned'</script>",
    "<math><mi xlink:href=\"data:x,<script>document.title='owned'</script>\">",
    "\u202e<b>reversed</b>",
    '<div hx-get="/alerts" hx-trigger="load">x</div>',
)
"""Titles, names and quotes that would do something if a page let them: each must show as text."""

ADDRESSES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "//evil.example/x",
    "https:evil",
    "\x01javascript:alert(1)",
)
"""What a feed may give as the address of an item, and no link may lead to."""


def poisoned(payload: str, url: str = "https://news.example/a", number: int = 0, now: datetime = NOW) -> list[Sent]:
    """Return an article, a feed and an alert in which every text from outside is ``payload``."""
    text = f"{payload} said the bridge in Aleppo was hit. {payload}"
    article = Article(
        article_id=f"poison{number}", content_hash=f"p{number}", feed_id=f"feed{number}", url=url, title=payload,
        text=text, publisher=payload, published_at=now - timedelta(hours=2), first_seen_at=now - timedelta(hours=1),
    )  # fmt: skip
    model = next(iter(alerts_of(demo(whole=False)).values()))
    sides = tuple(
        side.model_copy(
            update={
                "claims": tuple(
                    claim.model_copy(
                        update={
                            "claim_id": f"poison{number}-{position}", "article_id": article.article_id, "quote": text,
                            "span": (0, len(text)), "speaker": payload, "source": payload, "url": url,
                        }
                    )
                    for claim in side.claims[:1]
                )
            }
        )
        for position, side in enumerate(model.sides)
    )  # fmt: skip
    slots = tuple(slot.model_copy(update={"a": payload, "b": payload}) for slot in model.slots)
    alert = model.model_copy(
        update={
            "alert_id": f"apoison{number}", "summary": f"{payload}'s claim is disputed by {payload}", "sides": sides,
            "slots": slots, "updated_at": now, "model": payload,
        }
    )  # fmt: skip
    event = FeedEvent(
        event_id=f"poison{number}", feed_id=f"feed{number}", url=url, publisher=payload, change=FeedChange.FAILS,
        health=FeedHealth.FAILING, reason=payload, at=now,
    )  # fmt: skip
    tagged = through_pipeline([article])
    notes = [
        act(alert, FeedbackAction.NOTE, now, actor=payload[:200], text=payload),
        act(alert, FeedbackAction.REPLY, now, actor=payload[:200], text=payload, party=payload),
    ]
    return [*tagged, (topics.ALERTS, alert), (topics.FEED_EVENTS, event), *notes]
