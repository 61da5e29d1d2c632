import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.identity import (
    article_id,
    canonical_url,
    content_hash,
    is_article_url,
    is_url,
    names_of,
    normalise,
    similar,
    site_of,
)

ADDRESS = "https://ledger.example/2026/06/two-freighters-collide"


@pytest.mark.parametrize(
    "twin",
    [
        "https://www.ledger.example/2026/06/two-freighters-collide",
        "https://m.ledger.example/2026/06/two-freighters-collide/",
        "https://amp.ledger.example/2026/06/two-freighters-collide",
        "https://ledger.example/amp/2026/06/two-freighters-collide",
        "https://ledger.example/2026/06/two-freighters-collide/amp/",
        "https://ledger.example/2026/06/two-freighters-collide?amp=1",
        "https://LEDGER.example:443/2026/06/two-freighters-collide#comments",
        "https://ledger.example/2026/06/two-freighters-collide?utm_source=rss&utm_medium=feed&fbclid=x",
        "https://ledger.example/2026/06/two%2Dfreighters-collide?source=rss",
        " https://ledger.example/2026/06/two-freighters-\ncollide ",
    ],
)
def test_twins_have_one_canonical_url(twin: str) -> None:
    """Mobile and AMP twins, tracking parameters, ports, fragments and escapes make no other address."""
    assert canonical_url(twin) == ADDRESS


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.example/1?id=7&utm_x=1", "http://a.example/1?id=7"),
        ("http://a.example/?p=12&b=1&a=2", "http://a.example/?a=2&b=1&p=12"),
        ("http://a.example/article?ref=x", "http://a.example/article?ref=x"),
        ("http://a.example/x?cid=7&partner=12", "http://a.example/x?cid=7&partner=12"),
        ("http://a.example/x?fl", "http://a.example/x?fl"),
        ("http://a.example", "http://a.example/"),
        ("http://a.example:8080/x", "http://a.example:8080/x"),
        ("http://bücher.example/ä", "http://xn--bcher-kva.example/%C3%A4"),
        ("http://a.example/a%2fb", "http://a.example/a%2Fb"),
        ("http://a.example/50%", "http://a.example/50%25"),
        ("http://m.example/x", "http://m.example/x"),
        ("http://a.example/lamp/x", "http://a.example/lamp/x"),
        ("http://a.example/index.html", "http://a.example/"),
        ("ftp://a.example/x", None),
        ("urn:uuid:1", None),
        ("http://", None),
        ("http://a.example:99999/", None),
        (None, None),
    ],
)
def test_canonical_url(url: str | None, expected: str | None) -> None:
    """What tells articles apart stays; what is no web address has no canonical form."""
    assert canonical_url(url) == expected


@given(
    st.from_regex(
        r"https?://[a-z]{1,8}\.example(:[0-9]{2,4})?/[a-zA-Z0-9%/_.\-~]{0,30}(\?[a-z=&0-9%]{0,20})?", fullmatch=True
    )
)
def test_canonical_url_is_stable(url: str) -> None:
    """The canonical form of a canonical URL is itself, and is an address of the same site."""
    found = canonical_url(url)
    if found is not None:
        assert canonical_url(found) == found
        assert site_of(found) == site_of(url)


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    """Any text is an address or is not; nothing is raised."""
    assert (canonical_url(text) is None) or is_url(text)
    canonical_url("http://" + text)
    names_of("f1", "a.example", text, canonical_url("http://a.example/" + text))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.bbc.co.uk/news/1", "bbc.co.uk"),
        ("http://m.a.example/x", "a.example"),
        ("http://a.example:81/", "a.example:81"),
        ("x", None),
    ],
)
def test_site_of(url: str, expected: str | None) -> None:
    """The site is the host without what its twins put before it."""
    assert site_of(url) == expected


def test_the_id_follows_from_site_and_guid() -> None:
    """The same guid on the same site is the same article, whatever feed, address and title it comes with."""
    first = article_id("f1", "a.example", "tag:a.example,2026:77", "http://a.example/1", "One")
    assert first == article_id("f2", "a.example", "tag:a.example,2026:77", "http://a.example/2", "Two")
    assert first != article_id("f1", "b.example", "tag:a.example,2026:77", "http://a.example/1", "One")


def test_the_id_without_a_guid_follows_from_the_address() -> None:
    """Without a guid, or with a mere number for one, the address tells articles apart, whatever its scheme."""
    plain = article_id("f1", "a.example", None, "http://a.example/1", "One")
    assert plain == article_id("f1", "a.example", None, "https://a.example/1", "Two")
    assert plain == article_id("f1", "a.example", "17", "http://a.example/1", "One")
    assert plain != article_id("f1", "a.example", None, "http://a.example/2", "One")


def test_a_guid_that_is_an_address_is_folded() -> None:
    """A permalink as guid may change its scheme and parameters."""
    assert article_id("f", "a.example", "http://www.a.example/1?utm_source=x", None, "") == article_id(
        "f", "a.example", "https://a.example/1", None, ""
    )


def test_items_without_guid_and_address_go_by_title() -> None:
    """What has neither is told apart by its title within its feed."""
    one = article_id("f1", "a.example", None, None, "Fares rise")
    assert one == article_id("f1", "a.example", None, None, "FARES  rise!")
    assert one != article_id("f1", "a.example", None, None, "Fares fall")
    assert one != article_id("f2", "a.example", None, None, "Fares rise")


def test_a_home_page_names_nothing() -> None:
    """An item whose link is the home page is not known by it."""
    assert names_of("f1", "a.example", None, "http://a.example/") == ()
    assert article_id("f1", "a.example", None, "http://a.example/", "A") != article_id(
        "f1", "a.example", None, "http://a.example/", "B"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("The army denied it. 12 comments", "The army denied it. 1,345 comments"),
        ("Updated 5 minutes ago: no strike", "Updated 2 hours ago: no strike"),
        ("See https://a.example/x?token=1 for more", "See https://a.example/x?token=2 for more"),
        ("The army denied it.", "The  army denied it"),
        ("The army denied it. Read more", "The army denied it."),
        ("The “army” denied it", 'The "army" denied it'),
    ],
)
def test_noise_is_no_change(before: str, after: str) -> None:
    """Counters, ages, tokens, furniture and typography do not change the hash."""
    assert content_hash("t", before) == content_hash("t", after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("The motion passed by 310 votes to 12", "The motion passed by 312 votes to 12"),
        ("The index fell 300 points.", "The index fell 400 points."),
        ("34 people were killed", "40 people were killed"),
        ("The army denied it", "The army confirmed it"),
        ("It was hit", "It was hit?"),
        ("2.5 million", "25 million"),
        ("5 days of fighting", "6 days of fighting"),
        ("Не подтвердили", "Подтвердили"),
    ],
)
def test_an_edit_is_a_change(before: str, after: str) -> None:
    """A figure, a word or a question mark changes the hash."""
    assert content_hash("t", before) != content_hash("t", after)
    assert content_hash(before, "t") != content_hash(after, "t")


def test_title_and_text_are_told_apart() -> None:
    """Words that move from the title to the text are a change."""
    assert content_hash("a b", "c") != content_hash("a", "b c")


@given(st.text(max_size=80))
def test_normalise_is_stable(text: str) -> None:
    """Normalised words do not depend on the spaces around them."""
    assert normalise(text) == normalise(f"  {text}\n")


def test_similar_titles() -> None:
    """An edited title is like the one before; another story's is not."""
    assert similar("Two freighters collide off Cape Maru", "Freighters collide off Cape Maru, one sinks")
    assert not similar("Two freighters collide off Cape Maru", "Ferry fares to rise in autumn")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("u:a.example/news/two-freighters-collide-off-maru", True),
        ("u:a.example/article/1234567", True),
        ("u:a.example/live", False),
        ("u:a.example/world/", False),
    ],
)
def test_article_urls(url: str, expected: bool) -> None:
    """A number or a slug in an address means one article; a section does not."""
    assert is_article_url(url) is expected
