from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.subjects import gazetteer
from monitor.subjects.folding import fold
from monitor.subjects.names import Case, Kind, load


def found(text: str, language: str | None = None) -> list[tuple[str, str, str]]:
    """Names as (written, kind, slug)."""
    return [(text[name.start : name.end], name.kind.value, name.slug) for name in gazetteer.find(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Войска вошли в Сирию", "ru", ("Сирию", "syria")),
        ("столица Сирии", "ru", ("Сирии", "syria")),
        ("сирийскими военными", "ru", ("сирийскими", "syria")),
        ("в Соединенных Штатах", "ru", ("Соединенных Штатах", "united-states")),
        ("Syriens Armee", "de", ("Syriens", "syria")),
        ("die syrischen Truppen", "de", ("syrischen", "syria")),
        ("l'armée syrienne avance", "fr", ("syrienne", "syria")),
        ("tropas rusas en el este", "es", ("rusas", "russia")),
        ("وقال الجيش في سوريا", "ar", ("سوريا", "syria")),
        ("دخلت القوات وبسوريا", "ar", ("سوريا", "syria")),
        ("удар по Харкову", "uk", ("Харкову", "kharkiv")),
        ("Suriye'nin kuzeyinde", "tr", ("Suriye", "syria")),
        ("نیروهای روسیه", "fa", ("روسیه", "russia")),
        ("俄罗斯军队进入叙利亚", "zh", ("叙利亚", "syria")),
        ("כוחות בסוריה", "he", ("סוריה", "syria")),
        ("시리아에서 공습", "ko", ("시리아", "syria")),
    ],
)
def test_names_in_many_languages(text: str, language: str, expected: tuple[str, str]) -> None:
    """A country, people or place is found in its language, inflected, with offsets into the text as written."""
    assert expected in {(written, slug) for written, _, slug in found(text, language)}


def test_longest_name_wins() -> None:
    """A name inside a longer one is not found again."""
    assert found("The Syrian Observatory for Human Rights said") == [
        ("Syrian Observatory for Human Rights", "organisation", "syrian-observatory")
    ]
    assert [slug for *_, slug in found("in Papua New Guinea")] == ["papua-new-guinea"]


def test_words_are_bounded() -> None:
    """A name is not found inside another word."""
    assert found("The Romanian omens in Malice and Chadwick") == [("Romanian", "demonym", "romania")]


def test_acronyms_are_not_words() -> None:
    """US, WHO and IS are names in capitals, but not as words and not in a headline of capitals."""
    assert [slug for *_, slug in found("The US told the WHO that IS fighters fled")] == [
        "united-states", "who", "islamic-state",
    ]  # fmt: skip
    assert found("Tell us who is there") == []
    assert found("TELL US WHO IS THERE") == []


def test_uncapitalised_names_are_not_taken_in_another_language() -> None:
    """A small word of one language is not a people's name in another."""
    assert found("wear chinos with a polo shirt", "en") == []
    assert ("chinos", "demonym", "china") in found("los chinos llegaron", "es")


def test_not_names() -> None:
    """A phrase that holds a name and means something else yields none."""
    assert found("fishing in the Gulf of Mexico with French fries") == []


@pytest.mark.parametrize(
    ("slug", "party"),
    [
        ("moscow", "russia"), ("kremlin", "russia"), ("peskov", "russia"), ("lavrov", "russia"), ("putin", "russia"),
        ("russian-defence-ministry", "russia"), ("assad", "syria"), ("damascus", "syria"),
        ("syrian-state-media", "syria"),
        ("pentagon", "united-states"), ("white-house", "united-states"), ("washington", "united-states"), ("un", "un"),
        ("guterres", "un"), ("idf", "israel"), ("mossad", "israel"), ("irgc", "iran"), ("hezbollah", "hezbollah"),
        ("prigozhin", "wagner"), ("latakia", None), ("no-such-thing", None),
    ],
)  # fmt: skip
def test_party(slug: str, party: str | None) -> None:
    """A spokesman, a seat of government and an army stand for their party; a place that is no seat for none."""
    assert gazetteer.party(slug) == party


def test_places_lie_in_places() -> None:
    """Douma lies in Ghouta, near Damascus, in Syria, and not in Iraq."""
    assert gazetteer.contains("ghouta", "douma")
    assert gazetteer.contains("syria", "douma")
    assert not gazetteer.contains("iraq", "douma")
    assert not gazetteer.contains("douma", "syria")
    assert gazetteer.country_of("khan-sheikhoun") == "syria"


def test_every_country_has_names_in_the_main_languages() -> None:
    """At least 195 countries, each with a name in English, Russian, French, German, Spanish and Arabic."""
    _, forms = load()
    languages: dict[str, set[str]] = {}
    for form in forms:
        if form.kind is Kind.COUNTRY:
            languages.setdefault(form.slug, set()).add(form.language)
    complete = [slug for slug, codes in languages.items() if {"en", "ru", "fr", "de", "es", "ar"} <= codes]
    assert len(complete) >= 195


def test_tables_are_sound() -> None:
    """Every parent that is a place or party exists, and no name is empty or too short to mean anything."""
    entities, forms = load()
    places = [entity for entity in entities.values() if entity.kind is Kind.PLACE]
    assert [place.slug for place in places if place.within not in entities] == []
    short = [form for form in forms if len(form.text) < 2 and form.language not in ("zh", "ja")]
    assert short == []
    assert any(form.case is Case.ACRONYM_WORD for form in forms)


def test_places_of_names_no_country() -> None:
    """Only places count as places, each once and sorted."""
    assert gazetteer.places_of("Syria: Homs, Aleppo and Homs again") == ("aleppo", "homs")


@given(st.text(max_size=200))
def test_folding_keeps_every_place(text: str) -> None:
    """Whatever the text, its folded form has its length, so offsets hold in both."""
    assert len(fold(text)) == len(text)


@given(st.text(alphabet=st.sampled_from(" SyriaMoscow,.'’\nСирияسوريا叙利亚İß"), max_size=80))
def test_offsets_are_in_the_text(text: str) -> None:
    """Names are in order, inside the text, not empty and do not overlap."""
    end = 0
    for name in gazetteer.find(text):
        assert end <= name.start < name.end <= len(text)
        end = name.end
