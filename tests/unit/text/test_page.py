from datetime import UTC, datetime

import pytest

from monitor.errors import InputError
from monitor.text.page import extract_page, looks_like_html

PAGE = """<!doctype html><html lang="en-GB"><head><title>Crane falls - The Lantern</title>
<meta property="og:site_name" content="The Lantern">
<meta property="article:published_time" content="2026-06-04T10:30:00+02:00">
<meta property="article:modified_time" content="2026-06-04T12:00:00Z">
<meta property="article:section" content="Harbour"><meta name="author" content="Ilse Brandt">
<link rel="canonical" href="https://lantern.example/crane"></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li></ul></nav>
<article><h1>Crane falls into harbour</h1><div class="share"><a href="#">Share on Facebook</a></div>
<p>The harbour was closed on Tuesday after a crane fell into the water, the port authority said.</p>
<p>Two workers were taken to hospital, and the ferries were sent to the northern quay &amp; the old pier.</p>
<p>"There was no <em>storm</em>," the harbour master told reporters on Wednesday at a news conference.</p></article>
<aside><h3>Most read</h3><a href="/fares">Ferry fares to rise in autumn</a></aside>
<footer>Copyright The Lantern</footer></body></html>"""


def test_the_article_is_taken_out_of_its_page() -> None:
    """Paragraphs are plain text parted by blank lines; navigation, share links and the footer are gone."""
    page = extract_page(PAGE, "https://lantern.example/crane?utm_source=x")
    assert (
        "\n\nTwo workers were taken to hospital, and the ferries were sent to the northern quay & the old pier."
        in page.text
    )
    assert '"There was no storm," the harbour master' in page.text
    assert not any(word in page.text for word in ("Home", "Facebook", "Ferry fares", "Copyright", "<"))


def test_the_page_says_what_it_is() -> None:
    """Title, dates in UTC, author, site, section, language and canonical address are those of its metadata."""
    page = extract_page(PAGE.encode(), "https://lantern.example/crane?utm_source=x")
    assert page.title.startswith("Crane falls")
    assert page.published_at == datetime(2026, 6, 4, 8, 30, tzinfo=UTC)
    assert page.updated_at == datetime(2026, 6, 4, 12, tzinfo=UTC)
    assert (page.site_name, page.section, page.language) == ("The Lantern", "Harbour", "en-GB")
    assert page.authors == ("Ilse Brandt",)
    assert page.canonical_url == "https://lantern.example/crane"


def test_a_page_without_a_date_has_none() -> None:
    """A date is never made up from figures that stand somewhere in the page, nor from the clock."""
    bare = "".join(line for line in PAGE.splitlines() if "_time" not in line).replace("on Tuesday", "on 3 May 2024")
    assert extract_page(bare, "https://lantern.example/crane").published_at is None


def test_the_date_of_json_ld_is_read() -> None:
    """schema.org metadata counts where there is no meta element."""
    bare = "".join(line for line in PAGE.splitlines() if "_time" not in line)
    linked = (
        '<script type="application/ld+json">{"@graph":[{"@type":"NewsArticle","datePublished":"2026-06-01"}]}</script>'
    )
    page = extract_page(bare.replace("</head>", linked + "</head>"), None)
    assert page.published_at == datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize("html", ["", "<html><body></body></html>", "   "])
def test_a_page_without_an_article_is_named_as_such(html: str) -> None:
    """Nothing to read is an error that says so, not an empty article."""
    with pytest.raises(InputError, match=r"no article text|no HTML"):
        extract_page(html)


@pytest.mark.parametrize(
    ("text", "is_html"),
    [
        ("<!DOCTYPE html><html>", True),
        ("\n <html lang='x'>", True),
        ("<p>Hello", True),
        ("A < B", False),
        ("Text", False),
    ],
)
def test_html_is_told_from_text(text: str, is_html: bool) -> None:
    """Only what begins with a tag of a page is read as one."""
    assert looks_like_html(text) is is_html
