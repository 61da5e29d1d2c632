"""Run the desk: the application, its consumer and producer, and the web server, from start to an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Final

import uvicorn

from monitor.archive import Reader, url_of
from monitor.errors import ConfigError
from monitor.settings import Settings, WebSettings
from monitor.web.accounts import check_binding, is_loopback
from monitor.web.app import create_app
from monitor.web.live import Hub
from monitor.web.publisher import KafkaPublisher

__all__ = ["bind", "serve"]

BACKLOG: Final = 2048
STOP_S: Final = 3
"""Seconds that requests under way have for their end when the desk stops."""
FILES: Final = 65_536
"""File descriptors asked for: one a live page."""

log = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    """Tells the live clients to go before it waits for the end of their requests; leaves signals to us."""

    def __init__(self, config: uvicorn.Config, hub: Hub, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._hub = hub
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hub.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own would end the process with the signal before consumer, producer and reader are closed.
        yield


async def serve(settings: Settings, on_ready: Callable[[str], None]) -> signal.Signals | None:
    """Serve until SIGINT or SIGTERM, and return which; ``on_ready`` gets the desk's address.

    Raises:
        ConfigError: it would be open to others without a login, or cannot listen at the address.
        ArchiveVersionError: the archive is of another version.
    """
    check_binding(settings.web)
    _raise_file_limit()
    reader = await asyncio.to_thread(Reader, url_of(settings))
    caught: list[signal.Signals] = []
    try:
        with bind(settings.web) as listener:
            hub = Hub(settings, reader.counts)
            async with hub.running(), KafkaPublisher(settings).running() as publisher:
                app = create_app(settings, reader, publisher, hub)
                server = _Server(_config(app), hub, lambda: on_ready(_address(settings.web, listener)))

                def stop(number: signal.Signals) -> None:
                    caught.append(number)
                    server.should_exit = True

                loop = asyncio.get_running_loop()
                for number in (signal.SIGINT, signal.SIGTERM):
                    loop.add_signal_handler(number, stop, number)
                await server.serve(sockets=[listener])
    finally:
        reader.close()
    return caught[0] if caught else None


def bind(web: WebSettings) -> socket.socket:
    """Return a socket that listens where the settings say; where a loopback port is taken, at a free one.

    Raises:
        ConfigError: it cannot be had.
    """
    try:
        return _listen(web.host, web.port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE and is_loopback(web.host):
            log.warning("port %d is taken: a free one is used", web.port)
            return _listen(web.host, 0)
        raise ConfigError(
            f"web.host, web.port: cannot listen at {web.host} port {web.port}: {error.strerror or error}",
            hint="Another program may be there: choose another port, or end it.",
        ) from error


def _listen(host: str, port: int) -> socket.socket:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def _address(web: WebSettings, listener: socket.socket) -> str:
    host = f"[{web.host}]" if ":" in web.host else web.host
    return f"http://{host}:{listener.getsockname()[1]}"


def _config(app: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=STOP_S,
    )


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
