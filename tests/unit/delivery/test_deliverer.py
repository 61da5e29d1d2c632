from collections.abc import Callable

import pytest

from monitor.delivery.channels import ChannelError
from monitor.delivery.deliverer import Deliverer, DeliveryOptions, undelivered
from schemas import Alert, AlertState, Notification, NotificationState, Severity

Make = Callable[..., Alert]
SENT, SENDING, FAILED = NotificationState.SENT, NotificationState.SENDING, NotificationState.FAILED


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


class Recorder:
    """A channel that keeps what it was sent, and raises what it is told to first."""

    def __init__(self, name: str = "desk", *, pages: bool = False, errors: list[BaseException] | None = None) -> None:
        self.name = name
        self.pages = pages
        self.errors = errors or []
        self.sent: list[tuple[str, int]] = []

    async def send(self, alert: Alert) -> None:
        """Keep the alert, or raise the next error."""
        if self.errors:
            raise self.errors.pop(0)
        self.sent.append((alert.alert_id, alert.revision))


def deliverer(store: dict[str, bytes], *channels: Recorder, attempts: int = 3, least: str = "low") -> Deliverer:
    """Return a deliverer that does not wait between attempts."""
    return Deliverer(store, channels, DeliveryOptions(attempts, 1e-6, Severity(least)))


async def test_an_alert_is_sent_once_on_each_channel(make_alert: Make) -> None:
    """Coming again, and with every later revision that only adds reach, it is not sent again."""
    store: dict[str, bytes] = {}
    one, two = Recorder("one"), Recorder("two")
    first = await deliverer(store, one, two).deliver(make_alert())
    again = await deliverer(store, one, two).deliver(make_alert())
    await deliverer(store, one, two).deliver(make_alert(revision=2, severity=Severity.HIGH))
    assert one.sent == two.sent == [("x1", 1)]
    assert first == again
    assert [(each.channel, each.state, each.attempts) for each in first] == [("one", SENT, 1), ("two", SENT, 1)]


async def test_it_is_recorded_before_and_after(make_alert: Make) -> None:
    """What is to be sent is on record as being sent before it is, and as sent when it has been."""
    recorded: list[tuple[NotificationState, int]] = []
    desk = Recorder()

    async def record(notification: Notification) -> None:
        recorded.append((notification.state, len(desk.sent)))

    await Deliverer({}, [desk], record=record).deliver(make_alert())
    assert recorded == [(SENDING, 0), (SENT, 1)]


async def test_a_crash_in_between_repeats_that_one(make_alert: Make) -> None:
    """What a crash left in doubt is sent once more when the alert comes again, and then no more."""
    store: dict[str, bytes] = {}
    desk = Recorder(errors=[Killed()])  # the process ends in the middle of the sending
    with pytest.raises(Killed):
        await deliverer(store, desk).deliver(make_alert())
    await deliverer(store, desk).deliver(make_alert())
    await deliverer(store, desk).deliver(make_alert())
    assert desk.sent == [("x1", 1)]


async def test_a_transient_failure_is_tried_again(make_alert: Make) -> None:
    """Within the attempts allowed, a failure that may pass ends in a delivery."""
    desk = Recorder(errors=[ChannelError("busy", transient=True)] * 2)
    (notification,) = await deliverer({}, desk).deliver(make_alert())
    assert (notification.state, notification.attempts, desk.sent) == (SENT, 3, [("x1", 1)])


async def test_what_fails_at_each_attempt_is_failed_and_tried_when_it_comes_again(make_alert: Make) -> None:
    """A failure is told with its reason and does not keep other channels waiting; a retry sends to the failed alone."""
    store: dict[str, bytes] = {}
    bad = Recorder("bad", errors=[ChannelError("busy", transient=True)] * 3)
    good = Recorder("good")
    found = await deliverer(store, bad, good).deliver(make_alert())
    assert [(each.state, each.reason) for each in found] == [(FAILED, "busy"), (SENT, None)]
    error = undelivered(found)
    assert error is not None
    assert error.message == "not sent on bad: busy"
    found = await deliverer(store, bad, good).deliver(make_alert())
    assert [(each.state, each.attempts) for each in found] == [(SENT, 4), (SENT, 1)]
    assert bad.sent == good.sent == [("x1", 1)]
    assert undelivered(found) is None


async def test_what_cannot_pass_is_not_tried_again(make_alert: Make) -> None:
    """A refusal for good is one attempt."""
    desk = Recorder(errors=[ChannelError("gone", transient=False)])
    (notification,) = await deliverer({}, desk).deliver(make_alert())
    assert (notification.state, notification.attempts) == (FAILED, 1)


async def test_below_the_least_severity_nobody_is_told_until_it_rises(make_alert: Make) -> None:
    """A low alert waits where medium is asked for; the revision that raises it is sent."""
    store: dict[str, bytes] = {}
    desk = Recorder()
    assert await deliverer(store, desk, least="medium").deliver(make_alert(severity=Severity.LOW)) == []
    await deliverer(store, desk, least="medium").deliver(make_alert(revision=2))
    assert desk.sent == [("x1", 2)]


async def test_an_uncertain_date_does_not_page(make_alert: Make) -> None:
    """What may be old news goes to file and terminal, and to what calls for attention only once its date is sure."""
    store: dict[str, bytes] = {}
    pager, file = Recorder("pager", pages=True), Recorder("file")
    await deliverer(store, pager, file).deliver(make_alert(date_uncertain=True))
    assert (pager.sent, file.sent) == ([], [("x1", 1)])
    await deliverer(store, pager, file).deliver(make_alert(revision=2))
    assert (pager.sent, file.sent) == ([("x1", 2)], [("x1", 1)])


@pytest.mark.parametrize("state", [AlertState.CORRECTED, AlertState.RETRACTED])
async def test_a_correction_is_one_update_to_whoever_was_told(make_alert: Make, state: AlertState) -> None:
    """Who was told of the alert is told once that its source took it back, at any severity; nobody else is."""
    store: dict[str, bytes] = {}
    told, new = Recorder("told", pages=True), Recorder("new")
    await deliverer(store, told).deliver(make_alert())
    for revision in (2, 3):
        taken_back = make_alert(revision=revision, state=state, severity=Severity.LOW, date_uncertain=True)
        await deliverer(store, told, new, least="high").deliver(taken_back)
    assert told.sent == [("x1", 1), ("x1", 2)]
    assert new.sent == []


async def test_superseded_and_settled_tell_nobody_again(make_alert: Make) -> None:
    """A change of state that takes nothing back is an update in place."""
    store: dict[str, bytes] = {}
    desk = Recorder()
    for revision, state in enumerate((AlertState.CONTESTED, AlertState.SUPERSEDED, AlertState.SETTLED), 1):
        await deliverer(store, desk).deliver(make_alert(revision=revision, state=state))
    assert desk.sent == [("x1", 1)]
