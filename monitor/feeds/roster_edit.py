"""Edits of a roster file that leave the rest of it, comments included, as people wrote it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from monitor.errors import ConfigError
from monitor.feeds.opml import read_opml, write_opml
from monitor.feeds.roster import Feed, Roster
from monitor.feeds.roster_file import shipped_text
from monitor.feeds.roster_toml import read_toml, write_toml

__all__ = ["RosterFile"]

_TABLE = re.compile(r"^[ \t]*\[\[\s*feed\s*\]\]", re.MULTILINE)
_PAUSED = re.compile(r"^[ \t]*paused[ \t]*=.*\n?", re.MULTILINE)


class RosterFile:
    """The user's roster; it begins as a copy of the shipped one when it is first changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._text = path.read_text(encoding="utf-8-sig") if path.exists() else shipped_text()
        self._is_opml = self._text.lstrip().startswith("<")
        self._feeds = self._read()

    @property
    def roster(self) -> Roster:
        """The feeds as they stand, each once."""
        return Roster(self._feeds)

    def add(self, feeds: Iterable[Feed]) -> tuple[list[Feed], list[Feed]]:
        """Add feeds at the end; return those that were added and those that were there already."""
        known = {feed.feed_id for feed in self._feeds}
        added: list[Feed] = []
        there: list[Feed] = []
        for feed in feeds:
            (there if feed.feed_id in known else added).append(feed)
            known.add(feed.feed_id)
        if added and self._is_opml:
            self._rewrite([*self._feeds, *added])
        elif added:
            self._write(self._text.rstrip("\n") + "\n\n" * bool(self._text.strip()) + write_toml(added))
        return added, there

    def remove(self, feed: Feed) -> None:
        """Take a feed out, wherever it is listed."""
        if self._is_opml:
            self._rewrite([other for other in self._feeds if other.feed_id != feed.feed_id])
        else:
            self._edit(feed, lambda _: "")

    def pause(self, feed: Feed, paused: bool) -> None:
        """Stop polling a feed, or go on with it."""
        if self._is_opml:
            self._rewrite([replace(f, paused=paused) if f.feed_id == feed.feed_id else f for f in self._feeds])
        else:
            self._edit(feed, lambda block: _paused(block, paused))

    def _edit(self, feed: Feed, change: Callable[[str], str]) -> None:
        starts = [match.start() for match in _TABLE.finditer(self._text)]
        if len(starts) != len(self._feeds):
            raise ConfigError(
                "is not a plain list of [[feed]] tables, so it is not edited",
                path=str(self.path),
                hint="edit it by hand",
            )
        ends = [*starts[1:], len(self._text)]
        blocks = [self._text[start:end] for start, end in zip(starts, ends, strict=True)]
        changed = (change(b) if f.feed_id == feed.feed_id else b for b, f in zip(blocks, self._feeds, strict=True))
        self._write(self._text[: starts[0]] + "".join(changed))

    def _rewrite(self, feeds: list[Feed]) -> None:
        self._write(write_opml(feeds))

    def _write(self, text: str) -> None:
        before = self._text
        self._text = text
        try:
            # What cannot be read again is not written.
            self._feeds = self._read()
        except ConfigError:
            self._text = before
            raise
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            beside = self.path.with_name(self.path.name + ".new")
            beside.write_text(text, encoding="utf-8")
            os.replace(beside, self.path)
        except OSError as error:
            raise ConfigError(f"cannot be written: {error.strerror}", path=str(self.path)) from error

    def _read(self) -> list[Feed]:
        read = read_opml if self._is_opml else read_toml
        return read(self._text, str(self.path))


def _paused(block: str, paused: bool) -> str:
    head, _, body = _PAUSED.sub("", block).partition("\n")
    # Right below the heading: further down may stand a table of its own, such as [feed.headers].
    return f"{head}\n{'paused = true' + chr(10) if paused else ''}{body}"
