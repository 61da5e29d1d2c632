"""Nouns of the news that name one thing: what two reports of one event write differently. The lists are ours."""

from __future__ import annotations

from typing import Final

from monitor.claims.words import stem

__all__ = ["noun_class"]

_NOUNS: Final[dict[str, str]] = {
    "troops": """troop troops soldier soldiers serviceman servicemen infantry military commando commandos marines
        personnel instructor instructors adviser advisers advisor advisors""",
    "aircraft": "aircraft plane planes jet jets warplane warplanes airplane airliner bomber bombers",
    "drone": "drone drones uav unmanned",
    "helicopter": "helicopter helicopters chopper",
    "missile": "missile missiles rocket rockets iskander",
    "ship": "ship ships vessel vessels freighter freighters boat boats ferry trawler",
    "tanker": "tanker tankers",
    "doctor": "doctor doctors physician physicians medic medics",
    "police": "police policeman policemen officer officers cop cops",
    "child": "child children kid kids boy boys girl girls schoolchildren pupils",
    "civilian": "civilian civilians resident residents villager villagers townspeople",
    "fighter": """fighter fighters militant militants rebel rebels insurgent insurgents gunman gunmen guerrilla
        guerrillas""",
    "prisoner": "prisoner prisoners inmate inmates detainee detainees captive captives",
    "hospital": "hospital hospitals clinic clinics infirmary",
    "weapon": "weapon weapons arms ammunition munitions",
    "poison-gas": "chemical sarin chlorine gas nerve-agent",
    "company": "company companies firm firms",
    "money": "money cash funds payment payments",
    "fire": "fire fires inferno",
    "hoax": "hoax fake prank satire",
    "photo": "photo photos picture pictures image images photograph photographs",
    "film": "film video footage clip movie",
    "home": "home homes house houses",
    "lawyer": "lawyer lawyers attorney attorneys solicitor counsel",
    "wife": "wife spouse husband",
    "car": "car cars vehicle vehicles truck trucks lorry lorries",
    "town": "town city village",
}

_CLASS_OF: Final[dict[str, str]] = {stem(word): name for name, words in _NOUNS.items() for word in words.split()}


def noun_class(word: str) -> str | None:
    """Return the class of a noun, or None."""
    return _CLASS_OF.get(stem(word))
