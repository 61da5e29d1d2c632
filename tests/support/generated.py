"""Articles of our own for the tests on a full stream: as many as one likes, the same ones for the same seed.

They are no news: a few kinds of event, told by several outlets, some copied, some denied, with figures that differ.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from monitor.ids import stable_id
from schemas import Article

__all__ = ["articles"]

START = datetime(2026, 3, 2, 6, tzinfo=UTC)

OUTLETS = (
    "Harbour Ledger",
    "Northern Courier",
    "Continental Wire",
    "Radio Meridian",
    "The Valley Post",
    "Daily Compass",
)

PLACES = (
    "Aleppo",
    "Idlib",
    "Latakia",
    "Homs",
    "Kharkiv",
    "Odesa",
    "Donetsk",
    "Mosul",
    "Gaza",
    "Isfahan",
    "Palmyra",
    "Raqqa",
)

PARTIES = {
    "Russian forces": "the Russian defence ministry",
    "Syrian government troops": "the foreign ministry in Damascus",
    "Turkish jets": "the Turkish defence ministry",
    "Israeli aircraft": "the Israeli military",
    "Ukrainian drones": "the general staff in Kyiv",
    "Iranian units": "the foreign ministry in Tehran",
}

ACTS = (
    ("shelled a market in {place}", "the shelling of a market in {place}"),
    ("struck a hospital in {place}", "a strike on a hospital in {place}"),
    ("seized the airfield outside {place}", "the seizure of the airfield outside {place}"),
    ("pulled out of the centre of {place}", "a withdrawal from the centre of {place}"),
    ("used chlorine near {place}", "the use of chlorine near {place}"),
)

WITNESSES = ("residents", "medics", "local officials", "a monitoring group", "aid workers", "two witnesses")

FILLERS = (
    "Roads to the east stayed closed for most of the day, and bakeries sold out before noon.",
    "A convoy that had been due at the crossing turned back, according to a driver.",
    "Schools in the district have been shut since the start of the month.",
    "Telephone lines were down in several quarters, so that the accounts could not be checked at once.",
    "Aid agencies have asked for access to the area for more than three weeks.",
    "Prices of fuel have doubled since January, traders said.",
    "The envoy is expected to travel to the region again next week.",
    "Fighting in the surrounding villages had eased over the weekend.",
)


def articles(count: int, seed: int = 0) -> Iterator[Article]:
    """Yield ``count`` articles in the order of their time, one a minute: reports, denials, copies and other matter."""
    draw = random.Random(seed)
    told: list[Article] = []
    for number in range(count):
        kind = draw.random()
        if told and kind < 0.2:
            origin = draw.choice(told[-40:])
            article = _article(number, draw.choice(OUTLETS), origin.title, origin.text)
        else:
            title, text = _text(draw, denial=kind > 0.75)
            article = _article(number, draw.choice(OUTLETS), title, text)
        told.append(article)
        yield article


def _text(draw: random.Random, *, denial: bool) -> tuple[str, str]:
    party = draw.choice(sorted(PARTIES))
    place = draw.choice(PLACES)
    act, noun = (form.format(place=place) for form in draw.choice(ACTS))
    day = draw.choice(("Monday", "Tuesday", "Wednesday", "Thursday"))
    fillers = draw.sample(FILLERS, 3)
    if denial:
        speaker = PARTIES[party]
        title = f"{speaker[0].upper()}{speaker[1:]} denies reports about {place}"
        lead = f"{speaker[0].upper()}{speaker[1:]} denied on {day} that {party} {act}."
        second = f"“There was no truth in the reports of {noun},” a spokesman said."
    else:
        witness = draw.choice(WITNESSES)
        title = f"{party} {act}, {witness} say"
        lead = f"{party} {act} on {day}, {witness} said."
        second = f"At least {draw.randrange(2, 60)} people were killed, a doctor in {place} said."
    return title, "\n\n".join((lead, second, *fillers))


def _article(number: int, outlet: str, title: str, text: str) -> Article:
    at = START + timedelta(minutes=number)
    return Article(
        article_id=stable_id("article", "generated", number),
        content_hash=stable_id("hash", title, text),
        feed_id=stable_id("feed", outlet),
        guid=f"generated-{number}",
        url=f"https://{outlet.lower().replace(' ', '-')}.example/{number}",
        canonical_url=f"https://{outlet.lower().replace(' ', '-')}.example/{number}",
        title=title,
        text=text,
        publisher=outlet,
        published_at=at,
        first_seen_at=at,
    )
