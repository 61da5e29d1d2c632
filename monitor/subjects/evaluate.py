"""Queries compiled to functions over what was found in one document."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from monitor.subjects.document import Document, Place
from monitor.subjects.query import And, Field, Lang, Near, Node, Not, Or, Ref, Term

__all__ = ["Check", "Found", "Number", "compiled"]

MAX_PLACES = 200
"""Places of one side of NEAR that are compared with those of the other."""

Found = Mapping[int, list[Place]]
"""Where each word and name, by its number, stands in the document; absent where it does not."""
Check = Callable[[Document, Found, str | None], list[Place] | None]
"""Gives the places that satisfy a node in one field (None: in all of the article), or None where it does not hold.

A condition that holds without standing anywhere (NOT, lang:) gives an empty list.
"""
Number = Callable[[Term | Ref], int]


def compiled(node: Node, number: Number) -> Check:
    """Compile a query's tree; ``number`` gives each word and name its number in ``Found``."""
    match node:
        case Term() | Ref():
            return _leaf(number(node))
        case Or(nodes):
            return _either(nodes, number)
        case And(nodes):
            return _all([compiled(child, number) for child in nodes])
        case Not(child):
            return _not(compiled(child, number))
        case Field(name, child):
            inner = compiled(child, number)
            return lambda document, found, field: inner(document, found, name)
        case Lang(code):
            return lambda document, found, field: [] if document.language == code else None
        case Near(left, right, distance):
            return _near(compiled(left, number), compiled(right, number), distance)


def _leaf(number: int) -> Check:
    def check(document: Document, found: Found, field: str | None) -> list[Place] | None:
        places = found.get(number)
        if places is None or field is None:
            return places
        return [place for place in places if _is_in(place, field, document)] or None

    return check


def _either(nodes: tuple[Node, ...], number: Number) -> Check:
    """Look up only those words and names that were found: a query may list hundreds of them."""
    leaves = {number(child): _leaf(number(child)) for child in nodes if isinstance(child, Term | Ref)}
    others = [compiled(child, number) for child in nodes if not isinstance(child, Term | Ref)]

    def check(document: Document, found: Found, field: str | None) -> list[Place] | None:
        present = leaves.keys() & found.keys()
        if field is None and len(present) == 1 and not others:
            return found[present.pop()]
        checks = [leaves[each] for each in present] + others
        held = [places for each in checks if (places := each(document, found, field)) is not None]
        return [place for places in held for place in places] if held else None

    return check


def _all(checks: list[Check]) -> Check:
    def check(document: Document, found: Found, field: str | None) -> list[Place] | None:
        together: list[Place] = []
        for each in checks:
            places = each(document, found, field)
            if places is None:
                return None
            together += places
        return together

    return check


def _not(inner: Check) -> Check:
    def check(document: Document, found: Found, field: str | None) -> list[Place] | None:
        return [] if inner(document, found, field) is None else None

    return check


def _near(left: Check, right: Check, distance: int) -> Check:
    def check(document: Document, found: Found, field: str | None) -> list[Place] | None:
        ones, others = left(document, found, field), right(document, found, field)
        if not ones or not others:
            return None
        near: set[Place] = set()
        for one in ones[:MAX_PLACES]:
            for other in others[:MAX_PLACES]:
                same_part = (one[0] < document.title_end) == (other[0] < document.title_end)
                if same_part and _words_between(one, other, document) <= distance:
                    near |= {one, other}
        return sorted(near) or None

    return check


def _is_in(place: Place, field: str, document: Document) -> bool:
    if field == "title":
        return place[0] < document.title_end
    return place[0] >= document.text_start and (field == "text" or place[0] < document.lead_end)


def _words_between(one: Place, other: Place, document: Document) -> int:
    """Count the steps from one to the other: 1 for neighbours, 0 or less where they overlap."""
    first, second = sorted((one, other))
    return document.word_at(second[0]) - document.word_at(max(first[0], first[1] - 1))
