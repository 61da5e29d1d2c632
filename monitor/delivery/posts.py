"""The channels that the settings name, each with its terms."""

from __future__ import annotations

from typing import IO

from monitor.delivery.channels import Channel, FileChannel, TerminalChannel
from monitor.delivery.deliverer import Post
from monitor.delivery.services import ServiceChannel
from monitor.delivery.terms import terms_of
from monitor.delivery.webhook import WebhookChannel
from monitor.settings import ChannelSettings, DeliverySettings

__all__ = ["channel_names", "posts_from"]


def posts_from(settings: DeliverySettings, terminal: IO[str]) -> list[Post]:
    """Return the channels that the settings name; the terminal's goes to ``terminal``."""
    built_in: list[tuple[str, Channel]] = []
    if settings.terminal:
        built_in.append(("terminal", TerminalChannel(terminal)))
    if settings.file is not None:
        built_in.append(("file", FileChannel(settings.file)))
    if settings.webhook is not None:
        webhook = WebhookChannel(settings.webhook, settings.timeout_s, secret=settings.webhook_secret)
        built_in.append(("webhook", webhook))
    posts = [Post(channel, terms_of(settings, name, pages=channel.pages)) for name, channel in built_in]
    return posts + [Post(_channel(given, settings), terms_of(settings, given.name)) for given in settings.channels]


def _channel(given: ChannelSettings, settings: DeliverySettings) -> Channel:
    if given.url.lower().startswith(("http://", "https://")):
        return WebhookChannel(given.url, settings.timeout_s, name=given.name, secret=given.secret, pages=given.pages)
    return ServiceChannel(given.name, given.url, settings.timeout_s, pages=given.pages)


def channel_names(settings: DeliverySettings) -> dict[str, str]:
    """Return what each channel is called in the settings, and its name in records."""
    names = {given.name: given.name for given in settings.channels}
    if settings.terminal:
        names["terminal"] = TerminalChannel.name
    if settings.file is not None:
        names["file"] = FileChannel(settings.file).name
    if settings.webhook is not None:
        names["webhook"] = WebhookChannel(settings.webhook, settings.timeout_s).name
    return names
