from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.word_diff import WordChange, WordOp, word_diff

TEXTS = st.text(st.sampled_from("ab1,. \n-é'烧了ที่"), max_size=60) | st.text(max_size=60)


def shown(old: str, new: str) -> str:
    """Write a difference as [-removed-] and {+added+}."""
    marks = {WordOp.KEPT: "%s", WordOp.REMOVED: "[-%s-]", WordOp.ADDED: "{+%s+}"}
    return "".join(marks[change.op] % change.text for change in word_diff(old, new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("At least 30 people died.", "At least 34 people died.", "At least [-30 -]{+34 +}people died."),
        ("1,200 homes burned", "1,250 homes burned", "[-1,200 -]{+1,250 +}homes burned"),
        ("He denied it.", "He denied it, twice.", "He denied it{+, twice+}."),
        ("The mayor's office said so", "The mayor said so", "The [-mayor's office -]{+mayor +}said so"),
        ("Одна ракета упала", "Две ракеты упали", "[-Одна ракета упала-]{+Две ракеты упали+}"),
        ("الوزير نفى الخبر", "الوزير أكد الخبر", "الوزير [-نفى -]{+أكد +}الخبر"),
        ("火灾造成三人死亡", "火灾造成五人死亡", "火灾造成[-三-]{+五+}人死亡"),
        ("नेता ने कहा", "नेता ने नहीं कहा", "नेता ने {+नहीं +}कहा"),
        ("", "New.", "{+New.+}"),
        ("Gone.", "", "[-Gone.-]"),
    ],
)
def test_changed_words_are_shown(old: str, new: str, expected: str) -> None:
    """What was taken out and put in is named word by word, in every script, and the rest is kept."""
    assert shown(old, new) == expected


def test_a_paragraph_that_was_put_in_leaves_the_others_alone() -> None:
    """Paragraphs that stay are kept whole, whatever stands between them."""
    old = "The ship sank.\n\nNobody was hurt."
    assert shown(old, "The ship sank.\n\nIt carried grain.\n\nNobody was hurt.") == (
        "The ship sank.\n\n{+It carried grain.\n\n+}Nobody was hurt."
    )


def test_white_space_is_no_change() -> None:
    """A text that was only wrapped anew is kept."""
    assert word_diff("a b\n\nc", "a  b\n\n\nc") == [WordChange(WordOp.KEPT, "a  b\n\n\nc")]


def test_a_rewritten_passage_is_no_salad() -> None:
    """Where nearly all words are others, the passage is replaced as one, not around the words that recur."""
    old = "The minister said in the capital on Monday that talks would begin."
    new = "Police fired tear gas at protesters near the harbour, witnesses told reporters."
    assert [change.op for change in word_diff(old, new)] == [WordOp.REMOVED, WordOp.ADDED]


@given(old=TEXTS, new=TEXTS)
def test_both_texts_can_be_read_out_of_the_difference(old: str, new: str) -> None:
    """Kept and added stretches are the new text, kept and removed ones the old but for white space."""
    changes = word_diff(old, new)
    assert "".join(change.text for change in changes if change.op is not WordOp.REMOVED) == new
    before = "".join(change.text for change in changes if change.op is not WordOp.ADDED)
    assert "".join(before.split()) == "".join(old.split())
    assert all(a.op is not b.op for a, b in itertools.pairwise(changes))
    assert all(change.text for change in changes)


def test_a_very_long_line_is_replaced_as_one() -> None:
    """The size of what is compared is bounded: two lines of 40,000 words are not matched word by word."""
    changes = word_diff("the one and the other " * 8000, "the two or the many " * 8000)
    assert [change.op for change in changes] == [WordOp.REMOVED, WordOp.ADDED]
