"""The ledger: propositions, the alerts between them, and its memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.claims.judge import RuleJudge
from monitor.claims.ledger import Ledger
from monitor.claims.propositions import PropositionState
from monitor.claims.slots import slots_of
from monitor.ids import stable_id
from monitor.settings import JudgeSettings
from schemas import Alert, AlertKind, AlertState, Claim, Modality, Polarity, PublisherKind, Scope, Severity

START = datetime(2026, 6, 4, 8, tzinfo=UTC)
JUDGE = RuleJudge()


def claim(content: str, article: str = "a", *, hours: float = 0, denies: bool = False, **fields: Any) -> Claim:
    """A claim of an article of a paper of its own, with the slots of its content; ``fields`` change it."""
    at = START + timedelta(hours=hours)
    slots = slots_of(content, content, "en", at)
    start = fields.pop("start", 0)
    base: dict[str, Any] = {
        "claim_id": stable_id("claim", article, content, str(denies)), "topic": "turkey", "topics": ("turkey",),
        "article_id": article, "lineage_id": f"lineage-{article}", "story_id": "story", "publisher": f"Paper {article}",
        "publisher_kind": PublisherKind.PAPER, "language": "en", "published_at": at, "first_seen_at": at,
        "span": (start, start + len(content)), "quote": content, "content": content, "speaker": f"speaker {article}",
        "polarity": Polarity.DENIES if denies else Polarity.ASSERTS, "actors": slots.actors, "actions": slots.actions,
        "places": slots.places, "figures": slots.figures, "event_time": slots.event_time,
    }  # fmt: skip
    return Claim(**(base | fields))


def ledger(store: dict[str, bytes] | None = None, **options: Any) -> Ledger:
    """A ledger over a store of its own."""
    return Ledger({} if store is None else store, JUDGE, JudgeSettings(**options))


def final(alerts: Iterable[Alert]) -> dict[str, Alert]:
    """The last of each alert by id."""
    return {alert.alert_id: alert for alert in alerts}


STRIKE = "Turkish jets bombed a bakery in Manbij"
DENIAL = "its jets had bombed a bakery in Manbij"


def strike(article: str = "a", **fields: Any) -> Claim:
    """The report."""
    return claim(STRIKE, article, **fields)


def denial(article: str = "d", **fields: Any) -> Claim:
    """The denial by the party that is said to have done it."""
    return claim(DENIAL, article, denies=True, speaker="Ankara", speaker_party="turkey", **fields)


def test_a_report_and_its_denial_make_one_alert() -> None:
    """First the assertion, then the denial; the words say disputed, never false."""
    book = ledger()
    assert book.add(strike()) == []
    (alert,) = book.add(denial(hours=2))
    assert (alert.kind, alert.state, alert.scope, alert.revision) == (
        AlertKind.DENIAL, AlertState.CONTESTED, Scope.FULL, 1,
    )  # fmt: skip
    assert [side.claims[0].quote for side in alert.sides] == [STRIKE, DENIAL]
    assert alert.alert_id == stable_id("alert", *sorted(side.proposition_id for side in alert.sides))
    assert alert.created_at == alert.updated_at == START + timedelta(hours=2)
    assert "disputed by Ankara" in alert.summary
    assert "false" not in alert.summary.lower()
    assert not alert.same_article


def test_the_order_of_arrival_changes_neither_the_sides_nor_the_id_of_the_alert() -> None:
    """A denial that is seen before the report still stands second."""
    one, other = ledger(), ledger()
    one.add(strike())
    (first,) = one.add(denial())
    other.add(denial())
    (second,) = other.add(strike())
    assert first.alert_id == second.alert_id
    assert [side.proposition_id for side in first.sides] == [side.proposition_id for side in second.sides]


def test_a_claim_that_comes_again_gets_the_stored_alert_and_changes_nothing() -> None:
    """A redelivery answers with what was decided, in the same revision, from the same bytes."""
    store: dict[str, bytes] = {}
    book = ledger(store)
    book.add(strike())
    (alert,) = book.add(denial())
    before = dict(store)
    assert book.add(denial()) == [alert]
    assert book.add(strike()) == [alert]
    assert ledger(store).add(denial()) == [alert]
    assert store == before


def test_a_ledger_made_anew_from_its_store_decides_alike() -> None:
    """A restart between any two claims changes no alert."""
    claims = [
        strike(), denial(hours=1), strike("b", hours=2), claim("Turkish jets hit a bakery in Manbij", "c", hours=3),
        claim("the strike on Manbij killed 9 people", "e", hours=4),
        claim("the strike on Manbij killed 30 people", "f", hours=4),
        denial("g", hours=5),
    ]  # fmt: skip
    whole, store = ledger(), {}
    straight = [whole.add(one) for one in claims]
    restarted = [ledger(store).add(one) for one in claims]
    assert straight == restarted
    assert any(straight)


def test_wire_copies_raise_outlets_but_neither_origins_nor_severity() -> None:
    """One text in many outlets is one origin."""
    book = ledger()
    book.add(strike())
    (first,) = book.add(denial(hours=1))
    for number in range(5):
        (alert,) = book.add(strike(f"copy-{number}", hours=2 + number, lineage_id="lineage-a", speaker="speaker a"))
    assert alert.alert_id == first.alert_id
    assert (alert.sides[0].origins, alert.sides[0].outlets) == (1, 6)
    assert alert.severity == first.severity
    assert alert.revision == first.revision + 5


def test_independent_reports_raise_origins_and_severity() -> None:
    """Reports that owe nothing to each other weigh more than one; unreviewed ones do not."""

    def severity(kind: PublisherKind) -> Severity:
        book = ledger()
        book.add(strike(publisher_kind=kind))
        for number in range(4):
            book.add(strike(f"more-{number}", publisher_kind=kind))
        (alert,) = book.add(denial())
        assert alert.sides[0].origins == 5
        return alert.severity

    assert severity(PublisherKind.PAPER) is Severity.HIGH
    assert severity(PublisherKind.UNREVIEWED) is not Severity.HIGH


def test_a_denial_within_the_article_is_one_low_alert_however_often_it_is_said() -> None:
    """Claimed by A, denied by B, same article; the second sentence of B's denial opens nothing."""
    book = ledger()
    alerts = book.add_all(
        [
            claim("A grain ship sank after a collision with a tanker off Cape Maru", speaker="the coast guard"),
            claim("the two ships had touched", start=100, denies=True, speaker="Captain Ilse Brandt"),
            claim("There was no collision", start=200, speaker="Brandt"),
        ]
    )
    assert len(alerts) == 1
    assert alerts[0].same_article
    assert (alerts[0].kind, alerts[0].revision, alerts[0].severity) == (AlertKind.DENIAL, 1, Severity.LOW)


def test_reports_that_one_denial_counters_stand_on_one_side() -> None:
    """Three witnesses in one article against one denial are one alert, and another matter is not drawn in."""
    book = ledger()
    article = [
        claim("Russian soldiers are fighting beside government forces in Syria", speaker="state television"),
        claim("a Russian force had arrived in Syria to set up camp near Damascus", start=100, speaker="diplomats"),
        claim("Russian soldiers fought beside government forces in Latakia", start=180, speaker="a film"),
        claim("plans to station troops in Syria", start=250, denies=True, speaker="Moscow", speaker_party="russia",
              modality=Modality.PLAN),
        claim("Russia has delayed an inquiry into chemical weapons in Syria", start=300, speaker="envoys"),
    ]  # fmt: skip
    (alert,) = book.add_all(article)
    assert [len(side.claims) for side in alert.sides] == [3, 1]
    assert (alert.kind, alert.scope, alert.severity) == (AlertKind.DENIAL, Scope.PARTIAL, Severity.LOW)


def test_words_inside_a_denial_are_nobodys_assertion() -> None:
    """Of "denied that X had fired", "X had fired" is no report of its own."""
    book = ledger()
    book.add(claim("rebels had shot down a helicopter in Manbij", denies=True, speaker="the army"))
    assert book.add(claim("a helicopter in Manbij", start=21, speaker="rebels had shot down")) == []
    assert len(book.propositions) == 1


def test_a_rising_toll_supersedes_and_a_falling_one_conflicts() -> None:
    """The later higher total brings the earlier up to date; a total cannot fall."""
    book = ledger()
    book.add(claim("the fire in Manbij killed 12 people"))
    assert book.add(claim("the fire in Manbij killed 31 people", "b", hours=5)) == []
    assert [one.state for one in book.propositions] == [PropositionState.SUPERSEDED, PropositionState.UNVERIFIED]
    (alert,) = book.add(claim("the fire in Manbij killed 20 people", "c", hours=9))
    assert alert.kind is AlertKind.FIGURE


def test_a_superseded_figure_moves_its_alert() -> None:
    """An alert on a total that is out of date says so, once."""
    book = ledger()
    book.add(claim("the fire in Manbij killed 31 people"))
    (opened,) = book.add(claim("the fire in Manbij killed 12 people", "b"))
    changed = final(book.add(claim("the fire in Manbij killed 44 people", "c", hours=6)))
    assert changed[opened.alert_id].state is AlertState.SUPERSEDED
    assert changed[opened.alert_id].revision == 2


def test_a_later_revision_that_says_otherwise_is_a_correction() -> None:
    """The paper's own second figure corrects its first, in one alert of its own kind."""
    book = ledger()
    book.add(claim("the riot in Manbij killed 28 inmates"))
    (alert,) = book.add(claim("the riot in Manbij killed 18 inmates", hours=3, revision=2))
    assert (alert.kind, alert.state, alert.revision) == (AlertKind.CORRECTION, AlertState.CORRECTED, 1)
    assert [side.claims[0].quote[-10:] for side in alert.sides] == ["28 inmates", "18 inmates"]


def test_a_retraction_updates_the_alert_once_and_opens_none() -> None:
    """Who takes back a report is no side of the dispute about it."""
    book = ledger()
    book.add(strike())
    (opened,) = book.add(denial(hours=1))
    notice = claim(
        STRIKE,
        "r",
        hours=9,
        publisher="Paper a",
        quote=f"The Paper retracts its report that {STRIKE}",
        speaker="The Paper",
    )
    (alert,) = book.add(notice)
    assert (alert.alert_id, alert.state, alert.revision) == (opened.alert_id, AlertState.RETRACTED, 2)
    assert book.add(notice) == [] or book.add(notice) == [alert]
    other = claim(STRIKE, "x", publisher="Paper x", quote=f"The Paper retracts its report that {STRIKE}")
    assert book.add(other) == []


def test_a_pair_with_two_topics_in_common_is_alerted_on_the_first_alone() -> None:
    """Each alert has one writer."""
    both = {"topics": ("syria", "turkey")}
    alerts = []
    for topic in both["topics"]:
        book = ledger()
        book.add(strike(topic=topic, **both))
        alerts.append(book.add(denial(topic=topic, **both)))
    assert [len(found) for found in alerts] == [1, 0]


def test_topics_of_one_partition_do_not_meet() -> None:
    """Claims on two topics in one ledger are not compared."""
    book = ledger()
    book.add(strike(topic="syria", topics=("syria",)))
    assert book.add(denial(topic="turkey", topics=("turkey",))) == []


@pytest.mark.parametrize("fields", [{"publisher_kind": PublisherKind.SATIRE}, {"modality": Modality.QUESTION}])
def test_satire_and_questions_found_no_proposition(fields: dict[str, Any]) -> None:
    """What makes no claim of fact leaves only its count."""
    book = ledger()
    assert book.add(strike(**fields)) == []
    assert book.propositions == []
    assert sum(book.counts.values()) == 1


def test_an_uncertain_date_is_told_and_does_not_page() -> None:
    """An old story with a new date stays low."""
    book = ledger()
    book.add(strike(date_uncertain=True))
    for number in range(4):
        book.add(strike(f"more-{number}"))
    (alert,) = book.add(denial())
    assert alert.date_uncertain
    assert alert.severity is Severity.LOW


def test_a_side_keeps_twenty_claims_and_counts_all() -> None:
    """Evidence is capped, counts are not."""
    book = ledger()
    for number in range(30):
        book.add(strike(f"a-{number}"))
    (alert,) = book.add(denial())
    assert len(alert.sides[0].claims) == 20
    assert (alert.sides[0].origins, alert.sides[0].outlets) == (30, 30)


def test_what_is_old_by_the_messages_time_is_forgotten_with_its_keys() -> None:
    """The window moves with the messages; three of a later time move it, one from the future does not."""
    store: dict[str, bytes] = {}
    book = ledger(store, window_days=14)
    book.add(strike())
    book.add(denial())
    book.add(claim("Goats were sold in Bursa", "future", hours=24 * 400, story_id="f"))
    assert len(book.add(denial("again", hours=3))) == 1
    for number in range(3):
        book.add(claim(f"Ferry {number} was late", f"late-{number}", hours=24 * 40 + number, story_id=f"s{number}"))
    kept = {one.founder.article_id for one in book.propositions}
    assert kept == {"future", "late-0", "late-1", "late-2"}
    assert not [key for key in store if key.startswith("a|")]
    assert ledger(store).add(denial("again", hours=3)) == []


def test_a_topic_keeps_the_propositions_that_were_added_to_last() -> None:
    """Above the limit the ones that nothing was added to for longest go, whole."""
    book = ledger(max_propositions=100)
    for number in range(130):
        book.add(
            claim(
                f"Ferry {number} to Izmir carried {number} goats",
                f"a-{number}",
                hours=number / 10,
                story_id=f"s{number}",
            )
        )
    assert len(book.propositions) == 100
    assert book.propositions[0].founder.article_id == "a-30"


def test_a_town_and_its_country_meet_two_towns_of_one_country_do_not() -> None:
    """A denial for the whole of Syria finds the report from Manbij, in another story too; one from Raqqa does not."""
    country = ledger()
    country.add(strike(story_id="s1", actors=("turkey",)))
    assert len(country.add(denial(story_id="s2", places=("syria",)))) == 1
    town = ledger()
    town.add(strike(story_id="s1", actors=("turkey",)))
    assert town.add(denial(story_id="s2", places=("raqqa",))) == []
    assert not town.counts


def test_gates_are_counted_by_outcome() -> None:
    """What was held back is counted, never silently dropped."""
    book = ledger()
    book.add(strike(story_id="s1"))
    book.add(denial(story_id="s2", published_at=None))
    assert book.counts["time", "abstain"] == 1
    book.add(strike("b", story_id="s1", language="fr"))
    assert book.counts["language", "abstain"] >= 1


def test_a_party_that_says_it_did_not_do_it_denies_it_without_the_verb() -> None:
    """Said by Ankara, "Turkish jets had not bombed" is a denial; by somebody else it is another account."""
    content = "Turkish jets had not bombed a bakery in Manbij"
    own = claim(content, "d", speaker="Ankara", speaker_party="turkey")
    other = claim(content, "d", speaker="a baker")
    kinds = []
    for counter in (own, other):
        books = ledger()
        (alert,) = final([*books.add(strike()), *books.add(counter)]).values()
        kinds.append(alert.kind)
    assert kinds == [AlertKind.DENIAL, AlertKind.CONTRADICTION]


def test_tolls_of_two_towns_are_no_dispute_even_where_no_gazetteer_has_them() -> None:
    """Both name a place, and none in common."""
    books = ledger()
    books.add(claim("16 civilians were killed in the town of Qarlat", "a", speaker="a monitor"))
    assert books.add(claim("9 civilians were killed in the town of Sumrin", "b", speaker="a doctor")) == []


def test_a_denial_does_not_speak_of_what_is_reported_days_later() -> None:
    """An old denial against a new report of a like event is no dispute; a new denial of an old report is one."""
    books = ledger()
    books.add(denial(hours=0))
    assert books.add(strike(hours=96)) == []
    books = ledger()
    books.add(strike(hours=0))
    assert len(books.add(denial(hours=96))) == 1
