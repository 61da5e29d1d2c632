"""The dedupe stage's decision: each article's lineage and story, from the articles of the window."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, MutableMapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from monitor.ids import stable_id
from monitor.settings import DedupeSettings
from monitor.stories.clusterer import Clusterer, Facts, Vector
from monitor.stories.lineage import LineageIndex, Match, Text, exact_key
from monitor.stories.terms import terms_of
from monitor.window import Window, day_of
from schemas import EnrichedArticle, StoryAssignment

__all__ = ["StoryIndex", "body_of"]

_WORD = re.compile(r"\w+")


class _Record(BaseModel):
    """What is kept of one article: its decision, and what later decisions rest on."""

    model_config = ConfigDict(frozen=True)

    number: int
    article_id: str
    at: datetime
    story_id: str
    lineage_id: str
    copy_of: str | None
    containment: float
    exact: str
    words: int
    fingerprint: tuple[int, ...]
    vector: Vector
    places: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"a|{day_of(self.at):06d}|{self.article_id}"

    @property
    def text(self) -> Text:
        return Text(self.fingerprint, self.exact, self.words)

    @property
    def facts(self) -> Facts:
        return Facts(self.vector, frozenset(self.places), self.at)


def body_of(article: EnrichedArticle) -> str:
    """Return the article's text without its page furniture."""
    kept, end = [], 0
    for start, stop in article.furniture:
        kept.append(article.text[end:start])
        end = stop
    kept.append(article.text[end:])
    return "".join(kept)


class StoryIndex:
    """Assigns each article to a lineage and a story; keeps its decisions in ``store`` (docs/architecture.md, "State").

    ``places_of`` finds the canonical places in a text. A revision keeps the story and lineage of its article. Articles
    are forgotten ``window_days`` after their day, or the oldest first above ``max_articles``.
    """

    def __init__(
        self,
        store: MutableMapping[str, bytes],
        options: DedupeSettings,
        places_of: Callable[[str], Iterable[str]] = lambda text: (),
    ) -> None:
        self._store = store
        self._places_of = places_of
        self._lineages = LineageIndex()
        self._stories = Clusterer()
        self._window = Window(options.window_days, options.max_articles)
        self._records: dict[str, _Record] = {}
        self._next = 0
        # In the order they came, so that the first of equal texts is the origin again.
        for record in sorted(map(_Record.model_validate_json, store.values()), key=lambda record: record.number):
            self._index(record)

    def __len__(self) -> int:
        return len(self._records)

    def assign(self, article: EnrichedArticle) -> StoryAssignment:
        """Return the article with its story and lineage. A second time, and for a revision, they are the same."""
        record = self._records.get(article.article_id)
        if record is None:
            record = self._decide(article)
            self._index(record)
            self._forget()
        # Written again also when it is known: the process may have died between the output and the table's changelog.
        if record.article_id in self._records:
            self._store[record.key] = record.model_dump_json().encode()
        return StoryAssignment(
            **dict(article),
            story_id=record.story_id,
            lineage_id=record.lineage_id,
            copy_of=record.copy_of,
            containment=record.containment,
        )

    def _decide(self, article: EnrichedArticle) -> _Record:
        body = body_of(article)
        text = Text(article.fingerprint, exact_key(article.title, body), len(_WORD.findall(body)))
        facts = Facts(
            self._stories.weigh(terms_of(article.title, body, article.language)),
            frozenset(self._places_of(f"{article.title}\n{body}")),
            article.published_at or article.first_seen_at,
        )
        match = self._lineages.find(text)
        origin = self._records[match.article_id] if match else None
        if match and origin and origin.copy_of:
            match = Match(origin.copy_of, match.containment)
        story = origin.story_id if origin else self._story_of(article, facts)
        return _Record(
            number=self._next,
            article_id=article.article_id,
            at=facts.at,
            story_id=story,
            lineage_id=origin.lineage_id if origin else stable_id("lineage", article.article_id),
            copy_of=match.article_id if match else None,
            containment=round(match.containment, 3) if match else 0.0,
            exact=text.exact,
            words=text.words,
            fingerprint=text.fingerprint,
            vector=facts.vector,
            places=tuple(sorted(facts.places)),
        )

    def _story_of(self, article: EnrichedArticle, facts: Facts) -> str:
        found = self._stories.find(facts)
        return found[0] if found else stable_id("story", article.article_id)

    def _index(self, record: _Record) -> None:
        self._next = record.number + 1
        self._records[record.article_id] = record
        self._window.add(record.article_id, record.at)
        self._lineages.add(record.article_id, record.text)
        self._stories.add(record.story_id, record.facts)

    def _forget(self) -> None:
        for article_id in self._window.expired():
            record = self._records.pop(article_id)
            self._lineages.remove(article_id)
            self._stories.remove(record.story_id, record.facts)
            self._store.pop(record.key, None)
