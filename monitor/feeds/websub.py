"""WebSub (W3C Recommendation, 2018), the subscriber's side: which hub, which secrets, when to ask again. Pure.

Nothing has to be looked up to answer a hub: the callback's address holds the feed and the topic, and a token that only
we can make; the secret that the hub signs with is made the same way. So any worker answers for every feed, and what it
was told goes to the one that owns the feed's partition.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urljoin

from monitor.feeds.identity import is_url
from monitor.feeds.items import FeedHints
from monitor.feeds.schedule import Bounds, due_after
from schemas import FeedState, HubNews, HubNewsKind, Subscription

__all__ = [
    "HubKeys",
    "adverts",
    "after_asking",
    "after_news",
    "is_active",
    "is_relied_on",
    "renew_at",
    "should_ask",
    "signature_holds",
    "with_adverts",
    "with_hub",
]

LEASE_S = 10 * 86_400
"""Seconds of lease asked for; the hub decides."""
RENEW_SHARE = 0.2
"""Part of a lease that is left when it is renewed."""
RETRY = timedelta(minutes=10)
"""Wait after a request that came to nothing; doubles up to ``RETRY_MOST``."""
RETRY_MOST = timedelta(days=1)
LEAST_LEASE_S = 60.0
"""Seconds below which a lease is not worth having."""
SECRET_BYTES = 32

_METHODS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
_LINK = re.compile(r"""<([^<>]{1,4000})>((?:\s*;\s*[\w!#$%&'*+.^`|~-]+\s*(?:=\s*(?:"[^"]*"|[^\s",;]+))?)*)""")
_REL = re.compile(r"""(?:^|;)\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HubKeys:
    """What is made of ``feeds.websub_secret``: tokens for callbacks, and secrets for hubs to sign with."""

    callback: str
    secret: str

    def callback_url(self, feed_id: str, topic: str) -> str:
        """Return the address at which a hub reaches us for a feed."""
        return f"{self.callback.rstrip('/')}/{feed_id}/{self.token(feed_id, topic)}?topic={quote(topic, safe='')}"

    def token(self, feed_id: str, topic: str) -> str:
        """Return the part of a callback's address that nobody else can make."""
        return self._made("callback", feed_id, topic)[:32]

    def is_ours(self, token: str, feed_id: str, topic: str) -> bool:
        """Say whether a callback's address was made by us for that feed and topic."""
        return hmac.compare_digest(token.encode(), self.token(feed_id, topic).encode())

    def hub_secret(self, feed_id: str, topic: str) -> str:
        """Return what the hub signs the feed's content with: 64 characters, below the 200 bytes that are allowed."""
        return self._made("sign", feed_id, topic)

    def _made(self, use: str, feed_id: str, topic: str) -> str:
        text = "\x1f".join((use, feed_id, topic))
        return hmac.new(self.secret.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def signature_holds(header: str | None, secret: str, body: bytes) -> bool:
    """Say whether an ``X-Hub-Signature`` header (section 8 of the Recommendation) is that of ``body``."""
    method, _, given = (header or "").strip().partition("=")
    made = _METHODS.get(method.strip().lower())
    if made is None:
        return False
    expected = hmac.new(secret.encode(), body, made).hexdigest()
    return hmac.compare_digest(given.strip().lower().encode(), expected.encode())


def adverts(headers: Mapping[str, str], hints: FeedHints, url: str) -> tuple[str, str] | None:
    """Return the hub and the topic that a feed names, in its HTTP headers or else in itself (section 4); None for none.

    ``url`` is where the feed was found, for links that are relative, and the topic where it does not say.
    """
    links = _links(headers.get("link", ""), url)
    hub = links.get("hub") or hints.hub_url
    topic = links.get("self") or hints.self_url or url
    return (hub, topic) if hub and is_url(hub) and is_url(topic) else None


def _links(header: str, base: str) -> dict[str, str]:
    """Return the first target of each relation in a Link header (RFC 8288)."""
    found: dict[str, str] = {}
    for target, parameters in _LINK.findall(header[:20_000]):
        relation = _REL.search(parameters)
        try:
            absolute = urljoin(base, target.strip())
        except ValueError:
            continue
        for name in (relation.group(1) or relation.group(2) or "").lower().split() if relation else ():
            found.setdefault(name, absolute)
    return found


def with_adverts(known: Subscription | None, found: tuple[str, str] | None) -> Subscription | None:
    """Return the subscription after a feed was read that names ``found``: another hub or topic is a new one."""
    if found is None:
        return None
    if known is not None and (known.hub, known.topic) == found:
        return known
    return Subscription(hub=found[0], topic=found[1])


def is_active(known: Subscription | None, now: datetime) -> bool:
    """Say whether the hub has confirmed the subscription and its lease still runs."""
    return known is not None and known.expires_at is not None and known.expires_at > now


def is_relied_on(known: Subscription | None, now: datetime) -> bool:
    """Say whether polling may be a mere backup: the hub is subscribed to, and has brought what was new of late."""
    return known is not None and known.delivers and is_active(known, now)


def should_ask(known: Subscription | None, now: datetime) -> bool:
    """Say whether it is time to ask the hub: for the first time, again after a failure, or before the lease ends."""
    if known is None:
        return False
    if known.asked_at is not None and now - known.asked_at < _patience(known):
        return False
    at = renew_at(known)
    return at is None or now >= at


def renew_at(known: Subscription | None) -> datetime | None:
    """Return when a running lease is to be renewed; None where there is none."""
    if known is None or known.expires_at is None or known.verified_at is None:
        return None
    return known.expires_at - (known.expires_at - known.verified_at) * RENEW_SHARE


def with_hub(after: FeedState, known: Subscription | None, bounds: Bounds, found: int, now: datetime) -> FeedState:
    """Return the state after a good poll that ``found`` so many new items, with its subscription.

    While the hub can be relied on, polling is a backup at the ceiling of the feed's interval, and to renew the lease. A
    hub that left it to a poll to find something new is not relied on, until it brings something again.
    """
    if known is not None and known.delivers and found:
        known = known.model_copy(update={"delivers": False})
    update: dict[str, object] = {"websub": known}
    if is_relied_on(known, now) and after.due_at is not None and after.due_at > now:
        backup = due_after(now, bounds.ceiling_s, after.feed_id)
        renewal = renew_at(known) or backup
        update["due_at"] = max(after.due_at, min(backup, renewal))
    return after.model_copy(update=update)


def _patience(known: Subscription) -> timedelta:
    if known.expires_at is not None and known.verified_at is not None and not known.failures:
        # A short lease leaves little time for a second request.
        return min(RETRY, (known.expires_at - known.verified_at) * RENEW_SHARE / 4)
    return min(RETRY * 2.0 ** min(known.failures, 20), RETRY_MOST)


def after_asking(known: Subscription, now: datetime) -> Subscription:
    """Return the subscription after a request to the hub.

    It counts as a failure until the hub has verified it: not every hub that takes a request ever does.
    """
    return known.model_copy(update={"asked_at": now, "failures": known.failures + 1, "error": None})


def after_news(known: Subscription | None, news: HubNews, now: datetime) -> Subscription | None:
    """Return the subscription after the hub verified or denied it; what is told of another topic changes nothing."""
    if known is None or news.topic != known.topic:
        return known
    if news.kind is HubNewsKind.VERIFIED:
        lease = max(news.lease_s or LEASE_S, LEAST_LEASE_S)
        until = now + timedelta(seconds=min(lease, 366 * 86_400))
        return known.model_copy(update={"verified_at": now, "expires_at": until, "failures": 0, "error": None})
    if news.kind is HubNewsKind.DENIED:
        gone = {"expires_at": None, "verified_at": None, "delivers": False, "asked_at": now}
        failures = max(known.failures, 7)  # so that it is asked again in a day, not in minutes
        return known.model_copy(update=gone | {"failures": failures, "error": news.reason or "denied by the hub"})
    return known
