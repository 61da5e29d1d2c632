"""Debian's Chromium before a desk over the sample articles."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import desk
from tests.support.served import PATIENCE_MS, Served, serving

CHROMIUM = Path(os.environ.get("COUNTERCLAIM_TEST_CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder drive a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def missing(reason: str) -> None:
    """Skip, or fail where the environment has all that tests need."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The browser; where there is none: failure in CI, else a skip.

    One a file: as long as Playwright runs, its event loop holds this thread, and no asynchronous test could run.
    """
    if not CHROMIUM.exists():
        missing(f"no Chromium at {CHROMIUM}: install it, or name it in COUNTERCLAIM_TEST_CHROMIUM")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS, timeout=PATIENCE_MS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A desk over all sample articles, for tests that only look."""
    with serving(tmp_path_factory.mktemp("desk"), desk.fill) as found:
        yield found


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Served]:
    """A desk of this test alone, over the articles that raise alerts."""
    with serving(tmp_path, lambda archive: desk.fill(archive, desk.demo(whole=False))) as found:
        yield found


@dataclass
class Looker:
    """Opens pages as one person would, and keeps what the browser complains of."""

    context: Any
    complaints: list[str]

    def open(self, url: str) -> Any:
        """Return a new page at the address."""
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.clock.set_fixed_time(desk.NOW)
        page.on("console", lambda each: self.complaints.append(each.text) if each.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(url, wait_until="load")
        return page


@pytest.fixture
def look(chromium: Any) -> Iterator[Callable[..., Looker]]:
    """Return a function that makes a person with a window of some size and theme."""
    contexts = []

    def make(width: int = 1366, height: int = 768, theme: str = "light", **more: Any) -> Looker:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, timezone_id="Europe/Paris",
            locale="en-GB", **more,
        )  # fmt: skip
        contexts.append(context)
        return Looker(context, [])

    yield make
    for context in contexts:
        context.close()
