from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.language import FLOOR, UNKNOWN, detect

SENTENCES = {
    "en": "The ministry said on Monday that none of its aircraft had crossed the border.",
    "ru": "Министерство заявило в понедельник, что его самолеты не пересекали границу.",
    "uk": "Міністерство заявило у понеділок, що його літаки не перетинали кордон.",
    "bg": "Министерството заяви в понеделник, че самолетите му не са пресичали границата.",
    "sr": "Министарство је у понедељак саопштило да његови авиони нису прешли границу.",
    "mk": "Министерството соопшти во понеделникот дека неговите авиони не ја преминале границата.",
    "be": "Міністэрства заявіла ў панядзелак, што яго самалёты не перасякалі мяжу.",
    "fr": "Le ministère a déclaré lundi qu'aucun de ses avions n'avait franchi la frontière.",
    "de": "Das Ministerium erklärte am Montag, keines seiner Flugzeuge habe die Grenze überquert.",
    "es": "El ministerio dijo el lunes que ninguno de sus aviones había cruzado la frontera.",
    "pt": "O ministério disse na segunda-feira que nenhum dos seus aviões atravessou a fronteira.",
    "it": "Il ministero ha detto lunedì che nessuno dei suoi aerei ha attraversato il confine.",
    "tr": "Bakanlık pazartesi günü hiçbir uçağının sınırı geçmediğini söyledi.",
    "ar": "قالت الوزارة يوم الاثنين إن أيا من طائراتها لم تعبر الحدود.",
    "fa": "این وزارتخانه روز دوشنبه گفت که هیچ یک از هواپیماهایش از مرز عبور نکرده است.",
    "ur": "وزارت نے پیر کو کہا کہ اس کے کسی طیارے نے سرحد عبور نہیں کی۔",
    "he": "המשרד הודיע ביום שני כי אף אחד ממטוסיו לא חצה את הגבול.",
    "zh": "该部星期一表示，其飞机没有一架越过边境。",
    "ja": "同省は月曜日、航空機は国境を越えていないと述べた。",
    "ko": "국방부는 월요일 자국 항공기가 국경을 넘지 않았다고 밝혔다.",
    "hi": "मंत्रालय ने सोमवार को कहा कि उसका कोई विमान सीमा पार नहीं गया है।",
    "pl": "Ministerstwo poinformowało w poniedziałek, że żaden z jego samolotów nie przekroczył granicy.",
    "el": "Το υπουργείο δήλωσε τη Δευτέρα ότι κανένα αεροσκάφος δεν πέρασε τα σύνορα.",
}


@pytest.mark.parametrize(("code", "sentence"), SENTENCES.items())
def test_sentences(code: str, sentence: str) -> None:
    """A sentence of news is told in each language of the roster and its neighbours."""
    assert detect(sentence).code == code


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("Ferry fares to rise", "en"),
        ("Damascus denies strike on Aleppo", "en"),
        ("MINISTER DENIES TALKS WITH REBELS", "en"),
        ("Минобороны опровергло удар", "ru"),
        ("Міноборони спростувало удар", "uk"),
        ("Regierung weist Vorwurf zurück", "de"),
        ("Le ministre dément toute négociation", "fr"),
        ("El Gobierno niega las acusaciones", "es"),
        ("موسكو تنفي", "ar"),
        ("政府否认", "zh"),
    ],
)
def test_headlines(title: str, code: str) -> None:
    """A short headline is told without its text."""
    assert detect("", title).code == code


@pytest.mark.parametrize(
    "text", ["", "   ", "123 - 45 %", "Ok", "https://news.example/war-in-the-east", "@minister #news"]
)
def test_undetermined_rather_than_guessed(text: str) -> None:
    """A text that says nothing of its language is not given one."""
    assert detect(text).code == UNKNOWN


def test_hint_decides_where_the_text_does_not() -> None:
    """A text that could be either is read as the feed says."""
    short = "Präsident Selenskyj"
    assert detect(short, hint="de-AT").code == "de"
    assert detect("2026", hint="fr").code == "fr"


def test_text_overrules_a_wrong_hint() -> None:
    """A feed that calls all its items English does not make a German text English."""
    assert detect(SENTENCES["de"], hint="en").code == "de"
    assert detect(SENTENCES["ru"], hint="en-US").code == "ru"
    assert detect(SENTENCES["en"], hint="xx-nonsense_").code == "en"


def test_title_counts() -> None:
    """Title and text are read together."""
    assert detect("Reuters", "Das Ministerium weist den Vorwurf zurück").code == "de"


def test_score_is_a_probability_above_the_floor() -> None:
    """A language that is named has at least the floor's probability."""
    for sentence in SENTENCES.values():
        assert FLOOR <= detect(sentence).score <= 1


def test_the_same_from_many_threads() -> None:
    """Threads do not disturb each other, and the answer does not depend on what was read before."""
    texts = list(SENTENCES.values()) * 5
    alone = [detect(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(detect, texts)) == alone


@given(st.text(max_size=120), st.text(max_size=20), st.one_of(st.none(), st.text(max_size=8)))
def test_any_text(text: str, title: str, hint: str | None) -> None:
    """No text makes it fail, and the score is a probability."""
    found = detect(text, title, hint)
    assert found.code
    assert 0 <= found.score <= 1
