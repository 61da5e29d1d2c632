"""Evaluate a query's tree over what was found in one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.subjects.document import Document, Place
from monitor.subjects.query import And, Field, Lang, Near, Node, Not, Or, Ref, Term

__all__ = ["Found", "evaluate"]

MAX_PLACES = 200
"""Places of one side of NEAR that are compared with those of the other."""

Found = Mapping[Term | Ref, Sequence[Place]]
"""Where each word and name of any query stands in the document; absent where it does not."""


def evaluate(node: Node, document: Document, found: Found, field: str | None = None) -> list[Place] | None:
    """Return the places that satisfy ``node``, or None where it does not hold.

    A condition that holds without standing anywhere (NOT, lang:) gives an empty list.
    """
    match node:
        case Term() | Ref():
            return [place for place in found.get(node, ()) if _is_in(place, field, document)] or None
        case Or(nodes):
            held = [places for child in nodes if (places := evaluate(child, document, found, field)) is not None]
            return [place for places in held for place in places] if held else None
        case And(nodes):
            together: list[Place] = []
            for child in nodes:
                places = evaluate(child, document, found, field)
                if places is None:
                    return None
                together += places
            return together
        case Not(child):
            return [] if evaluate(child, document, found, field) is None else None
        case Field(name, child):
            return evaluate(child, document, found, name)
        case Lang(code):
            return [] if document.language == code else None
        case Near(left, right, distance):
            return _near(
                evaluate(left, document, found, field), evaluate(right, document, found, field), distance, document
            )


def _is_in(place: Place, field: str | None, document: Document) -> bool:
    if field is None:
        return True
    if field == "title":
        return place[0] < document.title_end
    return place[0] >= document.text_start and (field == "text" or place[0] < document.lead_end)


def _near(left: list[Place] | None, right: list[Place] | None, distance: int, document: Document) -> list[Place] | None:
    if not left or not right:
        return None
    near: set[Place] = set()
    for one in left[:MAX_PLACES]:
        for other in right[:MAX_PLACES]:
            same_part = (one[0] < document.title_end) == (other[0] < document.title_end)
            if same_part and _words_between(one, other, document) <= distance:
                near |= {one, other}
    return sorted(near) or None


def _words_between(one: Place, other: Place, document: Document) -> int:
    first, second = sorted((one, other))
    return document.word_at(second[0]) - document.word_at(max(first[0], first[1] - 1))
