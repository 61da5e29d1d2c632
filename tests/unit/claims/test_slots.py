"""Slots of a statement: canonical actors, classes of actions, places, figures and the day."""

from __future__ import annotations

from datetime import date

import pytest

from monitor.claims.actions import actions_of, opposed
from monitor.claims.slots import Slots, slots_of


def slots(text: str, sentence: str | None = None, published: date | None = None, language: str = "en") -> Slots:
    """The slots of a statement that stands alone, or in a sentence."""
    return slots_of(text, sentence or text, language, published)


@pytest.mark.parametrize("text", ["Russian soldiers", "Moscow said it had", "the Kremlin", "Russia's jets"])
def test_metonyms_and_demonyms_name_one_party(text: str) -> None:
    """Capital, palace and adjective stand for the state."""
    assert "russia" in slots(f"{text} bombed the town").actors


def test_a_country_after_a_preposition_is_a_place_and_no_actor() -> None:
    """That it was "in Syria" says where, "Syria denied" says who; a list goes on as it began."""
    found = slots("Russian jets bombed depots in Syria and Iraq")
    assert found.places == ("syria", "iraq")
    assert "syria" not in found.actors
    assert slots("Syria bombed the depots").places == ()


def test_rebels_of_a_country_are_not_its_state() -> None:
    """A demonym before rebels or civilians is not the party of the government."""
    assert slots("Syrian rebels shelled the town").actors == ("syria-rebels",)
    assert "syria" in slots("Syrian troops shelled the town").actors


def test_a_dateline_is_no_place_of_the_event() -> None:
    """Where an agency filed from is not where it happened."""
    assert slots("DUBAI (Agency) - Iran denied that it had struck Basra").places == ("basra",)


def test_an_unknown_place_is_taken_after_a_preposition_or_its_kind() -> None:
    """Places that the gazetteer lacks are kept as they are written, in Russian without their case."""
    assert slots("a collision off Cape Maru").places == ("cape-maru",)
    assert slots("in the river port of Vilmora").places == ("vilmora",)
    assert (
        slots("удар по больнице в Вильморе", language="ru").places
        == slots("в городе Вильмора сгорел дом", language="ru").places
    )
    assert slots("he said so on Monday in March").places == ()


def test_places_and_day_come_from_the_sentence_where_the_content_has_none() -> None:
    """The sentence fills what the content leaves open, but not with the capital where the speaker sits."""
    found = slots("its jets hit a school", "Doctors in Aleppo said on Monday its jets hit a school", date(2026, 6, 4))
    assert found.places == ("aleppo",)
    assert found.event_time == "2026-06-01"
    assert slots("its jets hit no school", "The ministry in Tehran said its jets hit no school").places == ()


@pytest.mark.parametrize(
    ("forms", "name"),
    [
        ("deployed deployment stationing stationed", "deploy"),
        ("bombed bombing shelled shelling airstrike struck", "strike"),
        ("killed deaths dying murdered", "kill"),
        ("resigned resignation", "resign"),
        ("sank sinking sunk", "sink"),
        ("collision collided touched", "collide"),
        ("withdrew withdrawal", "withdraw"),
        ("seizure captured", "capture"),
    ],
)
def test_verbs_nouns_and_participles_of_an_event_are_one_class(forms: str, name: str) -> None:
    """Nominal and passive forms name the same action as the verb."""
    for word in forms.split():
        assert actions_of(f"there was {word}") == (name,), word


def test_lookalikes_are_no_actions() -> None:
    """A mission misses nobody, and a firefighter fights nobody."""
    assert actions_of("the mission of the firefighter") == ()


def test_opposites_exclude_each_other_unless_one_text_has_both() -> None:
    """Rising against falling is opposed; a text that tells of both opposes neither."""
    assert opposed(("rise",), ("fall",)) == ("rise", "fall")
    assert opposed(("rise", "fall"), ("fall",)) is None
    assert opposed(("rise",), ("kill",)) is None


def test_actions_are_left_empty_where_the_language_is_not_read() -> None:
    """Outside English the slot stays empty rather than guessed."""
    assert slots("Die Armee hat kein Dorf bombed", language="de").actions == ()
