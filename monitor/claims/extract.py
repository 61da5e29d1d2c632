"""Extract: the claims of an article, each a span of its text with who says it, how, and what it is about."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.claims.attribution import Attribution, attribute
from monitor.claims.attribution_tokens import Reading, Unit, quotations
from monitor.claims.cues import CueKind
from monitor.claims.slots import slots_of
from monitor.claims.speakers import Speaker, resolve
from monitor.claims.stance import denied_content, modality_of_text
from monitor.ids import stable_id
from schemas import Claim, EnrichedArticle, Modality, Polarity, PublisherKind, Span, TaggedArticle

__all__ = ["extract", "for_topics"]

CLAIM_KINDS = frozenset({CueKind.SAY, CueKind.DENY, CueKind.ACCUSE, CueKind.SHOW, CueKind.PLAN})
"""Cues that put a statement forward or reject one; asking, believing, judging and perceiving make no claim."""

LEAD_UNITS = 4
"""Sentences at the head of an article in which the outlet's own reporting is taken for claims (headline and lead)."""

MIN_CONTENT_WORDS = 3
"""Words below which a content says too little to be compared: "Yes", "no comment"."""

_WORD = re.compile(r"\w+")
_OF_SPEAKER = re.compile(
    r"(?:any |all |having |plans?\b|it\b|its\b|they\b|their\b|we\b|our\b|involvement|responsibility|"
    r"\w+ing\b(?! (?:is|was|were)))",
    re.IGNORECASE,
)
"""Contents without an actor of their own."""

_TOPICAL = frozenset(
    {"cite", "quote", "mention", "refer", "talk", "speak", "discuss", "comment", "touch", "allude", "outline"}
)
"""Cues that say what was spoken of, not what was said, where no clause follows."""

_NOBODY = re.compile(r"(?:no|none|nobody|neither|few)\b", re.IGNORECASE)
"""Begins a source that is none: "no group claimed responsibility"."""

_LIVES = re.compile(r"(?:[\w,.-]+ ){0,4}(?:lives|victims?|casualties)\b", re.IGNORECASE)
"""What a strike claims, not a speaker."""

_REPORTS = re.compile(
    r"(?:[\w’'-]+ ){0,3}?(?:reports?|claims?|allegations?|accusations?|rumou?rs?|suggestions?|speculation|"
    r"stor(?:y|ies)|ideas?|talk|theor(?:y|ies))\b",
    re.IGNORECASE,
)
"""What can be shot down in words; all else, a plane first of all, is shot down in fact."""

_MOMENT = re.compile(
    r"(?:early |late )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?(?: \d{1,2})?(?:,? \d{4})?\W*$",
    re.IGNORECASE,
)
"""A source that is a date: the one who speaks was not found."""

_OPINION = re.compile(
    r"\b(?:opinion|op-?ed|comment|commentisfree|columnists?|editorials?|blogs?|мнени[ея]|колумнист\w*|tribune|débats?|"
    r"meinung|kommentare?|opinión|editorial|رأي|مقالات)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A claim before it has its article's fields."""

    span: Span
    content: Span
    said: str
    speaker: Speaker | None
    via: str | None
    cue: str | None
    polarity: Polarity
    modality: Modality
    unit: int


def extract(article: EnrichedArticle) -> list[Claim]:
    """Return the claims of ``article`` in the order of its text, ``topic`` empty, each once; none from furniture.

    Satire makes no claims. What an opinion piece says for itself is no report: only what it cites makes claims.
    """
    if article.publisher_kind is PublisherKind.SATIRE:
        return []
    reading = Reading(article.text, article.furniture)
    attributions = attribute(article.text, article.language, article.furniture)
    drafts = _attributed(article, reading, attributions)
    if not _is_opinion(article):
        # What somebody asks, believes or does not say, the outlet does not report.
        others = {
            _unit_at(reading, one.cue[0][0])
            for one in attributions
            if one.negated or one.kind in (CueKind.ASK, CueKind.THINK)
        }
        drafts += _reported(article, reading, others | {draft.unit for draft in drafts})
    return list(_claims(article, reading, drafts))


def for_topics(claims: Iterable[Claim], watched: Collection[str]) -> list[Claim]:
    """Return one copy of each claim for each of its topics that is ``watched`` (all, where that is empty)."""
    copies = []
    for claim in claims:
        topics = tuple(sorted(slug for slug in claim.topics if not watched or slug in watched))
        copies += [claim.model_copy(update={"topic": slug, "topics": topics}) for slug in topics]
    return copies


def _is_opinion(article: EnrichedArticle) -> bool:
    return article.publisher_kind is PublisherKind.OPINION or bool(article.section and _OPINION.search(article.section))


# -- statements with a source


def _attributed(article: EnrichedArticle, reading: Reading, attributions: Sequence[Attribution]) -> list[_Draft]:
    drafts: list[_Draft] = []
    speakers: list[Speaker] = []
    for attribution in attributions:
        speaker = _speaker_of(attribution, article.text, reading)
        if speaker is not None:
            resolved = resolve(speaker, speakers, article.language)
            speakers.append(resolved)
            speaker = resolved
        if _makes_claim(attribution, article.text):
            drafts += _drafts_of(attribution, speaker, article.text, reading)
    return _without_doubles(drafts)


def _makes_claim(attribution: Attribution, text: str) -> bool:
    """Whether it puts something forward or rejects it; "did not say", "nobody said" and "discussed" do neither."""
    if attribution.kind not in CLAIM_KINDS or not attribution.content or attribution.negated:
        return False
    if attribution.source and _NOBODY.match(text, attribution.source[0][0]):
        return False
    if attribution.lemma == "shoot" and not _REPORTS.match(text, attribution.content[0][0]):
        return False
    if attribution.lemma == "claim" and _LIVES.match(text, attribution.content[0][0]):
        return False
    if attribution.lemma in _TOPICAL and not attribution.via:
        return text.startswith(("that ", '"', "“", "''", "«"), attribution.content[0][0])
    return True


def _speaker_of(attribution: Attribution, text: str, reading: Reading) -> Speaker | None:
    if not attribution.source:
        return None
    start, end = attribution.source[0]
    if _MOMENT.match(text[start:end]):
        return None
    return Speaker(text[start:end], (start, end), _unit_at(reading, start))


def _drafts_of(attribution: Attribution, speaker: Speaker | None, text: str, reading: Reading) -> Iterator[_Draft]:
    """One draft a sentence of the content; the one beside the cue has source and cue in its span."""
    cue = attribution.cue[0]
    home = _unit_at(reading, cue[0])
    via = text[slice(*attribution.via[0])] if attribution.via else None
    pieces: dict[int, list[Span]] = {}
    for span in attribution.content:
        for unit, piece in _by_unit(span, reading):
            pieces.setdefault(unit, []).append(piece)
    for unit, content in pieces.items():
        said = " ".join(text[slice(*piece)] for piece in content)
        if len(_WORD.findall(said)) < MIN_CONTENT_WORDS and attribution.kind is not CueKind.DENY:
            continue
        whole = (content[0][0], content[-1][1])
        span = _around(whole, attribution, reading.units[unit]) if unit == home else whole
        yield _Draft(
            span, whole, said, speaker, via, text[slice(*cue)], attribution.polarity, attribution.modality, unit
        )


def _by_unit(span: Span, reading: Reading) -> Iterator[tuple[int, Span]]:
    for number, unit in enumerate(reading.units):
        start, end = max(span[0], unit.start), min(span[1], unit.end)
        if start < end:
            yield number, (start, end)


def _around(content: Span, attribution: Attribution, unit: Unit) -> Span:
    parts = [content, *attribution.cue, *attribution.source, *attribution.via]
    inside = [part for part in parts if unit.start <= part[0] and part[1] <= unit.end]
    return min(part[0] for part in inside), max(part[1] for part in inside)


def _unit_at(reading: Reading, offset: int) -> int:
    return next((number for number, unit in enumerate(reading.units) if unit.start <= offset < unit.end), 0)


def _without_doubles(drafts: Sequence[_Draft]) -> list[_Draft]:
    """Of two drafts of one sentence with nearly one content, keep the one with a speaker (then the first)."""
    kept: list[_Draft] = []
    for draft in sorted(drafts, key=lambda one: (one.unit, one.speaker is None, one.span)):
        twin = next((i for i, one in enumerate(kept) if one.unit == draft.unit and _is_twin(one, draft)), None)
        if twin is None:
            kept.append(draft)
        elif draft.modality is Modality.ALLEGATION and kept[twin].modality is Modality.FACT:
            kept[twin] = replace(kept[twin], modality=Modality.ALLEGATION)
    return kept


def _is_twin(kept: _Draft, other: _Draft) -> bool:
    if other.speaker is not None and kept.speaker is not None and other.speaker.span != kept.speaker.span:
        return False
    shared = min(kept.content[1], other.content[1]) - max(kept.content[0], other.content[0])
    return shared > 0.6 * min(kept.content[1] - kept.content[0], other.content[1] - other.content[0])


# -- what the outlet itself reports


def _reported(article: EnrichedArticle, reading: Reading, taken: Collection[int]) -> list[_Draft]:
    """The sentences of headline and lead that tell of an event, less those ``taken`` by what others say."""
    found = []
    for number, unit in enumerate(reading.units[:LEAD_UNITS]):
        text = article.text[unit.start : unit.end]
        slots = slots_of(text, text, article.language)
        if number in taken or not (slots.actions and (slots.actors or slots.places)):
            continue
        modality = modality_of_text(text)
        if modality is Modality.QUESTION:
            continue
        found.append(_Draft((unit.start, unit.end), (unit.start, unit.end), text, None, None, None,
                            Polarity.ASSERTS, modality, number))  # fmt: skip
    return found


# -- the claims


def _claims(article: EnrichedArticle, reading: Reading, drafts: Sequence[_Draft]) -> Iterator[Claim]:
    seen: set[str] = set()
    published = article.published_at or article.page_published_at
    topics = tuple(sorted(match.slug for match in article.topics)) if isinstance(article, TaggedArticle) else ()
    for draft in sorted(drafts, key=lambda one: one.span):
        claim = _claim(article, reading, draft, published, topics)
        if claim.claim_id not in seen:
            seen.add(claim.claim_id)
            yield claim


def _bare(text: str, content: Span) -> Span:
    """A content without the "that" before it, and without the marks of one quotation around it."""
    start, end = content
    said = text[start:end]
    if said.startswith("that "):
        return start + len("that "), end
    whole = quotations(text, start, end)
    if len(whole) == 1 and (whole[0].start, whole[0].end) == (start, end) and end - start > 2:
        closed = 0 if whole[0].open_ended and said[-1:] not in "\"”’'" else 1
        return start + 1, end - closed
    return content


def _claim(
    article: EnrichedArticle, reading: Reading, draft: _Draft, published: datetime | None, topics: tuple[str, ...]
) -> Claim:
    text = article.text
    quote = text[slice(*draft.span)]
    speaker = draft.speaker.text if draft.speaker else None
    unit = reading.units[draft.unit]
    polarity, content, said = draft.polarity, draft.content, draft.said
    narrowed = denied_content(said) if polarity is Polarity.ASSERTS and said == text[slice(*content)] else None
    if narrowed:
        polarity, content = Polarity.DENIES, (content[0] + narrowed[0], content[0] + narrowed[1])
        said = text[slice(*content)]
    elif said == text[slice(*content)]:
        content = _bare(text, content)
        said = text[slice(*content)]
    dated = None if article.dates.uncertain else published
    slots = slots_of(said, text[unit.start : unit.end], article.language, dated)
    party = draft.speaker.party if draft.speaker else None
    # "Moscow denied plans to send troops", "the army said it had left": the speaker is who acts.
    own = party is not None and party not in slots.actors and _OF_SPEAKER.match(said) is not None
    actors = (party, *slots.actors) if party is not None and own else slots.actors
    return Claim(
        claim_id=stable_id("claim", article.article_id, speaker or "", " ".join(_WORD.findall(quote.casefold()))),
        topics=topics,
        article_id=article.article_id,
        revision=article.revision,
        story_id=article.story_id if isinstance(article, TaggedArticle) else "",
        lineage_id=article.lineage_id if isinstance(article, TaggedArticle) else "",
        url=article.canonical_url or article.url,
        publisher=article.publisher,
        publisher_kind=article.publisher_kind,
        language=article.language,
        published_at=published,
        first_seen_at=article.first_seen_at,
        date_uncertain=article.dates.uncertain,
        span=draft.span,
        quote=quote,
        speaker=speaker,
        speaker_span=draft.speaker.span if draft.speaker else None,
        speaker_party=party,
        via=draft.via,
        cue=draft.cue,
        polarity=polarity,
        modality=draft.modality,
        content=said,
        content_span=content,
        actors=actors,
        actions=slots.actions,
        places=slots.places,
        figures=slots.figures,
        event_time=slots.event_time,
    )
