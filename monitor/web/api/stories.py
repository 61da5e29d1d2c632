"""Stories, articles, claims and topics, and the search over them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from monitor.archive.queries import ClaimQuery, SearchKind, SearchQuery, StoryQuery
from monitor.archive.views import (
    ArticleDetail,
    ClaimRow,
    Hit,
    StoryDetail,
    StoryRow,
    TopicDetail,
    TopicRow,
)
from monitor.web.api.models import Cursor, Id, Limit, Listing, Moment, Slug, listing
from monitor.web.api.replies import found, reply
from monitor.web.desk import desk_of
from schemas import Modality, Polarity

__all__ = ["router"]

router = APIRouter()

TopicFilter = Annotated[str | None, Query(max_length=100, description="slug of a topic")]
Language = Annotated[str | None, Query(max_length=40, description="BCP 47")]
Since = Annotated[Moment | None, Query(description="at or after")]
Until = Annotated[Moment | None, Query(description="before")]
Hours = Annotated[int, Query(ge=1, le=14 * 24, description="how far back")]


@router.get("/stories", response_model=Listing[StoryRow], tags=["stories"], summary="List stories, the last seen first")
def list_stories(
    request: Request,
    topic: TopicFilter = None,
    language: Language = None,
    since: Since = None,
    until: Until = None,
    min_articles: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """``since`` and ``until`` bound the time of a story's last article."""
    query = StoryQuery(topic=topic, language=language, since=since, until=until, min_articles=min_articles)
    return reply(request, Listing[StoryRow], listing(desk_of(request).reader.stories(query, cursor, limit)))


@router.get("/stories/{story_id}", response_model=StoryDetail, tags=["stories"], summary="One story")
def show_story(request: Request, story_id: Id) -> Response:
    """Its articles by lineage, its claims, coverage an hour, parties, places and alerts."""
    return reply(request, StoryDetail, found(desk_of(request).reader.story(story_id), "story"))


@router.get("/articles/{article_id}", response_model=ArticleDetail, tags=["stories"], summary="One article")
def show_article(request: Request, article_id: Id) -> Response:
    """Its text as long as it is kept, its revisions and claims."""
    return reply(request, ArticleDetail, found(desk_of(request).reader.article(article_id), "article"))


@router.get("/claims", response_model=Listing[ClaimRow], tags=["claims"], summary="List claims, the last seen first")
def list_claims(
    request: Request,
    topic: TopicFilter = None,
    story_id: Annotated[str | None, Query(max_length=200)] = None,
    article_id: Annotated[str | None, Query(max_length=200)] = None,
    speaker: Annotated[str | None, Query(max_length=200, description="as written")] = None,
    party: Annotated[str | None, Query(max_length=100, description="canonical party of the speaker")] = None,
    polarity: Polarity | None = None,
    modality: Modality | None = None,
    disputed: Annotated[bool | None, Query(description="whether an alert has it as evidence")] = None,
    since: Since = None,
    until: Until = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Each row holds the claim as it stands on the topic ``claims``, and the alerts that it is evidence of."""
    query = ClaimQuery(
        topic=topic, story_id=story_id, article_id=article_id, speaker=speaker, party=party, polarity=polarity,
        modality=modality, disputed=disputed, since=since, until=until,
    )  # fmt: skip
    return reply(request, Listing[ClaimRow], listing(desk_of(request).reader.claims(query, cursor, limit)))


@router.get("/topics", response_model=Listing[TopicRow], tags=["topics"], summary="List topics, the busiest first")
def list_topics(request: Request, hours: Hours = 24) -> Response:
    """All of them, on one page: articles an hour against what is usual."""
    desk = desk_of(request)
    now = desk.clock()
    rows = desk.reader.topics(now - timedelta(hours=hours), now)
    return reply(request, Listing[TopicRow], Listing[Any](items=rows))


@router.get("/topics/{slug}", response_model=TopicDetail, tags=["topics"], summary="One topic")
def show_topic(request: Request, slug: Slug, hours: Hours = 24) -> Response:
    """With its rising stories, alerts, disputed claims and articles; 404 where nothing of those hours is about it."""
    desk = desk_of(request)
    now = desk.clock()
    return reply(request, TopicDetail, found(desk.reader.topic(slug, now - timedelta(hours=hours), now), "topic"))


@router.get("/search", response_model=Listing[Hit], tags=["search"], summary="Search articles or claims")
def search(
    request: Request,
    q: Annotated[str, Query(min_length=1, max_length=500, description="words that all have to be there")],
    kind: SearchKind = "article",
    topic: TopicFilter = None,
    publisher: Annotated[str | None, Query(max_length=200)] = None,
    language: Language = None,
    since: Since = None,
    until: Until = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> Response:
    """The newest first; ``marks`` are the words found, as offsets into ``snippet``."""
    query = SearchQuery(kind=kind, topic=topic, publisher=publisher, language=language, since=since, until=until)
    return reply(request, Listing[Hit], listing(desk_of(request).reader.search(q, query, cursor, limit)))
