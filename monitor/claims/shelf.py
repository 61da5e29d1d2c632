"""The ledger's memory: propositions, disputes and known claims in a byte store, with an inverted index in memory.

Keys: ``p|<day>|<proposition id>``, ``r|<day>|<topic>|<claim id>`` (day: days since 1970 of its last message), and
``a|<alert id>``. Values are JSON. The index is built from the store when the shelf is made.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, MutableMapping
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

from monitor.claims.features import GENERIC_ROLES
from monitor.claims.judge import Verdict
from monitor.claims.propositions import Proposition, content_key
from monitor.subjects import gazetteer
from monitor.window import day_of
from schemas import Alert, Claim

__all__ = ["Dispute", "Record", "Shelf"]

_STORY_WEIGHT: Final = 3
"""A shared story counts as much as actor, place and action together."""


class Record(BaseModel):
    """A claim that is known, and the proposition that it went to."""

    model_config = ConfigDict(frozen=True)

    claim_id: str
    topic: str
    article_id: str
    at: datetime
    proposition_id: str


class Dispute(BaseModel):
    """An alert and what it rests on: the verdict, given with the claim of ``first`` as a."""

    model_config = ConfigDict(frozen=True)

    alert: Alert
    first: str
    verdict: Verdict


class Shelf:
    """Keeps and finds. It decides nothing but what is old; every order is that of numbers and ids, never of a set."""

    def __init__(self, store: MutableMapping[str, bytes]) -> None:
        self._store = store
        self._propositions: dict[str, Proposition] = {}
        self._disputes: dict[str, Dispute] = {}
        self._records: dict[tuple[str, str], Record] = {}
        self._articles: dict[str, datetime] = {}
        self._postings: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._by_content: dict[str, str] = {}
        self._heirs: dict[str, str] = {}
        self._days: defaultdict[int, dict[tuple[str, str], None]] = defaultdict(dict)
        self._last_days: defaultdict[int, dict[str, None]] = defaultdict(dict)
        self._topics: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._number = 0
        self._load()

    # -- claims ----------------------------------------------------------------------------------------------------

    def record(self, claim: Claim) -> Record | None:
        """Return what is known of the claim on its topic."""
        return self._records.get((claim.topic, claim.claim_id))

    def put_record(self, record: Record) -> None:
        """Keep it; written again where it is known, as the table's changelog may lack it."""
        self._store[_record_key(record)] = record.model_dump_json().encode()
        self._take_record(record)

    def knows_article(self, article_id: str) -> bool:
        """Tell whether a claim of the article is known."""
        return article_id in self._articles

    def moments(self) -> list[datetime]:
        """Return the time of the first known claim of each article."""
        return list(self._articles.values())

    # -- propositions ------------------------------------------------------------------------------------------------

    def get(self, key: str) -> Proposition | None:
        """Return the proposition, or the one that it was merged into; None where it is forgotten."""
        return self._propositions.get(self._heirs.get(key, key))

    def all(self) -> list[Proposition]:
        """Return all propositions in the order they were founded."""
        return sorted(self._propositions.values(), key=lambda proposition: proposition.number)

    def by_content(self, claim: Claim) -> Proposition | None:
        """Return the proposition that holds a claim in the same words by the same speaker."""
        key = self._by_content.get(content_key(claim))
        return self.get(key) if key else None

    def next_number(self) -> int:
        """Return the number of the next proposition."""
        return self._number

    def put(self, proposition: Proposition) -> None:
        """Keep the proposition, in place of what was kept under its id."""
        self._drop(proposition.proposition_id)
        self._store[_proposition_key(proposition)] = proposition.model_dump_json().encode()
        self._take(proposition)

    def absorb(self, heir: Proposition, other: Proposition) -> None:
        """Merge ``other`` into ``heir``."""
        self._drop(other.proposition_id)
        self.put(heir.merged(other))

    def candidates(self, claim: Claim) -> list[Proposition]:
        """Return the propositions on the claim's topic that share its story or article, or a named actor and a place.

        Those that share most come first, among them the newest. Found by the index: what shares nothing is not seen.
        """
        near: Counter[str] = Counter()
        for key in _meeting_keys(claim):
            for found in self._postings.get(key, ()):
                near[found] = _STORY_WEIGHT
        actors = self._posted(f"{claim.topic}|actor|{actor}" for actor in _actors(claim))
        places = self._posted(_place_queries(claim))
        for found in actors & places if len(actors) < len(places) else places & actors:
            near[found] += 2
        for action in claim.actions:
            for found in self._postings.get(f"{claim.topic}|action|{action}", ()):
                if found in near:
                    near[found] += 1
        chosen = [self._propositions[key] for key in near]
        return sorted(chosen, key=lambda one: (-near[one.proposition_id], -one.number))

    # -- disputes ----------------------------------------------------------------------------------------------------

    def dispute(self, alert_id: str) -> Dispute | None:
        """Return the dispute of an alert."""
        return self._disputes.get(alert_id)

    def put_dispute(self, dispute: Dispute) -> None:
        """Keep the dispute."""
        self._store[f"a|{dispute.alert.alert_id}"] = dispute.model_dump_json().encode()
        self._disputes[dispute.alert.alert_id] = dispute

    # -- forgetting --------------------------------------------------------------------------------------------------

    def forget_before(self, moment: datetime) -> None:
        """Drop what nothing was added to since the day of ``moment``."""
        first = day_of(moment)
        for old in [name for day in sorted(self._last_days) if day < first for name in self._last_days[day]]:
            self._forget(self._propositions[old])
        for day in [day for day in self._days if day < first]:
            for key in self._days.pop(day):
                record = self._records.pop(key)
                self._store.pop(_record_key(record), None)
                self._articles.pop(record.article_id, None)

    def forget_above(self, topic: str, most: int) -> None:
        """Drop the propositions of a topic to which nothing was added for longest, until ``most`` are left."""
        surplus = len(self._topics[topic]) - most
        if surplus > 0:
            known = (self._propositions[key] for key in self._topics[topic])
            for proposition in sorted(known, key=lambda one: (one.last_at, one.number))[:surplus]:
                self._forget(proposition)

    def _forget(self, proposition: Proposition) -> None:
        self._drop(proposition.proposition_id)
        for alert_id in [
            key for key, dispute in self._disputes.items()
            if proposition.proposition_id in (side.proposition_id for side in dispute.alert.sides)
        ]:  # fmt: skip
            del self._disputes[alert_id]
            self._store.pop(f"a|{alert_id}", None)

    # -- index -------------------------------------------------------------------------------------------------------

    def _load(self) -> None:
        propositions, records = [], []
        for key, value in self._store.items():
            if key.startswith("p|"):
                propositions.append(Proposition.model_validate_json(value))
            elif key.startswith("r|"):
                records.append(Record.model_validate_json(value))
            elif key.startswith("a|"):
                dispute = Dispute.model_validate_json(value)
                self._disputes[dispute.alert.alert_id] = dispute
        for proposition in sorted(propositions, key=lambda one: one.number):
            self._take(proposition)
        for record in sorted(records, key=lambda one: (one.at, one.topic, one.claim_id)):
            self._take_record(record)

    def _take_record(self, record: Record) -> None:
        self._records[record.topic, record.claim_id] = record
        self._articles.setdefault(record.article_id, record.at)
        self._days[day_of(record.at)][record.topic, record.claim_id] = None

    def _take(self, proposition: Proposition) -> None:
        key = proposition.proposition_id
        self._propositions[key] = proposition
        self._last_days[day_of(proposition.last_at)][key] = None
        self._topics[proposition.topic][key] = None
        self._number = max(self._number, proposition.number + 1)
        for posting in _postings_of(proposition):
            self._postings[posting][key] = None
        for claim in proposition.claims:
            self._by_content.setdefault(content_key(claim), key)
        for absorbed in proposition.absorbed:
            self._heirs[absorbed] = key

    def _drop(self, key: str) -> None:
        proposition = self._propositions.pop(key, None)
        if proposition is None:
            return
        self._store.pop(_proposition_key(proposition), None)
        day = day_of(proposition.last_at)
        self._last_days[day].pop(key, None)
        if not self._last_days[day]:
            del self._last_days[day]
        self._topics[proposition.topic].pop(key, None)
        for posting in _postings_of(proposition):
            listed = self._postings[posting]
            listed.pop(key, None)
            if not listed:
                del self._postings[posting]
        for claim in proposition.claims:
            if self._by_content.get(content_key(claim)) == key:
                del self._by_content[content_key(claim)]
        for absorbed in proposition.absorbed:
            self._heirs.pop(absorbed, None)

    def _posted(self, keys: Iterable[str]) -> set[str]:
        return {found for key in keys for found in self._postings.get(key, ())}


def _postings_of(proposition: Proposition) -> Iterator[str]:
    """Yield the keys under which a proposition is found: of its founder, and the articles and stories of its claims."""
    founder = proposition.founder
    for claim in proposition.claims:
        yield from _meeting_keys(claim)
    for kind, values in (("actor", _actors(founder)), ("place", founder.places), ("action", founder.actions)):
        for value in values:
            yield f"{proposition.topic}|{kind}|{value}"
    for country in _countries(founder):
        yield f"{proposition.topic}|inside|{country}"


def _place_queries(claim: Claim) -> Iterator[str]:
    """Yield the keys of what is at a claim's places, inside one of them, or at the country that holds one."""
    for place in claim.places:
        yield f"{claim.topic}|place|{place}"
        yield f"{claim.topic}|inside|{place}"
    for country in _countries(claim):
        yield f"{claim.topic}|place|{country}"


def _countries(claim: Claim) -> Iterable[str]:
    found = (gazetteer.country_of(place) for place in claim.places)
    return dict.fromkeys(country for country in found if country is not None and country not in claim.places)


def _meeting_keys(claim: Claim) -> Iterator[str]:
    yield f"{claim.topic}|article|{claim.article_id}"
    if claim.story_id:
        yield f"{claim.topic}|story|{claim.story_id}"


def _actors(claim: Claim) -> Iterable[str]:
    named = [actor for actor in claim.actors if actor not in GENERIC_ROLES]
    return dict.fromkeys([*named, claim.speaker_party] if claim.speaker_party else named)


def _proposition_key(proposition: Proposition) -> str:
    return f"p|{day_of(proposition.last_at):06d}|{proposition.proposition_id}"


def _record_key(record: Record) -> str:
    return f"r|{day_of(record.at):06d}|{record.topic}|{record.claim_id}"
