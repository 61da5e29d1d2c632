"""Speakers: whom a source phrase names, which party it speaks for, and to whom "he" or "the report" goes back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.subjects import gazetteer
from monitor.subjects.gazetteer import Kind, Name
from schemas import Span

__all__ = ["Speaker", "party_of", "resolve"]

_PRONOUN = re.compile(r"(?:he|she|они|он|она|il|elle|er|sie|él|ella|هو|هي)\Z", re.IGNORECASE)
_ANAPHOR = re.compile(r"(?:the|that|this)\s+(?:\w+\s+)?(?P<noun>[\w-]+)\Z", re.IGNORECASE)
_PERSON = re.compile(r"[A-ZÀ-ÞА-Я][\w’'.-]+\s+(?:[\w-]+\s+)?[A-ZÀ-ÞА-Я][\w’'-]+")
_STATE_OUTLET = re.compile(
    r"\bstate(?:-run|-owned)?\s+(?:television|tv|media|news agency|radio|newspapers?)\b", re.IGNORECASE
)
_REBELS = re.compile(
    r"\b(?:rebels?|opposition|insurgents?|militants?|activists?|dissidents?|defectors?|exiles?)\b", re.I
)

_RELATIVE_CLAUSE = re.compile(r",? (?:who|which|whose|whom|where|that)\b")
_LOCATIVE = re.compile(r"\b(?:in|at|near|from|outside|around)\s+(?:the\s+)?$", re.IGNORECASE)
_RELATIVES = frozenset({"who", "which", "that"})
_OFFICIAL = re.compile(
    r"\b(?:spokes\w+|minist\w+|governments?|envoys?|ambassadors?|officials?|authorit\w+)\b", re.IGNORECASE
)

_REACH = 3
"""Sentences back in which the one is looked for to whom a pronoun goes back."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A source as written: its text, span, the number of its sentence, and the party for which it speaks."""

    text: str
    span: Span
    sentence: int
    party: str | None = None


def resolve(speaker: Speaker, earlier: Sequence[Speaker], language: str) -> Speaker:
    """Return whom ``speaker`` goes back to among ``earlier`` ones, else itself; with its party.

    "He" goes back to the last person named, if that is the only one within ``_REACH`` sentences; "the ministry" to the
    last source with that noun; all else stands for itself. A spokesman without a name in the gazetteer speaks for the
    party before him, in his sentence or the last: "Tehran denied it, with ministry spokesman X saying ...".
    """
    found = _antecedent(speaker, earlier)
    if found is not speaker:
        return found
    party = party_of(speaker.text, language)
    if party is None and earlier and speaker.sentence - earlier[-1].sentence <= 1 and _OFFICIAL.search(speaker.text):
        party = earlier[-1].party
    return replace(speaker, party=party)


def _antecedent(speaker: Speaker, earlier: Sequence[Speaker]) -> Speaker:
    if speaker.text.lower() in _RELATIVES:
        return speaker
    near = [one for one in earlier if speaker.sentence - one.sentence <= _REACH]
    if _PRONOUN.match(speaker.text):
        people = [one for one in near if _PERSON.search(one.text)]
        names = {_last_name(one.text) for one in people}
        return people[-1] if len(names) == 1 else speaker
    anaphor = _ANAPHOR.match(speaker.text)
    if anaphor:
        noun = anaphor["noun"].lower()
        for one in reversed(near):
            if one.text.lower() != speaker.text.lower() and re.search(rf"\b{re.escape(noun)}\b", one.text.lower()):
                return one
    return speaker


def party_of(speaker: str, language: str) -> str | None:
    """Return the slug of the party that ``speaker`` speaks for; None where no name in it says so.

    Moscow, the Kremlin and Dmitry Peskov are all ``russia``; a Syrian rebel is not ``syria``, state television in
    Damascus is.
    """
    speaker = _RELATIVE_CLAUSE.split(speaker, maxsplit=1)[0]
    official = _OFFICIAL.search(speaker) is not None
    names = gazetteer.find(speaker, language)
    for name in names:
        party = gazetteer.party(name.slug)
        if party is None or (name.kind in (Kind.DEMONYM, Kind.COUNTRY) and _opposes(speaker, name)):
            continue
        if not official and _LOCATIVE.search(speaker[: name.start]):
            continue  # "brokers in Baku" speak for nobody, "officials in Baku" do
        return party
    if names and _STATE_OUTLET.search(speaker):
        return gazetteer.country_of(names[0].slug)
    return None


def _opposes(speaker: str, name: Name) -> bool:
    """Whether "Syrian rebels" or "an activist in Syria" speaks, not the state of that name."""
    return _REBELS.search(speaker) is not None and not re.match(r"\s+(?:army|government|ministry)", speaker[name.end :])


def _last_name(text: str) -> str:
    found = _PERSON.findall(text)
    return found[-1].split()[-1].lower() if found else ""
