"""How people use the desk: filters, keys, themes, without a script."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.served import until


def query(page: Any) -> dict[str, list[str]]:
    """Return what the address asks for."""
    return parse_qs(urlsplit(page.url).query)


def shown(page: Any) -> list[str]:
    """Return the ids of the alerts on the page."""
    return page.evaluate("[...document.querySelectorAll('#rows > [data-alert]')].map(row => row.dataset.alert)")


def test_filters_stand_in_the_address_and_survive_a_reload(served: Any, look: Any) -> None:
    """A chosen filter changes list and address without a reload, keeps the focus, and is there after one."""
    person = look()
    page = person.open(f"{served.url}/alerts")
    page.focus("select[name=kind]")
    page.select_option("select[name=kind]", "figure")
    page.wait_for_url("**kind=figure**")
    expected = {alert.alert_id for alert in served.alerts.values() if alert.kind.value == "figure"}
    until(lambda: page.locator("#rows > [data-alert]").count() <= len(expected))
    assert set(shown(page)) <= expected
    before = shown(page)
    assert before
    assert query(page) == {"kind": ["figure"]}
    assert page.evaluate("document.activeElement.name") == "kind"
    page.reload()
    assert shown(page) == before
    assert page.input_value("select[name=kind]") == "figure"
    page.go_back()
    page.wait_for_url(lambda url: "kind" not in url)
    page.wait_for_load_state()
    until(lambda: page.locator("#rows > [data-alert]").count() > len(before))
    assert person.complaints == []


def test_the_keyboard_is_enough(served: Any, look: Any) -> None:
    """J and k move, Enter opens, u goes back, ? helps; letters typed into a field are letters; keys can be put off."""
    page = look().open(f"{served.url}/alerts")
    ids = shown(page)
    here = "document.activeElement.closest('[data-alert]')?.dataset.alert"
    page.keyboard.press("j")
    assert page.evaluate(here) == ids[0]
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate(here) == ids[1]
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/alerts/{ids[1]}")
    page.keyboard.press("u")
    page.wait_for_url("**/alerts")
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog:not([open])", state="attached")
    page.keyboard.press("/")
    page.keyboard.type("j?")
    assert page.input_value("#find") == "j?"
    assert page.evaluate("document.querySelector('dialog').open") is False
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("g")
    page.keyboard.press("f")
    page.wait_for_url("**/feeds")
    page.keyboard.press("?")
    page.uncheck("#keys-on")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('tr')") is None


def test_the_first_tab_leads_past_the_navigation(served: Any, look: Any) -> None:
    """The first thing that Tab reaches is the way to the content, it is seen, and it works."""
    page = look().open(f"{served.url}/alerts")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_theme_is_kept(served: Any, look: Any) -> None:
    """The button turns the page dark at once, and the next page is dark from its first line on."""
    page = look().open(f"{served.url}/alerts")
    light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.click("#theme")
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert dark != light
    page.goto(f"{served.url}/feeds")
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == dark


def test_all_but_what_is_live_works_without_a_script(own: Any, look: Any) -> None:
    """Filters, theme, unread marks, search and acts work in a browser that runs no script."""
    page = look(java_script_enabled=False).open(f"{own.url}/alerts?show=all")
    page.select_option("select[name=severity]", "high")
    page.click("#filters button")
    expected = {alert.alert_id for alert in own.alerts.values() if alert.severity.value == "high"}
    rows = page.locator("#rows > [data-alert]")
    assert {row.get_attribute("data-alert") for row in rows.all()} == expected
    unread = page.locator(".unread").count()
    page.locator("#rows .over").first.click()
    page.click("#verdict-wrong")
    assert page.locator("#verdict-wrong").get_attribute("aria-pressed") == "true"
    page.goto(f"{own.url}/alerts?show=all&severity=high")
    assert page.locator(".unread").count() == unread - 1
    page.click("#theme")
    assert page.get_attribute("html", "data-theme") == "dark"
    page.fill("#find", "grain")
    page.click(".find button")
    assert page.locator("mark", has_text="grain").count() > 0
