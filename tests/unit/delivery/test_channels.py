import io
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import web

from monitor.delivery.channels import ChannelError, FileChannel, TerminalChannel, WebhookChannel, channels_from
from monitor.settings import DeliverySettings
from schemas import Alert

Make = Callable[..., Alert]


class Receiver:
    """A web server on a free port that keeps what it is sent and answers with ``status``."""

    def __init__(self) -> None:
        self.status = 204
        self.got: list[tuple[dict[str, str], dict[str, object]]] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        """Keep the request."""
        self.got.append((dict(request.headers), await request.json()))
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A running receiver."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook?token=abc"
    yield receiver
    await runner.cleanup()


async def test_the_webhook_gets_the_alert_as_the_topic_has_it(receiver: Receiver, make_alert: Make) -> None:
    """One POST with the alert as JSON and a key by which a repeat can be told."""
    alert = make_alert()
    await WebhookChannel(receiver.url, 5).send(alert)
    ((headers, body),) = receiver.got
    assert body == alert.to_json()
    assert headers["Idempotency-Key"] == "x1-1"


@pytest.mark.parametrize(("status", "transient"), [(503, True), (429, True), (404, False), (302, False), (500, True)])
async def test_an_answer_that_is_no_receipt_is_a_failure(
    receiver: Receiver, make_alert: Make, status: int, transient: bool
) -> None:
    """Statuses that may pass are transient, others are not; a redirect is not followed with the alert."""
    receiver.status = status
    with pytest.raises(ChannelError) as caught:
        await WebhookChannel(receiver.url, 5).send(make_alert())
    assert caught.value.transient is transient
    assert str(status) in caught.value.reason
    assert len(receiver.got) == 1


async def test_a_webhook_that_does_not_answer_is_transient(
    receiver: Receiver, make_alert: Make, unused_tcp_port: int
) -> None:
    """Nobody listening is a failure that may pass; the reason does not hold the token."""
    with pytest.raises(ChannelError) as caught:
        await WebhookChannel(f"http://127.0.0.1:{unused_tcp_port}/token-abc", 5).send(make_alert())
    assert caught.value.transient
    assert "token-abc" not in caught.value.reason


def test_a_webhook_is_named_without_its_secret() -> None:
    """The name, which goes into records and logs, holds the host alone."""
    assert WebhookChannel("https://user:pw@hooks.example/T0/secret", 5).name == "webhook:hooks.example"


async def test_the_file_gets_one_line_an_alert_and_revision(tmp_path: Path, make_alert: Make) -> None:
    """Lines are appended; the same revision is not written twice, not even by a process that starts anew."""
    path = tmp_path / "new" / "alerts.jsonl"
    channel = FileChannel(path)
    await channel.send(make_alert())
    await channel.send(make_alert())
    await FileChannel(path).send(make_alert())
    await FileChannel(path).send(make_alert(revision=2))
    assert [json.loads(line)["revision"] for line in path.read_text().splitlines()] == [1, 2]


async def test_a_line_cut_short_by_a_crash_does_not_spoil_the_next(tmp_path: Path, make_alert: Make) -> None:
    """After half a line the next alert stands on a line of its own."""
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(make_alert().to_bytes()[:40])
    await FileChannel(path).send(make_alert())
    last = path.read_bytes().splitlines()[-1]
    assert Alert.from_bytes(last) == make_alert()


async def test_a_file_that_cannot_be_written_is_transient(tmp_path: Path, make_alert: Make) -> None:
    """A folder in the file's place is told with its path, and tried again: somebody may put it right."""
    with pytest.raises(ChannelError) as caught:
        await FileChannel(tmp_path).send(make_alert())
    assert caught.value.transient
    assert str(tmp_path) in caught.value.reason


async def test_the_terminal_gets_words(make_alert: Make) -> None:
    """The alert is written out, both quotes in it."""
    out = io.StringIO()
    await TerminalChannel(out).send(make_alert())
    assert "The port is closed to all ships." in out.getvalue()
    assert "No berth has been closed." in out.getvalue()


def test_the_settings_name_the_channels(tmp_path: Path) -> None:
    """Each setting opens its channel; by default there is none."""
    assert channels_from(DeliverySettings(), io.StringIO()) == []
    settings = DeliverySettings(terminal=True, file=tmp_path / "a.jsonl", webhook="https://hooks.example/x")
    channels = channels_from(settings, io.StringIO())
    assert [channel.name for channel in channels] == [
        "terminal",
        f"file:{tmp_path / 'a.jsonl'}",
        "webhook:hooks.example",
    ]
    assert [channel.pages for channel in channels] == [False, False, True]
