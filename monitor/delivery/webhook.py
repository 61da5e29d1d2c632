"""The webhook: a bulletin as JSON in one POST, signed where a secret is set."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from monitor.delivery.bulletin import Bulletin
from monitor.delivery.channels import ChannelError
from monitor.feeds.politeness import retry_after_s

__all__ = ["SIGNATURE_VERSION", "WebhookChannel", "body_of", "signature_of"]

RETRIED_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
"""HTTP statuses after which the same request may succeed later (RFC 9110, section 15; RFC 6585; RFC 8470)."""
SIGNATURE_VERSION = "v1"
"""HMAC-SHA256 (RFC 2104, FIPS 180-4) in hexadecimal over the timestamp, a full stop and the body."""


def signature_of(secret: str, timestamp: str, body: bytes) -> str:
    """Return what the header ``Counterclaim-Signature`` holds: the version, ``=``, and the HMAC in hexadecimal."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"{SIGNATURE_VERSION}={digest}"


def body_of(bulletin: Bulletin) -> bytes:
    """Return a bulletin as JSON: the alert as the topic has it, or a digest with a list of such alerts."""
    if not bulletin.digest:
        return bulletin.entries[0].alert.to_bytes()
    alerts = [entry.alert.to_json() | {"occasion": entry.occasion.value} for entry in bulletin.entries]
    return json.dumps({"digest_id": bulletin.message_id, "alerts": alerts}, ensure_ascii=False).encode()


class WebhookChannel:
    """POSTs the bulletin as JSON; any 2xx answer is a receipt. Redirects are not followed.

    At least once: the header ``Idempotency-Key`` is the same for each try of one message, so that the receiver can drop
    a repeat. ``clock`` (seconds since 1970) dates the signature.
    """

    def __init__(
        self,
        url: str,
        timeout_s: float,
        *,
        name: str | None = None,
        secret: str | None = None,
        pages: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._name = name
        self._secret = secret
        self.pages = pages
        self._clock = clock

    @property
    def name(self) -> str:
        """The name given, else ``webhook:`` and the host: the path may hold a token."""
        return self._name or f"webhook:{urlsplit(self._url).netloc.rpartition('@')[2]}"

    async def send(self, bulletin: Bulletin) -> None:
        """Send the bulletin in one request."""
        import aiohttp  # 0.3 s, which those that only print an alert need not wait for

        body = body_of(bulletin)
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._timeout_s)) as session,
                session.post(
                    self._url, data=body, headers=self._headers(bulletin, body), allow_redirects=False
                ) as answer,
            ):
                status, rest = answer.status, answer.headers.get("Retry-After")
        except TimeoutError as error:
            raise ChannelError(f"no answer within {self._timeout_s:g} s", transient=True) from error
        except aiohttp.InvalidURL as error:
            raise ChannelError("the webhook is no URL", transient=False) from error
        except aiohttp.ClientError as error:
            raise ChannelError(f"{type(error).__name__}: {error}", transient=True) from error
        if not 200 <= status < 300:
            raise ChannelError(
                f"answered with HTTP status {status}",
                transient=status in RETRIED_STATUS,
                retry_after_s=retry_after_s(rest, datetime.fromtimestamp(self._clock(), UTC)),
            )

    def _headers(self, bulletin: Bulletin, body: bytes) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Counterclaim-Event": bulletin.event,
            "Idempotency-Key": bulletin.key,
            "User-Agent": "Counterclaim",
        }
        if self._secret is not None:
            timestamp = str(int(self._clock()))
            headers["Counterclaim-Timestamp"] = timestamp
            headers["Counterclaim-Signature"] = signature_of(self._secret, timestamp, body)
        return headers
