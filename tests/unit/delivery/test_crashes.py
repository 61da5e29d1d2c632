"""Random logs of alerts, acts and ticks, with failing channels and kills in between: told once, and told at all."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from monitor.delivery.bulletin import Bulletin
from monitor.delivery.channels import ChannelError
from monitor.delivery.deliverer import Deliverer, DeliveryOptions, Post
from monitor.delivery.router import errands_of
from monitor.delivery.terms import Terms
from schemas import Alert, AlertState, Errand, Feedback, FeedbackAction, Notification, Severity

Make = Callable[..., Alert]
NOON = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
Step = Errand | datetime
Told = tuple[str, str, str]

TERMS = (
    Terms(),
    Terms(per_hour=3),
    Terms(per_day=4, digest_at=time(15)),
    Terms(digest="hourly", quiet=(time(13), time(14, 30))),
    Terms(story_gap=timedelta(minutes=20), per_hour=5),
)


class Killed(BaseException):
    """Stands for the end of the process."""


class Saved(MutableMapping[str, bytes]):
    """A store of which only what was saved outlives a kill, as it is with the changelog."""

    def __init__(self) -> None:
        self.safe: dict[str, bytes] = {}
        self.now: dict[str, bytes] = {}

    def save(self) -> None:
        """Make what was written last."""
        self.safe = dict(self.now)

    def die(self) -> None:
        """Lose what was not saved."""
        self.now = dict(self.safe)

    def __getitem__(self, key: str) -> bytes:
        return self.now[key]

    def __setitem__(self, key: str, value: bytes) -> None:
        self.now[key] = value

    def __delitem__(self, key: str) -> None:
        del self.now[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.now)

    def __len__(self) -> int:
        return len(self.now)


class Flaky:
    """A channel that fails now and then, and in whose sending the process may end, before or after it has arrived."""

    name = "desk"
    pages = False

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.calm = False
        self.told: Counter[Told] = Counter()
        self.doubted: Counter[Told] = Counter()

    async def send(self, bulletin: Bulletin) -> None:
        """Take the bulletin, or not."""
        chance = 1.0 if self.calm else self.draw.random()
        if chance < 0.1:
            raise Killed
        if chance < 0.25:
            raise ChannelError("busy", transient=True, retry_after_s=self.draw.choice([None, 400]))
        what = [
            (
                entry.alert.alert_id,
                entry.occasion.value,
                entry.alert.severity.value * (entry.occasion.value == "raised"),
            )
            for entry in bulletin.entries
        ]
        self.told.update(what)
        if chance < 0.35:
            self.doubted.update(what)
            raise Killed


def some_log(draw: random.Random, make_alert: Make) -> list[Step]:
    """Return a log of half a day: alerts in several revisions, of which some are acknowledged or taken back."""
    steps: list[tuple[datetime, int, Step]] = []

    def put(at: datetime, message: Alert | Feedback) -> None:
        steps.extend((at, len(steps), errand) for errand in errands_of(message, ["desk"]))

    for number in range(draw.randint(3, 9)):
        at = NOON + timedelta(minutes=draw.randint(0, 200))
        changes: dict[str, Any] = {"alert_id": f"x{number}", "story_ids": (f"s{number % 3}",)}
        severity, state = draw.choice(list(Severity)), AlertState.CONTESTED
        for revision in range(1, draw.randint(2, 5)):
            put(at, make_alert(revision=revision, severity=severity, state=state, updated_at=at, **changes))
            at += timedelta(minutes=draw.randint(0, 90))
            severity = draw.choice([severity, severity, Severity.HIGH])
            state = draw.choice([state, state, state, AlertState.RETRACTED])
        if draw.random() < 0.3:
            act = Feedback(
                feedback_id=f"f{number}", alert_id=f"x{number}", alert_revision=1, action=FeedbackAction.ACK, actor="e",
                at=at,
            )  # fmt: skip
            put(at, act)
    ticks = [(NOON + timedelta(minutes=5 * number), -1, NOON + timedelta(minutes=5 * number)) for number in range(150)]
    return [step for _, _, step in sorted([*steps, *ticks], key=lambda item: item[:2])]


@pytest.mark.parametrize("seed", range(40))
async def test_told_once_and_told_at_all(seed: int, make_alert: Make) -> None:
    """Only what a kill left in doubt may come twice, once for each kill; a calm end brings out all that is left."""
    draw = random.Random(seed)
    store, channel = Saved(), Flaky(draw)
    terms = TERMS[seed % len(TERMS)]
    log = some_log(draw, make_alert)

    async def record(_: Notification) -> None:
        store.save()
        if not channel.calm and draw.random() < 0.1:
            raise Killed

    async def handle(step: Step) -> None:
        deliverer = Deliverer(store, [Post(channel, terms)], DeliveryOptions(attempts=50), record=record)
        await (deliverer.tick(step) if isinstance(step, datetime) else deliverer.run(step))
        store.save()

    at = 0
    while at < len(log):
        try:
            await handle(log[at])
        except Killed:
            store.die()
            at = max(0, at - draw.randint(0, 3))  # what was not committed comes again
        else:
            at += 1
    channel.calm = True
    for hours in range(1, 40):
        await handle(NOON + timedelta(hours=12 + hours))
    assert {what: count for what, count in channel.told.items() if count > 1 + channel.doubted[what]} == {}
    acked = {step.feedback.alert_id for step in log if isinstance(step, Errand) and step.feedback}
    newest = {step.alert.alert_id: step.alert for step in log if isinstance(step, Errand) and step.alert}
    open_ones = {i for i, alert in newest.items() if alert.state is AlertState.CONTESTED and i not in acked}
    told = {alert_id for alert_id, _, _ in channel.told}
    assert open_ones <= told
    again = channel.told.copy()
    for step in log:
        await handle(step)
    assert channel.told == again
    assert not [key for key in store if key.startswith(("p|", "w|"))]
    assert [raw for key, raw in store.items() if key.startswith("c|") and b'"pending":null' not in raw] == []
