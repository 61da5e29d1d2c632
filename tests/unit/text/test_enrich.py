from datetime import UTC, datetime

from monitor.text.enrich import enrich
from schemas import Article

BODY = (
    "The harbour was closed on Tuesday after a crane fell into the water, the port authority said. Two workers were "
    "taken to hospital, and the ferries were sent to the northern quay until divers had looked at the wreck."
)


def article(text: str, **fields: str) -> Article:
    """Return an article of ``text``."""
    return Article(
        article_id="a",
        content_hash="h",
        feed_id="f",
        text=text,
        first_seen_at=datetime(2026, 6, 4, tzinfo=UTC),
        **fields,
    )


def test_an_article_gains_what_later_stages_need() -> None:
    """Language, dates, furniture, credits and fingerprint are filled in, and what was there is kept."""
    enriched = enrich(
        article(f"Crane falls\n\nCAPE MARU (Reuters) - {BODY}\n\nRead More: Fares to rise", title="Crane falls")
    )
    assert enriched.language == "en"
    assert enriched.credits == ("reuters",)
    assert [enriched.text[start:end] for start, end in enriched.furniture] == ["Read More: Fares to rise"]
    assert enriched.dates.uncertain
    assert enriched.fingerprint
    assert (enriched.article_id, enriched.title) == ("a", "Crane falls")


def test_furniture_does_not_change_the_fingerprint() -> None:
    """A copy under another site's masthead, links and menu is the same text."""
    plain = enrich(article(f"Crane falls into harbour\n\n{BODY}"))
    tail = "Share this article\n\nMost read\n\nFares rise"
    framed = enrich(article(f"The Lantern\n4 June 2026\n\nCrane falls into harbour\n\n{BODY}\n\n{tail}"))
    assert framed.fingerprint == plain.fingerprint


def test_the_same_article_gives_the_same_answer() -> None:
    """Nothing depends on chance or on the clock."""
    assert enrich(article(BODY)).to_bytes() == enrich(article(BODY)).to_bytes()


def test_an_empty_article_is_no_error() -> None:
    """An item without text is enriched to nothing in particular."""
    enriched = enrich(article(""))
    assert (enriched.furniture, enriched.credits, enriched.fingerprint) == ((), (), ())
