"""Attribution: who says what in a text, with what stance, read from cues and the shapes of clauses.

``attribute`` is the entry for all languages; the rules of English are in ``attribution_english``, those of the other
languages, fewer and surer, in ``attribution_foreign``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.claims.attribution_english import find_english
from monitor.claims.attribution_foreign import find_foreign
from monitor.claims.attribution_found import Found
from monitor.claims.attribution_tokens import Reading
from monitor.claims.cues import CueKind
from monitor.claims.cues_other import cues_of
from monitor.claims.stance import modality_of, polarity_of
from schemas import Modality, Polarity, Span

__all__ = ["Attribution", "attribute"]


@dataclass(frozen=True, slots=True)
class Attribution:
    """One attribution. Spans are offsets into the text; a role may be broken in two, and source or content be absent.

    ``hedged``: nobody is named ("reportedly", "is said to"). ``negated``: the verb is ("did not deny").
    ``via``: who passes the statement on ("the sites" in "the sites cited diplomats as saying").
    """

    source: tuple[Span, ...]
    cue: tuple[Span, ...]
    content: tuple[Span, ...]
    polarity: Polarity
    modality: Modality
    kind: CueKind
    lemma: str
    negated: bool = False
    hedged: bool = False
    passive: bool = False
    via: tuple[Span, ...] = ()


def attribute(text: str, language: str = "en", skip: Sequence[Span] = ()) -> list[Attribution]:
    """Return the attributions of ``text`` outside ``skip``, in the order of their cues.

    ``language`` is an ISO 639-1 code; in one whose cues are not known there are none.
    """
    reading = Reading(text, skip)
    if language == "en":
        found = find_english(reading)
    else:
        cues = cues_of(language)
        found = find_foreign(reading, cues) if cues else []
    return [_read(one, text) for one in found]


def _read(found: Found, text: str) -> Attribution:
    content = " ".join(text[start:end] for start, end in found.content)
    return Attribution(
        source=found.source,
        cue=found.cue,
        content=found.content,
        polarity=polarity_of(found.kind, found.negated, content),
        modality=modality_of(found, content),
        kind=found.kind,
        lemma=found.lemma,
        negated=found.negated,
        hedged=found.hedged,
        passive=found.passive,
        via=found.via,
    )
