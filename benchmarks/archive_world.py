"""A made-up world of news for benchmarks/archive.py: articles in stories, claims and alerts, by a seed, as messages.

Words are drawn by rank (Zipf); a text is three of 20,000 paragraphs of 50 words. A new article opens a story (four in
ten) or joins one of the last 3,000, the larger ones more often; three in ten that join are copies. Topics, publishers
and feeds are drawn by rank too. Messages are built unchecked (`model_construct`): making them is not what is measured.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from schemas import (
    Alert,
    AlertClaim,
    AlertKind,
    AlertSide,
    AlertState,
    Article,
    ArticleDates,
    Claim,
    FeedChange,
    FeedEvent,
    FeedHealth,
    Modality,
    Polarity,
    PublisherKind,
    Scope,
    Severity,
    StoryAssignment,
    TaggedArticle,
    TopicMatch,
)

__all__ = ["END", "World"]

END = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
"""When the last article comes."""
SPAN = timedelta(days=30)
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va", "we", "zo")
WORDS = 40_000
PARAGRAPHS = 20_000
PARAGRAPH_WORDS = 50
TOPICS = 60
PUBLISHERS = 400
FEEDS = 1_000
RECENT_STORIES = 3_000
NEW_STORY = 0.4
COPIES = 0.3
LANGUAGES = ("en",) * 8 + ("ru",) * 3 + ("fr", "ar", "uk", "de")


def _by_rank(count: int) -> list[float]:
    return list(accumulate(1 / rank for rank in range(1, count + 1)))


@dataclass
class World:
    """``articles`` articles over ``SPAN``; claims and alerts are made of what ``tagged`` has yielded."""

    articles: int
    seed: int = 20151
    words: list[str] = field(default_factory=list)
    quoted: deque[TaggedArticle] = field(default_factory=lambda: deque(maxlen=40_000))

    def __post_init__(self) -> None:
        self._random = draw = random.Random(self.seed)
        made = {"".join(draw.choices(SYLLABLES, k=draw.randint(1, 4))) for _ in range(WORDS * 2)}
        self.words = sorted(made)[:WORDS]
        draw.shuffle(self.words)
        weights = _by_rank(len(self.words))
        self._paragraphs = [
            " ".join(draw.choices(self.words, cum_weights=weights, k=PARAGRAPH_WORDS)).capitalize() + "."
            for _ in range(PARAGRAPHS)
        ]
        self.topics = [f"topic-{number}" for number in range(TOPICS)]
        self.publishers = [f"Outlet {number}" for number in range(PUBLISHERS)]
        self._topic_weights, self._publisher_weights = _by_rank(TOPICS), _by_rank(PUBLISHERS)
        self._stories: deque[tuple[str, str, str, tuple[TopicMatch, ...]]] = deque(maxlen=RECENT_STORIES)

    def tagged(self) -> Iterator[TaggedArticle]:
        """Yield the articles in the order of time, as the last stage leaves them."""
        draw = self._random
        step = SPAN / self.articles
        for number in range(self.articles):
            article = self._article(f"a{number:07d}", END - SPAN + number * step, draw)
            if number % max(1, self.articles // 20_000) == 0:
                self.quoted.append(article)
            yield article

    def _article(self, article_id: str, seen_at: datetime, draw: random.Random) -> TaggedArticle:
        copy_of = None
        if not self._stories or draw.random() < NEW_STORY:
            slugs = dict.fromkeys(
                draw.choices(self.topics, cum_weights=self._topic_weights, k=draw.choice((0, 1, 1, 2, 3)))
            )
            matches = tuple(
                TopicMatch.model_construct(slug=slug, score=0.9 - 0.1 * n, matches=()) for n, slug in enumerate(slugs)
            )
            story, lineage, language = f"s-{article_id}", f"l-{article_id}", draw.choice(LANGUAGES)
            entry = (story, lineage, language, matches)
            self._stories.append(entry)
        else:
            story, lineage, language, matches = entry = draw.choice(self._stories)
            self._stories.append(entry)  # the more articles, the more often it is drawn
            if draw.random() < COPIES:
                copy_of = lineage.removeprefix("l-")
            else:
                lineage = f"l-{article_id}"
        publisher = draw.choices(self.publishers, cum_weights=self._publisher_weights)[0]
        text = "\n\n".join(draw.choices(self._paragraphs, k=3))
        return TaggedArticle.model_construct(
            article_id=article_id, revision=1, content_hash="h", feed_id=f"feed-{draw.randrange(FEEDS)}",
            url=f"https://example.org/{article_id}", title=text[:60], text=text, publisher=publisher,
            publisher_kind=PublisherKind.PAPER, published_at=seen_at, first_seen_at=seen_at, language=language,
            dates=ArticleDates.model_construct(uncertain=False), story_id=story, lineage_id=lineage, copy_of=copy_of,
            topics=matches,
        )  # fmt: skip

    @staticmethod
    def stages(tagged: TaggedArticle) -> tuple[Article, StoryAssignment, TaggedArticle]:
        """Return an article as each of the stages before left it, and as it is."""
        values = dict(tagged)
        values.pop("topics")
        assigned = StoryAssignment.model_construct(**values)
        polled = Article.model_construct(**{name: values[name] for name in Article.model_fields if name in values})
        return polled, assigned, tagged

    def claims(self, count: int) -> Iterator[Claim]:
        """Yield ``count`` claims of the articles that ``quoted`` holds, a few each, one copy a topic."""
        draw = self._random
        sources = [article for article in self.quoted if article.topics]
        for number in range(count):
            article = sources[number * len(sources) // count]
            quote = " ".join(draw.choices(self.words[:5000], k=25))
            slugs = tuple(sorted(match.slug for match in article.topics))
            for topic in slugs:
                yield Claim.model_construct(
                    claim_id=f"c{number:06d}", topic=topic, topics=slugs, article_id=article.article_id,
                    story_id=article.story_id, lineage_id=article.lineage_id, url=article.url,
                    publisher=article.publisher, publisher_kind=article.publisher_kind, language=article.language,
                    published_at=article.published_at, first_seen_at=article.first_seen_at, span=(0, len(quote)),
                    quote=quote, speaker=f"Speaker {draw.randrange(500)}", speaker_party=f"party-{draw.randrange(40)}",
                    polarity=draw.choice(list(Polarity)), modality=Modality.FACT, content=quote,
                    actors=(f"actor-{draw.randrange(100)}",), places=(f"place-{draw.randrange(100)}",),
                )  # fmt: skip

    def alerts(self, claims: list[Claim], count: int) -> Iterator[Alert]:
        """Yield ``count`` alerts of five claims a side, in the order of time."""
        draw = self._random
        for number in range(count):
            at = number * len(claims) // count
            sides = [claims[max(0, at - 200) : at + 200][n::2] for n in (0, 1)]
            chosen = [draw.sample(side, min(5, len(side))) for side in sides]
            seen_at = max(claim.first_seen_at for side in chosen for claim in side)
            yield Alert.model_construct(
                alert_id=f"x{number:05d}", revision=1, kind=draw.choice(list(AlertKind)),
                state=draw.choice([AlertState.CONTESTED] * 3 + list(AlertState)), severity=draw.choice(list(Severity)),
                score=draw.random(), scope=Scope.FULL, same_article=False, date_uncertain=False,
                topics=chosen[0][0].topics, story_ids=tuple({side[0].story_id for side in chosen}), slots=(),
                summary=chosen[0][0].quote, created_at=seen_at, updated_at=seen_at + timedelta(minutes=number % 600),
                model="benchmark", sides=(_side("a", chosen[0]), _side("b", chosen[1])),
            )  # fmt: skip

    def feeds(self) -> Iterator[FeedEvent]:
        """Yield the last event of each feed."""
        for number in range(FEEDS):
            yield FeedEvent(
                event_id=f"e{number}", feed_id=f"feed-{number}", url=f"https://example.org/{number}.xml",
                publisher=self.publishers[number % PUBLISHERS], change=FeedChange.ANSWERS, health=FeedHealth.OK, at=END,
            )  # fmt: skip


def _side(name: str, claims: list[Claim]) -> AlertSide:
    shown = tuple(
        AlertClaim.model_construct(
            claim_id=claim.claim_id, article_id=claim.article_id, url=claim.url, source=claim.publisher,
            publisher_kind=claim.publisher_kind, quote=claim.quote, span=claim.span, speaker=claim.speaker,
            published_at=claim.published_at, first_seen_at=claim.first_seen_at, lineage_id=claim.lineage_id,
            language=claim.language,
        )
        for claim in claims
    )  # fmt: skip
    return AlertSide.model_construct(proposition_id=name, origins=len(claims), outlets=len(claims), claims=shown)
