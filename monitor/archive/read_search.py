"""Search over articles and claims: the newest first, with the words found marked in a piece of the text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import Connection, select

from monitor.archive import cursor as cursors
from monitor.archive import fulltext, tables
from monitor.archive.docs import doc_at
from monitor.archive.folding import fold
from monitor.archive.fulltext import Term
from monitor.archive.queries import SearchQuery
from monitor.archive.views import Hit, Page
from schemas import Claim, Span

__all__ = ["search_page"]

LAST = 2**63 - 1
SNIPPET = 280
"""Characters of a snippet."""
BEFORE = 80
"""Characters of a snippet before the first word found."""


def search_page(connection: Connection, text: str, query: SearchQuery, cursor: str | None, limit: int) -> Page[Hit]:
    """Return what has every word of ``text``; nothing where it has no word and the query no filter that is a facet."""
    wanted = fulltext.terms(text)
    filters = {"p": query.publisher, "l": query.language, "t": query.topic}
    tokens = [fulltext.facet(kind, value) for kind, value in filters.items() if value]
    if not wanted and (text.strip() or not tokens):
        return Page(())
    postgres = connection.dialect.name == "postgresql"
    searched = fulltext.expression(wanted, tokens, postgres=postgres)
    since = doc_at(query.since) if query.since else 0
    before = doc_at(query.until) if query.until else LAST
    if cursor is not None:
        before = min(before, int(cursors.decode(cursor, (int,))[0]))
    table = tables.TEXTS if query.kind == "article" else tables.CLAIM_TEXTS
    docs = fulltext.find(connection, table, searched, since, before, limit + 1)
    found = (_articles if query.kind == "article" else _claims)(connection, docs[:limit], wanted)
    return Page(found, cursors.encode(docs[limit - 1]) if len(docs) > limit else None)


def _articles(connection: Connection, docs: Sequence[int], wanted: Sequence[Term]) -> tuple[Hit, ...]:
    articles, texts = tables.ARTICLES, tables.TEXTS
    joined = articles.join(texts, articles.c.doc == texts.c.doc)
    query = select(articles, texts.c.text).select_from(joined).where(articles.c.doc.in_(docs))
    hits = []
    for row in connection.execute(query.order_by(articles.c.doc.desc())):
        snippet, marks = _snippet(row.text, wanted)
        hits.append(
            Hit("article", row.article_id, row.article_id, row.title, snippet, marks, row.publisher, row.language,
                row.url, row.story_id, row.first_seen_at)
        )  # fmt: skip
    return tuple(hits)


def _claims(connection: Connection, docs: Sequence[int], wanted: Sequence[Term]) -> tuple[Hit, ...]:
    claims, articles = tables.CLAIMS.c, tables.ARTICLES.c
    joined = tables.CLAIMS.outerjoin(tables.ARTICLES, articles.article_id == claims.article_id)
    query = select(claims.body, articles.title).select_from(joined).where(claims.doc.in_(docs))
    hits = []
    for body, title in connection.execute(query.order_by(claims.doc.desc())):
        claim = Claim.from_bytes(body.encode())
        quote = f"{claim.speaker}: {claim.quote}" if claim.speaker else claim.quote
        snippet, marks = _snippet(quote, wanted)
        hits.append(
            Hit("claim", claim.claim_id, claim.article_id, title or "", snippet, marks, claim.publisher,
                claim.language, claim.url, claim.story_id or None, claim.first_seen_at)
        )  # fmt: skip
    return tuple(hits)


def _snippet(text: str, wanted: Sequence[Term]) -> tuple[str, tuple[Span, ...]]:
    """Return a piece of the text around the first word found, and where the words found stand in it."""
    found = list(_pattern(wanted).finditer(fold(text))) if wanted else []
    begin = _word_start(text, max(0, found[0].start() - BEFORE)) if found else 0
    end = begin + SNIPPET
    piece = text[begin:end]
    head, tail = "…" if begin else "", "…" if end < len(text) else ""
    shift = begin - len(head)
    marks = tuple((match.start() - shift, match.end() - shift) for match in found if match.end() <= end)
    return head + piece.replace("\n", " ") + tail, marks


def _pattern(wanted: Sequence[Term]) -> re.Pattern[str]:
    phrases = [
        r"[\W_]+".join(re.escape(word.removesuffix("*")) + (r"\w*" if word.endswith("*") else "") for word in words)
        for words in wanted
    ]
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(phrases)})(?![^\W_])")


def _word_start(text: str, place: int) -> int:
    space = text.find(" ", place, place + BEFORE) if place else -1
    return space + 1 if space >= 0 else place
