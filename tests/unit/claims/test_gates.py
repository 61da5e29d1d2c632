"""Gates before the judge: each lets pass, holds back or abstains, and says why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.claims.gates import Outcome, admits, gate_pair, passed
from schemas import Claim, Modality, PublisherKind

DAY = datetime(2026, 6, 4, 8, tzinfo=UTC)


def claim(article: str = "a", **fields: Any) -> Claim:
    """A claim on a strike by Turkey on Manbij; ``fields`` change it."""
    base: dict[str, Any] = {
        "claim_id": f"claim-{article}", "article_id": article, "lineage_id": f"lineage-{article}", "language": "en",
        "published_at": DAY, "first_seen_at": DAY, "span": (0, 20), "quote": "Turkish jets hit Manbij",
        "content": "Turkish jets hit Manbij", "speaker": article, "actors": ("turkey",), "actions": ("strike",),
        "places": ("manbij",), "publisher_kind": PublisherKind.PAPER,
    }  # fmt: skip
    return Claim(**(base | fields))


def last(a: Claim, b: Claim) -> tuple[str, Outcome]:
    """The gate that decided, and how."""
    result = list(gate_pair(a, b))[-1]
    assert result.why
    return result.gate, result.outcome


def test_two_reports_on_one_actor_place_and_time_pass_every_gate() -> None:
    """Nothing holds back two papers on one event."""
    results = list(gate_pair(claim("a"), claim("b")))
    assert passed(results)
    assert [result.gate for result in results] == ["fact", "lineage", "voice", "language", "event", "time"]


@pytest.mark.parametrize(
    ("fields", "gate", "outcome"),
    [
        ({"publisher_kind": PublisherKind.SATIRE}, "publisher", Outcome.REJECT),
        ({"modality": Modality.QUESTION}, "fact", Outcome.REJECT),
        ({"modality": Modality.CONDITION}, "fact", Outcome.REJECT),
        ({"lineage_id": "lineage-a"}, "lineage", Outcome.REJECT),
        ({"language": "fr"}, "language", Outcome.ABSTAIN),
        ({"places": ("raqqa",)}, "event", Outcome.REJECT),
        ({"places": ()}, "event", Outcome.ABSTAIN),
        ({"actors": ("iran",)}, "event", Outcome.ABSTAIN),
        ({"actors": ("army",)}, "event", Outcome.ABSTAIN),
        ({"published_at": None}, "time", Outcome.ABSTAIN),
        ({"published_at": DAY + timedelta(days=40)}, "time", Outcome.REJECT),
    ],
)
def test_each_gate_holds_back_what_it_is_for(fields: dict[str, Any], gate: str, outcome: Outcome) -> None:
    """A copy, another place or time, and what is missing are held back, each by its own gate."""
    assert last(claim("a"), claim("b", **fields)) == (gate, outcome)


def test_two_named_days_that_differ_are_two_events() -> None:
    """A strike on Monday is not the strike on Wednesday, not even in one story."""
    monday = claim("a", event_time="2026-06-01", story_id="s")
    assert last(monday, claim("b", event_time="2026-06-03", story_id="s")) == ("time", Outcome.REJECT)
    assert last(monday, claim("b", event_time="2026-06-01", story_id="s")) == ("time", Outcome.PASS)


def test_a_story_in_common_stands_for_actor_place_and_date() -> None:
    """Within one story a claim may leave open who and where and when."""
    bare = claim("b", actors=(), places=(), published_at=None, story_id="s")
    assert last(claim("a", story_id="s"), bare) == ("time", Outcome.PASS)


def test_a_speaker_does_not_dispute_himself_within_an_article() -> None:
    """One party's sentences, and nested readings of one sentence, are no dispute."""
    one = claim("a", speaker_party="turkey")
    same_party = claim("a", speaker_party="turkey", span=(30, 50))
    nested = claim("a", speaker="another", span=(5, 15))
    assert last(one, same_party) == ("voice", Outcome.REJECT)
    assert last(one, nested) == ("voice", Outcome.REJECT)
    assert last(one, claim("a", speaker="another", span=(30, 50)))[0] == "time"


def test_what_makes_no_claim_of_fact_is_not_admitted() -> None:
    """Satire and questions never reach a side of an alert; hedged claims do."""
    assert admits(claim(publisher_kind=PublisherKind.SATIRE)).outcome is Outcome.REJECT
    assert admits(claim(modality=Modality.QUESTION)).outcome is Outcome.REJECT
    assert admits(claim(modality=Modality.ALLEGATION)).outcome is Outcome.PASS
