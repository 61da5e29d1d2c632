from __future__ import annotations

import pytest

from monitor.subjects import gazetteer


def slugs(text: str) -> list[str]:
    """Slugs of the names in an English text."""
    return [name.slug for name in gazetteer.find(text, "en")]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Deputies searched two houses in Odessa, Texas, on Sunday. Odessa schools were closed.", "odesa"),
        ("A tornado touched down near Odessa in West Texas.", "odesa"),
        ("The film Paris, Texas, was shown again.", "paris"),
        ("Voters in Lebanon, Pennsylvania, chose a mayor.", "lebanon"),
        ("Moscow, Idaho, police named a suspect.", "moscow"),
        ("Israel Mendez was charged on Friday. Lawyers for Israel pleaded not guilty.", "israel"),
        ("Michael Jordan scored forty points and Jordan left early.", "jordan"),
        ("The guard Terry M. Jordan was traded.", "jordan"),
        ("Chad Miller was driving. Chad was not hurt.", "chad"),
        ("Turkey farmers expect a good Thanksgiving.", "turkey"),
        ("Roast Turkey dinner for twelve with gravy.", "turkey"),
        ("Georgia Republicans met in Atlanta to choose a governor.", "georgia"),
        ("Mr Washington and his wife moved to the coast.", "washington"),
        ("She wore a cologne. Cologne and fragrance makers gained.", "cologne"),
    ],
)
def test_what_is_something_else(text: str, slug: str) -> None:
    """A name of a person, of a place elsewhere or of a bird is not the country or city."""
    assert slug not in slugs(text)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Russian drones hit the port of Odessa, Ukraine said.", "odesa"),
        ("Israel Defence Minister Levin said Israel would answer.", "israel"),
        ("Israel Strikes Northern Gaza After Rocket Fire", "israel"),
        ("Israel Mendez, a lawyer, said Israel was at war and Israeli jets were in Gaza.", "israel"),
        ("In Jordan King Abdullah received the envoy.", "jordan"),
        ("Jordan closed its border with Syria.", "jordan"),
        ("Chad sent soldiers against Boko Haram.", "chad"),
        ("Turkey said its jets had not crossed into Syria.", "turkey"),
        ("Georgia accused Russia of shelling a village near Tbilisi.", "georgia"),
        ("Washington denied that the talks had failed.", "washington"),
        ("TURKEY DENIES AIR RAID", "turkey"),
    ],
)
def test_what_is_the_country(text: str, slug: str) -> None:
    """The same names are the country or city where nothing says otherwise."""
    assert slug in slugs(text)
