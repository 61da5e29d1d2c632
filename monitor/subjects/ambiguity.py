"""Names that name something else here: Odessa in Texas, a man called Israel, turkey the bird, Jordan the player.

Each rule looks at what stands around a name. Where one mention turns out to be a person's or another place's, the bare
mentions of the same name in the text are taken for the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from monitor.subjects.ambiguous_names import (
    CONTEXT,
    FIRST_NAMES,
    FOOD_AFTER,
    FOOD_BEFORE,
    GIVEN_NAMES,
    INSTITUTION_WORDS,
    SURNAMES,
    TITLES_OF_PEOPLE,
)
from monitor.subjects.names import Kind

__all__ = ["CountryOf", "resolve"]

LOOK_AROUND = 40
"""Characters before and after a name that are looked at."""
TITLE_CASE_SHARE = 0.6
"""Share of capitals among a line's longer words from which it is in title case, where a capital says nothing."""
LONGER_WORD = 4
"""Letters of a word that takes a capital in a headline in title case; "of" and "the" do not."""
LINE = 300
"""Characters of a line that are looked at."""

_AFTER = re.compile(r"[ \u00a0]([^\W\d_][\w'’-]*)")
_BEFORE = re.compile(r"([^\W\d_][\w'’-]*\.?)[ \u00a0]$")
_INITIAL = re.compile(r"[A-HJ-Z]\.")
_IN_STATE = re.compile(r",? (?:(?:in|near|outside) )?(?:(?:West|East|North|South|Central|[a-z]+ern) )?")
_OF_PLACE = re.compile(r"\b(?:in|from|to|into|across|within|throughout|inside|near)\s$")

CountryOf = Callable[[str], str | None]


class _Name(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def slug(self) -> str: ...


N = TypeVar("N", bound=_Name)

_SUSPECT = GIVEN_NAMES | SURNAMES | CONTEXT.keys() | {"turkey"}


def resolve(text: str, names: Sequence[N], country_of: CountryOf, is_region: Callable[[str], bool]) -> list[N]:
    """Return the names that name what they seem to.

    ``country_of`` gives the country of a slug, ``is_region`` says whether it is a state or province.
    """
    other_places = _in_another_state(text, names, country_of, is_region)
    persons = {
        position
        for position, name in enumerate(names)
        if name.slug in _SUSPECT and name.kind in (Kind.COUNTRY, Kind.PLACE) and _is_person_or_food(text, name, names)
    }
    wrong_slugs = {names[position].slug for position in other_places}
    personal_slugs = {names[position].slug for position in persons}
    in_question = {name.slug for name in names} & CONTEXT.keys()
    out_of_context = {slug for slug in in_question if _is_out_of_context(text, slug)}
    if not (wrong_slugs or personal_slugs or out_of_context):
        return list(names)
    certain = {country_of(name.slug) for name in names if name.slug not in personal_slugs or name.kind is Kind.DEMONYM}
    kept = []
    for position, name in enumerate(names):
        bare = name.kind in (Kind.COUNTRY, Kind.PLACE)
        if position in persons or (bare and name.slug in wrong_slugs | out_of_context):
            continue
        if bare and name.slug in personal_slugs - certain and not _OF_PLACE.search(text[: name.start][-LOOK_AROUND:]):
            continue
        kept.append(name)
    return kept


def _in_another_state(
    text: str, names: Sequence[N], country_of: CountryOf, is_region: Callable[[str], bool]
) -> set[int]:
    """Return the positions of names before a state of another country: "Odessa, Texas", "Odessa in West Texas"."""
    found = set()
    for position in range(len(names) - 1):
        name, state = names[position], names[position + 1]
        if name.kind not in (Kind.COUNTRY, Kind.PLACE) or not is_region(state.slug) or is_region(name.slug):
            continue
        between = text[name.end : state.start]
        if country_of(name.slug) != country_of(state.slug) and between and _IN_STATE.fullmatch(between):
            if name.kind is Kind.COUNTRY and not between.startswith(","):
                continue
            found.add(position)
    return found


def _is_person_or_food(text: str, name: _Name, names: Sequence[_Name]) -> bool:
    after = _AFTER.match(text, name.end)
    before = _BEFORE.search(text[max(0, name.start - LOOK_AROUND) : name.start])
    next_word = after[1] if after else ""
    last_word = before[1] if before else ""
    if name.slug == "turkey":
        return next_word in FOOD_AFTER or (last_word in FOOD_BEFORE)
    if name.slug in SURNAMES and (
        last_word in FIRST_NAMES or last_word in TITLES_OF_PEOPLE or _INITIAL.fullmatch(last_word)
    ):
        return True
    if name.slug not in GIVEN_NAMES or after is None or not next_word[0].isupper() or next_word.isupper():
        return False
    if next_word.removesuffix("'s").removesuffix("’s") in INSTITUTION_WORDS:
        return False
    if any(other.start == after.start(1) for other in names):
        return False
    return not _is_title_case(text, name)


def _is_title_case(text: str, name: _Name) -> bool:
    start = max(text.rfind(stop, 0, name.start) for stop in ("\n", ". ")) + 1
    stops = [position for stop in ("\n", ". ") if (position := text.find(stop, name.end)) >= 0]
    end = min(stops, default=len(text))
    words = _AFTER.match(text, name.end)
    rest = text[start : name.start] + text[words.end() if words else name.end : end]
    longer = [word for word in re.findall(r"[^\W\d_]+", rest[:LINE]) if len(word) >= LONGER_WORD]
    return bool(sum(word[0].isupper() for word in longer) >= TITLE_CASE_SHARE * len(longer))


def _is_out_of_context(text: str, slug: str) -> bool:
    against, favour = CONTEXT[slug]
    return (not against or any(word in text for word in against)) and not any(word in text for word in favour)
