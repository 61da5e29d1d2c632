from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.items import FeedHints
from monitor.feeds.progress import fresh_state
from monitor.feeds.roster import Feed
from monitor.feeds.schedule import bounds_of
from monitor.feeds.websub import (
    HubKeys,
    adverts,
    after_asking,
    after_news,
    is_active,
    is_relied_on,
    renew_at,
    should_ask,
    signature_holds,
    with_adverts,
    with_hub,
)
from schemas import HubNews, HubNewsKind, Subscription

NOW = datetime(2026, 6, 4, 8, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
URL = "https://ledger.example/world.xml"
HUB = "https://hub.example/"
KEYS = HubKeys("https://news.example.org/websub/", "a long and secret text")
ASKED = Subscription(hub=HUB, topic=URL)


def told(kind: HubNewsKind, topic: str = URL, lease_s: float | None = None) -> HubNews:
    """Make what a hub says."""
    return HubNews(kind=kind, feed_id="f1", topic=topic, lease_s=lease_s)


def verified(lease_s: float = 10 * 86_400) -> Subscription:
    """Make a subscription that was confirmed just now."""
    found = after_news(after_asking(ASKED, NOW), told(HubNewsKind.VERIFIED, lease_s=lease_s), NOW)
    assert found is not None
    return found


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_signatures(method: str) -> None:
    """A signature in any of the four methods holds for its body and secret alone."""
    good = f"{method}={hmac.new(b'secret', b'body', method).hexdigest()}"
    assert signature_holds(good, "secret", b"body")
    assert signature_holds(good.upper(), "secret", b"body")
    assert not signature_holds(good, "secret", b"other")
    assert not signature_holds(good, "other", b"body")
    assert not signature_holds(good[:-2], "secret", b"body")


@pytest.mark.parametrize(
    "header", [None, "", "sha256", "sha256=", "=", "md5=" + hashlib.md5(b"").hexdigest(), "sha1=é"]
)
def test_what_is_no_signature(header: str | None) -> None:
    """Without a signature, or with one in an unknown method, nothing is believed."""
    assert not signature_holds(header, "secret", b"")


@given(st.text(), st.text(), st.text())
def test_addresses_of_callbacks(feed_id: str, topic: str, other: str) -> None:
    """A callback's token is good for its feed and topic alone, and only with the secret that it was made with."""
    token = KEYS.token(feed_id, topic)
    assert KEYS.is_ours(token, feed_id, topic)
    assert KEYS.is_ours(token, feed_id, other) == (topic == other)
    assert not HubKeys(KEYS.callback, "another secret text").is_ours(token, feed_id, topic)
    assert KEYS.callback_url("f1", "https://x.example/?a=b&c").count("&") == 0


@pytest.mark.parametrize(
    ("headers", "hints", "expected"),
    [
        ({}, FeedHints(), None),
        ({}, FeedHints(hub_url=HUB), (HUB, URL)),
        ({}, FeedHints(hub_url=HUB, self_url="https://l.example/self"), (HUB, "https://l.example/self")),
        ({"link": f'<{HUB}>; rel="hub", <https://l.example/s>; rel=self'}, FeedHints(), (HUB, "https://l.example/s")),
        ({"link": f'<{HUB}>; title="a, b"; rel=\'x\', <{HUB}>; REL="first Hub"'}, FeedHints(), (HUB, URL)),
        ({"link": "</hub>; rel=hub"}, FeedHints(), ("https://ledger.example/hub", URL)),
        ({"link": f"<{HUB}>; rel=hub"}, FeedHints(hub_url="https://other.example/"), (HUB, URL)),
        ({"link": "<ftp://hub.example/>; rel=hub"}, FeedHints(), None),
        ({"link": "nonsense <>;;; rel"}, FeedHints(), None),
    ],
)
def test_which_hub_a_feed_names(headers: dict[str, str], hints: FeedHints, expected: tuple[str, str] | None) -> None:
    """The HTTP header goes before the feed; the topic is what the feed calls itself, else where it was found."""
    assert adverts(headers, hints, URL) == expected


def test_a_subscription_is_asked_for_and_renewed() -> None:
    """The hub is asked at once, not again while it may still verify, and before the lease ends."""
    assert not should_ask(None, NOW)
    assert should_ask(ASKED, NOW)
    waiting = after_asking(ASKED, NOW)
    assert not should_ask(waiting, NOW + MINUTE)
    assert should_ask(waiting, NOW + 30 * MINUTE)
    known = verified()
    assert (is_active(known, NOW), known.failures) == (True, 0)
    assert not should_ask(known, NOW + 7 * DAY)
    assert should_ask(known, NOW + 8.1 * DAY)
    assert renew_at(known) == NOW + 8 * DAY
    assert not is_active(known, NOW + 10 * DAY)


@given(lease=st.floats(0, 1e12))
def test_any_lease(lease: float) -> None:
    """Whatever lease a hub grants, it is renewed before its end, and there is time for a second request."""
    known = verified(lease)
    at = renew_at(known)
    assert at is not None
    assert known.expires_at is not None
    assert NOW < at < known.expires_at
    again = after_asking(known, at)
    assert not should_ask(again, at)


def test_a_hub_that_fails_is_asked_ever_less() -> None:
    """Requests that come to nothing are sent again for ever, at least once a day."""
    known, now, asked = ASKED, NOW, 0
    while now < NOW + 30 * DAY:
        if should_ask(known, now):
            known, asked = after_asking(known, now), asked + 1
        now += 10 * MINUTE
    assert 30 <= asked <= 45


def test_a_denial_and_a_stranger() -> None:
    """A denial ends the subscription, which is asked for again a day later; news of another topic changes nothing."""
    known = verified()
    denied = after_news(known, told(HubNewsKind.DENIED), NOW)
    assert denied is not None
    assert not is_active(denied, NOW)
    assert not should_ask(denied, NOW + DAY / 2)
    assert should_ask(denied, NOW + DAY)
    assert after_news(known, told(HubNewsKind.DENIED, topic="https://elsewhere.example/"), NOW) is known
    assert after_news(None, told(HubNewsKind.VERIFIED), NOW) is None


def test_another_hub_is_another_subscription() -> None:
    """A feed that names another hub is subscribed to anew; one that names none any more is not subscribed to."""
    known = verified()
    assert with_adverts(known, (HUB, URL)) is known
    assert with_adverts(known, ("https://new.example/", URL)) == Subscription(hub="https://new.example/", topic=URL)
    assert with_adverts(known, None) is None


def test_polling_as_a_backup() -> None:
    """Polls are few while the hub delivers; one that finds what the hub did not bring makes them frequent again."""
    bounds = bounds_of(900, None, None, None)
    after = fresh_state(Feed(URL)).model_copy(update={"due_at": NOW + 15 * MINUTE})
    silent, good = verified(), verified().model_copy(update={"delivers": True})
    assert with_hub(after, silent, bounds, 0, NOW).due_at == after.due_at
    relied = with_hub(after, good, bounds, 0, NOW)
    assert relied.due_at is not None
    assert relied.due_at > NOW + 100 * MINUTE
    missed = with_hub(after, good, bounds, 2, NOW)
    assert missed.due_at == after.due_at
    assert not is_relied_on(missed.websub, NOW)
    assert with_hub(after, good, bounds, 0, NOW + 11 * DAY).due_at == after.due_at


def test_a_short_lease_is_renewed_in_time() -> None:
    """The backup poll comes early enough to renew a lease that is shorter than its interval."""
    bounds = bounds_of(60, None, None, 7200)
    after = fresh_state(Feed(URL)).model_copy(update={"due_at": NOW + MINUTE})
    short = verified(600).model_copy(update={"delivers": True})
    assert with_hub(after, short, bounds, 0, NOW).due_at == NOW + 8 * MINUTE
