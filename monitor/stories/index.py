"""The dedupe stage's decision: each article's lineage and story, from the articles of the window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping
from typing import Any

from monitor.ids import stable_id
from monitor.settings import DedupeSettings
from monitor.stories.background import background
from monitor.stories.changes import Changes, Merged, Parted
from monitor.stories.clusterer import Clusterer
from monitor.stories.drift import drifted
from monitor.stories.lineage import LineageIndex, Text, text_of
from monitor.stories.model import StoryModel
from monitor.stories.origins import Origins, takes_over
from monitor.stories.record import Record
from monitor.stories.story import Facts
from monitor.stories.terms import words_of
from monitor.window import Window
from schemas import EnrichedArticle, StoryAssignment

__all__ = ["StoryIndex", "body_of"]

MAX_ALIASES = 50
"""Ids of merged stories that an assignment lists."""


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
    are forgotten ``window_days`` after their day, or the oldest first above ``max_articles``. ``model`` decides on
    stories in place of the shipped one.
    """

    def __init__(
        self,
        store: MutableMapping[str, bytes],
        options: DedupeSettings,
        places_of: Callable[[str], Iterable[str]] = lambda text: (),
        model: StoryModel | None = None,
    ) -> None:
        self._store = store
        self._places_of = places_of
        self._lineages = LineageIndex()
        self._stories = Clusterer(model)
        self._changes = Changes(store)
        self._origins = Origins()
        self._window = Window(options.window_days, options.max_articles)
        self._records: dict[str, Record] = {}
        self._next = 0
        # In the order they came, so that the first of equal texts is the origin again.
        kept = (Record.model_validate_json(raw) for key, raw in store.items() if key.startswith("a|"))
        for record in sorted(kept, key=lambda record: record.number):
            self._index(record)

    def __len__(self) -> int:
        return len(self._records)

    def story_of(self, article_id: str) -> str | None:
        """Return the story under which an article of the window is counted now, after merges and splits."""
        record = self._records.get(article_id)
        return self._changes.story_of(article_id, record.story_id) if record else None

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
            story_aliases=record.story_aliases,
            split_from=record.split_from,
            split_articles=record.split_articles,
            lineage_id=record.lineage_id,
            copy_of=record.copy_of,
            containment=record.containment,
            origin_changed=record.origin_changed,
        )

    def _decide(self, article: EnrichedArticle) -> Record:
        body = body_of(article)
        facts = self._facts(article, body)
        text = text_of(article.title, body)
        draft = Record(
            number=self._next,
            article_id=article.article_id,
            at=article.published_at or article.first_seen_at,
            dated=article.published_at is not None and not article.dates.uncertain,
            story_id=stable_id("story", article.article_id),
            lineage_id=stable_id("lineage", article.article_id),
            copy_of=None,
            containment=0.0,
            credits=article.credits,
            publisher=article.publisher,
            exact=text.exact,
            runs=text.kept,
            one_in=text.one_in,
            vector=facts.vector,
            title=tuple(sorted(facts.title)),
            names=tuple(sorted(facts.names)),
            places=tuple(sorted(facts.places)),
        )
        lineage = self._lineage_of(draft, text)
        told = self._story_of(draft, facts, lineage.pop("like", None))
        return draft.model_copy(update=lineage | told)

    def _facts(self, article: EnrichedArticle, body: str) -> Facts:
        words = words_of(article.title, body, article.language)
        return Facts(
            self._stories.weigh(words.terms, background(article.language)),
            words.title,
            words.names,
            frozenset(self._places_of(f"{article.title}\n{body}")),
            (article.published_at or article.first_seen_at).timestamp(),
            self._next,
        )

    def _lineage_of(self, draft: Record, text: Text) -> dict[str, Any]:
        """Return the fields of the lineage where the text is a copy, and under ``like`` the article it is a copy of."""
        match = self._lineages.find(text)
        if match is None:
            return {}
        like = self._records[match.article_id]
        origin_id = self._origins.of(like.lineage_id) or like.copy_of or like.article_id
        origin = self._records.get(origin_id)
        if origin is not None and takes_over(draft, origin):
            return {"lineage_id": like.lineage_id, "origin_changed": origin_id, "like": like.article_id}
        return {
            "lineage_id": like.lineage_id,
            "copy_of": origin_id,
            "containment": round(match.containment, 3),
            "like": like.article_id,
        }

    def _story_of(self, draft: Record, facts: Facts, like: str | None) -> dict[str, Any]:
        """Return the fields of the story, and carry out what follows: two stories become one, or one parts."""
        found = self.story_of(like) if like is not None else self._join(facts)
        story_id = found or draft.story_id
        parted = self._part(draft, facts, story_id)
        if parted is not None:
            story_id = parted.new
        came_off = self._changes.parted(story_id)
        return {
            "story_id": story_id,
            "story_aliases": self._changes.aliases(story_id)[:MAX_ALIASES],
            "split_from": came_off.old if came_off else None,
            "split_articles": tuple(sorted(parted.articles)) if parted else (),
        }

    def _join(self, facts: Facts) -> str | None:
        """Return the story that the article belongs to; merge the two best where it surely belongs to both."""
        ranked = self._stories.rank(facts)
        if not ranked or ranked[0][0] < 0:
            return None
        best = ranked[0][1]
        if len(ranked) == 1 or ranked[1][0] < self._stories.model.merge or not self._stories.same(best, ranked[1][1]):
            return best
        old, new = sorted((best, ranked[1][1]), key=self._begun, reverse=True)
        story = self._stories.story(old)
        assert story is not None
        self._stories.move(list(story.members), old, new)
        self._changes.apply(Merged(old=old, new=new))
        return new

    def _begun(self, story_id: str) -> tuple[int, str]:
        story = self._stories.story(story_id)
        assert story is not None
        return next(iter(story.members.values())).number, story_id

    def _part(self, draft: Record, facts: Facts, story_id: str) -> Parted | None:
        """Part the story where it has drifted and the article is of its newer event."""
        story = self._stories.story(story_id)
        if story is None:
            return None
        articles = drifted(story, draft.article_id, facts)
        if draft.article_id not in articles:
            return None
        new = stable_id("story", "split", draft.article_id)
        parted = Parted(old=story_id, new=new, articles=articles)
        self._stories.move([each for each in articles if each != draft.article_id], story_id, new)
        self._changes.apply(parted)
        return parted

    def _index(self, record: Record) -> None:
        self._next = record.number + 1
        self._records[record.article_id] = record
        self._window.add(record.article_id, record.at)
        self._lineages.add(record.article_id, record.exact, record.runs, record.one_in)
        if record.copy_of is None:
            self._origins.add(record.lineage_id, record.article_id)
        self._changes.seen(record.story_id)
        self._stories.add(self._changes.story_of(record.article_id, record.story_id), record.article_id, record.facts)

    def _forget(self) -> None:
        for article_id in self._window.expired():
            record = self._records[article_id]
            self._lineages.remove(article_id)
            self._origins.remove(record.lineage_id, article_id)
            self._stories.remove(self._changes.story_of(article_id, record.story_id), article_id)
            self._changes.forget(article_id, record.story_id)
            del self._records[article_id]
            self._store.pop(record.key, None)
