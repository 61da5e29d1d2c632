"""The sample articles hold what the demo promises, and say exactly what must come of them."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest

from monitor.demo.corpus import ARTICLES, SAMPLE_START, Corpus, load
from monitor.errors import ConfigError
from schemas import AlertKind, PublisherKind

TRAPS = range(1, 12)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """The shipped sample articles."""
    return load()


def shingles(text: str, size: int = 5) -> set[tuple[str, ...]]:
    """Return the runs of ``size`` words of a text."""
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}


def test_size(corpus: Corpus) -> None:
    """At least 100 articles of at least 8 outlets in 3 languages, about three quarters of them English."""
    languages = Counter(article.outlet.language for article in corpus.articles)
    assert len({article.guid for article in corpus.articles}) >= 100
    assert len({article.outlet.id for article in corpus.articles}) >= 8
    assert set(languages) == {"en", "ru", "fr"}
    assert 0.7 <= languages["en"] / len(corpus.articles) <= 0.8


def test_lengths(corpus: Corpus) -> None:
    """An article is as long as a news item, 80 to 400 words; a reprint may be cut shorter."""
    words = {article.id: len(article.text.split()) for article in corpus.articles if article.copy_of is None}
    assert not {id_: n for id_, n in words.items() if not 80 <= n <= 400}


def test_kinds_of_outlets(corpus: Corpus) -> None:
    """Every kind of publisher that the traps need is there, an unreviewed one too."""
    kinds = {outlet.kind for outlet in corpus.outlets}
    assert kinds >= {
        PublisherKind.WIRE,
        PublisherKind.PAPER,
        PublisherKind.BROADCASTER,
        PublisherKind.STATE_MEDIA,
        PublisherKind.SATIRE,
        PublisherKind.OPINION,
        PublisherKind.BLOG,
        PublisherKind.UNREVIEWED,
    }


@pytest.mark.parametrize("trap", TRAPS)
def test_every_trap_has_a_scenario(corpus: Corpus, trap: int) -> None:
    """Each trap of the design is set by at least one scenario that has articles."""
    scenarios = [scenario for scenario in corpus.scenarios if trap in scenario.traps]
    assert scenarios
    assert all(corpus.of_scenario(scenario.id) for scenario in scenarios)


def test_names_are_unique(corpus: Corpus) -> None:
    """No two articles share an id, and only revisions of one item share a guid."""
    assert len({article.id for article in corpus.articles}) == len(corpus.articles)
    by_guid = Counter(article.guid for article in corpus.articles if article.revises is None)
    assert max(by_guid.values()) == 1
    assert len({(article.guid, article.revision) for article in corpus.articles}) == len(corpus.articles)
    assert [article.revision for article in corpus.articles if article.revises] == [2]


def test_every_scenario_is_expected_to_alert_or_to_be_silent(corpus: Corpus) -> None:
    """Each scenario stands in expected.toml once: among the alerts or among the silent."""
    named = [alert.scenario for alert in corpus.expected.alerts] + [s.scenario for s in corpus.expected.silent]
    assert sorted(named) == sorted(scenario.id for scenario in corpus.scenarios)


def test_expected_evidence_is_in_the_articles(corpus: Corpus) -> None:
    """Each side's words stand in each of its articles' texts, and its articles belong to the scenario."""
    for alert in corpus.expected.alerts:
        for side in (alert.asserted, alert.countering):
            articles = [corpus.article(id_) for id_ in side.articles]
            assert {article.scenario for article in articles} == {alert.scenario}
            originals = [article for article in articles if article.copy_of is None]
            for quote in side.quotes:
                assert any(quote in article.text for article in articles), (alert.scenario, quote)
            assert side.origins == len(originals)
            assert side.outlets == len({article.outlet.id for article in articles})
        same = {corpus.article(id_).guid for id_ in alert.asserted.articles + alert.countering.articles}
        assert alert.same_article == (len(same) == 1)


def test_every_kind_of_alert_is_expected(corpus: Corpus) -> None:
    """Denials, contradictions, figures and corrections are all among the alerts."""
    assert {alert.kind for alert in corpus.expected.alerts} == set(AlertKind)


def test_only_declared_copies_are_alike(corpus: Corpus) -> None:
    """Two articles share hardly a run of five words, unless one is declared as a copy or a revision of the other."""
    found = [(article, shingles(article.text)) for article in corpus.articles]
    alike = set()
    for (a, left), (b, right) in combinations(found, 2):
        if len(left & right) / max(1, min(len(left), len(right))) > 0.2:
            alike.add(frozenset((a.copy_of or a.revises or a.id, b.copy_of or b.revises or b.id)))
    assert all(len(pair) == 1 for pair in alike), sorted(map(sorted, alike))


def test_copies_repeat_their_original(corpus: Corpus) -> None:
    """A declared copy holds the first paragraphs of its original under another headline, from another outlet."""
    copies = [article for article in corpus.articles if article.copy_of]
    assert len(copies) >= 6
    for copy in copies:
        original = corpus.article(copy.copy_of or "")
        assert set(original.paragraphs[:2]) <= set(copy.paragraphs)
        assert copy.title != original.title
        assert copy.outlet != original.outlet


def test_the_first_article_holds_a_contradiction(corpus: Corpus) -> None:
    """A newcomer sees the first alert at once: the first article to appear has both sides in it."""
    first = corpus.articles[0]
    alert = next(alert for alert in corpus.expected.alerts if alert.scenario == first.scenario)
    assert alert.same_article


def test_dates_follow_the_start() -> None:
    """Dates move with the start of the demo, none lies in its future, and ids stay what they are."""
    early, late = load(), load(SAMPLE_START + timedelta(days=40, hours=7))
    assert all(article.published_at < SAMPLE_START for article in early.articles)
    assert [a.guid for a in early.articles] == [a.guid for a in late.articles]
    assert {b.published_at - a.published_at for a, b in zip(early.articles, late.articles, strict=True)} == {
        timedelta(days=40, hours=7)
    }
    assert early.articles[0].as_article().article_id == late.articles[0].as_article().article_id


@pytest.mark.parametrize("hour", [0, 5, 12, 23])
def test_weekdays_are_written_out_and_agree(hour: int) -> None:
    """At whatever hour the demo starts, no placeholder is left, and all articles of a scenario name the same days."""
    corpus = load(datetime(2026, 3, 13, hour, 10, tzinfo=UTC))
    assert not [article.id for article in corpus.articles if "{day" in article.text + article.title]
    reported, denied = corpus.of_scenario("drones-port-sudan")[0], corpus.of_scenario("drones-port-sudan")[-1]
    weekday = reported.published_at.strftime("%A")
    assert f"on {weekday}" in reported.text
    assert f"on {weekday}" in denied.text


def test_other_day_scenario_spans_three_days(corpus: Corpus) -> None:
    """The strike that is denied is on the third day after the one that was reported."""
    reported, denied = corpus.of_scenario("other-day-deir-al-zor")
    assert "Deir al-Zor killed 11 people on Sunday" in reported.text
    assert "a strike on Deir al-Zor on Wednesday" in denied.text


def test_a_file_that_names_an_unknown_outlet_is_named(tmp_path: Path) -> None:
    """A mistake in the data is an error that names the file and what is wrong."""
    (tmp_path / "a").mkdir()
    for name in ("outlets.toml", "expected.toml"):
        (tmp_path / name).write_text((ARTICLES / name).read_text("utf-8"), "utf-8")
    row = '[[article]]\nid = "x"\noutlet = "nobody"\nminutes = -1\ntitle = "t"\ntext = "t"\n'
    (tmp_path / "a" / "bad.toml").write_text(f'title = "Bad"\n{row}', "utf-8")
    with pytest.raises(ConfigError, match=r"bad\.toml.*nobody"):
        load(folder=tmp_path)


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    """A file that does not parse is named, with the place."""
    (tmp_path / "outlets.toml").write_text("[[outlet]\n", "utf-8")
    with pytest.raises(ConfigError, match=r"outlets\.toml.*line 1"):
        load(folder=tmp_path)
