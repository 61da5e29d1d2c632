"""Rosters in OPML 2.0 (opml.org/spec2.opml): nested folders are kept both ways."""

from __future__ import annotations

import html
from collections.abc import Iterable
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from monitor.errors import ConfigError
from monitor.feeds.identity import is_url
from monitor.feeds.roster import Feed
from schemas import PublisherKind

__all__ = ["read_opml", "write_opml"]

_KIND, _PAUSED, _PUBLISHER, _COUNTRY = (
    "counterclaimKind", "counterclaimPaused", "counterclaimPublisher", "counterclaimCountry",
)  # fmt: skip
"""Our attributes for what OPML has no word for; other readers pass over them."""
_MAX_DEPTH = 50


class _Reader:
    def __init__(self, path: str) -> None:
        self.feeds: list[Feed] = []
        self._path = path
        self._folders: list[str | None] = []
        self._root = True
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.EntityDeclHandler = self._entity

    def read(self, text: str) -> list[Feed]:
        try:
            self._parser.Parse(text.encode("utf-8"), True)
        except expat.ExpatError as error:
            reason = expat.errors.messages[error.code]
            raise ConfigError(f"not well-formed XML: {reason}", path=self._path, line=error.lineno) from error
        return self.feeds

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._root and name.lower() != "opml":
            raise self._error(f"its root is <{name}>, not <opml>")
        self._root = False
        if name.lower() != "outline":
            return
        if len(self._folders) >= _MAX_DEPTH:
            raise self._error(f"folders are nested more than {_MAX_DEPTH} deep")
        found = {key.lower(): value.strip() for key, value in attributes.items()}
        title = found.get("title") or found.get("text", "")
        url = found.get("xmlurl")
        self._folders.append(None if url is not None else title)
        if url is not None:
            self.feeds.append(self._feed(url, title, found))

    def _end(self, name: str) -> None:
        if name.lower() == "outline":
            self._folders.pop()

    def _feed(self, url: str, title: str, found: dict[str, str]) -> Feed:
        if not is_url(url):
            raise self._error(f"xmlUrl {url!r} is no http or https address")
        kind = found.get(_KIND.lower(), PublisherKind.UNREVIEWED)
        if kind not in list(PublisherKind):
            raise self._error(f"{_KIND} {kind!r} is none of {', '.join(PublisherKind)}")
        return Feed(
            url=url,
            title=html.unescape(title),
            kind=PublisherKind(kind),
            publisher=found.get(_PUBLISHER.lower(), ""),
            country=found.get(_COUNTRY.lower()) or None,
            paused=found.get(_PAUSED.lower()) == "true",
            language=found.get("language") or None,
            site=found.get("htmlurl") or None,
            folder=tuple(folder for folder in self._folders if folder),
        )

    def _entity(self, *_: object) -> None:
        raise self._error("declares entities, which a list of feeds has no need of")

    def _error(self, message: str) -> ConfigError:
        return ConfigError(message, path=self._path, line=self._parser.CurrentLineNumber)


def read_opml(text: str, path: str) -> list[Feed]:
    """Return the feeds of an OPML outline, in their order, each with its folders.

    Raises:
        ConfigError: it is no OPML, or a feed's address is none; with the line.
    """
    return _Reader(path).read(text)


def write_opml(feeds: Iterable[Feed], title: str = "Counterclaim") -> str:
    """Return ``feeds`` as an OPML outline; feeds of one folder stand together, where its first one stood."""
    tree: dict[str, object] = {}
    for feed in feeds:
        node = tree
        for folder in feed.folder:
            child = node.setdefault("/" + folder, {})
            assert isinstance(child, dict)
            node = child
        node[feed.feed_id] = feed
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        f"  <head><title>{escape(title)}</title></head>",
    ]
    return "\n".join([*lines, "  <body>", *_outlines(tree, 2), "  </body>", "</opml>", ""])


def _outlines(tree: dict[str, object], depth: int) -> list[str]:
    pad, lines = "  " * depth, []
    for key, value in tree.items():
        if isinstance(value, Feed):
            lines.append(f"{pad}<outline {_attributes(value)}/>")
        elif isinstance(value, dict):
            name = quoteattr(key[1:])
            lines += [f"{pad}<outline text={name} title={name}>", *_outlines(value, depth + 1), f"{pad}</outline>"]
    return lines


def _attributes(feed: Feed) -> str:
    values = {
        "type": "rss",
        "text": feed.name,
        "title": feed.name,
        "xmlUrl": feed.url,
        "htmlUrl": feed.site,
        "language": feed.language,
        _PUBLISHER: feed.publisher if feed.publisher != feed.name else None,
        _COUNTRY: feed.country,
        _PAUSED: "true" if feed.paused else None,
        _KIND: feed.kind.value if feed.kind is not PublisherKind.UNREVIEWED else None,
    }
    return " ".join(f"{name}={quoteattr(value)}" for name, value in values.items() if value)
