"""What the read model knows of one article, and what one more message changes in it. No I/O.

The same article comes as polled, as assigned to a story and as tagged, in whatever order and however often. Each part
is that of its newest revision; so the result does not depend on the order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from monitor.archive import fulltext
from monitor.archive.tables import micros
from schemas import Article, StoryAssignment, TaggedArticle

__all__ = ["Draft", "clean"]


def clean(value: str) -> str:
    """Return a text as both databases take it: PostgreSQL has no NUL, and the marks of snippets are ours."""
    return value.translate(_FORBIDDEN)


_FORBIDDEN = dict.fromkeys((0, 2, 3))


@dataclass(slots=True)
class Draft:
    """An article while a batch is written. ``row`` is as in ``tables.ARTICLES``; ``older``: revision -> its row."""

    row: dict[str, Any]
    text: str
    topics: dict[str, float] = field(default_factory=dict)
    older: dict[int, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def begin(cls, article: Article, doc: int) -> Draft:
        """Return what is known of an article from the first message about it."""
        row = {
            "article_id": article.article_id, "doc": doc, "first_seen_at": micros(article.first_seen_at), "whole": True,
            "story_revision": 0, "language": None, "story_id": None, "lineage_id": None, "copy_of": None,
            "date_uncertain": False, "topics_revision": 0,
        }  # fmt: skip
        draft = cls(row, "")
        draft._revise(article)
        draft.take(article)
        return draft

    @property
    def facets(self) -> str:
        """The tokens by which a search filters it: those of its story and topics once both are known.

        Not before, since each change of them takes the whole text out of the search index and puts it in anew.
        """
        if not self.row["topics_revision"]:
            return fulltext.facets(self.row["publisher"], None, ())
        return fulltext.facets(self.row["publisher"], self.row["language"], self.topics)

    def take(self, article: Article) -> None:
        """Take in one message about the article."""
        row = self.row
        row["first_seen_at"] = min(row["first_seen_at"], micros(article.first_seen_at))
        if article.revision > row["revision"]:
            self._keep(row["revision"], row["title"], self.text if row["whole"] else "", row["revised_at"])
            self._revise(article)
        elif article.revision < row["revision"]:
            self._keep(article.revision, article.title, article.text, micros(article.first_seen_at))
        if isinstance(article, StoryAssignment) and article.revision >= row["story_revision"]:
            row |= {
                "story_revision": article.revision, "language": article.language, "story_id": article.story_id,
                "lineage_id": article.lineage_id, "copy_of": article.copy_of,
                "date_uncertain": article.dates.uncertain,
            }  # fmt: skip
        if isinstance(article, TaggedArticle) and article.revision >= row["topics_revision"]:
            row["topics_revision"] = article.revision
            self.topics = {match.slug: match.score for match in reversed(article.topics)}

    def _revise(self, article: Article) -> None:
        """Make this the newest revision."""
        self.older.pop(article.revision, None)
        self.text = clean(article.text)
        self.row |= {
            "revision": article.revision, "feed_id": article.feed_id, "publisher": clean(article.publisher),
            "publisher_kind": article.publisher_kind.value, "url": clean(article.url) if article.url else None,
            "title": clean(article.title), "revised_at": micros(article.first_seen_at), "whole": True,
            "published_at": micros(article.published_at) if article.published_at else None,
        }  # fmt: skip

    def _keep(self, revision: int, title: str, text: str, at: int) -> None:
        self.older[revision] = {
            "article_id": self.row["article_id"], "revision": revision, "title": clean(title), "text": clean(text),
            "at": at,
        }  # fmt: skip
