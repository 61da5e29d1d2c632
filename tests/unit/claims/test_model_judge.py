"""The judge with a language model: when the model is asked, what its word is worth, and the built-in one itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from monitor.claims.judge import ModelJudge, Relation, RuleJudge, judge_of
from monitor.claims.nli import Entailment, TextPair
from monitor.claims.slots import slots_of
from monitor.models.store import built_in
from monitor.settings import JudgeSettings
from schemas import Claim

DAY = datetime(2026, 6, 4, 8, tzinfo=UTC)
CONFLICT, AGREEMENT = Entailment(0.97, 0.01), Entailment(0.01, 0.97)


class Reader:
    """Answers every pair alike, and keeps what it was asked."""

    name = "reader"

    def __init__(self, answer: Entailment, languages: Sequence[str] = ("en",)) -> None:
        self.languages = frozenset(languages)
        self.asked: list[TextPair] = []
        self._answer = answer

    def score(self, pairs: Sequence[TextPair]) -> list[Entailment]:
        """Return the one answer for each pair."""
        self.asked += pairs
        return [self._answer] * len(pairs)


def claim(content: str, *, day: int = 4, language: str = "en", uncertain: bool = False) -> Claim:
    """A claim with the slots of its content, quoted with its speaker."""
    at = DAY.replace(day=day)
    slots = slots_of(content, content, language, at)
    return Claim(
        claim_id=content, article_id=content, published_at=at, first_seen_at=at, language=language, span=(0, 1),
        quote=f"{content}, residents said", content=content, actors=slots.actors, actions=slots.actions,
        places=slots.places, figures=slots.figures, event_time=slots.event_time, date_uncertain=uncertain,
    )  # fmt: skip


def test_the_model_moves_the_score_both_ways() -> None:
    """The same pair is likelier to conflict where the model reads a contradiction than where it reads agreement."""
    texts = ("The mayor kept the bridge open.", "The mayor let nobody cross the bridge.")
    sure, rules = (ModelJudge(Reader(answer)).judge_texts(*texts).score for answer in (CONFLICT, AGREEMENT))
    assert sure > 0.5 > rules


def test_the_order_of_the_two_does_not_matter() -> None:
    """Texts and dates turned round give the same score, agreement and grounds."""
    judge = judge_of()
    a, b = "The ferry sank off Aden on Monday.", "No ferry sank off Aden."
    one = judge.judge_texts(a, b, date(2026, 6, 2), date(2026, 6, 3))
    other = judge.judge_texts(b, a, date(2026, 6, 3), date(2026, 6, 2))
    assert (one.relation, one.score, one.agreement, one.grounds) == (
        other.relation, other.score, other.agreement, other.grounds,
    )  # fmt: skip


def test_claims_that_share_nothing_are_not_read() -> None:
    """Reading takes a hundred times as long as the rules: it is spent only where something can come of it."""
    reader = Reader(CONFLICT)
    verdict = ModelJudge(reader).judge(claim("Ferry fares rose by a tenth"), claim("The army shelled the port"))
    assert reader.asked == []
    assert verdict == RuleJudge().judge(claim("Ferry fares rose by a tenth"), claim("The army shelled the port"))


def test_claims_are_read_as_quoted_with_the_days_between_them() -> None:
    """The quote has the denial that the content lacks; a date that is uncertain is not told."""
    reader = Reader(CONFLICT)
    judge = ModelJudge(reader)
    a, b = "Turkish jets bombed the bakery in Manbij", "Turkish jets never bombed the bakery in Manbij"
    judge.judge(claim(a), claim(b, day=6))
    judge.judge(claim(a), claim(b, day=6, uncertain=True))
    assert reader.asked == [(f"{a}, residents said", f"{b}, residents said", gap) for gap in (2, None)]


def test_other_languages_are_left_to_the_rules() -> None:
    """A model that reads English is not asked about French; one that names no languages is asked about any."""
    a, b = (claim(text, language="fr") for text in ("Le pont de Vilmora est tombé", "Le pont de Vilmora est debout"))
    english, any_ = Reader(CONFLICT), Reader(CONFLICT, ())
    ModelJudge(english).judge(a, b)
    ModelJudge(any_).judge(a, b)
    assert (len(english.asked), len(any_.asked)) == (0, 1)
    ModelJudge(english).judge_texts("Le pont de la ville est tombé dans la rivière", "Le pont est encore debout ici")
    assert english.asked == []


def test_the_model_alone_is_a_ground_only_for_one_event() -> None:
    """Alike in words and no slot that differs: else what the model reads as a conflict may be two events."""
    judge = ModelJudge(Reader(CONFLICT))
    here = judge.judge(claim("The militia burned the mill in Aleppo"), claim("The militia spared the mill in Aleppo"))
    there = judge.judge(claim("The militia burned the mill in Aleppo"), claim("The militia spared the mill in Mosul"))
    assert "model" in here.grounds
    assert "model" not in there.grounds
    unsure = ModelJudge(Reader(Entailment(0.6, 0.1)))
    verdict = unsure.judge(
        claim("The militia burned the mill in Aleppo"), claim("The militia spared the mill in Aleppo")
    )
    assert "model" not in verdict.grounds


def test_a_rising_toll_supersedes_whatever_the_model_reads() -> None:
    """Later and higher totals are no conflict, also where the model is sure that they are."""
    verdict = ModelJudge(Reader(CONFLICT)).judge_texts(
        "The fire in Vilmora killed 12 people.",
        "The fire in Vilmora killed 31 people.",
        date(2026, 6, 2),
        date(2026, 6, 4),
    )
    assert verdict.supersedes
    assert verdict.relation is Relation.UNRELATED


def test_rules_is_the_judge_without_a_model() -> None:
    """The name in the alert says which judge it was."""
    assert judge_of(JudgeSettings(model="rules")).name == RuleJudge().name
    assert judge_of().name.endswith(RuleJudge().name)


@pytest.mark.skipif(built_in() is None, reason="the package was built without the model")
@pytest.mark.parametrize(
    ("a", "b", "relation"),
    [
        ("The army denied that it had shelled the hospital.", "The army shelled the hospital.", Relation.CONTRADICTS),
        ("The minister has resigned.", "The minister remains in office.", Relation.CONTRADICTS),
        ("Both pilots died in the crash.", "No one survived: the two pilots were killed.", Relation.AGREES),
        ("The bridge at Vilmora was closed on Monday.", "Sugar prices rose in Kenya.", Relation.UNRELATED),
    ],
)
def test_the_built_in_model_reads_clear_pairs(a: str, b: str, relation: Relation) -> None:
    """Clear cases, with and without words that give them away."""
    assert judge_of().judge_texts(a, b).relation is relation
