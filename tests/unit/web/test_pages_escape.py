"""Texts from outside are shown as text, whatever they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient

from monitor.archive import Archive
from monitor.archive.reader import Reader
from monitor.settings import Settings
from monitor.web.app import create_app
from monitor.web.pages.render import marked, safe_url
from monitor.web.pages.stories import diff_paragraphs
from tests.support import desk

OURS = frozenset({
    "a", "article", "aside", "blockquote", "body", "br", "button", "code", "dd", "del", "details", "dialog", "div",
    "dl", "dt", "fieldset", "footer", "form", "h1", "h2", "h3", "h4", "head", "header", "html", "input", "ins",
    "kbd", "label", "li", "line", "link", "main", "mark", "meta", "nav", "ol", "option", "p", "path", "pre",
    "script", "section", "select", "small", "span", "strong", "summary", "svg", "table", "tbody", "td", "textarea",
    "th", "thead", "time", "title", "tr", "ul",
})  # fmt: skip


class Reading(HTMLParser):
    """Collects what a browser would make of a page: elements with their attributes, and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.text = "".join(self.words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep a piece of text."""
        self.words.append(data)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Reading]]:
    """Read pages (each once) of a desk whose archive holds each payload in every text that comes from outside."""
    folder = tmp_path_factory.mktemp("desk")
    archive = Archive(f"sqlite:///{folder / 'archive.db'}")
    for number, payload in enumerate(desk.PAYLOADS):
        archive.write(desk.poisoned(payload, number=number))
    live = desk.MemoryLive()
    app = create_app(
        Settings(data=folder), Reader(archive), desk.DirectPublisher(archive, live), live, clock=desk.ticking()
    )
    client = TestClient(app, base_url="http://127.0.0.1:8000", headers={"Accept": "text/html"})
    yield cache(lambda path: Reading(client.get(path).text))
    archive.close()


@pytest.mark.parametrize("number", range(len(desk.PAYLOADS)))
@pytest.mark.parametrize(
    "path",
    ["/alerts", "/alerts/apoison{}", "/stories", "/articles/poison{}", "/feeds", "/feeds/feed{}", "/search?q=bridge"],
)
def test_payloads_show_as_text(read: Callable[[str], Reading], path: str, number: int) -> None:
    """Each payload is read as text on the page, and the page has no element or attribute that is not ours."""
    payload = desk.PAYLOADS[number]
    page = read(path.format(number))
    assert payload in page.text
    for tag, attributes in page.elements:
        assert tag in OURS, tag
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "srcdoc")], (
            tag,
            attributes,
        )
        assert tag != "script" or (attributes.get("src") or "").startswith("/static/")
        for name in ("href", "action", "hx-get", "hx-post"):
            value = attributes.get(name)
            assert value is None or value.startswith(("/", "#", "?", "https://news.example/")), value


@pytest.mark.parametrize("address", desk.ADDRESSES)
def test_an_address_that_is_no_web_page_is_no_link(address: str) -> None:
    """Only http and https with a host become links."""
    assert safe_url(address) is None


@pytest.mark.parametrize("address", ["https://a.example/x?y=1#z", "http://a.example", "HTTPS://A.example/"])
def test_a_web_page_is_a_link(address: str) -> None:
    """Ordinary addresses stay as they are."""
    assert safe_url(address) == address


def test_marks_do_not_undo_the_escaping() -> None:
    """A marked text is escaped inside and outside the marks; spans that overlap or lie outside are left out."""
    assert (
        marked("<a> & <b>", [(0, 3), (1, 5), (6, 9), (8, 90)]) == "<mark>&lt;a&gt;</mark> &amp; <mark>&lt;b&gt;</mark>"
    )


def test_a_difference_is_escaped() -> None:
    """What an edit put in cannot be markup."""
    (line,) = diff_paragraphs("He said <i>no</i>.", "He said <b>no</b>.")
    assert "<i>" not in line
    assert "<b>" not in line
    assert "<ins>" in line
