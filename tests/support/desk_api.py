"""The desk's API before a client, over an archive that the sample articles filled."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from monitor.archive import Archive, Reader
from monitor.errors import BrokerError
from monitor.settings import Settings, WebSettings
from monitor.web.app import create_app
from monitor.web.live import Hub
from schemas import Alert, Command, Feedback, topics
from tests.support import desk

HOST = "http://127.0.0.1:8470"
TOKEN = "editor-token-of-the-tests"
VIEWER = "viewer-token-of-the-tests"


@dataclass
class Sink:
    """Takes what people do: archives it at once, as if Kafka and the archive's daemon were instant."""

    archive: Archive
    acts: list[Feedback] = field(default_factory=list)
    commands: list[tuple[Command, str]] = field(default_factory=list)
    away: bool = False

    async def feedback(self, feedback: Feedback) -> None:
        """Keep and archive an act."""
        if self.away:
            raise BrokerError("Kafka did not take it in time.", hint="Do it again.")
        self.acts.append(feedback)
        await asyncio.to_thread(self.archive.write, [(topics.FEEDBACK, feedback)])

    async def command(self, command: Command, host: str) -> None:
        """Keep an order."""
        self.commands.append((command, host))


@dataclass(frozen=True)
class Api:
    """A client of a desk, and what stands behind it."""

    client: TestClient
    archive: Archive
    hub: Hub
    sink: Sink
    alerts: dict[str, Alert]

    def get(self, path: str, status: int = 200, **params: Any) -> Any:
        """Return the JSON of an answer that has the status."""
        answer = self.client.get(f"/api/v1{path}", params=params)
        assert answer.status_code == status, answer.text[:500]
        return answer.json()

    def post(self, path: str, body: object, status: int = 202) -> Any:
        """Send JSON and return that of the answer, which has the status."""
        answer = self.client.post(f"/api/v1{path}", json=body)
        assert answer.status_code == status, answer.text[:500]
        return answer.json()

    @property
    def alert(self) -> Alert:
        """Return one of the alerts, always the same."""
        return self.alerts[min(self.alerts)]


def open_api(folder: Path, archive: Archive, alerts: dict[str, Alert], base_url: str = HOST, **web: Any) -> Api:
    """Return the desk over an archive; ``web`` are settings of it."""
    settings = Settings(data=folder, web=WebSettings(**web))
    hub, sink = Hub(settings), Sink(archive)
    app = create_app(settings, Reader(archive), sink, hub, clock=lambda: desk.NOW)
    client = TestClient(app, base_url=base_url, follow_redirects=False)
    return Api(client, archive, hub, sink, alerts)


def filled_archive(folder: Path) -> tuple[Archive, dict[str, Alert]]:
    """Return an archive with the samples that raise alerts, and those alerts by id."""
    archive = Archive(f"sqlite:///{folder / 'archive.db'}")
    return archive, desk.fill(archive, desk.demo(whole=False))
