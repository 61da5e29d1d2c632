"""Services that people read (Slack, Teams, Telegram, Discord, mail, ntfy...), through Apprise.

Apprise is blocking, so a message is sent in a thread; it says of a failure only what it logs, so the HTTP status in
that decides whether another try may help.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from typing import Any
from urllib.parse import unquote, urlsplit

from monitor.delivery.bulletin import Bulletin
from monitor.delivery.channels import ChannelError
from monitor.delivery.webhook import RETRIED_STATUS
from monitor.delivery.words import bulletin_text, bulletin_title

__all__ = ["ServiceChannel", "check_address"]

PLAIN_WIDTH = 2000
"""Columns of the text: services wrap it themselves."""
REASON_LENGTH = 300
_STATUS = re.compile(r"error=(\d{3})\b")
_SECRET_LENGTH = 4
"""Characters from which a part of an address is taken for a secret and masked."""


class ServiceChannel:
    """One address of Apprise. It cannot change what it has sent: what is new about an alert is a further message.

    At least once: after a crash in between, the message may come again. An address that Apprise cannot use fails each
    message for good, with the reason: the other channels go on, and the dead letters keep what it missed.
    """

    def __init__(self, name: str, url: str, timeout_s: float, *, pages: bool = True) -> None:
        self.name = name
        self.pages = pages
        self._url = url
        self._timeout_s = timeout_s
        self._service: Any = None
        self._secrets = _secrets_in(url)
        self._one_at_a_time = threading.Lock()

    async def send(self, bulletin: Bulletin) -> None:
        """Send the bulletin as one message of title and text."""
        title, text = bulletin_title(bulletin), bulletin_text(bulletin, PLAIN_WIDTH)
        try:
            async with asyncio.timeout(self._timeout_s + 2):  # Apprise's own limits come first
                sent, logged = await asyncio.to_thread(self._notify, title, text)
        except TimeoutError as error:
            raise ChannelError(f"no answer within {self._timeout_s:g} s", transient=True) from error
        if not sent:
            raise ChannelError(self._reason(logged), transient=_may_pass(logged))

    def _notify(self, title: str, text: str) -> tuple[bool, list[str]]:
        import apprise  # with hundreds of plugins: half a second, which those that only print need not wait for

        logged: list[str] = []

        def keep(entry: Any, _service: Any) -> None:
            logged.append(str(entry.message))

        with self._one_at_a_time:
            self._service = self._service or _service_of(self._url, self._timeout_s)
            sender = apprise.Apprise(asset=_asset())
            sender.add(self._service)
            result = sender.notify(
                body=text,
                title=title,
                notify_type=apprise.NotifyType.INFO,
                body_format=apprise.NotifyFormat.TEXT,
                log_callback=keep,
                log_level=logging.WARNING,
            )
        return bool(result), logged

    def _reason(self, logged: list[str]) -> str:
        reason = " ".join(" ".join(logged).split()) or "the service did not take it"
        for secret in self._secrets:
            reason = reason.replace(secret, "***")
        return reason[:REASON_LENGTH]


def _asset() -> Any:
    import apprise
    from apprise.common import PersistentStoreMode

    # Nothing is kept on disk, no theme is fetched, and what is logged hides secrets.
    return apprise.AppriseAsset(
        app_id="Counterclaim", app_desc="Counterclaim", storage_mode=PersistentStoreMode.MEMORY, secure_logging=True
    )


def check_address(url: str) -> None:
    """Raise where Apprise cannot use an address; nothing is sent.

    Raises:
        ChannelError: it knows no such service, or misses something in the address, which is not shown.
    """
    _service_of(url, 1.0)


def _service_of(url: str, timeout_s: float) -> Any:
    import apprise

    service = apprise.Apprise.instantiate(url, asset=_asset(), suppress_exceptions=True)
    if service is None:
        scheme = url.partition("://")[0]
        raise ChannelError(f"Apprise cannot use this {scheme}:// address; see docs/channels.md", transient=False)
    service.socket_connect_timeout = service.socket_read_timeout = timeout_s
    return service


def _secrets_in(url: str) -> list[str]:
    """Return the parts of an address that may be secret, the longest first."""
    parts = urlsplit(url)
    found = {parts.username, parts.password, *parts.path.split("/"), *re.split(r"[&=]", parts.query)}
    known = {unquote(part) for part in found if part} | {part for part in found if part}
    return sorted((part for part in known if len(part) >= _SECRET_LENGTH), key=len, reverse=True)


def _may_pass(logged: list[str]) -> bool:
    """Say whether another try may help: not where every status that was logged says no for good."""
    statuses = [int(status) for line in logged for status in _STATUS.findall(line)]
    return not statuses or any(status in RETRIED_STATUS for status in statuses)
