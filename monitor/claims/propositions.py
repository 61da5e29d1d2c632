"""Propositions: claims that mean the same, with the lineages behind them. What the ledger keeps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

from pydantic import BaseModel, ConfigDict

from monitor.claims.words import content_stems
from monitor.ids import stable_id
from schemas import Claim, Polarity, PublisherKind

__all__ = ["Proposition", "PropositionState", "content_key", "found", "lineage_of", "outlet_of", "voice_of"]

MAX_CLAIMS: Final = 20
"""Claims kept as evidence a proposition; the counts go on."""
KEPT_KEYS: Final = 65_536
"""Content keys that are kept: a proposition's are asked for each time that it is put away."""


class PropositionState(StrEnum):
    """Where a proposition stands: unverified until another counters it."""

    UNVERIFIED = "unverified"
    CONTESTED = "contested"
    SUPERSEDED = "superseded"
    CORRECTED = "corrected"
    RETRACTED = "retracted"


_RANK: Final = {state: rank for rank, state in enumerate(PropositionState)}


class Proposition(BaseModel):
    """Claims that mean the same. ``number``: the order in which it was founded; the first claim is the founder.

    ``lineages``: distinct texts behind it (origins); ``reviewed``: those of them that a reviewed publisher carries;
    ``outlets``: who carries it, copies included. ``rivals``: ids of those that it is at odds with; ``absorbed``: of
    those merged into it. The id is a hash of the topic and the founder's id.
    """

    model_config = ConfigDict(frozen=True)

    proposition_id: str
    topic: str
    number: int
    claims: tuple[Claim, ...]
    lineages: tuple[str, ...]
    reviewed: tuple[str, ...]
    outlets: tuple[str, ...]
    first_at: datetime
    last_at: datetime
    state: PropositionState = PropositionState.UNVERIFIED
    rivals: tuple[str, ...] = ()
    absorbed: tuple[str, ...] = ()

    @property
    def founder(self) -> Claim:
        """The claim that it was founded on."""
        return self.claims[0]

    def joined(self, claim: Claim) -> Proposition:
        """Return it with one more claim behind it.

        What one speaker says twice in one article is one piece of evidence: the first stands for both.
        """
        claims = self.claims
        if len(claims) < MAX_CLAIMS and not any(_repeats(claim, other) for other in claims):
            claims = (*claims, claim)
        return self.model_copy(
            update={
                "claims": claims,
                "lineages": _with(self.lineages, (lineage_of(claim),)),
                "reviewed": _with(self.reviewed, _reviewed(claim)),
                "outlets": _with(self.outlets, (outlet_of(claim),)),
                "last_at": max(self.last_at, claim.first_seen_at),
            }
        )

    def merged(self, other: Proposition) -> Proposition:
        """Return it with all that stands behind ``other``."""
        known = {claim.claim_id for claim in self.claims}
        more = tuple(claim for claim in other.claims if claim.claim_id not in known)
        return self.model_copy(
            update={
                "claims": (*self.claims, *more)[:MAX_CLAIMS],
                "lineages": _with(self.lineages, other.lineages),
                "reviewed": _with(self.reviewed, other.reviewed),
                "outlets": _with(self.outlets, other.outlets),
                "absorbed": _with(self.absorbed, (other.proposition_id, *other.absorbed)),
                "first_at": min(self.first_at, other.first_at),
                "last_at": max(self.last_at, other.last_at),
            }
        )

    def opposed_by(self, rival: str) -> Proposition:
        """Return it contested by the proposition ``rival``."""
        return self.model_copy(update={"rivals": _with(self.rivals, (rival,))}).moved_to(PropositionState.CONTESTED)

    def moved_to(self, state: PropositionState) -> Proposition:
        """Return it in ``state``; a state is never taken back to an earlier one in the order of the enum."""
        return self.model_copy(update={"state": state}) if _RANK[state] > _RANK[self.state] else self


def found(claim: Claim, number: int) -> Proposition:
    """Return the proposition that ``claim`` founds."""
    return Proposition(
        proposition_id=stable_id("proposition", claim.topic, claim.claim_id),
        topic=claim.topic,
        number=number,
        claims=(claim,),
        lineages=(lineage_of(claim),),
        reviewed=_reviewed(claim),
        outlets=(outlet_of(claim),),
        first_at=claim.first_seen_at,
        last_at=claim.first_seen_at,
    )


def lineage_of(claim: Claim) -> str:
    """Return the lineage of the claim's article: the article itself where none is known."""
    return claim.lineage_id or claim.article_id


def outlet_of(claim: Claim) -> str:
    """Return the name of the outlet, the article where it has none."""
    return claim.publisher or claim.article_id


def content_key(claim: Claim) -> str:
    """Return a key that claims in the same words have: stems, sign and speaker; a copy's claim meets its original's."""
    sign = "-" if claim.polarity is Polarity.DENIES else "+"
    return _content_key(claim.topic, sign, voice_of(claim), claim.content or claim.quote)


@lru_cache(maxsize=KEPT_KEYS)
def _content_key(topic: str, sign: str, voice: str, text: str) -> str:
    return stable_id("key", topic, sign, voice, " ".join(content_stems(text)))


def voice_of(claim: Claim) -> str:
    """Return who speaks: the canonical party, else the last name; empty where the outlet itself reports."""
    name = (claim.speaker or "").partition(",")[0]
    return claim.speaker_party or re.sub(r"\W+", " ", name.lower()).strip().rpartition(" ")[2]


def _repeats(claim: Claim, other: Claim) -> bool:
    if claim.claim_id == other.claim_id:
        return True
    return claim.article_id == other.article_id and voice_of(claim) == voice_of(other)


def _reviewed(claim: Claim) -> tuple[str, ...]:
    return () if claim.publisher_kind is PublisherKind.UNREVIEWED else (lineage_of(claim),)


def _with(known: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *more)))
