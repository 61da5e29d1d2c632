import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from monitor.delivery.bulletin import Bulletin, Entry
from monitor.delivery.channels import ChannelError
from monitor.delivery.webhook import WebhookChannel, signature_of
from schemas import Alert, Occasion
from tests.support.listening import listening

Make = Callable[..., Alert]
DOC = Path(__file__).parents[3] / "docs" / "channels.md"
SECRET = "of-this-test-alone-0123"
NOW = 1_800_000_000


class Receiver:
    """A web server on a free port that keeps what it is sent and answers with ``status``."""

    def __init__(self) -> None:
        self.status = 204
        self.retry_after = ""
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        """Keep the request."""
        self.got.append((dict(request.headers), await request.read()))
        headers = {"Location": "/elsewhere"}
        if self.retry_after:
            headers["Retry-After"] = self.retry_after
        return web.Response(status=self.status, headers=headers)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A running receiver."""
    receiver = Receiver()
    async with listening(receiver.handle) as base:
        receiver.url = f"{base}/hook?token=abc"
        yield receiver


def documented_verify() -> Callable[..., bool]:
    """Return the function ``verify`` as docs/channels.md gives it to receivers."""
    (snippet,) = re.findall(r"```python\n(.*?def verify.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)
    space: dict[str, Any] = {}
    exec(compile(snippet, str(DOC), "exec"), space)
    found: Callable[..., bool] = space["verify"]
    return found


async def test_the_webhook_gets_the_alert_as_the_topic_has_it(receiver: Receiver, make_alert: Make) -> None:
    """One POST with the alert as JSON, its kind, and a key by which a repeat is known; unsigned without a secret."""
    alert = make_alert()
    await WebhookChannel(receiver.url, 60).send(Bulletin.of(alert))
    ((headers, body),) = receiver.got
    assert json.loads(body) == alert.to_json()
    assert headers["Idempotency-Key"] == "x1-1"
    assert headers["Counterclaim-Event"] == "alert"
    assert "Counterclaim-Signature" not in headers


async def test_a_receiver_can_verify_the_signature_as_the_docs_say(receiver: Receiver, make_alert: Make) -> None:
    """The snippet takes what was sent, and nothing that was changed, signed by another, or is old."""
    await WebhookChannel(receiver.url, 60, secret=SECRET, clock=lambda: NOW).send(Bulletin.of(make_alert()))
    ((headers, body),) = receiver.got
    verify = documented_verify()
    assert verify(SECRET, headers, body, now=NOW + 60)
    assert not verify(SECRET, headers, body.replace(b"closed", b"opened"), now=NOW)
    assert not verify("another-secret-0123456", headers, body, now=NOW)
    assert not verify(SECRET, headers, body, now=NOW + 3600)
    assert not verify(SECRET, headers | {"Counterclaim-Timestamp": str(NOW + 1)}, body, now=NOW)
    assert not verify(SECRET, {}, body, now=NOW)


def test_the_signature_is_that_of_the_standard() -> None:
    """HMAC-SHA256 over timestamp, full stop and body: a value computed with openssl's dgst -hmac."""
    expected = "v1=2251bbe9dbd60748eb0b6d0c72858ef42e1b4bfb899331a7bcd88e329b8252ab"
    assert signature_of("key-key-key-key-", "1800000000", b"{}") == expected


async def test_an_update_and_a_digest_say_what_they_are(receiver: Receiver, make_alert: Make) -> None:
    """The event is in a header; a digest is one object with its alerts, each with its occasion."""
    channel = WebhookChannel(receiver.url, 60)
    await channel.send(Bulletin.of(make_alert(revision=4), Occasion.RETRACTED))
    entries = (Entry(make_alert()), Entry(make_alert(alert_id="x2"), Occasion.RAISED))
    await channel.send(Bulletin("m1", entries, digest=True))
    (update, _), (digest, body) = receiver.got
    assert (update["Counterclaim-Event"], update["Idempotency-Key"]) == ("retracted", "x1-4")
    assert (digest["Counterclaim-Event"], digest["Idempotency-Key"]) == ("digest", "m1")
    found = json.loads(body)
    assert found["digest_id"] == "m1"
    assert [(row["alert_id"], row["occasion"]) for row in found["alerts"]] == [("x1", "alert"), ("x2", "raised")]


@pytest.mark.parametrize(("status", "transient"), [(503, True), (429, True), (404, False), (302, False), (500, True)])
async def test_an_answer_that_is_no_receipt_is_a_failure(
    receiver: Receiver, make_alert: Make, status: int, transient: bool
) -> None:
    """Statuses that may pass are transient, others are not; a redirect is not followed with the alert."""
    receiver.status = status
    with pytest.raises(ChannelError) as caught:
        await WebhookChannel(receiver.url, 60).send(Bulletin.of(make_alert()))
    assert caught.value.transient is transient
    assert str(status) in caught.value.reason
    assert len(receiver.got) == 1


@pytest.mark.parametrize(("asked", "seconds"), [("120", 120), ("Fri, 15 Jan 2027 08:01:00 GMT", 60), ("soon", None)])
async def test_the_wait_that_a_receiver_asks_for_is_known(
    receiver: Receiver, make_alert: Make, asked: str, seconds: float | None
) -> None:
    """Retry-After, in seconds or as a date, comes with the failure."""
    receiver.status, receiver.retry_after = 429, asked
    with pytest.raises(ChannelError) as caught:
        await WebhookChannel(receiver.url, 60, clock=lambda: NOW).send(Bulletin.of(make_alert()))
    assert caught.value.retry_after_s == seconds


async def test_a_webhook_that_does_not_answer_is_transient(make_alert: Make, unused_tcp_port: int) -> None:
    """Nobody listening is a failure that may pass; the reason does not hold the token."""
    with pytest.raises(ChannelError) as caught:
        await WebhookChannel(f"http://127.0.0.1:{unused_tcp_port}/token-abc", 60).send(Bulletin.of(make_alert()))
    assert caught.value.transient
    assert "token-abc" not in caught.value.reason


async def test_a_webhook_that_answers_too_late_is_transient(make_alert: Make) -> None:
    """A receiver that takes the request and says nothing is given up after the time-out."""
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        with pytest.raises(ChannelError, match=r"no answer within 0\.2 s") as caught:
            await WebhookChannel(url, 0.2).send(Bulletin.of(make_alert()))
    assert caught.value.transient


def test_a_webhook_is_named_without_its_secret() -> None:
    """The name, which goes into records and logs, holds the host alone, or is the one given."""
    assert WebhookChannel("https://user:pw@hooks.example/T0/secret", 5).name == "webhook:hooks.example"
    assert WebhookChannel("https://hooks.example/T0/secret", 5, name="hook").name == "hook"
