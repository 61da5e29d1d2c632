"""The deliver workers on real Kafka, with real receivers: told once, through kills; updates, feedback, dead letters."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable

import pytest
from aiohttp import web

from monitor.delivery.acts import feedback_of
from monitor.settings import ChannelSettings, DeliverySettings, Settings, StreamSettings
from monitor.stream.dead_letters import open_letters, retry
from schemas import (
    Alert,
    AlertState,
    Feedback,
    FeedbackAction,
    Notification,
    NotificationState,
    Severity,
    topics,
)
from tests.support.alerts import some_alert
from tests.support.fleet import Fleet, lag, publish, read_all
from tests.support.listening import listening
from tests.support.live import until

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(900)]

PATIENCE_S = 240.0
SECRET = "of-this-test-alone-0123"


class Receiver:
    """A web server that keeps what it is sent, and answers with the next status that the test names, else with 204."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.events: list[tuple[str, str]] = []
        self.bodies: list[dict[str, object]] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        """Keep the request if it is taken."""
        body = await request.json()
        status = self.statuses.pop(0) if self.statuses else 204
        if status < 300:
            self.events.append((request.headers["Counterclaim-Event"], request.headers["Idempotency-Key"]))
            self.bodies.append(body)
        return web.Response(status=status)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A running receiver."""
    receiver = Receiver()
    async with listening(receiver.handle) as base:
        receiver.url = f"{base}/hook"
        yield receiver


def delivering(settings: Settings, receiver: Receiver, **options: object) -> Settings:
    """Return settings with a file and a signed webhook, whose terms are in ``options``."""
    channels = (ChannelSettings(name="desk", url=f"{receiver.url}/desk", secret=SECRET, **options),)
    delivery = DeliverySettings(
        channels=channels, file=settings.data / "told.jsonl", attempts=4, backoff_s=0.2, tick_s=1, timeout_s=30
    )
    stream = StreamSettings(session_timeout_s=6)
    return settings.model_copy(update={"delivery": delivery, "stream": stream})


async def send_alerts(settings: Settings, alerts: Iterable[Alert]) -> None:
    """Put alerts on their topic."""
    await publish(settings, topics.ALERTS, [(alert.alert_id.encode(), alert.to_bytes()) for alert in alerts])


async def send_feedback(settings: Settings, acts: Iterable[Feedback]) -> None:
    """Put feedback on its topic."""
    await publish(settings, topics.FEEDBACK, [(act.alert_id.encode(), act.to_bytes()) for act in acts])


async def handled(settings: Settings) -> None:
    """Wait until the workers have handled all that there is, ticks included."""

    async def nothing_left() -> bool:
        return not any((await lag(settings, ["deliver"])).values())

    await until(nothing_left, PATIENCE_S)


def told_in_file(settings: Settings) -> Counter[tuple[str, int]]:
    """Count the lines of the alerts' file by alert and revision."""
    path = settings.delivery.file
    assert path is not None
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    return Counter((row["alert_id"], row["revision"]) for row in rows)


async def test_each_alert_is_told_once_through_kills_and_a_replay(
    kafka_settings: Settings, make_topics: Callable[..., None], receiver: Receiver
) -> None:
    """Two workers, one killed with its state in the middle: each alert is told once; the log again tells nobody."""
    make_topics()
    settings = delivering(kafka_settings, receiver)
    alerts = [some_alert(f"a{number}") for number in range(12)]
    once = Counter({(alert.alert_id, 1): 1 for alert in alerts})
    async with Fleet(settings, {"deliver": 2}) as fleet:
        receiver.statuses = [503, 429]
        await send_alerts(settings, alerts[:6])
        await until(lambda: _ready(len(receiver.events) >= 3), PATIENCE_S)
        fleet.kill(fleet.workers[0], with_state=True)
        await send_alerts(settings, alerts[6:])
        await until(lambda: _ready(len(set(receiver.events)) == 12), PATIENCE_S)
        await until(lambda: _ready(len(told_in_file(settings)) == 12), PATIENCE_S)
        await handled(settings)
        assert told_in_file(settings) == once
        # The kill may have come while one message was on its way: that one may have been repeated, under its key.
        repeated = Counter(receiver.events)
        assert sum(repeated.values()) <= 13
        before = len(receiver.events)
        reach = [alert.model_copy(update={"revision": 2}) for alert in alerts]
        await send_alerts(settings, [*alerts, *reach])
        await handled(settings)
        assert len(receiver.events) == before
        assert told_in_file(settings) == once
    notes = [
        Notification.from_bytes(record.value)
        for records in (await read_all(settings, topics.NOTIFICATIONS)).values()
        for record in records
    ]
    sent = {note.notification_id for note in notes if note.state is NotificationState.SENT}
    assert len(sent) == 24
    assert {note.topics for note in notes} == {("harbours",)}


async def _ready(state: bool) -> bool:
    return state


async def test_people_are_obeyed_and_told_of_what_is_taken_back(
    kafka_settings: Settings, make_topics: Callable[..., None], receiver: Receiver
) -> None:
    """Acknowledged: no rise, but the retraction; the other alert's rise is told; on both channels alike."""
    make_topics()
    settings = delivering(kafka_settings, receiver)
    acked, other = some_alert("acked"), some_alert("other")
    async with Fleet(settings, {"deliver": 1}):
        await send_alerts(settings, [acked, other])
        await until(lambda: _ready(len(receiver.events) == 2), PATIENCE_S)
        act = feedback_of("acked", 1, FeedbackAction.ACK, "editor", acked.updated_at)
        await send_feedback(settings, [act])
        await handled(settings)
        rise = {"revision": 2, "severity": Severity.HIGH}
        await send_alerts(settings, [acked.model_copy(update=rise), other.model_copy(update=rise)])
        await handled(settings)
        back = {"revision": 3, "state": AlertState.RETRACTED}
        await send_alerts(settings, [acked.model_copy(update=back)])
        await until(lambda: _ready(len(receiver.events) == 4), PATIENCE_S)
        await handled(settings)
    assert sorted(receiver.events[:2]) == [("alert", "acked-1"), ("alert", "other-1")]
    assert receiver.events[2:] == [("raised", "other-2"), ("retracted", "acked-3")]
    assert told_in_file(settings) == {("acked", 1): 1, ("other", 1): 1, ("other", 2): 1, ("acked", 3): 1}


async def test_what_waits_goes_out_as_one_message_by_the_ticks(
    kafka_settings: Settings, make_topics: Callable[..., None], receiver: Receiver
) -> None:
    """Of three alerts on a story the first goes at once, the others together when the gap is over."""
    make_topics()
    settings = delivering(kafka_settings, receiver, story_gap_s=20)
    alerts = [some_alert(f"a{number}", story_ids=("story",)) for number in range(3)]
    async with Fleet(settings, {"deliver": 1}):
        await send_alerts(settings, alerts[:1])
        await until(lambda: _ready(len(receiver.events) == 1), PATIENCE_S)
        await send_alerts(settings, alerts[1:])
        await until(lambda: _ready(len(receiver.events) == 2), PATIENCE_S)
        await handled(settings)
    assert [event for event, _ in receiver.events] == ["alert", "digest"]
    found = receiver.bodies[1]["alerts"]
    assert isinstance(found, list)
    assert sorted(row["alert_id"] for row in found) == ["a1", "a2"]


async def test_what_could_not_be_sent_is_a_dead_letter_and_can_be_sent_again(
    kafka_settings: Settings, make_topics: Callable[..., None], receiver: Receiver
) -> None:
    """A refusal for good: the other channel has its message, and a retry sends it to the one that failed alone."""
    make_topics()
    settings = delivering(kafka_settings, receiver)
    async with Fleet(settings, {"deliver": 1}):
        receiver.statuses = [404]
        await send_alerts(settings, [some_alert("lost")])

        async def buried() -> bool:
            return bool(await open_letters(settings, "deliver"))

        await until(buried, PATIENCE_S)
        (letter,) = await open_letters(settings, "deliver")
        assert (letter.topic, letter.error, letter.attempts) == ("errands", "UndeliveredError", 1)
        assert "404" in letter.reason
        assert receiver.events == []
        (result,) = await retry(settings, [letter])
        assert result.reason is None
        await until(lambda: _ready(receiver.events == [("alert", "lost-1")]), PATIENCE_S)
        await handled(settings)
        assert await open_letters(settings, "deliver") == []
    assert told_in_file(settings) == {("lost", 1): 1}
