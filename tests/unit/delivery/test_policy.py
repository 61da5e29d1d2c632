from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.delivery.policy import Move, decide, note, notification_id, occasion_of
from monitor.delivery.state import FOREVER, Book, Case, Standing
from monitor.delivery.terms import Terms, fits_rule, terms_of
from monitor.settings import ChannelSettings, DeliverySettings, RuleSettings
from schemas import (
    Alert,
    AlertState,
    Feedback,
    FeedbackAction,
    FeedbackVerdict,
    Occasion,
    PublisherKind,
    Severity,
)

Make = Callable[..., Alert]
NOON = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
HIGH, MEDIUM, LOW = Severity.HIGH, Severity.MEDIUM, Severity.LOW


def case_of(alert: Alert, **changes: Any) -> Case:
    """Return the case of an alert."""
    return Case(alert=alert, touched_at=NOON, **changes)


def told(alert: Alert, severity: Severity = MEDIUM, **changes: Any) -> Case:
    """Return the case of an alert that was told in its first revision."""
    return case_of(alert, told=(Occasion.ALERT,), told_severity=severity, told_revision=1, **changes)


def act(action: str, minutes: int = 0, **changes: Any) -> Feedback:
    """Return a feedback, given so many minutes after noon."""
    at = NOON + timedelta(minutes=minutes)
    identity = f"f{action}{minutes}"
    return Feedback(
        feedback_id=identity,
        alert_id="x1",
        alert_revision=1,
        action=FeedbackAction(action),
        actor="e",
        at=at,
        **changes,
    )


# -- why


def test_an_alert_is_told_and_its_reach_is_not(make_alert: Make) -> None:
    """The first time there is a reason; more outlets, a newer state that takes nothing back: none."""
    assert occasion_of(case_of(make_alert()), Terms()) is Occasion.ALERT
    for state in (AlertState.CONTESTED, AlertState.SUPERSEDED, AlertState.SETTLED):
        assert occasion_of(told(make_alert(revision=7, state=state)), Terms()) is None


def test_a_rise_in_severity_is_told_once_for_each_step(make_alert: Make) -> None:
    """Who was told of a medium alert hears that it is high now; not that it has sunk, nor that it rose again."""
    assert occasion_of(told(make_alert(revision=2, severity=HIGH)), Terms()) is Occasion.RAISED
    assert occasion_of(told(make_alert(revision=2, severity=LOW)), Terms()) is None
    assert occasion_of(told(make_alert(revision=3, severity=HIGH), HIGH), Terms()) is None


@pytest.mark.parametrize("state", ["corrected", "retracted"])
def test_what_is_taken_back_is_told_to_whoever_was_told(make_alert: Make, state: str) -> None:
    """Once, at any severity; nobody else hears of it."""
    alert = make_alert(revision=2, state=AlertState(state), severity=LOW, date_uncertain=True)
    strict = Terms(least=HIGH, pages=True)
    assert occasion_of(told(alert), strict) is Occasion(state)
    assert occasion_of(case_of(alert), Terms()) is None
    again = told(alert).model_copy(update={"told": (Occasion.ALERT, Occasion(state))})
    assert occasion_of(again, strict) is None


def test_a_channel_that_edits_gets_every_revision(make_alert: Make) -> None:
    """What was sent there can be replaced: a newer revision is an edit, the same one nothing."""
    edits = Terms(edits=True)
    assert occasion_of(told(make_alert(revision=2)), edits) is Occasion.EDITED
    assert occasion_of(told(make_alert(revision=1)), edits) is None
    assert occasion_of(case_of(make_alert()), edits) is Occasion.ALERT


def test_what_is_not_wanted_yet_waits_for_a_revision_that_is(make_alert: Make) -> None:
    """Below the least severity, and with an uncertain date where the channel pages, there is no reason to tell."""
    assert occasion_of(case_of(make_alert(severity=LOW)), Terms(least=MEDIUM)) is None
    assert occasion_of(case_of(make_alert(severity=MEDIUM)), Terms(least=MEDIUM)) is Occasion.ALERT
    assert occasion_of(case_of(make_alert(date_uncertain=True)), Terms(pages=True)) is None
    assert occasion_of(case_of(make_alert(date_uncertain=True)), Terms()) is Occasion.ALERT


def test_ids_tell_occasions_apart() -> None:
    """Each occasion is a notification of its own; an alert that comes again has the same."""
    ids = {notification_id("x1", "desk", occasion, HIGH, 2) for occasion in Occasion}
    assert len(ids) == len(Occasion)
    assert notification_id("x1", "desk", Occasion.ALERT, HIGH, 2) == notification_id(
        "x1", "desk", Occasion.ALERT, LOW, 5
    )


# -- rules


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ({}, True),
        ({"topics": ("fish", "harbours")}, True),
        ({"topics": ("fish",)}, False),
        ({"kinds": ("denial",)}, True),
        ({"kinds": ("figure",)}, False),
        ({"severities": ("medium",)}, True),
        ({"severities": ("low", "high")}, False),
        ({"languages": ("pt",)}, True),
        ({"languages": ("pt-br",)}, True),
        ({"languages": ("p", "en")}, False),
        ({"publisher_kinds": ("wire",)}, True),
        ({"publisher_kinds": ("ngo",)}, False),
        ({"topics": ("harbours",), "kinds": ("figure",)}, False),
    ],
)
def test_a_rule_holds_if_all_its_conditions_do(make_alert: Make, rule: dict[str, Any], fits: bool) -> None:
    """Topic, kind, severity, language and kind of publisher; what is not given does not matter."""
    alert = make_alert()
    claim = alert.sides[1].claims[0].model_copy(update={"language": "pt-BR", "publisher_kind": PublisherKind.WIRE})
    side = alert.sides[1].model_copy(update={"claims": (claim,)})
    alert = alert.model_copy(update={"sides": (alert.sides[0], side)})
    assert fits_rule(alert, RuleSettings(channels=("desk",), **rule)) is fits


def test_the_rules_that_name_a_channel_are_its_terms(make_alert: Make) -> None:
    """One of several rules is enough; a channel that no rule names gets every alert."""
    channels = tuple(ChannelSettings(name=name, url="ntfy://x") for name in ("desk", "all"))
    rules = (
        RuleSettings(channels=("desk",), topics=("fish",)),
        RuleSettings(channels=("desk",), severities=("high",)),
    )
    settings = DeliverySettings(channels=channels, rules=rules)
    desk, every = terms_of(settings, "desk"), terms_of(settings, "all")
    assert occasion_of(case_of(make_alert()), desk) is None
    assert occasion_of(case_of(make_alert(severity=HIGH)), desk) is Occasion.ALERT
    assert occasion_of(case_of(make_alert(topics=("fish",))), desk) is Occasion.ALERT
    assert occasion_of(case_of(make_alert()), every) is Occasion.ALERT


# -- feedback


def test_the_last_act_of_a_kind_counts_in_whatever_order_they_come() -> None:
    """An ack that was taken back is none, however late the ack itself arrives."""
    acts = [act("ack"), act("ack", 5, undo=True), act("note", 6, text="seen")]
    for order in (acts, acts[::-1]):
        standing = Standing()
        for feedback in order:
            standing = standing.after(feedback)
        assert standing.silent_until(NOON) is None


@pytest.mark.parametrize(
    ("feedback", "silent"),
    [
        (act("ack"), FOREVER),
        (act("verdict", verdict=FeedbackVerdict.WRONG), FOREVER),
        (act("verdict", verdict=FeedbackVerdict.NOT_IMPORTANT), FOREVER),
        (act("verdict", verdict=FeedbackVerdict.RIGHT), None),
        (act("note", text="seen"), None),
        (act("snooze", until=NOON + timedelta(hours=1)), NOON + timedelta(hours=1)),
        (act("snooze", until=NOON), None),
    ],
)
def test_what_people_put_away_is_silent(make_alert: Make, feedback: Feedback, silent: datetime | None) -> None:
    """Acknowledged, wrong, not important: no update; snoozed: none until then; but what is taken back is told."""
    standing = Standing().after(feedback)
    assert standing.silent_until(NOON) == silent
    raised = decide(told(make_alert(revision=2, severity=HIGH), standing=standing), Terms(), Book(), NOON)
    expected = Move.SEND if silent is None else Move.PASS if silent == FOREVER else Move.WAIT
    assert (raised.move, raised.until if expected is Move.WAIT else None) == (
        expected,
        silent if expected is Move.WAIT else None,
    )
    back = decide(told(make_alert(revision=2, state=AlertState.RETRACTED), standing=standing), Terms(), Book(), NOON)
    assert (back.move, back.occasion) == (Move.SEND, Occasion.RETRACTED)


# -- when


@pytest.mark.parametrize(
    ("hours", "clock", "until"),
    [
        (("22:00", "07:00"), "2026-03-11T23:30+01:00", "2026-03-12T07:00+01:00"),
        (("22:00", "07:00"), "2026-03-12T06:59+01:00", "2026-03-12T07:00+01:00"),
        (("22:00", "07:00"), "2026-03-12T07:00+01:00", None),
        (("22:00", "07:00"), "2026-03-12T12:00+01:00", None),
        (("12:00", "14:00"), "2026-03-12T12:00+01:00", "2026-03-12T14:00+01:00"),
        (("12:00", "14:00"), "2026-03-12T11:59+01:00", None),
        # The night in which clocks go forward is an hour shorter.
        (("22:00", "07:00"), "2026-03-28T23:00+01:00", "2026-03-29T07:00+02:00"),
    ],
)
def test_quiet_hours_are_on_the_clock_of_the_zone(hours: tuple[str, str], clock: str, until: str | None) -> None:
    """From, and not including, to; over midnight too, and over a change of clocks."""
    begin, end = map(time.fromisoformat, hours)
    terms = Terms(quiet=(begin, end), zone=ZoneInfo("Europe/Paris"))
    found = terms.quiet_until(datetime.fromisoformat(clock).astimezone(UTC))
    assert found == (datetime.fromisoformat(until) if until else None)


def test_in_quiet_hours_all_wait_unless_high_may_not(make_alert: Make) -> None:
    """A retraction waits too; a high alert where the channel says so does not."""
    quiet = Terms(quiet=(time(11), time(13)))
    for case in (case_of(make_alert(severity=HIGH)), told(make_alert(state=AlertState.RETRACTED))):
        decision = decide(case, quiet, Book(), NOON)
        assert (decision.move, decision.until, decision.why) == (Move.WAIT, NOON + timedelta(hours=1), "quiet")
    loud = Terms(quiet=(time(11), time(13)), quiet_high=True)
    assert decide(case_of(make_alert(severity=HIGH)), loud, Book(), NOON).move is Move.SEND
    assert decide(case_of(make_alert()), loud, Book(), NOON).move is Move.WAIT


@pytest.mark.parametrize(
    ("digest", "zone", "until"),
    [
        ("hourly", "UTC", "2026-03-11T13:00+00:00"),
        ("hourly", "Asia/Kathmandu", "2026-03-11T12:15+00:00"),
        ("daily", "UTC", "2026-03-12T08:00+00:00"),
        ("daily", "America/New_York", "2026-03-12T12:00+00:00"),
    ],
)
def test_a_digest_goes_out_on_the_clock_of_the_zone(make_alert: Make, digest: Any, zone: str, until: str) -> None:
    """At the full hour there, or at eight there; what has waited for it goes."""
    terms = Terms(digest=digest, zone=ZoneInfo(zone))
    decision = decide(case_of(make_alert(severity=HIGH)), terms, Book(), NOON)
    assert (decision.move, decision.until) == (Move.WAIT, datetime.fromisoformat(until))
    assert decide(case_of(make_alert()), terms, Book(), NOON, ("digest",)).move is Move.SEND


def test_over_the_days_budget_only_high_goes_at_once(make_alert: Make) -> None:
    """The rest waits for the next digest; the day is the one that it is where the channel is read."""
    book = Book()
    for hours in (1, 2, 3):
        book = note(book, (make_alert(),), NOON - timedelta(hours=hours))
    terms = Terms(per_day=3, digest_at=time(18))
    decision = decide(case_of(make_alert()), terms, book, NOON)
    assert (decision.move, decision.why, decision.until) == (Move.WAIT, "budget", NOON + timedelta(hours=6))
    assert decide(case_of(make_alert(severity=HIGH)), terms, book, NOON).move is Move.SEND
    assert decide(told(make_alert(state=AlertState.CORRECTED)), terms, book, NOON).move is Move.SEND
    assert decide(case_of(make_alert()), terms, book, NOON, ("budget",)).move is Move.SEND
    assert decide(case_of(make_alert()), Terms(per_day=4), book, NOON).move is Move.SEND
    assert decide(case_of(make_alert()), terms, book, NOON + timedelta(hours=12)).move is Move.SEND
    # In Honolulu it was yesterday until ten o'clock UTC.
    assert (
        decide(case_of(make_alert()), Terms(per_day=3, zone=ZoneInfo("Pacific/Honolulu")), book, NOON).move is Move.SEND
    )


def test_the_rate_holds_for_all(make_alert: Make) -> None:
    """When as many messages went out within an hour as may, the next waits until the oldest of them is an hour old."""
    book = note(note(Book(), (), NOON - timedelta(minutes=50)), (), NOON - timedelta(minutes=10))
    decision = decide(case_of(make_alert(severity=HIGH)), Terms(per_hour=2), book, NOON)
    assert (decision.move, decision.why, decision.until) == (Move.WAIT, "rate", NOON + timedelta(minutes=10))
    assert decide(case_of(make_alert()), Terms(per_hour=2), book, NOON + timedelta(minutes=10)).move is Move.SEND
    assert decide(case_of(make_alert()), Terms(per_hour=3), book, NOON).move is Move.SEND


def test_alerts_on_one_story_keep_a_gap(make_alert: Make) -> None:
    """After a message on a story, others on it wait; those on other stories and high ones do not."""
    book = note(Book(), (make_alert(),), NOON - timedelta(minutes=10))
    terms = Terms(story_gap=timedelta(minutes=30))
    decision = decide(case_of(make_alert(alert_id="x2")), terms, book, NOON)
    assert (decision.why, decision.until) == ("story", NOON + timedelta(minutes=20))
    assert decide(case_of(make_alert(story_ids=("s2",))), terms, book, NOON).move is Move.SEND
    assert decide(case_of(make_alert(severity=HIGH)), terms, book, NOON).move is Move.SEND
    assert decide(case_of(make_alert()), Terms(), book, NOON).move is Move.SEND


def test_an_edit_calls_nobody_and_waits_for_nothing(make_alert: Make) -> None:
    """Quiet hours, digest and rate are about messages that people see come in."""
    terms = Terms(edits=True, quiet=(time(11), time(13)), digest="daily", per_hour=1)
    book = note(Book(), (), NOON)
    decision = decide(told(make_alert(revision=2)), terms, book, NOON)
    assert (decision.move, decision.occasion) == (Move.SEND, Occasion.EDITED)


def test_what_is_under_way_is_not_sent_again(make_alert: Make) -> None:
    """An alert in a parcel is left alone until the parcel has arrived or was given up."""
    assert decide(case_of(make_alert(), pending="m1"), Terms(), Book(), NOON).move is Move.PASS
