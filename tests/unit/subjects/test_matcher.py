from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.subjects.matcher import TopicMatcher
from monitor.subjects.query import parse
from monitor.subjects.topic_file import Topic
from monitor.text.furniture import furniture_spans
from schemas import StoryAssignment

FILLER = "The council met again in the evening and adjourned without a vote. " * 12
SEED = Path(__file__).parents[3].parent / "shared" / "data" / "text" / "seed_article.txt"


def matches(query: str, title: str = "", text: str = "", language: str = "en") -> bool:
    """Whether a query holds for an article."""
    topic = Topic("t", "T", query, parse(query), threshold=0.0)
    return bool(TopicMatcher([topic]).match(title, text, language))


@pytest.fixture(scope="module")
def shipped() -> TopicMatcher:
    """The shipped topics, compiled once."""
    return TopicMatcher.from_file()


@pytest.mark.parametrize(
    ("query", "text", "holds"),
    [
        ("sarin", "Traces of Sarin were found.", True),
        ("sarin", "sarina left", False),
        ("sarin*", "sarina left", True),
        ('"barrel bomb*"', "Two barrel bombs fell.", True),
        ('"barrel bomb"', "Two barrel bombs fell.", False),
        ("=IS", "IS claimed it", True),
        ("=IS", "this is it", False),
        ("gas NOT cooking", "the cooking gas ran out", False),
        ("gas NOT cooking", "the gas cloud", True),
        ("chlorine NEAR/3 attack", "an attack with chlorine", True),
        ("chlorine NEAR/3 attack", "chlorine in the pool; nobody spoke of any attack", False),
        ("chlorine NEAR/1 attack", "a chlorine attack", True),
        ("lang:ru газ", "газ", False),
        ("(a1 OR b1) c1", "b1 and c1", True),
        ("(a1 OR b1) c1", "only c1", False),
        ("@syria", "Войска вошли в Латакию", True),
        ("@latakia", "fighting in Slunfeh", True),
        ("@latakia", "fighting in Homs", False),
        ("@russia", "Peskov said so", True),
    ],
)
def test_queries_hold(query: str, text: str, holds: bool) -> None:
    """Each operator of the language does what it says."""
    assert matches(query, text=text) is holds


def test_fields() -> None:
    """title: looks at the title alone, text: at the text alone, lead: at its beginning."""
    assert matches("title:gas", title="Gas leak", text="Nothing else")
    assert not matches("title:gas", title="A leak", text="of gas")
    assert matches("text:gas", title="A leak", text="of gas")
    assert not matches("text:gas", title="Gas leak", text="Nothing else")
    assert matches("lead:gas", text="Gas at last. " + FILLER)
    assert not matches("lead:gas", text=FILLER + "Gas at last.")


def test_near_does_not_join_title_and_text() -> None:
    """The last word of the title and the first of the text are not near each other."""
    assert not matches("gas NEAR/3 attack", title="Price of gas", text="Attack on a bank")


def test_passing_mention_is_not_the_topic(shipped: TopicMatcher) -> None:
    """A country named once, late in a text on something else, is not what the article is about."""
    late = FILLER + "The mayor had once worked in Sweden and France before he came home to Turkey."
    assert "turkey" not in {match.slug for match in shipped.match("Council adjourns", late, "en")}
    assert "turkey" in {match.slug for match in shipped.match("Turkey closes its border", FILLER, "en")}


def test_theme_named_once_in_passing_is_not_the_topic(shipped: TopicMatcher) -> None:
    """Chemical weapons named once at the end are no topic; in the headline they are."""
    once = FILLER + "An inquiry into chemical weapons is under way elsewhere."
    assert "chemical-weapons" not in {match.slug for match in shipped.match("Council adjourns", once, "en")}
    found = shipped.match("Inspectors find sarin at the site", FILLER, "en")
    assert [match.slug for match in found if match.slug == "chemical-weapons"] == ["chemical-weapons"]


def test_furniture_does_not_count(shipped: TopicMatcher) -> None:
    """What stands in the page's furniture says nothing of the subject."""
    text = "Israel and Israel. More on Israel\n\n" + FILLER
    assert shipped.match("", text, "en")
    assert not shipped.match("", text, "en", furniture=((0, 34),))


def test_matches_are_as_written(shipped: TopicMatcher) -> None:
    """A match lists the different strings found, as they stand in the text, and a score from 0 to 1."""
    (syria,) = [
        m for m in shipped.match("Damascus denies", "Damascus said Syrian jets hit Homs.", "en") if m.slug == "syria"
    ]
    assert syria.matches == ("Damascus", "Syrian", "Homs")
    assert 0.5 <= syria.score <= 1


@pytest.mark.parametrize(
    ("language", "title", "text", "slug"),
    [
        (
            "ru",
            "Москва опровергла удар по Алеппо",
            "В Москве заявили, что самолеты не бомбили сирийский город.",
            "syria",
        ),
        ("fr", "Damas dément une frappe", "L'armée syrienne a démenti avoir frappé Alep.", "syria"),
        ("de", "Damaskus bestreitet Angriff", "Die syrische Armee bestreitet den Angriff auf Aleppo.", "syria"),
        ("es", "Damasco niega el ataque", "El ejército sirio negó haber atacado Alepo.", "syria"),
        ("ar", "دمشق تنفي قصف حلب", "نفى الجيش السوري قصف حلب.", "syria"),
        ("uk", "Росія заперечує удар по Харкову", "У Москві заявили, що ракет по місту не було.", "ukraine"),
        ("tr", "Ankara saldırıyı yalanladı", "Türkiye, Suriye'nin kuzeyine girmediğini söyledi.", "turkey"),
        ("fa", "تهران حمله را تکذیب کرد", "ایران گفت که در حمله دست نداشته است.", "iran"),
        ("zh", "莫斯科否认轰炸", "俄罗斯否认轰炸叙利亚阿勒颇。", "russia"),
    ],
)
def test_topics_in_many_languages(shipped: TopicMatcher, language: str, title: str, text: str, slug: str) -> None:
    """A report is on its country in each language of the roster."""
    assert slug in {match.slug for match in shipped.match(title, text, language)}


def test_odessa_in_texas_is_not_ukraine(shipped: TopicMatcher) -> None:
    """A shooting in Texas does not reach those who watch Ukraine."""
    found = shipped.match("Gunman in Odessa", "Police in Odessa, Texas, said seven people were shot.", "en")
    assert "ukraine" not in {match.slug for match in found}
    assert "united-states" in {match.slug for match in found}


def test_tag_keeps_the_article(shipped: TopicMatcher) -> None:
    """Tagging adds the topics, best first, and changes nothing else."""
    now = datetime(2026, 6, 1, tzinfo=UTC)
    article = StoryAssignment(
        article_id="a", content_hash="h", feed_id="f", title="Syria and Russia sign",
        text="Syria and Russia signed in Damascus.", first_seen_at=now, language="en", story_id="s", lineage_id="l",
    )  # fmt: skip
    tagged = shipped.tag(article)
    assert tagged.model_dump(exclude={"topics"}) == article.model_dump()
    assert {match.slug for match in tagged.topics} == {"syria", "russia"}
    assert [match.score for match in tagged.topics] == sorted((m.score for m in tagged.topics), reverse=True)


def test_only(shipped: TopicMatcher) -> None:
    """One topic can be taken out; one that is not there is refused with those that are."""
    assert [topic.slug for topic in shipped.only("iran").topics] == ["iran"]
    with pytest.raises(ConfigError, match="no topic 'atlantis'"):
        shipped.only("atlantis")


def test_the_same_article_gives_the_same_answer(shipped: TopicMatcher) -> None:
    """Matching has no memory: the order of what came before changes nothing."""
    first = shipped.match("Iran denies", "Tehran denied it.", "en")
    shipped.match("Москва", "Путин в Дамаске", "ru")
    assert shipped.match("Iran denies", "Tehran denied it.", "en") == first


@pytest.mark.skipif(not SEED.exists(), reason="needs ../shared/data/text/seed_article.txt")
def test_the_seed_article(shipped: TopicMatcher) -> None:
    """The seed article is on Syria, Russia and Islamic State, and not on what its furniture or one clause names."""
    text = SEED.read_text(encoding="utf-8")
    found = {match.slug for match in shipped.match("", text, "en", furniture_spans(text, ""))}
    assert {"syria", "russia", "islamic-state"} <= found
    assert not {"turkey", "united-states", "united-kingdom", "israel", "iran"} & found
