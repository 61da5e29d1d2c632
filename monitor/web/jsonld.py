"""An alert as JSON-LD in schema.org's vocabulary, as far as that fits; docs/api.md says where it does not.

schema.org has claims and reviews of claims, but no relation between two claims. That relation is our own term,
``contradicts``. No review here says how true a claim is: its rating is a word, not a number.
"""

from __future__ import annotations

import json
from typing import Any, Final

from monitor.web.links import outside
from schemas import Alert, AlertClaim, AlertSide

__all__ = ["TERMS", "claim_reviews"]

TERMS: Final = "urn:counterclaim:terms:"
"""Namespace of our own terms; a URN, for nobody else's address may be used and none of ours need answer."""

_OURS: Final = ("contradicts", "conflictKind", "conflictScope", "conflictProbability", "origins", "outlets")


def claim_reviews(alert: Alert, base: str) -> bytes:
    """Return the alert as a JSON-LD document: a graph of two ``ClaimReview``. ``base``: the desk's own address."""
    page = f"{base.rstrip('/')}/alerts/{alert.alert_id}"
    names = [f"urn:counterclaim:proposition:{side.proposition_id}" for side in alert.sides]
    graph = [_review(alert, side, page, names[number], names[1 - number]) for number, side in enumerate(alert.sides)]
    context = ["https://schema.org", {name: TERMS + name for name in _OURS} | {
        "contradicts": {"@id": TERMS + "contradicts", "@type": "@id"}
    }]  # fmt: skip
    return json.dumps({"@context": context, "@graph": graph}, ensure_ascii=False, indent=1).encode(
        "utf-8", "backslashreplace"
    )


def _review(alert: Alert, side: AlertSide, page: str, name: str, other: str) -> dict[str, Any]:
    first = side.claims[0] if side.claims else None
    return {
        "@type": "ClaimReview",
        "@id": f"{page}#{name}",
        "url": page,
        "datePublished": alert.created_at.isoformat(),
        "dateModified": alert.updated_at.isoformat(),
        "author": {"@type": "Organization", "name": "Counterclaim"},
        "claimReviewed": first.quote if first else alert.summary,
        "reviewRating": {"@type": "Rating", "alternateName": alert.state.value},
        "itemReviewed": {
            "@type": "Claim",
            "@id": name,
            **({"author": {"@type": "Thing", "name": first.speaker}} if first and first.speaker else {}),
            **({"datePublished": _seen(first)} if first else {}),
            **({"firstAppearance": _appearance(first)} if first else {}),
            "appearance": [_appearance(claim) for claim in side.claims],
            "origins": side.origins,
            "outlets": side.outlets,
            "contradicts": other,
            "conflictKind": alert.kind.value,
            "conflictScope": alert.scope.value,
            "conflictProbability": alert.score,
        },
    }


def _appearance(claim: AlertClaim) -> dict[str, Any]:
    url = outside(claim.url)
    return {
        "@type": "NewsArticle",
        **({"url": url} if url else {}),
        "text": claim.quote,
        "datePublished": _seen(claim),
        **({"publisher": {"@type": "Organization", "name": claim.source}} if claim.source else {}),
        **({"inLanguage": claim.language} if claim.language != "und" else {}),
    }


def _seen(claim: AlertClaim) -> str:
    return (claim.published_at or claim.first_seen_at).isoformat()
