from itertools import pairwise

import pytest

from monitor.text.furniture import body_of, furniture_spans

PROSE = "The harbour was closed on Tuesday after a crane fell into the water, the port authority said."
MORE = "Two workers were taken to hospital, and the ferries were sent to the northern quay instead."


def furniture(text: str, title: str = "") -> list[str]:
    """Return what is furniture in ``text``."""
    return [text[start:end].strip() for start, end in furniture_spans(text, title)]


@pytest.mark.parametrize(
    "line",
    [
        "Read More: Crane firm fined last year",
        "READ ALSO | Crane firm fined last year",
        "Related: Crane firm fined last year",
        "Trending now: Dam has NOT burst, ministry says",
        "Share this article",
        "Share on Facebook",
        "Advertisement",
        "Promoted Links",
        "Sign up for our daily newsletter.",
        "Follow us on Twitter for the latest news",
        "The best of the week, delivered straight to your inbox every Friday.",
        "Published: 4 June 2026",
        "All rights reserved.",
        "Читайте также: Кран упал в воду",
        "Подпишитесь на наш канал",
        "Lire aussi : Une grue tombe à l'eau",
        "Abonnez-vous à notre lettre",
        "Lesen Sie auch: Kran fällt ins Wasser",
        "Anzeige",
        "Lea también: Cae una grúa al agua",
        "Publicidad",
        "اقرأ أيضا: سقوط رافعة",
        "By Ilse Brandt",
        "Von Ilse Brandt",
    ],
)
def test_a_line_of_the_page_is_furniture(line: str) -> None:
    """Links, adverts, prompts and bylines between paragraphs are marked whole, and nothing else is."""
    text = f"Crane falls into harbour\n\n{PROSE}\n\n{line}\n\n{MORE}"
    assert furniture(text) == [line]


@pytest.mark.parametrize(
    "paragraph",
    [
        "Published on Monday, the report says that the crane had not been inspected for nine years.",
        "By Monday the harbour had been cleared, and the ferries were running on time again.",
        "Watch towers along the coast were manned through the night, the governor said on Friday.",
        "Readers who subscribe to the newsletter of the port were told of the closure a day before it was announced.",
        "Shares in the crane's maker fell by a tenth on Wednesday after the accident became known.",
    ],
)
def test_prose_that_begins_like_a_label_is_kept(paragraph: str) -> None:
    """A paragraph of reporting is never furniture, whatever its first word."""
    assert furniture(f"Crane falls into harbour\n\n{PROSE}\n\n{paragraph}\n\n{MORE}") == []


def test_masthead_and_date_header_are_furniture_and_the_headline_is_not() -> None:
    """The name of the paper and the day it was printed stand above the headline, which is reporting."""
    text = f"The Evening Lantern\nFriday 5 June 2026\n\nCrane falls into harbour\n\n{PROSE}\n\n{MORE}"
    assert furniture(text) == ["The Evening Lantern", "Friday 5 June 2026"]


def test_a_headline_above_the_date_is_kept() -> None:
    """A date line below the headline makes no masthead of it."""
    text = f"Crane Falls Into Harbour\n5 June 2026\n\n{PROSE}\n\n{MORE}"
    assert furniture(text) == ["5 June 2026"]


def test_the_second_of_two_equal_captions_is_furniture() -> None:
    """A caption that a page holds once for each size of its picture is read once, and without its credit."""
    caption = "The fallen crane lies across the quay Photo: Harbour Images"
    text = f"Crane falls into harbour\n\n{caption}\n{caption}\n\n{PROSE}\n\n{MORE}"
    assert furniture(text) == ["Photo: Harbour Images", caption]


def test_the_list_of_headlines_at_the_end_is_furniture() -> None:
    """What follows the last paragraph of prose is menu: headings, names of editors, headlines of other articles."""
    tail = ["Night Desk", "Most Read", "Fares to rise in autumn", "Why did the mayor resign?"]
    text = "\n\n".join(["Crane falls into harbour", PROSE, MORE, *tail])
    assert furniture(text) == tail


def test_headlines_under_a_heading_in_the_middle_are_furniture() -> None:
    """A box of other headlines ends where prose goes on."""
    text = "\n\n".join(["Crane falls", PROSE, "Most read", "Fares to rise in autumn", "Is the mayor right?", MORE])
    assert furniture(text) == ["Most read", "Fares to rise in autumn", "Is the mayor right?"]


def test_a_text_of_headlines_alone_is_not_all_furniture() -> None:
    """A feed's summary without a full stop is not thrown away for want of prose."""
    assert furniture("A grain ship sank off the cape and a tanker was hurt") == []


def test_body_of_leaves_out_the_furniture_alone() -> None:
    """What is left is the text without the spans, every other character in place."""
    text = f"Crane falls into harbour\n\n{PROSE}\n\nRead More: Fares to rise\n\n{MORE}"
    assert body_of(text, furniture_spans(text)) == f"Crane falls into harbour\n\n{PROSE}\n\n\n\n{MORE}"


def test_spans_are_in_order_and_apart() -> None:
    """No span overlaps another, so that cutting them out is simple."""
    text = f"The Lantern\n5 June 2026\n\nA\n\nB Photo: C\nB Photo: C\n\n{PROSE}\n\nMost read\n\nX y z"
    spans = furniture_spans(text)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert all(0 <= start < end <= len(text) for start, end in spans)
