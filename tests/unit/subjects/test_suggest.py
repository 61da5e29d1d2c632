from __future__ import annotations

from monitor.subjects.matcher import TopicMatcher
from monitor.subjects.query import parse
from monitor.subjects.suggest import suggest
from monitor.subjects.topic_file import Topic

QUERY = "sarin OR hospital*"


def matcher() -> TopicMatcher:
    """One topic of two words."""
    return TopicMatcher([Topic("gas", "Gas", QUERY, parse(QUERY), threshold=0.1)])


def articles() -> list[tuple[str, str]]:
    """Ten articles on gas that share an inspector, thirty on ferries."""
    gas = [(f"Sarin in district {n}", "Hospitals filled. The inspector took samples in Syria.") for n in range(10)]
    ferry = [(f"Ferry {n} late", "Passengers waited at the quay while the crew slept.") for n in range(30)]
    return gas + ferry


def test_shared_words_are_suggested() -> None:
    """Words that the topic's articles share and the others lack are suggested, with their counts."""
    found = {item.term: item for item in suggest(matcher(), articles())}
    assert {"inspector", "samples"} <= found.keys()
    assert (found["inspector"].inside, found["inspector"].matched, found["inspector"].outside) == (10, 10, 0)


def test_what_the_query_has_is_not_suggested() -> None:
    """Neither the query's own words, nor their wildcards, nor names of the gazetteer, nor words of other articles."""
    terms = {item.term for item in suggest(matcher(), articles())}
    assert not {"sarin", "hospitals", "syria", "passengers"} & terms


def test_few_articles_suggest_nothing() -> None:
    """Two articles that share a word are chance."""
    assert suggest(matcher(), articles()[8:]) == []
