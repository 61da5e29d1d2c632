"""A quote inside its paragraph. No I/O."""

from __future__ import annotations

from monitor.archive.views import QuoteContext
from schemas import AlertClaim

__all__ = ["in_context"]

MARGIN = 600
"""Characters that are shown at most before a quote, and after it."""
PARAGRAPH = "\n\n"


def in_context(claim: AlertClaim, title: str, text: str, *, whole: bool) -> QuoteContext:
    """Return the paragraph of the claim's article around its quote; the quote alone where the text has it no more."""
    start, end = claim.span
    if text[start:end] != claim.quote:  # the article was revised since, or its text is forgotten
        start = text.find(claim.quote)
        end = start + len(claim.quote)
    if start < 0 or not whole:
        return QuoteContext(claim.claim_id, claim.article_id, title, claim.quote, 0, len(claim.quote), whole=False)
    first = text.rfind(PARAGRAPH, 0, start)
    last = text.find(PARAGRAPH, end)
    begin = max(first + len(PARAGRAPH) if first >= 0 else 0, start - MARGIN)
    stop = min(last if last >= 0 else len(text), end + MARGIN)
    return QuoteContext(
        claim.claim_id, claim.article_id, title, text[begin:stop], start - begin, end - begin, whole=True
    )
