"""The tables of names and their reader.

A table is UTF-8 text, one entity a line, fields parted by tabs: slug, what it lies in or stands for, then names by
language as ``en=Latakia|Lattakia``. How a name is written says how it is matched:

- ``Latakia``: the text must begin with a capital (capitals throughout are one);
- ``alawite``: any case;
- ``=UN``: exactly so; ``!US``: exactly so, and not in a line of capitals, where it could be a word;
- ``,Calif.``: in any case, only after a comma and a space;
- ``сирийск*``: a stem, to which up to four letters may be added.

Names are inflected by rule (``inflect.py``) where the language does so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from importlib import resources

from monitor.subjects.folding import script_of
from monitor.subjects.inflect import forms

__all__ = ["Case", "Entity", "Form", "Kind", "load"]

FREE_TITLE_LETTERS = 5
"""Letters from which a capitalised name of another language than the text's is taken ("Siria", not "Cin")."""
FREE_LOWER_LETTERS = 7
"""The same for a name that may be written small ("syrische", not "turco")."""


class Kind(StrEnum):
    """What a name names, in the order in which a string with two readings is read; ``other``: nothing here."""

    COUNTRY = "country"
    DEMONYM = "demonym"
    METONYM = "metonym"
    ORGANISATION = "organisation"
    PERSON = "person"
    PLACE = "place"
    OTHER = "other"


class Case(Enum):
    """How the letters' case decides."""

    ANY = 0
    TITLE = 1
    EXACT = 2
    ACRONYM_WORD = 3
    AFTER_COMMA = 4


@dataclass(frozen=True, slots=True)
class Entity:
    """What is known of one slug.

    ``party``: for whom it speaks; ``country``: where it is; ``within``: the next larger place; ``is_region``: it is a
    state or province.
    """

    slug: str
    kind: Kind
    party: str | None
    country: str | None
    within: str | None
    label: str
    is_region: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write an entity's name; ``free``: taken in a text of any language, else only in its own."""

    text: str
    language: str
    kind: Kind
    slug: str
    case: Case
    stem: bool
    free: bool


_CASE_MARKS = {"=": Case.EXACT, "!": Case.ACRONYM_WORD, ",": Case.AFTER_COMMA}
_TABLES = (
    ("countries.tsv", Kind.COUNTRY),
    ("cldr.tsv", Kind.COUNTRY),
    ("demonyms.tsv", Kind.DEMONYM),
    ("metonyms.tsv", Kind.METONYM),
    ("organisations.tsv", Kind.ORGANISATION),
    ("people.tsv", Kind.PERSON),
    ("capitals.tsv", Kind.PLACE),
    ("regions.tsv", Kind.PLACE),
    ("places.tsv", Kind.PLACE),
    ("not_names.tsv", Kind.OTHER),
)


def load() -> tuple[dict[str, Entity], list[Form]]:
    """Read the shipped tables: entities by slug, and every form of every name."""
    entities: dict[str, Entity] = {}
    found: list[Form] = []
    for file, kind in _TABLES:
        for slug, parent, names in _rows(file):
            if kind is not Kind.DEMONYM and slug not in entities:
                entities[slug] = _entity(slug, kind, parent, names, entities, file)
            found.extend(form for language, written in names for form in _forms(written, language, kind, slug))
    return entities, found


def _rows(file: str) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    lines = (resources.files(__name__) / file).read_text(encoding="utf-8").splitlines()
    for line in lines:
        if not line or line.startswith("#"):
            continue
        slug, parent, *cells = line.split("\t")
        names = [
            (language, written)
            for cell in cells
            for language, _, listed in [cell.partition("=")]
            for written in listed.split("|")
        ]
        yield slug, parent, names


def _entity(
    slug: str, kind: Kind, parent: str, names: list[tuple[str, str]], entities: dict[str, Entity], file: str
) -> Entity:
    label = names[0][1].lstrip("".join(_CASE_MARKS)).rstrip("*") if names else slug
    above = entities.get(parent)
    country = slug if kind is Kind.COUNTRY else above.country if above else None
    if kind is Kind.COUNTRY:
        return Entity(slug, kind, slug, slug, None, label)
    if kind is Kind.PLACE:
        party = country if file == "capitals.tsv" else None
        return Entity(slug, kind, party, country, parent or None, label, file == "regions.tsv")
    return Entity(slug, kind, (above.party if above else None) or slug, country, None, label)


def _forms(written: str, language: str, kind: Kind, slug: str) -> Iterator[Form]:
    case = Case.TITLE
    if written[:1] in _CASE_MARKS:
        case = _CASE_MARKS[written[0]]
        written = written[1:]
    elif written[:1].islower():
        case = Case.ANY
    stem = written.endswith("*")
    base = written.rstrip("*")
    for text in {base} if stem or case in _CASE_MARKS.values() else forms(base, language):
        yield Form(text, language, kind, slug, case, stem, _is_free(text, language, case, stem))


def _is_free(text: str, language: str, case: Case, stem: bool) -> bool:
    """Whether the form is taken in a text of any language: it is English, of another script, or long enough."""
    if language == "en" or case in _CASE_MARKS.values() or script_of(text[0]) != "LATIN":
        return True
    return len(text) + stem >= (FREE_LOWER_LETTERS if case is Case.ANY else FREE_TITLE_LETTERS)
