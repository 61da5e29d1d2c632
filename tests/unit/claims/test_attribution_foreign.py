import pytest

from monitor.claims.attribution import attribute
from schemas import Polarity


def read(text: str, language: str) -> list[tuple[str, str, Polarity]]:
    """Return (source, content, polarity) of each attribution in ``text``."""
    return [
        (text[slice(*found.source[0])], text[slice(*found.content[0])], found.polarity)
        for found in attribute(text, language)
    ]


@pytest.mark.parametrize(
    ("language", "text", "source", "content"),
    [
        ("ru", "Министерство сообщило, что мост закрыт.", "Министерство", "мост закрыт"),
        ("ru", "«Мост закрыт», — заявил министр.", "министр", "«Мост закрыт»"),
        ("ru", "По словам министра, мост закрыт до осени.", "министра", "мост закрыт до осени"),
        ("fr", "Le ministre affirme que le pont est fermé.", "Le ministre", "le pont est fermé"),
        ("fr", "« Le pont est fermé », a déclaré le ministre.", "le ministre", "« Le pont est fermé »"),
        ("fr", "Selon le ministre, le pont est fermé.", "le ministre", "le pont est fermé"),
        ("de", "Der Minister erklärte, dass die Brücke geschlossen ist.", "Der Minister", "die Brücke geschlossen ist"),
        ("de", "„Die Brücke ist zu“, sagte der Minister.", "der Minister", "„Die Brücke ist zu“"),
        ("es", "El ministro dijo que el puente está cerrado.", "El ministro", "el puente está cerrado"),
        ("es", "Según el ministro, el puente está cerrado.", "el ministro", "el puente está cerrado"),
        ("ar", "قال الوزير إن الجسر مغلق.", "الوزير", "الجسر مغلق"),
        ("ar", "بحسب الوزير، الجسر مغلق اليوم.", "الوزير", "الجسر مغلق اليوم"),
    ],
)
def test_who_says_what_in_five_languages(language: str, text: str, source: str, content: str) -> None:
    """The commonest shapes of a statement are read in each language."""
    assert read(text, language) == [(source, content, Polarity.ASSERTS)]


@pytest.mark.parametrize(
    ("language", "text", "content"),
    [
        ("ru", "Министерство опровергло сообщения о взрыве на мосту.", "сообщения о взрыве на мосту"),
        ("fr", "Le ministère a démenti que le pont soit fermé.", "le pont soit fermé"),
        ("de", "Das Ministerium bestritt Berichte über einen Angriff.", "Berichte über einen Angriff"),
        ("de", "Das Ministerium wies die Vorwürfe der Armee zurück.", "die Vorwürfe der Armee"),
        ("es", "El ministerio negó que el puente esté cerrado.", "el puente esté cerrado"),
        ("ar", "نفت الوزارة أن يكون الجسر مغلقا.", "يكون الجسر مغلقا"),
    ],
)
def test_denials_deny(language: str, text: str, content: str) -> None:
    """A verb of denial turns the statement, in each language."""
    ((_, found, polarity),) = read(text, language)
    assert (found, polarity) == (content, Polarity.DENIES)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ru", "Суд отверг апелляцию компании."),
        ("fr", "Le juge a rejeté l'appel de la société."),
        ("de", "Der Minister wies auf die Gefahr hin."),
        ("es", "El ministro se negó a responder."),
        ("es", "El juez negó la libertad bajo fianza."),
        ("ja", "首相は橋が安全だと述べた。"),
    ],
)
def test_refusals_and_unknown_languages_give_nothing(language: str, text: str) -> None:
    """A refusal is no denial, and in a language without cues nothing is guessed."""
    assert read(text, language) == []
