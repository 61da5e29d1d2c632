"""What comes while a page is open: in without a reload, and never under the eyes of who reads."""

from __future__ import annotations

from typing import Any

from schemas import topics
from tests.support.served import until


def listening(page: Any) -> None:
    """Wait until the page hears of what happens."""
    page.wait_for_selector("#livestate:text-is('Live')")


def come(own: Any, name: str, **changes: Any) -> Any:
    """Let an alert come: as the pipeline does, to the stream first and to the archive a little later."""
    alert = own.alert_of("grain terminal").model_copy(
        update={"alert_id": name, "summary": f"{name} is disputed", **changes}
    )
    own.live.tell("alert", alert)
    own.archive.write([(topics.ALERTS, alert)])
    return alert


def test_a_new_alert_comes_in_at_the_top(own: Any, look: Any) -> None:
    """Who has the top of the list in view, and reads nothing in it, sees a new alert slide in."""
    person = look()
    page = person.open(f"{own.url}/alerts")
    listening(page)
    come(own, "anew")
    page.wait_for_selector("#rows > li:first-child[data-alert=anew]")
    assert page.locator("#newbar").is_hidden()
    assert person.complaints == []


def test_what_is_being_read_does_not_move(own: Any, look: Any) -> None:
    """While a row has the focus, new alerts wait behind a bar that counts them; the bar lets them in."""
    page = look().open(f"{own.url}/alerts")
    listening(page)
    page.keyboard.press("j")
    before = page.evaluate("document.activeElement.getBoundingClientRect().top")
    row = page.evaluate("document.activeElement.closest('li').id")
    come(own, "aone")
    come(own, "atwo")
    page.wait_for_selector("#newcount:text-is('2 new')")
    assert page.evaluate("document.activeElement.closest('li').id") == row
    assert page.locator("#rows > li").first.get_attribute("id") == row
    assert page.title().startswith("(2) ")
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") == before
    page.click("#shownew")
    page.wait_for_selector("#rows > li[data-alert=aone]")
    assert {page.locator("#rows > li").nth(at).get_attribute("data-alert") for at in (0, 1)} == {"aone", "atwo"}
    assert page.locator("#newbar").is_hidden()


def test_an_alert_that_the_filters_leave_out_stays_out(own: Any, look: Any) -> None:
    """Of two alerts that come, the one that fits the address is shown, the other is not."""
    page = look().open(f"{own.url}/alerts?severity=high")
    listening(page)
    come(own, "alow", severity=own.alert_of("grain terminal").severity.__class__.LOW)
    come(own, "ahigh", severity=own.alert_of("grain terminal").severity.__class__.HIGH)
    page.wait_for_selector("#rows > li[data-alert=ahigh]")
    assert page.locator("[data-alert=alow]").count() == 0


def test_an_update_changes_its_row_where_it_stands(own: Any, look: Any) -> None:
    """A new revision of an alert that is shown takes its place, and is marked."""
    page = look().open(f"{own.url}/alerts?show=all")
    listening(page)
    alert = own.alert_of("grain terminal")
    place = f"#row-{alert.alert_id}"
    position = page.evaluate(
        "place => [...document.querySelectorAll('#rows > li')].indexOf(document.querySelector(place))", place
    )
    newer = alert.model_copy(update={"revision": alert.revision + 1, "state": alert.state.__class__.RETRACTED})
    own.live.tell("alert", newer)
    own.archive.write([(topics.ALERTS, newer)])
    page.wait_for_selector(f"{place} .state:has-text('retracted')")
    assert position == page.evaluate(
        "place => [...document.querySelectorAll('#rows > li')].indexOf(document.querySelector(place))", place
    )


def test_an_act_in_one_tab_shows_in_the_others(own: Any, look: Any) -> None:
    """An acknowledgement shows in another window's list and page without a reload; what is typed there stays."""
    alert = own.alert_of("grain terminal")
    person, other = look(), look()
    listing, page, there = (
        other.open(f"{own.url}/alerts?show=all"),
        person.open(f"{own.url}/alerts/{alert.alert_id}"),
        other.open(f"{own.url}/alerts/{alert.alert_id}"),
    )
    for each in (listing, page, there):
        listening(each)
    until(lambda: own.live.clients == 3)
    page.click("#ack")
    page.wait_for_selector("#ack:has-text('Take back')")
    there.wait_for_selector("#ack:has-text('Take back')")
    listing.wait_for_selector(f"#row-{alert.alert_id}:has-text('acked')")
    there.fill("#note-text", "half a thought")
    page.fill("#note-text", "Called them.")
    page.click("#note-send")
    page.wait_for_selector("#acts + ol:has-text('Called them.')")
    there.wait_for_selector("#acts + ol:has-text('Called them.')")
    assert there.input_value("#note-text") == "half a thought"
    assert person.complaints == other.complaints == []
