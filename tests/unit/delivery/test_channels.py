import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.delivery.bulletin import Bulletin
from monitor.delivery.channels import ChannelError, FileChannel, TerminalChannel
from monitor.delivery.posts import channel_names, posts_from
from monitor.settings import ChannelSettings, DeliverySettings
from schemas import Alert

Make = Callable[..., Alert]


async def test_the_file_gets_one_line_an_alert_and_revision(tmp_path: Path, make_alert: Make) -> None:
    """Lines are appended; the same revision is not written twice, not even by a process that starts anew."""
    path = tmp_path / "new" / "alerts.jsonl"
    channel = FileChannel(path)
    await channel.send(Bulletin.of(make_alert()))
    await channel.send(Bulletin.of(make_alert()))
    await FileChannel(path).send(Bulletin.of(make_alert()))
    await FileChannel(path).send(Bulletin.of(make_alert(revision=2)))
    assert [json.loads(line)["revision"] for line in path.read_text().splitlines()] == [1, 2]


async def test_a_line_cut_short_by_a_crash_does_not_spoil_the_next(tmp_path: Path, make_alert: Make) -> None:
    """After half a line the next alert stands on a line of its own."""
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(make_alert().to_bytes()[:40])
    await FileChannel(path).send(Bulletin.of(make_alert()))
    last = path.read_bytes().splitlines()[-1]
    assert Alert.from_bytes(last) == make_alert()


async def test_a_file_that_cannot_be_written_is_transient(tmp_path: Path, make_alert: Make) -> None:
    """A folder in the file's place is told with its path, and tried again: somebody may put it right."""
    with pytest.raises(ChannelError) as caught:
        await FileChannel(tmp_path).send(Bulletin.of(make_alert()))
    assert caught.value.transient
    assert str(tmp_path) in caught.value.reason


async def test_the_terminal_gets_words(make_alert: Make) -> None:
    """The alert is written out, both quotes in it."""
    out = io.StringIO()
    await TerminalChannel(out).send(Bulletin.of(make_alert()))
    assert "The port is closed to all ships." in out.getvalue()
    assert "No berth has been closed." in out.getvalue()


def test_the_settings_name_the_channels(tmp_path: Path) -> None:
    """Each setting opens its channel, and each table another one; by default there is none."""
    assert posts_from(DeliverySettings(), io.StringIO()) == []
    more = (
        ChannelSettings(name="desk", url="ntfy://news"),
        ChannelSettings(name="hook", url="https://other.example/x"),
    )
    path = tmp_path / "a.jsonl"
    settings = DeliverySettings(terminal=True, file=path, webhook="https://hooks.example/x", channels=more)
    posts = posts_from(settings, io.StringIO())
    names = ["terminal", f"file:{path}", "webhook:hooks.example", "desk", "hook"]
    assert [post.channel.name for post in posts] == names
    assert [post.channel.pages for post in posts] == [post.terms.pages for post in posts]
    assert [post.terms.pages for post in posts] == [False, False, True, True, True]
    assert sorted(channel_names(settings).values()) == sorted(names)
