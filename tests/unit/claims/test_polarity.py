"""Signs of words: what a statement puts forward and what it rejects; and how it is put."""

from __future__ import annotations

import pytest

from monitor.claims.polarity import modality_of, operators_of, sign_at
from schemas import Modality


def sign(text: str, word: str) -> int:
    """The sign of the first ``word`` in a text."""
    return sign_at(text.index(word), operators_of(text))


@pytest.mark.parametrize(
    "text",
    [
        "The navy denied that it sank the trawler.",
        "It was not the navy that sank the trawler.",
        "The navy never sank the trawler.",
        "There is no evidence that the navy sank the trawler.",
        "The navy rejected claims that it sank the trawler.",
        "It is not true that the navy sank the trawler.",
        "The report that the navy sank the trawler is fake.",
        "Hoax: navy sank trawler.",
        "Rumour that navy sank a trawler is false, a hoax, police say.",
    ],
)
def test_what_is_denied_negated_or_called_untrue_is_rejected(text: str) -> None:
    """Denials with and without a verb turn what they are about, and several markers of one debunk turn it once."""
    assert sign(text, "sank") == -1


@pytest.mark.parametrize(
    "text",
    [
        "The navy sank the trawler.",
        "The navy did not deny that it sank the trawler.",
        "The ship sank but nobody was hurt.",
        "Nobody was hurt when the ship sank.",
        "It was not the first ship that sank there.",
        "No fewer than nine ships sank.",
        "The captain was denied bail after his ship sank.",
        "The raids were meant to deny the militants the ability to regroup after the ship sank.",
        "The minister will deny that the ship sank.",
        "The journey was meant to be safe but that was not the case in wake of a storm in which a ship sank.",
    ],
)
def test_what_is_not_meant_is_not_turned(text: str) -> None:
    """Double negation, another clause, "not the first", "no fewer than" and bail denied leave the sign alone."""
    assert sign(text, "sank") == 1


def test_a_negation_does_not_reach_past_its_action() -> None:
    """That no civilians were killed in the strike says that there was a strike."""
    text = "No civilians were killed in the strike."
    assert (sign(text, "killed"), sign(text, "strike")) == (-1, 1)


def test_a_relative_clause_says_of_whom_and_rejects_nothing() -> None:
    """To speak of those who were not freed does not deny that others were."""
    assert sign("Those who were not freed are in the fort.", "freed") == 1


def test_to_deny_that_something_is_a_hoax_is_to_stand_by_it() -> None:
    """What is denied is the calling it untrue; the denial is all that turns."""
    operators = operators_of("She denied that the video is a hoax.")
    assert [operator.whole for operator in operators] == [False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Did the dam burst?", Modality.QUESTION),
        ("If the dam bursts, the valley floods.", Modality.CONDITION),
        ("The company plans to close the dam.", Modality.PLAN),
        ("The dam allegedly burst.", Modality.ALLEGATION),
        ("The dam burst.", Modality.FACT),
    ],
)
def test_how_a_statement_is_put(text: str, expected: Modality) -> None:
    """Questions, conditions, plans and hedges are not facts."""
    assert modality_of(text) is expected
