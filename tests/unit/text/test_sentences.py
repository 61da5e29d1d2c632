import pytest

from monitor.text.sentences import paragraph_spans, sentence_spans


def cut(text: str) -> list[str]:
    """Return the sentences of ``text``."""
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("The bridge fell. Nobody was hurt.", ["The bridge fell.", "Nobody was hurt."]),
        ("Gen. A. Brandt of the U.S. Army left. He ran.", ["Gen. A. Brandt of the U.S. Army left.", "He ran."]),
        ("It rose 3.5 per cent. No. 5 was late.", ["It rose 3.5 per cent.", "No. 5 was late."]),
        ("He said no. Then he left.", ["He said no.", "Then he left."]),
        ('"Stop!" she said. “We left. They came.”', ['"Stop!" she said.', "“We left.", "They came.”"]),
        ("Он жил в г. Омске. Потом уехал.", ["Он жил в г. Омске.", "Потом уехал."]),
        ("M. Roux est parti. Il pleut.", ["M. Roux est parti.", "Il pleut."]),
        ("Das kostet ca. 5 Euro. Es regnet.", ["Das kostet ca. 5 Euro.", "Es regnet."]),
        ("¿Cuándo llegó? Nadie lo sabe.", ["¿Cuándo llegó?", "Nadie lo sabe."]),
        ("هل سقط الجسر؟ لم يسقط.", ["هل سقط الجسر؟", "لم يسقط."]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, sentences: list[str]) -> None:
    """Abbreviations, initials, figures and quotations in six languages end no sentence; marks do."""
    assert cut(text) == sentences


def test_no_sentence_crosses_a_line_break() -> None:
    """A headline without a full stop is not glued to the paragraph below it."""
    assert cut("Bridge falls\n\nThe bridge fell.") == ["Bridge falls", "The bridge fell."]


def test_paragraphs_have_no_blanks_around_them() -> None:
    """Spans begin and end on a character that can be seen; blank lines are no paragraphs."""
    text = "  One \n\n \t\n Two\n"
    assert [text[start:end] for start, end in paragraph_spans(text)] == ["One", "Two"]
