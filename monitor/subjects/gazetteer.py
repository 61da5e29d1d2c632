"""The gazetteer: countries, places, peoples, persons and organisations of the news, in many languages.

Names come from the tables in ``names/`` beside this module. Looking up is one pass of
Aho-Corasick over the folded text, then a look at each hit: does it stand as a word, in the case that the name asks for?
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ahocorasick_rs import AhoCorasick

from monitor.subjects.ambiguity import resolve
from monitor.subjects.folding import fold, script_of
from monitor.subjects.names import Case, Entity, Form, Kind, load
from monitor.subjects.words import PLAIN_SCRIPTS, stands_alone, word_end

__all__ = ["Gazetteer", "Kind", "Name", "contains", "country_of", "default", "find", "party", "places_of"]


@dataclass(frozen=True, slots=True)
class Name:
    """One name in a text: character offsets ``[start, end)``, what it is, and its slug.

    A demonym has the slug of its country; every other kind has its own, for which ``party`` and ``country_of`` answer.
    """

    start: int
    end: int
    kind: Kind
    slug: str


_FREE, _BEGINS, _WHOLE = range(3)
"""How a hit must be bounded at the least: not at all (Chinese, Arabic...), at its beginning, on both sides."""
_AROUND = 100
"""Characters on each side that are looked at for whether a line is all capitals."""
_FEW_LETTERS = 3
_ORDER = {kind: rank for rank, kind in enumerate(Kind)}


class Gazetteer:
    """Compiled names of ``entities``. Immutable and safe to share between threads."""

    def __init__(self, entities: Mapping[str, Entity], forms: Iterable[Form]) -> None:
        self._entities = dict(entities)
        self._regions = {slug for slug, entity in self._entities.items() if entity.is_region}
        self._stands_for: dict[str, tuple[str, ...]] = {}
        by_text: dict[str, list[Form]] = {}
        for form in forms:
            by_text.setdefault(fold(form.text), []).append(form)
        for group in by_text.values():
            group.sort(key=lambda form: (_ORDER[form.kind], form.slug))
        self._groups = list(by_text.values())
        self._bounded = [_bounds(group) for group in self._groups]
        self._automaton = AhoCorasick(list(by_text))

    def find(self, text: str, language: str | None = None, *, folded: str | None = None) -> list[Name]:
        """Return the names in ``text`` in order, longest first where they overlap, none overlapping another.

        ``language`` (ISO 639-1) admits the short and uncapitalised forms of that language; without it only forms that
        hardly mean anything else in another language are taken. ``folded`` is ``fold(text)`` where it is at hand.
        """
        found = self._longest(text, fold(text) if folded is None else folded, language)
        return resolve(text, found, self.country_of, self._regions.__contains__)

    def _longest(self, text: str, folded: str, language: str | None) -> list[Name]:
        found = []
        for index, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            # Most hits are parts of longer words: refuse those before anything else is looked at.
            bounded = self._bounded[index]
            if bounded and start and folded[start - 1].isalnum():
                continue
            if bounded == _WHOLE and end < len(folded) and folded[end].isalnum():
                continue
            form = self._admitted(index, text, start, end, language)
            if form is not None:
                found.append(Name(start, word_end(folded, end) if form.stem else end, form.kind, form.slug))
        found.sort(key=lambda name: (name.start, -name.end))
        return [name for name in _without_overlaps(found) if name.kind is not Kind.OTHER]

    def _admitted(self, index: int, text: str, start: int, end: int, language: str | None) -> Form | None:
        bounded = self._bounded[index] == _WHOLE
        for form in self._groups[index]:
            if (
                (form.free or form.language == language)
                and (form.case is Case.ANY or _case_fits(form.case, form.text, text, start, end))
                and (bounded or stands_alone(text, start, end, stem=form.stem))
            ):
                return form
        return None

    def places_of(self, text: str, language: str | None = None) -> tuple[str, ...]:
        """Return the slugs of the places (no countries) that ``text`` names, sorted, each once."""
        return tuple(sorted({name.slug for name in self.find(text, language) if name.kind is Kind.PLACE}))

    def party(self, slug: str) -> str | None:
        """Return the slug of the party for which ``slug`` speaks or stands: ``kremlin`` -> ``russia``.

        A country or an independent organisation is its own party; a place that is no seat of government has none.
        """
        entity = self._entities.get(slug)
        return entity.party if entity else None

    def country_of(self, slug: str) -> str | None:
        """Return the country in which the place lies, of which the person is, or the country itself."""
        entity = self._entities.get(slug)
        return entity.country if entity else None

    def contains(self, outer: str, inner: str) -> bool:
        """Whether the place ``inner`` is ``outer`` or lies in it."""
        seen = 0
        current: str | None = inner
        while current is not None and seen < len(self._entities):
            if current == outer:
                return True
            entity = self._entities.get(current)
            current = entity.within if entity else None
            seen += 1
        return False

    def countries(self) -> frozenset[str]:
        """Return the slugs of all countries and territories."""
        return frozenset(slug for slug, entity in self._entities.items() if entity.kind is Kind.COUNTRY)

    def knows(self, slug: str) -> bool:
        """Whether there is anything of that slug."""
        return slug in self._entities

    def stands_for(self, slug: str) -> tuple[str, ...]:
        """Return every slug to which a mention of ``slug`` counts, the party or country first: ``douma`` -> syria...

        A person counts to his party and country, a place to all that it lies in.
        """
        known = self._stands_for.get(slug)
        if known is None:
            known = self._stands_for[slug] = self._ancestors(slug)
        return known

    def _ancestors(self, slug: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        current: str | None = slug
        for outer in (self.party(slug), self.country_of(slug)):
            if outer:
                found[outer] = None
        while current is not None and current not in found:
            found[current] = None
            entity = self._entities.get(current)
            current = entity.within if entity else None
        return tuple(found)

    def entity(self, slug: str) -> Entity | None:
        """Return what is known of ``slug``."""
        return self._entities.get(slug)


def _bounds(group: list[Form]) -> int:
    if any(
        script_of(character) not in PLAIN_SCRIPTS for form in group for character in form.text if character.isalpha()
    ):
        return _FREE
    return _BEGINS if any(form.stem for form in group) else _WHOLE


def _case_fits(case: Case, form: str, text: str, start: int, end: int) -> bool:
    if case is Case.ANY:
        return True
    if case is Case.TITLE:
        return not text[start].islower()
    if case is Case.AFTER_COMMA:
        return text[max(0, start - 2) : start] == ", "
    written = text[start:end]
    # "WHO" and "US" in a headline that is all capitals are as likely the words "who" and "us".
    return written == form and not (case is Case.ACRONYM_WORD and _all_capitals(text, start, end))


def _all_capitals(text: str, start: int, end: int) -> bool:
    line_start = max(text.rfind("\n", 0, start) + 1, start - _AROUND)
    line_end = text.find("\n", end, end + _AROUND)
    line = text[line_start:start] + text[end : line_end if line_end >= 0 else end + _AROUND]
    return line.isupper() and sum(map(str.isalpha, line)) > _FEW_LETTERS


def _without_overlaps(names: list[Name]) -> list[Name]:
    kept: list[Name] = []
    end = 0
    for name in names:
        if name.start >= end:
            end = name.end
            kept.append(name)
    return kept


@lru_cache(maxsize=1)
def default() -> Gazetteer:
    """Return the gazetteer of the shipped tables, compiled on first use."""
    return Gazetteer(*load())


def find(text: str, language: str | None = None) -> list[Name]:
    """Return the names in ``text``; see ``Gazetteer.find``."""
    return default().find(text, language)


def places_of(text: str, language: str | None = None) -> tuple[str, ...]:
    """Return the places that ``text`` names; see ``Gazetteer.places_of``."""
    return default().places_of(text, language)


def party(slug: str) -> str | None:
    """Return the party for which ``slug`` stands; see ``Gazetteer.party``."""
    return default().party(slug)


def country_of(slug: str) -> str | None:
    """Return the country of ``slug``; see ``Gazetteer.country_of``."""
    return default().country_of(slug)


def contains(outer: str, inner: str) -> bool:
    """Whether the place ``inner`` lies in ``outer``; see ``Gazetteer.contains``."""
    return default().contains(outer, inner)
