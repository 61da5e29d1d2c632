"""Texts that would be a script are read as text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import desk
from tests.support.served import Served, serving


@pytest.fixture
def poisoned(tmp_path: Path) -> Iterator[Served]:
    """A desk whose every text from outside is one of the payloads."""

    def fill(archive: Any) -> dict[str, Any]:
        sent = []
        for number, payload in enumerate(desk.PAYLOADS):
            url = desk.ADDRESSES[number % len(desk.ADDRESSES)]
            sent += desk.poisoned(payload, url, number)
        archive.write(sent)
        return desk.alerts_of(sent)

    with serving(tmp_path, fill) as found:
        yield found


def test_payloads_do_nothing_and_are_read(poisoned: Served, look: Any) -> None:
    """No title, name, quote, note or address runs, opens or loads anything; each is there to be read."""
    person = look()
    asked: list[str] = []
    person.context.on("request", lambda request: asked.append(request.url))
    paths = ["/alerts", "/stories", "/feeds", "/search?q=bridge"]
    paths += [f"/alerts/apoison{number}" for number in range(len(desk.PAYLOADS))]
    for path in paths:
        page = person.open(f"{poisoned.url}{path}")
        assert page.title().endswith("Counterclaim"), path
        assert page.locator("iframe, math, img, [onload], [onerror]").count() == 0
        hrefs = page.evaluate("[...document.links].map(link => link.protocol)")
        assert set(hrefs) <= {"http:", "https:"}
        if path.startswith("/alerts/a"):
            payload = desk.PAYLOADS[int(path.removeprefix("/alerts/apoison"))]
            assert payload in page.evaluate("document.querySelector('h1').textContent")
        page.close()
    assert all(url.startswith((poisoned.url, "data:image")) for url in asked)
    assert person.complaints == []
