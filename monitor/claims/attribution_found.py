"""What the rules of each language find: an attribution before its stance is read."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.claims.cues import CueKind
from schemas import Span

__all__ = ["Found"]


@dataclass(frozen=True, slots=True)
class Found:
    """One attribution before its stance is read: spans, the cue, and how its verb stands."""

    source: tuple[Span, ...]
    cue: tuple[Span, ...]
    content: tuple[Span, ...]
    kind: CueKind
    lemma: str
    negated: bool = False
    hedged: bool = False
    passive: bool = False
    via: tuple[Span, ...] = ()
