"""Rosters on disk: the shipped one, and the user's in TOML or OPML, told by its content; read anew when it changes."""

from __future__ import annotations

import os
import time
from importlib import resources
from pathlib import Path

import structlog

from monitor.errors import ConfigError
from monitor.feeds.opml import read_opml
from monitor.feeds.roster import Feed, Roster
from monitor.feeds.roster_toml import read_toml
from monitor.settings import config_home
from schemas.topics import POLL_TICKS

__all__ = ["LiveRoster", "load_roster", "read_feeds", "shipped_roster", "shipped_text", "user_roster"]

_log = structlog.get_logger()

LOOK_EVERY_S = 2.0
"""Seconds between looks at whether the file has changed."""


def user_roster() -> Path:
    """Return where the user's own roster lies when no setting names one: it goes before the shipped one."""
    return config_home() / "feeds.toml"


def load_roster(path: Path | None) -> Roster:
    """Return the roster in ``path`` (setting ``feeds.roster``); None: the user's own, else the shipped one.

    Raises:
        ConfigError: it cannot be read, or something in it is wrong; with file and line.
    """
    found = path if path is not None else (user_roster() if user_roster().exists() else None)
    return LiveRoster(found) if found is not None else shipped_roster()


def shipped_text() -> str:
    """Return the roster that comes with Counterclaim, as it is written."""
    return resources.files("monitor.feeds").joinpath("roster.toml").read_text(encoding="utf-8")


def shipped_roster() -> Roster:
    """Return the roster that comes with Counterclaim."""
    return Roster(read_toml(shipped_text(), "roster.toml"))


def read_feeds(path: Path) -> list[Feed]:
    """Return the feeds listed in a file, those listed twice included.

    Raises:
        ConfigError: it cannot be read, or something in it is wrong; with file and line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(
            f"cannot be read: {error.strerror}", path=str(path), hint="the setting feeds.roster names it"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError("is no UTF-8 text", path=str(path)) from error
    if text.lstrip().startswith("<"):
        return read_opml(text, str(path))
    return read_toml(text, str(path))


class LiveRoster(Roster):
    """A roster that follows its file: an edit counts within seconds; one that is wrong is reported, and waits."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp = _stamp(path)
        self._looked = time.monotonic()
        super().__init__(read_feeds(path))

    def of_partition(self, partition: int, partitions: int = POLL_TICKS.partitions) -> tuple[Feed, ...]:
        """Return the feeds of a partition, from the file as it is now."""
        self.refresh()
        return super().of_partition(partition, partitions)

    def refresh(self) -> None:
        """Look whether the file has changed, and read it if so; keep the feeds as they were if it is wrong."""
        now = time.monotonic()
        if now - self._looked < LOOK_EVERY_S:
            return
        self._looked = now
        stamp = _stamp(self.path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            feeds = read_feeds(self.path)
        except ConfigError as error:
            _log.error("roster_not_reloaded", error=str(error))
            return
        self.replace(feeds)
        _log.info("roster_reloaded", path=str(self.path), feeds=len(self))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
