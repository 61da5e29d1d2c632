"""Each page in a browser: no complaint of it, nothing that keeps somebody out, nothing beyond the window."""

from __future__ import annotations

from typing import Any

import pytest

from schemas import AlertKind

PAGES = (
    "/alerts", "alert", "/stories", "story", "article", "/topics", "/topics/syria", "/feeds", "feed", "/pipeline",
    "/search?q=minister", "/help",
)  # fmt: skip
SERIOUS = ("serious", "critical")


def address(served: Any, page: str) -> str:
    """Return the address of a page; a word stands for the page of one such thing."""
    alert = served.alert_of("grain terminal")
    correction = next(each for each in served.alerts.values() if each.kind is AlertKind.CORRECTION)
    path = {
        "alert": f"/alerts/{alert.alert_id}",
        "story": f"/stories/{alert.story_ids[0]}",
        "article": f"/articles/{correction.sides[0].claims[0].article_id}",
    }.get(page, page)
    if page == "feed":
        from monitor.archive.reader import Reader

        reader = Reader(served.archive)
        path = f"/feeds/{reader.feeds()[0].event.feed_id}"
        reader.close()
    return f"{served.url}{path}"


def overflow(page: Any) -> list[str]:
    """Return what reaches beyond the right edge; nothing where the page does not scroll sideways."""
    return page.evaluate(
        """() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
        [...document.body.querySelectorAll('*')].filter(each => each.getBoundingClientRect().right > innerWidth + 1)
        .slice(0, 5).map(each => `${each.tagName}.${each.className}`)"""
    )


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_and_keeps_nobody_out(served: Any, look: Any, name: str) -> None:
    """Light on a telephone, dark on a wall: no console error, no overflow, no serious finding of axe-core."""
    axe_module = pytest.importorskip("axe_playwright_python.sync_playwright")
    axe = axe_module.Axe()
    for width, theme in ((360, "light"), (1920, "dark")):
        person = look(width, 900, theme)
        page = person.open(address(served, name))
        assert overflow(page) == [], (width, theme)
        found = [
            f"{each['id']}: {each['nodes'][0]['html'][:120]} ({each['nodes'][0]['failureSummary'][:200]})"
            for each in axe.run(page).response["violations"]
            if each["impact"] in SERIOUS
        ]
        assert found == [], (width, theme)
        assert person.complaints == [], (width, theme)
        person.context.close()


def test_a_laptop_shows_twelve_alerts(served: Any, look: Any) -> None:
    """The first screen of 1366 by 768 has at least twelve whole rows."""
    page = look(1366, 768).open(f"{served.url}/alerts?show=all")
    bottoms = page.evaluate(
        "[...document.querySelectorAll('#rows > li')].map(row => row.getBoundingClientRect().bottom)"
    )
    assert sum(bottom <= 768 for bottom in bottoms) >= 12


def test_both_sides_look_alike(served: Any, look: Any) -> None:
    """In a row and on an alert's page both sides have the same width, colour, weight and size."""
    person = look(1366, 768)
    alert = served.alert_of("grain terminal")
    for path, inside in (
        ("/alerts?show=all", f"#row-{alert.alert_id} .claim"),
        (f"/alerts/{alert.alert_id}", ".sides blockquote"),
    ):
        page = person.open(f"{served.url}{path}")
        looks = page.evaluate(
            """inside => [...document.querySelectorAll(inside)].map(each => {
            const style = getComputedStyle(each), width = Math.round(each.getBoundingClientRect().width);
            return [width, style.color, style.fontWeight, style.fontSize].join(); })""",
            inside,
        )
        assert len(looks) == 2
        assert looks[0] == looks[1]


def test_the_evidence_is_highlighted(served: Any, look: Any) -> None:
    """Both quotes stand out of their paragraphs by more than colour."""
    alert = served.alert_of("grain terminal")
    page = look().open(f"{served.url}/alerts/{alert.alert_id}")
    marks = page.locator(".evidence mark")
    assert marks.all_inner_texts() == [side.claims[0].quote for side in alert.sides]
    line = page.locator(".evidence blockquote").nth(1).inner_text()
    assert len(line) > len(alert.sides[1].claims[0].quote)
    style = marks.first.evaluate(
        "mark => { const style = getComputedStyle(mark); return [style.backgroundColor, style.textDecorationLine]; }"
    )
    assert style[0] != "rgba(0, 0, 0, 0)"
    assert style[1] == "underline"


def test_times_are_local_with_utc_on_hover(served: Any, look: Any) -> None:
    """The script gives the reader's own time, an hour ahead of UTC in Paris in March, and keeps UTC in the title."""
    alert = served.alert_of("grain terminal")
    moment = page_time(look().open(f"{served.url}/alerts/{alert.alert_id}"))
    assert moment == [
        f"{alert.created_at:%Y-%m-%d %H:%M:%S} UTC",
        f"{alert.created_at.hour + 1:02}:{alert.created_at:%M}",
    ]
    plain = look(java_script_enabled=False).open(f"{served.url}/alerts/{alert.alert_id}")
    assert f"{alert.created_at:%H:%M} UTC" in plain.locator("header time").first.inner_text()


def page_time(page: Any) -> list[str]:
    """Return the title of the first time of a page, and the hour and minute that it shows."""
    first = page.locator("main time").first
    return [first.get_attribute("title"), first.inner_text()[-5:]]
