import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.plain import one_line, plain_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A grain ship sank &amp; a tanker was hurt.", "A grain ship sank & a tanker was hurt."),
        ("Fish &amp;amp; chips", "Fish & chips"),
        ("It&amp;#39;s over", "It's over"),
        ("&quot;No&quot; &#8212; he said", '"No" — he said'),
        ("5 &lt; 6 &amp;&amp; 7 &gt; 6", "5 < 6 && 7 > 6"),
        ("&#147;quoted&#148;", "“quoted”"),
        ("caf&eacute; &unknown; &", "café &unknown; &"),
        ("&#x1F600;&#0;&#xD800;&#99999999;", "😀\ufffd\ufffd&#99999999;"),
    ],
)
def test_entities_are_decoded_once_and_the_doubly_escaped_twice(text: str, expected: str) -> None:
    """Entities become characters, also those that their producer escaped twice; what is no entity stays."""
    assert plain_text(text) == expected


def test_paragraphs_are_parted_by_blank_lines() -> None:
    """Block elements part paragraphs, a line break is one, and inline elements leave no trace."""
    markup = "<p>The <b>army</b> denied it.</p><p>Nobody was hurt,<br/>it said.</p><ul><li>one</li><li>two</li></ul>"
    assert plain_text(markup) == "The army denied it.\n\nNobody was hurt,\nit said.\n\none\n\ntwo"


def test_escaped_markup_is_markup() -> None:
    """Markup that was escaped once more does not stay in sight."""
    assert plain_text("&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;") == "One.\n\nTwo."


def test_line_breaks_of_the_source_are_spaces() -> None:
    """In markup with paragraphs, a line break of the source is a space."""
    assert plain_text("<p>one\ntwo\n\nthree</p>") == "one two three"


def test_line_breaks_of_plain_text_are_kept() -> None:
    """Text without tags keeps its paragraphs."""
    assert plain_text("one\r\n\r\n\r\ntwo\nthree", markup=False) == "one\n\ntwo\nthree"


@pytest.mark.parametrize(
    "markup",
    [
        "<script>var a = '<p>';</script>",
        "<style>p { color: red }</style>",
        "<!-- <p>hidden</p> -->",
        "<iframe src='x'>no frames</iframe>",
        "<script>never closed",
        "<!-- never closed",
        "<img alt='a > b' src=x>",
        '<a title="<b>">',
    ],
)
def test_what_is_not_read_leaves_nothing(markup: str) -> None:
    """Scripts, styles, comments, frames and attributes are no text."""
    assert plain_text(f"<p>before</p>{markup}") == "before"


def test_text_with_signs_that_is_no_markup() -> None:
    """Plain text with angle brackets and ampersands stays as it is."""
    text = "AT&T: profit < 5 and > 3; see <this> & that"
    assert plain_text(text, markup=False) == text


def test_right_to_left_text_keeps_its_marks() -> None:
    """Directional marks belong to the text; zero-width spaces and soft hyphens do not."""
    assert plain_text("\u200fنفى الجيش\u200e (AFP)\u200b de\u00adnied") == "\u200fنفى الجيش\u200e (AFP) denied"


def test_a_title_is_one_line() -> None:
    """Titles and names have no line breaks, however they were written."""
    assert one_line("\n  Army\n denies &amp; regrets  <br> ", markup=True) == "Army denies & regrets"


@given(st.text(alphabet=st.sampled_from("<>&;/p!-\"'ab #x3 \n"), max_size=200), st.booleans())
def test_it_ends_on_anything(text: str, markup: bool) -> None:
    """No mixture of signs breaks it, and nothing comes out with blank lines doubled or at the ends."""
    found = plain_text(text, markup=markup)
    assert "\n\n\n" not in found
    assert found == found.strip()


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece", ["<a ", "<a '", '<a "', "<!--", "<script ", "&amp;", "<p", "<![CDATA[", "</", "<a b='<"]
)
def test_hostile_markup_takes_no_time(piece: str) -> None:
    """A megabyte of unfinished markup is done in seconds: no expression looks at it again and again."""
    plain_text(piece * (300_000 // len(piece)))
