"""Topics are of the story: an article that does not name one of its story's topics is on it all the same.

A wire copy cut short, or a report that says "the border town" where the others name the country, would otherwise be
judged apart from them (``contradict`` compares the claims of one topic).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import MutableMapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from monitor.settings import DedupeSettings
from monitor.window import Window, day_of
from schemas import TaggedArticle, TopicMatch

__all__ = ["StoryTopics"]

INHERITED = 0.8
"""Share of the score that a topic keeps when it is inherited."""

LINEAGES = 2
"""Independent texts of a story that must be on a topic before the others inherit it; one may be about more than it."""


_Scores = defaultdict[str, dict[str, float]]
"""Topic to lineage to the best score of that lineage's texts."""


class _Record(BaseModel):
    """What is kept of one revision of one article: the topics it names, and those it was given."""

    model_config = ConfigDict(frozen=True)

    article_id: str
    revision: int
    at: datetime
    story_id: str
    lineage_id: str
    own: dict[str, float]
    given: dict[str, float]

    @property
    def key(self) -> str:
        return f"t|{day_of(self.at):06d}|{self.article_id}|{self.revision}"


class StoryTopics:
    """Gives each article the topics of its lineage, and of its story where two lineages share them.

    Keeps its decisions in ``store`` (docs/architecture.md, "State") for ``window_days``. What an article was given
    stays: topics that its story gains later do not come to it.
    """

    def __init__(self, store: MutableMapping[str, bytes], options: DedupeSettings) -> None:
        self._store = store
        self._window = Window(options.window_days)
        self._records: dict[str, _Record] = {}
        self._stories: dict[str, dict[int, _Scores]] = {}
        for record in map(_Record.model_validate_json, store.values()):
            self._index(record)

    def unite(self, tagged: TaggedArticle) -> TaggedArticle:
        """Return the article with the topics it inherits after its own, best first."""
        record = self._known(tagged) or self._decide(tagged)
        self._index(record)
        self._store[record.key] = record.model_dump_json().encode()
        self._forget()
        given = sorted(record.given.items(), key=lambda item: (-item[1], item[0]))
        return tagged.model_copy(
            update={"topics": (*tagged.topics, *(TopicMatch(slug=slug, score=score) for slug, score in given))}
        )

    def _known(self, tagged: TaggedArticle) -> _Record | None:
        at = tagged.published_at or tagged.first_seen_at
        return self._records.get(f"t|{day_of(at):06d}|{tagged.article_id}|{tagged.revision}")

    def _decide(self, tagged: TaggedArticle) -> _Record:
        own = {match.slug: match.score for match in tagged.topics}
        of_story: _Scores = defaultdict(dict)
        for day in self._stories.get(tagged.story_id, {}).values():
            for slug, scores in day.items():
                for lineage, score in scores.items():
                    of_story[slug][lineage] = max(score, of_story[slug].get(lineage, 0.0))
        given = {
            slug: round(INHERITED * max(scores.values()), 3)
            for slug, scores in of_story.items()
            if slug not in own and (tagged.lineage_id in scores or len(scores) >= LINEAGES)
        }
        return _Record(
            article_id=tagged.article_id,
            revision=tagged.revision,
            at=tagged.published_at or tagged.first_seen_at,
            story_id=tagged.story_id,
            lineage_id=tagged.lineage_id,
            own=own,
            given=given,
        )

    def _index(self, record: _Record) -> None:
        self._records[record.key] = record
        self._window.add(record.key, record.at)
        scores = self._stories.setdefault(record.story_id, {}).setdefault(day_of(record.at), defaultdict(dict))
        for slug, score in record.own.items():
            scores[slug][record.lineage_id] = max(score, scores[slug].get(record.lineage_id, 0.0))

    def _forget(self) -> None:
        for key in self._window.expired():
            record = self._records.pop(key)
            self._store.pop(key, None)
            days = self._stories.get(record.story_id, {})
            # A day leaves the window whole, so its scores go with its first record.
            days.pop(day_of(record.at), None)
            if not days:
                self._stories.pop(record.story_id, None)
