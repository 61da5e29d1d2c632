import copy
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from monitor.delivery.bulletin import Bulletin
from monitor.delivery.channels import ChannelError
from monitor.delivery.deliverer import Deliverer, DeliveryOptions, GivenUp, Post, errand_for
from monitor.delivery.router import errands_of
from monitor.delivery.terms import Terms
from schemas import (
    Alert,
    AlertState,
    Errand,
    Feedback,
    FeedbackAction,
    FeedbackVerdict,
    Notification,
    NotificationState,
    Occasion,
    Severity,
)

Make = Callable[..., Alert]
SENT, SENDING, FAILED = NotificationState.SENT, NotificationState.SENDING, NotificationState.FAILED
NOON = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


class Recorder:
    """A channel that keeps what it was sent, and raises what it is told to first."""

    pages = False

    def __init__(self, name: str = "desk", errors: list[BaseException] | None = None) -> None:
        self.name = name
        self.errors = errors or []
        self.sent: list[Bulletin] = []

    async def send(self, bulletin: Bulletin) -> None:
        """Keep the bulletin, or raise the next error."""
        if self.errors:
            raise self.errors.pop(0)
        self.sent.append(bulletin)

    @property
    def told(self) -> list[list[tuple[str, int, str]]]:
        """Alert, revision and occasion of each message."""
        return [
            [(entry.alert.alert_id, entry.alert.revision, entry.occasion.value) for entry in bulletin.entries]
            for bulletin in self.sent
        ]


class Rig:
    """A deliverer over a store that lasts, with what it recorded and gave up."""

    def __init__(self, channel: Recorder | None = None, *, attempts: int = 3, **terms: Any) -> None:
        self.channel = channel or Recorder()
        self.terms = Terms(**terms)
        self.options = DeliveryOptions(attempts, backoff_s=10)
        self.store: dict[str, bytes] = {}
        self.records: list[Notification] = []
        self.lost: list[GivenUp] = []

    def _deliverer(self) -> Deliverer:
        async def record(notification: Notification) -> None:
            self.records.append(notification)

        async def give_up(lost: GivenUp) -> None:
            self.lost.append(lost)

        post = Post(self.channel, self.terms)
        return Deliverer(self.store, [post], self.options, record=record, give_up=give_up)

    async def take(self, message: Alert | Feedback | Errand, offset: int = 0) -> None:
        """Take a message, by a deliverer of its own: nothing is kept but the store."""
        errands = [message] if isinstance(message, Errand) else errands_of(message, [self.channel.name])
        for errand in errands:
            await self._deliverer().run(errand, offset)

    async def tick(self, minutes: float) -> None:
        """Let it be so many minutes after noon."""
        await self._deliverer().tick(NOON + timedelta(minutes=minutes))

    @property
    def told(self) -> list[list[tuple[str, int, str]]]:
        """What the channel was told."""
        return self.channel.told


def act(action: str, minutes: float = 0, alert_id: str = "x1", **changes: Any) -> Feedback:
    """Return what a person did, so many minutes after noon."""
    return Feedback(
        feedback_id=f"f-{action}-{minutes}-{alert_id}",
        alert_id=alert_id,
        alert_revision=1,
        action=FeedbackAction(action),
        actor="editor",
        at=NOON + timedelta(minutes=minutes),
        **changes,
    )


async def test_an_alert_is_sent_once(make_alert: Make) -> None:
    """Coming again, and with every later revision that only adds reach, it is not sent again."""
    rig = Rig()
    await rig.take(make_alert())
    await rig.take(make_alert())
    await rig.take(make_alert(revision=2))
    assert rig.told == [[("x1", 1, "alert")]]


async def test_it_is_recorded_before_and_after(make_alert: Make) -> None:
    """What is to be sent is on record, and in the store, as being sent before it is; and as sent when it has been."""
    rig = Rig()
    seen: list[tuple[NotificationState, int]] = []
    stored: list[dict[str, bytes]] = []

    async def record(notification: Notification) -> None:
        seen.append((notification.state, len(rig.channel.sent)))
        stored.append(copy.copy(rig.store))

    await Deliverer(rig.store, [Post(rig.channel)], record=record).run(errand_for("desk", make_alert()))
    assert seen == [(SENDING, 0), (SENT, 1)]
    outcomes = [[b'"outcome":"sent"' in raw for key, raw in store.items() if key.startswith("p|")] for store in stored]
    assert outcomes == [[False], [True]]
    assert not [key for key in rig.store if key.startswith("p|")]


async def test_a_notification_says_what_it_was_for(make_alert: Make) -> None:
    """Channel, occasion, topics and severity are there, so that messages a day can be counted by them."""
    rig = Rig()
    await rig.take(make_alert())
    await rig.take(make_alert(revision=2, severity=Severity.HIGH))
    sent = [record for record in rig.records if record.state is SENT]
    assert [(each.occasion, each.severity, each.topics, each.channel) for each in sent] == [
        (Occasion.ALERT, Severity.MEDIUM, ("harbours",), "desk"),
        (Occasion.RAISED, Severity.HIGH, ("harbours",), "desk"),
    ]
    assert len({each.message_id for each in sent}) == len({each.notification_id for each in sent}) == 2


async def test_a_crash_in_between_repeats_that_one(make_alert: Make) -> None:
    """What a crash left in doubt is sent once more when the alert comes again, or at the next tick; then no more."""
    for by_tick in (False, True):
        rig = Rig(Recorder(errors=[Killed()]))  # the process ends in the middle of the sending
        with pytest.raises(Killed):
            await rig.take(make_alert())
        await (rig.tick(1) if by_tick else rig.take(make_alert()))
        await rig.take(make_alert())
        await rig.tick(2)
        assert rig.told == [[("x1", 1, "alert")]]


async def test_a_transient_failure_is_tried_again_when_it_is_due(make_alert: Make) -> None:
    """By the ticks, each time after twice as long; meanwhile others are not held up. It ends in a delivery."""
    rig = Rig(Recorder(errors=[ChannelError("busy", transient=True)] * 2))
    await rig.take(make_alert())
    for seconds, sent in ((9, 0), (10, 0), (29, 0), (30, 1)):
        await rig.tick(seconds / 60)
        assert len(rig.channel.sent) == sent, seconds
    assert (rig.records[-1].state, rig.records[-1].attempts) == (SENT, 3)
    assert rig.lost == []


async def test_the_wait_that_a_channel_asks_for_is_kept(make_alert: Make) -> None:
    """Retry-After counts where it is longer than the back-off."""
    rig = Rig(Recorder(errors=[ChannelError("busy", transient=True, retry_after_s=120)]))
    await rig.take(make_alert())
    await rig.tick(1.9)
    assert rig.told == []
    await rig.tick(2)
    assert rig.told == [[("x1", 1, "alert")]]


async def test_what_fails_at_each_try_is_given_up_and_can_be_sent_again(make_alert: Make) -> None:
    """After the last try it is recorded as failed and handed back as an errand, with which it is told after all."""
    rig = Rig(Recorder(errors=[ChannelError("busy", transient=True)] * 3))
    await rig.take(make_alert(), offset=41)
    for minutes in (1, 2, 3):
        await rig.tick(minutes)
    assert rig.told == []
    assert (rig.records[-1].state, rig.records[-1].reason, rig.records[-1].attempts) == (FAILED, "busy", 3)
    (lost,) = rig.lost
    assert (lost.offset, lost.attempts, lost.error.message) == (41, 3, "not sent on desk: busy")
    letter = lost.letter("deliver", 5)
    assert (letter.topic, letter.partition, letter.offset, letter.key) == ("errands", 5, 41, b"desk")
    await rig.take(Errand.from_bytes(letter.value or b""))
    assert rig.told == [[("x1", 1, "alert")]]


async def test_what_cannot_pass_is_not_tried_again(make_alert: Make) -> None:
    """A refusal for good is one try."""
    rig = Rig(Recorder(errors=[ChannelError("gone", transient=False)]))
    await rig.take(make_alert())
    await rig.tick(60)
    assert (rig.records[-1].state, rig.records[-1].attempts, len(rig.lost)) == (FAILED, 1, 1)
    assert rig.told == []


async def test_channels_do_not_hold_each_other_up(make_alert: Make) -> None:
    """One that fails leaves the other's message alone; each has its own errands."""
    good, bad = Recorder("good"), Recorder("bad", [ChannelError("busy", transient=True)])
    store: dict[str, bytes] = {}
    posts = [Post(good), Post(bad)]
    for errand in errands_of(make_alert(), ["bad", "good"]):
        await Deliverer(store, posts).run(errand)
    assert (len(good.sent), len(bad.sent)) == (1, 0)
    await Deliverer(store, posts).tick(NOON + timedelta(minutes=1))
    assert (len(good.sent), len(bad.sent)) == (1, 1)


async def test_an_errand_for_a_channel_that_is_gone_is_nothing(make_alert: Make) -> None:
    """A channel taken out of the settings gets nothing, and what comes for it harms nobody."""
    rig = Rig()
    await rig.take(errand_for("gone", make_alert()))
    assert rig.told == []
    assert rig.store == {}


async def test_updates_go_to_whoever_was_told(make_alert: Make) -> None:
    """A rise and a retraction are a message each, once; reach in between is none."""
    rig = Rig()
    revisions = [
        make_alert(),
        make_alert(revision=2, severity=Severity.HIGH),
        make_alert(revision=3, severity=Severity.HIGH),
        make_alert(revision=4, state=AlertState.RETRACTED, severity=Severity.LOW),
        make_alert(revision=5, state=AlertState.RETRACTED, severity=Severity.LOW),
    ]
    for alert in [*revisions, *revisions]:
        await rig.take(alert)
    assert rig.told == [[("x1", 1, "alert")], [("x1", 2, "raised")], [("x1", 4, "retracted")]]


async def test_a_channel_that_edits_gets_each_revision_once(make_alert: Make) -> None:
    """Revisions after the first are edits; an older one that comes late is none."""
    rig = Rig(edits=True)
    for revision in (1, 2, 2, 1, 3):
        await rig.take(make_alert(revision=revision))
    assert rig.told == [[("x1", 1, "alert")], [("x1", 2, "edited")], [("x1", 3, "edited")]]


# -- digests, quiet hours, rate


async def test_what_waits_goes_out_as_one_digest(make_alert: Make) -> None:
    """At the hour, all of it in one message, the weightiest story first; each alert once, in its newest revision."""
    rig = Rig(digest="hourly")
    await rig.tick(5)
    await rig.take(make_alert())
    await rig.take(make_alert(alert_id="x2", story_ids=("s2",), severity=Severity.HIGH))
    await rig.take(make_alert(revision=2))
    await rig.tick(59)
    assert rig.told == []
    await rig.tick(60)
    assert rig.told == [[("x2", 1, "alert"), ("x1", 2, "alert")]]
    assert rig.channel.sent[0].digest
    await rig.take(make_alert(revision=3))
    for minutes in (61, 120, 180):
        await rig.tick(minutes)
    assert len(rig.told) == 1
    sent = [record for record in rig.records if record.state is SENT]
    assert len(sent) == 2
    assert len({record.message_id for record in sent}) == 1


async def test_a_digest_that_a_crash_cut_off_is_sent_with_the_same_id(make_alert: Make) -> None:
    """Before and after the crash it is the same message, so that a receiver can drop the repeat."""
    rig = Rig(digest="hourly")
    await rig.tick(0)
    await rig.take(make_alert())
    await rig.take(make_alert(alert_id="x2"))
    rig.channel.errors = [Killed()]
    with pytest.raises(Killed):
        await rig.tick(60)
    before = {record.message_id for record in rig.records}
    await rig.tick(61)
    assert {bulletin.message_id for bulletin in rig.channel.sent} == before
    assert len(rig.told) == 1


async def test_after_quiet_hours_what_waited_is_one_message(make_alert: Make) -> None:
    """And what was taken back meanwhile, before anybody was told, is left out."""
    rig = Rig(quiet=(time(11), time(13)))
    for number in (1, 2, 3):
        await rig.take(make_alert(alert_id=f"x{number}"))
    await rig.take(make_alert(alert_id="x2", revision=2, state=AlertState.RETRACTED))
    await rig.tick(59)
    assert rig.told == []
    await rig.tick(60)
    assert rig.told == [[("x1", 1, "alert"), ("x3", 1, "alert")]]


async def test_over_the_budget_the_rest_waits_for_the_digest(make_alert: Make) -> None:
    """Two messages a day: the third alert waits until eight, unless it is high; one that rises to high goes at once."""
    rig = Rig(per_day=2)
    for number in (1, 2, 3, 4):
        await rig.take(make_alert(alert_id=f"x{number}"))
    assert [message[0][0] for message in rig.told] == ["x1", "x2"]
    await rig.take(make_alert(alert_id="x5", severity=Severity.HIGH))
    await rig.take(make_alert(alert_id="x4", revision=2, severity=Severity.HIGH))
    await rig.take(make_alert(alert_id="x6"))
    assert [message[0][0] for message in rig.told[2:]] == ["x5", "x4"]
    await rig.tick(19 * 60 + 59)
    assert len(rig.told) == 4
    await rig.tick(20 * 60)
    assert [entry[0] for entry in rig.told[4]] == ["x3", "x6"]


async def test_at_the_rate_one_message_holds_what_waited(make_alert: Make) -> None:
    """Two an hour: what comes beyond goes out together when there is room again."""
    rig = Rig(per_hour=2)
    for number in (1, 2, 3, 4):
        await rig.take(make_alert(alert_id=f"x{number}", updated_at=NOON + timedelta(minutes=number)))
    assert len(rig.told) == 2
    await rig.tick(60)
    assert len(rig.told) == 2
    await rig.tick(61)
    assert [entry[0] for entry in rig.told[2]] == ["x3", "x4"]


# -- feedback


async def test_what_is_acknowledged_is_left_alone_until_it_is_taken_back(make_alert: Make) -> None:
    """No rise is told of an acknowledged alert; its retraction is."""
    rig = Rig()
    await rig.take(make_alert())
    await rig.take(act("ack", 1))
    await rig.take(make_alert(revision=2, severity=Severity.HIGH))
    await rig.tick(60)
    await rig.take(make_alert(revision=3, state=AlertState.RETRACTED))
    assert rig.told == [[("x1", 1, "alert")], [("x1", 3, "retracted")]]


async def test_feedback_that_comes_before_the_alert_counts_too(make_alert: Make) -> None:
    """Partitions are read in any order: an alert judged wrong elsewhere first is not told here."""
    rig = Rig()
    await rig.take(act("verdict", verdict=FeedbackVerdict.WRONG))
    await rig.take(make_alert())
    assert rig.told == []
    await rig.take(act("verdict", 5, undo=True))
    assert rig.told == [[("x1", 1, "alert")]]


async def test_a_snooze_ends_when_it_says(make_alert: Make) -> None:
    """What rose meanwhile is told then; where nothing did, nothing is."""
    rig = Rig()
    for alert_id in ("x1", "x2"):
        await rig.take(make_alert(alert_id=alert_id))
        await rig.take(act("snooze", alert_id=alert_id, until=NOON + timedelta(minutes=30)))
    await rig.take(make_alert(revision=2, severity=Severity.HIGH))
    await rig.tick(29)
    assert len(rig.told) == 2
    await rig.tick(30)
    assert rig.told[2:] == [[("x1", 2, "raised")]]
    await rig.tick(90)
    assert len(rig.told) == 3


async def test_an_ack_reaches_what_waits_for_a_digest_or_for_another_try(make_alert: Make) -> None:
    """An alert that somebody has taken on is taken out of the digest, and of what failed the first time."""
    rig = Rig(digest="hourly")
    await rig.tick(0)
    for alert_id in ("x1", "x2"):
        await rig.take(make_alert(alert_id=alert_id))
    await rig.take(act("ack", 1))
    await rig.tick(60)
    assert rig.told == [[("x2", 1, "alert")]]
    rig = Rig(Recorder(errors=[ChannelError("busy", transient=True)]))
    await rig.take(make_alert())
    await rig.take(act("ack", 0.1))
    await rig.tick(5)
    assert rig.told == []


# -- replay


async def test_a_replay_tells_nobody_twice(make_alert: Make) -> None:
    """The whole log once more, ticks and feedback included, sends nothing and leaves the state as it was."""
    rig = Rig(per_hour=3, per_day=4, story_gap=timedelta(minutes=5), quiet=(time(13), time(14)))

    async def log() -> None:
        for number in range(8):
            await rig.tick(number * 20)
            alert_id = f"x{number}"
            await rig.take(make_alert(alert_id=alert_id, story_ids=(f"s{number % 3}",)), offset=number)
            if number % 3 == 0:
                await rig.take(act("ack", number * 20, alert_id))
            await rig.take(make_alert(alert_id=alert_id, revision=2, severity=Severity.HIGH), offset=number + 100)
        await rig.tick(24 * 60)

    await log()
    told, store = rig.told, {key: value for key, value in rig.store.items() if key != "t"}
    entries = [(alert_id, occasion) for message in told for alert_id, _, occasion in message]
    assert len(entries) == len(set(entries)) > 6
    assert max(map(len, told)) > 1, "nothing was grouped"
    await log()
    assert rig.told == told
    cases = {key for key in store if key.startswith("c|")}
    assert {key for key in rig.store if key.startswith(("w|", "p|"))} == set()
    assert {key for key in rig.store if key.startswith("c|")} == cases


async def test_two_runs_over_the_same_log_do_the_same(make_alert: Make) -> None:
    """No clock and no chance: what goes out, and when, follows from the messages alone."""
    runs = []
    for _ in range(2):
        rig = Rig(per_hour=2, digest_at=time(15))
        for number in range(6):
            await rig.take(make_alert(alert_id=f"x{number}"))
            await rig.tick(number * 10)
        await rig.tick(4 * 60)
        runs.append((rig.told, rig.store, rig.records))
    assert runs[0] == runs[1]


async def test_old_cases_are_forgotten(make_alert: Make) -> None:
    """After two months without a word about it nothing is kept of an alert, and the state does not grow for ever."""
    rig = Rig()
    await rig.tick(0)
    await rig.take(make_alert())
    await rig.tick(59 * 24 * 60)
    assert any(key.startswith("c|") for key in rig.store)
    await rig.tick(61 * 24 * 60)
    assert not any(key.startswith("c|") for key in rig.store)
