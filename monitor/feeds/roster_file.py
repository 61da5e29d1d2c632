"""Rosters on disk: the shipped one, and the user's in TOML or OPML, by its content."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from monitor.errors import ConfigError
from monitor.feeds.opml import read_opml
from monitor.feeds.roster import Feed, Roster
from monitor.feeds.roster_toml import read_toml

__all__ = ["load_roster", "read_feeds", "shipped_roster"]


def load_roster(path: Path | None) -> Roster:
    """Return the roster in ``path`` (setting ``feeds.roster``), None for the shipped one.

    Raises:
        ConfigError: it cannot be read, or something in it is wrong; with file and line.
    """
    return Roster(read_feeds(path)) if path is not None else shipped_roster()


def shipped_roster() -> Roster:
    """Return the roster that comes with Counterclaim."""
    text = resources.files("monitor.feeds").joinpath("roster.toml").read_text(encoding="utf-8")
    return Roster(read_toml(text, "roster.toml"))


def read_feeds(path: Path) -> list[Feed]:
    """Return the feeds listed in a file, those listed twice included.

    Raises:
        ConfigError: it cannot be read, or something in it is wrong; with file and line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", path=str(path)) from error
    except UnicodeDecodeError as error:
        raise ConfigError("is no UTF-8 text", path=str(path)) from error
    if text.lstrip().startswith("<"):
        return read_opml(text, str(path))
    return read_toml(text, str(path))
