"""The rule judge on plain texts and on claims: relation, kind, scope, and what it must not fall for."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from monitor.claims.judge import Relation, RuleJudge
from monitor.claims.slots import slots_of
from schemas import AlertKind, Claim, Modality, Polarity, Scope, SlotMatch

JUDGE = RuleJudge()
DAY = datetime(2026, 6, 4, 8, tzinfo=UTC)


def claim(content: str, *, party: str | None = None, denies: bool = False, plan: bool = False, day: int = 4) -> Claim:
    """A claim with the slots of its content."""
    at = DAY.replace(day=day)
    slots = slots_of(content, content, "en", at)
    return Claim(
        claim_id=content, article_id=content, published_at=at, first_seen_at=at, language="en", span=(0, 1),
        quote=content, content=content, speaker=party, speaker_party=party,
        polarity=Polarity.DENIES if denies else Polarity.ASSERTS, modality=Modality.PLAN if plan else Modality.FACT,
        actors=slots.actors, actions=slots.actions, places=slots.places, figures=slots.figures,
        event_time=slots.event_time,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        ("The navy denied that it sank the trawler.", "The navy sank the trawler.", AlertKind.DENIAL),
        ("Reports that the dam burst are false, the governor said.", "The dam burst.", AlertKind.DENIAL),
        ("There is no evidence that the guard was asleep.", "The guard was asleep.", AlertKind.DENIAL),
        ("The bishop has not resigned.", "The bishop has resigned.", AlertKind.CONTRADICTION),
        ("The court convicted the broker.", "The court acquitted the broker.", AlertKind.CONTRADICTION),
        ("Exports of tea rose in May.", "Exports of tea fell in May.", AlertKind.CONTRADICTION),
        ("The fire in Vilmora killed 31 people.", "The fire in Vilmora killed 12 people.", AlertKind.FIGURE),
    ],
)
def test_clear_conflicts_are_found_with_their_kind(a: str, b: str, kind: AlertKind) -> None:
    """Denials with and without a verb of denying, negation, opposites and figures contradict."""
    verdict = JUDGE.judge_texts(a, b)
    assert (verdict.relation, verdict.kind) == (Relation.CONTRADICTS, kind)
    assert verdict.grounds


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("The army shelled the port.", "Ferry fares rose by a tenth."),
        ("A court denied bail to the broker.", "The broker stole the money."),
        ("The photo of the wolf is a hoax.", "No, that photo of a wolf is fake."),
        ("The navy denied that it sank the trawler.", "The navy did not sink the trawler."),
        ("At least 30 people died in the fire.", "The fire killed 34 people."),
        ("The museum did not deny that the vase was stolen.", "The vase was stolen."),
        ("The ship sank but nobody was hurt.", "The ship sank in the night."),
    ],
)
def test_what_looks_like_a_conflict_and_is_none(a: str, b: str) -> None:
    """Strangers, bail denied, two debunks, an open figure and a negation of something else do not contradict."""
    assert JUDGE.judge_texts(a, b).relation is not Relation.CONTRADICTS


@pytest.mark.parametrize("a", ["The navy denied that it sank the trawler.", "Nobody died.", "", "…", "Did it?"])
@pytest.mark.parametrize("b", ["The navy sank the trawler.", "42", "\n", "Море спокойно."])
def test_any_two_texts_get_a_probability_that_their_order_does_not_change(a: str, b: str) -> None:
    """Empty, foreign and odd texts are judged too, and the same from both sides."""
    one, other = JUDGE.judge_texts(a, b), JUDGE.judge_texts(b, a)
    assert 0 <= one.score <= 1
    assert (one.relation, one.score, one.kind) == (other.relation, other.score, other.kind)


def test_a_later_higher_toll_supersedes_and_a_lower_one_conflicts() -> None:
    """A total that rises brings the earlier up to date; one that falls cannot."""
    early, late = "The quake in Iran killed 40 people.", "The quake in Iran killed 66 people."
    risen = JUDGE.judge_texts(early, late, date(2026, 6, 1), date(2026, 6, 3))
    fallen = JUDGE.judge_texts(late, early, date(2026, 6, 1), date(2026, 6, 3))
    assert risen.supersedes
    assert risen.relation is not Relation.CONTRADICTS
    assert not fallen.supersedes
    assert (fallen.relation, fallen.kind) == (Relation.CONTRADICTS, AlertKind.FIGURE)


def test_a_rising_toll_without_dates_is_no_update() -> None:
    """Without dates nobody can say which figure is the later one."""
    verdict = JUDGE.judge_texts("The quake in Iran killed 40 people.", "The quake in Iran killed 66 people.")
    assert not verdict.supersedes


def test_a_denied_plan_counters_the_deed_only_in_part() -> None:
    """Who denies plans to station troops has not denied that they fight: a denial of partial scope."""
    deed = claim("Russian soldiers are fighting beside government forces in Syria")
    denial = claim("plans to station troops in Syria", party="russia", denies=True, plan=True)
    verdict = JUDGE.judge(deed, denial)
    assert (verdict.relation, verdict.kind, verdict.scope) == (Relation.CONTRADICTS, AlertKind.DENIAL, Scope.PARTIAL)
    slots = {slot.slot: slot.match for slot in verdict.slots}
    assert slots["actor"] is SlotMatch.SAME
    assert slots["place"] is SlotMatch.SAME


def test_a_denial_about_another_matter_has_no_grounds() -> None:
    """The same party and the same country are not enough: something denied must be what was put forward."""
    inquiry = claim("Russia has delayed an inquiry into chemical weapons in Syria")
    denial = claim("plans to station troops in Syria", party="russia", denies=True, plan=True)
    assert not JUDGE.judge(inquiry, denial).grounds


def test_polarity_of_a_claim_turns_its_content() -> None:
    """The same words put forward and denied contradict; denied twice they do not."""
    said, denied = claim("its frigate had rammed the trawler"), claim("its frigate had rammed the trawler", denies=True)
    assert JUDGE.judge(said, denied).relation is Relation.CONTRADICTS
    assert JUDGE.judge(denied, denied).relation is Relation.AGREES


def test_actors_are_compared_by_party_and_plain_roles_never_differ() -> None:
    """Kremlin and Russia are one; "the army" says nothing of whose it is."""
    kremlin = claim("the Kremlin sent tanks to Donetsk")
    russia = claim("Russia sent tanks to Donetsk")
    army = claim("the army sent tanks to Donetsk")
    actor = {
        name: next(slot.match for slot in JUDGE.judge(russia, other).slots if slot.slot == "actor")
        for name, other in (("kremlin", kremlin), ("army", army))
    }
    assert actor == {"kremlin": SlotMatch.SAME, "army": SlotMatch.UNKNOWN}
