"""Apprise's services against servers that the test runs: HTTP and SMTP."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from email import message_from_bytes, policy

import pytest
from aiohttp import web

from monitor.delivery.bulletin import Bulletin, Entry
from monitor.delivery.channels import ChannelError
from monitor.delivery.services import ServiceChannel
from schemas import Alert, Occasion, Severity
from tests.support.listening import listening

Make = Callable[..., Alert]
PATIENCE_S = 50


class Service:
    """A web service on a free port that keeps what it is sent and answers with ``status``."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[dict[str, str]] = []
        self.address = ""

    async def handle(self, request: web.Request) -> web.Response:
        """Keep the request."""
        self.got.append(json.loads(await request.read()))
        return web.Response(status=self.status)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """A running service."""
    service = Service()
    async with listening(service.handle) as base:
        service.address = base.removeprefix("http://")
        yield service


class MailServer:
    """An SMTP server (RFC 5321) that keeps what it is sent; ``refuse``: what it answers to RCPT instead of 250."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.refuse = ""
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold one dialogue."""
        writer.write(b"220 mail.test ESMTP\r\n")
        while line := (await reader.readline()).strip():
            verb = line[:4].upper()
            if verb == b"RCPT" and self.refuse:
                writer.write(self.refuse.encode() + b"\r\n")
            elif verb == b"DATA":
                writer.write(b"354 go on\r\n")
                self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                writer.write(b"250 kept\r\n")
            else:
                writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 well\r\n")
            await writer.drain()
            if verb == b"QUIT":
                break
        writer.close()


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    """A running mail server."""
    mail = MailServer()
    server = await asyncio.start_server(mail.serve, "127.0.0.1", 0)
    mail.port = server.sockets[0].getsockname()[1]
    yield mail
    server.close()


async def test_a_service_gets_title_and_text(service: Service, make_alert: Make) -> None:
    """The summary as the title, both quotes with their speakers as the text."""
    await ServiceChannel("desk", f"json://{service.address}/token", PATIENCE_S).send(Bulletin.of(make_alert()))
    (got,) = service.got
    assert got["title"].startswith("The union's claim")
    assert "The port is closed to all ships." in got["message"]
    assert "No berth has been closed." in got["message"]
    assert "the harbour office, in Coast Radio" in got["message"]


async def test_an_update_and_a_digest_say_that_they_are(service: Service, make_alert: Make) -> None:
    """A rise begins with Update; a digest counts its alerts and has a line for each."""
    channel = ServiceChannel("desk", f"json://{service.address}/token", PATIENCE_S)
    await channel.send(Bulletin.of(make_alert(severity=Severity.HIGH), Occasion.RAISED))
    entries = tuple(
        Entry(make_alert(alert_id=f"x{number}", summary=f"Claim {number} is disputed")) for number in (1, 2)
    )
    await channel.send(Bulletin("m1", entries, digest=True))
    update, digest = service.got
    assert update["title"].startswith("Update: ")
    assert update["message"].startswith("Update: this now has high severity.")
    assert digest["title"] == "Counterclaim: 2 disputes"
    assert "- Claim 1 is disputed [" in digest["message"]
    assert "- Claim 2 is disputed [" in digest["message"]


@pytest.mark.parametrize(("status", "transient"), [(503, True), (429, True), (401, False), (404, False)])
async def test_a_refusal_is_known_for_what_it_is(
    service: Service, make_alert: Make, status: int, transient: bool
) -> None:
    """Whether another try may help is told by the status; the reason names it, and no secret."""
    service.status = status
    with pytest.raises(ChannelError) as caught:
        await ServiceChannel("desk", f"json://me:s3cret@{service.address}/t0ken", PATIENCE_S).send(
            Bulletin.of(make_alert())
        )
    assert caught.value.transient is transient
    assert str(status) in caught.value.reason
    assert "s3cret" not in caught.value.reason
    assert "t0ken" not in caught.value.reason
    assert len(service.got) == 1


async def test_nobody_listening_is_transient(make_alert: Make, unused_tcp_port: int) -> None:
    """A service that is down may come up again."""
    with pytest.raises(ChannelError) as caught:
        await ServiceChannel("desk", f"json://127.0.0.1:{unused_tcp_port}/t0ken", PATIENCE_S).send(
            Bulletin.of(make_alert())
        )
    assert caught.value.transient
    assert "t0ken" not in caught.value.reason


async def test_an_address_that_means_nothing_fails_for_good(make_alert: Make) -> None:
    """The message says which kind of address it was and where to look; it does not show the address."""
    for url in ("carrierpigeon://coop/s3cret", "slack://s3cret"):
        with pytest.raises(ChannelError, match=r"docs/channels\.md") as caught:
            await ServiceChannel("desk", url, PATIENCE_S).send(Bulletin.of(make_alert()))
        assert not caught.value.transient
        assert "s3cret" not in caught.value.reason


async def test_the_event_loop_goes_on_meanwhile(service: Service, make_alert: Make) -> None:
    """Apprise blocks: its request is made by another thread, or the server in this loop could not answer it."""
    seen: list[int] = []
    channel = ServiceChannel("desk", f"json://{service.address}/", PATIENCE_S)
    notify = channel._notify

    def watched(title: str, text: str) -> tuple[bool, list[str]]:
        seen.append(threading.get_ident())
        return notify(title, text)

    channel._notify = watched  # type: ignore[method-assign]
    await channel.send(Bulletin.of(make_alert()))
    assert len(service.got) == 1
    assert seen != [threading.get_ident()]


async def test_mail_goes_out_by_smtp(mail: MailServer, make_alert: Make) -> None:
    """A mail with subject, sender, recipient and text reaches the server."""
    url = f"mailto://127.0.0.1:{mail.port}?from=alerts@news.example&to=editor@news.example&mode=insecure"
    await ServiceChannel("mail", url, PATIENCE_S).send(Bulletin.of(make_alert()))
    (raw,) = mail.mails
    found = message_from_bytes(raw, policy=policy.default)
    assert "editor@news.example" in str(found["To"])
    assert "alerts@news.example" in str(found["From"])
    assert str(found["Subject"]).startswith("The union's claim that the port of Vell is closed")
    body = found.get_body(("plain", "html"))
    assert body is not None
    assert "The port is closed to all ships." in body.get_content()


async def test_a_mail_that_is_refused_is_a_failure(mail: MailServer, make_alert: Make) -> None:
    """A server that does not take the recipient means that nobody was told."""
    mail.refuse = "450 mailbox busy"
    url = f"mailto://127.0.0.1:{mail.port}?from=alerts@news.example&to=editor@news.example&mode=insecure"
    with pytest.raises(ChannelError) as caught:
        await ServiceChannel("mail", url, PATIENCE_S).send(Bulletin.of(make_alert()))
    assert caught.value.transient
    assert mail.mails == []
