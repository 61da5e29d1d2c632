"""The slots of a statement: who does what, where, when, how many; and how the slots of two statements compare."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from monitor.claims.actions import actions_of
from monitor.claims.figures import figures_of
from monitor.claims.times import event_time
from monitor.claims.words import stem
from monitor.subjects import gazetteer
from monitor.subjects.gazetteer import Kind, Name
from schemas import Figure

__all__ = ["Slots", "slots_of"]


@dataclass(frozen=True, slots=True)
class Slots:
    """What a statement fills: canonical slugs and classes, each once, in the order they come.

    ``actors``: parties (``russia``), parties with a role that is not the state's (``syria-rebels``), plain roles
    (``army``). ``event_time``: ISO date, None where the text names no day or the publication date is not known.
    """

    actors: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    event_time: str | None = None


_ROLES: Final = {
    stem(word): role
    for role, words in {
        "army": "army troops soldiers military forces navy warship jets warplanes warplane aircraft marines",
        "police": "police policemen officers",
        "government": "government ministry cabinet officials authorities regime president minister",
        "rebels": "rebels insurgents opposition militants fighters guerrillas militia jihadists",
        "protesters": "protesters demonstrators activists activist",
        "civilians": "civilians refugees migrants residents",
        "coast-guard": "coastguard",
        "tanker": "tanker tankers",
        "ship": "ship ships vessel vessels freighter freighters ferry boat boats",
        "company": "company firm airline operator",
        "union": "union unions strikers",
        "court": "court judge judges prosecutors",
    }.items()
    for word in words.split()
}
"""Plain words for who acts. What they share with another text is weak evidence; a name is strong."""

_NOT_THE_STATE: Final = frozenset({"rebels", "protesters", "civilians", "company", "ship", "tanker", "union"})
"""Roles of which "Syrian ..." is not Syria."""

_LOCATIVE_WORDS: Final = """
    in into on at to from near across over inside throughout within around outside off of through towards
    toward via above beyond"""
_LOCATIVE: Final = frozenset(_LOCATIVE_WORDS.split())
_PLACE_PHRASE: Final = re.compile(
    r"\b(?:(?:in|near|off|at|outside|around|over|across|inside|towards?)|(?:town|city|village|port|province|district|"
    r"region|suburb|island|outskirts|camp)\s+(?:of|at|in))\s+"
    r"(?P<name>(?:(?:al|el|as|ash|az)-)?[A-Z][\w’'-]+(?:\s+(?:[A-Z][\w’'-]+))*)"
)
_PLACE_PHRASE_CYRILLIC: Final = re.compile(
    r"\b(?:в|во|на|под|близ|около|у|біля)\s+(?:(?:городе|селе|посёлке|районе|порту|місті|селі)\s+)?(?P<name>[А-ЯЁІЇЄ][\w-]{3,})"
)
_CASE_ENDING: Final = re.compile(r"[аеёиоуыэюяіїєйь]{1,2}$")
"""What the cases change at the end of a Slavic place name: cut, so that "Шостка" and "в Шостке" are one."""

_DATELINE: Final = re.compile(
    r"^\s*[A-Z][^.!?\n]{1,60}?(?:\([A-Z][\w .]{1,30}\)|\b[A-Z]{2,}\))\s*[-–—]+\s*|^[A-Z][\w ]{1,30}\)\s*[-–—]+\s*"
)
"""The head of an agency's report, "ODESA, Ukraine (Agency) - ", and what is left of one: where it was filed."""

_PLACE_WORDS: Final = frozenset(
    {"Port", "Cape", "Lake", "Mount", "Fort", "Gulf", "North", "South", "East", "West", "New"}
)
"""Words that make a country's name a part of another name: "Port Sudan"."""

_NOT_PLACE_WORDS: Final = """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december mr mrs ms dr parliament congress twitter facebook"""
_NOT_PLACE: Final = frozenset(_NOT_PLACE_WORDS.split())


def slots_of(content: str, sentence: str, language: str, published: datetime | date | None = None) -> Slots:
    """Return the slots of ``content``, which stands in ``sentence`` (both as written, ``language`` ISO 639-1).

    Places that the content does not name are taken from the sentence, a day likewise. Actions are read in English
    only: elsewhere the slot stays empty rather than guessed.
    """
    content, sentence = _DATELINE.sub("", content), _DATELINE.sub("", sentence)
    names = gazetteer.find(content, language)
    english = language in ("en", "und")
    places = _places(content, names)
    if not places and sentence != content:
        # A capital in the sentence is as a rule where the speaker sits ("the ministry in Tehran said").
        found = _places(sentence, gazetteer.find(sentence, language))
        places = tuple(
            place for place in found if gazetteer.party(place) is None or place in _countries(sentence, language)
        )
    return Slots(
        actors=_actors(content, names),
        actions=actions_of(content) if english else (),
        places=places,
        figures=figures_of(content),
        event_time=event_time(content, published) or event_time(sentence, published),
    )


def _actors(text: str, names: Sequence[Name]) -> tuple[str, ...]:
    found: list[tuple[int, str]] = []
    taken: set[int] = set()
    for name in names:
        if _is_where(text, name, names):
            continue
        party = gazetteer.party(name.slug) or name.slug
        follower = re.compile(r"(?:-\w+)?\s+(?:\w+\s+)?([^\W\d_]+)").match(text, name.end)
        role = _role_after(text, name, taken) if name.kind is Kind.DEMONYM and follower else None
        found.append((name.start, f"{party}-{role}" if role in _NOT_THE_STATE else party))
    for match in re.finditer(r"[^\W\d_]+", text):
        role = _ROLES.get(stem(match.group()))
        if role is not None and match.start() not in taken:
            found.append((match.start(), role))
    return _unique(actor for _, actor in sorted(found))


def _role_after(text: str, name: Name, taken: set[int]) -> str | None:
    """Return the role within two words after a demonym ("Syrian rebel group"), and mark its word as read."""
    for match in list(re.finditer(r"[^\W\d_]+", text[name.end : name.end + 40]))[:2]:
        role = _ROLES.get(stem(match.group()))
        if role is not None:
            taken.add(name.end + match.start())
            return role
    return None


def _places(text: str, names: Sequence[Name]) -> tuple[str, ...]:
    found = [(name.start, _longer(text, name)) for name in names if _is_where(text, name, names)]
    for match in (*_PLACE_PHRASE.finditer(text), *_PLACE_PHRASE_CYRILLIC.finditer(text)):
        start, end = match.span("name")
        known = any(name.start < end and start < name.end for name in names)
        if not known and match["name"].split()[0].lower() not in _NOT_PLACE:
            slug = re.sub(r"[^\w]+", "-", match["name"].lower()).strip("-")
            found.append((start, slug if slug.isascii() else _CASE_ENDING.sub("", slug)))
    return _unique(place for _, place in sorted(found))


def _is_where(text: str, name: Name, names: Sequence[Name]) -> bool:
    """Tell whether a name says where: a place, and a country or capital after a preposition.

    A capital elsewhere ("Moscow denied") stands for the state; a list goes on as its first member began.
    """
    if name.kind is Kind.PLACE and gazetteer.party(name.slug) is None:
        return True
    if name.kind not in (Kind.COUNTRY, Kind.PLACE):
        return False
    if _head_word(text, name):
        return True
    before = re.findall(r"[^\W\d_]+", text[max(0, name.start - 40) : name.start].lower())
    if before and before[-1] == "the":
        before.pop()
    if before and before[-1] in ("and", "or"):
        previous = [other for other in names if other.end <= name.start]
        return (
            bool(previous)
            and previous[-1].kind in (Kind.COUNTRY, Kind.PLACE)
            and _is_where(text, previous[-1], names[:-1])
        )
    return bool(before) and before[-1] in _LOCATIVE


def _head_word(text: str, name: Name) -> str | None:
    before = re.search(r"([A-Z]\w+) $", text[: name.start])
    return before[1] if before and before[1] in _PLACE_WORDS else None


def _longer(text: str, name: Name) -> str:
    head = _head_word(text, name)
    return f"{head.lower()}-{name.slug}" if head and name.kind is Kind.COUNTRY else name.slug


def _countries(text: str, language: str) -> frozenset[str]:
    return frozenset(name.slug for name in gazetteer.find(text, language) if name.kind is Kind.COUNTRY)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
