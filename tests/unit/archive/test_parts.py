"""The parts of the archive that touch no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from monitor.archive import cursor, docs, fulltext
from monitor.archive.context import MARGIN, in_context
from monitor.archive.erasures import ERASED, Erasures, names
from monitor.archive.folding import FOLDED, PARTING, fold
from monitor.archive.read_search import SNIPPET, _snippet
from monitor.archive.standing import standing_of
from monitor.archive.views import Standing
from monitor.errors import InputError
from schemas import FeedbackAction, FeedbackVerdict
from tests.support.archive_samples import SEEN, act, after, alert, article, claim, evidence, feed_event

# -- what people do


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_last_act_counts_whatever_the_order(order: tuple[int, ...]) -> None:
    """By its time, not by when it was read; an undone ack is none."""
    acts = [
        act(FeedbackAction.ACK, 1), act(FeedbackAction.ACK, 2, actor="bob"), act(FeedbackAction.ACK, 3, undo=True),
        act(FeedbackAction.ACK, 4, actor="eve"),
    ]  # fmt: skip
    assert standing_of(acts[place] for place in order) == Standing(acked_by="eve", acked_at=after(minutes=4))
    assert standing_of(acts[:3]) == Standing()


def test_a_standing_says_what_people_did() -> None:
    """Snooze, verdict, notes and replies; each act counts once, however often it is read; what was undone is gone."""
    acts = [
        act(FeedbackAction.SNOOZE, until=after(hours=2)), act(FeedbackAction.VERDICT, verdict="not_important"),
        act(FeedbackAction.NOTE, text="x"), act(FeedbackAction.REPLY, text="y", party="The city"),
    ]  # fmt: skip
    found = standing_of([*acts, *acts])
    assert (found.snoozed_until, found.verdict, found.notes, found.replies) == (
        after(hours=2), FeedbackVerdict.NOT_IMPORTANT, 1, 1,
    )  # fmt: skip
    assert found.is_snoozed(after(hours=1))
    assert not found.is_snoozed(after(hours=2))
    undone = [act(FeedbackAction.SNOOZE, 5, undo=True), act(FeedbackAction.VERDICT, 6, undo=True)]
    assert standing_of([*acts, *undone]) == Standing(notes=1, replies=1)


# -- numbers and cursors


def test_numbers_rise_with_the_time_and_are_unique() -> None:
    """A later second has a higher number; two ids that want the same get two, and what others have is left alone."""
    early, late = docs.wanted("z", SEEN), docs.wanted("a", after(seconds=1))
    assert early < late < 2**63
    assert docs.hour_of(early) == docs.hour_of(docs.doc_at(SEEN))
    assert docs.hour_of(docs.wanted("x", after(hours=1))) == docs.hour_of(early) + 1
    found = docs.number({"z": SEEN, "y": SEEN}, {early, early + 1})
    assert found["z"] == early + 2
    assert found["y"] == docs.wanted("y", SEEN)
    assert docs.doc_at(datetime(1960, 1, 1, tzinfo=UTC)) == 0


def test_a_cursor_comes_back_as_it_was() -> None:
    """Its values are those that went in; it fits into a URL."""
    made = cursor.encode(2**62, "naïve")
    assert cursor.decode(made, (int, str)) == [2**62, "naïve"]
    assert made.isascii()
    assert not set(made) & set("+/=&?#")
    for kinds in ((str, int), (int,), (int, str, str)):
        with pytest.raises(InputError, match="cursor"):
            cursor.decode(made, kinds)


# -- search


def test_a_search_is_words_and_phrases() -> None:
    """Signs only part words; a star ends the beginning of a word; case and Latin accents are folded."""
    assert fulltext.terms('Café "The U.S. navy" ship* Й') == [("cafe",), ("the", "u", "s", "navy"), ("ship*",), ("й",)]
    assert fulltext.terms('() * \x00 " - _') == []
    assert len(fulltext.terms("word " * 100)) == fulltext.MAX_TERMS


def test_no_sign_of_a_search_reaches_the_database_as_an_operator() -> None:
    """Every word stands in quotes, in both languages."""
    wanted = fulltext.terms('a AND b" NEAR')
    assert fulltext.expression(wanted, ["xt1"], postgres=False) == (
        '{title text} : (("a") AND ("and") AND ("b") AND ("near")) AND facets : xt1'
    )
    assert fulltext.expression(wanted, ["xt1"], postgres=True) == "('a') & ('and') & ('b') & ('near') & 'xt1'"
    assert fulltext.expression([("a", "b*")], [], postgres=True) == "('a' <-> 'b':*)"


def test_folding_keeps_every_character_at_its_place() -> None:
    """Offsets into the folded text are those of the text, whatever the letters."""
    text = "İstanbul ÉCOLE ẞ Ünïcödé ﬁ ЁЛКА Ǆ"
    assert len(fold(text)) == len(text)
    assert fold("ÉCOLE ãñø") == "ecole anø"
    assert len(FOLDED[0]) == len(FOLDED[1])
    assert not set(PARTING) & set(FOLDED[0])


def test_a_snippet_begins_before_the_first_word_found() -> None:
    """It holds the word, is cut at words, and marks every occurrence in it."""
    text = "word " * 100 + "the harbour is shut, " + "end " * 100
    snippet, marks = _snippet(text, [("harbour",), ("shut",)])
    assert snippet.startswith("…word")
    assert snippet.endswith("…")
    assert len(snippet) <= SNIPPET + 2
    assert [snippet[start:end] for start, end in marks] == ["harbour", "shut"]
    assert _snippet("short", []) == ("short", ())
    assert _snippet("harbours", [("harbour",)])[1] == ()


# -- quotes in their paragraph


def test_a_quote_is_shown_in_its_paragraph() -> None:
    """Where the span fits, there; where the text was revised, where the quote stands now; else the quote alone."""
    text = "Head.\n\nIt is Shut. It stays Shut now.\n\nTail."
    second = text.rindex("Shut")
    found = in_context(evidence(span=(second, second + 4)), "T", text, whole=True)
    assert (found.text, found.start) == ("It is Shut. It stays Shut now.", second - 7)
    moved = in_context(evidence(span=(900, 904)), "T", text, whole=True)
    assert moved.text[moved.start : moved.end] == "Shut"
    assert moved.start < found.start
    for gone in (in_context(evidence(), "T", "Other.", whole=True), in_context(evidence(), "T", text, whole=False)):
        assert (gone.text, gone.start, gone.end, gone.whole) == ("Shut", 0, 4, False)
    long = in_context(evidence(span=(5000, 5004)), "T", "x" * 5000 + "Shut" + "y" * 5000, whole=True)
    assert len(long.text) == 2 * MARGIN + 4


# -- who was erased


def test_nothing_of_an_erased_publisher_is_taken_in() -> None:
    """Its articles, claims and feeds are refused, and alerts that quote it, however its name is spelt."""
    erasures = Erasures(publishers=frozenset({fold("La Gazétte")}))
    sides = tuple(side.model_copy(update={"claims": (evidence(source="la gazette"),)}) for side in alert().sides)
    refused = [article(publisher="LA GAZETTE"), claim(publisher="La Gazétte"), feed_event(publisher="La Gazette"),
               alert(sides=sides)]  # fmt: skip
    kept = [article(publisher="La Gazette du Nord"), claim(publisher="Post"), alert()]
    assert erasures.allowed([*refused, *kept]) == kept


def test_an_erased_person_is_named_nowhere() -> None:
    """Claims and alerts that name the person are refused; an article comes without what names them."""
    erasures = Erasures(persons=("Ann Lee",))
    sides = tuple(side.model_copy(update={"claims": (evidence(speaker="ann  LEE"),)}) for side in alert().sides)
    refused = [
        claim(quote="Ann-Lee said so"),
        claim(speaker="Ann Lee"),
        alert(summary="On Ann Lee"),
        alert(sides=sides),
    ]
    kept = [claim(quote="Joann Lee said so"), alert()]
    assert erasures.allowed([*refused, *kept]) == kept
    titled, plain = erasures.allowed([article(title="Ann Lee wins", text="x"), article(title="Vote", text="Ann Lee.")])
    assert (titled.title, titled.text, plain.title, plain.text) == (ERASED, "", "Vote", "")
    assert not names("Ann Lee").search(fold("Ann Leeds"))


def test_without_erasures_messages_pass_as_they_are() -> None:
    """The usual case costs nothing."""
    messages = [article(), claim()]
    assert Erasures().allowed(messages) is messages


def test_an_hour_of_numbers_is_an_hour() -> None:
    """Counting by number and counting by time agree."""
    for minutes in (0, 59, 60, 61, 1439):
        moment = datetime(2026, 3, 11, tzinfo=UTC) + timedelta(minutes=minutes)
        assert docs.hour_of(docs.doc_at(moment)) == int(moment.timestamp()) // 3600
