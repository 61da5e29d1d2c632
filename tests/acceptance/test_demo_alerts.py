"""Exactly the alerts that the sample articles must raise, through the pure functions of the pipeline."""

from collections.abc import Collection, Iterable
from functools import cache

import pytest

from monitor.claims.extract import extract
from monitor.claims.judge import judge_of
from monitor.demo.corpus import Corpus, SampleArticle, load
from monitor.demo.expected import ExpectedAlert, ExpectedSide
from schemas import Alert, AlertSide, Severity, TaggedArticle
from tests.support.stages import Contradict, tag

CORPUS: Corpus = load()
SCENARIO_OF = {article.as_article().article_id: article.scenario for article in CORPUS.articles}
RANK = {Severity.LOW: 0, Severity.MEDIUM: 1, Severity.HIGH: 2}


@cache
def tagged() -> dict[str, TaggedArticle]:
    """Return every sample article (by its id in the corpus) with language, story, lineage and topics."""
    found = tag(article.as_article() for article in CORPUS.articles)
    return {sample.id: article for sample, (_, _, article) in zip(CORPUS.articles, found, strict=True)}


def updates(articles: Iterable[TaggedArticle]) -> list[Alert]:
    """Return every alert, and every update of one, in the order in which they come out."""
    contradict = Contradict(judge_of())
    return [alert for article in articles for _, alerts in contradict.add(article) for alert in alerts]


@cache
def alerts() -> dict[str, Alert]:
    """Return the last revision of every alert of the corpus, by alert id."""
    return {alert.alert_id: alert for alert in updates(tagged().values())}


def scenarios_of(alert: Alert) -> set[str]:
    """Return the scenarios whose articles an alert shows."""
    return {SCENARIO_OF[claim.article_id] for side in alert.sides for claim in side.claims}


def of_scenario(scenario: str, among: Collection[Alert] | None = None) -> list[Alert]:
    """Return the alerts that show an article of a scenario."""
    return [alert for alert in (alerts().values() if among is None else among) if scenario in scenarios_of(alert)]


def check_side(side: AlertSide, expected: ExpectedSide) -> None:
    """Compare one side with what is expected: its articles, counts and words."""
    wanted = {CORPUS.article(id_).as_article().article_id for id_ in expected.articles}
    assert {claim.article_id for claim in side.claims} == wanted
    assert (side.origins, side.outlets) == (expected.origins, expected.outlets)
    quotes = [claim.quote for claim in side.claims]
    assert any(words in quote for words in expected.quotes for quote in quotes), quotes


def test_no_alert_but_the_expected_ones() -> None:
    """Each expected scenario raises one alert, and nothing else is raised."""
    raised = sorted("+".join(sorted(scenarios_of(alert))) for alert in alerts().values())
    assert raised == sorted(alert.scenario for alert in CORPUS.expected.alerts)


@pytest.mark.parametrize("expected", CORPUS.expected.alerts, ids=lambda alert: alert.scenario)
def test_expected_alert(expected: ExpectedAlert) -> None:
    """The scenario's alert is of the right kind, scope and state, with the right evidence on the right side."""
    (alert,) = of_scenario(expected.scenario)
    assert (alert.kind, alert.scope, alert.state) == (expected.kind, expected.scope, expected.state)
    assert alert.same_article is expected.same_article
    assert alert.date_uncertain is expected.date_uncertain
    assert set(alert.topics) >= set(expected.topics)
    check_side(alert.sides[0], expected.asserted)
    check_side(alert.sides[1], expected.countering)
    if expected.severity_at_most:
        assert RANK[alert.severity] <= RANK[expected.severity_at_most]
    if expected.severity_at_least:
        assert RANK[alert.severity] >= RANK[expected.severity_at_least]


@pytest.mark.parametrize("scenario", [silence.scenario for silence in CORPUS.expected.silent])
def test_silent_scenario(scenario: str) -> None:
    """Nothing in the scenario is a contradiction, so none of its articles stands in an alert."""
    assert [alert.summary for alert in of_scenario(scenario)] == []


def test_quotes_are_spans_of_the_article() -> None:
    """Every quote of an alert stands in its article's text at its span, in one of its revisions."""
    texts: dict[str, list[str]] = {}
    for article in CORPUS.articles:
        texts.setdefault(article.as_article().article_id, []).append(article.text)
    for alert in alerts().values():
        for side in alert.sides:
            for claim in side.claims:
                assert claim.quote in [text[slice(*claim.span)] for text in texts[claim.article_id]]


def without_copies(scenario: str) -> list[TaggedArticle]:
    """Return the tagged articles of a scenario that are nobody's copy."""
    return [tagged()[article.id] for article in CORPUS.of_scenario(scenario) if article.copy_of is None]


def test_reprints_do_not_raise_severity() -> None:
    """Six reprints change the outlets of the alert on the grain terminal, not its id, its origins or its severity."""
    (with_copies,) = of_scenario("wire-izmail")
    alone = list({alert.alert_id: alert for alert in updates(without_copies("wire-izmail"))}.values())
    assert [alert.alert_id for alert in alone] == [with_copies.alert_id]
    assert alone[0].severity == with_copies.severity
    assert alone[0].sides[0].origins == with_copies.sides[0].origins == 1
    assert alone[0].sides[0].outlets < with_copies.sides[0].outlets


def test_a_retraction_updates_the_alert_once() -> None:
    """The withdrawn report changes the state of the alert in one update, and opens no other alert."""
    articles = [tagged()[article.id] for article in CORPUS.of_scenario("retraction-saraqib")]
    before = {alert.alert_id: alert for alert in updates(articles[:-1])}
    after = [alert for alert in updates(articles) if alert.state != "contested"]
    assert {alert.alert_id for alert in after} == set(before)
    assert {alert.state for alert in after} == {"retracted"}


def test_the_opinion_pages_of_a_paper_make_no_claims() -> None:
    """A column makes no claim of its own, whether its outlet is one of opinion or a newspaper."""
    columns: list[SampleArticle] = [article for article in CORPUS.articles if article.section == "Opinion"]
    assert len({article.outlet.kind for article in columns}) == 2
    assert not [claim.quote for article in columns for claim in extract(tagged()[article.id]) if claim.cue is None]


def test_people_and_places_elsewhere_carry_no_topic_of_their_namesakes() -> None:
    """A commissioner called Israel, Odessa in Texas, a bird and a robot are about none of those countries."""
    for article in CORPUS.of_scenario("man-called-israel"):
        slugs = {match.slug for match in tagged()[article.id].topics}
        assert not slugs & {"israel", "ukraine", "turkey", "russia"}, article.id
