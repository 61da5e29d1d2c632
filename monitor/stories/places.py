"""Which towns and regions an article names: the same kind of event in another of them is another story."""

from __future__ import annotations

from monitor.subjects.gazetteer import Kind, find, party

__all__ = ["places_of"]


def places_of(text: str) -> frozenset[str]:
    """Return the slugs of the places named, without those that stand for a government ("Moscow denied")."""
    return frozenset(name.slug for name in find(text) if name.kind is Kind.PLACE and party(name.slug) is None)
